//! What a workflow refers to and does not have, and what the platform refuses in its steps.

use std::collections::BTreeSet;

use source::Place;
use syntax::yaml::{NodeKind, View};

use super::workflow::own_path;
use super::workflow_harmless::{
    falls_back_on_literal, is_input_without_weight, is_negated, is_only_shown_or_asked, is_unfound_cache,
    is_unread, may_read, needs_environment,
};
use crate::collect::workflow_comparisons::{after_failure, impossible, may_be_one, names_of_one};
use crate::collect::workflow_contexts::{CONTEXTS, contexts, expressions, place, scalars, unknown_contexts};
use crate::collect::workflow_jobs::{Job, boolean_inputs, inputs};
use crate::collect::workflow_steps::steps;
use crate::collect::{
    workflow_artifacts, workflow_keys, workflow_names, workflow_step_outputs, workflow_structure,
    workflow_triggers,
};
use crate::record::{Document, Record};
use crate::similar::is_slip;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// What the context `github` has. Sources:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context>, and what runners print.
const GITHUB: &[&str] = &[
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "artifact_cache_size_limit",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "job_workflow_file_path",
    "job_workflow_ref",
    "job_workflow_repository",
    "job_workflow_sha",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

/// The keys of a step; those of steps that run side by side are there since June 2026. Source:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps>.
const STEP_KEYS: &[&str] = &[
    "background",
    "cancel",
    "continue-on-error",
    "env",
    "id",
    "if",
    "name",
    "parallel",
    "run",
    "shell",
    "timeout-minutes",
    "uses",
    "wait",
    "wait-all",
    "with",
    "working-directory",
];

/// Adds the flaws of one document of a workflow file.
pub(crate) fn add(document: &Document, root: View<'_>, record: &mut Record) {
    let jobs = root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default();
    let jobs: Vec<Job<'_>> = jobs
        .into_iter()
        .filter_map(|(name, job)| Some(Job::new(name.as_str()?, name.node().inner, job)))
        .collect();
    let (inputs, booleans) = (inputs(root), boolean_inputs(root));
    let ones = names_of_one(&document.text);
    workflow_triggers::add(document, root, &mut record.workflow_flaws);
    record.workflow_flaws.extend(workflow_triggers::outputs(document, root, &jobs));
    record.workflow_flaws.extend(workflow_artifacts::never_uploaded(document, root, &jobs));
    record.workflow_flaws.extend(workflow_artifacts::never_restored(document, &jobs));
    workflow_structure::add(document, root, &jobs, &mut record.workflow_flaws);
    record.workflow_flaws.extend(workflow_keys::misplaced(document, root, &jobs));
    for job in &jobs {
        let inputs = inputs.as_ref();
        let flaws = &mut record.workflow_flaws;
        let mut reader =
            Reader { document, root, job, jobs: &jobs, inputs, booleans: &booleans, ones: &ones, flaws };
        reader.runner();
        reader.machine();
        reader.no_step();
        reader.called_below();
        reader.needs();
        reader.steps();
        reader.values();
    }
}

struct Reader<'r, 'v> {
    document: &'r Document,
    root: View<'v>,
    job: &'r Job<'v>,
    jobs: &'r [Job<'v>],
    /// The inputs of the workflow, where they are known.
    inputs: Option<&'r BTreeSet<String>>,
    /// Those that are booleans.
    booleans: &'r BTreeSet<String>,
    /// What has the text `1`.
    ones: &'r BTreeSet<&'r str>,
    flaws: &'r mut Vec<WorkflowFlaw>,
}

impl Reader<'_, '_> {
    fn flaw(&mut self, kind: FlawKind, written: &str, at: Place, known: Vec<String>) {
        self.flaws.push(WorkflowFlaw { known, ..WorkflowFlaw::new(kind, self.job.name, written, at) });
    }

    /// A job that says neither where it runs nor which workflow it calls.
    fn runner(&mut self) {
        let Job { name, view, .. } = self.job;
        let says = ["runs-on", "uses", "<<"].iter().any(|key| view.get(key).is_some());
        if !says && view.get("steps").is_some() {
            let at = self.document.place(self.job.name_span);
            self.flaw(FlawKind::Runner, name, at, Vec::new());
        }
    }

    /// A machine of the platform's with a slip of the pen in its name: the job waits for one a whole day.
    fn machine(&mut self) {
        let labels = self.job.view.get("runs-on").map(labels).unwrap_or_default();
        if labels.iter().any(|label| label.as_str() == Some("self-hosted")) {
            return;
        }
        for label in labels {
            let Some(text) = label.as_str() else { continue };
            if let Some(meant) = misspelt_machine(text) {
                let at = self.document.place(label.node().inner);
                self.flaw(FlawKind::RunnerLabel, text, at, vec![meant.to_owned()]);
            }
        }
    }

    /// A job that neither does anything nor calls a workflow.
    fn no_step(&mut self) {
        let Job { name, view, .. } = self.job;
        let has_other = ["uses", "<<"].iter().any(|key| view.get(key).is_some());
        let steps_are_told = view.get("steps").is_some_and(|steps| !steps.items().is_empty());
        if view.get("runs-on").is_some() && !has_other && !steps_are_told {
            let at = self.document.place(self.job.name_span);
            self.flaw(FlawKind::Steps, name, at, Vec::new());
        }
    }

    /// A job that calls a workflow of a folder below that of the workflows, or of another repository without a version.
    fn called_below(&mut self) {
        let Some(uses) = self.job.view.get("uses") else { return };
        let Some(called) = uses.as_str().filter(|called| !called.contains("${{")) else { return };
        let below = called.split_once(".github/workflows/").map(|(_, path)| path);
        if below.is_some_and(|path| path.split('@').next().unwrap_or("").contains('/')) {
            let at = self.document.place(uses.node().inner);
            self.flaw(FlawKind::CalledBelow, called, at, Vec::new());
        } else if own_path(called).is_none() && called.contains('/') && !called.contains('@') {
            self.flaw(FlawKind::CalledVersion, called, self.document.place(uses.node().inner), Vec::new());
        }
    }

    /// `needs:` names a job that does not exist.
    fn needs(&mut self) {
        for (needed, span) in &self.job.needs {
            if needed.contains("${{") || self.jobs.iter().any(|job| job.name.eq_ignore_ascii_case(needed)) {
                continue;
            }
            let known = self.jobs.iter().map(|job| job.name.to_owned()).collect();
            self.flaw(FlawKind::Job, needed, self.document.place(*span), known);
        }
    }

    /// Steps with keys that no step has, and actions without a version.
    fn steps(&mut self) {
        for step in steps(self.job.view) {
            for (key, value) in step.entries() {
                let Some(name) = key.as_str().filter(|name| !STEP_KEYS.contains(name)) else { continue };
                let Some(kind) = kind_of_key(step, name, value) else { continue };
                let known = STEP_KEYS.iter().map(|known| (*known).to_owned()).collect();
                self.flaw(kind, name, self.document.place(key.node().inner), known);
            }
            self.values_of_step(step);
            let Some(uses) = step.get("uses") else { continue };
            for (key, _) in step.entries() {
                if let Some(name @ ("working-directory" | "shell")) = key.as_str() {
                    self.flaw(FlawKind::RunKey, name, self.document.place(key.node().inner), Vec::new());
                }
            }
            let Some(action) = uses.as_str() else { continue };
            let is_elsewhere = own_path(action).is_some() || action.starts_with("docker://");
            let is_told = action
                .split_once('@')
                .is_some_and(|(name, version)| name.contains('/') && !version.is_empty());
            if !is_elsewhere && !is_told && !action.contains("${{") && !action.is_empty() {
                let at = self.document.place(uses.node().inner);
                self.flaw(FlawKind::Action, action, at, Vec::new());
            }
        }
    }

    /// Lists and maps among the inputs and variables of a step, each of which is one text.
    fn values_of_step(&mut self, step: View<'_>) {
        for (key, value) in
            ["with", "env"].iter().filter_map(|key| step.get(key)).flat_map(|map| map.entries())
        {
            // Without its dollar `{{ x }}` is a map.
            let is_braces = || self.document.slice(value.node().inner).starts_with("{{");
            let is_nested = match value.node().kind {
                NodeKind::Mapping(_) | NodeKind::Sequence(_) => true,
                NodeKind::Template(_) => is_braces(),
                _ => false,
            };
            if let Some(name) = key.as_str().filter(|name| is_nested && *name != "<<") {
                self.flaw(FlawKind::Nested, name, self.document.place(key.node().inner), Vec::new());
            }
        }
    }

    /// What the expressions of the job read.
    fn values(&mut self) {
        for (key, value) in self.job.view.entries() {
            match key.as_str() {
                Some("steps") => {
                    for (at, step) in steps(self.job.view).into_iter().enumerate() {
                        for (key, value) in step.entries() {
                            match key.as_str() {
                                Some("with") => self.read_inputs(value, step, at),
                                Some("env") => self.read_variables(value, step, at),
                                Some("name") => self.read_bearing(value, Some(at), true),
                                key => self.read(value, key == Some("if"), Some(at)),
                            }
                            if matches!(key.as_str(), Some("with" | "env")) {
                                self.without_dollar(value);
                            }
                        }
                        self.shell_variables(step);
                    }
                }
                // The matrix may be made of what other jobs give; it cannot read itself.
                Some("if") => self.read(value, true, None),
                Some("outputs") if !value.entries().is_empty() => self.read_outputs(value),
                // Without a name the job has no environment, and lacks what that holds.
                Some("environment") => {
                    let bears = !needs_environment(self.document, self.job.view);
                    self.read_bearing(value, None, bears);
                }
                // Of these an empty text is a nuisance and stops nothing.
                key => self.read_bearing(value, None, matches!(key, Some("concurrency" | "name"))),
            }
        }
    }

    /// What the expressions of an action's inputs read; some may be empty.
    fn read_inputs(&mut self, inputs: View<'_>, step: View<'_>, at: usize) {
        let entries = inputs.entries();
        if entries.is_empty() {
            self.read(inputs, false, Some(at));
        }
        for (key, value) in entries {
            let (key, text) = (key.as_str().unwrap_or(""), value.as_str().unwrap_or(""));
            self.read_bearing(value, Some(at), is_input_without_weight(step, key, text));
        }
    }

    /// What the expressions of the job's outputs read; those that nothing reads may be empty.
    fn read_outputs(&mut self, outputs: View<'_>) {
        for (name, value) in outputs.entries() {
            let is_unread =
                name.as_str().is_some_and(|name| is_unread(&self.document.text, self.job.name, name));
            self.read_bearing(value, None, is_unread);
        }
    }

    /// What the expressions of a step's variables read. One that the commands of the step do not name, nor any program of
    /// the repository that they run, may well be empty.
    fn read_variables(&mut self, variables: View<'_>, step: View<'_>, at: usize) {
        let commands = step.get("run").and_then(|run| run.as_str());
        for (name, value) in variables.entries() {
            let name = name.as_str().unwrap_or("");
            let is_unread = commands.is_some_and(|text| !may_read(text, name));
            self.read_bearing(value, Some(at), is_unread);
        }
    }

    /// What the expressions of a value read, which may be empty without any harm or not.
    fn read_bearing(&mut self, value: View<'_>, step: Option<usize>, bears_nothing: bool) {
        let first = self.flaws.len();
        self.read(value, false, step);
        self.flaws.iter_mut().skip(first).for_each(|flaw| flaw.in_condition |= bears_nothing);
    }

    /// What the expressions of a value read.
    fn read(&mut self, value: View<'_>, is_condition: bool, step: Option<usize>) {
        for scalar in scalars(value) {
            self.read_scalar(scalar, is_condition, step);
        }
    }

    fn read_scalar(&mut self, scalar: View<'_>, is_condition: bool, step: Option<usize>) {
        let text = scalar.as_str().unwrap_or("");
        let mut found: Vec<(String, String)> = expressions(text).into_iter().flat_map(contexts).collect();
        // A condition is an expression with or without the braces.
        if is_condition {
            found.extend(contexts(text));
        }
        let whole = if is_condition && !text.contains("${{") { vec![text] } else { expressions(text) };
        if let Some(written) = nested_expression(text) {
            self.flaw(
                FlawKind::NestedExpression,
                &written,
                place(self.document, scalar, &written),
                Vec::new(),
            );
        }
        if let Some(written) = unclosed_expression(text) {
            let at = place(self.document, scalar, written);
            self.flaw(FlawKind::UnclosedExpression, written, at, Vec::new());
        }
        for written in whole.iter().flat_map(|text| unknown_contexts(text)) {
            let known = CONTEXTS.iter().map(|known| (*known).to_owned()).collect();
            self.flaw(FlawKind::Context, &written, place(self.document, scalar, &written), known);
        }
        for (kind, written) in whole.iter().flat_map(|text| workflow_names::unknown(text)) {
            let known = if kind == FlawKind::Function { workflow_names::FUNCTIONS } else { CONTEXTS };
            let known = known.iter().map(|known| (*known).to_owned()).collect();
            self.flaw(kind, &written, place(self.document, scalar, &written), known);
        }
        let compared = whole.into_iter().flat_map(|text| impossible(text, self.booleans));
        let is_possible =
            |kind, written: &str| kind == FlawKind::Comparison && may_be_one(self.ones, written);
        let is_short = |kind, written: &str| {
            kind == FlawKind::GitReference && written.contains("github.event.ref") && self.may_be_short()
        };
        let compared: Vec<_> = compared
            .filter(|(kind, written)| !is_possible(*kind, written) && !is_short(*kind, written))
            .collect();
        for (kind, written) in compared {
            self.flaw(kind, &written, place(self.document, scalar, &written), Vec::new());
        }
        if is_condition && let Some(written) = after_failure(text, step.is_some()) {
            self.flaw(FlawKind::AfterFailure, &written, place(self.document, scalar, &written), Vec::new());
        }
        if text.contains("needs.*") && self.job.needs.is_empty() && is_condition {
            let at = place(self.document, scalar, "needs.*");
            let flaw = WorkflowFlaw::new(FlawKind::NoNeeds, self.job.name, "needs.*", at);
            self.flaws.push(WorkflowFlaw { in_condition: is_negated(text), ..flaw });
        }
        if is_condition && has_text_beside(text) {
            self.flaw(
                FlawKind::AlwaysTrue,
                text.trim(),
                self.document.place(scalar.node().inner),
                Vec::new(),
            );
        }
        found.sort();
        found.dedup();
        // What has a fallback may well be empty.
        let has_fallback = text.contains("||");
        for (context, written) in found {
            let Some((kind, known)) = self.undefined(&context, &written, step) else { continue };
            let is_given = kind != FlawKind::Job && falls_back_on_literal(text, &written);
            if (has_fallback && kind == FlawKind::Input) || is_given {
                continue;
            }
            self.flaw(kind, &written, place(self.document, scalar, &written), known);
            if let Some(flaw) = self.flaws.last_mut() {
                flaw.in_condition = is_condition || has_fallback || is_only_shown_or_asked(text, &written);
                flaw.is_unfound_cache = is_condition && is_unfound_cache(text, &written);
            }
        }
    }

    /// Whether `github.event.ref` may be a short name: the events of branches and tags that are made or deleted have one, and
    /// the event of a called workflow is not known.
    fn may_be_short(&self) -> bool {
        let mut events = workflow_structure::events(self.root).into_iter();
        events.any(|(event, _)| matches!(event, "create" | "delete" | "workflow_call"))
    }

    /// `{{ env.NAME }}`, which is filled in by nobody, and `${ env.NAME }`: `${{ env.NAME }}` was meant.
    fn without_dollar(&mut self, inputs: View<'_>) {
        for (name, value) in inputs.entries() {
            let text = value.as_str().unwrap_or("");
            if !name.as_str().is_some_and(is_program) {
                for written in single_braces(text) {
                    let at = place(self.document, value, &written);
                    self.flaw(FlawKind::SingleBrace, &written, at, Vec::new());
                }
            }
            let braces =
                text.match_indices("{{").filter(|(at, _)| !text.get(..*at).unwrap_or("").ends_with('$'));
            let inside = braces.filter_map(|(at, _)| text.get(at + 2..)?.split("}}").next());
            let mut found: Vec<String> = inside.filter_map(lone_context).collect();
            found.dedup();
            for written in found {
                let at = place(self.document, value, &written);
                self.flaw(FlawKind::WithoutDollar, &written, at, Vec::new());
            }
        }
    }

    /// `images: ${IMAGE}` with `IMAGE` under `env:`, which reaches the action as it stands.
    fn shell_variables(&mut self, step: View<'_>) {
        let action = step.get("uses").and_then(|uses| uses.as_str()).unwrap_or("");
        // Others may hand their inputs to a shell, which knows this syntax.
        if !["actions/", "aws-actions/", "docker/"].iter().any(|owner| action.starts_with(owner)) {
            return;
        }
        let inputs = step.get("with").map(|inputs| inputs.entries()).unwrap_or_default();
        for (key, value) in inputs {
            let (name, text) = (key.as_str().unwrap_or(""), value.as_str().unwrap_or(""));
            if is_program(name) {
                continue;
            }
            let plain = without_expressions(text);
            let Some(variable) = lone_variable(&plain).filter(|variable| self.is_set(step, variable)) else {
                continue;
            };
            let at = place(self.document, value, text.trim());
            self.flaw(FlawKind::ShellVariable, text.trim(), at, vec![variable.to_owned()]);
        }
    }

    /// Whether an `env:` around a step sets a variable.
    fn is_set(&self, step: View<'_>, variable: &str) -> bool {
        let levels = [step, self.job.view, self.root];
        levels.into_iter().any(|level| level.path(&["env", variable]).is_some())
    }

    /// What is not there of what an expression reads, with the names that are.
    fn undefined(
        &self,
        context: &str,
        written: &str,
        step: Option<usize>,
    ) -> Option<(FlawKind, Vec<String>)> {
        let lower = written.to_ascii_lowercase();
        let parts: Vec<&str> = lower.split('.').collect();
        let name = parts.get(1).copied().filter(|name| !name.is_empty() && *name != "*")?;
        match context {
            "steps" => {
                let ids = || self.job.ids.keys().cloned().collect();
                match (self.job.ids.get(name), step) {
                    (None, _) => Some((FlawKind::Step, ids())),
                    (Some(defined), Some(reads)) if *defined > reads => {
                        Some((FlawKind::LaterStep, Vec::new()))
                    }
                    (Some(defined), _) => {
                        let output = parts.get(3).filter(|_| parts.get(2) == Some(&"outputs"))?;
                        let written =
                            workflow_step_outputs::without(self.document, self.job.view, *defined, output)?;
                        Some((FlawKind::StepOutput, written)).filter(|_| *output != "*")
                    }
                }
            }
            "matrix" => {
                let known = self.job.matrix.as_ref()?;
                (!known.contains(name)).then(|| (FlawKind::MatrixKey, known.iter().cloned().collect()))
            }
            "inputs" => self.unknown_input(name),
            // A called workflow sees the event of its caller.
            "github" if lower.starts_with("github.event.inputs.") => {
                let is_called = self.root.path(&["on", "workflow_call"]).is_some();
                self.unknown_input(parts.get(3)?).filter(|_| !is_called)
            }
            "github" => {
                let known = GITHUB.iter().map(|known| (*known).to_owned()).collect();
                (!GITHUB.contains(&name)).then_some((FlawKind::GithubName, known))
            }
            "needs" => self.not_needed(name, &parts),
            _ => None,
        }
    }

    fn unknown_input(&self, name: &str) -> Option<(FlawKind, Vec<String>)> {
        let known = self.inputs?;
        (!known.contains(name) && name != "*").then(|| (FlawKind::Input, known.iter().cloned().collect()))
    }

    /// A job that is not waited for, or an output that it does not have.
    fn not_needed(&self, name: &str, parts: &[&str]) -> Option<(FlawKind, Vec<String>)> {
        let is_needed = self.job.needs.iter().any(|(needed, _)| needed.eq_ignore_ascii_case(name));
        if !is_needed {
            let needs = self.job.needs.iter().map(|(needed, _)| (*needed).to_owned());
            return Some((FlawKind::Need, needs.collect()));
        }
        let job = self.jobs.iter().find(|job| job.name.eq_ignore_ascii_case(name))?;
        let outputs = job.outputs.as_ref()?;
        let output = parts.get(3).filter(|output| parts.get(2) == Some(&"outputs") && **output != "*")?;
        (!outputs.contains(*output)).then(|| (FlawKind::Output, outputs.iter().cloned().collect()))
    }
}

/// The labels of `runs-on:`, one or a list.
fn labels(runner: View<'_>) -> Vec<View<'_>> {
    let items = runner.items();
    if items.is_empty() { vec![runner] } else { items }
}

/// The machine of the platform's that a label nearly names. Versions come and go, and others name machines after these: only
/// the letters tell.
fn misspelt_machine(label: &str) -> Option<&'static str> {
    const NAMES: &[&str] = &["macos-latest", "ubuntu-latest", "windows-latest"];
    let lower = label.to_ascii_lowercase();
    let digits = lower.find(|letter: char| letter.is_ascii_digit());
    let Some(at) = digits else {
        return NAMES.iter().copied().find(|name| is_slip(name, &lower));
    };
    let (name, version) = lower.split_at(at);
    let is_version = version.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let system = |known: &&&str| known.strip_suffix("latest").is_some_and(|system| is_slip(system, name));
    NAMES.iter().find(system).copied().filter(|_| is_version)
}

/// Whether a condition has text beside its expression: `${{ a }} == ''`. All of it is then one text, which is true.
fn has_text_beside(condition: &str) -> bool {
    let condition = condition.trim();
    let inside = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    condition.contains("${{") && inside.is_none_or(|inside| inside.contains("${{"))
}

/// Whether an input is itself a program or a template, in which a dollar may mean anything.
fn is_program(input: &str) -> bool {
    const WORDS: &[&str] = &[
        "arg",
        "args",
        "arguments",
        "body",
        "build",
        "cmd",
        "command",
        "commands",
        "entrypoint",
        "env",
        "envs",
        "inline",
        "message",
        "options",
        "payload",
        "post",
        "pre",
        "program",
        "query",
        "run",
        "script",
        "scripts",
        "sql",
        "template",
        "text",
        "variables",
        "vars",
    ];
    source::tokens(input).any(|word| WORDS.contains(&word.as_str()))
}

/// An expression that begins inside of another: `${{ secrets.A_${{ inputs.b }} }}`. Texts in quotes may hold anything.
fn nested_expression(text: &str) -> Option<String> {
    let outer = text.split("${{").nth(1).filter(|inside| !inside.contains("}}"))?;
    let start = text.find("${{")?;
    let inner = text.get(start + "${{".len() + outer.len()..)?;
    let end = inner.find("}}")? + "}}".len();
    let is_quoted = outer.matches('\'').count() % 2 == 1;
    (!is_quoted && inner.starts_with("${{"))
        .then(|| format!("${{{{{outer}{}", inner.get(..end).unwrap_or("")))
}

/// The beginning of an expression that no `}}` ends, as far as its line goes.
fn unclosed_expression(text: &str) -> Option<&str> {
    let (before, rest) = text.rsplit_once("${{")?;
    let is_open = !rest.contains("}}");
    text.get(before.len()..)?.lines().next().filter(|_| is_open).map(str::trim_end)
}

/// The text with a letter in the place of each `${{ … }}`.
fn without_expressions(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        plain.extend([before, "x"]);
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// The variable in a value of one line that is nothing else but a name with it: `${REGISTRY}/app`, `$IMAGE`.
fn lone_variable(text: &str) -> Option<&str> {
    let (before, rest) = text.trim().split_once('$')?;
    let (name, after) = match rest.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            rest.split_at(rest.find(|letter| !is_part(letter)).unwrap_or(rest.len()))
        }
    };
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | ':');
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    (is_name && before.chars().all(is_part) && after.chars().all(is_part)).then_some(name)
}

/// The contexts in one pair of braces: `${ env.NAME }`. A shell refuses a name with a blank before it.
fn single_braces(text: &str) -> Vec<String> {
    let pieces = text.match_indices("${ ").filter_map(|(at, _)| text.get(at + 2..)?.split('}').next());
    pieces.filter_map(lone_context).collect()
}

/// The path of a context that stands alone between braces.
fn lone_context(inside: &str) -> Option<String> {
    const READ: &[&str] =
        &["env", "github", "inputs", "matrix", "needs", "runner", "secrets", "steps", "vars"];
    let path = inside.trim();
    let (context, rest) = path.split_once('.')?;
    let is_path =
        rest.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    (READ.contains(&context) && is_path && !rest.is_empty()).then(|| path.to_owned())
}

/// What is wrong with a key that no step was known to have; the platform may learn others, so that only a slip of the pen
/// and what looks like an input tell.
fn kind_of_key(step: View<'_>, name: &str, value: View<'_>) -> Option<FlawKind> {
    let plain = |key: &str| key.replace(['-', '_'], "").to_ascii_lowercase();
    if STEP_KEYS.iter().any(|known| plain(known) == plain(name)) {
        return Some(FlawKind::StepKey);
    }
    let is_input = step.get("uses").is_some() && step.get("with").is_none() && value.as_str().is_some();
    (is_input && name != "<<").then_some(FlawKind::MisplacedInput)
}

#[cfg(test)]
mod tests {
    use super::misspelt_machine;

    #[test]
    fn machines_with_a_slip_of_the_pen() {
        for label in ["ubuntu-lastest", "ubuntu-latests", "ubunut-latest", "ubunut-22.04", "ubunt-latest"] {
            assert_eq!(misspelt_machine(label), Some("ubuntu-latest"), "{label}");
        }
        for label in [
            "ubuntu-latest",
            "Ubuntu-Latest",
            "ubuntu-26.04",
            "ubuntu-22.04-arm",
            "ubuntu-latest-8-cores",
            "ubuntu-latest-m",
            "macos-latest-xl",
            "linux",
            "${{ matrix.os }}",
            "ubuntu",
            "ubuntu-slim",
        ] {
            assert_eq!(misspelt_machine(label), None, "{label}");
        }
    }
}
