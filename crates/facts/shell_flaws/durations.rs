//! Lengths of time without a unit, for options of programs that take none: `helm upgrade --timeout 300`.
//!
//! These programs read them with <https://pkg.go.dev/time#ParseDuration>, which ends with "missing unit in duration".

use source::file_name;
use syntax::shell::{Command, Word, exec_prefix_stripped};

use super::{ShellFlaw, ShellFlawKind};
use crate::collect::shell_text::ShellText;

/// A program, those of its commands that have the option (none: all), and the option.
type Taker = (&'static str, &'static [&'static str], &'static str);

const TAKERS: &[Taker] = &[
    ("flux", &[], "--timeout"),
    ("golangci-lint", &["run"], "--timeout"),
    ("helm", &["install", "rollback", "test", "uninstall", "upgrade"], "--timeout"),
    ("kind", &["create"], "--wait"),
    ("kubectl", &["apply", "delete", "drain", "rollout", "wait"], "--timeout"),
    ("terraform", &["apply", "destroy", "plan"], "-lock-timeout"),
    ("trivy", &[], "--timeout"),
];

/// What shows that Helm is version 2, which takes seconds.
const OLD_HELM: &[&str] = &["helm init", "helm2", "tiller"];

/// The options of a text whose value is refused.
pub(super) fn without_unit(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let commands = shell.script().commands.iter().flat_map(exec_prefix_stripped);
    let found = commands.filter_map(|command| {
        let (program, _, option) = taker(&command)?;
        let is_old = *program == "helm" && OLD_HELM.iter().any(|sign| shell.document.text.contains(sign));
        let (word, value) = value(&command, option).filter(|_| !is_old)?;
        Some(ShellFlaw {
            kind: ShellFlawKind::Unitless,
            name: (*program).to_owned(),
            written: format!("{option} {value}"),
            at: shell.place(word.span),
            because: None,
        })
    });
    found.collect()
}

fn taker(command: &Command) -> Option<&'static Taker> {
    let program = file_name(command.name()?);
    let has = |action: &&str| command.words.iter().any(|word| word.text == **action);
    TAKERS
        .iter()
        .find(|(name, actions, _)| *name == program && (actions.is_empty() || actions.iter().any(has)))
}

/// The value of an option that is a number alone and not 0, which needs no unit.
fn value<'c>(command: &'c Command, option: &str) -> Option<(&'c Word, &'c str)> {
    let own = || command.words.iter().take_while(|word| word.text != "--");
    let attached = own().find_map(|word| Some((word, word.text.strip_prefix(option)?.strip_prefix('=')?)));
    let apart = || {
        let at = own().position(|word| word.text == option)?;
        let word = command.words.get(at + 1)?;
        Some((word, word.text.as_str()))
    };
    attached
        .or_else(apart)
        .filter(|(word, value)| word.literal && value.parse::<u32>().is_ok_and(|number| number > 0))
}

#[cfg(test)]
mod tests {
    use super::without_unit;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new("deploy.sh", text.to_owned());
        without_unit(&ShellText::of_file(&document)).into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn numbers_alone_are_refused() {
        for (text, expected) in [
            ("helm upgrade app chart --install --timeout 15 --wait", "--timeout 15"),
            ("kubectl -n a rollout status deployment/app --timeout=300", "--timeout 300"),
            ("sudo kubectl wait --for=condition=Ready pod/a --timeout=60", "--timeout 60"),
            ("terraform apply -lock-timeout=60", "-lock-timeout 60"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
        for text in [
            "helm upgrade app chart --timeout 15m",
            "helm upgrade app chart --timeout \"$TIMEOUT\"",
            "helm init\nhelm upgrade app chart --timeout 600",
            "kubectl delete pod a --timeout=0",
            "kubectl get pods --request-timeout=5",
            "kubectl exec app -- ./wait --timeout 5",
            "gcloud run deploy app --timeout 300",
            "docker compose up --wait-timeout 60",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
