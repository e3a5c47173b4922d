//! What a workflow refers to and does not have, and what the platform refuses in its steps.

use facts::{Facts, FlawKind, WorkflowFlaw};
use serde::Deserialize;

use crate::check::Check;
use crate::nearest::{did_you_mean, nearest};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Which flaws are meant.
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum About {
    /// Jobs, steps, outputs and keys of a matrix that are read and not there.
    References,
    /// Texts that the platform refuses.
    Form,
    /// Commands that ask for a repository which the job does not have.
    Repository,
    /// Comparisons, which are told by another check.
    Comparisons,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let judged =
            facts.workflow_flaws.iter().filter(|flaw| about(flaw.kind) == self.about && is_told(flaw));
        judged.map(|flaw| fault(flaw).at_most(severity(flaw))).collect()
    }
}

fn about(kind: FlawKind) -> About {
    match kind {
        kind if is_comparison(kind) => About::Comparisons,
        kind if is_of_keys(kind) => About::Form,
        FlawKind::Repository => About::Repository,
        FlawKind::Action
        | FlawKind::Context
        | FlawKind::Name
        | FlawKind::Function
        | FlawKind::NestedExpression
        | FlawKind::UnclosedExpression
        | FlawKind::MisplacedInput
        | FlawKind::StepKey
        | FlawKind::Runner
        | FlawKind::RunnerLabel
        | FlawKind::Steps
        | FlawKind::RunKey
        | FlawKind::Nested
        | FlawKind::Cron
        | FlawKind::InputType
        | FlawKind::Tag
        | FlawKind::ActionSecret
        | FlawKind::Event
        | FlawKind::Cycle
        | FlawKind::StepTwice
        | FlawKind::SingleEquals
        | FlawKind::CalledBelow => About::Form,
        _ => About::References,
    }
}

/// Whether a key, or a value, is not taken where it stands.
fn is_of_keys(kind: FlawKind) -> bool {
    matches!(
        kind,
        FlawKind::WorkflowKey
            | FlawKind::JobKey
            | FlawKind::CallerKey
            | FlawKind::JobForm
            | FlawKind::Permission
            | FlawKind::CalledVersion
            | FlawKind::OldCommand
            | FlawKind::EnvLine
            | FlawKind::VersionNumber
    )
}

/// Whether a condition holds, or fails, whatever the workflow does.
pub(super) fn is_comparison(kind: FlawKind) -> bool {
    matches!(
        kind,
        FlawKind::Comparison
            | FlawKind::BooleanInput
            | FlawKind::Result
            | FlawKind::AlwaysTrue
            | FlawKind::Negated
            | FlawKind::GitReference
            | FlawKind::GitPattern
            | FlawKind::ShellBoolean
            | FlawKind::AfterFailure
    )
}

/// A property that is new to this tool may be one of the platform's: only one letter off a known one tells.
fn is_told(flaw: &WorkflowFlaw) -> bool {
    let near = || nearest(last_name(flaw), flaw.known.iter().map(String::as_str)).is_some();
    match flaw.kind {
        FlawKind::GithubName | FlawKind::Event => near(),
        FlawKind::Context => near() || is_refused_here(flaw),
        _ => true,
    }
}

/// Whether a context is none of the platform that reads this file; other systems read workflows, too, and templates have
/// theirs.
fn is_refused_here(flaw: &WorkflowFlaw) -> bool {
    const OF_OTHERS: &[&str] = &["forgejo", "gitea", "parameters", "values"];
    flaw.at.path.starts_with(".github/workflows/") && !OF_OTHERS.contains(&last_name(flaw))
}

/// The platform refuses the file for some; of the others the value is empty, which a condition may well bear.
fn severity(flaw: &WorkflowFlaw) -> Severity {
    let is_refused =
        about(flaw.kind) == About::Form || matches!(flaw.kind, FlawKind::Job | FlawKind::BeforeCheckout);
    // The step fails, and with it the job alone.
    if matches!(flaw.kind, FlawKind::OldCommand | FlawKind::EnvLine | FlawKind::VersionNumber) {
        return if flaw.deploys { Severity::Error } else { Severity::Warning };
    }
    // A key that is new to this tool may be one of the platform's.
    if flaw.kind == FlawKind::MisplacedInput {
        return Severity::Warning;
    }
    if matches!(flaw.kind, FlawKind::Artifact | FlawKind::CalledOutput) {
        return Severity::Warning;
    }
    if flaw.is_unfound_cache {
        return Severity::Info;
    }
    // In a matrix of tests a key that only some have is a switch; one letter off another key it is a slip.
    let is_switch = flaw.kind == FlawKind::MatrixKey && !flaw.deploys;
    if is_switch && nearest(last_name(flaw), flaw.known.iter().map(String::as_str)).is_none() {
        return Severity::Info;
    }
    if flaw.kind == FlawKind::Repository {
        return if flaw.in_condition { Severity::Warning } else { Severity::Error };
    }
    if is_refused || (flaw.deploys && !flaw.in_condition) { Severity::Error } else { Severity::Warning }
}

/// What is wrong with a comparison.
pub(super) fn comparison(flaw: &WorkflowFlaw) -> String {
    let written = &flaw.written;
    let is_always = if written.contains("!=") { "always true" } else { "never true" };
    match flaw.kind {
        FlawKind::BooleanInput => format!(
            "`{written}` compares a boolean with a text: the boolean becomes a number and the text none, so this is \
             {is_always}. Leave out the quotes"
        ),
        FlawKind::Result => format!(
            "`{written}` asks for a result that there is none of, so this is {is_always}: jobs and steps end with success, \
             failure, cancelled or skipped"
        ),
        FlawKind::Negated => format!(
            "in `{written}` the `!` stands for its left side alone, which becomes a boolean, and no text equals one: this is \
             {is_always}. Write `!(…)` around the comparison, or `!=`"
        ),
        FlawKind::ShellBoolean => {
            let asks_for_empty = written.starts_with(['!', '-']) && !written.starts_with("-n");
            let is_always = if asks_for_empty { "never true" } else { "always true" };
            format!(
                "`{written}` is {is_always}: the expression becomes the text `true` or `false`, and neither is empty. Compare it: \
                 `[ \"${{{{ … }}}}\" = true ]`"
            )
        }
        FlawKind::GitPattern => format!(
            "`{written}` is {is_always}: nothing here reads patterns, and no branch or tag has such a letter in its name. Ask \
             `startsWith(github.ref, 'refs/heads/release/')`"
        ),
        FlawKind::GitReference => format!(
            "`{written}` is {is_always}: `github.ref` is whole (`refs/heads/main`), `github.ref_name`, `github.base_ref` and \
             `github.head_ref` are short (`main`), and so are the variables `GITHUB_REF` and the like"
        ),
        FlawKind::AfterFailure => format!(
            "`{written}` is never true here: the platform adds `success()` to a condition that calls none of `always()`, \
             `failure()` and `cancelled()`, so after a failure this is passed over. Write `failure() && …`"
        ),
        FlawKind::AlwaysTrue => format!(
            "`{written}` has text beside `${{{{ }}}}`: all of it becomes one text, and a text that is not empty is true, so \
             this always runs. Write the whole condition inside the braces, or none of them"
        ),
        _ => {
            let is_always = if written.contains("!=") { "true for every such text" } else { is_always };
            format!(
                "`{written}` compares a text with a boolean: the text 'true' is no number and the boolean is 1, so this is \
                 {is_always}. Compare with a text in quotes"
            )
        }
    }
}

fn fault(flaw: &WorkflowFlaw) -> Fault {
    let hint = did_you_mean(last_name(flaw), flaw.known.iter().map(String::as_str));
    let message = match flaw.kind {
        kind if is_comparison(kind) => comparison(flaw),
        FlawKind::Need
        | FlawKind::Output
        | FlawKind::Step
        | FlawKind::LaterStep
        | FlawKind::StepOutput
        | FlawKind::MatrixKey
        | FlawKind::Variable
        | FlawKind::Input
        | FlawKind::GithubName
        | FlawKind::CalledOutput => empty(flaw, &hint),
        FlawKind::SameStep
        | FlawKind::NestedExpression
        | FlawKind::UnclosedExpression
        | FlawKind::Context
        | FlawKind::Name
        | FlawKind::Function
        | FlawKind::NoNeeds
        | FlawKind::ShellUnset
        | FlawKind::WithoutDollar
        | FlawKind::SingleBrace => of_expression(flaw, &hint),
        FlawKind::Job
        | FlawKind::BeforeCheckout
        | FlawKind::Artifact
        | FlawKind::CachePath
        | FlawKind::ShellVariable
        | FlawKind::Repository => lacking(flaw, &hint),
        _ => refused(flaw, &hint),
    };
    Fault::new(format!("{} {}", flaw.job, flaw.written), flaw.at.clone(), message)
}

/// Why an expression gives nothing.
fn empty(flaw: &WorkflowFlaw, hint: &str) -> String {
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::Need if last_name(flaw).eq_ignore_ascii_case(job) => format!(
            "`{written}` is empty: `needs` holds only the jobs that `{job}` waits for, and no job waits for itself. Inside \
             of it read the step that gives the output, `steps.ID.outputs.NAME`"
        ),
        FlawKind::Need => format!(
            "`{written}` is empty: `needs` holds only the jobs that `{job}` itself waits for, and this is none of them. \
             Add it to `needs:`.{hint}"
        ),
        FlawKind::Output => {
            format!("`{written}` is empty: that job declares no such output under `outputs:`.{hint}")
        }
        FlawKind::Step => format!("`{written}` is empty: no step of the job `{job}` has this `id:`.{hint}"),
        FlawKind::StepOutput => {
            format!("`{written}` is empty: the commands of that step write no such output.{hint}")
        }
        FlawKind::LaterStep => {
            format!("`{written}` is empty here: the step with this `id:` runs only after this one")
        }
        FlawKind::MatrixKey => {
            format!("`{written}` is empty: the matrix of the job `{job}` has no such key.{hint}")
        }
        FlawKind::Variable => format!(
            "`{written}` is empty: neither the workflow nor the job `{job}` nor this step has it under `env:`, and no step \
             before writes it to `$GITHUB_ENV`.{hint}"
        ),
        FlawKind::Input => {
            format!("`{written}` is empty: the workflow, or the action, declares no such input.{hint}")
        }
        FlawKind::GithubName => {
            format!("`{written}` is empty: the context `github` has no such property.{hint}")
        }
        _ => format!(
            "`{written}` is empty: this workflow has no such job, or the job no such output, so whoever calls it gets nothing"
        ),
    }
}

/// What a job or a step takes for granted and does not have.
fn lacking(flaw: &WorkflowFlaw, hint: &str) -> String {
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::Job => format!(
            "`{job}` needs the job `{written}`, which this workflow does not have: the platform refuses the workflow, \
             and none of its jobs runs.{hint}"
        ),
        FlawKind::BeforeCheckout => format!(
            "`{written}` is an action of this repository, and the job `{job}` has not checked it out by then: the step ends \
             with \"Can't find 'action.yml'\". Put `actions/checkout` before it"
        ),
        FlawKind::Artifact => format!(
            "no job of this workflow uploads an artifact `{written}`, and those of other runs are not looked for: the \
             download fails and the job with it.{hint}"
        ),
        FlawKind::CachePath => format!(
            "this key is saved with the path `{}` and restored with `{written}`: the path is a part of the cache's version, so \
             nothing is ever found. Restore the path that was saved",
            flaw.known.join("`, `")
        ),
        FlawKind::ShellVariable => format!(
            "`{written}` is written for a shell, and none reads the input of an action: it gets the text as it stands. Write \
             `${{{{ env.{} }}}}`",
            flaw.known.first().map_or("", String::as_str)
        ),
        _ => format!(
            "`{written}` takes the repository from the folder it runs in, and the job `{job}` checks none out: it ends with \
             \"not a git repository\". Name it: `--repo ${{{{ github.repository }}}}`, or `GH_REPO` under `env:`"
        ),
    }
}

/// Why the platform refuses a workflow or an action.
fn refused(flaw: &WorkflowFlaw, hint: &str) -> String {
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::Runner => format!(
            "the job `{job}` says neither `runs-on:` nor which workflow it `uses:`: the platform refuses the workflow, and \
             none of its jobs runs"
        ),
        FlawKind::RunnerLabel => format!(
            "no machine is called `{written}`: the job waits for one, and ends after a day without having begun.{hint}"
        ),
        FlawKind::Steps => format!(
            "the job `{job}` has no step and calls no workflow: the platform refuses the workflow, and none of its jobs \
             runs"
        ),
        FlawKind::CalledBelow => format!(
            "`{written}` lies in a folder below `.github/workflows`, and workflows are called from that folder alone: \
             the platform refuses this workflow, and none of its jobs runs. Move the file up"
        ),
        FlawKind::RunKey => format!(
            "`{written}` belongs to steps with `run:` and stands beside `uses:`: the platform refuses the workflow as having \
             an unexpected value, and none of its jobs runs"
        ),
        FlawKind::Nested => format!(
            "`{written}` of a step is a list or a map, and a step takes one text for it: the platform refuses the workflow, \
             and none of its jobs runs. Write `${{{{ … }}}}` with its dollar, or the list as a text (`|`)"
        ),
        FlawKind::Cron => format!(
            "`{written}` is no time for `schedule:`, which is five fields (minute, hour, day, month, weekday) without `?` and \
             without names such as `@daily`: the platform refuses the workflow, and none of its jobs runs"
        ),
        FlawKind::InputType => format!(
            "an input of a called workflow is a boolean, a number or a string and no `{written}`: the platform refuses the \
             workflow, and none of its jobs runs.{hint}"
        ),
        FlawKind::Tag => format!(
            "`{written}` without quotes is a tag of YAML and no pattern: the platform refuses the workflow, and none of its \
             jobs runs. Write it between quotes"
        ),
        FlawKind::ActionSecret => format!(
            "`{written}` stands in an action, which has no secrets; the platform evaluates it even in a description, and \
             refuses to load the action: each job that uses it fails. Hand the secret over as an input, and write the text \
             without its braces"
        ),
        kind if is_of_keys(kind) => of_keys(flaw, hint),
        FlawKind::Event
        | FlawKind::Cycle
        | FlawKind::StepTwice
        | FlawKind::SingleEquals
        | FlawKind::Undeclared => structure(flaw, hint),
        FlawKind::Action => format!(
            "`{written}` is no action: it takes `owner/repository@version`, `./folder` or `docker://image`, so the \
             platform refuses the workflow and none of its jobs runs"
        ),
        FlawKind::MisplacedInput => format!(
            "`{written}` stands beside `uses:` and belongs under `with:`: the platform refuses the workflow as having \
             an unexpected value, and none of its jobs runs"
        ),
        _ => format!(
            "no step has a key `{written}`: the platform refuses the workflow as having an unexpected value, and none \
             of its jobs runs.{hint}"
        ),
    }
}

/// What is wrong with a key, or with a value that the platform does not take.
fn of_keys(flaw: &WorkflowFlaw, hint: &str) -> String {
    const REFUSED: &str = "the platform refuses the workflow, and none of its jobs runs";
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::WorkflowKey => format!("a workflow has no key `{written}` at its top: {REFUSED}.{hint}"),
        FlawKind::JobKey => format!("a job has no key `{written}`: {REFUSED}.{hint}"),
        FlawKind::CallerKey => format!(
            "the job `{job}` calls a workflow (`uses:`), and such a job has no key `{written}`: {REFUSED}. Take it out, or \
             set it in the workflow that is called"
        ),
        FlawKind::JobForm => format!("the job `{job}` holds nothing: {REFUSED}"),
        FlawKind::Permission => format!("a token has no permission `{written}`: {REFUSED}.{hint}"),
        FlawKind::CalledVersion => {
            format!(
                "`{written}` calls a workflow of another repository without a version (`@main`): {REFUSED}"
            )
        }
        FlawKind::OldCommand => format!(
            "the runner no longer obeys `::{written}`, and the step fails: write to the file `$GITHUB_ENV` or `$GITHUB_PATH`"
        ),
        FlawKind::EnvLine => format!(
            "this line for `$GITHUB_ENV` is no assignment (`{written}=…`): the runner says \"Invalid format\", and the step fails"
        ),
        _ => format!(
            "`{written}` is a number without quotes, whose last zero is dropped: a version of long ago is asked for, and what \
             is built for this one fails. Write it between quotes"
        ),
    }
}

/// What is wrong with the text of an expression, or with the moment in which it is read.
fn of_expression(flaw: &WorkflowFlaw, hint: &str) -> String {
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::SameStep => format!(
            "`{written}` is empty here: what is written to `$GITHUB_ENV` holds for the steps behind this one, and nothing in \
             this workflow sets it before. Set it in the shell as well: `{written}=…`"
        ),
        FlawKind::NestedExpression => format!(
            "`{written}` begins an expression inside of another, which ends at the first `}}}}`: the platform refuses the \
             workflow, and none of its jobs runs. Join texts with `format('…{{0}}', …)`, as in `secrets[format('A_{{0}}', inputs.b)]`"
        ),
        FlawKind::UnclosedExpression => format!(
            "`{written}` begins an expression that no `}}}}` ends: the platform refuses the workflow, and none of its jobs \
             runs. Close it with two braces"
        ),
        FlawKind::NoNeeds if flaw.in_condition => format!(
            "the job `{job}` waits for no job, so `{written}` holds nothing and what is asked with a `!` before it is always \
             true, whatever the others end with. List them under `needs:`"
        ),
        FlawKind::NoNeeds => format!(
            "the job `{job}` waits for no job, so `{written}` holds nothing and this is never true, whatever the others end \
             with. List them under `needs:`"
        ),
        FlawKind::ShellUnset => format!(
            "nothing gives the shell a variable `{written}`, so it is empty here: it stands under no `env:` of this step, the job \
             or the workflow, no step before writes it to `$GITHUB_ENV`, and the machine has none. Give it under `env:`, or set \
             it in this step before it is read.{hint}"
        ),
        FlawKind::WithoutDollar => format!(
            "`{written}` stands between braces without a dollar before them: the platform fills nothing in, and the text \
             is handed on as it stands; write `${{{{ {written} }}}}`"
        ),
        FlawKind::SingleBrace => format!(
            "`{written}` stands in one pair of braces: the platform fills nothing in, and the text is handed on as it stands; \
             write `${{{{ {written} }}}}`"
        ),
        FlawKind::Name => format!(
            "`{written}` is neither a context nor a value: the platform refuses the workflow (\"Unrecognized named-value\"), \
             and none of its jobs runs. A text stands in single quotes, a variable is read as `env.{written}`.{hint}"
        ),
        FlawKind::Function => format!(
            "expressions have no function `{written}`: the platform refuses the workflow (\"Unrecognized function\"), and \
             none of its jobs runs.{hint}"
        ),
        _ => format!(
            "`{written}` reads a context that there is none of: the platform refuses the workflow (\"Unrecognized \
             named-value\"), and none of its jobs runs.{hint}"
        ),
    }
}

/// What is wrong with how the parts of a workflow are put together.
fn structure(flaw: &WorkflowFlaw, hint: &str) -> String {
    const REFUSED: &str = "the platform refuses the workflow, and none of its jobs runs";
    let WorkflowFlaw { job, written, .. } = flaw;
    match flaw.kind {
        FlawKind::Event => format!("no event is called `{written}`: {REFUSED}.{hint}"),
        FlawKind::Cycle => {
            format!("the job `{written}` waits for itself, by way of the jobs under its `needs:`: {REFUSED}")
        }
        FlawKind::StepTwice => {
            format!("a step of `{job}` before this one has the `id: {written}` as well: {REFUSED}")
        }
        FlawKind::SingleEquals => format!("`{written}` has `=` where a comparison has `==`: {REFUSED}"),
        _ => format!(
            "`{written}` is empty: the called workflow, or the action, declares no such output under `outputs:`.{hint}"
        ),
    }
}

/// The name that may be misspelt: in `needs.build.outputs.tag` that of the output where this is what is missing.
fn last_name(flaw: &WorkflowFlaw) -> &str {
    let mut parts = flaw.written.split('.');
    match flaw.kind {
        FlawKind::Output | FlawKind::StepOutput | FlawKind::Undeclared => parts.nth(3),
        FlawKind::Input | FlawKind::Variable => parts.next_back(),
        FlawKind::GithubName => parts.nth(1),
        FlawKind::Need | FlawKind::Step | FlawKind::MatrixKey => parts.nth(1),
        FlawKind::Context => parts.next(),
        _ => None,
    }
    .unwrap_or(&flaw.written)
}
