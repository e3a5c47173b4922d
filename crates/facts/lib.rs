//! Trees in, facts out: what every file of a repository states, needs and names, joined into one [`Facts`].
//!
//! No rule is known here. Output is the same whatever the number of threads.

mod declared;
mod env_file_layers;
pub mod environment;
pub mod image;
mod model;
mod named_elsewhere;
mod openshift;
mod output_folders;

mod cloud_run;
mod code;
mod collect;
mod collection;
mod compose_additions;
mod compose_layers;
mod compose_service;
mod concealed;
mod container;
mod context;
pub mod detect;
pub mod duration;
mod file_system;
mod git_ignore;
mod given_twice;
mod helm_templates;
mod host;
mod ignore_rules;
mod image_files;
mod images;
mod imports;
mod inventory;
pub mod kubernetes;
mod layout;
pub mod listing;
mod local_actions;
mod missing;
mod ports;
mod record;
mod refused;
mod role;
mod rule_files;
mod run_command;
mod run_image;
mod scope;
mod script_flaws;
mod scripts;
mod served;
mod service_targets;
mod shell_flaws;
mod similar;
mod stages;
mod terraform;
mod terraform_modules;
mod terraform_overrides;
mod unfound_modules;
mod wildcard;
mod workflow;
mod workflow_call;

pub use cloud_run::{CloudRunCommand, CloudRunDeploy, CommandFlag, FieldValue, Given, Possible};
pub use collection::collect;
pub use compose_service::{ComposeCall, ComposeDependency, ComposeService, OwnHealth, PublishedPort, Stated};
pub use container::{
    BuildArgument, BuildKitNeed, DockerfileFlaw, DockerfileFlawKind, EscapedVariable, LackingTools,
    LiteralVariable, UndefinedBuildVariable, UntakenArgument, image_name,
};
pub use declared::{Declared, DeclaredDeployment, DeclaredEnvironment, DeclaredService};
pub use detect::{
    Answer, Cell, Choice, Detector, DetectorRepair, Impossible, RepairedCell, UnreachableBranch,
};
pub use given_twice::{ContainerPlatform, GivenAs, GivenTwice};
pub use ignore_rules::{Exclusion, NotBroughtBack};
pub use image_files::image_files;
pub use local_actions::LocalAction;
pub use model::{
    CodeAddress, ComposeVariable, Demand, Deployment, Description, Disagreement, EnvRead, Facts, FileFact,
    How, IgnoreFileFact, Import, Limit, MissingFile, MissingKind, PlatformPredicate, Problem, RepeatedKey,
    Role, RootOnlyLine, Scope, SecretRef, Setting, SettingSource, UnnamedVariables, UnreadIgnoreFile,
};
pub use ports::{AskedPath, DockerfilePorts, StatedPort, UnservedPath};
pub use refused::{Refusal, RefusedBy, RefusedFile};
pub use rule_files::UnmatchedRules;
pub use script_flaws::{ScriptFlaw, ScriptFlawKind, StartedCommand};
pub use service_targets::{ServiceTarget, TargetReader};
pub use shell_flaws::{ShellFlaw, ShellFlawKind};
pub use syntax::dockerignore::Builder;
pub use syntax::dotenv::Dialect;
pub use terraform::{
    Approval, ModuleCall, RefusedValue, TemplateFlaw, TerraformAttribute, TerraformDefinition,
    TerraformModule, TerraformReference, TerraformResource, TerraformRun, TerraformValue,
};
pub use unfound_modules::UnfoundModule;
pub use workflow::{
    ActionUse, ContextUse, CutCommand, EnvironmentWord, FlawKind, GATE_IN_LOOP, SecretFallback, SilencedGate,
    StringCompare, WorkflowFlaw, WorkflowSecret,
};
pub use workflow_call::{Access, AskedPermission, Granted, Parameter, Takes, WorkflowCall, WorkflowFile};
