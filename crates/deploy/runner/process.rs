//! Programs as processes of this machine.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Invocation, Output, Programs, Runner};
use crate::Interrupt;

/// Of each stream only so many bytes are kept, the last ones.
const KEPT: usize = 4 << 20;
const PAUSE: Duration = Duration::from_millis(10);
/// What a program leaves running may hold its streams open; they are not waited for longer.
const DRAIN: Duration = Duration::from_secs(2);

/// Runs programs as processes.
#[derive(Debug)]
pub(crate) struct Processes {
    programs: Programs,
    interrupt: Interrupt,
}

impl Processes {
    /// Runs what `programs` finds.
    #[must_use]
    pub(crate) fn new(programs: Programs) -> Self {
        Self { programs, interrupt: Interrupt::default() }
    }

    /// The same, ending what runs when `interrupt` asks for an end at once.
    pub(crate) fn heeding(self, interrupt: &Interrupt) -> Self {
        Self { interrupt: interrupt.clone(), ..self }
    }
}

impl Runner for Processes {
    fn run(&mut self, invocation: &Invocation) -> Result<Output, String> {
        let name = invocation.argv.first().map_or("", String::as_str);
        let file = self.programs.find(name, &invocation.folder)?;
        #[expect(clippy::disallowed_methods, reason = "the one place where this crate starts programs")]
        let mut command = Command::new(&file);
        command
            .args(invocation.argv.iter().skip(1))
            .current_dir(&invocation.folder)
            .env_clear()
            .envs(&invocation.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        in_own_group(&mut command);
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("`{name}` could not be started: {error}"))?;
        feed(&mut child, invocation.input.clone());
        let out = collect(child.stdout.take());
        let err = collect(child.stderr.take());
        let (status, timed_out) = wait(&mut child, started + invocation.limit, &self.interrupt);
        Ok(Output {
            code: status.and_then(|status| status.code()).filter(|_| !timed_out),
            out: out.recv_timeout(DRAIN).unwrap_or_default(),
            err: err.recv_timeout(DRAIN).unwrap_or_default(),
            timed_out,
            took: started.elapsed(),
        })
    }
}

/// Writes the input beside everything else, so that neither side waits for the other for ever.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || {
            // A program need not read what it is given.
            let _ = stdin.write_all(&input);
        });
    }
}

/// Reads a stream to its end and gives the last part of it.
fn collect(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (give, take) = channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut part = [0_u8; 16 << 10];
        let Some(mut stream) = stream else { return };
        while let Ok(count) = stream.read(&mut part) {
            if count == 0 {
                break;
            }
            kept.extend_from_slice(part.get(..count).unwrap_or(&[]));
            if kept.len() > 2 * KEPT {
                kept.drain(..kept.len() - KEPT);
            }
        }
        // Nobody may be left to take it.
        let _ = give.send(kept);
    });
    take
}

/// What the terminal sends to the program in front is not for the step that it runs: that is to be finished.
#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn in_own_group(_command: &mut Command) {}

/// Ends a program and those that it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _ = child.kill();
}

/// Waits for the end, and brings it about when the time is up or nobody wants to wait any more.
fn wait(child: &mut Child, limit: Instant, interrupt: &Interrupt) -> (Option<ExitStatus>, bool) {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return (Some(status), false),
            Ok(None) if interrupt.is_at_once() => {
                end(child);
                return (child.wait().ok(), false);
            }
            Ok(None) if Instant::now() < limit => thread::sleep(PAUSE),
            _ => {
                end(child);
                return (child.wait().ok(), true);
            }
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    fn run(argv: &[&str], input: &str, limit: u64) -> Output {
        let programs = Programs::new("/usr/bin:/bin".into(), Path::new("/no/such/tree"));
        let invocation = Invocation {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            folder: "/".into(),
            env: BTreeMap::from([("ONLY".to_owned(), "this one".to_owned())]),
            input: input.into(),
            limit: Duration::from_millis(limit),
        };
        Processes::new(programs).run(&invocation).unwrap()
    }

    #[test]
    fn words_stay_words_and_variables_are_those_given() {
        let output = run(&["printf", "%s|", "a b", "$HOME", "`id`", "*"], "", 5_000);
        assert_eq!(output.out, b"a b|$HOME|`id`|*|");
        let output = run(&["env"], "", 5_000);
        assert_eq!(output.out, b"ONLY=this one\n");
        assert_eq!(run(&["cat"], "from standard input", 5_000).out, b"from standard input");
        assert_eq!(run(&["false"], "", 5_000).code, Some(1));
    }

    #[test]
    fn the_limit_ends_a_program() {
        let output = run(&["sleep", "30"], "", 100);
        assert!(output.timed_out && output.code.is_none() && output.took < Duration::from_secs(10));
        // What it has started goes on acting otherwise, and holds its output open.
        let started = Instant::now();
        let output = run(&["sh", "-c", "sleep 30 & wait"], "", 100);
        assert!(output.timed_out && started.elapsed() < DRAIN);
    }
}
