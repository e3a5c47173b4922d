//! The words of a command.

use super::names::is_hidden_name;
use super::{REDACTED, commands, is_reference, named, sentence};

/// Copies of the words of a command for people to read: [`REDACTED`] stands for what follows a flag that names a secret,
/// and for every secret inside of a word.
#[must_use]
pub fn words<W: AsRef<str>>(argv: &[W]) -> Vec<String> {
    let mut shown: Vec<String> = Vec::with_capacity(argv.len());
    let mut before = "";
    for word in argv.iter().map(AsRef::as_ref) {
        let is_value = is_secret_flag(before, word) && is_shown_never(before, word);
        shown.push(if is_value { REDACTED.to_owned() } else { sentence(word).into_owned() });
        before = word;
    }
    let line: Vec<&str> = argv.iter().map(AsRef::as_ref).collect();
    hide(&mut shown, &line, &commands::ranges(&line.join(" ")));
    shown
}

/// Hides the words that hold a secret of the command as a whole.
fn hide(shown: &mut [String], words: &[&str], secrets: &[std::ops::Range<usize>]) {
    let mut start = 0;
    for (shown, word) in shown.iter_mut().zip(words) {
        let end = start + word.len();
        for secret in secrets.iter().filter(|secret| secret.start >= start && secret.start < end) {
            let secret = word.get(secret.start - start..secret.end.min(end) - start).unwrap_or(word);
            *shown = shown.replace(secret, REDACTED);
        }
        start = end + 1;
    }
}

/// Whether a word is a flag whose value, the next word, is a secret. `-p` is a port as often as a password.
fn is_secret_flag(flag: &str, value: &str) -> bool {
    let is_port = || value.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    match flag.strip_prefix("--") {
        Some(name) => !name.contains('=') && is_hidden_name(name),
        None => flag == "-p" && !is_port() && !value.contains('/'),
    }
}

fn is_shown_never(flag: &str, value: &str) -> bool {
    let is_placeholder = value.starts_with('<') && value.ends_with('>');
    !value.is_empty()
        && !value.starts_with('-')
        && !is_placeholder
        && !is_reference(value)
        && !named::names_a_secret(flag.trim_start_matches('-'), value)
}
