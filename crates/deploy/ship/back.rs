//! Taking back the last deployment: a deployment of its own, whose steps are the way back of the other.

use super::candidate::Opened;
use super::history::{self, Deployment};
use super::hold::Hold;
use super::overtaken;
use super::run::{carry_out, ended};
use super::{Attempt, Progress, Request};
use crate::config::Target;
use crate::journal::{Draft, Journal, JournalError, Phase};
use crate::plan::{Act, Plan};
use crate::snapshot::Snapshot;
use crate::{Exit, Report, State};

/// Restores what served before the last deployment to the target that reached its end.
#[must_use]
pub fn rollback(request: &Request, progress: &mut dyn Progress) -> Box<Report> {
    match attempt(request, progress) {
        Ok(report) | Err(report) => report,
    }
}

fn attempt(request: &Request, progress: &mut dyn Progress) -> Attempt {
    let opened = Opened::of(request, &request.target)?;
    let places = opened.places();
    let failed = |error: JournalError| Report::on(&request.target, Exit::Unsure).because(error.to_string());
    let all = history::of(&places, Some(&request.target)).map_err(failed)?;
    if all.is_empty() {
        // Where the name is that of no target, that is what is wrong.
        opened.committed()?;
    }
    let last = last_of(&all).map_err(|why| Report::on(&request.target, Exit::Usage).because(why))?;
    let candidate = opened.candidate_of(&last.plan)?;
    let hold = Hold::take(&candidate, &format!("taking back {}", last.plan.id), request)?;
    let plan = way_back(&last.plan, all.iter().filter(|one| one.exit.is_some()).count());
    if plan.steps.is_empty() {
        return Err(candidate.report(Exit::Usage).because(no_way_back(&candidate.target)));
    }
    candidate.has_programs_of_way_back(&plan).map_err(|why| candidate.report(Exit::Usage).because(why))?;
    let unsure = |why: String| candidate.report(Exit::Unsure).because(why);
    let snapshot = Snapshot::create(&candidate.commit, &places.snapshot(&plan.id)).map_err(unsure)?;
    let known = history::journal(&places, &last.plan.id);
    let begun = known.and_then(|known| Ok((known, history::journal(&places, &plan.id)?)));
    let begun = begun.and_then(|(known, journal)| begin(&plan, &known, journal, &hold));
    let mut journal = begun.map_err(|error| unsure(error.to_string()))?;
    let ending = carry_out(&candidate, &plan, (&snapshot, &hold), &mut journal, progress, None);
    snapshot.remove();
    Ok(hold.release(ended(&candidate, &plan, ending)))
}

/// The deployment that is taken back.
fn last_of(all: &[Deployment]) -> Result<&Deployment, String> {
    let moved = |one: &&Deployment| matches!(one.state, State::Done | State::RollbackFailed);
    let nothing = || "nothing was deployed from here that could be taken back".to_owned();
    let last = all.iter().rfind(moved).ok_or_else(nothing)?;
    let forward = all.iter().filter(|one| !one.is_rollback()).rfind(moved).ok_or_else(nothing)?;
    if last.is_rollback() && last.state == State::Done {
        return Err(format!(
            "`{}` has been taken back by `{}` already; deploy the commit that is wanted: shipworthy deploy {} \
            --from REV",
            forward.plan.id, last.plan.id, last.plan.target
        ));
    }
    Ok(forward)
}

/// Writes down what is about to be done, and what the other deployment had recorded.
fn begin(plan: &Plan, known: &Journal, mut journal: Journal, hold: &Hold) -> Result<Journal, JournalError> {
    journal.write(Draft::new(&plan.id, State::Planned, Phase::Done).plan(plan))?;
    for (service, facts) in known.known() {
        let service = Some(service.as_str()).filter(|name| !name.is_empty());
        let copied = Draft::new(&plan.id, State::Recorded, Phase::Observed).step("", service).observed(facts);
        journal.write(copied)?;
    }
    // After the copies: what counts is who holds the target now.
    overtaken::held_again(&mut journal, hold)?;
    Ok(journal)
}

/// What was recorded as the way back, as a plan of its own.
fn way_back(last: &Plan, finished_before: usize) -> Plan {
    let steps = last.undo.iter().filter(|step| step.act != Act::Unstage).cloned().collect();
    let plan = Plan { steps, undo: Vec::new(), ..last.clone() };
    plan.named(finished_before)
}

fn no_way_back(target: &Target) -> String {
    format!("the target `{}` has no way back: it names no `rollback`", target.name)
}
