//! Writing to the streams of the process.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

/// Whether standard output takes colours: a terminal, without `NO_COLOR`.
pub(crate) fn colors() -> bool {
    let choice = AutoStream::choice(&io::stdout());
    matches!(choice, ColorChoice::Always | ColorChoice::AlwaysAnsi)
        || choice == ColorChoice::Auto && io::stdout().is_terminal()
}

/// Writes to standard output. A reader that went away, as `head` does, is no error.
pub(crate) fn print(bytes: &[u8]) -> Result<(), String> {
    let mut out = anstream::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write the output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Says on standard error what went wrong with the run itself.
pub(crate) fn complain(message: &str) {
    note(&format!("shipworthy: {message}"));
}

/// Says something beside the report.
pub(crate) fn note(message: &str) {
    // Where standard error is gone there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{message}");
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        for (word, wanted) in
            [("a/b-c.d", "a/b-c.d"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$x", "'$x'")]
        {
            assert_eq!(quoted(word), wanted);
        }
    }
}
