//! What a container starts, or copies from, and its image cannot hold.

use memchr::memmem;
use source::{file_name, join};
use syntax::dockerfile::{Dockerfile, Kind};
use syntax::shell::{EntryPoint, Target};

use super::ReadDockerfile;
use super::entry::{in_container, module_start, started};
use super::plan::Planned;
use crate::imports::javascript::is_generated;
use crate::inventory::Inventory;
use crate::missing::package_scripts;
use crate::stages::Built;
use crate::{MissingFile, MissingKind, Scope, git_ignore};

/// The modules, files and stages that the image's own instructions name and that do not exist.
pub(super) fn absent(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    built: &Built,
) -> Vec<MissingFile> {
    let mut missing: Vec<MissingFile> = started(inventory, built)
        .iter()
        .filter_map(|point| started_in_vain(inventory, read, built, point))
        .collect();
    missing.extend(stages(&read.parsed.tree, plan, built));
    missing
}

fn started_in_vain(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    built: &Built,
    point: &EntryPoint,
) -> Option<MissingFile> {
    let given = point.directory.as_ref();
    let directory =
        given.map_or_else(|| built.workdir.clone(), |given| in_container(&given.value, &built.workdir));
    let (path, kind) = match &point.target {
        Target::PythonModule { module, .. } => {
            (missing_module(inventory, built, module, &directory)?, MissingKind::Module)
        }
        // The system looks a name alone up among the installed programs, which a base image may have.
        Target::PythonFile(path) | Target::Script(path) if !path.contains('/') && point.runner == *path => {
            return None;
        }
        Target::PythonFile(path) | Target::Script(path) => {
            (missing_file(inventory, built, path, &directory)?, MissingKind::EntryFile)
        }
        Target::NodeFile(path) => {
            (missing_script(inventory, read, built, path, &directory)?, MissingKind::EntryFile)
        }
        Target::NpmScript(name) => {
            return absent_package_script(inventory, read, built, point, name, &directory);
        }
        Target::Binary(_) | Target::PythonFirstOf(_) => return None,
    };
    if is_made(read, file_name(&path)) {
        return None;
    }
    Some(MissingFile {
        generated: git_ignore::is_ignored(inventory, &path),
        similar: inventory.similar(&path).map(str::to_owned),
        path,
        at: read.document.place(point.span),
        kind,
        made_by: None,
        is_alternative: false,
        seen_from: None,
        scope: Scope::default(),
    })
}

/// The file that a module would be, where the package that should hold it comes from the tree.
fn missing_module(inventory: &Inventory<'_>, built: &Built, module: &str, directory: &str) -> Option<String> {
    if module_start(inventory, built, module, directory).is_some() {
        return None;
    }
    let parts: Vec<&str> = module.split('.').collect();
    let roots = std::iter::once(directory).chain(built.python_path.iter().map(String::as_str));
    let mut missing = None;
    for root in roots {
        let (mut at, mut package) = (root.to_owned(), None);
        for (depth, part) in parts.iter().enumerate() {
            at = in_container(part, &at);
            match built.layout.find(inventory, &at) {
                Some(path) if inventory.is_directory(&path) => package = Some((depth + 1, path)),
                // A link or a file of that name: what it leads to is not looked at.
                Some(_) => return None,
                None => break,
            }
        }
        // An installed package has any module; one that is copied has those of its folder.
        missing = missing.or(package);
    }
    let (depth, package) = missing?;
    let rest = parts.get(depth..).filter(|rest| !rest.is_empty())?;
    join(&package, &format!("{}.py", rest.join("/")))
}

/// A file below a folder that comes from the tree. The folder of a base image's own scripts is often the working
/// directory, so that a name without a folder counts only where a file of almost that name is near.
fn missing_file(inventory: &Inventory<'_>, built: &Built, path: &str, directory: &str) -> Option<String> {
    let container = in_container(path, directory);
    if built.layout.find(inventory, &container).is_some() {
        return None;
    }
    let above = built.layout.find(inventory, source::directory_of(&container))?;
    let missing = join(&above, file_name(path))?;
    let is_deep = source::directory_of(&container) != directory && !above.is_empty();
    (inventory.is_directory(&above) && (is_deep || inventory.similar(&missing).is_some())).then_some(missing)
}

/// A file of JavaScript or TypeScript, whose ending may be left away. Where RUN may compile, it may make one.
fn missing_script(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    built: &Built,
    path: &str,
    directory: &str,
) -> Option<String> {
    const COMPILES: &[&str] =
        &["build", "tsc", "compile", "bundle", "generate", "webpack", "rollup", " run "];
    let container = in_container(path, directory);
    let endings = ["", ".js", ".mjs", ".cjs", ".ts", ".json", "/index.js", "/index.ts", "/package.json"];
    let exists = |ending: &&str| built.layout.find(inventory, &format!("{container}{ending}")).is_some();
    let is_compiled = built.runs.iter().any(|run| {
        let written = read.document.slice(run.at.span);
        COMPILES.iter().any(|word| written.contains(word))
    });
    if is_compiled || is_generated(&container) || endings.iter().any(exists) {
        return None;
    }
    missing_file(inventory, built, path, directory)
}

/// Whether an instruction that makes files names this one, or one that copies gives something its name.
pub(super) fn is_made(read: &ReadDockerfile, name: &str) -> bool {
    read.parsed.tree.instructions.iter().any(|instruction| {
        let text = read.document.slice(instruction.span);
        match &instruction.kind {
            Kind::Run(_) | Kind::Onbuild(_) | Kind::Add { .. } | Kind::Copy { from: Some(_), .. } => {
                names(text, name)
            }
            // What it takes from the context is known; a file may get another name.
            Kind::Copy { from: None, destination, .. } => {
                name.contains('.') && file_name(&destination.value) == name
            }
            _ => false,
        }
    })
}

/// Whether a text names a file or folder: as a whole, and not as a part of another word.
fn names(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    memmem::find_iter(text.as_bytes(), name).any(|at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(|letter| is_part(letter) || letter == '.')
    })
}

/// What a command puts folders somewhere with.
const PLACES: &[&str] = &["mkdir", "git clone", "cp ", "mv ", "ln ", "rsync", "tar ", "unzip"];

/// The same for a folder as well as a file: a word alone may be anything, `--bin worker` say, a path is none of these.
pub(super) fn may_be_made(read: &ReadDockerfile, name: &str) -> bool {
    if name.contains('.') {
        return is_made(read, name);
    }
    read.parsed.tree.instructions.iter().any(|instruction| {
        let text = read.document.slice(instruction.span);
        let is_path = || text.contains(&format!("{name}/")) || text.contains(&format!("/{name}"));
        let places = || PLACES.iter().any(|word| text.contains(word));
        match instruction.kind {
            Kind::Copy { from: Some(_), .. } | Kind::Add { .. } => names(text, name),
            Kind::Run(_) | Kind::Onbuild(_) => names(text, name) && (is_path() || places()),
            _ => false,
        }
    })
}

/// A script that the package.json in the folder, which comes from the tree, does not have.
fn absent_package_script(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    built: &Built,
    point: &EntryPoint,
    name: &str,
    directory: &str,
) -> Option<MissingFile> {
    // Managers have defaults for these, and take other words for programs.
    if matches!(name, "start" | "stop" | "restart" | "test") || point.runner != "npm" {
        return None;
    }
    let manifest = built.layout.find(inventory, &in_container("package.json", directory))?;
    let missing = package_scripts::missing_script(inventory, source::directory_of(&manifest), name)?;
    (!is_made(read, "package.json")).then(|| MissingFile {
        path: name.to_owned(),
        at: read.document.place(point.span),
        kind: MissingKind::EntryScript,
        generated: false,
        made_by: None,
        similar: missing.similar,
        is_alternative: false,
        seen_from: None,
        scope: Scope::default(),
    })
}

/// Stages that `--from` means and that do not exist. Any other word may be an image.
fn stages(dockerfile: &Dockerfile, plan: &Planned, built: &Built) -> Vec<MissingFile> {
    let named = built.copies.iter().filter_map(|copied| copied.from.as_ref());
    let missing = named.filter_map(|from| {
        let name = from.name.as_str();
        let is_image = name.contains(['/', ':', '.', '@', '$']) || name.is_empty();
        if is_image
            || dockerfile.stage(name).is_some()
            || plan.build.contexts.iter().any(|known| known == name)
        {
            return None;
        }
        let similar = dockerfile.stages.iter().filter_map(|stage| stage.name.as_ref());
        let similar =
            similar.map(|stage| &stage.value).find(|stage| is_like(stage, &name.to_ascii_lowercase()));
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        (is_number || similar.is_some()).then(|| MissingFile {
            path: name.to_owned(),
            at: from.at.clone(),
            kind: MissingKind::Stage,
            generated: false,
            made_by: None,
            is_alternative: false,
            seen_from: None,
            similar: similar.cloned(),
            scope: Scope::default(),
        })
    });
    missing.collect()
}

/// `build` and `builder`, `frontend-build` and `frontend_build`.
pub(super) fn is_like(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.replace(['-', '_', '.'], "");
    let (one, other) = (plain(one), plain(other));
    one == other || (one.len().min(other.len()) >= 4 && (one.starts_with(&other) || other.starts_with(&one)))
}
