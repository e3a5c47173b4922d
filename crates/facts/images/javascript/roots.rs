//! The files that compilers and bundlers start with.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use source::{EntryKind, directory_of, file_name, has_word, is_test, join};
use syntax::node::Compiler;
use syntax::shell::{Command, flag_value};

use super::Stage;
use crate::code::ending;
use crate::images::entry::in_container;
use crate::imports::Seed;
use crate::imports::javascript::{is_generated, is_module};

/// Names of files in the `app` folder of Next that are routes or stand around them.
const ROUTES: &[&str] = &[
    "page",
    "layout",
    "route",
    "template",
    "loading",
    "error",
    "not-found",
    "default",
    "global-error",
    "sitemap",
    "robots",
    "manifest",
    "icon",
    "opengraph-image",
];

/// Patterns of one list of a `tsconfig.json`.
const MAX_PATTERNS: usize = 100;

/// Projects of one `tsc --build`.
const MAX_PROJECTS: usize = 32;

/// The directory that a compiler or bundler works in, and the files that it starts with; `None` for other programs,
/// and for those whose files are not told by name.
pub(super) fn compiled(stage: &Stage<'_>, command: &Command, directory: &str) -> Option<(String, Vec<Seed>)> {
    let (program, words) = command.words.split_first()?;
    let name = program.text.rsplit('/').next().unwrap_or("");
    let first = words.first().map_or("", |word| word.text.as_str());
    let own = words.iter().filter(|word| word.literal && !word.text.starts_with('-'));
    // `next build web`: the folder of the project.
    let project = || {
        let folder = own.clone().nth(1).map_or("", |word| word.text.as_str());
        in_container(folder, directory)
    };
    let here = directory.to_owned();
    Some(match (name, first) {
        ("next", "build") => (project(), next(stage, &project())),
        ("vite", "build") => (project(), vite(stage, &project())),
        ("react-scripts" | "craco" | "react-app-rewired", "build") => {
            (here, first_of(stage, directory, &["src/index"]))
        }
        ("nest", "build") => (here, first_of(stage, directory, &["src/main"])),
        ("tsc" | "vue-tsc", _) => (here, typescript(stage, command, directory)),
        ("ncc" | "bun", "build") => (here, files(stage, command, 2, directory)),
        ("esbuild" | "tsup", _) => (here, files(stage, command, 1, directory)),
        _ => return None,
    })
}

/// A file that a command names; its absence counts.
pub(super) fn named(stage: &Stage<'_>, container: &str) -> Option<Seed> {
    let path = stage.layout.find(stage.inventory, container).filter(|path| stage.inventory.is_file(path))?;
    let module = file_name(&path).to_owned();
    Some(Seed { container: container.to_owned(), path, module, is_program: true })
}

/// A file that is taken because it is there; one that is left out is not missed.
fn found(stage: &Stage<'_>, container: &str) -> Option<Seed> {
    named(stage, container).filter(|seed| stage.context.exclusion(&seed.path).is_none())
}

fn with_endings<'s>(stem: &'s str, endings: &'s [&'s str]) -> impl Iterator<Item = String> + 's {
    endings.iter().map(move |ending| format!("{stem}.{ending}"))
}

/// The first of these modules that is there, without their endings.
fn first_of(stage: &Stage<'_>, directory: &str, stems: &[&str]) -> Vec<Seed> {
    let stems = stems.iter().filter_map(|stem| join(directory, stem));
    let candidates =
        stems.flat_map(|stem| with_endings(&stem, &["ts", "tsx", "js", "jsx", "mjs"]).collect::<Vec<_>>());
    candidates.filter_map(|container| named(stage, &container)).take(1).collect()
}

/// The pages and routes of Next, its configuration and its hooks.
fn next(stage: &Stage<'_>, project: &str) -> Vec<Seed> {
    let hooks =
        ["next.config", "middleware", "proxy", "instrumentation", "src/middleware", "src/instrumentation"];
    let hooks = hooks.iter().filter_map(|stem| join(project, stem));
    let hooks = hooks.flat_map(|stem| with_endings(&stem, &["ts", "js", "mjs"]).collect::<Vec<_>>());
    let mut seeds: Vec<Seed> = hooks.filter_map(|container| found(stage, &container)).collect();
    for (folder, is_app) in [("app", true), ("src/app", true), ("pages", false), ("src/pages", false)] {
        let below = below(stage, &in_container(folder, project));
        seeds.extend(below.into_iter().filter(|seed| !is_app || ROUTES.contains(&stem(&seed.path))));
    }
    seeds.extend(without_which_next_stops(stage, project));
    seeds
}

/// What Next refuses to build without: any folder of pages, and the layout around all pages of `app`.
fn without_which_next_stops(stage: &Stage<'_>, project: &str) -> Vec<Seed> {
    if !stage.is_built {
        return Vec::new();
    }
    let of_app = ["app", "src/app"].map(|folder| in_container(folder, project));
    let of_pages = ["pages", "src/pages"].map(|folder| in_container(folder, project));
    let folders = || of_app.iter().chain(&of_pages);
    if !folders().any(|folder| sends_any(stage, folder, is_module)) {
        let all = folders().flat_map(|folder| modules(stage, folder));
        return all.filter_map(|container| named(stage, &container)).collect();
    }
    let is_layout = |path: &str| is_module(path) && stem(path) == "layout";
    let bare = of_app.iter().filter(|folder| {
        sends_any(stage, folder, |path| is_module(path) && stem(path) == "page")
            && !sends_any(stage, folder, is_layout)
    });
    let layouts = bare.flat_map(|folder| {
        with_endings(&in_container("layout", folder), &["tsx", "jsx", "ts", "js"]).collect::<Vec<_>>()
    });
    layouts.filter_map(|container| named(stage, &container)).collect()
}

/// The page of vite, and its configuration.
fn vite(stage: &Stage<'_>, project: &str) -> Vec<Seed> {
    let page = named(stage, &in_container("index.html", project));
    let stem = in_container("vite.config", project);
    let configuration = with_endings(&stem, &["ts", "js", "mjs", "mts"]);
    page.into_iter().chain(configuration.filter_map(|container| found(stage, &container))).collect()
}

/// The files that a command gives as its own words.
fn files(stage: &Stage<'_>, command: &Command, skipped: usize, directory: &str) -> Vec<Seed> {
    let words = command.words.iter().skip(skipped).filter(|word| word.literal && is_module(&word.text));
    words.filter_map(|word| named(stage, &in_container(&word.text, directory))).collect()
}

/// The files of a `tsconfig.json`, and with `--build` of those that it refers to.
fn typescript(stage: &Stage<'_>, command: &Command, directory: &str) -> Vec<Seed> {
    let asks = |names: &[&str]| command.words.iter().any(|word| names.contains(&word.text.as_str()));
    if asks(&["--init", "--version", "-v", "--help", "-h", "--showConfig", "--clean"]) {
        return Vec::new();
    }
    let given = flag_value(command, "-p").or_else(|| flag_value(command, "--project"));
    let builds = asks(&["-b", "--build"]);
    let given = given.or_else(|| flag_value(command, "-b")).or_else(|| flag_value(command, "--build"));
    let named_project = given.map_or_else(String::new, |given| given.text);
    let mut waiting = vec![project_file(&in_container(&named_project, directory))];
    let mut seen: Vec<String> = Vec::new();
    // Without files of its own tsc starts with its project.
    let has_files = command.words.iter().skip(1).any(|word| !word.literal || is_module(&word.text));
    let own = waiting.first().filter(|_| stage.is_built && !has_files);
    let mut seeds: Vec<Seed> = own.and_then(|project| named(stage, project)).into_iter().collect();
    while let Some(project) = waiting.pop() {
        if seen.contains(&project) || seen.len() >= MAX_PROJECTS {
            continue;
        }
        let Some(path) = stage.layout.find(stage.inventory, &project) else { continue };
        let described = stage.code.compiler(stage.inventory, &path);
        if let Some(described) = described.as_ref().as_ref() {
            let folder = directory_of(&project);
            seeds.extend(members(stage, &described.content, folder));
            let references = described.content.references.iter().filter(|_| builds);
            waiting.extend(references.filter_map(|path| Some(project_file(&join(folder, path)?))));
        }
        seen.push(project);
    }
    seeds
}

fn project_file(path: &str) -> String {
    if ending(path) == "json" { path.to_owned() } else { in_container("tsconfig.json", path) }
}

/// The files of one project: those that it names, and those of the folders that it includes, where those are plain.
fn members(stage: &Stage<'_>, compiler: &Compiler, folder: &str) -> Vec<Seed> {
    let named_files = compiler.files.iter().flatten().filter_map(|file| join(folder, file));
    let mut seeds: Vec<Seed> = named_files.filter_map(|file| named(stage, &file)).collect();
    // What a file builds on may say what is included.
    let is_told = compiler.files.is_some() || compiler.include.is_some() || compiler.extends.is_empty();
    if !is_told || (compiler.files.is_some() && compiler.include.is_none()) {
        return seeds;
    }
    let everything = [String::new()];
    let included = compiler.include.as_deref().unwrap_or(&everything);
    let Some(excluded) = excluded(compiler) else { return seeds };
    let is_member = |seed: &Seed| {
        let inside = seed.container.strip_prefix(folder).unwrap_or(&seed.container);
        !excluded.is_match(inside.trim_start_matches('/'))
    };
    let mut left_out: Vec<Seed> = Vec::new();
    let mut may_have_others = !stage.is_built;
    for pattern in included.iter().take(MAX_PATTERNS) {
        // `src`, `src/**/*`, `src/**/*.ts`
        let wild = pattern.find(['*', '?']).unwrap_or(pattern.len());
        let before = pattern.get(..wild).unwrap_or("");
        let rest = pattern.get(wild..).unwrap_or("");
        let start = join(folder, before);
        let is_plain = matches!(rest, "" | "**/*" | "**" | "**/*.ts" | "**/*.tsx");
        let Some(start) = start.filter(|_| is_plain) else {
            may_have_others = true;
            continue;
        };
        if is_module(&start) {
            seeds.extend(found(stage, &start));
            left_out.extend(named(stage, &start));
            continue;
        }
        let only = match rest {
            "**/*.ts" => &["ts"][..],
            "**/*.tsx" => &["tsx"],
            _ => &["ts", "tsx"],
        };
        let is_asked = |container: &String| only.contains(&ending(container));
        let all = modules(stage, &start).into_iter().filter(is_asked);
        left_out.extend(all.filter_map(|container| named(stage, &container)).filter(is_member));
        let sent = below(stage, &start).into_iter().filter(|seed| only.contains(&ending(&seed.path)));
        seeds.extend(sent.filter(is_member));
        may_have_others |= sends_any(stage, &start, |path| is_module(path) || ending(path) == "json");
    }
    // "No inputs were found": where one is left the others may be meant to be left out.
    if seeds.is_empty() && !may_have_others {
        return left_out;
    }
    seeds
}

/// The patterns of `exclude`; `None` where one of them cannot be read, since it may leave out anything.
fn excluded(compiler: &Compiler) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in compiler.exclude.iter().flatten().take(MAX_PATTERNS) {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        for pattern in [pattern.to_owned(), format!("{pattern}/**")] {
            set.add(GlobBuilder::new(&pattern).literal_separator(true).build().ok()?);
        }
    }
    set.build().ok()
}

/// The modules below a directory of the container that are sent, but for tests and what tools make.
fn below(stage: &Stage<'_>, directory: &str) -> Vec<Seed> {
    modules(stage, directory).into_iter().filter_map(|container| found(stage, &container)).collect()
}

/// The modules below a directory of the container, sent or not, but for tests and what tools make.
fn modules(stage: &Stage<'_>, directory: &str) -> Vec<String> {
    let Some(folder) = stage.layout.find(stage.inventory, directory) else { return Vec::new() };
    if !stage.inventory.is_directory(&folder) {
        return Vec::new();
    }
    let modules = stage.inventory.below(&folder).iter().filter(|entry| entry.kind == EntryKind::File);
    let modules = modules
        .filter(|entry| is_module(&entry.path) && !is_generated(&entry.path) && !is_aside(&entry.path));
    let container = |path: &str| {
        let rest = if folder.is_empty() { Some(path) } else { path.strip_prefix(&folder) };
        in_container(rest.unwrap_or("").trim_start_matches('/'), directory)
    };
    modules.map(|entry| container(&entry.path)).collect()
}

/// Whether any such file below a directory of the container is sent.
fn sends_any(stage: &Stage<'_>, directory: &str, is_such: impl Fn(&str) -> bool) -> bool {
    let Some(folder) = stage.layout.find(stage.inventory, directory) else { return false };
    let below = stage.inventory.below(&folder).iter();
    let mut such = below.filter(|entry| entry.kind != EntryKind::Directory && is_such(&entry.path));
    such.any(|entry| stage.context.exclusion(&entry.path).is_none())
}

fn stem(path: &str) -> &str {
    file_name(path).split('.').next().unwrap_or("")
}

/// Whether a word of the path says that it is for tests or stories.
fn is_aside(path: &str) -> bool {
    is_test(path) || has_word(path, &["stories", "cypress", "fixtures"])
}
