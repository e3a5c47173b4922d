//! GitHub workflows: what their steps build and deploy.

use std::collections::BTreeMap;

use source::{Span, file_name, join, tokens};
use syntax::yaml::{self, Budget, View};

use crate::collect::actions;
use crate::collect::before_checkout::too_early;
use crate::collect::changed_folders::changed_folders;
use crate::collect::commands::{Command, is_known_path};
use crate::collect::compose_calls::compose_calls;
use crate::collect::cut_commands::cut_commands;
use crate::collect::deploying::{call_deploys, step_deploys};
use crate::collect::env_context::never_set;
use crate::collect::environment_words::environment_words;
use crate::collect::gates::{silenced, unheard_health};
use crate::collect::gh_calls::without_repository;
use crate::collect::github_env::{not_obeyed, read_too_soon};
use crate::collect::made_files::made_files;
use crate::collect::oc_calls::template_calls;
use crate::collect::programs::{brings_files, compiles, mark_guarded_builds, needed_files};
use crate::collect::script::shell_commands;
use crate::collect::shell_booleans::never_empty;
use crate::collect::shell_environment::never_given;
use crate::collect::shell_git_refs::never_equal;
use crate::collect::shell_text::ShellText;
use crate::collect::string_compares::string_compares;
use crate::collect::workflow_matrix::{Run, filled as filled_by_matrix, runs};
use crate::collect::workflow_steps::{Step, read_steps};
use crate::collect::workflow_variables::{filled, literals};
use crate::collect::{
    refused_files, started, workflow_calls, workflow_contexts, workflow_env, workflow_fallbacks,
    workflow_flaws, workflow_secrets,
};
use crate::compose_service::ComposeCall;
use crate::environment::named_by_words;
use crate::record::{Build, Document, Record, Use, UseKind};
use crate::run_image::ImageName;
use crate::workflow::WorkflowFlaw;
use crate::workflow_call::WorkflowCall;
use crate::{script_flaws, shell_flaws};

/// The facts of a workflow, and whether it deploys.
#[must_use]
pub(crate) fn record(document: &Document) -> (Record, bool) {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut record =
        Record { refused_files: refused_files::of_workflow(document, &parsed), ..Record::default() };
    let mut variables = Vec::new();
    let mut puts_out = false;
    for part in &parsed.tree.documents {
        workflow_calls::add(document, part.view(&budget), &mut record);
        workflow_contexts::add(document, part.view(&budget), &mut record);
        workflow_flaws::add(document, part.view(&budget), &mut record);
        let root = part.view(&budget);
        if let Some(shared) = root.get("env") {
            record.secret_fallbacks.extend(workflow_fallbacks::fallbacks(document, shared, None));
        }
        let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
        let names: Vec<&str> = jobs.iter().map(|(name, _)| name.as_str().unwrap_or("")).collect();
        let jobs: Vec<workflow_env::Job<'_>> =
            jobs.iter().zip(&names).map(|((_, job), name)| (*job, environment_of(name, *job))).collect();
        variables.extend(workflow_env::variables(document, root, &jobs));
        for ((job, environment), name) in jobs.into_iter().zip(names) {
            let deploys = started::deploys(&document.path, root, name, environment);
            record.secret_fallbacks.extend(workflow_fallbacks::fallbacks(document, job, environment));
            let job = Job { root, view: job, steps: read_steps(document, root, job), environment, deploys };
            puts_out |= call_deploys(job.view) || job.steps.iter().any(step_deploys);
            record.workflow_flaws.extend(flaws_of_steps(document, name, &job));
            read_steps_in_order(document, &job, &mut record);
            record.silenced_gates.extend(unheard_health(&job.steps));
            record.uses.extend(own_files(document, &job));
            if let Some(file) = record.workflow_files.last_mut() {
                file.action_calls.extend(action_calls(document, name, &job));
            }
            record.compose_calls.extend(compose_calls_of(&job));
            record.workflow_secrets.extend(workflow_secrets::of_job(document, job.view, environment));
        }
    }
    record.problems.extend(document.problems(&parsed.errors));
    let builds = record.uses.iter().any(|used| matches!(used.what, UseKind::Build(_)));
    let deploys = !record.secrets.is_empty() || !record.settings.is_empty() || builds;
    // Of what is no YAML not every step is known.
    let is_broken = !parsed.errors.is_empty();
    let by_name = || tokens(file_name(&document.path)).any(|word| word == "deploy" || word == "deployment");
    let puts_out = puts_out || is_broken && by_name();
    let deploys = deploys || puts_out;
    // What seems to be missing may stand behind the place where the reading ended.
    if is_broken {
        record.workflow_flaws.clear();
    }
    let read = record.workflow_files.iter_mut().flat_map(|file| &mut file.outputs_read);
    let flaws = record.workflow_flaws.iter_mut().chain(read.map(|read| &mut read.flaw));
    flaws.for_each(|flaw| flaw.deploys = deploys);
    record.settings.extend(variables);
    // A test that stands before no deployment lets nothing through.
    if !puts_out {
        record.silenced_gates.clear();
        record.secret_fallbacks.clear();
    }
    (record, deploys)
}

/// `environment:` of the job, else the words of its name.
fn environment_of(name: &str, job: View<'_>) -> Option<&'static str> {
    let declared =
        job.get("environment").and_then(|value| value.as_str().or_else(|| value.get("name")?.as_str()));
    declared.and_then(named_by_words).or_else(|| named_by_words(name))
}

/// A job of the workflow `root`, the environment that it is for, and whether it deploys.
struct Job<'d> {
    root: View<'d>,
    view: View<'d>,
    steps: Vec<Step<'d>>,
    environment: Option<&'static str>,
    deploys: bool,
}

/// What the steps of a job read and do not have, and what the runner does not take from them.
fn flaws_of_steps(document: &Document, name: &str, job: &Job<'_>) -> Vec<WorkflowFlaw> {
    let levels = (job.root, job.view);
    let mut found = without_repository(document, name, job.view, &job.steps);
    found.extend(too_early(document, name, job.view, &job.steps));
    found.extend(read_too_soon(document, name, &job.steps));
    found.extend(not_obeyed(document, name, &job.steps));
    found.extend(never_set(document, levels, name, &job.steps));
    found.extend(never_given(document, levels, name, &job.steps));
    found.extend(never_equal(name, &job.steps));
    found.extend(never_empty(name, &job.steps));
    found
}

/// The steps in their order: what one makes, fetches or builds is there for those behind it.
fn read_steps_in_order(document: &Document, job: &Job<'_>, record: &mut Record) {
    let (mut has_other_files, mut has_output, mut is_generated) = (false, false, false);
    let mut made = Vec::new();
    for step in &job.steps {
        let first = record.uses.len();
        let first_submission = record.submissions.len();
        read_step(document, job, step, record);
        has_other_files = has_other_files || brings_other_files(step);
        has_output |= step.shell.as_ref().is_some_and(compiles);
        made.extend(made_by(step));
        for used in record.uses.iter_mut().skip(first) {
            used.comes_after(&made);
            if is_generated {
                used.may_be_generated();
            }
            if has_other_files {
                used.may_be_from_elsewhere();
            }
            if has_output {
                used.comes_after_a_build();
            }
        }
        let is_as_committed = made.is_empty() && !has_other_files && !has_output && !is_generated;
        let submitted = record.submissions.iter_mut().skip(first_submission);
        submitted.for_each(|submission| submission.is_as_committed = is_as_committed);
        is_generated = is_generated || may_generate_dockerfiles(step);
    }
}

/// Whether a step runs a program of the repository that is told of a Dockerfile, or of an entry of the matrix.
fn may_generate_dockerfiles(step: &Step<'_>) -> bool {
    let says =
        |text: &str| ["Dockerfile", "dockerfile", "${{ matrix."].iter().any(|word| text.contains(word));
    step.shell.as_ref().is_some_and(|shell| says(&shell.text)) && runs_own_program(step)
}

fn read_step(document: &Document, job: &Job<'_>, step: &Step<'_>, record: &mut Record) {
    let environment = job.environment;
    if step.action().starts_with("docker/build-push-action") {
        record.uses.extend(step.view.get("with").into_iter().flat_map(|with| {
            let runs = runs(job.view);
            let keys = build_keys(step.action());
            let of_runs = runs.iter().map(|run| build_push(document, with, keys, environment, run));
            let builds: Vec<Use> = of_runs.flatten().collect();
            if builds.is_empty() {
                return build_push(document, with, keys, environment, &Run::new()).into_iter().collect();
            }
            builds
        }));
    }
    actions::add(document, step.view, environment, record);
    let Some(shell) = &step.shell else { return };
    record.terraform_runs.extend(shell.terraform_runs());
    record.string_compares.extend(string_compares(shell));
    if let Some(shell) = step.posix() {
        record.cut_commands.extend(cut_commands(shell));
        record.shell_flaws.extend(shell_flaws::of_step(shell));
        let run = step.view.get("run").and_then(|run| Some((run.as_str()?, run.node().inner)));
        record.script_flaws.extend(run.and_then(|(text, span)| script_flaws::of_step(document, text, span)));
    }
    record.silenced_gates.extend(silenced(step.view, shell));
    read_commands(job, step, shell, record);
}

/// What the commands of a step build, start and deploy.
fn read_commands(job: &Job<'_>, step: &Step<'_>, shell: &ShellText<'_>, record: &mut Record) {
    let environment = job.environment;
    let known = literals(shell.document, (job.root, job.view), step.view);
    // Where a condition chooses between commands, each is for another environment.
    let has_choice =
        step.view.get("if").is_some() || shell.text.contains("if ") || shell.text.contains("case ");
    let named = environment.or_else(|| named_by_words(file_name(&shell.document.path)));
    let first = record.uses.len();
    for (words, folder) in shell_commands(shell) {
        let words = filled(words, &known);
        let command = Command { words: &words, folder: folder.as_deref(), environment, only_for: None };
        command.add_to(record);
        record.uses.extend(Some(&command).filter(|_| job.deploys).into_iter().flat_map(started::files));
        let named = named.filter(|_| !has_choice).map(|named| environment_words(&words, named));
        record.environment_words.extend(named.into_iter().flatten());
    }
    mark_guarded_builds(shell, record.uses.get_mut(first..).unwrap_or_default());
}

/// The files and folders that a step makes.
fn made_by(step: &Step<'_>) -> Vec<String> {
    step.shell.as_ref().map_or_else(Vec::new, |shell| made_files(&shell.located()))
}

/// The files of the repository that the steps of a job run, where it has the repository and nothing else.
fn own_files(document: &Document, job: &Job<'_>) -> Vec<Use> {
    let mut used: Vec<Use> = local_action(document, job.view).into_iter().collect();
    if is_unheard(job.view) || !has_only_this_repository(job) {
        return used;
    }
    for step in job.steps.iter().filter(|step| !is_unheard(step.view)) {
        used.extend(local_action(document, step.view));
        if let Some(shell) = step.posix().filter(|shell| shell.folder().is_some()) {
            used.extend(needed_files(shell));
            used.extend(template_calls(shell));
            used.extend(working_directory(document, step));
            let (start, end) = (job.view.node().span.start, step.view.node().span.start);
            used.extend(changed_folders(shell, document.slice(Span::new(start, end.max(start)))));
        }
    }
    used
}

/// The actions of the repository that the steps of a job use, where it has the repository and nothing else.
fn action_calls(document: &Document, name: &str, job: &Job<'_>) -> Vec<WorkflowCall> {
    if is_unheard(job.view) || !has_only_this_repository(job) {
        return Vec::new();
    }
    let judged = job.steps.iter().filter(|step| !is_unheard(step.view));
    judged.filter_map(|step| workflow_calls::call(document, name, step.view)).collect()
}

/// The services that the steps of a job name, where it has the Compose files of the repository and no others.
fn compose_calls_of(job: &Job<'_>) -> Vec<ComposeCall> {
    let makes_some = |step: &Step<'_>| {
        let edits = step.shell.as_ref().is_some_and(|shell| shell.text.contains("yq "));
        edits || made_by(step).iter().any(|path| path.contains("compose"))
    };
    if is_unheard(job.view) || !has_only_this_repository(job) || job.steps.iter().any(makes_some) {
        return Vec::new();
    }
    let may_be_made = job.steps.iter().any(runs_own_program);
    let judged = job.steps.iter().filter(|step| !is_unheard(step.view));
    let calls = judged.filter_map(Step::posix).flat_map(compose_calls);
    calls.map(|call| ComposeCall { may_be_made, ..call }).collect()
}

/// Whether a step runs a program or a script of the repository, which may write any file.
fn runs_own_program(step: &Step<'_>) -> bool {
    const RUNNERS: &[&str] =
        &["bash", "bun", "just", "make", "node", "python", "python3", "sh", "source", "task"];
    let commands = step.shell.iter().flat_map(|shell| &shell.script().commands);
    let mut names = commands.filter_map(|command| command.name());
    names.any(|name| name.contains('/') || name == "." || RUNNERS.contains(&name))
}

/// Whether a job or a step may fail, or is switched off.
fn is_unheard(part: View<'_>) -> bool {
    let condition = part.get("if").and_then(|condition| condition.as_str()).unwrap_or("");
    let bare = condition.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
    is_true(part, "continue-on-error") || bare == "false"
}

fn is_true(map: View<'_>, key: &str) -> bool {
    map.get(key).and_then(|value| value.as_str()) == Some("true")
}

/// Whether the files of a job are those of the commit: no other repository, branch or folder, nothing downloaded.
fn has_only_this_repository(job: &Job<'_>) -> bool {
    job.steps.iter().any(is_checkout) && !job.steps.iter().any(brings_other_files)
}

fn is_checkout(step: &Step<'_>) -> bool {
    step.action().starts_with("actions/checkout")
}

/// Whether a step brings other files than those of the commit, or has them elsewhere.
fn brings_other_files(step: &Step<'_>) -> bool {
    let given = |key: &str| step.view.get("with")?.get(key)?.as_str();
    let is_plain = || {
        given("repository").is_none()
            && given("path").is_none()
            && given("ref").is_none_or(|named| named.contains("${{"))
    };
    let action = step.action();
    let restores = action.contains("/cache") && !action.starts_with("actions/setup");
    let downloads = action.contains("download") || restores && !given("path").is_some_and(is_outside);
    downloads || is_checkout(step) && !is_plain() || step.shell.as_ref().is_some_and(brings_files)
}

/// Whether all folders of a cache lie outside of the repository, or hold what programs install.
fn is_outside(paths: &str) -> bool {
    const INSTALLED: &[&str] = &["node_modules", ".venv", "venv", ".cache", "target"];
    let outside = |path: &str| {
        path.starts_with(['/', '~', '!'])
            || path.starts_with("${{ runner.temp")
            || path.rsplit('/').next().is_some_and(|last| INSTALLED.contains(&last))
    };
    paths.lines().map(|line| line.trim().trim_end_matches('/')).filter(|line| !line.is_empty()).all(outside)
}

/// `uses: ./.github/actions/x`, and of a job a workflow.
fn local_action(document: &Document, map: View<'_>) -> Option<Use> {
    let uses = map.get("uses")?;
    let path = join("", own_path(uses.as_str()?)?)?;
    Some(Use { path, at: document.place(uses.node().inner), what: UseKind::Action })
}

fn working_directory(document: &Document, step: &Step<'_>) -> Option<Use> {
    let named = step.named_folder?;
    let path = join("", named.as_str().filter(|path| is_known_path(path) && !path.starts_with(['/', '~']))?)?;
    Some(Use { path, at: document.place(named.node().inner), what: UseKind::WorkingDirectory })
}

/// The inputs of `docker/build-push-action` that name the context and the Dockerfile.
/// Source: <https://github.com/docker/build-push-action/blob/v1/action.yml>.
fn build_keys(action: &str) -> [&'static str; 2] {
    let version = action.split_once('@').map_or("", |(_, version)| version);
    let is_first = version == "v1" || version.starts_with("v1.");
    if is_first { ["path", "dockerfile"] } else { ["context", "file"] }
}

/// A path of a container action, which has the repository at a folder of its own.
fn of_workspace(path: &str) -> &str {
    path.strip_prefix("/github/workspace/").unwrap_or(path)
}

/// `docker/build-push-action`: the context (the root where absent), the Dockerfile, `target:`.
/// `run`: the values of the matrix.
fn build_push(
    document: &Document,
    with: View<'_>,
    [context_key, file_key]: [&'static str; 2],
    environment: Option<&str>,
    run: &Run,
) -> Option<Use> {
    let written = |key: &str| with.get(key).and_then(|value| value.as_str());
    let of_run: BTreeMap<&str, (String, Span)> = [context_key, file_key, "target"]
        .into_iter()
        .filter_map(|key| Some((key, filled_by_matrix(written(key)?, run)?)))
        .collect();
    let text = |key: &str| of_run.get(key).map(|(text, _)| text.as_str()).or_else(|| written(key));
    let is_known = |text: &&str| !text.contains("{{") && !text.contains("://");
    // The action's own name for the commit, as git fetches it.
    let named = text(context_key).unwrap_or(".");
    let fetched = named.strip_prefix("{{defaultContext}}");
    let context = join("", Some(fetched.unwrap_or(named).trim_start_matches(':')).filter(is_known)?)?;
    let (path, at) = match with.get(file_key) {
        Some(file) => {
            let at = of_run.get(file_key).map_or(file.node().inner, |(_, span)| *span);
            // In what git has fetched the file is looked up from the folder that is the context.
            let folder = fetched.map_or("", |_| context.as_str());
            (join(folder, text(file_key).filter(is_known).map(of_workspace)?)?, at)
        }
        None => (join(&context, "Dockerfile")?, with.span()),
    };
    let named = text("build-contexts").unwrap_or("").lines().filter_map(|line| line.split_once('='));
    let tags = text("tags").unwrap_or("").split([',', '\n']);
    let given = text("build-args").unwrap_or("").lines().filter_map(|line| line.split_once('='));
    let arguments = given.map(|(name, value)| {
        let value = Some(value.trim().to_owned()).filter(|value| !value.contains("${{"));
        (name.trim().to_owned(), value)
    });
    let names = text("build-args").unwrap_or("").lines().filter_map(|line| line.split_once('='));
    let argument_names = names.filter_map(|(name, _)| {
        let at = workflow_contexts::place(document, with.get("build-args")?, name.trim());
        Some((name.trim().to_owned(), at))
    });
    let build = Build {
        context,
        arguments: arguments.collect(),
        argument_names: argument_names.collect(),
        contexts: named.map(|(name, _)| name.trim().to_owned()).collect(),
        target: text("target").filter(is_known).map(str::to_owned),
        target_at: with.get("target").map(|target| document.place(target.node().inner)),
        environment: environment.map(str::to_owned),
        names: tags.filter_map(|tag| ImageName::of(&document.path, tag.trim())).collect(),
        ..Build::default()
    };
    Some(Use { path, at: document.place(at), what: UseKind::Build(Box::new(build)) })
}

/// What `uses:` names in the repository itself: `./path`, or `$/path` for the running commit
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>, since 2026-07-30).
pub(super) fn own_path(uses: &str) -> Option<&str> {
    uses.strip_prefix("./")
        .or_else(|| uses.strip_prefix("$/").filter(|path| !path.is_empty() && !path.contains('@')))
}
