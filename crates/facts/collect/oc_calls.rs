//! Templates of `OpenShift` that a shell text fills in: `oc process -f api.yml -p NAME=api`.
//!
//! Source: <https://docs.openshift.com/container-platform/4.16/openshift_images/using-templates.html>.

use source::{Place, file_name, join};
use syntax::shell::{Command, Word};

use super::commands::is_known_path;
use super::shell_text::ShellText;
use crate::record::{TemplateValues, Use, UseKind};

/// Options whose values are no parameters.
const OF_OTHERS: [&str; 8] = ["-l", "--labels", "-n", "--namespace", "-o", "--output", "-t", "--template"];

/// The templates that the commands of a text fill in, each with the parameters that it is given.
#[must_use]
pub(crate) fn template_calls(shell: &ShellText<'_>) -> Vec<Use> {
    let calls = shell.located().into_iter().filter_map(|one| {
        let (file, values) = call(shell, &one.command)?;
        Some(Use {
            path: join(&one.folder?, &file.text)?,
            at: shell.place(file.span),
            what: UseKind::Template(values),
        })
    });
    calls.collect()
}

/// The file of a command and what stands beside it; `None` for other commands, and where unknown parameters are borne.
fn call(shell: &ShellText<'_>, command: &Command) -> Option<(Word, TemplateValues)> {
    let (program, arguments) = command.words.split_first()?;
    let at = arguments.iter().position(|word| word.text == "process")?;
    // Before it only options stand, each with its value at most.
    let is_process = arguments.get(..at)?.chunks(2).all(|pair| pair.first().is_some_and(is_option));
    if file_name(&program.text) != "oc" || !is_process {
        return None;
    }
    let mut values = TemplateValues { given: Vec::new(), may_be_more: false };
    let mut file = None;
    let mut words = arguments.get(at + 1..)?.iter().peekable();
    while let Some(word) = words.next() {
        let (option, attached) = match word.text.split_once('=') {
            Some((option, _)) if is_option(word) => (option, Some(word.tail(option.len() + 1))),
            _ => (word.text.as_str(), None),
        };
        let mut value = || attached.clone().or_else(|| words.next().cloned());
        match option {
            _ if !is_option(word) => {
                let given = word.text.contains('=').then(|| parameter(shell, word)).flatten();
                // A variable may hold any of these.
                values.may_be_more |= given.is_none();
                values.given.extend(given);
            }
            "-f" | "--filename" => file = value().filter(|file| is_known_path(&file.text)),
            "-p" | "--param" => values.given.extend(value().and_then(|value| parameter(shell, &value))),
            "--ignore-unknown-parameters" | "--parameters" => return None,
            "--local" | "--raw" => {}
            _ if OF_OTHERS.contains(&option) => drop(value()),
            // `-pNAME=value`.
            _ if word.text.starts_with("-p") => values.given.extend(parameter(shell, &word.tail("-p".len()))),
            // Whether one that is not known takes the next word for its value is not told.
            _ => {
                values.may_be_more = true;
                words.next_if(|next| attached.is_none() && !is_option(next));
            }
        }
    }
    Some((file?, values))
}

fn is_option(word: &Word) -> bool {
    word.text.starts_with('-')
}

/// `NAME=value`; `None` where the name is not told.
fn parameter(shell: &ShellText<'_>, value: &Word) -> Option<(String, Place)> {
    let name = value.text.split('=').next()?;
    let is_told = !name.is_empty() && !name.contains(['$', '`', '{']);
    is_told.then(|| (name.to_owned(), shell.place(value.source(0, name.len()))))
}
