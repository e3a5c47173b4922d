//! The facts: what files state, need and name. Each is small, and carries its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use source::{FileKind, Place, Span};

use crate::cloud_run::CloudRunDeploy;
use crate::compose_service::ComposeService;
use crate::container::{
    BuildArgument, BuildKitNeed, EscapedVariable, LackingTools, LiteralVariable, UndefinedBuildVariable,
};
use crate::detect::{Cell, Detector, UnreachableBranch};
use crate::image::Image;
use crate::named_file::{Disagreement, IgnoreFileFact, MissingFile};
use crate::ports::DockerfilePorts;
use crate::terraform::{TerraformModule, TerraformRun};
use crate::workflow::{
    ActionUse, ContextUse, EnvironmentWord, SecretFallback, SilencedGate, StringCompare, WorkflowSecret,
};

/// Everything that is known about one repository. Every list is in the order of its places, whatever the number of
/// threads that collected it.
#[derive(Debug, Default)]
pub struct Facts {
    /// The files that were read, in path order.
    pub files: Vec<FileFact>,
    /// Keys with their values, wherever they are set.
    pub settings: Vec<Setting>,
    /// Keys that an env file sets again.
    pub repeats: Vec<RepeatedKey>,
    /// Environment variables that code reads.
    pub env_reads: Vec<EnvRead>,
    /// Messages of code that say that variables are missing.
    pub demands: Vec<Demand>,
    /// URLs that code holds.
    pub addresses: Vec<CodeAddress>,
    /// Modules that code imports.
    pub imports: Vec<Import>,
    /// What is built from each Dockerfile.
    pub images: Vec<Image>,
    /// Secrets that configuration refers to by name.
    pub secrets: Vec<SecretRef>,
    /// Timeouts and other limits.
    pub limits: Vec<Limit>,
    /// Services as they are deployed, with the variables that each is given.
    pub deployments: Vec<Deployment>,
    /// Code that says which environment this is.
    pub detectors: Vec<Detector>,
    /// What each detector answers in each deployment, by detector and then by deployment.
    pub cells: Vec<Cell>,
    /// Branches on names of environments that are never reached, sorted by place.
    pub unreachable: Vec<UnreachableBranch>,
    /// Conclusions about the environment drawn from the mere presence of a platform's variable.
    pub predicates: Vec<PlatformPredicate>,
    /// Files that are named and not there.
    pub missing: Vec<MissingFile>,
    /// Needed files on which the builders of one image differ.
    pub disagreements: Vec<Disagreement>,
    /// The ignore files of builds, in path order.
    pub ignore_files: Vec<IgnoreFileFact>,
    /// Terraform modules, by directory.
    pub modules: Vec<TerraformModule>,
    /// Calls of `terraform` in workflows and scripts.
    pub terraform_runs: Vec<TerraformRun>,
    /// What BuildKit alone understands, the first such thing of each Dockerfile.
    pub buildkit_needs: Vec<BuildKitNeed>,
    /// Programs that the final stages of Dockerfiles lack.
    pub lacking_tools: Vec<LackingTools>,
    /// Ports that Dockerfiles state.
    pub dockerfile_ports: Vec<DockerfilePorts>,
    /// Services of Compose files.
    pub compose_services: Vec<ComposeService>,
    /// Numbers that a shell compares as texts.
    pub string_compares: Vec<StringCompare>,
    /// Tests of deploying workflows whose failure goes unheard.
    pub silenced_gates: Vec<SilencedGate>,
    /// Literals that stand in for secrets of workflows.
    pub secret_fallbacks: Vec<SecretFallback>,
    /// Variables that Compose fills in.
    pub compose_variables: Vec<ComposeVariable>,
    /// Calls of `gcloud run deploy`.
    pub cloud_run_deploys: Vec<CloudRunDeploy>,
    /// Contexts that workflows read.
    pub contexts: Vec<ContextUse>,
    /// Actions that workflows use.
    pub actions: Vec<ActionUse>,
    /// Secrets that jobs of workflows read.
    pub workflow_secrets: Vec<WorkflowSecret>,
    /// Variables of Dockerfiles that are empty where they are read.
    pub undefined_build_variables: Vec<UndefinedBuildVariable>,
    /// Build arguments that commands of a Dockerfile's last stage run with.
    pub build_arguments: Vec<BuildArgument>,
    /// Environments that the deploying commands of workflows name.
    pub environment_words: Vec<EnvironmentWord>,
    /// Files of Terraform's state that lie in the tree and that `.gitignore` does not keep out.
    pub state_files: Vec<Arc<str>>,
    /// Variables in commands that no shell reads.
    pub literal_variables: Vec<LiteralVariable>,
    /// Variables of Compose files with a backslash before them.
    pub escaped_variables: Vec<EscapedVariable>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// The deployed environments that were recognised, by canonical name.
    pub environments: Vec<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFact {
    /// Path relative to the root.
    pub path: Arc<str>,
    /// What its name says.
    pub kind: FileKind,
    /// The environments it speaks of, by canonical name, sorted.
    pub environments: Vec<String>,
}

/// Whether a fact takes part in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The environment it belongs to, by canonical name.
    pub environment: Option<String>,
    /// The service it belongs to.
    pub service: Option<String>,
    /// Whether it reaches a deployed environment: by its kind, or by evidence.
    pub deployed: bool,
}

/// The kinds of places where a setting can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingSource {
    /// A line of an env file.
    EnvFile,
    /// `environment:` of a Compose service.
    Compose,
    /// `args:` of a Compose build.
    ComposeBuildArg,
    /// An attribute of a `.tfvars` or `.tfvars.json` file.
    Tfvars,
    /// An attribute in a `.tf` file.
    Terraform,
    /// A scalar of a YAML file of settings.
    Yaml,
    /// `ENV` of a Dockerfile.
    DockerfileEnv,
    /// `env:` of a workflow.
    Workflow,
    /// A flag or dictionary of a deploy script.
    Script,
}

impl SettingSource {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnvFile => "env-file",
            Self::Compose => "compose",
            Self::ComposeBuildArg => "compose-build-arg",
            Self::Tfvars => "tfvars",
            Self::Terraform => "terraform",
            Self::Yaml => "yaml",
            Self::DockerfileEnv => "dockerfile",
            Self::Workflow => "workflow",
            Self::Script => "script",
        }
    }
}

/// What a value is for. Some values look like a destination and are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// A value that the application or the platform reads.
    #[default]
    Value,
    /// A command that asks the same container for its health.
    HealthCheck,
    /// An address to listen on.
    BindAddress,
    /// A loopback address in it leads to a neighbour: a container of the same pod, a process of the same host.
    SharedHost,
    /// Prose: a description, a title, a message.
    Text,
    /// Something else that is no setting: a command line, a file path pattern, a regular expression.
    Other,
}

/// A key and its value, set in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The last name of the key, as written.
    pub key: String,
    /// The names of the maps that hold it, outermost first: `["services", "backend", "environment"]`.
    pub within: Vec<String>,
    /// The value as its reader understands it.
    pub value: String,
    /// The value as written.
    pub raw: String,
    /// Where the value stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
    /// The env file dialect the value was read with, where there is one.
    pub dialect: Option<&'static str>,
    /// What the value is for.
    pub role: Role,
    /// Whether `${VAR}` in this place is replaced by whoever reads the file, before the value is used.
    pub expands_variables: bool,
    /// Whether `{{ x }}` or other template syntax in this file is processed by a template engine.
    pub is_template: bool,
}

/// A key that an env file has set before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedKey {
    /// The key.
    pub key: String,
    /// The value that was set last before.
    pub first: Place,
    /// The value that is set again.
    pub second: Place,
    /// The whole lines of the second entry with the line end; what a fix may remove.
    pub lines: Span,
    /// Whether both values are the same.
    pub same: bool,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// A URL that code holds as the beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeAddress {
    /// The URL as written, up to its first blank, comma or expression.
    pub url: String,
    /// Where the text stands.
    pub at: Place,
    /// The function that holds it.
    pub function: Option<String>,
}

/// An environment variable that code reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// Whether its absence raises.
    pub required: bool,
    /// The literal used in its absence.
    pub default: Option<String>,
    /// The function that reads it.
    pub function: Option<String>,
}

/// A variable of a Compose file that neither has a default nor is demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeVariable {
    /// The variable.
    pub name: String,
    /// Where it stands.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// An error message of code that says that variables are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The variables; of several each may do.
    pub names: Vec<String>,
    /// The environments that it speaks of, by canonical name; empty where it speaks of none.
    pub environments: Vec<&'static str>,
    /// Where the message stands.
    pub at: Place,
    /// The function that gives it.
    pub function: Option<String>,
}

/// How a module is imported; later ones are the milder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// When the importing module is loaded.
    TopLevel,
    /// When a function runs.
    Lazy,
    /// Under a `try` that catches the failure.
    Guarded,
    /// For type checkers only.
    TypeChecking,
}

impl How {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "top-level",
            Self::Lazy => "lazy",
            Self::Guarded => "guarded",
            Self::TypeChecking => "type-checking",
        }
    }
}

/// A module that a file imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The module's full name, relative dots resolved where that is possible.
    pub module: String,
    /// Where it is imported.
    pub at: Place,
    /// How.
    pub how: How,
}

/// A secret that configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The secret's name, without project, version or path.
    pub name: String,
    /// The version or alias that is bound, where one is written.
    pub version: Option<String>,
    /// The variable that receives it, where there is one.
    pub variable: Option<String>,
    /// Where the name stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
}

/// A timeout or another limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The key as written.
    pub key: String,
    /// What the limit bounds, as the platform's documents name it: `cloud-run.request-timeout`; `None` where only
    /// the key is known.
    pub field: Option<&'static str>,
    /// The number of seconds, where the unit is known.
    pub seconds: Option<f64>,
    /// The value as written.
    pub raw: String,
    /// Where the value stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
}

/// One service as it is deployed in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// A stable name: `service@environment`.
    pub id: String,
    /// The service.
    pub service: String,
    /// The environment, by canonical name.
    pub environment: Option<String>,
    /// The variables it is given.
    pub variables: BTreeMap<String, String>,
    /// Variables that it is given with values that no file tells.
    pub hidden: BTreeSet<String>,
    /// The platform that runs it, where that is known.
    pub platform: Option<&'static str>,
    /// Whether nothing else is set.
    pub complete: bool,
    /// Where it is described.
    pub at: Place,
    /// What each of the files that describe it gives by itself, in path order: a Compose file and a deploy script are
    /// two ways to start the service, and neither adds to the other.
    pub descriptions: Vec<Description>,
}

/// What one file gives a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The first of its settings for the service.
    pub at: Place,
    /// The kind of that place.
    pub source: SettingSource,
    /// The variables that it gives, whether with a value that is known or not.
    pub given: BTreeSet<String>,
    /// Those that it gives the empty text.
    pub empty: BTreeSet<String>,
    /// Whether it names all variables of the service.
    pub complete: bool,
}

/// An environment concluded from the truth of a variable that the platform sets everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformPredicate {
    /// The platform's variable.
    pub variable: String,
    /// The environment that is concluded, by canonical name.
    pub concluded: String,
    /// Where the variable decides.
    pub at: Place,
    /// The function that decides.
    pub function: Option<String>,
    /// Whether an earlier branch already went by an explicit value, so that this one decides only in its absence.
    pub is_fallback: bool,
}

/// Something that could not be read or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path relative to the root.
    pub path: Arc<str>,
    /// 1-based line; 1 where the file as a whole is meant.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether the verdict cannot be "clear" because of it.
    pub blocking: bool,
}
