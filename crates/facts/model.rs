//! The facts: what files state, need and name. Each is small, and carries its place.

mod code;
mod files;
mod stated;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use source::redact::Concealed;
use source::{FileKind, Place};

use crate::cloud_run::CloudRunDeploy;
use crate::compose_service::{ComposeCall, ComposeService, Stated};
use crate::container::{
    BuildArgument, BuildKitNeed, DockerfileFlaw, EscapedVariable, LackingTools, LiteralVariable,
    UndefinedBuildVariable, UntakenArgument,
};
use crate::detect::{Cell, Detector, DetectorRepair, UnreachableBranch};
use crate::given_twice::GivenTwice;
use crate::image::Image;
use crate::kubernetes::KubernetesObject;
use crate::local_actions::LocalAction;
use crate::ports::{AskedPath, DockerfilePorts, UnservedPath};
use crate::refused::RefusedFile;
use crate::rule_files::UnmatchedRules;
use crate::script_flaws::{ScriptFlaw, StartedCommand};
use crate::service_targets::ServiceTarget;
use crate::shell_flaws::ShellFlaw;
use crate::terraform::{TerraformModule, TerraformRun};
use crate::unfound_modules::UnfoundModule;
use crate::workflow::{
    ActionUse, ContextUse, CutCommand, EnvironmentWord, SecretFallback, SilencedGate, StringCompare,
    WorkflowFlaw, WorkflowSecret,
};
use crate::workflow_call::WorkflowFile;

pub use code::{CodeAddress, Demand, EnvRead, How, Import, PlatformPredicate};
pub use files::{Disagreement, IgnoreFileFact, MissingFile, MissingKind, RootOnlyLine, UnreadIgnoreFile};
pub(crate) use stated::SECRET_LABEL;
pub use stated::{
    ComposeVariable, Limit, RepeatedKey, Role, SecretRef, Setting, SettingSource, UnnamedVariables,
};

/// Everything that is known about one repository. Every list is in the order of its places, whatever the number of
/// threads that collected it.
#[derive(Debug, Default)]
pub struct Facts {
    /// Services that YAML files describe which have no name of Compose's.
    pub other_services: BTreeSet<String>,
    /// The files that were read, in path order.
    pub files: Vec<FileFact>,
    /// Keys with their values, wherever they are set.
    pub settings: Vec<Setting>,
    /// Keys that an env file sets again.
    pub repeats: Vec<RepeatedKey>,
    /// Environment variables that code reads.
    pub env_reads: Vec<EnvRead>,
    /// Variables that the comments of env files name, with the file.
    pub mentioned: BTreeSet<(Arc<str>, String)>,
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
    /// What is secret wherever it stands, as far as files tell; no output shows it.
    pub concealed: Concealed,
    /// Services that are given variables which no file names.
    pub unnamed_variables: Vec<UnnamedVariables>,
    /// Whether the program runs on a machine as it is, so that loopback addresses lead to other programs there.
    pub runs_on_host: bool,
    /// Files among backups that something outside of them names, or that the configuration gives an environment.
    pub backups_in_use: BTreeSet<String>,
    /// Timeouts and other limits.
    pub limits: Vec<Limit>,
    /// Services as they are deployed, with the variables that each is given.
    pub deployments: Vec<Deployment>,
    /// Code that says which environment this is.
    pub detectors: Vec<Detector>,
    /// What each detector answers in each deployment, by detector and then by deployment.
    pub cells: Vec<Cell>,
    /// Repairs of detectors, by their places.
    pub repairs: Vec<DetectorRepair>,
    /// Branches on names of environments that are never reached, sorted by place.
    pub unreachable: Vec<UnreachableBranch>,
    /// Conclusions about the environment drawn from the mere presence of a platform's variable.
    pub predicates: Vec<PlatformPredicate>,
    /// Modules that Python files use by name when they are loaded, and never import.
    pub unbound_names: Vec<Stated<String>>,
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
    /// Instructions that mean something else than they seem to.
    pub dockerfile_flaws: Vec<DockerfileFlaw>,
    /// Ports that Dockerfiles state.
    pub dockerfile_ports: Vec<DockerfilePorts>,
    /// Paths that platforms ask of containers.
    pub asked_paths: Vec<AskedPath>,
    /// Services of Compose files.
    pub compose_services: Vec<ComposeService>,
    /// Commands of Docker Compose that name services.
    pub compose_calls: Vec<ComposeCall>,
    /// Addresses in the configuration of Prometheus and nginx.
    pub service_targets: Vec<ServiceTarget>,
    /// Files of rules that Prometheus is told to read and does not have.
    pub unmatched_rules: Vec<UnmatchedRules>,
    /// Objects of Kubernetes.
    pub objects: Vec<KubernetesObject>,
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
    /// Calls of the other commands that change services and jobs of Cloud Run.
    pub cloud_run_changes: Vec<CloudRunDeploy>,
    /// Contexts that workflows read.
    pub contexts: Vec<ContextUse>,
    /// What workflows refer to and do not have, and what the platform refuses.
    pub workflow_flaws: Vec<WorkflowFlaw>,
    /// Files that their own reader refuses.
    pub refused_files: Vec<RefusedFile>,
    /// Variables that one container is given twice.
    pub given_twice: Vec<GivenTwice>,
    /// Where files still hold the marks of a merge.
    pub conflicts: Vec<Place>,
    /// Workflows: what they take from those that call them, and which they call.
    pub workflow_files: Vec<WorkflowFile>,
    /// Actions of the repository that its workflows use.
    pub local_actions: Vec<LocalAction>,
    /// Modules that scripts of workflows do not find.
    pub unfound_modules: Vec<UnfoundModule>,
    /// Commands that lack a continuation.
    pub cut_commands: Vec<CutCommand>,
    /// Scripts that something starts and that cannot run.
    pub script_flaws: Vec<ScriptFlaw>,
    /// Commands of scripts that containers start, in the order of the scripts' paths.
    pub started_commands: Vec<StartedCommand>,
    /// Places of shell texts that do something else than they seem to.
    pub shell_flaws: Vec<ShellFlaw>,
    /// Actions that workflows use.
    pub actions: Vec<ActionUse>,
    /// Secrets that jobs of workflows read.
    pub workflow_secrets: Vec<WorkflowSecret>,
    /// Variables of Dockerfiles that are empty where they are read.
    pub undefined_build_variables: Vec<UndefinedBuildVariable>,
    /// Build arguments that commands of a Dockerfile's last stage run with.
    pub build_arguments: Vec<BuildArgument>,
    /// Build arguments that no Dockerfile takes.
    pub untaken_arguments: Vec<UntakenArgument>,
    /// Environments that the deploying commands of workflows name.
    pub environment_words: Vec<EnvironmentWord>,
    /// Files of Terraform's state that lie in the tree and that `.gitignore` does not keep out.
    pub state_files: Vec<Arc<str>>,
    /// Env files that a script or a workflow writes or adds to: they may hold more than stands in them here.
    pub written_env_files: BTreeSet<String>,
    /// Paths that health checks ask and that nothing serves.
    pub unserved_paths: Vec<UnservedPath>,
    /// Variables in commands that no shell reads.
    pub literal_variables: Vec<LiteralVariable>,
    /// Variables of Compose files with a backslash before them.
    pub escaped_variables: Vec<EscapedVariable>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// The deployed environments that were recognised, by canonical name.
    pub environments: Vec<String>,
}

impl Facts {
    /// The settings of one file, in the order of their places. Only on a joined fact base, which is sorted.
    #[must_use]
    pub fn settings_in(&self, path: &str) -> &[Setting] {
        let start = self.settings.partition_point(|setting| *setting.at.path < *path);
        let rest = self.settings.get(start..).unwrap_or(&[]);
        rest.get(..rest.partition_point(|setting| *setting.at.path == *path)).unwrap_or(&[])
    }
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

/// One service as it is deployed in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// A stable name: `service@environment`, with the Compose file that starts it where a platform runs another one.
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
    /// Variables that its program's own start or code may set all the same.
    pub may_be_set: BTreeSet<String>,
    /// Where it is described.
    pub at: Place,
    /// What each of the files that describe it gives by itself, in path order: a Compose file and a deploy script are
    /// two ways to start the service, and neither adds to the other.
    pub descriptions: Vec<Description>,
}

impl Deployment {
    /// `service@environment`, however it is started.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.service, self.environment.as_deref().unwrap_or("?"))
    }
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
    /// Whether it is known to give the service others, too, which it does not name.
    pub gives_others: bool,
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
