//! `shipworthy check`.

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use git::Index;
use lint::{Config, Date, Options, Outcome, Registry, Units, engine};
use source::{Disk, Tree};

use crate::args::{CheckArgs, ReportFormat};
use crate::progress::Progress;
use crate::{baseline, changes, fixing, output, pool, reports, root};

const SECONDS_A_DAY: u64 = 86_400;

pub(crate) fn run(args: &CheckArgs) -> Result<u8, String> {
    if args.unsafe_fixes && !args.fix && !args.diff {
        return Err("`--unsafe-fixes` goes with `--fix` or `--diff`".to_owned());
    }
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let root = root::open(args.path.as_deref())?;
    if let Some(hint) = root.hint.filter(|_| !args.quiet) {
        output::note(&hint);
    }
    let done = {
        let _progress = Progress::start("reading the repository …", !args.quiet);
        let work = || {
            let (outcome, index) = work(&root.tree, args)?;
            let Some(known) = &known else { return Ok((outcome, index)) };
            Ok((baseline::apply(known, outcome, &root.tree, args), index))
        };
        pool::run(args.threads, || guarded(work))?
    };
    let ((outcome, index), refused) = match done {
        Ok(done) => (done, None),
        Err(message) if args.format == ReportFormat::Text => return Err(message),
        // A machine that reads the report gets one in any case.
        Err(message) => ((Outcome::not_judged(message.clone()), None), Some(message)),
    };
    let shown: &dyn Tree = index.as_ref().map_or(&root.tree, |index| index as &dyn Tree);
    reports::write(&outcome, shown, root.tree.root(), args)?;
    refused.map_or(Ok(outcome.verdict.exit_code()), Err)
}

/// The outcome, and the index where that was judged.
type Done = (Outcome, Option<Index>);

/// Judges what was asked for.
fn work(tree: &Disk, args: &CheckArgs) -> Result<Done, String> {
    if args.staged && args.fix {
        // What is staged as a whole lies in the work tree as well.
        return changes::fix_staged(tree, args).map(|outcome| (outcome, None));
    }
    if args.staged {
        return changes::staged(tree, args).map(|(outcome, index)| (outcome, Some(index)));
    }
    let outcome = match &args.changed_since {
        Some(revision) => changes::since(revision, tree, args),
        None => repaired(tree, args),
    };
    Ok((outcome?, None))
}

/// Judges, and repairs or shows repairs where that was asked for; the outcome is that of the tree as it is then.
fn repaired(tree: &Disk, args: &CheckArgs) -> Result<Outcome, String> {
    let outcome = judge(tree, tree.root(), args)?;
    if args.diff {
        let notes = fixing::show(tree, args, &outcome.concealed)?;
        return Ok(outcome.with_problems(notes, args.fail_on()));
    }
    if !args.fix {
        return Ok(outcome);
    }
    let done = fixing::fix(tree, tree, args);
    let mut outcome = judge(tree, tree.root(), args)?.with_problems(done.problems, args.fail_on());
    outcome.fixed = done.fixed;
    Ok(outcome)
}

/// Collects and judges a tree that stands for the one at `root`. What was asked for by a name that does not exist leaves no outcome.
pub(crate) fn judge(tree: &dyn Tree, root: &Path, args: &CheckArgs) -> Result<Outcome, String> {
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
    let outcome = match args.shard.map(|shard| Units::of(&facts, shard)) {
        None => outcome,
        Some(units) if units.is_empty() => nothing_left(&units),
        Some(units) => outcome.only(|finding| units.hold(&finding.at.place.path), options.fail_on),
    };
    Ok(without_ignored(outcome, root, &options))
}

/// What a shard says that has no deploy unit.
fn nothing_left(units: &Units) -> Outcome {
    let message = format!("{} of the repository's deploy units are judged by other shards", units.len());
    Outcome::nothing_asked(format!("{message}, and none is left for this one, so nothing was judged"))
}

/// The same without a word on the way, for names that are known to exist.
pub(crate) fn judged(tree: &dyn Tree, root: &Path, options: &Options) -> Outcome {
    let config = Config::load(tree);
    let facts = ::facts::collect(tree, &config.declared());
    let outcome = engine::run(tree, &facts, &config, &Registry::for_tree(tree), options);
    without_ignored(outcome, root, options)
}

/// Runs something that must not take the program with it: a panic on the way leaves no outcome.
fn guarded(work: impl FnOnce() -> Result<Done, String>) -> Result<Done, String> {
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("internal error, so nothing was judged".to_owned()))
}

/// What git ignores is no part of the repository. Where git gives no answer, nothing is ignored; in a repository this is
/// said, as a container of another user and a machine without git judge more than others do.
fn without_ignored(outcome: Outcome, root: &Path, options: &Options) -> Outcome {
    let paths: BTreeSet<&str> = outcome.paths().collect();
    if paths.is_empty() {
        return outcome;
    }
    match git::ignored(root, paths) {
        Ok(ignored) => outcome.without_files(&ignored, options.fail_on),
        Err(error) if is_in_repository(root) => outcome.noting(without_git(&error.to_string())),
        Err(_) => outcome,
    }
}

fn without_git(error: &str) -> String {
    let what_to_do = if error.contains("dubious ownership") {
        "; trust it with: git config --global --add safe.directory \"$PWD\""
    } else {
        ""
    };
    format!("git gave no answer, so files that .gitignore leaves out are judged as well: {error}{what_to_do}")
}

fn is_in_repository(root: &Path) -> bool {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    real.ancestors().any(|directory| directory.join(".git").exists())
}

pub(crate) fn options(args: &CheckArgs) -> Options {
    Options {
        rules: args.rule.clone(),
        environments: args.env.clone(),
        fail_on: args.fail_on(),
        no_allow: args.no_allow,
        today: today(),
    }
}

pub(crate) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Date::from_unix_days(i64::try_from(since.as_secs() / SECONDS_A_DAY).unwrap_or(0))
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
