//! GitHub workflows: what their steps build and deploy.

use std::borrow::Cow;

use source::{file_name, join};
use syntax::yaml::{self, Budget, NodeKind, Style, View};

use crate::collect::actions;
use crate::collect::commands::{Command, is_known_path};
use crate::collect::compose_calls::compose_calls;
use crate::collect::cut_commands::cut_commands;
use crate::collect::environment_words::environment_words;
use crate::collect::gates::silenced;
use crate::collect::made_files::made_files;
use crate::collect::programs::{brings_files, compiles, needed_files};
use crate::collect::script::shell_commands;
use crate::collect::string_compares::string_compares;
use crate::collect::terraform_runs::ShellText;
use crate::collect::workflow_steps::steps;
use crate::collect::workflow_variables::{filled, literals};
use crate::collect::{
    started, workflow_calls, workflow_contexts, workflow_env, workflow_fallbacks, workflow_flaws,
    workflow_secrets,
};
use crate::compose_service::ComposeCall;
use crate::environment::named_by_words;
use crate::record::{Build, Document, Record, Use, UseKind};
use crate::{script_flaws, shell_flaws};

/// The facts of a workflow, and whether it deploys.
#[must_use]
pub(crate) fn record(document: &Document) -> (Record, bool) {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut record = Record::default();
    let mut variables = Vec::new();
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
            let steps = steps(job);
            let (mut has_other_files, mut has_output) = (false, false);
            let mut made = Vec::new();
            for step in &steps {
                let first = record.uses.len();
                read_step(document, (root, job), *step, (environment, deploys), &mut record);
                has_other_files = has_other_files || brings_other_files(document, std::slice::from_ref(step));
                has_output |= script(document, *step).is_some_and(|(text, _)| compiles(&text));
                made.extend(made_by(document, (root, job), *step));
                let used = record.uses.iter_mut().skip(first);
                for one in used {
                    one.comes_after(&made);
                    if has_other_files {
                        one.may_be_from_elsewhere();
                    }
                    if has_output {
                        one.comes_after_a_build();
                    }
                }
            }
            record.uses.extend(own_files(document, root, job));
            record.compose_calls.extend(compose_calls_of(document, root, job));
            record.workflow_secrets.extend(workflow_secrets::of_job(document, job, environment));
        }
    }
    record.problems.extend(document.problems(&parsed.errors));
    let builds = record.uses.iter().any(|used| matches!(used.what, UseKind::Build(_)));
    let deploys = !record.secrets.is_empty() || !record.settings.is_empty() || builds;
    let deploys = deploys || deploys_by_words(&document.text);
    record.workflow_flaws.iter_mut().for_each(|flaw| flaw.deploys = deploys);
    record.settings.extend(variables);
    // A test that stands before no deployment lets nothing through.
    if !deploys_by_words(&document.text) {
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

fn read_step(
    document: &Document,
    (root, job): (View<'_>, View<'_>),
    step: View<'_>,
    (environment, deploys): (Option<&'static str>, bool),
    record: &mut Record,
) {
    let uses = step.get("uses").and_then(|value| value.as_str()).unwrap_or("");
    if uses.starts_with("docker/build-push-action") {
        record.uses.extend(step.get("with").and_then(|with| build_push(document, with, environment)));
    }
    actions::add(document, step, environment, record);
    let Some((text, offset)) = script(document, step) else { return };
    let text = &*text;
    let known = literals(document, (root, job), step);
    let Some(folder) = folder(root, job, step) else { return };
    let shell = ShellText { document, text, offset, folder: &folder, is_unattended: true };
    record.terraform_runs.extend(shell.terraform_runs());
    record.string_compares.extend(string_compares(document, text, offset));
    if is_posix(job, step) {
        record.cut_commands.extend(cut_commands(document, text, offset));
        record.shell_flaws.extend(shell_flaws::of_step(document, text, offset));
        let run = step.get("run").and_then(|run| Some((run.as_str()?, run.node().inner)));
        record.script_flaws.extend(run.and_then(|(text, span)| script_flaws::of_step(document, text, span)));
    }
    record.silenced_gates.extend(silenced(document, step, text, offset));
    // Where a condition chooses between commands, each is for another environment.
    let is_unconditional = step.get("if").is_none() && !text.contains("if ") && !text.contains("case ");
    let job = environment.or_else(|| named_by_words(file_name(&document.path))).filter(|_| is_unconditional);
    for (words, folder) in shell_commands(document, text, offset, &folder) {
        let words = filled(words, &known);
        let command = Command { words: &words, folder: folder.as_deref(), environment, only_for: None };
        command.add_to(record);
        record.uses.extend(Some(&command).filter(|_| deploys).into_iter().flat_map(started::files));
        let named = job.map(|job| environment_words(&words, job));
        record.environment_words.extend(named.into_iter().flatten());
    }
}

/// The files and folders that a step makes.
fn made_by(document: &Document, (root, job): (View<'_>, View<'_>), step: View<'_>) -> Vec<String> {
    let text = script(document, step);
    let folder = folder(root, job, step);
    text.zip(folder).map_or_else(Vec::new, |((text, _), folder)| made_files(&text, &folder))
}

/// The text that a step runs, and where it begins.
fn script<'d>(document: &'d Document, step: View<'d>) -> Option<(Cow<'d, str>, usize)> {
    text_of(document, step.get("run")?)
}

/// The text of a scalar that holds commands, and where it begins.
pub(crate) fn text_of<'d>(document: &'d Document, scalar: View<'d>) -> Option<(Cow<'d, str>, usize)> {
    let text = scalar.as_str()?;
    let inner = scalar.node().inner;
    if matches!(&scalar.node().kind, NodeKind::Scalar { style: Style::Folded, .. }) {
        return Some((Cow::Owned(folded(document.slice(inner))), inner.start));
    }
    let plain = matches!(&scalar.node().kind, NodeKind::Scalar { style: Style::Plain, .. });
    if plain && document.slice(inner).contains('\n') {
        return Some((Cow::Owned(document.slice(inner).replace('\n', " ")), inner.start));
    }
    // The lines of a block scalar are read as they stand, so that places stay those of the file.
    let stands = plain || document.slice(inner).lines().count() >= text.lines().count();
    Some((Cow::Borrowed(if stands { document.slice(inner) } else { text }), inner.start))
}

/// A folded block in its own length: a line end between two lines of the least indentation is a blank. Source:
/// <https://yaml.org/spec/1.2.2/#813-folded-style>.
fn folded(block: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_text = |line: &&str| !line.trim().is_empty();
    // The first line stands without its indentation where the block begins behind it.
    let least = block.lines().skip(1).filter(is_text).map(indentation).min().unwrap_or(0);
    let mut lines = block.split_inclusive('\n').enumerate().peekable();
    let mut text = String::with_capacity(block.len());
    while let Some((number, line)) = lines.next() {
        let is_plain =
            |number: usize, line: &str| is_text(&line) && (number == 0 || indentation(line) == least);
        let joins = is_plain(number, line) && lines.peek().is_some_and(|(next, line)| is_plain(*next, line));
        match line.strip_suffix('\n').filter(|_| joins) {
            Some(line) => {
                text.push_str(line.strip_suffix('\r').unwrap_or(line));
                text.push_str(if line.ends_with('\r') { "  " } else { " " });
            }
            None => text.push_str(line),
        }
    }
    text
}

/// The files of the repository that the steps of a job run, where it has the repository and nothing else.
fn own_files(document: &Document, root: View<'_>, job: View<'_>) -> Vec<Use> {
    let steps = steps(job);
    let mut used: Vec<Use> = local_action(document, job).into_iter().collect();
    if is_unheard(job) || !has_only_this_repository(document, &steps) {
        return used;
    }
    for step in steps.iter().filter(|step| !is_unheard(**step)) {
        used.extend(local_action(document, *step));
        let Some(folder) = folder(root, job, *step) else { continue };
        if let Some((text, offset)) = script(document, *step).filter(|_| is_posix(job, *step)) {
            used.extend(needed_files(document, &text, offset, &folder));
            used.extend(working_directory(document, root, job, *step));
        }
    }
    used
}

/// The services that the steps of a job name, where it has the Compose files of the repository and no others.
fn compose_calls_of(document: &Document, root: View<'_>, job: View<'_>) -> Vec<ComposeCall> {
    let steps = steps(job);
    let makes_some = |step: &View<'_>| {
        let edits = script(document, *step).is_some_and(|(text, _)| text.contains("yq "));
        edits || made_by(document, (root, job), *step).iter().any(|path| path.contains("compose"))
    };
    if is_unheard(job) || !has_only_this_repository(document, &steps) || steps.iter().any(makes_some) {
        return Vec::new();
    }
    let judged = steps.iter().filter(|step| !is_unheard(**step) && is_posix(job, **step));
    let calls = judged.filter_map(|step| {
        let (text, offset) = script(document, *step)?;
        Some(compose_calls(document, &text, offset, &folder(root, job, *step)?))
    });
    calls.flatten().collect()
}

/// Whether a shell of Unix runs the step; on Windows another one does unless it is named.
fn is_posix(job: View<'_>, step: View<'_>) -> bool {
    let shell = step.get("shell").or_else(|| job.path(&["defaults", "run", "shell"]));
    let runner = job.get("runs-on").and_then(|runner| runner.as_str()).unwrap_or("");
    match shell.and_then(|shell| shell.as_str()) {
        Some(shell) => shell.contains("sh") && !shell.contains("pwsh") && !shell.contains("powershell"),
        None => !runner.contains("windows") && !runner.contains("${{"),
    }
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
fn has_only_this_repository(document: &Document, steps: &[View<'_>]) -> bool {
    steps.iter().any(is_checkout) && !brings_other_files(document, steps)
}

fn action<'v>(step: &View<'v>) -> &'v str {
    step.get("uses").and_then(|uses| uses.as_str()).unwrap_or("")
}

fn is_checkout(step: &View<'_>) -> bool {
    action(step).starts_with("actions/checkout")
}

/// Whether the job has other files than those of the commit, or has them elsewhere.
fn brings_other_files(document: &Document, steps: &[View<'_>]) -> bool {
    let is_plain = |step: &View<'_>| {
        let given =
            |key: &str| step.get("with").and_then(|with| with.get(key)).and_then(|value| value.as_str());
        given("repository").is_none()
            && given("path").is_none()
            && given("ref").is_none_or(|named| named.contains("${{"))
    };
    let downloads = |step: &View<'_>| {
        let named = action(step);
        named.contains("download") || named.contains("/cache") && !named.starts_with("actions/setup")
    };
    let fetches = |step: &View<'_>| script(document, *step).is_some_and(|(text, _)| brings_files(&text));
    steps.iter().any(|step| is_checkout(step) && !is_plain(step) || downloads(step) || fetches(step))
}

/// `uses: ./.github/actions/x`, and of a job a workflow.
fn local_action(document: &Document, map: View<'_>) -> Option<Use> {
    let uses = map.get("uses")?;
    let path = join("", own_path(uses.as_str()?)?)?;
    Some(Use { path, at: document.place(uses.node().inner), what: UseKind::Action })
}

fn working_directory(document: &Document, root: View<'_>, job: View<'_>, step: View<'_>) -> Option<Use> {
    let named = named_folder(root, job, step)?;
    let path = join("", named.as_str().filter(|path| is_known_path(path) && !path.starts_with(['/', '~']))?)?;
    Some(Use { path, at: document.place(named.node().inner), what: UseKind::WorkingDirectory })
}

/// The folder in which a step runs; `None` where an expression says it.
fn folder(root: View<'_>, job: View<'_>, step: View<'_>) -> Option<String> {
    match named_folder(root, job, step).and_then(|folder| folder.as_str()) {
        Some(folder) if folder.contains("${{") => None,
        Some(folder) => join("", folder),
        None => Some(String::new()),
    }
}

/// The step's own folder, else the default of its job, else that of the workflow.
fn named_folder<'v>(root: View<'v>, job: View<'v>, step: View<'v>) -> Option<View<'v>> {
    let default = ["defaults", "run", "working-directory"];
    step.get("working-directory").or_else(|| job.path(&default)).or_else(|| root.path(&default))
}

/// `docker/build-push-action`: `context:` (the root where absent), `file:`, `target:`.
fn build_push(document: &Document, with: View<'_>, environment: Option<&str>) -> Option<Use> {
    let text = |key: &str| with.get(key).and_then(|value| value.as_str());
    let is_known = |text: &&str| !text.contains("{{") && !text.contains("://");
    // The action's own name for the commit, as git fetches it.
    let named = text("context").unwrap_or(".").trim_start_matches("{{defaultContext}}");
    let context = join("", Some(named.trim_start_matches(':')).filter(is_known)?)?;
    let (path, at) = match with.get("file") {
        Some(file) => (join("", file.as_str().filter(is_known)?)?, file.node().inner),
        None => (join(&context, "Dockerfile")?, with.span()),
    };
    let named = text("build-contexts").unwrap_or("").lines().filter_map(|line| line.split_once('='));
    let build = Build {
        context,
        contexts: named.map(|(name, _)| name.trim().to_owned()).collect(),
        target: text("target").filter(is_known).map(str::to_owned),
        target_at: with.get("target").map(|target| document.place(target.node().inner)),
        environment: environment.map(str::to_owned),
        ..Build::default()
    };
    Some(Use { path, at: document.place(at), what: UseKind::Build(Box::new(build)) })
}

fn deploys_by_words(text: &str) -> bool {
    const DEPLOYS: &[&str] = &[
        "gcloud run deploy",
        "kubectl apply",
        "terraform apply",
        "docker push",
        "helm upgrade",
        "google-github-actions/deploy-cloudrun",
    ];
    DEPLOYS.iter().any(|words| memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some())
}

/// What `uses:` names in the repository itself: `./path`, or `$/path` for the running commit
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>, since 2026-07-30).
pub(super) fn own_path(uses: &str) -> Option<&str> {
    uses.strip_prefix("./")
        .or_else(|| uses.strip_prefix("$/").filter(|path| !path.is_empty() && !path.contains('@')))
}
