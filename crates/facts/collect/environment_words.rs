//! The environments that deploying commands name by their flags.

use crate::collect::commands::Word;
use crate::environment::named_by_words;
use crate::workflow::EnvironmentWord;

/// How a program is told the environment it acts on.
struct Naming {
    program: &'static str,
    /// A word that must follow, where the program does other things too; `""` for none.
    action: &'static str,
    /// Flags whose value names the environment in whole words.
    flags: &'static [&'static str],
    /// Flags that mean production by themselves.
    production: &'static [&'static str],
}

const fn by_flags(program: &'static str, action: &'static str, flags: &'static [&'static str]) -> Naming {
    Naming { program, action, flags, production: &[] }
}

/// Sources: `PROGRAM help`, each program's reference of its command line.
const NAMINGS: &[Naming] = &[
    Naming {
        program: "vercel",
        action: "",
        flags: &["--target", "--environment"],
        production: &["--prod", "--production"],
    },
    Naming { program: "netlify", action: "deploy", flags: &["--context"], production: &["--prod", "-p"] },
    by_flags("railway", "", &["--environment", "-e"]),
    by_flags("wrangler", "deploy", &["--env", "-e"]),
    by_flags("serverless", "deploy", &["--stage", "-s"]),
    by_flags("sls", "deploy", &["--stage", "-s"]),
    by_flags("sst", "deploy", &["--stage"]),
    by_flags("terraform", "apply", &["-var-file"]),
    by_flags("heroku", "", &["--remote", "-r"]),
    by_flags("gcloud", "deploy", &["--project"]),
    by_flags("kubectl", "apply", &["--context"]),
    by_flags("helm", "upgrade", &["--kube-context", "--namespace", "-n"]),
];

/// What the words of a command name, in a job of `job`; nothing where a shell decides whether it runs at all.
#[must_use]
pub(crate) fn environment_words(words: &[Word], job: &'static str) -> Vec<EnvironmentWord> {
    // `npx vercel`, `pnpm exec wrangler`: the program need not be the first word.
    let text = |word: &Word| word.text.clone().unwrap_or_default();
    let texts: Vec<String> = words.iter().map(text).collect();
    let named = |naming: &&Naming| {
        let at = texts.iter().take(4).position(|word| word == naming.program);
        at.is_some_and(|at| {
            naming.action.is_empty() || texts.iter().skip(at).any(|word| word == naming.action)
        })
    };
    let Some(naming) = NAMINGS.iter().find(named) else { return Vec::new() };
    let mut found = Vec::new();
    for (index, (word, written)) in words.iter().zip(&texts).enumerate() {
        let (flag, value) = match written.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (written.as_str(), texts.get(index + 1).map(String::as_str)),
        };
        let is_switch = naming.production.contains(&written.as_str());
        let by_value = naming.flags.contains(&flag).then(|| value.and_then(named_by_words)).flatten();
        let Some(named) = (if is_switch { Some("production") } else { by_value }) else { continue };
        let value = value.filter(|_| !is_switch && !written.contains('='));
        found.push(EnvironmentWord {
            program: naming.program,
            written: value.map_or_else(|| written.clone(), |value| format!("{written} {value}")),
            named,
            is_by_name: !is_switch,
            job,
            at: word.at.clone(),
        });
    }
    found
}
