//! A whole project: several files merged, variables replaced, env files read, profiles applied.

mod consistency;
mod environment;
mod extends;
mod finish;
mod include;
mod model;
mod paths;
mod sources;
mod values;

#[cfg(test)]
mod tests;

use source::Place;

pub use self::sources::Sources;
use super::{ComposeFile, Service};
use crate::SyntaxError;

/// What a project is loaded from. No disk: every file comes through [`Request::read`].
pub struct Request<'a> {
    /// The Compose files, in the order in which they are given to Compose, relative to the root: a later one
    /// overrides.
    pub files: &'a [&'a str],
    /// The project's folder relative to the root (empty for the root itself): its `.env` is read, and relative paths
    /// start there. Compose takes the folder of the first file.
    pub directory: &'a str,
    /// The text of a file, by its path relative to the root (it may begin with `..`); none where it does not exist.
    pub read: &'a dyn Fn(&str) -> Option<String>,
    /// The variables of the shell that runs Compose; they win over `.env`.
    pub variables: &'a dyn Fn(&str) -> Option<String>,
    /// The profiles that are switched on; `*` means all.
    pub profiles: &'a [&'a str],
}

/// A project as it would run.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Its name: `COMPOSE_PROJECT_NAME`, `name:`, or the folder's; empty for the root's folder, whose name is not
    /// known here.
    pub name: String,
    /// The services that the profiles leave on, in the order of their first mention.
    pub services: Vec<Effective>,
    /// The names of those that they switch off.
    pub disabled: Vec<String>,
    /// The whole merged model, switched-off services included, variables replaced. Its spans are for
    /// [`Sources::place`].
    pub model: ComposeFile,
    /// The files that were read. Every span of a service or of the model lies in one of them.
    pub sources: Sources,
}

/// A service with everything that its files, its env files and the variables make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The merged service, variables replaced, paths relative to the root. Its spans are for [`Sources::place`]; its
    /// lines are those of the file that had the last word.
    pub service: Service,
    /// Every variable that the container gets, by name: of `env_file` in their order, then of `environment`;
    /// passed-through names with the shell's value.
    pub environment: Vec<Variable>,
}

/// One variable of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; none where it is passed through and nobody sets it, so that the container does not have it.
    pub value: Option<String>,
    /// Where it was set.
    pub place: Place,
}

/// Why Compose refuses a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectError {
    /// The file, relative to the root.
    pub path: String,
    /// What is wrong there.
    pub error: SyntaxError,
    /// What Compose was doing.
    pub stage: Stage,
}

/// A step of loading a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reading, merging and checking the files.
    Load,
    /// Looking whether what services name exists and whether what they say fits together.
    Consistency,
    /// Reading the env files of the services that are on.
    EnvFiles,
}

/// The names that Compose looks for in a folder where no file is given, the preferred one first.
pub const FILE_NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names of override files that Compose then adds, the preferred one first.
pub const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The files that Compose reads in a folder where no file is given; none where there is no Compose file.
#[must_use]
pub fn default_files(directory: &str, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let first = |names: [&str; 4]| {
        names.into_iter().map(|name| paths::join(directory, name)).find(|path| exists(path))
    };
    let Some(main) = first(FILE_NAMES) else { return Vec::new() };
    std::iter::once(main).chain(first(OVERRIDE_NAMES)).collect()
}

/// The most Compose files that one project may read, each counted as often as it is named.
const MAX_FILES: usize = 1_000;

/// Loads a project as compose-go 2.14 does. The errors are those for which Compose would stop; the project is what
/// is left without them.
#[must_use]
pub fn load(request: &Request<'_>) -> (Project, Vec<ProjectError>) {
    let mut loader = model::Loader::new(request);
    let (model, environment) = loader.load();
    let mut project = finish::project(&mut loader, model, &environment);
    let errors = loader.errors();
    project.sources = loader.sources;
    (project, errors)
}
