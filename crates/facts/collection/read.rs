//! One configuration file, read by the reader of its kind.

use std::sync::Arc;

use source::{FileKind, MAX_CONFIG_BYTES, directory_of, has_template_lines, join, template_lines};
use syntax::dockerfile::{self, Dockerfile, Instruction, Kind};
use syntax::dotenv::Dialect;

use super::Part;
use crate::collect::conflicts::conflict;
use crate::collect::terraform_module::TerraformFile;
use crate::collect::{cloud_build, compose, dockerfile as dockerfile_facts, env_file, terraform, workflow};
use crate::collect::{helm, kustomize, settings_yaml, workflow_calls};
use crate::environment;
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

/// Why nothing in a file was judged that could not be read, where that is as it has to be.
pub(super) fn set_apart(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    in_submodule(inventory, path).or_else(|| left_to_each_machine(inventory, path))
}

/// A note on a file that is encrypted or kept elsewhere, so that its content is not here.
pub(super) fn sealed(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    sealed_note(path, &inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?)
}

fn sealed_note(path: &str, bytes: &[u8]) -> Option<Problem> {
    let how = sealed_by(bytes)?;
    Some(problem(path, 1, format!("this file is {how}, so what it says is not known; nothing was judged")))
}

/// Sources: git-crypt's, Ansible's, transcrypt's and git-lfs's own formats; RFC 9580; age-encryption.org/v1.
fn sealed_by(bytes: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (b"\0GITCRYPT\0", "encrypted with git-crypt"),
        (b"$ANSIBLE_VAULT;", "encrypted with ansible-vault"),
        (b"-----BEGIN PGP MESSAGE-----", "encrypted with PGP"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", "encrypted with age"),
        (b"age-encryption.org/v1", "encrypted with age"),
        (b"U2FsdGVkX1", "encrypted with OpenSSL, as transcrypt does"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"),
    ];
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, how)| *how)
}

/// A link into another repository that is not checked out.
fn in_submodule(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    let target = join(directory_of(path), &inventory.tree().link_target(path)?)?;
    (inventory.kind(&target).is_none() && inventory.is_of_submodule(&target)).then(|| {
        let message = format!("this links to `{target}` of a submodule that is not here; nothing was judged");
        problem(path, 1, message)
    })
}

/// The problem of a link that leads to nothing, which says so.
fn dangling(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    let target = inventory.tree().link_target(path)?;
    let is_absent = join(directory_of(path), &target).is_some_and(|target| inventory.kind(&target).is_none());
    is_absent.then(|| problem(path, 1, format!("this links to `{target}`, which does not exist")))
}

/// A file that is named like an env file and is a script, which is sourced.
fn is_program(kind: FileKind, text: &str) -> bool {
    kind == FileKind::EnvFile && text.starts_with("#!")
}

/// A committed link to a file that `.gitignore` leaves to whoever works here: absent from a clone on purpose.
fn left_to_each_machine(inventory: &Inventory<'_>, path: &str) -> Option<Problem> {
    let target = join(directory_of(path), &inventory.tree().link_target(path)?)?;
    (inventory.kind(&target).is_none() && is_ignored(inventory, &target)).then(|| {
        problem(path, 1, format!("this links to `{target}`, which .gitignore keeps out; nothing was judged"))
    })
}

/// Whether a template engine makes a Dockerfile of this text. A here-document may hold a template for the image.
fn is_dockerfile_template(text: &str, file: &Dockerfile) -> bool {
    let is_filled_in =
        |one: &Instruction| matches!(one.kind, Kind::From { .. }) && one.arguments.value.contains("{{");
    let bodies = || file.instructions.iter().flat_map(|one| &one.heredocs);
    let is_of_image = |at: usize| bodies().any(|one| (one.body.start..one.body.end).contains(&at));
    template_lines(text).any(|at| !is_of_image(at)) || file.instructions.iter().any(is_filled_in)
}

/// Whether Maven or Gradle fills the text in before it is built: `WORKDIR ${app.folder}`, which a builder refuses.
fn is_filled_in_by_jvm_build(inventory: &Inventory<'_>, path: &str, file: &Dockerfile) -> bool {
    const BUILDS: &[&str] = &["pom.xml", "build.gradle", "build.gradle.kts"];
    let is_property = |part: &str| {
        let name = part.split('}').next().unwrap_or("");
        let is_name = |piece: &str| piece.starts_with(|letter: char| letter.is_ascii_alphabetic());
        name.contains('.') && name.split('.').all(is_name) && !name.contains([':', ' '])
    };
    let is_of_shell =
        |one: &Instruction| matches!(one.kind, Kind::Run(_) | Kind::Cmd(_) | Kind::Entrypoint(_));
    let mut read = file.instructions.iter().filter(|one| !is_of_shell(one));
    let is_filled_in = read.any(|one| one.arguments.value.split("${").skip(1).any(is_property));
    let folders = std::iter::successors(Some(directory_of(path)), |folder| {
        (!folder.is_empty()).then(|| directory_of(folder))
    });
    let has_build = |folder: &str| {
        BUILDS.iter().any(|name| join(folder, name).is_some_and(|build| inventory.is_file(&build)))
    };
    is_filled_in && folders.into_iter().any(has_build)
}

/// Whether an editor reads this env file, and fills in names of its own: `${workspaceFolder}/src`. That of an environment is
/// read by what is deployed.
fn is_of_editor(path: &str, text: &str) -> bool {
    let names_of_editor = |text: &str| text.contains("${workspaceFolder") || text.contains("${env:");
    let mut values = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    names_of_editor(text) && environment::named_by_path(path).is_empty() && values.any(names_of_editor)
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
    let of_problem = |kind: FileKind, problem: Problem| {
        let record = Record { problems: vec![problem], ..Record::default() };
        (path.to_owned(), Part::new(kind, record), None)
    };
    let read = Document::read(inventory.tree(), path);
    let note = match &read {
        Ok(document) => sealed_note(path, document.text.as_bytes()),
        Err(_) => sealed(inventory, path),
    };
    if let Some(note) = note {
        let (path, mut part, none) = of_problem(FileKind::Other, note);
        part.record.terraform = Some(Box::new(TerraformFile { is_sealed: true, ..TerraformFile::default() }));
        return Some((path, part, none));
    }
    let document = match read {
        Ok(document) if is_program(kind, &document.text) => {
            let message = "this is a script by its first line, and no env file; it was not judged";
            return Some(of_problem(FileKind::Other, problem(path, 1, message.to_owned())));
        }
        Ok(document) => document,
        Err(problem) => {
            return Some(match set_apart(inventory, path) {
                Some(note) => of_problem(FileKind::Other, note),
                None => of_problem(kind, dangling(inventory, path).unwrap_or(problem)),
            });
        }
    };
    let conflict = conflict(&document);
    let read = record_of(inventory, declared, document, kind);
    match conflict {
        None => read,
        Some(at) => {
            let (path, mut part, dockerfile) =
                read.unwrap_or_else(|| (path.to_owned(), Part::new(kind, Record::default()), None));
            part.record.conflicts.push(at);
            Some((path, part, dockerfile))
        }
    }
}

/// The facts of one configuration file that can be read; `None` where there is nothing in it to be read here.
fn record_of(
    inventory: &Inventory<'_>,
    declared: &Declared,
    document: Document,
    kind: FileKind,
) -> Option<(String, Part, Option<ReadDockerfile>)> {
    let path = &*Arc::clone(&document.path);
    if matches!(kind, FileKind::Yaml | FileKind::Compose)
        && let Some(record) = workflow_calls::never_loaded(&document)
    {
        return Some((path.to_owned(), Part::new(FileKind::Workflow, record), None));
    }
    let is_other = kind == FileKind::Compose && compose::is_of_another_tool(&document);
    let kind = if is_other { FileKind::Yaml } else { kind };
    let (record, form) = match kind {
        FileKind::Dockerfile => {
            let parsed = dockerfile::parse(&document.text);
            let is_template = is_dockerfile_template(&document.text, &parsed.tree)
                || is_filled_in_by_jvm_build(inventory, path, &parsed.tree);
            if is_template {
                let note =
                    problem(path, 1, "this is a template of a Dockerfile, so it was not judged".to_owned());
                let record = Record { problems: vec![note], ..Record::default() };
                return Some((path.to_owned(), Part::new(FileKind::Other, record), None));
            }
            let read = ReadDockerfile { document, parsed };
            let record = dockerfile_facts::record(&read);
            return Some((path.to_owned(), Part::new(kind, record), Some(read)));
        }
        FileKind::Compose => (compose::record(&document, inventory), None),
        FileKind::EnvFile if is_of_editor(path, &document.text) => {
            let note = problem(path, 1, "an editor fills this file in, so it was not judged".to_owned());
            let record = Record { problems: vec![note], ..Record::default() };
            return Some((path.to_owned(), Part::new(FileKind::Other, record), None));
        }
        FileKind::EnvFile => {
            (env_file::record(&document, declared.dialect.unwrap_or(Dialect::Compose)), None)
        }
        FileKind::Terraform | FileKind::Tfvars if has_template_lines(&document.text) => {
            let note =
                problem(path, 1, "this is a template of a Terraform file, so it was not judged".to_owned());
            let file = TerraformFile { is_template: true, is_sealed: true, ..TerraformFile::default() };
            let record =
                Record { problems: vec![note], terraform: Some(Box::new(file)), ..Record::default() };
            return Some((path.to_owned(), Part::new(FileKind::Other, record), None));
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

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, Facts, collect};

    fn facts(files: &[(&str, &[u8])]) -> Facts {
        let tree: Memory = files.iter().copied().collect();
        collect(&tree, &Declared::default())
    }

    /// The messages of the problems, those that block first.
    fn told(facts: &Facts) -> (Vec<&str>, Vec<&str>) {
        let of = |blocking: bool| {
            let problems = facts.problems.iter().filter(|problem| problem.blocking == blocking);
            problems.map(|problem| problem.message.as_str()).collect()
        };
        (of(true), of(false))
    }

    #[test]
    fn an_encrypted_file_is_no_fault() {
        for bytes in [&b"\0GITCRYPT\0\xff\x01"[..], b"$ANSIBLE_VAULT;1.1;AES256\n613\n"] {
            for path in ["infra/terraform.tfvars", ".env.production"] {
                let found = facts(&[(path, bytes)]);
                let (blocking, notes) = told(&found);
                assert_eq!((blocking.len(), notes.len()), (0, 1), "{path}");
            }
        }
        let found = facts(&[("terraform.tfvars", b"a = \"\0\"\n")]);
        assert_eq!(told(&found).0.len(), 1);
    }

    #[test]
    fn a_link_into_a_submodule_is_no_fault_and_any_other_is() {
        let mut tree: Memory = [(".gitmodules", "[submodule \"x\"]\n\tpath = x/own\n")].into_iter().collect();
        tree.insert_link("x/compose.yml", "own/compose.yml");
        let found = collect(&tree, &Declared::default());
        assert!(matches!(told(&found), (blocking, notes) if blocking.is_empty() && notes.len() == 1));
        tree.insert_link("y/compose.yml", "gone.yml");
        let found = collect(&tree, &Declared::default());
        assert_eq!(told(&found).0, ["this links to `gone.yml`, which does not exist"]);
    }

    #[test]
    fn a_part_of_a_dockerfile_is_judged_only_where_it_is_built() {
        let part = ("docker/Dockerfile.labels", &b"ARG V\nLABEL v=$V\n"[..]);
        assert_eq!(told(&facts(&[part])).0, [""; 0]);
        let build = ("build.sh", &b"docker build -f docker/Dockerfile.labels docker\n"[..]);
        assert_eq!(told(&facts(&[part, build])).0.len(), 1);
        for (path, text) in [("Dockerfile", part.1), ("Dockerfile.prod", b"FORM node\nRUN make\n")] {
            assert!(!told(&facts(&[(path, text)])).0.is_empty(), "{path}");
        }
    }

    #[test]
    fn what_a_generator_makes_a_module_of_is_none() {
        let template = &b"{%- if x %}\nvariable \"a\" {}\n{%- endif %}\n"[..];
        let part = &b"resource \"x\" \"y\" {\n  z = var.a\n}\n"[..];
        let found = facts(&[("base/deploy/tf/a.tf", template), ("targets/run/deploy/tf/b.tf", part)]);
        assert_eq!(
            told(&found),
            (vec![], vec!["this is a template of a Terraform file, so it was not judged"])
        );
        assert!(found.modules.iter().all(|module| !module.is_whole));
        let found = facts(&[("base/deploy/tf/a.tf", template), ("other/tf/b.tf", part)]);
        assert!(found.modules.iter().any(|module| module.is_whole));
    }

    #[test]
    fn a_script_named_like_an_env_file_is_none() {
        let script = &b"#!/bin/bash\nif true; then\n  export A=1\nfi\n"[..];
        assert_eq!(told(&facts(&[("files/tool.env", script)])).0, [""; 0]);
        let compose = &b"services:\n  a:\n    image: x\n    env_file: files/tool.env\n"[..];
        assert!(!told(&facts(&[("files/tool.env", script), ("compose.yml", compose)])).0.is_empty());
    }

    #[test]
    fn an_env_file_of_tests_blocks_where_something_names_it() {
        let file = (".env.test", &b"no name\n"[..]);
        assert_eq!(told(&facts(&[file])).0, [""; 0]);
        let compose = &b"services:\n  a:\n    image: x\n    env_file: .env.test\n"[..];
        assert_eq!(told(&facts(&[file, ("compose.yml", compose)])).0.len(), 1);
        assert_eq!(told(&facts(&[(".env.production", file.1)])).0.len(), 1);
    }

    #[test]
    fn the_configuration_of_another_tool_is_not_read_as_compose() {
        let other = ("docker-compose-config.yaml", &b"issuer: http://x\nweb:\n  http: 0.0.0.0:80\n"[..]);
        assert_eq!(told(&facts(&[other])).0, [""; 0]);
        for text in [&b"web:\n  image: x\n"[..], b"servces:\n  web:\n    image: x\n"] {
            assert!(!told(&facts(&[("docker-compose.prod.yml", text)])).0.is_empty());
        }
    }
}
