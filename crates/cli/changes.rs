//! `shipworthy check --staged` and `--changed-since`: runs about a part of the history.

use std::collections::BTreeSet;

use ::facts::Problem;
use git::{Commit, Index, Repository};
use lint::{Finding, Outcome};
use source::{Disk, Overlay};

use crate::args::CheckArgs;
use crate::{check, fixing};

/// Judges what would be committed now, and gives it back to be shown. Where nothing is staged there is nothing to hold
/// back.
pub(crate) fn staged(disk: &Disk, args: &CheckArgs) -> Result<(Outcome, Index), String> {
    let repository = open(disk, "--staged")?;
    // Each asks git, which takes longer to start than to answer.
    let (staged, index) = rayon::join(|| repository.staged(), || Index::open(&repository));
    let staged = staged.map_err(|error| error.to_string())?;
    let index = index.map_err(|error| error.to_string())?;
    if staged.is_empty() && index.unmerged().is_empty() {
        return Ok((Outcome::nothing_asked("nothing is staged, so nothing was judged"), index));
    }
    let conflict = |path: &String| Problem {
        path: path.as_str().into(),
        line: 1,
        message: "this file has a merge conflict, so what would be committed is not known".to_owned(),
        blocking: true,
    };
    let conflicts: Vec<Problem> = index.unmerged().iter().map(conflict).collect();
    let outcome = check::judge(&index, disk.root(), args)?;
    Ok((outcome.with_problems(conflicts, args.fail_on()), index))
}

/// Repairs what would be committed now, in the work tree, and judges it with the repairs. A file that is staged in part
/// is refused: what of it is held back cannot be told from the repair afterwards.
pub(crate) fn fix_staged(disk: &Disk, args: &CheckArgs) -> Result<Outcome, String> {
    let (outcome, index) = staged(disk, args)?;
    let repository = open(disk, "--staged")?;
    let staged = repository.staged().map_err(|error| error.to_string())?;
    let unstaged = repository.unstaged().map_err(|error| error.to_string())?;
    let in_part: Vec<String> = staged.intersection(&unstaged).map(|path| format!("`{path}`")).collect();
    if !in_part.is_empty() {
        return Err(format!(
            "{} staged in part: stage the rest (git add), or put it away (git stash --keep-index), and run this again",
            in_part.join(", ") + if in_part.len() == 1 { " is" } else { " are" }
        ));
    }
    if staged.is_empty() {
        return Ok(outcome);
    }
    let done = fixing::fix(&index, disk, args);
    let mut repaired = Overlay::new(&index);
    for (path, bytes) in done.files {
        repaired.insert(&path, bytes);
    }
    let mut outcome =
        check::judge(&repaired, disk.root(), args)?.with_problems(done.problems, args.fail_on());
    outcome.fixed = done.fixed;
    Ok(outcome)
}

/// Judges the work tree, and keeps the findings that the changes since `revision` brought or touch: a file of the finding
/// or of its evidence changed, or the last shared commit did not have it. The latter finds what a deleted file leaves
/// behind.
pub(crate) fn since(revision: &str, disk: &Disk, args: &CheckArgs) -> Result<Outcome, String> {
    let repository = open(disk, "--changed-since")?;
    let missing = |error: git::GitError| {
        format!(
            "{error}; if `{revision}` is not here yet, run: git fetch --unshallow origin, or: git fetch origin"
        )
    };
    let base = repository.shared_with(revision).map_err(missing)?;
    let changed = repository.changed_since(revision).map_err(missing)?;
    if changed.is_empty() {
        return Ok(Outcome::nothing_asked(format!(
            "nothing changed since `{revision}`, so nothing was judged"
        )));
    }
    let outcome = check::judge(disk, disk.root(), args)?;
    let base = match Commit::open(&repository, &base) {
        Ok(base) => base,
        // The directory was not there yet: all of it is new.
        Err(_) if !repository.prefix().is_empty() => return Ok(outcome),
        Err(error) => return Err(missing(error)),
    };
    let before = check::judged(&base, disk.root(), &check::options(args));
    let known: BTreeSet<(&str, lint::Severity)> =
        before.findings.iter().map(|finding| (finding.fingerprint.as_str(), finding.severity)).collect();
    let concerns = |finding: &Finding| {
        let evidence = finding.because.iter().map(|because| &because.at);
        let mut paths = evidence.chain([&finding.at]).map(|at| &*at.place.path);
        paths.any(|path| changed.contains(path))
            || !known.contains(&(finding.fingerprint.as_str(), finding.severity))
    };
    Ok(outcome.only(concerns, args.fail_on()))
}

fn open(disk: &Disk, option: &str) -> Result<Repository, String> {
    Repository::open(disk.root()).map_err(|error| format!("{option} needs a git repository: {error}"))
}
