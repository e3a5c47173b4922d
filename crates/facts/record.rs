//! What one file gives: its facts, and what later stages ask of it. The text itself is dropped.

use std::sync::Arc;

use source::{FileKind, LineIndex, MAX_CODE_BYTES, MAX_CONFIG_BYTES, Place, ReadError, Span, Tree};
use syntax::SyntaxError;
use syntax::dockerignore::Builder;

use crate::cloud_run::CloudRunDeploy;
use crate::collect::terraform_module::TerraformFile;
use crate::compose_service::{ComposeCall, ComposeService, Stated};
use crate::concealed::Concealing;
use crate::container::{
    BuildArgument, BuildKitNeed, DockerfileFlaw, EscapedVariable, LackingTools, LiteralVariable,
    UndefinedBuildVariable,
};
use crate::given_twice::GivenTwice;
use crate::kubernetes::KubernetesObject;
use crate::ports::{AskedPath, DockerfilePorts};
use crate::refused::RefusedFile;
use crate::run_command::RunCommand;
use crate::run_image::{ImageName, RunImage};
use crate::workflow::{
    ActionUse, ContextUse, CutCommand, EnvironmentWord, SecretFallback, SilencedGate, StringCompare,
    WorkflowFlaw, WorkflowSecret,
};
use crate::workflow_call::WorkflowFile;
use crate::{
    CodeAddress, ComposeVariable, Demand, EnvRead, Import, Limit, PlatformPredicate, Problem, RepeatedKey,
    ScriptFlaw, SecretRef, Setting, ShellFlaw, TerraformRun, UnnamedVariables,
};

/// The facts of one file, before it is known which environments it belongs to.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Keys with their values.
    pub settings: Vec<Setting>,
    /// Secrets named.
    pub secrets: Vec<SecretRef>,
    /// What is secret though its name does not tell.
    pub concealing: Concealing,
    /// Services that are given variables which the file does not name.
    pub unnamed_variables: Vec<UnnamedVariables>,
    /// Limits stated.
    pub limits: Vec<Limit>,
    /// Keys set again.
    pub repeats: Vec<RepeatedKey>,
    /// Variables that the comments of an env file name.
    pub mentioned: Vec<String>,
    /// Variables read.
    pub env_reads: Vec<EnvRead>,
    /// Messages that say that a variable is missing.
    pub demands: Vec<Demand>,
    /// URLs in code.
    pub addresses: Vec<CodeAddress>,
    /// Modules imported.
    pub imports: Vec<Import>,
    /// Whether an env file is written for another reader than those of env files.
    pub is_foreign: bool,
    /// Environments concluded from a platform's variable.
    pub predicates: Vec<PlatformPredicate>,
    /// Modules that Python files use by name when they are loaded, and never import.
    pub unbound_names: Vec<Stated<String>>,
    /// What was not understood; whether it blocks is decided when it is known who names the file.
    pub problems: Vec<Problem>,
    /// Env files, Dockerfiles and other files that this one uses.
    pub uses: Vec<Use>,
    /// What the file adds to the Terraform module of its directory.
    pub terraform: Option<Box<TerraformFile>>,
    /// Calls of `terraform`.
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
    /// Numbers that a shell compares as texts.
    pub string_compares: Vec<StringCompare>,
    /// Tests of deploying workflows whose failure goes unheard.
    pub silenced_gates: Vec<SilencedGate>,
    /// Literals that stand in for secrets of workflows.
    pub secret_fallbacks: Vec<SecretFallback>,
    /// Variables that Compose fills in.
    pub compose_variables: Vec<ComposeVariable>,
    /// Calls of commands that change what runs on Cloud Run.
    pub cloud_run_deploys: Vec<CloudRunDeploy>,
    /// What is uploaded to build.
    pub submissions: Vec<Submission>,
    /// Services with the images that they run.
    pub run_images: Vec<RunImage>,
    /// Commands that containers are started with instead of their images' own.
    pub run_commands: Vec<RunCommand>,
    /// The folders from which commands read Compose files.
    pub project_directories: Vec<ProjectDirectory>,
    /// Contexts that workflows read.
    pub contexts: Vec<ContextUse>,
    /// What workflows refer to and do not have, and what the platform refuses.
    pub workflow_flaws: Vec<WorkflowFlaw>,
    /// The file, where its reader refuses it.
    pub refused_files: Vec<RefusedFile>,
    /// Variables that one container is given twice.
    pub given_twice: Vec<GivenTwice>,
    /// Where a merge left its marks.
    pub conflicts: Vec<Place>,
    /// Workflows as those see them that call them.
    pub workflow_files: Vec<WorkflowFile>,
    /// Commands that lack a continuation.
    pub cut_commands: Vec<CutCommand>,
    /// Shell texts that no shell reads.
    pub script_flaws: Vec<ScriptFlaw>,
    /// Places of shell texts that do something else than they seem to.
    pub shell_flaws: Vec<ShellFlaw>,
    /// Actions that workflows use.
    pub actions: Vec<ActionUse>,
    /// Secrets that jobs of workflows read.
    pub workflow_secrets: Vec<WorkflowSecret>,
    /// Variables of Dockerfiles that are empty where they are read.
    pub undefined_build_variables: Vec<UndefinedBuildVariable>,
    /// Build arguments that commands of the last stage run with.
    pub build_arguments: Vec<BuildArgument>,
    /// Environments that deploying commands name.
    pub environment_words: Vec<EnvironmentWord>,
    /// Variables in commands that no shell reads.
    pub literal_variables: Vec<LiteralVariable>,
    /// Variables of Compose files with a backslash before them.
    pub escaped_variables: Vec<EscapedVariable>,
    /// Objects of Kubernetes.
    pub objects: Vec<KubernetesObject>,
    /// Labels of ConfigMaps whose values reach a pod of several containers.
    pub config_maps: Vec<String>,
    /// Folders whose YAML Flux fills variables in.
    pub substituted_folders: Vec<String>,
    /// Files and folders that a `kustomization.yaml` takes resources from, as seen from it.
    pub kustomize_resources: Vec<String>,
}

impl Record {
    /// Whether the file gave nothing.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.settings.is_empty()
            && self.secrets.is_empty()
            && self.concealing.is_empty()
            && self.unnamed_variables.is_empty()
            && self.limits.is_empty()
            && self.repeats.is_empty()
            && self.mentioned.is_empty()
            && self.env_reads.is_empty()
            && self.demands.is_empty()
            && self.addresses.is_empty()
            && self.imports.is_empty()
            && self.predicates.is_empty()
            && self.unbound_names.is_empty()
            && self.problems.is_empty()
            && self.uses.is_empty()
            && self.terraform.is_none()
            && self.terraform_runs.is_empty()
            && self.silenced_gates.is_empty()
            && self.secret_fallbacks.is_empty()
            && self.compose_variables.is_empty()
            && self.cloud_run_deploys.is_empty()
            && self.buildkit_needs.is_empty()
            && self.lacking_tools.is_empty()
            && self.dockerfile_flaws.is_empty()
            && self.dockerfile_ports.is_empty()
            && self.asked_paths.is_empty()
            && self.compose_services.is_empty()
            && self.compose_calls.is_empty()
            && self.string_compares.is_empty()
            && self.submissions.is_empty()
            && self.run_images.is_empty()
            && self.run_commands.is_empty()
            && self.project_directories.is_empty()
            && self.cut_commands.is_empty()
            && self.script_flaws.is_empty()
            && self.shell_flaws.is_empty()
            && self.contexts.is_empty()
            && self.workflow_flaws.is_empty()
            && self.refused_files.is_empty()
            && self.given_twice.is_empty()
            && self.conflicts.is_empty()
            && self.workflow_files.is_empty()
            && self.actions.is_empty()
            && self.workflow_secrets.is_empty()
            && self.undefined_build_variables.is_empty()
            && self.build_arguments.is_empty()
            && self.environment_words.is_empty()
            && self.literal_variables.is_empty()
            && self.escaped_variables.is_empty()
            && self.objects.is_empty()
            && self.config_maps.is_empty()
            && self.substituted_folders.is_empty()
            && self.kustomize_resources.is_empty()
    }

    /// Adds the facts of another reading of the same file.
    pub(crate) fn append(&mut self, other: Self) {
        self.settings.extend(other.settings);
        self.secrets.extend(other.secrets);
        self.concealing.append(other.concealing);
        self.unnamed_variables.extend(other.unnamed_variables);
        self.limits.extend(other.limits);
        self.repeats.extend(other.repeats);
        self.mentioned.extend(other.mentioned);
        self.env_reads.extend(other.env_reads);
        self.demands.extend(other.demands);
        self.addresses.extend(other.addresses);
        self.imports.extend(other.imports);
        self.predicates.extend(other.predicates);
        self.unbound_names.extend(other.unbound_names);
        self.problems.extend(other.problems);
        self.uses.extend(other.uses);
        self.terraform = self.terraform.take().or(other.terraform);
        self.terraform_runs.extend(other.terraform_runs);
        self.silenced_gates.extend(other.silenced_gates);
        self.secret_fallbacks.extend(other.secret_fallbacks);
        self.compose_variables.extend(other.compose_variables);
        self.cloud_run_deploys.extend(other.cloud_run_deploys);
        self.buildkit_needs.extend(other.buildkit_needs);
        self.lacking_tools.extend(other.lacking_tools);
        self.dockerfile_flaws.extend(other.dockerfile_flaws);
        self.dockerfile_ports.extend(other.dockerfile_ports);
        self.asked_paths.extend(other.asked_paths);
        self.compose_services.extend(other.compose_services);
        self.compose_calls.extend(other.compose_calls);
        self.string_compares.extend(other.string_compares);
        self.submissions.extend(other.submissions);
        self.run_images.extend(other.run_images);
        self.run_commands.extend(other.run_commands);
        self.project_directories.extend(other.project_directories);
        self.cut_commands.extend(other.cut_commands);
        self.script_flaws.extend(other.script_flaws);
        self.shell_flaws.extend(other.shell_flaws);
        self.contexts.extend(other.contexts);
        self.workflow_flaws.extend(other.workflow_flaws);
        self.refused_files.extend(other.refused_files);
        self.given_twice.extend(other.given_twice);
        self.conflicts.extend(other.conflicts);
        self.workflow_files.extend(other.workflow_files);
        self.actions.extend(other.actions);
        self.workflow_secrets.extend(other.workflow_secrets);
        self.undefined_build_variables.extend(other.undefined_build_variables);
        self.build_arguments.extend(other.build_arguments);
        self.environment_words.extend(other.environment_words);
        self.literal_variables.extend(other.literal_variables);
        self.escaped_variables.extend(other.escaped_variables);
        self.objects.extend(other.objects);
        self.config_maps.extend(other.config_maps);
        self.substituted_folders.extend(other.substituted_folders);
        self.kustomize_resources.extend(other.kustomize_resources);
    }
}

/// A file that another one uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    /// The used file, relative to the root.
    pub path: String,
    /// Where it is named.
    pub at: Place,
    /// What it is used as.
    pub what: UseKind,
}

impl Use {
    /// Remembers that what is built may be files of another place.
    pub(crate) fn may_be_from_elsewhere(&mut self) {
        if let UseKind::Build(build) = &mut self.what {
            build.has_other_files = true;
        }
    }

    /// Remembers that a step before may have written the Dockerfile.
    pub(crate) fn may_be_generated(&mut self) {
        if let UseKind::Build(build) = &mut self.what {
            build.made.push(self.path.clone());
        }
    }

    /// Remembers what steps before have made.
    pub(crate) fn comes_after(&mut self, made: &[String]) {
        if let UseKind::Build(build) = &mut self.what {
            build.made = made.to_vec();
        }
    }

    /// Remembers that a step before has compiled or bundled something.
    pub(crate) fn comes_after_a_build(&mut self) {
        if let UseKind::Build(build) = &mut self.what {
            build.has_output = true;
        }
    }
}

/// What a file is used as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UseKind {
    /// An env file of a service.
    EnvFile {
        /// Whether its absence is an error.
        required: bool,
        /// The service that is given its variables.
        service: Option<String>,
    },
    /// A Dockerfile to build with a context.
    Build(Box<Build>),
    /// A Dockerfile that a script names, with a context that is not known.
    Dockerfile {
        /// The service that it is for.
        service: Option<String>,
        /// Whether it is one of several that a condition chooses from.
        is_alternative: bool,
    },
    /// The host's side of a bind mount.
    Bind {
        /// Whether the container may only read it.
        read_only: bool,
        /// The service that mounts it.
        service: String,
        /// Where the container has it, as written.
        target: String,
        /// Whether it lies below a volume of the same container, which holds what the program writes.
        is_data: bool,
    },
    /// The content of a Compose config.
    Config,
    /// A Compose file whose services a deploying job starts.
    Started {
        /// The environment of the job.
        environment: Option<String>,
        /// Where the command begins that starts it, and others with it.
        command: usize,
    },
    /// A program of the repository that a command runs.
    Script {
        /// As a program itself, not as the argument of an interpreter.
        directly: bool,
        /// How many arguments it is given, where that is certain.
        arguments: Option<usize>,
    },
    /// A file or a folder that a tool is told to read.
    NamedFile,
    /// A file of Terraform's variables.
    VariableFile,
    /// A script of the package.json of this folder, or of the nearest one above it, by name.
    PackageScript(String),
    /// A target that make is asked for in this folder.
    MakeTarget {
        /// The target.
        target: String,
        /// The Makefile, as written, where it is named.
        file: Option<String>,
    },
    /// A module or a file that Terraform reads.
    Terraform,
    /// A file that Terraform reads by a path from the folder that it runs in, as written.
    TerraformSomewhere,
    /// A file or a folder that a kustomization reads.
    Kustomize,
    /// A folder that a tool in the cluster applies, of this repository or of another.
    Applied,
    /// A template of `OpenShift` that is filled in.
    Template(TemplateValues),
    /// A folder that a step runs in.
    WorkingDirectory,
    /// The folder that a step changes to.
    ChangedFolder,
    /// An action or a workflow of the repository itself.
    Action,
}

/// What a template of `OpenShift` is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateValues {
    /// The names of the parameters, each with its place.
    pub given: Vec<(String, Place)>,
    /// Whether a file or a variable may give others.
    pub may_be_more: bool,
}

/// A folder that is uploaded to be built there as a configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// The configuration, relative to the root.
    pub config: String,
    /// The folder, relative to the root; `None` where that is not known.
    pub folder: Option<String>,
    /// Whether it is what the repository holds: nothing before the command is known to have made files.
    pub is_as_committed: bool,
}

/// A command that reads a Compose file: every relative path in it is one of the project's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectDirectory {
    /// The Compose file, relative to the root.
    pub file: String,
    /// The directory, relative to the root.
    pub directory: String,
}

/// A build that a file describes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Build {
    /// The context directory, relative to the root.
    pub context: String,
    /// Where the context is named.
    pub context_at: Option<Place>,
    /// The builder, where the command tells it.
    pub builder: Option<Builder>,
    /// Names of further contexts that `COPY --from` may mean.
    pub contexts: Vec<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Where it is named.
    pub target_at: Option<Place>,
    /// The service that is built.
    pub service: Option<String>,
    /// The names of the image that it makes.
    pub names: Vec<ImageName>,
    /// The environment that the describing place belongs to.
    pub environment: Option<String>,
    /// Commands that start the container instead of the Dockerfile's own, as word lists.
    pub command: Option<Vec<String>>,
    /// Build arguments by name; `None` where one is given and its value is not told.
    pub arguments: Vec<(String, Option<String>)>,
    /// The names of build arguments, and where each stands.
    pub argument_names: Vec<(String, Place)>,
    /// Whether whoever builds also has files that are not the commit's, so that those it names may be among them.
    pub has_other_files: bool,
    /// How its paths are known to be seen.
    pub seen: Seen,
    /// Whether an image is named too, which is pulled where none is asked to build.
    pub has_image: bool,
    /// Whether a step before it compiles or bundles, so that its folders of output are there.
    pub has_output: bool,
    /// Files and folders that steps before it make, relative to the root.
    pub made: Vec<String>,
    /// Whether what it takes has to be there.
    pub presence: Presence,
}

/// How the paths of a build are known to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Seen {
    /// As they are written; what runs the build may do so from elsewhere.
    #[default]
    AsWritten,
    /// From the folder of the Compose file: commands read it, and all of them as the first.
    FromOwnFolder,
    /// From the folder that is uploaded: the commands that hand over the configuration say it, and nothing is added to it.
    FromUpload,
}

/// Whether what a build takes has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    /// The build is run in any case.
    #[default]
    Needed,
    /// The text that builds asks for the Dockerfile or the context before.
    AskedFor,
}

/// A file's text with what is needed to make places in it.
pub(crate) struct Document {
    /// Path relative to the root.
    pub path: Arc<str>,
    /// The text, with its byte order mark.
    pub text: String,
    pub lines: LineIndex,
}

impl Document {
    /// Reads and decodes the file at `path`.
    ///
    /// # Errors
    /// A problem that names the file, not blocking yet.
    pub(crate) fn read(tree: &dyn Tree, path: &str) -> Result<Self, Problem> {
        let limit = match FileKind::of(path) {
            FileKind::Rust => u64::try_from(syntax::rust::MAX_BYTES).unwrap_or(MAX_CODE_BYTES),
            kind if is_code(kind) => MAX_CODE_BYTES,
            _ => MAX_CONFIG_BYTES,
        };
        Self::of_bytes(path, tree.read(path, limit).map_err(|error| unread(path, &error))?)
    }

    /// Decodes what was read of the file at `path`, as its kind is written.
    ///
    /// # Errors
    /// A problem that names the file, not blocking yet.
    pub(crate) fn of_bytes(path: &str, bytes: Vec<u8>) -> Result<Self, Problem> {
        let decode = match FileKind::of(path) {
            FileKind::Python => source::decode_python,
            kind if is_code(kind) => source::decode_code,
            _ => source::decode,
        };
        let text = decode(bytes)
            .map_err(|error| problem(path, error.line, format!("this file {}", error.message)))?;
        Ok(Self::new(path, text))
    }

    /// A text that is already there.
    #[must_use]
    pub(crate) fn new(path: &str, text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self { path: Arc::from(path), text, lines }
    }

    /// The place of `span` in this file.
    #[must_use]
    pub(crate) fn place(&self, span: Span) -> Place {
        Place { path: Arc::clone(&self.path), line: self.lines.line(span.start), span }
    }

    /// The bytes of a span.
    #[must_use]
    pub(crate) fn slice(&self, span: Span) -> &str {
        span.of(&self.text)
    }

    /// A reader's errors as problems that do not block yet.
    pub(crate) fn problems<'d>(&'d self, errors: &'d [SyntaxError]) -> impl Iterator<Item = Problem> + 'd {
        errors
            .iter()
            .map(|error| problem(&self.path, self.lines.line(error.span.start), error.message.clone()))
    }
}

/// The problem of a file that could not be read.
#[must_use]
pub(crate) fn unread(path: &str, error: &ReadError) -> Problem {
    problem(path, 1, format!("this file {error}"))
}

/// A problem that does not block yet.
#[must_use]
pub(crate) fn problem(path: &str, line: u32, message: String) -> Problem {
    Problem { path: Arc::from(path), line, message, blocking: false }
}

/// Whether files of this kind are program code.
#[must_use]
pub(crate) const fn is_code(kind: FileKind) -> bool {
    matches!(kind, FileKind::Python | FileKind::TypeScript | FileKind::Rust)
}
