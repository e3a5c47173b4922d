//! One configuration file, read by the reader of its kind.

use source::{FileKind, directory_of, join};
use syntax::dockerfile;
use syntax::dotenv::Dialect;

use super::Part;
use crate::collect::{cloud_build, compose, dockerfile as dockerfile_facts, env_file, terraform, workflow};
use crate::collect::{helm, kustomize, settings_yaml};
use crate::git_ignore::is_ignored;
use crate::images::ReadDockerfile;
use crate::inventory::Inventory;
use crate::record::{Document, Record, problem};
use crate::{Declared, Problem};

pub(super) fn is_configuration(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Dockerfile
            | FileKind::DockerIgnore
            | FileKind::Compose
            | FileKind::EnvFile
            | FileKind::Tfvars
            | FileKind::TfvarsJson
            | FileKind::Terraform
            | FileKind::Yaml
            | FileKind::Workflow
    )
}

pub(super) fn misplaced_directory(path: &str) -> Option<Problem> {
    let expected = match FileKind::of(path) {
        FileKind::EnvFile => "an env file",
        FileKind::Compose => "a Compose file",
        FileKind::DockerIgnore => "an ignore file",
        _ => return None,
    };
    Some(problem(path, 1, format!("this is a directory where tools expect {expected}; it is not read")))
}

/// A committed link to a file that `.gitignore` leaves to whoever works here: absent from a clone on purpose.
fn left_to_each_machine(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    let target = join(directory_of(path), &inventory.tree().link_target(path)?)?;
    (inventory.kind(&target).is_none() && is_ignored(inventory, &target)).then(|| {
        problem(path, 1, format!("this links to `{target}`, which .gitignore keeps out; nothing was judged"))
    })
}

/// Whether some line is one of a template engine alone, which no builder takes.
fn is_template(text: &str) -> bool {
    text.lines().any(|line| ["{%", "<%"].iter().any(|sign| line.trim_start().starts_with(sign)))
}

/// Reads one configuration file; `None` where there is nothing in it to be read here.
pub(super) fn read(
    inventory: &Inventory<'_>,
    declared: &Declared,
    path: &str,
) -> Option<(String, Part, Option<ReadDockerfile>)> {
    let kind = FileKind::of(path);
    // An ignore file is read with each build that uses it.
    if kind == FileKind::DockerIgnore {
        return None;
    }
    let document = match Document::read(inventory.tree(), path) {
        Ok(document) => document,
        Err(problem) => {
            let (kind, problem) = match left_to_each_machine(inventory, path) {
                Some(note) => (FileKind::Other, note),
                None => (kind, problem),
            };
            let record = Record { problems: vec![problem], ..Record::default() };
            return Some((path.to_owned(), Part::new(kind, record), None));
        }
    };
    let (record, form) = match kind {
        FileKind::Dockerfile if is_template(&document.text) => {
            let note =
                problem(path, 1, "this is a template of a Dockerfile, so it was not judged".to_owned());
            let record = Record { problems: vec![note], ..Record::default() };
            return Some((path.to_owned(), Part::new(FileKind::Other, record), None));
        }
        FileKind::Dockerfile => {
            let parsed = dockerfile::parse(&document.text);
            let read = ReadDockerfile { document, parsed };
            let record = dockerfile_facts::record(&read);
            return Some((path.to_owned(), Part::new(kind, record), Some(read)));
        }
        FileKind::Compose => (compose::record(&document, inventory.tree()), None),
        FileKind::EnvFile => {
            (env_file::record(&document, declared.dialect.unwrap_or(Dialect::Compose)), None)
        }
        FileKind::Terraform => (terraform::record(&document), None),
        FileKind::Tfvars => (terraform::record_tfvars(&document), None),
        FileKind::TfvarsJson => (terraform::record_tfvars_json(&document), None),
        FileKind::Workflow => {
            let (record, deploys) = workflow::record(&document);
            return Some((path.to_owned(), Part { deploys, ..Part::new(kind, record) }, None));
        }
        _ if kustomize::is_one(path) => (kustomize::record(&document), None),
        _ if cloud_build::may_be(&document.text) || cloud_build::is_named_so(path) => {
            let deploys = cloud_build::is_named_so(path);
            let part = Part { deploys, ..Part::new(kind, cloud_build::record(&document)) };
            return Some((path.to_owned(), part, None));
        }
        _ if let Some(chart) = helm::chart_of(path, inventory) => {
            (helm::record(&document, inventory, chart), None)
        }
        _ if settings_yaml::may_hold_settings(&document.text) => {
            let (record, form) = settings_yaml::record(&document, inventory);
            (record, Some(form))
        }
        _ => return None,
    };
    Some((path.to_owned(), Part { form, ..Part::new(kind, record) }, None))
}
