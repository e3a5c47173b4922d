//! Files that another one names, which are never skipped, whatever their own name says.

use std::collections::{BTreeMap, BTreeSet};

use source::{FileKind, directory_of};
use syntax::dotenv::Dialect;
use syntax::yaml;

use super::read::{sealed, set_apart};
use super::{Part, Parts};
use crate::collect::{env_file, terraform};
use crate::inventory::Inventory;
use crate::record::{Document, Record, Use, UseKind};
use crate::{Declared, Problem};

/// The parts of named files that no reader took for its own by their names.
pub(super) fn parts(
    inventory: &Inventory<'_>,
    declared: &Declared,
    known: &Parts,
    uses: &[Use],
) -> Vec<(String, Part)> {
    let mut named: BTreeMap<&str, FileKind> = BTreeMap::new();
    for used in uses {
        match &used.what {
            UseKind::EnvFile { .. } => drop(named.insert(&used.path, FileKind::EnvFile)),
            UseKind::VariableFile => drop(named.insert(&used.path, FileKind::Tfvars)),
            UseKind::NamedFile => {
                let inside = inventory.below(&used.path).iter().map(|entry| entry.path.as_str());
                let read = inside.filter(|path| directory_of(path) == used.path).chain([used.path.as_str()]);
                let data = read.filter(|path| FileKind::of(path) == FileKind::Yaml);
                named.extend(data.map(|path| (path, FileKind::Yaml)));
            }
            _ => {}
        }
    }
    let unread = named.into_iter().filter(|(path, _)| {
        known.files.get(*path).is_none_or(|part| part.kind == FileKind::Other)
            && inventory.is_file(path)
            && !declared.exclude.is_match(path)
    });
    unread
        .filter_map(|(path, kind)| Some((path.to_owned(), part(inventory, declared, path, kind)?)))
        .collect()
}

fn part(inventory: &Inventory<'_>, declared: &Declared, path: &str, kind: FileKind) -> Option<Part> {
    if let Some(note) = sealed(inventory, path).or_else(|| set_apart(inventory, path)) {
        return Some(Part::new(FileKind::Other, of_problems(vec![note])));
    }
    let record = match (Document::read(inventory.tree(), path), kind) {
        (Err(problem), _) => of_problems(vec![problem]),
        (Ok(document), FileKind::EnvFile) => {
            env_file::record(&document, declared.dialect.unwrap_or(Dialect::Compose))
        }
        (Ok(document), FileKind::Tfvars) => terraform::record_tfvars(&document),
        // It holds no settings that are known; whether its tool can read it is all there is to judge.
        (Ok(document), _) => of_problems(document.problems(&yaml::parse(&document.text).errors).collect()),
    };
    (!record.is_empty()).then(|| Part::new(kind, record))
}

fn of_problems(problems: Vec<Problem>) -> Record {
    Record { problems, ..Record::default() }
}

/// What something that is no example names.
pub(super) struct Named<'u> {
    /// All files that are used.
    used: BTreeSet<&'u str>,
    /// Files and folders that a tool is told to read as they are.
    read: BTreeSet<&'u str>,
}

impl<'u> Named<'u> {
    pub(super) fn of(uses: impl Iterator<Item = &'u Use>) -> Self {
        let mut named = Self { used: BTreeSet::new(), read: BTreeSet::new() };
        // What lies below such a folder is judged by its own name, as always.
        let is_plain = |used: &&Use| !matches!(used.what, UseKind::Kustomize | UseKind::Applied);
        for used in uses.filter(is_plain) {
            named.used.insert(&used.path);
            if matches!(used.what, UseKind::NamedFile | UseKind::VariableFile | UseKind::EnvFile { .. }) {
                named.read.insert(&used.path);
            }
        }
        named
    }

    /// Whether the file itself is used.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.used.contains(path)
    }

    /// Whether a tool is told to read a file of this kind there, so that its faults block.
    pub(super) fn is_read(&self, path: &str, kind: FileKind) -> bool {
        let is_data = matches!(kind, FileKind::Yaml | FileKind::EnvFile | FileKind::Tfvars);
        is_data && (self.read.contains(path) || self.read.contains(directory_of(path)))
    }
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, collect};

    const STEPS: &str = "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      \
                         - uses: actions/checkout@v5\n      - run: ";

    /// The paths of the blocking problems.
    fn blocking(files: &[(&str, &[u8])]) -> Vec<String> {
        let tree: Memory = files.iter().copied().collect();
        let problems = collect(&tree, &Declared::default()).problems;
        problems.into_iter().filter(|one| one.blocking).map(|one| one.path.to_string()).collect()
    }

    fn of_step(command: &str, path: &str, text: &[u8]) -> Vec<String> {
        let workflow = format!("{STEPS}{command}\n");
        blocking(&[(".github/workflows/deploy.yml", workflow.as_bytes()), (path, text)])
    }

    #[test]
    fn what_a_workflow_names_has_to_be_understood() {
        for (command, path, text) in [
            ("./deploy.sh", "deploy.sh", &b"gcloud run deploy a # caf\xe9\n"[..]),
            ("python deploy.py", "deploy.py", b"import subprocess # caf\xe9\n"),
            ("kubectl apply -f k8s/a.yaml", "k8s/a.yaml", b"a: [\n"),
            ("kubectl apply -f k8s/", "k8s/a.yaml", b"a: [\n"),
            ("helm upgrade a ./chart -f values.yaml", "values.yaml", b"a: [\n"),
            ("terraform apply -var-file=conf/prod.vars", "conf/prod.vars", b"a = = 1\n"),
            ("true", "cloudbuild.yaml", b"steps: [\n"),
        ] {
            assert_eq!(of_step(command, path, text), [path], "{command}");
        }
        assert_eq!(of_step("true", "k8s/a.yaml", b"a: [\n"), Vec::<String>::new());
    }

    #[test]
    fn an_env_file_is_one_by_whatever_name() {
        let compose = b"services:\n  a:\n    image: x\n    env_file: conf/vars.txt\n";
        let files = [("compose.production.yml", &compose[..]), ("conf/vars.txt", b"A='never closed\n")];
        assert_eq!(blocking(&files), ["conf/vars.txt"]);
        let tree: Memory =
            [(files[0].0, compose.to_vec()), ("conf/vars.txt", b"API_URL=http://localhost:1\n".to_vec())]
                .into_iter()
                .collect();
        let settings = collect(&tree, &Declared::default()).settings;
        let found = settings.iter().find(|setting| setting.key == "API_URL").unwrap();
        assert_eq!(found.scope.environment.as_deref(), Some("production"));
    }

    #[test]
    fn the_start_script_of_an_image_has_to_be_readable() {
        let dockerfile = b"FROM python\nCOPY . /app\nENTRYPOINT [\"/app/start.sh\"]\n";
        let script = b"#!/bin/sh\nexec python main.py # caf\xe9\n";
        assert_eq!(blocking(&[("Dockerfile", dockerfile), ("start.sh", script)]), ["start.sh"]);
    }
}
