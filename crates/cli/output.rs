//! Writing to the streams of the process.

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
