//! Commands that their programs refuse as they are written: a build without a context or with several, `terraform apply` where
//! nobody can answer its question, `export $NAME=value`.

mod contexts;
mod nameless;
mod spaced;
mod unapproved;

use source::file_name;
use syntax::shell::Command;

use self::contexts::contexts;
use self::nameless::no_name;
pub(crate) use self::spaced::spaced;
use self::unapproved::unapproved;
use super::{ShellFlaw, ShellFlawKind};
use crate::collect::shell_text::ShellText;

/// Every such command of a text.
pub(super) fn commands(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let of_command = |command: &Command| {
        let program = command.name().map_or("", file_name);
        let of_program = contexts(shell, command).or_else(|| unapproved(shell, command));
        let (kind, name, written) =
            of_program.map(|(kind, written)| (kind, program, written)).or_else(|| {
                if let Some(name) = spaced(&shell.text, shell.script(), command) {
                    return Some((ShellFlawKind::Spaced, name, format!("{name} =")));
                }
                let name = no_name(shell, command)?;
                Some((ShellFlawKind::NoName, name, format!("export ${name}=")))
            })?;
        Some(ShellFlaw {
            kind,
            name: name.to_owned(),
            written,
            at: shell.place(command.words.first()?.span.to(command.words.last()?.span)),
            because: None,
        })
    };
    shell.script().commands.iter().filter_map(of_command).collect()
}

#[cfg(test)]
mod tests {
    use super::commands;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new(".github/workflows/deploy.yml", text.to_owned());
        let shell = ShellText::of_step(&document, (text.into(), 0), Some(String::new()));
        let found = commands(&shell);
        found.into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn what_is_refused() {
        for (text, expected) in [
            ("docker build -f Dockerfile -t x/y:${{ github.sha }}", "docker build"),
            ("docker buildx build --push --tag x --label a=b", "docker build"),
            ("docker build -f Dockerfile -t x/y:{{ github.sha }} .", "github.sha }} ."),
            ("docker build -t x api .", "api ."),
            ("docker build -t x --build-arg PASSWORD= CANARY .", "<redacted> ."),
            ("terraform apply -replace=\"module.a\"", "terraform apply"),
            ("terraform -chdir=infra apply -input=false -var a=b -var-file x.tfvars", "terraform apply"),
            ("export $name=value", "export $name="),
            ("TAG = $(git rev-parse HEAD)", "TAG ="),
            ("tag = x; docker push a:$tag", "tag ="),
            ("cd a && IMAGE = b", "IMAGE ="),
            ("export TAG = x", "TAG ="),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_taken() {
        for text in [
            "docker build -t x .",
            "docker build -t x - < Dockerfile",
            "docker build -t x $CONTEXT",
            "docker build --help",
            "docker build -t x $ARGS .",
            "docker build --some-new flag .",
            "docker build -t x \"${args[@]}\" .",
            "docker compose build -t x",
            "podman build -t x",
            "terraform apply -auto-approve",
            "terraform apply --auto-approve=true -var a=b",
            "terraform apply plan.out",
            "terraform apply -input=false $PLAN",
            "yes | terraform apply",
            "terraform apply <<< yes",
            "terraform plan",
            "for name in A B; do export $name=value; done",
            "name=A; export $name=value",
            "source ./names.sh; export $name=value",
            "read -r name; export $name=value",
            "export A=$name",
            "tag = x",
            "TAG=x; [ TAG = x ] || test TAG = x",
            "[[ a && TAG = b ]] || [[ x || (TAG = c) ]]",
            "(( COUNT = 3 )); for (( AT = 0; AT < 3; AT++ )); do make; done; echo $(( A = 3 ))",
            "TAG() { echo \"$@\"; }; TAG = x",
            "let TAG = 3",
            "cat <<EOF\nTAG = x\nEOF",
            "env TAG = x; \"TAG\" = x; $TAG = x; TAG '=' x",
            "#!/usr/bin/fish\nTAG = x",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
