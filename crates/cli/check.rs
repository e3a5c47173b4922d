//! `shipworthy check`.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lint::{Config, Date, Options, Outcome, Registry, engine};
use report::TextOptions;
use source::Disk;

use crate::args::{CheckArgs, Format};
use crate::progress::Progress;
use crate::{output, pool, root};

const SECONDS_A_DAY: u64 = 86_400;

pub(crate) fn run(args: &CheckArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    if let Some(hint) = root.hint.filter(|_| !args.quiet) {
        output::note(&hint);
    }
    let judged = {
        let _progress = Progress::start("reading the repository …", !args.quiet);
        pool::run(args.threads, || judge(&root.tree, args))?
    };
    let (outcome, refused) = match judged {
        Ok(outcome) => (outcome, None),
        Err(message) if args.format == Format::Text => return Err(message),
        // A machine that reads the report gets one in any case.
        Err(message) => (Outcome::not_judged(message.clone()), Some(message)),
    };
    write_files(&outcome, &root.tree, args)?;
    output::print(&rendered(&outcome, &root.tree, args, args.format, output::colors())?)?;
    refused.map_or(Ok(outcome.verdict.exit_code()), Err)
}

/// Collects and judges. What was asked for by a name that does not exist, and a panic on the way, leave no outcome.
fn judge(tree: &Disk, args: &CheckArgs) -> Result<Outcome, String> {
    let work = || {
        let mut clock = Clock::start(args.verbose);
        let config = Config::load(tree);
        let registry = Registry::for_tree(tree);
        clock.tell("configuration and rules");
        let facts = ::facts::collect(tree, &config.declared());
        clock.tell("facts");
        let options = options(args);
        let unknown = lint::unknown_names(&options, &facts, &config, &registry);
        if !unknown.is_empty() {
            return Err(unknown.join("\n"));
        }
        let outcome = engine::run(tree, &facts, &config, &registry, &options);
        clock.tell("checks");
        Ok(without_ignored(outcome, tree, args))
    };
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("stopped on an error of its own, so nothing was judged".to_owned()))
}

/// What git ignores is no part of the repository. Where git gives no answer, nothing is ignored.
fn without_ignored(outcome: Outcome, tree: &Disk, args: &CheckArgs) -> Outcome {
    let paths: BTreeSet<&str> = outcome.paths().collect();
    if paths.is_empty() {
        return outcome;
    }
    match git::ignored(tree.root(), paths) {
        Ok(ignored) => outcome.without_files(&ignored, args.fail_on()),
        Err(_) => outcome,
    }
}

fn options(args: &CheckArgs) -> Options {
    Options {
        rules: args.rule.clone(),
        environments: args.env.clone(),
        fail_on: args.fail_on(),
        no_allow: args.no_allow,
        today: today(),
    }
}

fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Date::from_unix_days(i64::try_from(since.as_secs() / SECONDS_A_DAY).unwrap_or(0))
}

fn write_files(outcome: &Outcome, tree: &Disk, args: &CheckArgs) -> Result<(), String> {
    for file in &args.output {
        let bytes = rendered(outcome, tree, args, file.format.unwrap_or(args.format), false)?;
        std::fs::write(&file.path, bytes).map_err(|error| format!("{}: {error}", file.path.display()))?;
    }
    Ok(())
}

fn rendered(
    outcome: &Outcome,
    tree: &Disk,
    args: &CheckArgs,
    format: Format,
    colors: bool,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let out: &mut dyn Write = &mut bytes;
    let written = match format {
        Format::Json => report::json(outcome, out),
        Format::Text => {
            let options = TextOptions { colors, quiet: args.quiet, fail_on: args.fail_on() };
            report::text(outcome, tree, &options, out)
        }
    };
    written.map_err(|error| format!("cannot write the report: {error}"))?;
    Ok(bytes)
}

/// Tells on standard error how long steps take, where that is wanted.
struct Clock {
    wanted: bool,
    last: Instant,
}

impl Clock {
    fn start(wanted: bool) -> Self {
        Self { wanted, last: Instant::now() }
    }

    fn tell(&mut self, step: &str) {
        if self.wanted {
            output::note(&format!("{step}: {:.1} ms", self.last.elapsed().as_secs_f64() * 1000.0));
        }
        self.last = Instant::now();
    }
}
