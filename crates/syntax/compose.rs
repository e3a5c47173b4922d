//! Compose files, as compose-go 2.14 reads them.
//!
//! [`read`] gives a typed view of one file, variables not replaced: the view for spans and fixes.
//! [`project::load`] follows `.env`, `env_file`, `extends`, `include` and override files through a closure and gives
//! the services as they would run. Neither touches the disk.

mod canonical;
mod decode;
pub mod interpolate;
mod merge;
mod nearest;
mod path;
mod ports;
pub mod project;
mod schema;
mod unique;
pub mod value;
mod variables;
mod volumes;
pub mod words;

#[cfg(test)]
mod tests;

use source::Span;

use crate::{Parsed, Spanned, SyntaxError, yaml};
use value::{Data, Map};

/// What one Compose file states; its documents merged, as Compose merges them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ComposeFile {
    /// `name:`.
    pub name: Option<Spanned<String>>,
    /// The services, in the order of the file.
    pub services: Vec<Service>,
    /// `include:`.
    pub includes: Vec<Include>,
    /// Names under `volumes:`.
    pub volumes: Vec<Spanned<String>>,
    /// `secrets:`.
    pub secrets: Vec<Resource>,
    /// `configs:`.
    pub configs: Vec<Resource>,
    /// Names under `networks:`.
    pub networks: Vec<Spanned<String>>,
    /// Those of them that are made elsewhere: `external: true`.
    pub external_networks: Vec<String>,
    /// Every variable that a value of the file names. Empty where variables are replaced already.
    pub variables: Vec<VariableUse>,
}

/// A variable that a value of a Compose file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableUse {
    /// The variable.
    pub name: String,
    /// The text after `:-` or `-`. Without it, and where nothing sets the variable, Compose takes the empty text.
    pub default: Option<String>,
    /// The message after `:?` or `?`.
    pub required: Option<String>,
    /// The keys that lead to the value, such as `services.web.image`; `[]` stands for an item of a list.
    pub at: String,
    /// From `$` to the end of the name or the closing brace; the whole value where it is written with escapes.
    pub span: Span,
    /// 1-based line on which the value begins.
    pub line: u32,
}

/// A file that this one includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// `path:`; several are merged as override files.
    pub paths: Vec<Spanned<String>>,
    /// `project_directory:`.
    pub project_directory: Option<Spanned<String>>,
    /// `env_file:`; without it the `.env` of the included file's folder.
    pub env_files: Vec<Spanned<String>>,
}

/// A secret or config of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its key.
    pub name: Spanned<String>,
    /// Where its content comes from.
    pub source: ResourceSource,
}

/// Where the content of a [`Resource`] comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceSource {
    /// `file:`, relative to the project's folder.
    File(Spanned<String>),
    /// `environment:`, a variable of the shell.
    Environment(Spanned<String>),
    /// `content:`.
    Content(Spanned<String>),
    /// `external: true`, made elsewhere.
    External,
    /// Nothing of these.
    Unstated,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Service {
    /// Its key.
    pub name: Spanned<String>,
    /// 1-based line of its key.
    pub line: u32,
    /// `image:`.
    pub image: Option<Spanned<String>>,
    /// `pull_policy:`.
    pub pull_policy: Option<Spanned<String>>,
    /// `build:`.
    pub build: Option<Build>,
    /// `environment:`, without what `env_file` adds (but see [`project::Effective`]).
    pub environment: Vec<Setting>,
    /// `env_file:`, in the order of the file; a later one wins.
    pub env_file: Vec<EnvFileRef>,
    /// `command:`.
    pub command: Option<CommandLine>,
    /// `entrypoint:`.
    pub entrypoint: Option<CommandLine>,
    /// `healthcheck:`.
    pub healthcheck: Option<Healthcheck>,
    /// `ports:`.
    pub ports: Vec<Port>,
    /// `expose:`.
    pub expose: Vec<Spanned<String>>,
    /// `volumes:` and `tmpfs:`.
    pub volumes: Vec<Volume>,
    /// `depends_on:`.
    pub depends_on: Vec<Dependency>,
    /// `profiles:`; none means always on.
    pub profiles: Vec<Spanned<String>>,
    /// `extends:`.
    pub extends: Option<Extends>,
    /// `secrets:`.
    pub secrets: Vec<Grant>,
    /// `configs:`.
    pub configs: Vec<Grant>,
    /// Names under `networks:`.
    pub networks: Vec<Spanned<String>>,
    /// `working_dir:`.
    pub working_dir: Option<Spanned<String>>,
    /// `labels:`.
    pub labels: Vec<Setting>,
    /// `network_mode:`.
    pub network_mode: Option<Spanned<String>>,
    /// Names under `extra_hosts:`, without their addresses.
    pub extra_hosts: Vec<String>,
    /// Further names that it or others reach it and others by: `container_name:`, `hostname:`, `aliases:` and `links:`.
    pub other_names: Vec<String>,
    /// `deploy.resources.limits`, else `mem_limit` and `cpus`.
    pub limits: Limits,
    /// `stop_grace_period:`, such as `1m30s`.
    pub stop_grace_period: Option<Spanned<String>>,
    /// `restart:`.
    pub restart: Option<Spanned<String>>,
}

/// A name and its value: a variable, a build argument, a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: Spanned<String>,
    /// The value as the container sees it: a scalar's type is resolved first, so `1.50` is `1.5`, `010` is `8`. Its
    /// span is the value as written, with quotes. None is passed through from the shell that runs Compose.
    pub value: Option<Spanned<String>>,
    /// What a fix of the value may replace; where there is no value, the empty place after the name.
    pub inner: Span,
    /// 1-based line of the name.
    pub line: u32,
}

/// How a service's image is built.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Build {
    /// The folder, or the URL, that is sent to the builder. `.` with the span of `build:` where only other keys are
    /// given.
    pub context: Spanned<String>,
    /// Path of the Dockerfile relative to the context; `Dockerfile` where absent.
    pub dockerfile: Option<Spanned<String>>,
    /// The Dockerfile's text.
    pub dockerfile_inline: Option<Spanned<String>>,
    /// The stage to build.
    pub target: Option<Spanned<String>>,
    /// Build arguments.
    pub args: Vec<Setting>,
    /// Further contexts: name and place.
    pub additional_contexts: Vec<Setting>,
    /// The whole value of `build:`.
    pub span: Span,
}

/// One file of `env_file:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFileRef {
    /// Its path, relative to the Compose file.
    pub path: Spanned<String>,
    /// Whether it must exist; yes where not said.
    pub required: bool,
    /// `format:`; compose-go 2.14 knows none but its own and refuses the rest.
    pub format: Option<Spanned<String>>,
}

/// A command, or an entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine {
    /// One string, split into words as a shell would; no shell runs it.
    Shell(Spanned<String>),
    /// A list of words.
    Exec(Vec<Spanned<String>>),
}

impl CommandLine {
    /// The words that run; none where the string cannot be divided.
    #[must_use]
    pub fn words(&self) -> Option<Vec<String>> {
        match self {
            Self::Shell(line) => words::split(&line.value).ok().map(|divided| divided.words),
            Self::Exec(words) => Some(words.iter().map(|word| word.value.clone()).collect()),
        }
    }
}

/// `healthcheck:`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Healthcheck {
    /// What is run: a string for the container's shell, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`.
    pub test: Option<CommandLine>,
    /// Such as `30s`.
    pub interval: Option<Spanned<String>>,
    /// Such as `5s`.
    pub timeout: Option<Spanned<String>>,
    /// A whole number.
    pub retries: Option<Spanned<String>>,
    /// Such as `1m`.
    pub start_period: Option<Spanned<String>>,
    /// `disable: true`, or a test of `NONE`.
    pub disabled: bool,
    /// The whole value of `healthcheck:`.
    pub span: Span,
}

/// One entry of `ports:`. Numbers are kept as text, since they may be ranges (`3000-3005`) or variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The entry as written; of the long form the target.
    pub raw: Spanned<String>,
    /// The port on the host.
    pub published: Option<String>,
    /// The port in the container.
    pub target: String,
    /// The address of the host it is bound to.
    pub host_ip: Option<String>,
    /// `tcp` where not said.
    pub protocol: String,
}

/// One entry of `volumes:` or `tmpfs:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The entry as written; of the long form the target.
    pub raw: Spanned<String>,
    /// The host's path or the volume's name.
    pub source: Option<Spanned<String>>,
    /// The path in the container.
    pub target: String,
    /// What is mounted.
    pub kind: VolumeKind,
    /// `ro`, or `read_only: true`.
    pub read_only: bool,
}

/// What a [`Volume`] mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VolumeKind {
    /// A path of the host.
    Bind,
    /// A volume with a name.
    Named,
    /// A volume without a name.
    Anonymous,
    /// Memory.
    Tmpfs,
    /// `image`, `npipe` or `cluster`.
    Other,
}

/// One service that another waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The other service.
    pub service: Spanned<String>,
    /// `service_started` where absent; also `service_healthy`, `service_completed_successfully`.
    pub condition: Option<Spanned<String>>,
    /// Whether Compose fails where it does not exist; yes where not said.
    pub required: bool,
}

/// The service that another is built upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extends {
    /// The file it stands in, relative to this one; this one where absent.
    pub file: Option<Spanned<String>>,
    /// Its name.
    pub service: Spanned<String>,
}

/// A secret or config that a service is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The project's name of it.
    pub source: Spanned<String>,
    /// Where it appears in the container.
    pub target: Option<Spanned<String>>,
}

/// What a container may use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Such as `512M`, as written.
    pub memory: Option<Spanned<String>>,
    /// Such as `0.5`.
    pub cpus: Option<Spanned<String>>,
}

/// Reads one Compose file. Its errors are those for which Compose refuses the file, whatever the variables: unknown
/// keys, wrong types, keys stated twice. The errors of the YAML itself are not repeated.
#[must_use]
pub fn read(stream: &yaml::Stream) -> Parsed<ComposeFile> {
    let mut errors = duplicates(stream, 0);
    let mut shape_errors = Vec::new();
    let mut file = Map::default();
    for document in &stream.documents {
        let loaded = value::load(document, 0);
        errors.extend(loaded.errors);
        let Data::Map(mut map) = loaded.value.data else {
            shape_errors.push(loaded.value.fault("a Compose file must be a mapping"));
            continue;
        };
        shape_errors.extend(variables::cast(&mut map));
        merge::reset(&mut file, &loaded.resets);
        file = merge::merge(file, map, &mut shape_errors);
    }
    let (variables, template_errors) = variables::used(&file);
    shape_errors.extend(template_errors);
    unique::enforce(&mut file);
    shape_errors.extend(schema::check_template(&mut file));
    if file.entries.is_empty() && shape_errors.is_empty() {
        shape_errors.push(SyntaxError { span: Span::at(0), message: "is an empty Compose file".to_owned() });
    }
    if is_sure(stream) {
        errors.append(&mut shape_errors);
    }
    errors.sort_by_key(|error| error.span);
    Parsed { tree: ComposeFile { variables, ..decode::file(&file) }, errors }
}

/// What two Compose files state together: `over` is given to Compose after `base`. They are only merged: nothing is
/// checked, no variable is replaced. The errors are values of `over` that are of another kind than what they override.
#[must_use]
pub fn merged(base: &yaml::Stream, over: &yaml::Stream) -> Parsed<Map> {
    let mut errors = Vec::new();
    let mut file = Map::default();
    for document in base.documents.iter().chain(&over.documents) {
        let loaded = value::load(document, 0);
        merge::reset(&mut file, &loaded.resets);
        if let Data::Map(map) = loaded.value.data {
            file = merge::merge(file, map, &mut errors);
        }
    }
    unique::enforce(&mut file);
    Parsed { tree: file, errors }
}

/// Whether a text was read whole: what a template or a broken document lacks may only seem to be missing.
fn is_sure(stream: &yaml::Stream) -> bool {
    !stream.is_template && !stream.documents.iter().any(|document| document.is_broken)
}

/// Keys stated twice are errors to Compose.
fn duplicates(stream: &yaml::Stream, base: usize) -> Vec<SyntaxError> {
    let told = stream.duplicates.iter().map(|duplicate| SyntaxError {
        span: duplicate.key.span.shifted(base),
        message: format!(
            "`{}` is stated twice, first on line {}; Compose refuses the file",
            duplicate.key.value, duplicate.first_line
        ),
    });
    told.collect()
}
