//! Builds that name no folder, or several.

use source::{FileKind, redact};
use syntax::shell::{Command, Word};

use crate::collect::commands::{SWITCHES, VALUED};
use crate::collect::shell_text::ShellText;
use crate::shell_flaws::ShellFlawKind;

/// `docker build -t app` without a folder, and with more than one. Podman takes its own folder for granted.
pub(super) fn contexts(shell: &ShellText<'_>, command: &Command) -> Option<(ShellFlawKind, String)> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let arguments = match words.as_slice() {
        ["docker", "build", ..] => command.words.get(2..)?,
        ["docker", "buildx" | "image", "build", ..] => command.words.get(3..)?,
        _ => return None,
    };
    let is_workflow = FileKind::of(&shell.document.path) == FileKind::Workflow;
    // Another program fills in a template before a shell sees it.
    if !is_workflow && shell.text.contains("{{") {
        return None;
    }
    let (given, is_sure) = positional(arguments)?;
    match given.as_slice() {
        [] => Some((ShellFlawKind::NoContext, "docker build".to_owned())),
        [_, _, ..] if is_sure && given.iter().all(|word| is_whole(word)) => {
            let texts: Vec<&str> = given.iter().map(|word| shown(arguments, word)).collect();
            Some((ShellFlawKind::Contexts, texts.join(" ")))
        }
        _ => None,
    }
}

/// A word for people to read: what a blank has parted from `PASSWORD=` may be the password.
fn shown<'w>(arguments: &'w [Word], word: &'w Word) -> &'w str {
    let before = arguments.iter().take_while(|other| other.span != word.span).last();
    let name = before.and_then(|before| before.text.strip_suffix('='));
    if name.is_some_and(redact::is_hidden_name) { redact::REDACTED } else { &word.text }
}

/// The words that are neither options nor values of some, and whether all options are known; `None` where help is asked for.
fn positional(arguments: &[Word]) -> Option<(Vec<&Word>, bool)> {
    let (mut given, mut is_sure) = (Vec::new(), true);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if matches!(text, "--help" | "-h" | "help") {
            return None;
        }
        if text == "-" || !text.starts_with('-') {
            given.push(word);
        } else if VALUED.contains(&text) {
            words.next();
        } else {
            is_sure &= text.contains('=') || SWITCHES.contains(&text);
        }
    }
    Some((given, is_sure))
}

/// Whether a word is one word for a program as well: nothing in it may become none or several.
fn is_whole(word: &Word) -> bool {
    word.literal
        && (word.quoted || !word.text.contains(['*', '?', '[', '~']))
        && !word.text.contains(['{', ','])
        || matches!(word.text.as_str(), "{{" | "}}")
}
