//! Deployments that were made or begun before.

use std::io::ErrorKind;
use std::path::Path;

use super::Places;
use crate::journal::{FileStore, Journal, JournalError, ReadOnly};
use crate::lock::Lock;
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
    /// Who holds the target on this machine now, where it has not ended: it may be running.
    pub held_by: Option<String>,
}

impl Deployment {
    /// Whether it took the deployment before it back; its commit is the one that was taken back.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.plan.is_rollback()
    }
}

/// Opens a journal for going on with it.
pub(super) fn journal(places: &Places, id: &str) -> Result<Journal, JournalError> {
    let store = FileStore::open(&places.journal(id))
        .map_err(|error| JournalError(format!("the journal cannot be opened: {error}")))?;
    Journal::open(Box::new(store))
}

/// Looks at the journal of a deployment, whose writer may be in the middle of a line that is not ours to remove.
pub(super) fn looked_at(places: &Places, id: &str) -> Result<Journal, JournalError> {
    let file = places.journal(id);
    Journal::open(Box::new(ReadOnly(file.clone()))).map_err(|error| {
        let file = file.display();
        JournalError(format!(
            "{id}: {error}; what it did cannot be told: look at the platform, then move {file} away"
        ))
    })
}

/// Every deployment to a target, or to all, in the order in which they began.
///
/// # Errors
/// A journal cannot be read.
pub(super) fn of(places: &Places, target: Option<&str>) -> Result<Vec<Deployment>, JournalError> {
    let mut all = Vec::new();
    for id in ids(places)? {
        if target.is_some_and(|target| target_of(&id).is_some_and(|name| name != target)) {
            continue;
        }
        let journal = looked_at(places, &id)?;
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
            held_by: None,
        });
    }
    all.sort_by(|one, other| (&one.began, number(&one.plan)).cmp(&(&other.began, number(&other.plan))));
    Ok(all)
}

/// The same with who is at work on those that have not ended.
pub(super) fn with_holders(places: &Places, target: Option<&str>) -> Result<Vec<Deployment>, JournalError> {
    let mut all = of(places, target)?;
    for one in all.iter_mut().filter(|one| one.exit.is_none()) {
        let lock = places.lock(&one.plan.target);
        one.held_by = if lock.exists() { Lock::held_by(&lock) } else { None };
    }
    Ok(all)
}

/// The deployments that a name may mean, which is their own or that of their target; all of them where it is empty.
pub(super) fn named(places: &Places, name: &str) -> Result<Vec<Deployment>, JournalError> {
    if name.is_empty() {
        return of(places, None);
    }
    let mut all = of(places, Some(name))?;
    if let Some(target) = target_of(name) {
        all.extend(of(places, Some(target))?);
    }
    Ok(all)
}

/// The names of all deployments.
pub(super) fn ids(places: &Places) -> Result<Vec<String>, JournalError> {
    let folder = places.journals();
    match files::list(&folder) {
        Ok(paths) => Ok(paths.iter().filter_map(|path| id_of(path)).collect()),
        // Without the directory there was no deployment yet; whatever else is wrong with it hides those that were.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(JournalError(format!(
            "what was deployed before cannot be told: {}: {error}",
            folder.display()
        ))),
    }
}

fn id_of(path: &Path) -> Option<String> {
    let is_journal = path.extension().is_some_and(|ending| ending == "jsonl");
    path.file_stem().filter(|_| is_journal).map(|stem| stem.to_string_lossy().into_owned())
}

/// The target in the name of a deployment, which is TARGET-N-DIGEST.
fn target_of(id: &str) -> Option<&str> {
    id.rsplitn(3, '-').nth(2)
}

/// The number in a deployment's name.
pub(super) fn number(plan: &Plan) -> usize {
    plan.id.rsplit('-').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// How many deployments to a target have ended.
pub(super) fn finished(places: &Places, target: &str) -> Result<usize, JournalError> {
    Ok(of(places, Some(target))?.iter().filter(|one| one.exit.is_some()).count())
}
