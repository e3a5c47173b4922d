//! `shipworthy deploy`.

use std::io::{IsTerminal, Write};
use std::path::Path;

use ::deploy::ship::{self, Deployment, Progress, Request};
use ::deploy::{Exit, Judged, Report, Served};
use lint::{Outcome, Severity, Verdict};
use report::TextOptions;
use serde_json::json;

use crate::args::Format;
use crate::deploy_args::{Common, DeployArgs, DeployCommand};
use crate::{output, pool, root, signals};

/// The name of a target where any is meant.
const ANY: &str = "";

pub(crate) fn run(args: &DeployArgs) -> Result<u8, String> {
    let common = &args.common;
    let root = root::open(common.directory.as_deref())?.tree.root().to_owned();
    let receipt = args.options.receipt.clone();
    let request = Request { root, wait_lock: common.wait_lock, receipt, ..Request::default() };
    if let Some(id) = &args.options.resume {
        return resume(&request, id, common);
    }
    match (&args.command, &args.target) {
        (None, Some(target)) => deploy(&request_for(request, target, args), common),
        (Some(DeployCommand::Status { target }), _) => status(&request, target.as_deref(), common),
        (Some(DeployCommand::History { target }), _) => history(&request, target.as_deref(), common),
        (Some(DeployCommand::Resume { id, receipt }), _) => {
            let request = Request { receipt: receipt.clone(), ..request };
            resume(&request, id.as_deref().unwrap_or(ANY), common)
        }
        (Some(DeployCommand::Rollback { target }), _) => {
            let request = Request { target: target.clone(), ..request };
            watched(&request, common, |progress| ship::rollback(&request, progress))
        }
        (Some(DeployCommand::Abort { id, reason }), _) => {
            let id = id.as_deref().unwrap_or(ANY);
            watched(&request, common, |progress| ship::abort(&request, id, reason, progress))
        }
        (Some(DeployCommand::Unlock { target, reason }), _) => unlock(&request, target, reason),
        (None, None) => Err("name a target".to_owned()),
    }
}

fn request_for(request: Request, target: &str, args: &DeployArgs) -> Request {
    let options = &args.options;
    Request {
        target: target.to_owned(),
        from: options.from.clone(),
        allow_dirty: options.allow_dirty,
        dry_run: options.dry_run,
        plan_out: options.plan_out.clone(),
        apply: options.apply.clone(),
        break_glass: options.break_glass.clone(),
        overrides: options.overrides.clone(),
        no_cache: options.no_cache,
        ..request
    }
}

fn deploy(request: &Request, common: &Common) -> Result<u8, String> {
    let asks = !common.yes && !request.dry_run;
    if asks && !std::io::stdin().is_terminal() {
        let target = &request.target;
        return Err(format!(
            "nobody can be asked whether to deploy to `{target}`: there is no terminal; add `--yes`"
        ));
    }
    if asks && !agreed(&request.target)? {
        return Ok(Exit::Interrupted.code());
    }
    watched(request, common, |progress| ship::deploy(request, progress))
}

fn agreed(target: &str) -> Result<bool, String> {
    output::note(&format!("deploy to `{target}`? `--dry-run` shows what would be done [y/N]"));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn resume(request: &Request, id: &str, common: &Common) -> Result<u8, String> {
    watched(request, common, |progress| ship::resume(request, id, progress))
}

/// Lines on standard error, the same on a terminal and in a log.
struct Lines;

impl Progress for Lines {
    fn tell(&mut self, line: &str) {
        output::note(&source::redact::sentence(line));
    }
}

/// Runs with big stacks, and prints what came of it.
fn watched(
    request: &Request,
    common: &Common,
    work: impl FnOnce(&mut dyn Progress) -> Box<Report> + Send,
) -> Result<u8, String> {
    signals::ask(&request.interrupt)?;
    let report = pool::run(None, || Shown::of(work(&mut Lines), &request.root, common.directory.as_deref()))?;
    let Shown { text, json, exit } = report?;
    output::print(if common.format == Format::Json { &json } else { &text })?;
    Ok(exit)
}

/// A report as it is printed.
struct Shown {
    text: Vec<u8>,
    json: Vec<u8>,
    exit: u8,
}

impl Shown {
    /// `root` is the directory of the repository that was asked about, `directory` how the caller has named it.
    fn of(report: Box<Report>, root: &Path, directory: Option<&Path>) -> Result<Self, String> {
        let exit = report.exit.code();
        let json = json_of(&report, directory)?;
        let text = text_of(*report, root, directory)?;
        Ok(Self { text, json, exit })
    }
}

fn json_of(report: &Report, directory: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut value = json!({
        "version": 1,
        "target": report.target,
        "environment": report.environment,
        "state": report.state,
        "exit": report.exit.code(),
        "commit": report.commit,
        "tree": report.tree,
        "deploy": report.deploy,
        "serving": serving(report),
        "next": next(&report.next, directory),
        "scope": report.scope,
        "findings": ::report::findings_json(&report.findings),
        "problems": ::report::problems_json(&report.problems),
    });
    if let (Some(plan), Some(object)) = (&report.plan, value.as_object_mut()) {
        object.insert("plan".to_owned(), json!(plan));
    }
    let mut bytes = serde_json::to_vec_pretty(&value).map_err(|error| error.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn text_of(report: Report, root: &Path, directory: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    if let Some(plan) = &report.plan {
        bytes.extend(plan.bytes());
        // Standard output is the plan and nothing else, so that it can be compared and kept.
        output::note(&last_line(&report, directory));
        return Ok(bytes);
    }
    let last = last_line(&report, directory);
    write_findings(report, (root, directory), &mut bytes)?;
    writeln!(bytes, "{last}").map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Findings and problems, with the lines of the commit that they are about.
fn write_findings(
    report: Report,
    (root, directory): (&Path, Option<&Path>),
    bytes: &mut Vec<u8>,
) -> Result<(), String> {
    if report.findings.is_empty() {
        for problem in &report.problems {
            let at = if problem.path.is_empty() {
                String::new()
            } else {
                format!("{}:{}: ", problem.path, problem.line)
            };
            let line = source::redact::sentence(&problem.message);
            writeln!(bytes, "{at}{line}").map_err(|error| error.to_string())?;
        }
        return Ok(());
    }
    let tree = report.commit.as_ref().zip(report.tree.as_ref()).and_then(|(commit, tree)| {
        let repository = git::Repository::open(root).ok()?;
        git::Commit::with_tree(&repository, commit, tree).ok()
    });
    let judged = report.judged.unwrap_or(Judged { verdict: Verdict::Unsure, fail_on: Severity::Error });
    let outcome = Outcome {
        verdict: judged.verdict,
        files: 0,
        findings: report.findings,
        suppressed: Vec::new(),
        fixed: Vec::new(),
        problems: report.problems,
        environments: Vec::new(),
        concealed: report.concealed,
    };
    let check = next("shipworthy check", directory);
    let options =
        TextOptions { colors: output::colors(), quiet: false, fail_on: judged.fail_on, check: Some(&check) };
    let nothing = source::Memory::new();
    let written = match &tree {
        Some(tree) => ::report::text(&outcome, tree, &options, bytes),
        None => ::report::text(&outcome, &nothing, &options, bytes),
    };
    written.map_err(|error| error.to_string())
}

/// What users see, in the words of every output; none where nobody knows, or where there is nothing to say.
fn serving(report: &Report) -> Option<String> {
    // Of a target that nobody knows, and where nothing was done, there is nothing to say.
    if report.environment.is_none() || report.exit == Exit::Usage {
        return None;
    }
    match (&report.serving, report.otherwise) {
        (Some(serving), _) => Some(serving.clone()),
        (None, Served::Before) => Some("what it served before".to_owned()),
        (None, Served::Commit) => {
            let commit = report.commit.as_deref().unwrap_or("");
            Some(format!("commit {}", commit.get(..12).unwrap_or(commit)))
        }
        (None, Served::Unknown) => None,
    }
}

/// Target, state, what serves, and the command to go on with.
fn last_line(report: &Report, directory: Option<&Path>) -> String {
    let is_unknown = report.otherwise == Served::Unknown && report.environment.is_some();
    let serving = match serving(report) {
        Some(serving) => format!(", serving {serving}"),
        None if is_unknown && report.exit != Exit::Usage => {
            ", serving unknown, look at the platform".to_owned()
        }
        None => String::new(),
    };
    let target = if report.target == ANY { "no target" } else { &report.target };
    let (state, exit, next) = (report.state, report.exit.code(), next(&report.next, directory));
    let scope = report.scope.map(|scope| format!(", judged for the {scope} alone")).unwrap_or_default();
    format!("{target}: {state} (exit {exit}){serving}{scope}; next: {next}")
}

/// A command that is given to go on with, for the same repository.
fn next(command: &str, directory: Option<&Path>) -> String {
    let Some(directory) = directory else { return command.to_owned() };
    let directory = directory.to_string_lossy();
    let directory = output::quoted(&directory);
    if let Some(rest) = command.strip_prefix("shipworthy check") {
        return format!("shipworthy check {directory}{rest}");
    }
    match command.strip_prefix("git ") {
        Some(rest) => format!("git -C {directory} {rest}"),
        None => format!("{command} -C {directory}"),
    }
}

fn history(request: &Request, target: Option<&str>, common: &Common) -> Result<u8, String> {
    let all = match ship::deployments(request, target) {
        Ok(all) => all,
        Err(report) => return print_report(report, request, common),
    };
    if all.is_empty()
        && let Some(exit) = unknown(request, target, common)?
    {
        return Ok(exit);
    }
    print_deployments(&all, common)
}

/// The last deployment of each target.
fn status(request: &Request, target: Option<&str>, common: &Common) -> Result<u8, String> {
    let all = match ship::deployments(request, target) {
        Ok(all) => all,
        Err(report) => return print_report(report, request, common),
    };
    let mut last: Vec<Deployment> = Vec::new();
    for one in all {
        last.retain(|other| other.plan.target != one.plan.target);
        last.push(one);
    }
    if last.is_empty()
        && let Some(exit) = unknown(request, target, common)?
    {
        return Ok(exit);
    }
    let waits = last.iter().any(|one| one.exit.is_none() && one.held_by.is_none());
    let runs = last.iter().any(|one| one.held_by.is_some());
    print_deployments(&last, common)?;
    Ok(match (waits, runs) {
        (true, _) => Exit::Interrupted.code(),
        (false, true) => Exit::Locked.code(),
        (false, false) => Exit::Done.code(),
    })
}

/// Says so where a target that was never deployed to is none at all.
fn unknown(request: &Request, target: Option<&str>, common: &Common) -> Result<Option<u8>, String> {
    let Some(target) = target else { return Ok(None) };
    let request = Request { target: target.to_owned(), ..request.clone() };
    let Err(report) = ship::is_target(&request) else { return Ok(None) };
    print_report(report, &request, common).map(Some)
}

fn print_report(report: Box<Report>, request: &Request, common: &Common) -> Result<u8, String> {
    let Shown { text, json, exit } = Shown::of(report, &request.root, common.directory.as_deref())?;
    output::print(if common.format == Format::Json { &json } else { &text })?;
    Ok(exit)
}

fn print_deployments(all: &[Deployment], common: &Common) -> Result<u8, String> {
    let mut bytes = Vec::new();
    if common.format == Format::Json {
        let rows = all.iter().map(|one| {
            json!({ "deploy": one.plan.id, "target": one.plan.target, "environment": one.plan.environment,
                    "began": one.began, "state": one.state, "exit": one.exit.map(Exit::code),
                    "commit": one.plan.commit, "tree": one.plan.tree, "rollback": one.is_rollback(),
                    "overrides": one.plan.overrides })
        });
        let value = json!({ "version": 1, "deployments": rows.collect::<Vec<_>>() });
        bytes = serde_json::to_vec_pretty(&value).map_err(|error| error.to_string())?;
        bytes.push(b'\n');
        output::print(&bytes)?;
        return Ok(0);
    }
    if all.is_empty() {
        output::note("nothing was deployed from here yet");
    }
    for one in all {
        let commit = one.plan.commit.get(..12).unwrap_or(&one.plan.commit);
        let end = match (one.exit, &one.held_by) {
            (Some(exit), _) => format!("exit {}", exit.code()),
            (None, Some(who)) => format!("at work: {who}"),
            (None, None) => {
                let resume = format!("shipworthy deploy resume {}", one.plan.id);
                format!("not ended; next: {}", next(&resume, common.directory.as_deref()))
            }
        };
        let commit =
            if one.is_rollback() { format!("took back {commit}") } else { format!("commit {commit}") };
        let broken = if one.plan.overrides.is_empty() { "" } else { ", glass broken" };
        writeln!(bytes, "{} {} {} {commit}{broken}, {end}", one.began, one.plan.id, one.state)
            .map_err(|error| error.to_string())?;
    }
    output::print(&bytes)?;
    Ok(0)
}

fn unlock(request: &Request, target: &str, reason: &str) -> Result<u8, String> {
    let request = Request { target: target.to_owned(), ..request.clone() };
    match ship::unlock(&request, reason) {
        Ok(said) => output::print(format!("{said}\n").as_bytes()).map(|()| 0),
        Err(report) => {
            let exit = report.exit.code();
            let said: Vec<&str> = report.problems.iter().map(|problem| problem.message.as_str()).collect();
            output::print(format!("{}\n", said.join("\n")).as_bytes()).map(|()| exit)
        }
    }
}
