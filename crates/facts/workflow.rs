//! Workflows: which contexts their expressions read, and which actions they use.

use source::Place;

use crate::Scope;

/// A context that an expression of a workflow reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextUse {
    /// The place as the platform's documents name it: `jobs.<job_id>.if`.
    pub key: &'static str,
    /// The job, where it stands in one.
    pub job: Option<String>,
    /// The context: `env`, `secrets`.
    pub context: String,
    /// What of it is read: `env.REGION`.
    pub written: String,
    /// Where the expression stands.
    pub at: Place,
}

/// An action that a step uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionUse {
    /// Owner, repository and folder: `actions/checkout`.
    pub name: String,
    /// What follows the `@`.
    pub version: String,
    /// Where it stands.
    pub at: Place,
}

/// Something that a workflow refers to and does not have, or that the platform refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowFlaw {
    /// What is wrong.
    pub kind: FlawKind,
    /// The job.
    pub job: String,
    /// The name or expression as written: `steps.build.outputs.tag`.
    pub written: String,
    /// Where it stands.
    pub at: Place,
    /// The names that there are in its place.
    pub known: Vec<String>,
    /// Whether a condition reads it, or something else stands in for it.
    pub in_condition: bool,
    /// Whether what is empty only asks if a cache was found: without an answer the step runs, as it does without a cache.
    pub is_unfound_cache: bool,
    /// Whether the workflow deploys.
    pub deploys: bool,
}

impl WorkflowFlaw {
    /// A flaw of which nothing else is known yet.
    pub(crate) fn new(kind: FlawKind, job: &str, written: impl Into<String>, at: Place) -> Self {
        Self {
            kind,
            job: job.to_owned(),
            written: written.into(),
            at,
            known: Vec::new(),
            in_condition: false,
            is_unfound_cache: false,
            deploys: false,
        }
    }
}

/// What is wrong in a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// `needs:` names a job that does not exist.
    Job,
    /// A job is read that the job does not wait for.
    Need,
    /// An output that the job which is waited for does not have.
    Output,
    /// A step is read that the job does not have.
    Step,
    /// An output that the commands of a step never write.
    StepOutput,
    /// A step is read before it has run.
    LaterStep,
    /// An input that the workflow does not declare.
    Input,
    /// A job without a runner.
    Runner,
    /// A machine that there is none of.
    RunnerLabel,
    /// A job without a step.
    Steps,
    /// A called workflow in a folder below that of the workflows.
    CalledBelow,
    /// A variable of the context `env` that nothing sets.
    Variable,
    /// A variable that the shell of a step reads and nothing gives.
    ShellUnset,
    /// A key that the matrix does not have.
    MatrixKey,
    /// A context between braces without the dollar before them: nothing is filled in.
    WithoutDollar,
    /// An action without owner or version.
    Action,
    /// An input of an action that stands beside `with`.
    MisplacedInput,
    /// A key that no step has.
    StepKey,
    /// A comparison of a text with a boolean.
    Comparison,
    /// A comparison of a boolean input with a text.
    BooleanInput,
    /// A comparison with a result that no job and no step has.
    Result,
    /// A comparison of what `!` makes of a text, which is a boolean, with another text.
    Negated,
    /// A comparison of a Git reference with what none is called.
    GitReference,
    /// A boolean that a shell asks whether it is empty.
    ShellBoolean,
    /// A pattern where a Git reference is compared, which is taken letter by letter.
    GitPattern,
    /// A context that there is none of.
    Context,
    /// A name in an expression that is neither a context nor a value.
    Name,
    /// A function that there is none of.
    Function,
    /// An action of the repository that is used before the repository is there.
    BeforeCheckout,
    /// A variable that a step writes for later steps, and reads itself.
    SameStep,
    /// An expression inside an expression, which ends at the first closing braces.
    NestedExpression,
    /// An expression that begins and does not end.
    UnclosedExpression,
    /// A condition with text beside its expression, which makes a text of all of it.
    AlwaysTrue,
    /// A property that the context `github` does not have.
    GithubName,
    /// A key of a step with `run:` beside `uses:`.
    RunKey,
    /// A list or a map where a step takes one value.
    Nested,
    /// A time for `schedule:` that is not five fields.
    Cron,
    /// A type that the input of a called workflow cannot have.
    InputType,
    /// A tag of YAML, which a pattern without quotes becomes.
    Tag,
    /// A job, or an output of one, that the outputs of a called workflow read and that is not there.
    CalledOutput,
    /// A cache that is restored under another path than the one it is saved with.
    CachePath,
    /// An artifact that is downloaded and that no job uploads.
    Artifact,
    /// A secret in the description of an action, which has none.
    ActionSecret,
    /// A variable in the syntax of a shell in an input of an action, which no shell reads.
    ShellVariable,
    /// An event that there is none of.
    Event,
    /// A job that waits for itself through others.
    Cycle,
    /// The id of another step of the job.
    StepTwice,
    /// `=` where a comparison has `==`.
    SingleEquals,
    /// An output that a called workflow or an action of the repository does not declare.
    Undeclared,
    /// A command that asks for the repository of its folder, in a job that has none.
    Repository,
    /// A key at the top of a workflow that stands elsewhere, or is spelt otherwise.
    WorkflowKey,
    /// Likewise of a job.
    JobKey,
    /// A key that a job which calls a workflow does not have.
    CallerKey,
    /// A job that is no map.
    JobForm,
    /// Likewise of what a token is allowed.
    Permission,
    /// A called workflow of another repository without a version.
    CalledVersion,
    /// A comparison with a failure before which the job or step is passed over.
    AfterFailure,
    /// What the jobs before ended with, in a job that waits for none.
    NoNeeds,
    /// An expression in one pair of braces.
    SingleBrace,
    /// A command to the runner that it no longer obeys.
    OldCommand,
    /// A line for `$GITHUB_ENV` that is no assignment.
    EnvLine,
    /// A version that YAML reads as a number.
    VersionNumber,
}

/// A command over several lines that lacks a continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutCommand {
    /// The option with which the second half begins.
    pub option: String,
    /// Where it stands.
    pub at: Place,
    /// The program of the first half.
    pub program: String,
    /// The first half.
    pub before: Place,
}

/// A test of a shell that compares a number as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringCompare {
    /// `<` or `>`.
    pub operator: String,
    /// The number as written.
    pub number: String,
    /// Whether the operator is a redirection there, so that nothing is compared at all.
    pub is_redirect: bool,
    /// Where the number stands.
    pub at: Place,
}

/// What silences a gate that a loop tries again and again: [`SilencedGate::by`].
pub const GATE_IN_LOOP: &str = "loop";

/// A test or check of a workflow whose failure goes unheard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilencedGate {
    /// Its first words: `pytest`.
    pub gate: String,
    /// What silences it, as written.
    pub by: &'static str,
    /// Where it stands.
    pub at: Place,
}

/// A secret of a workflow for which a literal stands in where it is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFallback {
    /// The secret.
    pub secret: String,
    /// From `secrets` to the end of the literal.
    pub at: Place,
    /// The environment of the job.
    pub scope: Scope,
}

/// A secret that a job of a workflow reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowSecret {
    /// Its name among the repository's secrets.
    pub name: String,
    /// The environment that the job, or the workflow by its name, is for.
    pub environment: Option<String>,
    /// 1-based line on which the job begins that reads it.
    pub job: u32,
    /// Where the name stands.
    pub at: Place,
}

/// An environment that a deploying command of a workflow names, in a job that has one itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentWord {
    /// The program: `vercel`.
    pub program: &'static str,
    /// What names it, as written: `--prod`, `--environment production`.
    pub written: String,
    /// The environment that is named, by canonical name.
    pub named: &'static str,
    /// Whether the word is the environment's own name, and not a switch that a second project may use too.
    pub is_by_name: bool,
    /// The environment of the job, by canonical name.
    pub job: &'static str,
    /// Where the naming word stands.
    pub at: Place,
}
