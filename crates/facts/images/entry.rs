//! What a container starts.

use source::{Tree, directory_of, file_name};
use syntax::Spanned;
use syntax::dockerfile::scope::stage_chain;
use syntax::shell::{self, Target};

use super::ReadDockerfile;
use super::commands::{is_renamed_to, renamed_from};
use super::plan::Planned;
use crate::context::Context;
use crate::image::{EntryPoint, Link, StartScript};
use crate::imports::python::Start;
use crate::inventory::Inventory;
use crate::record::Document;
use crate::stages::Built;

/// A Python module that the container starts, and where absolute imports are then looked up.
pub(super) struct PythonStart {
    /// The module.
    pub(super) start: Start,
    /// The directories of the container in which imports are looked up.
    pub(super) roots: Vec<String>,
    /// The command that starts it.
    pub(super) command: Link,
}

/// What the container starts: as written, and the Python modules among it.
pub(super) fn entry_points(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    built: &Built,
) -> (Vec<EntryPoint>, Vec<PythonStart>) {
    let mut found = started(inventory, built);
    if let Some(words) = &plan.build.command {
        let words: Vec<Spanned<String>> =
            words.iter().map(|word| Spanned::new(word.clone(), source::Span::default())).collect();
        found.extend(shell::entry_points(&words));
    }
    let mut started = Vec::new();
    let mut entry = Vec::new();
    let mut seen = Vec::new();
    // A start script starts the program; one that starts itself must not be followed for ever.
    while let Some(point) = found.pop() {
        let directory = point.directory.as_ref().map_or_else(
            || built.workdir.clone(),
            |directory| in_container(&directory.value, &built.workdir),
        );
        let command = Link { at: read.document.place(point.span), module: written(&point.target) };
        let mut script = None;
        let start =
            |(start, roots): (Start, Vec<String>)| PythonStart { start, roots, command: command.clone() };
        match &point.target {
            Target::PythonModule { module, may_end_in_attribute, .. } => {
                let of_attribute = module.rsplit_once('.').filter(|_| *may_end_in_attribute);
                let found = module_start(inventory, built, module, &directory).or_else(|| {
                    of_attribute.and_then(|(module, _)| module_start(inventory, built, module, &directory))
                });
                started.extend(found.map(start));
            }
            Target::PythonFile(path) => {
                started.extend(file_start(inventory, built, path, &directory, &point.runner).map(start));
            }
            Target::PythonFirstOf(paths) => {
                let exists =
                    |path: &&&str| built.layout.find(inventory, &in_container(path, &directory)).is_some();
                let first = paths.iter().find(exists);
                let first =
                    first.and_then(|path| file_start(inventory, built, path, &directory, &point.runner));
                started.extend(first.map(start));
            }
            Target::Script(written) | Target::Binary(written) => {
                let is_alone = !written.contains('/') && point.runner == *written;
                let container = if is_alone {
                    installed(inventory, built, written)
                } else {
                    in_container(written, &directory)
                };
                let file_at = |container: &str| {
                    built.layout.find(inventory, container).filter(|path| inventory.is_file(path))
                };
                // Where the ignore file leaves it out and a RUN gives its name to another file, that one is started.
                let is_other = |path: &str| context.exclusion(path).is_some() && is_renamed_to(read, path);
                let held = file_at(&container).and_then(|path| {
                    if is_other(&path) {
                        return renamed_from(read, &container).and_then(|other| file_at(&other));
                    }
                    Some(path)
                });
                if let Some(path) = held.filter(|path| !seen.contains(path)) {
                    let inner = script_entry_points(inventory.tree(), &path).into_iter();
                    // Its own lines are not those of the Dockerfile.
                    found.extend(inner.map(|inner| shell::EntryPoint { span: point.span, ..inner }));
                    seen.push(path.clone());
                    let directly = point.runner == file_name(written);
                    let is_first = built.start.first().is_some_and(|first| first.value == *written);
                    let by_runtime = is_first && (built.has_entrypoint || is_without_entrypoint(read, plan));
                    script = Some(StartScript { path, directly, by_runtime });
                }
            }
            Target::NodeFile(_) | Target::NpmScript(_) => {}
        }
        entry.push(EntryPoint { written: command.module.clone(), at: command.at.clone(), script });
    }
    entry.sort_by(|one, other| (&one.at, &one.written).cmp(&(&other.at, &other.written)));
    (entry, started)
}

/// Whether the image that the built stage starts from is known to have no ENTRYPOINT, which might hand CMD to a shell.
pub(super) fn is_without_entrypoint(read: &ReadDockerfile, plan: &Planned) -> bool {
    // Their Dockerfiles in <https://github.com/docker-library/official-images>, 2026.
    const IMAGES: &[&str] =
        &["alpine", "busybox", "debian", "fedora", "golang", "python", "ruby", "rust", "scratch", "ubuntu"];
    let dockerfile = &read.parsed.tree;
    let named = plan.build.target.as_deref().and_then(|name| dockerfile.stage(name));
    let Some(stage) = named.or(dockerfile.stages.len().checked_sub(1)) else { return false };
    let root = stage_chain(dockerfile, stage, &|_| None).last().copied();
    let base = root.and_then(|root| dockerfile.stages.get(root));
    base.is_some_and(|base| IMAGES.contains(&crate::container::image_name(&base.base.value)))
}

/// Where a program that is named without a folder lies: the system looks for it there alone.
pub(super) fn installed(inventory: &Inventory<'_>, built: &Built, name: &str) -> String {
    const FOLDERS: &[&str] = &["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];
    let paths = FOLDERS.iter().map(|folder| format!("{folder}/{name}"));
    paths.into_iter().find(|path| built.layout.find(inventory, path).is_some()).unwrap_or_default()
}

/// What ENTRYPOINT and CMD start, and what a script of the repository hands on: `exec "$@"` runs the words after it.
pub(super) fn started(inventory: &Inventory<'_>, built: &Built) -> Vec<shell::EntryPoint> {
    started_by(inventory, built, &built.start)
}

/// The same for other words that start the container.
pub(super) fn started_by(
    inventory: &Inventory<'_>,
    built: &Built,
    words: &[Spanned<String>],
) -> Vec<shell::EntryPoint> {
    let mut found = shell::entry_points(words);
    found.extend(shell::entry_points(&handed_on(inventory, built, words)));
    found
}

/// The words that the script at the start runs in the folder in which it was started itself. An init program or a
/// shell may stand before the script: `dumb-init -- ./start.sh python main.py`.
pub(super) fn handed_on(
    inventory: &Inventory<'_>,
    built: &Built,
    words: &[Spanned<String>],
) -> Vec<Spanned<String>> {
    let commands = shell::commands_of_words(words);
    let [command] = commands.as_slice() else { return Vec::new() };
    let words = match command.words.as_slice() {
        [first, rest @ ..] if matches!(file_name(&first.text), "sh" | "bash" | "ash" | "dash") => rest,
        words => words,
    };
    let Some((script, rest)) = words.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Vec::new();
    };
    let container = in_container(&script.text, &built.workdir);
    let path = built.layout.find(inventory, &container).filter(|path| inventory.is_file(path));
    let Some(document) = path.and_then(|path| Document::read(inventory.tree(), &path).ok()) else {
        return Vec::new();
    };
    let commands = shell::parse(&document.text).tree.commands;
    let stays = !commands.iter().any(|command| matches!(command.name(), Some("cd" | "pushd")));
    let runs_words = |command: &shell::Command| {
        let stripped = shell::exec_prefix_stripped(command);
        stripped.iter().any(|inner| matches!(inner.name(), Some("$@" | "${@}")))
    };
    if stays && commands.iter().any(runs_words) {
        rest.iter().map(shell::Word::spanned).collect()
    } else {
        Vec::new()
    }
}

fn script_entry_points(tree: &dyn Tree, path: &str) -> Vec<shell::EntryPoint> {
    let Ok(document) = Document::read(tree, path) else { return Vec::new() };
    shell::entry_points_of(&shell::parse(&document.text).tree)
}

fn written(target: &Target) -> String {
    match target {
        Target::PythonModule { module, attribute: Some(attribute), .. } => format!("{module}:{attribute}"),
        Target::PythonModule { module: text, .. }
        | Target::PythonFile(text)
        | Target::NodeFile(text)
        | Target::NpmScript(text)
        | Target::Script(text)
        | Target::Binary(text) => text.clone(),
        Target::PythonFirstOf(paths) => paths.first().copied().unwrap_or_default().to_owned(),
    }
}

pub(super) fn in_container(path: &str, directory: &str) -> String {
    source::join(directory, path).unwrap_or_default()
}

/// A module that is started, and the directories of the container in which imports are then looked up.
pub(super) fn module_start(
    inventory: &Inventory<'_>,
    built: &Built,
    module: &str,
    directory: &str,
) -> Option<(Start, Vec<String>)> {
    let roots: Vec<String> =
        std::iter::once(directory.to_owned()).chain(built.python_path.iter().cloned()).collect();
    let inside = module.replace('.', "/");
    let exists = |container: &String| {
        built.layout.find(inventory, container).is_some_and(|path| inventory.is_file(&path))
    };
    let candidates = roots.iter().flat_map(|root| {
        ["/__main__.py", ".py", "/__init__.py"].map(|ending| in_container(&format!("{inside}{ending}"), root))
    });
    let container = candidates.into_iter().find(exists)?;
    Some((Start { container, module: module.to_owned(), is_program: true }, roots))
}

fn file_start(
    inventory: &Inventory<'_>,
    built: &Built,
    path: &str,
    directory: &str,
    runner: &str,
) -> Option<(Start, Vec<String>)> {
    let container = in_container(path, directory);
    built.layout.find(inventory, &container)?;
    let is_package =
        |folder: &str| built.layout.find(inventory, &in_container("__init__.py", folder)).is_some();
    let mut root = directory_of(&container);
    // It imports the file as the module of its package; `python` runs it by itself.
    while runner == "fastapi" && !root.is_empty() && is_package(root) {
        root = directory_of(root);
    }
    let roots = std::iter::once(root.to_owned()).chain(built.python_path.iter().cloned()).collect();
    let module = file_name(path).trim_end_matches(".py").to_owned();
    Some((Start { container, module, is_program: true }, roots))
}
