//! Assignments without a name.

use syntax::shell::{Command, Word};

use crate::collect::shell_text::ShellText;
use crate::shell_flaws::{brings_variables, is_given, is_read_at, mentions};

/// The variable of `export $NAME=value` where nothing gives it: an assignment without a name.
pub(super) fn no_name<'c>(shell: &ShellText<'_>, command: &'c Command) -> Option<&'c str> {
    let words = command.words.iter().skip(1);
    let mut read = words.filter_map(|word| Some((word, word.text.strip_prefix('$')?.split_once('=')?.0)));
    let (word, name) = read.next().filter(|_| command.name() == Some("export"))?;
    let is_name =
        name.len() > 1 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let may_be_brought = shell.script().commands.iter().any(brings_variables);
    (is_name && !may_be_brought && !is_given(name) && !is_set_elsewhere(shell, name, word)).then_some(name)
}

/// Whether the file speaks of a variable in another place than where it is read.
fn is_set_elsewhere(shell: &ShellText<'_>, name: &str, word: &Word) -> bool {
    let text = shell.document.text.as_str();
    let own = shell.span(word.span);
    let mut others = mentions(text, name).filter(|at| *at < own.start || *at >= own.end);
    others.any(|at| !is_read_at(text, at))
}
