//! The images of a repository: which Dockerfile is built with which context, and what its program needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use source::{FileKind, Place, Tree, directory_of, file_name, is_backup, is_illustration, tokens};
use syntax::dockerfile::{self, Dockerfile, Kind};
use syntax::dockerignore::Builder;
use syntax::shell::{self, Target};
use syntax::{Parsed, Spanned};

use crate::context::Context;
use crate::git_ignore;
use crate::image::{CopyStatus, EntryPoint, Image, LeftOut};
use crate::imports::{Program, PythonFiles, Reached, Start};
use crate::inventory::Inventory;
use crate::record::{Build, Document, Use, UseKind};
use crate::stages::{self, Built};
use crate::wildcard::is_wildcard;
use crate::{Declared, Problem, Scope};

/// A Dockerfile with its text.
pub struct ReadDockerfile {
    /// The text.
    pub document: Document,
    /// What it says.
    pub parsed: Parsed<Dockerfile>,
}

/// One build that is to be looked at.
struct Planned {
    dockerfile: String,
    build: Build,
    builder: Builder,
    built_by: Vec<Place>,
    context_is_certain: bool,
}

/// The images, in the order of their Dockerfiles, and the problems of their ignore files.
pub fn images(
    inventory: &Inventory<'_>,
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
    declared: &Declared,
    files: &PythonFiles,
) -> (Vec<Image>, Vec<Problem>) {
    let planned = plan(inventory, dockerfiles, uses, declared);
    let mut images = Vec::new();
    let mut problems = Vec::new();
    for plan in &planned {
        let Some(read) = dockerfiles.get(&plan.dockerfile) else { continue };
        let context = Context::new(inventory, &plan.build.context, &plan.dockerfile, plan.builder);
        images.push(image(inventory, read, plan, &context, files));
        for problem in context.problems {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    (images, problems)
}

/// Which builds there are: those that configuration and files name; for the other Dockerfiles, the context in which
/// most of their sources exist.
fn plan(
    inventory: &Inventory<'_>,
    dockerfiles: &BTreeMap<String, ReadDockerfile>,
    uses: &[Use],
    declared: &Declared,
) -> Vec<Planned> {
    let mut plans: BTreeMap<(String, String, Option<String>), Planned> = BTreeMap::new();
    for (name, service) in &declared.services {
        let Some(path) = &service.dockerfile else { continue };
        let context = service.context.as_deref().unwrap_or("").trim_start_matches("./").trim_matches('/');
        let context = if context == "." { "" } else { context };
        let build = Build { context: context.to_owned(), service: Some(name.clone()), ..Build::default() };
        let builder =
            service.builder.as_deref().and_then(|name| name.parse().ok()).unwrap_or(Builder::Buildkit);
        let planned = Planned {
            dockerfile: path.clone(),
            build,
            builder,
            built_by: Vec::new(),
            context_is_certain: true,
        };
        plans.insert((path.clone(), context.to_owned(), None), planned);
    }
    for used in uses {
        let UseKind::Build(build) = &used.what else { continue };
        let key = (used.path.clone(), build.context.clone(), build.target.clone());
        let planned = plans.entry(key).or_insert_with(|| Planned {
            dockerfile: used.path.clone(),
            build: (**build).clone(),
            builder: Builder::Buildkit,
            built_by: Vec::new(),
            context_is_certain: true,
        });
        planned.built_by.push(used.at.clone());
    }
    for (path, read) in dockerfiles {
        let known = plans.keys().any(|(dockerfile, ..)| dockerfile == path);
        if known || is_backup(path) || is_illustration(path) {
            continue;
        }
        let (context, certain) = likely_context(inventory, path, &read.parsed.tree);
        let build = Build { context: context.clone(), ..Build::default() };
        let planned = Planned {
            dockerfile: path.clone(),
            build,
            builder: Builder::Buildkit,
            built_by: Vec::new(),
            context_is_certain: certain,
        };
        plans.insert((path.clone(), context, None), planned);
    }
    plans.into_values().collect()
}

/// The directory in which most literal sources of a Dockerfile exist, and whether any does.
fn likely_context(inventory: &Inventory<'_>, path: &str, dockerfile: &Dockerfile) -> (String, bool) {
    let sources = literal_sources(dockerfile);
    let own = directory_of(path);
    let mut candidates = vec![own];
    while let Some(last) = candidates.last().filter(|last| !last.is_empty()).copied() {
        candidates.push(directory_of(last));
    }
    let score = |context: &str| {
        let exists = |source: &&String| {
            source::join(context, source).is_some_and(|path| inventory.kind(&path).is_some())
        };
        sources.iter().filter(exists).count()
    };
    let best = candidates.iter().map(|context| score(context)).max().unwrap_or(0);
    // A folder that only holds Dockerfiles is no context; the root is the usual one then.
    const FOLDERS: &[&str] =
        &["docker", "dockerfiles", "deploy", "deployment", "build", "ci", "containers", "images"];
    let shared = tokens(file_name(own)).any(|word| FOLDERS.contains(&word.as_str()));
    let prefers_own = file_name(path).eq_ignore_ascii_case("dockerfile") && !shared;
    let mut likely = candidates.into_iter().filter(|context| score(context) == best);
    let chosen = if prefers_own { likely.next() } else { likely.next_back() };
    (chosen.unwrap_or("").to_owned(), best > 0)
}

fn literal_sources(dockerfile: &Dockerfile) -> Vec<String> {
    let mut sources = Vec::new();
    for instruction in &dockerfile.instructions {
        let (Kind::Copy { sources: words, from: None, .. } | Kind::Add { sources: words, .. }) =
            &instruction.kind
        else {
            continue;
        };
        let literal = words.iter().map(|word| word.value.trim_start_matches("./").trim_matches('/'));
        let literal = literal.filter(|word| {
            !word.is_empty() && *word != "." && !word.contains(['$', ':']) && !is_wildcard(word)
        });
        sources.extend(literal.map(str::to_owned));
    }
    sources
}

fn image(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    context: &Context<'_>,
    files: &PythonFiles,
) -> Image {
    let build = stages::Build {
        inventory,
        document: &read.document,
        dockerfile: &read.parsed.tree,
        context,
        target: plan.build.target.as_deref(),
        arguments: &plan.build.arguments,
    };
    let mut built = build.run();
    for copied in &mut built.copies {
        if let CopyStatus::Missing { generated, .. } = &mut copied.status {
            let path = source::join(&context.directory, &copied.source).unwrap_or_default();
            *generated = git_ignore::is_ignored(inventory, &path);
        }
    }
    let (entry, starts) = entry_points(inventory, read, plan, &built);
    let left_out = left_out(inventory, context, &built, &starts, files);
    Image {
        dockerfile: Arc::clone(&read.document.path),
        context: context.directory.clone(),
        context_is_certain: plan.context_is_certain,
        ignore_file: context.ignore_file.clone(),
        builder: context.builder.name(),
        target: plan.build.target.clone(),
        built_by: plan.built_by.clone(),
        scope: Scope { service: plan.build.service.clone(), ..Scope::default() },
        copies: built.copies,
        entry,
        left_out,
    }
}

/// A Python module that the container starts, and where absolute imports are then looked up.
struct PythonStart {
    start: Start,
    roots: Vec<String>,
}

/// What the container starts: as written, and the Python modules among it.
fn entry_points(
    inventory: &Inventory<'_>,
    read: &ReadDockerfile,
    plan: &Planned,
    built: &Built,
) -> (Vec<EntryPoint>, Vec<PythonStart>) {
    let mut found = shell::entry_points(&built.start);
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
        entry.push(EntryPoint { written: written(&point.target), at: read.document.place(point.span) });
        match &point.target {
            Target::PythonModule { module, .. } => {
                started.extend(module_start(inventory, built, module, &directory))
            }
            Target::PythonFile(path) => started.extend(file_start(inventory, built, path, &directory)),
            Target::Script(path) | Target::Binary(path) => {
                let container = in_container(path, &directory);
                let script = built.layout.find(inventory, &container).filter(|path| inventory.is_file(path));
                if let Some(path) = script.filter(|path| !seen.contains(path)) {
                    found.extend(script_entry_points(inventory.tree(), &path));
                    seen.push(path);
                }
            }
            Target::NodeFile(_) | Target::NpmScript(_) => {}
        }
    }
    entry.sort_by(|one, other| (&one.at, &one.written).cmp(&(&other.at, &other.written)));
    (entry, started)
}

fn script_entry_points(tree: &dyn Tree, path: &str) -> Vec<shell::EntryPoint> {
    let Ok(document) = Document::read(tree, path) else { return Vec::new() };
    shell::entry_points_of(&shell::parse(&document.text).tree)
}

fn written(target: &Target) -> String {
    match target {
        Target::PythonModule { module, attribute: Some(attribute) } => format!("{module}:{attribute}"),
        Target::PythonModule { module: text, .. }
        | Target::PythonFile(text)
        | Target::NodeFile(text)
        | Target::NpmScript(text)
        | Target::Script(text)
        | Target::Binary(text) => text.clone(),
    }
}

fn in_container(path: &str, directory: &str) -> String {
    source::join(directory, path).unwrap_or_default()
}

fn module_start(
    inventory: &Inventory<'_>,
    built: &Built,
    module: &str,
    directory: &str,
) -> Option<PythonStart> {
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
    Some(PythonStart { start: Start { container, module: module.to_owned(), is_program: true }, roots })
}

fn file_start(inventory: &Inventory<'_>, built: &Built, path: &str, directory: &str) -> Option<PythonStart> {
    let container = in_container(path, directory);
    built.layout.find(inventory, &container)?;
    let roots = std::iter::once(directory_of(&container).to_owned())
        .chain(built.python_path.iter().cloned())
        .collect();
    let module = file_name(path).trim_end_matches(".py").to_owned();
    Some(PythonStart { start: Start { container, module, is_program: true }, roots })
}

/// The modules that the image's code imports and the context leaves out.
fn left_out(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    starts: &[PythonStart],
    files: &PythonFiles,
) -> Vec<LeftOut> {
    let mut found: BTreeMap<String, LeftOut> = BTreeMap::new();
    let mut reached_paths: Vec<String> = Vec::new();
    for start in starts {
        let program =
            Program { layout: &built.layout, roots: start.roots.clone(), starts: vec![start.start.clone()] };
        for reached in program.reached(inventory, files) {
            if let Some(left) = missing(inventory, context, &reached, true) {
                keep_strongest(&mut found, left);
            }
            reached_paths.push(reached.path);
        }
    }
    for left in imported_elsewhere(inventory, context, built, starts, &reached_paths, files) {
        found.entry(left.path.to_string()).or_insert(left);
    }
    found.into_values().collect()
}

fn keep_strongest(found: &mut BTreeMap<String, LeftOut>, left: LeftOut) {
    match found.get(&*left.path) {
        Some(known) if known.how <= left.how => {}
        _ => {
            found.insert(left.path.to_string(), left);
        }
    }
}

fn missing(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    reached: &Reached,
    reachable: bool,
) -> Option<LeftOut> {
    let exclusion = context.exclusion(&reached.path)?;
    // A package without its empty __init__.py is a namespace package, and works.
    if file_name(&reached.path) == "__init__.py" && inventory.tree().size(&reached.path) == Some(0) {
        return None;
    }
    let later = context.not_brought_back_by(&reached.path).into_iter().last();
    Some(LeftOut {
        path: Arc::from(reached.path.as_str()),
        module: reached.module.clone(),
        by: exclusion.by,
        pattern: exclusion.pattern,
        not_brought_back_by: later,
        how: reached.how,
        reachable,
        chain: reached.chain.clone(),
    })
}

/// Modules left out that only code imports which no entry point reaches; all code of the image where none is known.
fn imported_elsewhere(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    starts: &[PythonStart],
    reached: &[String],
    files: &PythonFiles,
) -> Vec<LeftOut> {
    let code = code_of_image(inventory, built);
    let (sent, unsent): (Vec<_>, Vec<_>) =
        code.into_iter().partition(|(_, path)| context.exclusion(path).is_none());
    let names: Vec<String> =
        unsent.iter().filter(|(_, path)| !is_test(path)).filter_map(|(_, path)| module_word(path)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let Ok(words) = aho_corasick::AhoCorasick::new(&names) else { return Vec::new() };
    let waiting: Vec<_> =
        sent.into_iter().filter(|(_, path)| !reached.contains(path) && !is_test(path)).collect();
    let roots = starts.first().map_or_else(|| default_roots(built), |start| start.roots.clone());
    let per_file: Vec<Vec<LeftOut>> = waiting
        .par_iter()
        .map(|(container, path)| {
            let text = inventory.tree().read(path, source::MAX_CODE_BYTES).unwrap_or_default();
            if !words.is_match(&text) {
                return Vec::new();
            }
            let start = Start { container: container.clone(), module: String::new(), is_program: false };
            let program = Program { layout: &built.layout, roots: roots.clone(), starts: vec![start] };
            let direct = program.imported_directly(inventory, files);
            direct
                .iter()
                .filter_map(|reached| missing(inventory, context, reached, starts.is_empty()))
                .collect()
        })
        .collect();
    let mut found: BTreeMap<String, LeftOut> = BTreeMap::new();
    for left in per_file.into_iter().flatten() {
        keep_strongest(&mut found, left);
    }
    found.into_values().collect()
}

/// Container path and tree path of every Python file that the Dockerfile copies, sent or not.
fn code_of_image(inventory: &Inventory<'_>, built: &Built) -> Vec<(String, String)> {
    let mut code = BTreeMap::new();
    for (container, directory) in built.layout.directories() {
        for entry in inventory.below(directory) {
            if FileKind::of(&entry.path) == FileKind::Python {
                let rest = if directory.is_empty() {
                    entry.path.as_str()
                } else {
                    entry.path.get(directory.len() + 1..).unwrap_or("")
                };
                code.insert(entry.path.clone(), in_container(rest, container));
            }
        }
    }
    code.into_iter().map(|(path, container)| (container, path)).collect()
}

fn default_roots(built: &Built) -> Vec<String> {
    std::iter::once(built.workdir.clone()).chain(built.python_path.iter().cloned()).collect()
}

fn is_test(path: &str) -> bool {
    tokens(directory_of(path)).any(|word| matches!(word.as_str(), "test" | "tests" | "testing"))
        || is_backup(path)
}

/// The word by which an import names this file.
fn module_word(path: &str) -> Option<String> {
    let name = file_name(path).trim_end_matches(".py");
    let word = if name == "__init__" { file_name(directory_of(path)) } else { name };
    (!word.is_empty()).then(|| word.to_owned())
}
