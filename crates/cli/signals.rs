//! Signals that ask a deployment to stop.

use ::deploy::Interrupt;

use crate::output;

/// From now on Ctrl-C, SIGTERM and a terminal that goes away ask to stop after the present step; a second one ends what
/// runs, and the process.
#[cfg(unix)]
pub(crate) fn ask(interrupt: &Interrupt) -> Result<(), String> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::time::Duration;

    /// So long may it take to end what runs, and to say where things stand.
    const GRACE: Duration = Duration::from_secs(2);

    let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]);
    let mut signals = signals.map_err(|error| format!("cannot listen for signals: {error}"))?;
    let interrupt = interrupt.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if interrupt.ask() == 1 {
                output::note("stopping after the present step; the same again stops at once");
                continue;
            }
            std::thread::sleep(GRACE);
            output::note("stopped at once; `shipworthy deploy resume` looks what was done, and goes on");
            std::process::exit(i32::from(::deploy::Exit::Interrupted.code()));
        }
    });
    Ok(())
}

/// Elsewhere Ctrl-C ends the process at once, and the next run goes on from the journal.
#[cfg(not(unix))]
pub(crate) fn ask(_interrupt: &Interrupt) -> Result<(), String> {
    Ok(())
}
