//! Carrying out a plan: a new one, or one that was begun before.

use lint::gate::Clearance;
use serde_json::{Map, Value, json};

use super::candidate::{Candidate, Opened};
use super::history::{self, Deployment};
use super::hold::Hold;
use super::overtaken::{self, overtaken};
use super::{Attempt, Places, Progress, Request, platform, said};
use crate::command_runner::CommandRunner;
use crate::journal::{Draft, Journal, JournalError, Phase, Record};
use crate::machine::{Ending, Machine, Watch};
use crate::plan::{Act, Plan, Step};
use crate::provider::Provider;
use crate::snapshot::Snapshot;
use crate::{Exit, Report, Served, State, files};

/// Carries out a plan whose files the gate has cleared.
pub(super) fn ship(
    opened: &Opened,
    candidate: &Candidate<'_>,
    clearance: &Clearance,
    plan: &Plan,
    (request, hold): (&Request, &Hold),
    progress: &mut dyn Progress,
) -> Attempt {
    let places = opened.places();
    let cleared = clearance.tree() == plan.tree
        && clearance.commit() == plan.commit
        && clearance.target() == plan.target;
    if !cleared {
        return Err(candidate.report(Exit::Unsure).because("the clearance is for other files than the plan"));
    }
    let unsure = |why: String| candidate.report(Exit::Unsure).because(why);
    let snapshot = Snapshot::create(&candidate.commit, &places.snapshot(&plan.id)).map_err(unsure)?;
    gate_commands(candidate, plan, &snapshot, progress)?;
    let receipt = candidate.receipt_of(clearance, &snapshot);
    let written = files::private_directory(places.receipt("x").parent().unwrap_or(&places.journals()))
        .and_then(|()| files::write_private(&places.receipt(&plan.id), &receipt.bytes()));
    written.map_err(|error| unsure(format!("the receipt cannot be written: {error}")))?;
    let mut journal = history::journal(&places, &plan.id).map_err(|error| unsure(error.to_string()))?;
    if journal.records().is_empty() {
        let begun = begin(&mut journal, plan, &snapshot, &receipt.digest(), (request.no_cache, hold));
        begun.map_err(|error| unsure(error.to_string()))?;
    } else {
        overtaken::held_again(&mut journal, hold).map_err(|error| unsure(error.to_string()))?;
    }
    let ending = carry_out(candidate, plan, (&snapshot, hold), &mut journal, progress, None);
    let report = ended(candidate, plan, ending);
    add_images(receipt, &journal, &places, plan);
    if report.exit != Exit::Interrupted {
        snapshot.remove();
    }
    if report.exit == Exit::Done { Ok(report) } else { Err(report) }
}

/// Writes down what is about to be done.
fn begin(
    journal: &mut Journal,
    plan: &Plan,
    snapshot: &Snapshot,
    receipt: &str,
    (no_cache, hold): (bool, &Hold),
) -> Result<(), JournalError> {
    let record = |state| Draft::new(&plan.id, state, Phase::Done);
    let facts = |pairs: &[(&str, Value)]| -> Map<String, Value> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    };
    journal.write(record(State::Planned).plan(plan).observed(facts(&[("plan", json!(plan.digest()))])))?;
    journal.write(record(State::Snapshot).observed(facts(&[("snapshot", json!(snapshot.digest()))])))?;
    let gated = facts(&[
        ("receipt", json!(receipt)),
        ("overrides", json!(plan.overrides)),
        ("no_cache", json!(no_cache)),
    ]);
    let note = if plan.reason.is_empty() { String::new() } else { format!("glass broken: {}", plan.reason) };
    journal.write(record(State::Gated).observed(gated).note(note))?;
    journal.write(record(State::Locked).observed(overtaken::fence_as_map(hold)))?;
    Ok(())
}

/// The commands that belong to the gate.
fn gate_commands(
    candidate: &Candidate<'_>,
    plan: &Plan,
    snapshot: &Snapshot,
    progress: &mut dyn Progress,
) -> Result<(), Box<Report>> {
    if candidate.gate.commands.is_empty() {
        return Ok(());
    }
    progress.tell("running the gate's commands");
    let unsure = |why: String| candidate.report(Exit::Unsure).because(why);
    let mut runner = command_runner(candidate, plan, snapshot).map_err(unsure)?;
    let step = Step::new(State::Gated, None, Act::Smoke).running(candidate.gate.commands.clone());
    let reply = runner.run_step(&step);
    if let Some(why) = reply.trouble {
        snapshot.remove();
        return Err(candidate.report(Exit::Refused).because(format!("a command of the gate refuses: {why}")));
    }
    snapshot.verify().map_err(|why| unsure(format!("a command of the gate changed the snapshot: {why}")))
}

fn command_runner(
    candidate: &Candidate<'_>,
    plan: &Plan,
    snapshot: &Snapshot,
) -> Result<CommandRunner, String> {
    let out = candidate.opened.places().out(&plan.id);
    files::private_directory(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    // A variable that is not text cannot be passed on, and a secret in it could not be recognised.
    let caller = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(CommandRunner::new(
        Box::new(candidate.opened.runner()),
        &candidate.target,
        plan,
        snapshot,
        &out,
        caller.collect(),
    ))
}

/// Runs the machine over a plan, forward or, with a reason, back.
pub(super) fn carry_out(
    candidate: &Candidate<'_>,
    plan: &Plan,
    (snapshot, hold): (&Snapshot, &Hold),
    journal: &mut Journal,
    progress: &mut dyn Progress,
    give_up: Option<&str>,
) -> Result<Ending, String> {
    let (steps, undo) = platform::steps(&candidate.target, false);
    let plan = &plan.clone().completed(&steps, &undo)?;
    let mut runner = command_runner(candidate, plan, snapshot)?;
    if let Some(fence) = hold.fence() {
        runner.set("SHIPWORTHY_FENCE", &fence.to_string());
    }
    let mut provider = platform::provider(&candidate.target, plan, runner);
    let mut watch = Guard { candidate, hold, snapshot: snapshot.clone(), progress, moved: false };
    let provider: &mut dyn Provider = provider.as_mut();
    let mut machine = Machine { plan, journal, provider, watch: &mut watch };
    let ending = match give_up {
        Some(reason) => machine.abort(reason),
        None => machine.run(),
    };
    ending.map_err(|error| error.to_string())
}

/// What is asked before each step.
struct Guard<'g, 'o> {
    candidate: &'g Candidate<'o>,
    hold: &'g Hold,
    snapshot: Snapshot,
    progress: &'g mut dyn Progress,
    moved: bool,
}

impl Watch for Guard<'_, '_> {
    fn holds(&mut self, step: &Step) -> Result<(), String> {
        // Before users see something else the remote is asked; otherwise what is known of the lock will do.
        self.hold.holds(step.act.changes_what_serves())
    }

    fn may(&mut self, step: &Step) -> Result<(), String> {
        let altered = self.snapshot.verify();
        if matches!(step.state, State::RollingBack | State::Unstaging) && altered.is_err() {
            // Whatever happened to the files, users are not left where they are.
            self.snapshot = Snapshot::create(&self.candidate.commit, self.snapshot.root())?;
            return Ok(());
        }
        altered?;
        if step.act.moves_traffic() && !self.moved {
            self.candidate.up_to_date()?;
            self.moved = true;
        }
        Ok(())
    }

    fn stop(&mut self) -> bool {
        self.candidate.opened.interrupt.is_asked() || self.progress.stop()
    }

    fn is_at_once(&self) -> bool {
        self.candidate.opened.interrupt.is_at_once()
    }

    fn tell(&mut self, record: &Record) {
        let service = record.svc.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        let line = match record.phase {
            Phase::Intent => format!("{}{service} …", record.state),
            Phase::Done if record.idem.is_empty() => return,
            Phase::Done => format!("{}{service} done", record.state),
            Phase::Failed => format!("{}{service} failed: {}", record.state, record.note),
            Phase::Observed => format!("{}{service} had been done before", record.state),
            Phase::Turned => format!("{}: {}", record.state, record.note),
            Phase::Interrupted => format!("stopped at {}", record.state),
        };
        self.progress.tell(&line);
    }
}

/// A report on a deployment that was begun, with what its journal says on the disk.
pub(super) fn begun(candidate: &Candidate<'_>, plan: &Plan, exit: Exit) -> Box<Report> {
    let journal = history::looked_at(&candidate.opened.places(), &plan.id).ok();
    candidate.report(exit).on_begun(plan, journal.as_ref())
}

/// The report on a run of the machine.
pub(super) fn ended(candidate: &Candidate<'_>, plan: &Plan, ending: Result<Ending, String>) -> Box<Report> {
    let target = &plan.target;
    let mut report = begun(candidate, plan, Exit::Interrupted);
    let ending = match ending {
        Ok(ending) => ending,
        Err(why) => {
            report.cut_off = true;
            return report.because(why);
        }
    };
    report.exit = ending.exit;
    report.state = ending.state;
    report.serving = ending.serving;
    match ending.state {
        // A way back that was taken as a deployment of its own ends there, too.
        State::Done if plan.is_rollback() => {
            report.otherwise = Served::Before;
        }
        State::Done => report.otherwise = Served::Commit,
        State::RolledBack => report.otherwise = Served::Before,
        _ => {}
    }
    match ending.exit {
        Exit::Done => report.next = format!("shipworthy deploy status {target}"),
        Exit::Interrupted => {}
        Exit::RollbackFailed if plan.leads_back() => {
            report.next = format!("shipworthy deploy rollback {target}");
        }
        _ => report.next = format!("shipworthy deploy {target}"),
    }
    if ending.exit == Exit::Done { report } else { report.because(ending.note) }
}

/// Completes the receipt with what was built.
fn add_images(mut receipt: crate::Receipt, journal: &Journal, places: &Places, plan: &Plan) {
    let mut added = false;
    for (service, facts) in journal.known() {
        if let Some(image) = facts.get("image").and_then(Value::as_str) {
            receipt.add_image(&service, image.rsplit('@').next().unwrap_or(image));
            added = true;
        }
    }
    if added {
        // The journal holds the digests too; the receipt is for those who ask later.
        let _ = files::write_private(&places.receipt(&plan.id), &receipt.bytes());
    }
}

/// Whether a plan that was begun before, by its name, may be gone on with.
pub(super) fn not_overtaken(candidate: &Candidate<'_>, plan: &Plan, hold: &Hold) -> Result<(), Box<Report>> {
    let places = candidate.opened.places();
    let unsure = |error: JournalError| candidate.report(Exit::Unsure).because(error.to_string());
    let all = history::of(&places, Some(&plan.target)).map_err(unsure)?;
    if all.iter().all(|one| one.plan.id != plan.id || one.exit.is_some()) {
        return Ok(());
    }
    match overtaken(&places, plan, hold).map_err(unsure)? {
        Some(why) => Err(overtaken::left_alone(candidate, plan, &why)),
        None => Ok(()),
    }
}

/// Brings an earlier deployment to the target to its end, unless it is the one that is planned now.
pub(super) fn settle_earlier(
    opened: &Opened,
    plan: &Plan,
    hold: &Hold,
    progress: &mut dyn Progress,
) -> Result<(), Ending> {
    let failed = |why: String| Ending { state: State::Planned, exit: Exit::Unsure, note: why, serving: None };
    let all = history::of(&opened.places(), Some(&plan.target)).map_err(|error| failed(error.to_string()))?;
    for earlier in all.into_iter().filter(|one| one.exit.is_none() && one.plan.id != plan.id) {
        let id = &earlier.plan.id;
        let places = opened.places();
        let closed = |why: String| overtaken::close(&places, &earlier.plan, &why).map(|_| why);
        let why = overtaken(&places, &earlier.plan, hold).and_then(|why| why.map(closed).transpose());
        if let Some(why) = why.map_err(|error| failed(error.to_string()))? {
            progress.tell(&format!("{id} was not brought to an end, and is left as it is: {why}"));
            continue;
        }
        progress.tell(&format!("{id} was not brought to an end; going back from {}", earlier.state));
        // Its way forward is the way back of another.
        let give_up = (!earlier.is_rollback()).then_some("another deployment takes its place");
        let ending = bring_to_an_end(opened, &earlier, give_up, hold, progress).map_err(failed)?;
        if ending.exit == Exit::RollbackFailed || ending.exit == Exit::Interrupted {
            return Err(ending);
        }
    }
    Ok(())
}

/// Brings an earlier deployment to its end: back with a reason to give it up, forward without.
fn bring_to_an_end(
    opened: &Opened,
    earlier: &Deployment,
    give_up: Option<&str>,
    hold: &Hold,
    progress: &mut dyn Progress,
) -> Result<Ending, String> {
    let candidate = opened.candidate_of(&earlier.plan).map_err(|report| said(&report))?;
    let places = opened.places();
    let snapshot = Snapshot::create(&candidate.commit, &places.snapshot(&earlier.plan.id))?;
    let mut journal = history::journal(&places, &earlier.plan.id).map_err(|error| error.to_string())?;
    overtaken::held_again(&mut journal, hold).map_err(|error| error.to_string())?;
    let ending = carry_out(&candidate, &earlier.plan, (&snapshot, hold), &mut journal, progress, give_up);
    snapshot.remove();
    ending
}

/// Goes on with a deployment that was stopped or killed. Where the gate would refuse it today, the way leads back.
#[must_use]
pub fn resume(request: &Request, id: &str, progress: &mut dyn Progress) -> Box<Report> {
    let mut attempt = || -> Attempt {
        let (opened, earlier) = find(request, id)?;
        let candidate = opened.candidate_of(&earlier.plan)?;
        let hold = Hold::take(&candidate, &format!("going on with {}", earlier.plan.id), request)
            .map_err(|report| untouched(&candidate, &earlier, *report))?;
        let resumed = go_on(request, (&candidate, &hold), &earlier, progress);
        let (Ok(report) | Err(report)) = resumed;
        Ok(hold.release(report))
    };
    match attempt() {
        Ok(report) | Err(report) => report,
    }
}

fn go_on(
    request: &Request,
    (candidate, hold): (&Candidate<'_>, &Hold),
    earlier: &Deployment,
    progress: &mut dyn Progress,
) -> Attempt {
    let (opened, plan) = (candidate.opened, &earlier.plan);
    let unsure = |error: JournalError| candidate.report(Exit::Unsure).because(error.to_string());
    if earlier.exit.is_some() {
        let journal = history::journal(&opened.places(), &plan.id).map_err(unsure)?;
        return Ok(settled(candidate, earlier, &journal));
    }
    if let Some(why) = overtaken(&opened.places(), plan, hold).map_err(unsure)? {
        return Err(overtaken::left_alone(candidate, plan, &why));
    }
    if earlier.is_rollback() {
        // What leads back has asked no gate when it began, either.
        let ending = bring_to_an_end(opened, earlier, None, hold, progress);
        return Ok(ended(candidate, plan, ending));
    }
    let mut again = request.clone();
    again.target.clone_from(&plan.target);
    again.overrides.clone_from(&plan.overrides);
    again.break_glass = Some(plan.reason.clone()).filter(|reason| !reason.is_empty());
    match candidate.clear(&again) {
        Ok(clearance) if clearance.policy() == plan.policy => {
            if let Err(why) = candidate.has_programs(plan) {
                note_hold(candidate, plan, hold).map_err(unsure)?;
                return Err(untouched(candidate, earlier, *candidate.report(Exit::Usage).because(why)));
            }
            ship(opened, candidate, &clearance, plan, (&again, hold), progress)
        }
        Ok(_) => {
            let why = "the rules or the program have changed since";
            Ok(back(opened, (candidate, hold), earlier, why, progress))
        }
        Err(refusal) if refusal.exit == Exit::Refused => {
            let why = "the gate does not clear it any more";
            let report = back(opened, (candidate, hold), earlier, why, progress);
            Ok(report.telling(*refusal))
        }
        // What could not be judged is no reason to take anything from users.
        Err(report) => {
            note_hold(candidate, plan, hold).map_err(unsure)?;
            Err(untouched(candidate, earlier, *report))
        }
    }
}

/// A run that does nothing has held the target all the same.
fn note_hold(candidate: &Candidate<'_>, plan: &Plan, hold: &Hold) -> Result<(), JournalError> {
    let mut journal = history::journal(&candidate.opened.places(), &plan.id)?;
    overtaken::held_again(&mut journal, hold)
}

/// A report on a deployment that was begun before, and that this run has left as it was.
fn untouched(candidate: &Candidate<'_>, earlier: &Deployment, told: Report) -> Box<Report> {
    let report = begun(candidate, &earlier.plan, told.exit).telling(told);
    let way = format!("nothing was touched; `shipworthy deploy abort {}` leads back", earlier.plan.id);
    report.because(way)
}

/// A deployment that has ended stays as it is.
fn settled(candidate: &Candidate<'_>, earlier: &Deployment, journal: &Journal) -> Box<Report> {
    let serving = journal
        .known()
        .get("")
        .and_then(|facts| facts.get("serving"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let exit = earlier.exit.unwrap_or(Exit::Unsure);
    let ending = Ending { state: earlier.state, exit, note: earlier.note.clone(), serving };
    ended(candidate, &earlier.plan, Ok(ending))
}

fn back(
    opened: &Opened,
    (candidate, hold): (&Candidate<'_>, &Hold),
    earlier: &Deployment,
    reason: &str,
    progress: &mut dyn Progress,
) -> Box<Report> {
    let ending = bring_to_an_end(opened, earlier, Some(reason), hold, progress);
    ended(candidate, &earlier.plan, ending)
}

/// Gives a deployment up that was stopped or killed, and leads back.
#[must_use]
pub fn abort(request: &Request, id: &str, reason: &str, progress: &mut dyn Progress) -> Box<Report> {
    let mut attempt = || -> Attempt {
        let (opened, earlier) = find(request, id)?;
        let candidate = opened.candidate_of(&earlier.plan)?;
        let hold = Hold::take(&candidate, &format!("giving up {}", earlier.plan.id), request)
            .map_err(|report| untouched(&candidate, &earlier, *report))?;
        let unsure = |error: JournalError| candidate.report(Exit::Unsure).because(error.to_string());
        let open = earlier.exit.is_none();
        let why =
            if open { overtaken(&opened.places(), &earlier.plan, &hold).map_err(unsure)? } else { None };
        let report = match why {
            Some(why) => {
                let ending = overtaken::close(&opened.places(), &earlier.plan, &why).map_err(unsure)?;
                let mut report = ended(&candidate, &earlier.plan, Ok(ending));
                report.otherwise = Served::Unknown;
                report
            }
            None => back(&opened, (&candidate, &hold), &earlier, reason, progress),
        };
        Ok(hold.release(report))
    };
    match attempt() {
        Ok(report) | Err(report) => report,
    }
}

/// The deployment of this name; without a name, the one that has not ended.
fn find(request: &Request, id: &str) -> Result<(Opened, Deployment), Box<Report>> {
    let opened = Opened::of(request, &request.target)?;
    let usage =
        |why: String| Report::on(&request.target, Exit::Usage).because(why).next("shipworthy deploy history");
    let places = opened.places();
    let unsure = |error: JournalError| Report::on(&request.target, Exit::Unsure).because(error.to_string());
    let all = history::named(&places, id).map_err(unsure)?;
    let wanted = |one: &Deployment| {
        if id.is_empty() { one.exit.is_none() } else { one.plan.id == id || one.plan.target == id }
    };
    let open_first =
        all.iter().filter(|one| wanted(one)).max_by_key(|one| (one.exit.is_none(), one.began.clone()));
    match open_first {
        Some(found) => {
            let opened = Opened::of(request, &found.plan.target)?;
            Ok((opened, found.clone()))
        }
        None if id.is_empty() => Err(usage("no deployment waits to be gone on with".to_owned())),
        None => {
            let names = history::ids(&places).map_err(unsure)?;
            let hint = lint::did_you_mean(id, names.iter().map(String::as_str));
            Err(usage(format!("there is no deployment named `{id}`.{hint}")))
        }
    }
}
