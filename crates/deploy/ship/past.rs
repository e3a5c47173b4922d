//! Deployments that were made or begun before.

use std::path::PathBuf;

use super::Places;
use crate::journal::{FileStore, Journal, JournalError, ReadOnly};
use crate::plan::Act;
use crate::{Plan, State, files};

/// A deployment that was made or begun before.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// What it did or does.
    pub plan: Plan,
    /// When it began, in UTC.
    pub began: String,
    /// What it has reached.
    pub state: State,
    /// How it ended; none where it can be gone on with.
    pub exit: Option<crate::Exit>,
    /// What there was to say at the end.
    pub note: String,
}

impl Deployment {
    /// Whether it took the deployment before it back; its commit is the one that was taken back.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.plan.steps.first().is_some_and(|step| step.act == Act::Restore)
    }
}

/// Opens a journal for going on with it.
pub(super) fn journal(places: &Places, id: &str) -> Result<Journal, JournalError> {
    let store = FileStore::open(&places.journal(id))
        .map_err(|error| JournalError(format!("the journal cannot be opened: {error}")))?;
    Journal::open(Box::new(store))
}

/// Every deployment to a target, or to all, in the order in which they began.
///
/// # Errors
/// A journal cannot be read.
pub fn history(places: &Places, target: Option<&str>) -> Result<Vec<Deployment>, JournalError> {
    let mut all = Vec::new();
    // Without the directory there was no deployment yet.
    for path in files::list(&places.journals()).unwrap_or_default() {
        let Some(id) = id_of(&path) else { continue };
        // Its writer may be in the middle of a line, which is not ours to remove.
        let journal = Journal::open(Box::new(ReadOnly(path.clone())))
            .map_err(|error| JournalError(format!("{id}: {error}")))?;
        let Some(first) = journal.records().first() else { continue };
        let Some(plan) = first.plan.clone() else { continue };
        if target.is_some_and(|target| plan.target != target) {
            continue;
        }
        let ending = journal.ending();
        all.push(Deployment {
            plan,
            began: first.ts.clone(),
            state: journal.state(),
            exit: ending.and_then(|record| record.exit),
            note: ending.map(|record| record.note.clone()).unwrap_or_default(),
        });
    }
    all.sort_by(|one, other| (&one.began, number(&one.plan)).cmp(&(&other.began, number(&other.plan))));
    Ok(all)
}

fn id_of(path: &std::path::Path) -> Option<String> {
    let name: &PathBuf = &path.into();
    (name.extension()? == "jsonl")
        .then(|| name.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
}

/// The number in a deployment's name.
fn number(plan: &Plan) -> usize {
    plan.id.rsplit('-').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// How many deployments to a target have ended.
pub(super) fn finished(places: &Places, target: &str) -> usize {
    // A journal that cannot be read is told when it is needed; here it only must not free its number.
    history(places, Some(target)).map_or(0, |all| all.iter().filter(|one| one.exit.is_some()).count())
}
