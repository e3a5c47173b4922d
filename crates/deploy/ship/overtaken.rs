//! Whether somebody else has deployed to a target since a run was stopped or killed. What such a run has left to do, and
//! what it would lead back to, is older than what serves now: it is neither gone on with nor taken back.

use serde_json::{Map, Value, json};

use super::Places;
use super::candidate::Candidate;
use super::history::{self, Deployment};
use super::hold::Hold;
use super::run::begun;
use crate::journal::{Draft, Journal, JournalError, Phase};
use crate::machine::Ending;
use crate::plan::Plan;
use crate::{Exit, Report, Served, State};

/// The key under which a journal holds the number of whoever held the team's lock.
const FENCE: &str = "fence";

/// Why a deployment that has not ended must be left as it is; none where nobody has deployed since. Every holder of the
/// team's lock has the number after the one before, so a gap is somebody else.
pub(super) fn overtaken(places: &Places, plan: &Plan, hold: &Hold) -> Result<Option<String>, JournalError> {
    let target = &plan.target;
    let all = history::of(places, Some(target))?;
    let began = all.iter().find(|one| one.plan.id == plan.id).map(|one| one.began.clone());
    let order = |one: &Plan, began: &str| (history::number(one), began.to_owned());
    let own = order(plan, began.as_deref().unwrap_or_default());
    // What began in the same second may have come later.
    let later = |one: &&Deployment| one.plan.id != plan.id && order(&one.plan, &one.began) >= own;
    if let Some(other) = all.iter().find(later) {
        return Ok(Some(format!("`{}` was begun after it on `{target}`", other.plan.id)));
    }
    let Some(now) = hold.fence() else { return Ok(None) };
    let recorded = fence_of(&history::looked_at(places, &plan.id)?);
    if recorded.is_some_and(|fence| fence + 1 == now) {
        return Ok(None);
    }
    let then = recorded.map_or("no number".to_owned(), |fence| fence.to_string());
    Ok(Some(format!(
        "somebody else has held `{target}` since, and may have deployed to it: the lock has the number {now} now, and had \
         {then} in this run"
    )))
}

/// The number that the last run of a deployment had.
fn fence_of(journal: &Journal) -> Option<u64> {
    journal.known().get("")?.get(FENCE)?.as_u64()
}

/// What a journal says of the lock that is held.
pub(super) fn fence_as_map(hold: &Hold) -> Map<String, Value> {
    hold.fence().map(|fence| (FENCE.to_owned(), json!(fence))).into_iter().collect()
}

/// Writes down that the target is held again, so that the next run can tell whether somebody else had it in between.
pub(super) fn held_again(journal: &mut Journal, hold: &Hold) -> Result<(), JournalError> {
    let (Some(first), false) = (journal.records().first(), hold.fence().is_none()) else { return Ok(()) };
    let draft = Draft::new(&first.deploy, journal.state(), Phase::Observed);
    journal.write(draft.observed(fence_as_map(hold)).note("the target is held again")).map(drop)
}

/// The report on a run that was overtaken, and that is left as it is.
pub(super) fn left_alone(candidate: &Candidate<'_>, plan: &Plan, why: &str) -> Box<Report> {
    let id = &plan.id;
    let way = format!(
        "`{id}` was not gone on with: {why}; nothing was touched. `shipworthy deploy abort {id}` closes it and leaves what \
         serves as it is; then deploy the commit that is wanted"
    );
    let mut report = begun(candidate, plan, Exit::Unsure).because(way);
    report.otherwise = Served::Unknown;
    report.overtaken = true;
    report.next(format!("shipworthy deploy abort {id}"))
}

/// Ends a deployment that was overtaken, without an act.
pub(super) fn close(places: &Places, plan: &Plan, why: &str) -> Result<Ending, JournalError> {
    let note = format!("{why}; it was closed, and nothing was taken back");
    let mut journal = history::journal(places, &plan.id)?;
    journal.write(Draft::new(&plan.id, State::Failed, Phase::Done).exit(Exit::Failed).note(note.clone()))?;
    Ok(Ending { state: State::Failed, exit: Exit::Failed, note, serving: None })
}
