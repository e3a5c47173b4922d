//! Files that others name and that are not there.

use facts::{Facts, MissingFile, MissingKind};
use serde::Deserialize;
use source::{FileKind, directory_of};

use crate::{Check, Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// What the missing file is named as.
    #[serde(default)]
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Dockerfile,
    BuildContext,
    EnvFile,
    Bind,
    Config,
    Path,
    Terraform,
    Entry,
    Settings,
    Stage,
    Target,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let asked = facts.missing.iter().filter(|file| self.kinds.contains(&kind(file.kind)));
        asked.map(|file| unless_written(file, facts).unwrap_or_else(|| fault(file))).collect()
    }
}

fn kind(kind: MissingKind) -> Kind {
    match kind {
        MissingKind::Dockerfile => Kind::Dockerfile,
        MissingKind::BuildContext => Kind::BuildContext,
        MissingKind::EnvFile => Kind::EnvFile,
        MissingKind::BindFile | MissingKind::BindDirectory => Kind::Bind,
        MissingKind::ConfigFile => Kind::Config,
        MissingKind::Script
        | MissingKind::NamedFile
        | MissingKind::PackageScript
        | MissingKind::MakeTarget
        | MissingKind::Kustomize
        | MissingKind::WorkingDirectory
        | MissingKind::Action => Kind::Path,
        MissingKind::Terraform => Kind::Terraform,
        MissingKind::Module | MissingKind::EntryFile | MissingKind::EntryScript => Kind::Entry,
        MissingKind::SettingsName => Kind::Settings,
        MissingKind::Stage => Kind::Stage,
        MissingKind::BuildTarget => Kind::Target,
    }
}

fn fault(file: &MissingFile) -> Fault {
    let path = &file.path;
    let (what, consequence) = words(file.kind);
    if let Some(folder) = &file.seen_from {
        let message = format!(
            "{what} `{path}` does not exist; as it is written it does from `{folder}/`, where another Compose file lies: \
             this one only works where it is added to that"
        );
        return Fault::new(path.clone(), file.at.clone(), message)
            .in_environment(file.scope.environment.as_deref())
            .at_most(Severity::Info);
    }
    let message = match (&file.similar, file.generated || is_template(file)) {
        (Some(similar), true) if is_template(file) => {
            format!("{what} `{path}` is not there; it has to be made from `{similar}` before it is used")
        }
        (_, true) => {
            format!(
                "{what} `{path}` is not there; .gitignore matches it, so it has to be made before it is used"
            )
        }
        (Some(similar), false) => {
            format!("{what} `{path}` does not exist, {consequence}; did you mean `{similar}`?")
        }
        (None, false) => format!("{what} `{path}` does not exist, {consequence}"),
    };
    let needed = file.needed_by.as_ref().map(|(target, _)| {
        format!("; the target `{target}` needs it: write a rule for it, or take it out of that line")
    });
    let message = message + &needed.unwrap_or_default();
    let fault = Fault::new(path.clone(), file.at.clone(), message)
        .in_environment(file.scope.environment.as_deref())
        .at_most(severity(file));
    match (&file.made_by, &file.needed_by) {
        (Some(at), _) => fault.because(at.clone(), "this seems to make it; it has to run first"),
        (None, Some((_, at))) => fault.because(at.clone(), "this rule needs it"),
        (None, None) => fault,
    }
}

/// A Dockerfile that is named by a script which holds the text of one: it may write it before it builds.
fn unless_written(file: &MissingFile, facts: &Facts) -> Option<Fault> {
    if file.kind != MissingKind::Dockerfile {
        return None;
    }
    let mut written = facts.dockerfile_ports.iter().filter(|ports| ports.dockerfile == *file.at.path);
    let text = written.find_map(|ports| ports.written_at.as_ref())?;
    let message = format!(
        "the Dockerfile `{}` does not exist: this build fails, or builds the text that this script writes in its place \
         and that no review of a Dockerfile sees",
        file.path
    );
    let fault = Fault::new(file.path.clone(), file.at.clone(), message)
        .in_environment(file.scope.environment.as_deref())
        .at_most(severity(file).min(Severity::Warning));
    Some(fault.because(text.clone(), "the script holds this Dockerfile"))
}

/// What it is, and what follows from its absence.
fn words(kind: MissingKind) -> (&'static str, &'static str) {
    match kind {
        MissingKind::Dockerfile => ("the Dockerfile", "so this build fails"),
        MissingKind::BuildContext => ("the build context", "so this build fails"),
        MissingKind::EnvFile => ("the env file", "so Compose refuses to start"),
        MissingKind::BindFile => (
            "the mounted file",
            "so Docker mounts an empty directory in its place and the container cannot read it",
        ),
        MissingKind::BindDirectory => {
            ("the mounted directory", "so Docker mounts an empty one over what the image has there")
        }
        MissingKind::ConfigFile => ("the file of the config", "so Compose refuses to start"),
        MissingKind::Script => ("the program", "so this command fails"),
        MissingKind::NamedFile => ("the file or folder", "so this command fails"),
        MissingKind::WorkingDirectory => ("the working directory", "so this step fails"),
        MissingKind::PackageScript => ("the script of package.json", "so this command fails"),
        MissingKind::MakeTarget => ("the target of the Makefile", "so make stops and this command fails"),
        MissingKind::Terraform => ("the module or file", "so Terraform stops before it plans anything"),
        MissingKind::Kustomize => {
            ("the file or folder of this kustomization", "so kustomize stops and applies nothing")
        }
        MissingKind::Action => ("the action or workflow", "so this workflow cannot run"),
        MissingKind::Module => ("the module", "so the container ends as soon as it starts"),
        MissingKind::EntryFile => ("the file that the container starts", "so it ends as soon as it starts"),
        MissingKind::EntryScript => {
            ("the script of package.json that the container starts", "so it ends as soon as it starts")
        }
        MissingKind::BuildTarget => {
            ("the stage", "so this build is refused: the Dockerfile has no target of that name")
        }
        MissingKind::SettingsName => (
            "what these settings name,",
            "so Django ends with an ImportError when it starts or first asks for it",
        ),
        MissingKind::Stage => {
            ("the stage", "so the builder looks for an image of that name and this build fails")
        }
    }
}

/// Whether only the template of an env file is kept in the repository.
fn is_template(file: &MissingFile) -> bool {
    file.kind == MissingKind::EnvFile && file.similar.as_deref().is_some_and(source::is_illustration)
}

fn severity(file: &MissingFile) -> Severity {
    if file.generated || file.made_by.is_some() || is_template(file) {
        return Severity::Info;
    }
    match file.kind {
        _ if file.is_alternative || is_for_one_machine(file) => Severity::Warning,
        // Env files are often made where they are used, and Docker makes directories.
        MissingKind::EnvFile | MissingKind::BindDirectory => Severity::Warning,
        MissingKind::BindFile
        | MissingKind::ConfigFile
        | MissingKind::WorkingDirectory
        | MissingKind::Action
            if !file.scope.deployed =>
        {
            Severity::Warning
        }
        // Compose may be what developers start alone.
        MissingKind::Module | MissingKind::EntryFile | MissingKind::EntryScript
            if !file.scope.deployed && FileKind::of(&file.at.path) == FileKind::Compose =>
        {
            Severity::Warning
        }
        // The folder of a step is told; that of a script is not.
        MissingKind::Script
        | MissingKind::NamedFile
        | MissingKind::PackageScript
        | MissingKind::MakeTarget
        | MissingKind::BuildTarget
            if !file.scope.deployed || is_folder_untold(&file.at.path, file.kind) =>
        {
            Severity::Warning
        }
        _ => Severity::Error,
    }
}

/// Whether the folder from which a name is looked up may be another one.
fn is_folder_untold(path: &str, kind: MissingKind) -> bool {
    match FileKind::of(path) {
        FileKind::Workflow => false,
        // A build says its context.
        FileKind::Compose | FileKind::Yaml => kind != MissingKind::BuildTarget,
        // A script at the root is run there.
        _ => kind != MissingKind::BuildTarget || !directory_of(path).is_empty(),
    }
}

/// Whether only developers' machines, or tests, use what names the file.
fn is_for_one_machine(file: &MissingFile) -> bool {
    let environment = file.scope.environment.as_deref();
    let is_undeployed = environment.is_some_and(|name| !facts::environment::is_deployed(name));
    is_undeployed || file.at.path.split('/').any(|folder| folder == ".devcontainer")
}
