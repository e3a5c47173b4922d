//! What is said of files: those that are named and not there, those that builds leave out.

use std::sync::Arc;

use source::Place;

use super::Scope;
use crate::NotBroughtBack;

/// A file or folder that another file names and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingFile {
    /// The path as it was understood, relative to the root; for a stage its name.
    pub path: String,
    /// Where it is named.
    pub at: Place,
    /// What it is named as.
    pub kind: MissingKind,
    /// Whether `.gitignore` matches it, so that it is made before it is used.
    pub generated: bool,
    /// The line of a script or workflow that seems to make it.
    pub made_by: Option<Place>,
    /// The nearest path that exists.
    pub similar: Option<String>,
    /// For what a target of a Makefile needs, that target and its rule.
    pub needed_by: Option<(String, Place)>,
    /// Whether a condition decides if it is used at all.
    pub is_alternative: bool,
    /// The folder from which the path exists as it is written, where another Compose file lies that this one may add to.
    pub seen_from: Option<String>,
    /// Environment, service, deployed or not, of the naming place.
    pub scope: Scope,
}

/// What a missing file is named as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingKind {
    /// The Dockerfile of a build.
    Dockerfile,
    /// The context directory of a build.
    BuildContext,
    /// An env file of a Compose service.
    EnvFile,
    /// The host's side of a bind mount, by its name a file: Docker makes a directory of that name.
    BindFile,
    /// The host's side of a bind mount that can only be a directory of the repository: Docker makes an empty one.
    BindDirectory,
    /// The content of a Compose config.
    ConfigFile,
    /// A program that a command runs.
    Script,
    /// A file or a folder that a command tells a tool to read.
    NamedFile,
    /// A script of a package.json; its path is the script's name.
    PackageScript,
    /// A target of a Makefile; its path is the target's name.
    MakeTarget,
    /// A module or a file that Terraform reads.
    Terraform,
    /// A file or a folder that a kustomization reads.
    Kustomize,
    /// A folder that a step runs in.
    WorkingDirectory,
    /// An action or a workflow of the repository itself.
    Action,
    /// A module that the container starts.
    Module,
    /// A file that the container starts.
    EntryFile,
    /// A script of package.json that the container starts; its path is the script's name.
    EntryScript,
    /// What settings of Django name; its path is the dotted name.
    SettingsName,
    /// A stage of a Dockerfile that `COPY --from` takes from.
    Stage,
    /// The stage that a build asks for.
    BuildTarget,
}

/// A needed file that one builder of an image is sent and another is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The Dockerfile that both build.
    pub dockerfile: Arc<str>,
    /// The directory that both send, relative to the root.
    pub context: String,
    /// The file, relative to the root.
    pub path: Arc<str>,
    /// The line that leaves it out.
    pub by: Place,
    /// The pattern as written.
    pub pattern: String,
    /// The builder that is not sent it.
    pub left_out_by: &'static str,
    /// A builder that is.
    pub sent_by: &'static str,
    /// Lines that bring it, and what else the line leaves out of what is needed, to every builder, and nothing more.
    pub reinclude: Option<Arc<crate::image::Reinclude>>,
    /// What builds with the one and with the other, where that is written.
    pub built_by: Vec<Place>,
}

/// An ignore file of builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreFileFact {
    /// Its path.
    pub path: Arc<str>,
    /// Why no build reads it; `None` where one does, or may.
    pub unread: Option<UnreadIgnoreFile>,
    /// Its `!` lines that bring nothing back under any builder that builds with it, though they match something.
    pub idle: Vec<NotBroughtBack>,
    /// Its line that leaves out installed packages at the root of the context alone, where they are elsewhere.
    pub root_only: Option<RootOnlyLine>,
}

/// A line of an ignore file that leaves out `node_modules` at the root of a context whose package lies below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootOnlyLine {
    /// The line.
    pub at: Place,
    /// The pattern as written.
    pub pattern: String,
    /// The folder of the package, relative to the context.
    pub folder: String,
    /// The source of the COPY that brings that folder.
    pub copied_at: Place,
}

/// Why no build reads an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadIgnoreFile {
    /// It is named after a Dockerfile that does not exist.
    NoDockerfile {
        /// The path of that Dockerfile.
        dockerfile: String,
    },
    /// The Dockerfile beside it is built with another context.
    OtherContext {
        /// That Dockerfile.
        dockerfile: Arc<str>,
        /// 1-based line of the `FROM` of the stage that is built.
        line: u32,
        /// Its context, relative to the root.
        context: String,
        /// What builds it, where that is written.
        built_by: Option<Place>,
        /// The patterns that the file which is read does not have in other words: what they match is sent.
        sent: Vec<String>,
    },
}
