//! The stages of the collection, and the join of what they give.

mod add;
mod aside;
mod flux;
mod join;
mod named;
mod neighbours;
mod order;
mod project_directory;
mod read;
mod submitted;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use memchr::memmem;
use rayon::prelude::*;
use source::{EntryKind, FileKind, MAX_CODE_BYTES, Tree, file_name, is_backup};
use syntax::Parsed;
use syntax::dockerfile::{Dockerfile, lacks_only_from};

use self::aside::set_aside;
use self::read::{is_configuration, misplaced_directory, read};
use crate::code::Code;
use crate::collect::settings_yaml::Form;
use crate::git_ignore::is_ignored;
use crate::helm_templates;
use crate::image::Image;
use crate::images::{self, ReadDockerfile};
use crate::inventory::Inventory;
use crate::missing::{made, missing};
use crate::named_elsewhere::NamedElsewhere;
use crate::openshift::refused;
use crate::record::{Record, Use, UseKind, problem, unread};
use crate::run_command::RunCommand;
use crate::run_image::RunImage;
use crate::scope::{Evidence, of_file};
use crate::{Declared, Facts, MissingFile, Problem, Scope, SettingSource, ShellFlaw, scripts};

/// Reads what a tree states, needs and names.
///
/// Never fails: what cannot be read or understood is among the problems. Runs on the current rayon pool; the result
/// is the same whatever its size.
#[must_use]
pub fn collect(tree: &dyn Tree, declared: &Declared) -> Facts {
    let inventory = Inventory::of(tree);
    let mut parts = Parts::of_configuration(&inventory, declared);
    parts.add_scripts(&inventory, declared);
    // What is read from here on names no other file.
    let uses = parts.uses(&inventory);
    let named = named::parts(&inventory, declared, &parts, &uses);
    parts.files.extend(named);
    let code = Code::default();
    let deployed: Vec<RunImage> =
        parts.files.values().flat_map(|part| part.record.run_images.iter().cloned()).collect();
    let commands: Vec<RunCommand> =
        parts.files.values().flat_map(|part| part.record.run_commands.iter().cloned()).collect();
    let run = (deployed.as_slice(), commands.as_slice());
    let mut images = images::images(&inventory, &parts.dockerfiles, &uses, run, declared, &code);
    parts.context_problems = std::mem::take(&mut images.problems);
    read_other_code(&inventory, declared, &images.built, &code);
    parts.add_code(code);
    let absent = missing(&inventory, &uses, &images.built);
    images.missing.extend(absent);
    let of_others = parts.of_other_repositories();
    images.missing.retain(|file| !of_others.contains(&*file.at.path));
    made::mark(&inventory, &mut images.missing);
    made::settle(&inventory, &mut images.built);
    let mut facts = parts.join(&inventory, declared, &uses, images);
    facts.shell_flaws.extend(refused(&inventory, &uses));
    facts.refused_files.extend(helm_templates::refused(&inventory));
    // Another file that names a variable may export it before it starts the script.
    let unset: Vec<&str> = facts.shell_flaws.iter().filter_map(ShellFlaw::unset_variable).collect();
    let named = NamedElsewhere::of(&inventory, &unset);
    facts.shell_flaws.retain(|flaw| {
        !flaw.unset_variable().is_some_and(|name| named.has(&inventory, name, Some(&flaw.at.path)))
    });
    facts
}

/// One configuration file with its facts.
struct Part {
    kind: FileKind,
    record: Record,
    form: Option<Form>,
    /// Whether it is a workflow, a script or a build configuration that builds or deploys.
    deploys: bool,
}

impl Part {
    fn new(kind: FileKind, record: Record) -> Self {
        Self { kind, record, form: None, deploys: false }
    }
}

#[derive(Default)]
struct Parts {
    files: BTreeMap<String, Part>,
    dockerfiles: BTreeMap<String, ReadDockerfile>,
    context_problems: Vec<Problem>,
    tree_problems: Vec<Problem>,
    /// YAML files that a script renders before they are used.
    rendered: BTreeSet<String>,
    /// Code that was read and holds no detector.
    without_detectors: HashSet<String>,
}

impl Parts {
    /// Parses all configuration.
    fn of_configuration(inventory: &Inventory<'_>, declared: &Declared) -> Self {
        let mut parts = Self::default();
        parts.tree_problems.extend(other_terraform(inventory));
        for (path, error) in inventory.unreadable() {
            parts.tree_problems.push(Problem { blocking: true, ..unread(path, error) });
        }
        let known = inventory.entries().iter().filter(|entry| is_configuration(FileKind::of(&entry.path)));
        let (directories, files): (Vec<_>, Vec<_>) = known
            .filter(|entry| !declared.exclude.is_match(&entry.path))
            .partition(|entry| entry.kind == EntryKind::Directory);
        for directory in directories {
            parts.tree_problems.extend(misplaced_directory(&directory.path));
        }
        let read: Vec<_> =
            files.par_iter().filter_map(|entry| read(inventory, declared, &entry.path)).collect();
        for (path, part, dockerfile) in read {
            parts.dockerfiles.extend(dockerfile.map(|dockerfile| (path.clone(), dockerfile)));
            parts.files.insert(path, part);
        }
        parts
    }

    /// Reads the scripts that build or deploy; what they build is known before images are.
    fn add_scripts(&mut self, inventory: &Inventory<'_>, declared: &Declared) {
        let scripts = scripts::read(inventory, declared, &self.with_template_syntax());
        for (path, record) in scripts.records {
            let part = Part { deploys: true, ..Part::new(FileKind::of(&path), record) };
            self.files.insert(path, part);
        }
        self.rendered = scripts.rendered;
        self.without_detectors = scripts.without_detectors;
    }

    /// Workflows that only other repositories call: what they name is looked up in those.
    fn of_other_repositories(&self) -> BTreeSet<String> {
        let files = || self.files.values().flat_map(|part| &part.record.workflow_files);
        let called: BTreeSet<&str> =
            files().flat_map(|file| &file.calls).map(|call| call.path.as_str()).collect();
        let alone = files().filter(|file| file.is_only_called && !called.contains(&*file.at.path));
        alone.map(|file| file.at.path.to_string()).collect()
    }

    /// What all files use. A Dockerfile of the default name may be written in small letters: then `docker build` takes
    /// that one (`BuildKit`, frontend/dockerui/config.go).
    fn uses(&self, inventory: &Inventory<'_>) -> Vec<Use> {
        let mut uses: Vec<Use> =
            self.files.values().flat_map(|part| part.record.uses.iter().cloned()).collect();
        let submissions = self.files.values().flat_map(|part| &part.record.submissions);
        submitted::apply(&submissions.collect::<Vec<_>>(), &mut uses);
        let directories = self.files.values().flat_map(|part| &part.record.project_directories);
        project_directory::apply(directories, &mut uses);
        for used in uses.iter_mut().filter(|used| matches!(used.what, UseKind::Build(_))) {
            let small = used.path.strip_suffix("Dockerfile").map(|start| format!("{start}dockerfile"));
            if let Some(small) =
                small.filter(|small| !inventory.is_file(&used.path) && inventory.is_file(small))
            {
                used.path = small;
            }
            if may_be_beside(inventory, used) {
                used.may_be_from_elsewhere();
            }
        }
        uses
    }

    fn add_code(&mut self, code: Code) {
        for (path, (kind, record)) in code.into_records() {
            match self.files.get_mut(&path) {
                // A deploy script that an image holds too.
                Some(part) => part.record.append(record),
                None => {
                    self.files.insert(path, Part::new(kind, record));
                }
            }
        }
    }

    /// Gives each missing file the scope of the file that names it; what a deploying workflow names is deployed.
    fn scoped(&self, mut missing: Vec<MissingFile>, scopes: &BTreeMap<String, Scope>) -> Vec<MissingFile> {
        for file in &mut missing {
            let naming = scopes.get(&*file.at.path).cloned().unwrap_or_default();
            let deploys = self.files.get(&*file.at.path).is_some_and(|part| part.deploys);
            let service = file.scope.service.take();
            file.scope = Scope { service, deployed: naming.deployed || deploys, ..naming };
        }
        missing
            .sort_by(|one, other| (&one.at, &one.path, one.kind).cmp(&(&other.at, &other.path, other.kind)));
        missing.dedup_by(|one, other| one.at == other.at && one.path == other.path);
        missing
    }

    /// The scope of every file: by itself first, then with what is known of the files that use it.
    fn scopes(&self, declared: &Declared) -> BTreeMap<String, Scope> {
        let alone = |path: &String, part: &Part| {
            let evidence = Evidence { by_kind: is_deployed_by_kind(part), ..Evidence::default() };
            of_file(path, part.kind, &part.record, declared, evidence)
        };
        let mut scopes: BTreeMap<String, Scope> =
            self.files.iter().map(|(path, part)| (path.clone(), alone(path, part))).collect();
        let mut used_in: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut started: BTreeSet<&str> = BTreeSet::new();
        for (path, part) in &self.files {
            let environment =
                scopes.get(path).filter(|scope| scope.deployed).and_then(|scope| scope.environment.clone());
            // What one example names in another is still an example.
            for used in part.record.uses.iter().filter(|_| !set_aside(path)) {
                let mut environment = environment.clone();
                if let UseKind::Started { environment: of_job, .. } = &used.what {
                    started.insert(&used.path);
                    environment = of_job.clone().or(environment);
                }
                used_in.entry(used.path.clone()).or_default().extend(environment);
            }
        }
        for (path, environments) in &used_in {
            if let Some(part) = self.files.get(path) {
                let by_kind = is_deployed_by_kind(part) || started.contains(path.as_str());
                let evidence = Evidence { by_kind, used_in: environments, is_used: true };
                scopes.insert(path.clone(), of_file(path, part.kind, &part.record, declared, evidence));
            }
        }
        scopes
    }

    /// YAML files with values that a script might fill in.
    fn with_template_syntax(&self) -> BTreeSet<String> {
        let has_syntax = |part: &Part| {
            let holds = |value: &str| value.contains("${") || value.contains("{{") || value.contains("__");
            part.kind == FileKind::Yaml && part.record.settings.iter().any(|setting| holds(&setting.value))
        };
        self.files.iter().filter(|(_, part)| has_syntax(part)).map(|(path, _)| path.clone()).collect()
    }
}

/// Whether a script that builds a Dockerfile of the root has one beside itself: from where it is run is not told.
fn may_be_beside(inventory: &Inventory<'_>, used: &Use) -> bool {
    let folder = source::directory_of(&used.at.path);
    let is_script = matches!(FileKind::of(&used.at.path), FileKind::Shell);
    is_script
        && !folder.is_empty()
        && !used.path.contains('/')
        && inventory.is_file(&format!("{folder}/{}", used.path))
}

/// A note where modules are written in a form of Terraform that is not read.
fn other_terraform(inventory: &Inventory<'_>) -> Option<Problem> {
    let is_unread = |path: &str| [".tf.json", ".tofu"].iter().any(|ending| path.ends_with(ending));
    let mut files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let first = files.find(|entry| is_unread(&entry.path) && !set_aside(&entry.path))?;
    Some(problem(
        &first.path,
        1,
        "files of this form of Terraform are not read, so nothing in them was judged".to_owned(),
    ))
}

/// Files of Terraform's state that a clone holds.
fn state_files(inventory: &Inventory<'_>) -> Vec<Arc<str>> {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let is_state = |path: &str| path.ends_with(".tfstate") || path.ends_with(".tfstate.backup");
    let kept = files.map(|entry| entry.path.as_str()).filter(|path| {
        is_state(path) && !set_aside(path) && !source::is_test(path) && !is_ignored(inventory, path)
    });
    kept.map(Arc::from).collect()
}

/// Code that no image starts is read where the configuration names it, or where no entry point is known at all.
fn read_other_code(inventory: &Inventory<'_>, declared: &Declared, images: &[Image], code: &Code) {
    let started = images.iter().any(|image| !image.entry.is_empty());
    let wanted = |path: &str| {
        let declared = declared.services.values().any(|service| service.paths.is_match(path));
        FileKind::of(path) == FileKind::Python
            && (declared || !started)
            && !is_backup(path)
            && !source::is_test(path)
    };
    let files = inventory.entries().par_iter().filter(|entry| entry.kind == EntryKind::File);
    files.map(|entry| entry.path.as_str()).filter(|path| wanted(path)).for_each(|path| {
        let text = inventory.tree().read(path, MAX_CODE_BYTES).unwrap_or_default();
        if memmem::find(&text, b"environ").is_some() || memmem::find(&text, b"getenv").is_some() {
            code.python(inventory, path);
        }
    });
}

fn is_deployed_by_kind(part: &Part) -> bool {
    match part.kind {
        FileKind::Terraform | FileKind::Tfvars | FileKind::TfvarsJson | FileKind::Dockerfile => true,
        _ => part.form == Some(Form::Workload),
    }
}

/// Whether what is wrong with a file of this kind keeps the verdict from being clear.
fn blocks(path: &str, part: &Part) -> bool {
    match part.kind {
        FileKind::Dockerfile
        | FileKind::DockerIgnore
        | FileKind::Compose
        | FileKind::EnvFile
        | FileKind::Terraform
        | FileKind::Tfvars
        | FileKind::TfvarsJson => true,
        // Who applies a manifest may watch the folder, and is named nowhere.
        FileKind::Yaml => match part.form {
            Some(Form::Settings) => true,
            Some(Form::Workload) => part.deploys || !source::is_test(path),
            _ => part.deploys,
        },
        FileKind::Workflow | FileKind::Shell | FileKind::Python => part.deploys,
        _ => false,
    }
}

/// Whether a Dockerfile is a part of another, which a script puts behind it: it has no FROM, and all else is right.
fn is_fragment(path: &str, parsed: &Parsed<Dockerfile>) -> bool {
    let is_whole = matches!(file_name(path), "Dockerfile" | "Containerfile");
    !is_whole && lacks_only_from(parsed)
}

fn of_fragment(path: &str) -> Record {
    let message = "this has no FROM and no build names it: it is taken for a part of another Dockerfile, and was not judged";
    Record { problems: vec![problem(path, 1, message.to_owned())], ..Record::default() }
}

fn is_empty(dockerfile: &ReadDockerfile) -> bool {
    dockerfile.parsed.tree.instructions.is_empty()
}

/// The deployed environments that facts belong to, and those that are declared.
fn environments(facts: &Facts, declared: &Declared) -> Vec<String> {
    // A job may be named after an environment to which it deploys nothing that is described here.
    let settings = facts.settings.iter().filter(|setting| setting.source != SettingSource::Workflow);
    let settings = settings.map(|setting| &setting.scope);
    let others = facts.images.iter().map(|image| &image.scope);
    let found =
        settings.chain(others).filter(|scope| scope.deployed).filter_map(|scope| scope.environment.clone());
    let known = declared.environments.iter().filter(|(name, environment)| {
        environment.deployed.unwrap_or_else(|| crate::environment::is_deployed(name))
    });
    let names: BTreeSet<String> = found.chain(known.map(|(name, _)| name.clone())).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    #[test]
    fn what_no_builder_takes_as_it_is_blocks_nothing() {
        let files = [
            ("a/Dockerfile", ""),
            ("b/build.Dockerfile", "{% include 'base.Dockerfile' %}\nRUN true\n"),
            ("legacy.py", "import os\n"),
        ];
        let tree: Memory = files.into_iter().collect();
        let facts = collect(&tree, &Declared::default());
        let told: Vec<_> = facts.problems.iter().map(|found| (&*found.path, found.blocking)).collect();
        assert_eq!(told, [("a/Dockerfile", false), ("b/build.Dockerfile", false)]);
    }

    #[test]
    fn a_link_to_what_each_machine_has_is_a_note_and_any_other_dangling_one_blocks() {
        let mut tree: Memory = [(".gitignore", ".env\n")].into_iter().collect();
        tree.insert_link("web/.env", "../.env");
        tree.insert_link("api/.env", "../shared.env");
        let facts = collect(&tree, &Declared::default());
        let told: Vec<_> = facts.problems.iter().map(|found| (&*found.path, found.blocking)).collect();
        assert_eq!(told, [("api/.env", true), ("web/.env", false)]);
    }
}
