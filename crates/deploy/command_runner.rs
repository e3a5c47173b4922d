//! Runs the programs of a provider: in the snapshot, with the variables that they may see, their output without secrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use source::redact;

use crate::config::{Argv, Target};
use crate::http::{self, Address, Answer};
use crate::plan::{Plan, Step};
use crate::provider::Reply;
use crate::runner::{Invocation, Output, Runner, allowed};
use crate::snapshot::Snapshot;
use crate::{Redactor, State};

/// Of a program's output, so many lines are repeated when it fails.
const LAST_LINES: usize = 20;

/// Asks for an address and follows nothing. What the user has written for curl (`~/.curlrc`) does not decide whether a
/// version is well: `--disable` must come first.
const CURL: [&str; 10] = [
    "curl",
    "--disable",
    "--silent",
    "--show-error",
    "--include",
    "--http1.1",
    "--proto",
    "=https",
    "--max-filesize",
    "1048576",
];

/// Where programs run, and with what.
pub(crate) struct CommandRunner {
    runner: Box<dyn Runner>,
    folder: PathBuf,
    out: PathBuf,
    env: BTreeMap<String, String>,
    redactor: Redactor,
    /// How long one program may take, on the way forward and back.
    limits: [Duration; 2],
    leads_back: bool,
}

impl CommandRunner {
    /// What runs the programs of one deployment. `caller` are the variables of the process.
    pub(crate) fn new(
        runner: Box<dyn Runner>,
        target: &Target,
        plan: &Plan,
        snapshot: &Snapshot,
        out: &Path,
        caller: Vec<(String, String)>,
    ) -> Self {
        let secret = |(name, value): &(String, String)| {
            let named = redact::is_secret_name(name) || target.pass_env.contains(name);
            named.then(|| value.clone())
        };
        let secrets: Vec<String> = caller.iter().filter_map(secret).collect();
        let own = target.env.iter().filter(|(name, _)| redact::is_secret_name(name));
        let steps = plan.steps.iter().chain(&plan.undo).flat_map(|step| &step.commands);
        let written: Vec<String> = steps.flat_map(left_out).collect();
        let known = secrets.iter().chain(own.map(|(_, value)| value)).chain(&written).map(String::as_str);
        let redactor = Redactor::new(known);
        let mut env = allowed(&target.pass_env, caller.into_iter());
        env.extend(target.env.clone());
        for (name, value) in [
            ("DEPLOY_ID", plan.id.as_str()),
            ("TARGET", &plan.target),
            ("ENVIRONMENT", &plan.environment),
            ("COMMIT", &plan.commit),
            ("TREE", &plan.tree),
            ("OUT", &out.display().to_string()),
        ] {
            env.insert(format!("SHIPWORTHY_{name}"), value.to_owned());
        }
        Self {
            runner,
            folder: snapshot.root().to_owned(),
            out: out.to_owned(),
            env,
            redactor,
            limits: [target.timeout, target.rollback_timeout],
            leads_back: false,
        }
    }

    /// The folder for what steps write.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// The snapshot's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sets a variable that every program sees from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Programs are run for this step from now on, which decides how long each of them may take.
    pub(crate) fn turn_to(&mut self, step: &Step) {
        self.leads_back = matches!(step.state, State::RollingBack | State::Unstaging);
    }

    /// How long one program may take.
    pub(crate) fn limit(&self) -> Duration {
        let [forward, back] = self.limits;
        if self.leads_back { back } else { forward }
    }

    /// Runs one program in the snapshot. What it writes is for the caller alone, who shows nothing of it but through
    /// [`CommandRunner::note`] or [`CommandRunner::clean`].
    pub(crate) fn run(&mut self, argv: &Argv) -> Result<Output, String> {
        let folder = self.folder.clone();
        self.run_in(argv, &folder)
    }

    /// Runs one program in a folder.
    pub(crate) fn run_in(&mut self, argv: &Argv, folder: &Path) -> Result<Output, String> {
        let (argv, folder, env) = (argv.clone(), folder.to_owned(), self.env.clone());
        let limit = self.limit();
        self.runner.run(&Invocation { argv, folder, env, input: Vec::new(), limit })
    }

    /// Asks an address. What is not plain HTTP is left to curl, which every platform's tools bring along.
    pub(crate) fn fetch(&mut self, url: &str, within: Duration) -> Result<Answer, String> {
        if !url.starts_with("https://") {
            let address = Address::parse(url)?;
            return http::get(&address, within).map_err(|error| error.to_string());
        }
        let limit = format!("{:.3}", within.as_secs_f64());
        let mut argv: Argv = CURL.iter().map(|word| (*word).to_owned()).collect();
        argv.extend(["--max-time".to_owned(), limit, "--".to_owned(), url.to_owned()]);
        let out = self.out.clone();
        let output = self.run_in(&argv, &out)?;
        if output.succeeded() {
            return http::parse(&output.out).ok_or_else(|| "the answer is not HTTP".to_owned());
        }
        Err(self.clean(&output.err).0.trim().to_owned())
    }

    /// Runs the commands of a step one after the other, until one fails.
    pub(crate) fn run_step(&mut self, step: &Step) -> Reply {
        self.turn_to(step);
        let mut reply = Reply::default();
        for argv in &step.commands {
            let answer = self.run(argv);
            if !self.note(&mut reply, argv, answer) {
                break;
            }
        }
        reply
    }

    /// Adds what came of a program to a reply; whether it succeeded.
    pub(crate) fn note(&self, reply: &mut Reply, argv: &Argv, answer: Result<Output, String>) -> bool {
        let known: Argv = argv.iter().map(|word| self.redactor.without_known(word).0).collect();
        reply.argv.push(redact::words(&known));
        match answer {
            Err(why) => {
                reply.trouble = Some(self.redactor.clean(&why).0);
                false
            }
            Ok(output) => {
                reply.rc = output.code;
                reply.ms += u64::try_from(output.took.as_millis()).unwrap_or(u64::MAX);
                let cleaned = [&output.out, &output.err].map(|stream| self.clean(stream));
                reply.redactions += cleaned.iter().map(|(_, count)| count).sum::<usize>();
                if !output.succeeded() {
                    reply.trouble = Some(told(argv, &output, &cleaned.map(|(text, _)| text).concat()));
                }
                output.succeeded()
            }
        }
    }

    /// A stream's text without secrets, and how many places were secret.
    pub(crate) fn clean(&self, bytes: &[u8]) -> (String, usize) {
        self.redactor.clean(&String::from_utf8_lossy(bytes))
    }
}

/// What is not shown of the words of a command, which the program may repeat.
fn left_out(argv: &Argv) -> Vec<String> {
    let secret = |(word, shown): (&String, String)| {
        let (before, after) = shown.split_once(redact::REDACTED)?;
        Some(word.strip_prefix(before)?.strip_suffix(after)?.to_owned())
    };
    argv.iter().zip(redact::words(argv)).filter_map(secret).collect()
}

/// What to say of a program that failed.
fn told(argv: &Argv, output: &Output, text: &str) -> String {
    let name = argv.first().map_or("", String::as_str);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or(&[]).join("\n");
    let how = match output.code {
        _ if output.timed_out => {
            format!("took longer than {}", lint::duration::for_people(output.took.as_secs_f64().round()))
        }
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".to_owned(),
    };
    let why = if last.is_empty() { String::new() } else { format!(": {last}") };
    format!("`{name}` {how}{why}")
}
