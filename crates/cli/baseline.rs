//! `shipworthy baseline`, and `check --baseline`.

use std::io::ErrorKind;
use std::path::Path;

use lint::{Baseline, Options, Outcome, Registry, Severity};
use source::Disk;

use crate::args::{BaselineArgs, CheckArgs};
use crate::{check, output, pool, root};

/// Makes the file, or leaves in it what is still found.
pub(crate) fn run(args: &BaselineArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let options = Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: check::today(),
    };
    let outcome = pool::run(None, || check::judged(&root.tree, root.tree.root(), &options))?;
    if let Some(problem) = outcome.problems.iter().find(|problem| problem.blocking) {
        let message = source::redact::sentence(&problem.message);
        return Err(format!(
            "{}:{}: {message}; not everything could be judged, so no baseline was written",
            problem.path, problem.line
        ));
    }
    let file = args.file.display();
    let now = Baseline::of(&outcome.findings, &Registry::for_tree(&root.tree));
    let (baseline, said) = if args.file.exists() {
        let before = read(&args.file)?;
        let left = before.shrunk_to(&outcome.findings);
        let gone = before.len() - left.len();
        let new = now.grown_since(&left);
        (left.clone(), format!("{file}: {} left, {gone} gone, {new} new ones not added", left.len()))
    } else {
        let known = now.len();
        (now, format!("{file}: {known} findings; `shipworthy check --baseline {file}` leaves them out"))
    };
    std::fs::write(&args.file, baseline.to_json()).map_err(|error| format!("{file}: {error}"))?;
    output::print(format!("{said}\n").as_bytes())?;
    Ok(0)
}

/// Reads a baseline; one that cannot be read ends the run, since it was asked for.
#[expect(
    clippy::disallowed_methods,
    reason = "the file is named on the command line and need not lie in the tree"
)]
pub(crate) fn read(file: &Path) -> Result<Baseline, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let todo = if error.kind() == ErrorKind::NotFound { "; `shipworthy baseline` makes one" } else { "" };
        format!("{}: {error}{todo}", file.display())
    })?;
    Baseline::parse(&text).map_err(|message| format!("{}: {message}", file.display()))
}

/// Leaves out of an outcome what the baseline holds.
pub(crate) fn apply(known: &Baseline, outcome: Outcome, tree: &Disk, args: &CheckArgs) -> Outcome {
    let is_part = args.staged || args.changed_since.is_some() || args.shard.is_some();
    let is_whole = !is_part && args.rule.is_empty() && args.env.is_empty();
    let name = args.baseline.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    known.apply(outcome, &Registry::for_tree(tree), &name, is_whole, args.fail_on())
}
