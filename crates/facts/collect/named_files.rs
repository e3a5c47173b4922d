//! The files and folders that tools are told to read: `kubectl apply -k`, `helm -f`, `pip install -r`.

use source::{Span, file_name, join, tokens};
use syntax::shell::{Command, Word};

use super::commands::is_known_path;
use crate::output_folders::is_output;

/// What a tool is told to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedFile {
    /// The path as written.
    pub(super) path: String,
    /// Where it stands in the text of the command.
    pub(super) span: Span,
    /// The folder that the tool goes to first, relative to the one that the command runs in.
    pub(super) directory: String,
    /// Whether it holds variables of Terraform.
    pub(super) is_variables: bool,
}

/// A tool with what it reads.
struct Tool {
    /// Its words in order; others may stand between them.
    words: &'static [&'static str],
    /// Flags whose value is a file or a folder.
    flags: &'static [&'static str],
    /// What its positional arguments are.
    arguments: Arguments,
}

/// What the positional arguments of a tool name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arguments {
    /// No files.
    Other,
    /// Files and folders.
    Paths,
    /// Folders where they begin with a dot, else names of something kept elsewhere.
    Local,
}

/// Sources: the references of the commands, in the versions of 2025.
const TOOLS: &[Tool] = &[
    tool(&["alembic"], &["-c", "--config"], Arguments::Other),
    tool(&["ansible-playbook"], &[], Arguments::Paths),
    tool(&["aws", "cloudformation", "deploy"], &["--template-file"], Arguments::Other),
    tool(&["cargo"], &["--manifest-path"], Arguments::Other),
    tool(&["docker", "buildx", "bake"], &["-f", "--file"], Arguments::Other),
    tool(&["docker", "run"], &["--env-file"], Arguments::Other),
    tool(&["docker", "stack", "deploy"], &["-c", "--compose-file"], Arguments::Other),
    tool(&["fly"], &["-c", "--config"], Arguments::Other),
    tool(&["flyctl"], &["-c", "--config"], Arguments::Other),
    tool(&["gcloud", "app", "deploy"], &[], Arguments::Paths),
    tool(&["gcloud", "builds", "submit"], &["--config"], Arguments::Other),
    tool(&["gcloud", "functions", "deploy"], &["--env-vars-file"], Arguments::Other),
    tool(&["gcloud", "run", "deploy"], &["--env-vars-file"], Arguments::Other),
    tool(&["gcloud", "run", "jobs", "deploy"], &["--env-vars-file"], Arguments::Other),
    tool(&["gcloud", "run", "services", "replace"], &[], Arguments::Paths),
    tool(&["helm", "install"], &["-f", "--values"], Arguments::Local),
    tool(&["helm", "template"], &["-f", "--values"], Arguments::Local),
    tool(&["helm", "upgrade"], &["-f", "--values"], Arguments::Local),
    tool(&["kubectl", "apply"], KUBECTL, Arguments::Other),
    tool(&["kubectl", "create"], KUBECTL, Arguments::Other),
    tool(&["kubectl", "diff"], KUBECTL, Arguments::Other),
    tool(&["kubectl", "replace"], KUBECTL, Arguments::Other),
    tool(&["kustomize", "build"], &[], Arguments::Paths),
    tool(&["pip", "install"], REQUIREMENTS, Arguments::Other),
    tool(&["pip3", "install"], REQUIREMENTS, Arguments::Other),
    tool(&["sam", "deploy"], &["--template-file"], Arguments::Other),
    tool(&["skaffold"], &["-f", "--filename"], Arguments::Other),
    tool(&["tofu"], VARIABLES, Arguments::Other),
    tool(&["terraform"], VARIABLES, Arguments::Other),
];

const KUBECTL: &[&str] = &["-f", "--filename", "-k", "--kustomize"];
const REQUIREMENTS: &[&str] = &["-r", "--requirement", "-c", "--constraint"];
const VARIABLES: &[&str] = &["-var-file", "--var-file"];

/// Flags that take the next word, where it is not said with `=`: their values are no arguments.
const WITHOUT_VALUE: &[&str] = &[
    "--atomic",
    "--create-namespace",
    "--debug",
    "--dry-run",
    "--install",
    "--promote",
    "--no-promote",
    "--quiet",
    "--wait",
    "--wait-for-jobs",
    "-q",
];

const fn tool(words: &'static [&'static str], flags: &'static [&'static str], arguments: Arguments) -> Tool {
    Tool { words, flags, arguments }
}

/// The files and folders that a command names and that have to be there when it runs.
pub(super) fn named_files(command: &Command) -> Vec<NamedFile> {
    let words = &command.words;
    let mut found = Vec::new();
    if let Some(rest) = compose_arguments(words) {
        found.extend(values(rest, &["-f", "--file", "--env-file"]));
        found.extend(values(rest, &["--project-directory"]));
    }
    for tool in TOOLS {
        let Some(rest) = arguments_of(words, tool.words) else { continue };
        let is_variables = tool.flags == VARIABLES;
        found.extend(values(rest, tool.flags).into_iter().map(|file| NamedFile { is_variables, ..file }));
        found.extend(positional(rest, tool));
    }
    let directory = changed_directory(words);
    if let Some(changed) = &directory {
        found.push(changed.clone());
    }
    let told = |file: NamedFile| match &directory {
        Some(changed) if changed.span != file.span => NamedFile { directory: changed.path.clone(), ..file },
        _ => file,
    };
    found.into_iter().map(told).filter(|file| is_kept_in_git(&file.path)).collect()
}

/// The arguments of a tool, after its own words; `None` where the command is of another one.
fn arguments_of<'w>(words: &'w [Word], tool: &[&str]) -> Option<&'w [Word]> {
    let (program, subcommands) = tool.split_first()?;
    let mut at = starts(words, program)?;
    for subcommand in subcommands {
        let rest = words.get(at + 1..)?;
        at += 1 + rest.iter().position(|word| word.text == *subcommand)?;
    }
    words.get(at + 1..)
}

/// Where the program stands: first, or after what runs it.
fn starts(words: &[Word], program: &str) -> Option<usize> {
    const RUNNERS: &[&str] = &["run", "exec", "npx", "-m"];
    let at = words.iter().position(|word| word.text == program)?;
    let is_run = |index: usize| words.get(index).is_some_and(|word| RUNNERS.contains(&word.text.as_str()));
    (at == 0 || at.checked_sub(1).is_some_and(is_run)).then_some(at)
}

/// The options of `docker compose` that stand before its subcommand: after it, `-f` is one of the subcommand's.
fn compose_arguments(words: &[Word]) -> Option<&[Word]> {
    let rest = arguments_of(words, &["docker-compose"]).or_else(|| match words {
        [docker, compose, rest @ ..] if docker.text == "docker" && compose.text == "compose" => Some(rest),
        _ => None,
    })?;
    let mut end = 0;
    while let Some(word) = rest.get(end).filter(|word| word.text.starts_with('-')) {
        let is_alone = word.text.contains('=') || matches!(word.text.as_str(), "--dry-run" | "--verbose");
        end += if is_alone { 1 } else { 2 };
    }
    rest.get(..end.min(rest.len()))
}

/// `terraform -chdir=infra`: the folder that the other paths are relative to.
fn changed_directory(words: &[Word]) -> Option<NamedFile> {
    let rest = arguments_of(words, &["terraform"]).or_else(|| arguments_of(words, &["tofu"]))?;
    values(rest, &["-chdir"]).into_iter().next()
}

/// The values of flags: `-f x`, `--file=x`.
fn values(words: &[Word], flags: &[&str]) -> Vec<NamedFile> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if flags.contains(&word.text.as_str()) {
            found.extend(words.get(index + 1).and_then(|value| named(value, 0)));
        } else if let Some((flag, _)) = word.text.split_once('=')
            && flags.contains(&flag)
        {
            found.extend(named(word, flag.len() + 1));
        }
    }
    found
}

/// The positional arguments that are paths.
fn positional(words: &[Word], tool: &Tool) -> Vec<NamedFile> {
    let mut found = Vec::new();
    let mut takes_value = false;
    for word in words {
        let is_value = std::mem::take(&mut takes_value);
        if word.text.starts_with('-') {
            takes_value = !word.text.contains('=') && !WITHOUT_VALUE.contains(&word.text.as_str());
            continue;
        }
        let is_path = match tool.arguments {
            Arguments::Other => false,
            Arguments::Paths => true,
            Arguments::Local => word.text.starts_with("./") || word.text.starts_with("../"),
        };
        if is_path && !is_value {
            found.extend(named(word, 0));
        }
    }
    found
}

/// The path in a word, from this byte of its text on.
fn named(word: &Word, start: usize) -> Option<NamedFile> {
    let path = word.text.get(start..)?;
    let is_told =
        word.literal && is_known_path(path) && !path.contains([',', '\\']) && !path.starts_with('-');
    is_told.then(|| NamedFile {
        path: path.to_owned(),
        span: word.span,
        directory: String::new(),
        is_variables: false,
    })
}

/// Whether the repository would hold it: not what a build, a person or a step with the secrets puts there.
fn is_kept_in_git(path: &str) -> bool {
    let is_made = |folder: &str| is_output(folder) || folder.starts_with('_');
    let is_private =
        tokens(file_name(path)).any(|word| matches!(word.as_str(), "secret" | "secrets" | "local"));
    let is_private = is_private || file_name(path).starts_with(".env");
    join("", path.trim_start_matches("../")).is_some() && !path.split('/').any(is_made) && !is_private
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::named_files;

    fn named(text: &str) -> Vec<String> {
        let script = shell::parse(text).tree;
        let files = script.commands.iter().flat_map(named_files);
        files.map(|file| format!("{}{}", file.directory, file.path)).collect()
    }

    #[test]
    fn flags_and_arguments_that_name_files() {
        for (text, expected) in [
            (
                "helm upgrade --install api ./charts/api -f values/prod.yaml --wait",
                &["values/prod.yaml", "./charts/api"][..],
            ),
            ("helm upgrade api stable/api --values=prod.yaml", &["prod.yaml"]),
            ("kubectl -n shop apply -k overlays/production", &["overlays/production"]),
            ("kubectl logs -f api", &[]),
            ("docker compose -f prod.yaml --env-file prod.env logs -f api", &["prod.yaml", "prod.env"]),
            ("python -m pip install -r requirements.txt", &["requirements.txt"]),
            ("terraform -chdir=infra apply -var-file prod.tfvars", &["infraprod.tfvars", "infra"]),
            ("gcloud app deploy --project x app.yaml", &["app.yaml"]),
            ("kubectl apply -f https://example.com/x.yaml -f - -f $FILE -f dist/x.yaml", &[]),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }
}
