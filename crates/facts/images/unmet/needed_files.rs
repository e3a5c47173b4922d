//! The files that package managers read from the directory in which they are called, and the scripts that they run.

use source::{directory_of, join};
use syntax::shell::Command;

use super::super::entry::in_container;
use super::super::made_elsewhere;
use super::super::managers::{Called, called};
use super::{Site, may_hold_more};
use crate::git_ignore;
use crate::image::{CopyStatus, Lack, LackingFile, LackingScript};
use crate::stages::Run;
use crate::wildcard::{is_wildcard, matches};

/// What a command reads.
struct Needed {
    /// One of these has to be there.
    names: Vec<&'static str>,
    /// The name that the command gives.
    named: Option<String>,
    /// Whether a directory above may hold it.
    looks_above: bool,
}

/// What a command reads that is not there, or the script that its package does not have.
pub(super) fn lacking(site: &Site<'_>, run: &Run, command: &Command, directory: &str) -> Option<Lack> {
    let directory = option(command, directory_options(command))
        .map_or_else(|| directory.to_owned(), |inside| in_container(&inside, directory));
    if is_named_by_variable(site, command) {
        return None;
    }
    let file = needed(command).into_iter().find_map(|needed| missing(site, run, &needed, &directory));
    file.or_else(|| missing_script(site, run, command, &directory))
}

/// Whether the Dockerfile sets a variable that names the file or the folder which a program reads. Sources:
/// <https://bundler.io/man/bundle-config.1.html>, <https://getcomposer.org/doc/03-cli.md#composer>,
/// <https://docs.astral.sh/uv/reference/environment/>, <https://pip.pypa.io/en/stable/topics/configuration/>.
fn is_named_by_variable(site: &Site<'_>, command: &Command) -> bool {
    const VARIABLES: &[(&str, &[&str])] = &[
        ("bundle", &["BUNDLE_GEMFILE"]),
        ("composer", &["COMPOSER="]),
        ("pip", &["PIP_REQUIREMENT"]),
        ("pip3", &["PIP_REQUIREMENT"]),
        ("poetry", &["POETRY_PROJECT", "POETRY_DIRECTORY"]),
        ("uv", &["UV_PROJECT", "UV_WORKING_DIR"]),
    ];
    let text = site.read.document.text.as_str();
    let of_program = VARIABLES.iter().filter(|(program, _)| command.name() == Some(program));
    of_program.flat_map(|(_, names)| *names).any(|name| text.contains(name))
}

fn needed(command: &Command) -> Vec<Needed> {
    let above = |names: &[&'static str]| Needed { names: names.to_vec(), named: None, looks_above: true };
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let has = |flag: &str| words.iter().any(|word| word.split('=').next() == Some(flag));
    let is_plain = command.words.iter().all(|word| word.literal);
    match words.as_slice() {
        ["go", "build" | "install" | "run" | "test" | "vet", ..] => go_packages(command),
        _ if !is_plain || has("-g") || has("--global") || has("--help") || has("--version") => Vec::new(),
        ["npm", "ci" | "clean-install" | "ic", ..] => {
            vec![above(&["package.json"]), above(&["package-lock.json", "npm-shrinkwrap.json"])]
        }
        ["npm" | "pnpm", "run" | "run-script", ..] if !has("--if-present") => vec![above(&["package.json"])],
        ["pnpm", "install" | "i", ..] if has("--frozen-lockfile") => vec![above(&["pnpm-lock.yaml"])],
        ["pip" | "pip3", "install", ..] | ["python" | "python3", "-m", "pip", "install", ..] => {
            required(&words).into_iter().collect()
        }
        ["poetry", "install", ..] => vec![above(&["pyproject.toml"])],
        ["uv", "sync", ..] if !has("--script") => vec![above(&["pyproject.toml"])],
        ["go", "mod", "download" | "verify" | "vendor"] => vec![above(&["go.mod", "go.work"])],
        ["bundle", "install", ..] if !has("--gemfile") => vec![above(&["Gemfile"])],
        ["composer", "install", ..] => vec![above(&["composer.json"])],
        ["cargo", "build", ..] if !has("--manifest-path") => vec![above(&["Cargo.toml"])],
        _ => Vec::new(),
    }
}

/// The folders and files of this module that a Go command names: `./cmd/server`.
/// Source: <https://pkg.go.dev/cmd/go#hdr-Package_lists_and_patterns>.
fn go_packages(command: &Command) -> Vec<Needed> {
    const SWITCHES: &[&str] =
        &["-a", "-asan", "-cover", "-i", "-msan", "-n", "-race", "-short", "-trimpath", "-v", "-work", "-x"];
    let runs = command.words.get(1).is_some_and(|word| word.text == "run");
    let arguments = command.words.get(2..).unwrap_or_default();
    let mut found = Vec::new();
    for (index, word) in arguments.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| arguments.get(at)).map_or("", |word| &word.text);
        let is_value = before.starts_with('-') && !before.contains('=') && !SWITCHES.contains(&before);
        if word.text.starts_with('-') || is_value {
            continue;
        }
        let is_own = word.text.starts_with("./") && !word.text.contains("...") && word.text.len() > 2;
        if is_own && word.literal {
            let named = word.text.trim_end_matches('/').to_owned();
            found.push(Needed { names: Vec::new(), named: Some(named), looks_above: false });
        }
        // What follows belongs to the program.
        if runs {
            break;
        }
    }
    found
}

/// `-r requirements.txt`.
fn required(words: &[&str]) -> Option<Needed> {
    let pair = words.windows(2).find_map(|pair| match pair {
        ["-r" | "--requirement", file] => Some(*file),
        _ => None,
    });
    let named = pair.filter(|file| !file.contains("://") && !file.starts_with(['/', '~']))?;
    Some(Needed { names: Vec::new(), named: Some(named.to_owned()), looks_above: false })
}

/// The options by which a program is told to work in another directory.
fn directory_options(command: &Command) -> &'static [&'static str] {
    match command.name().unwrap_or("") {
        "npm" => &["--prefix", "-C"],
        "pnpm" => &["--dir", "-C"],
        "poetry" => &["--directory", "-C", "--project", "-P"],
        "uv" => &["--directory", "--project"],
        "composer" => &["--working-dir", "-d"],
        "go" => &["-C"],
        _ => &[],
    }
}

/// The value of an option.
fn option(command: &Command, names: &[&str]) -> Option<String> {
    let mut words = command.words.iter();
    while let Some(word) = words.next() {
        let (name, value) =
            word.text.split_once('=').map_or((word.text.as_str(), None), |(name, value)| (name, Some(value)));
        if names.contains(&name) {
            return value.map(str::to_owned).or_else(|| words.next().map(|word| word.text.clone()));
        }
    }
    None
}

fn missing(site: &Site<'_>, run: &Run, needed: &Needed, directory: &str) -> Option<Lack> {
    let mut names: Vec<&str> = needed.names.clone();
    names.extend(needed.named.as_deref());
    let mut folders = vec![directory];
    while needed.looks_above && folders.last().is_some_and(|folder| !folder.is_empty()) {
        folders.extend(folders.last().map(|folder| directory_of(folder)));
    }
    let wanted = folders.iter().flat_map(|folder| names.iter().map(|name| in_container(name, folder)));
    let found: Vec<String> = wanted.filter_map(|path| run.layout.find(site.inventory, &path)).collect();
    if found.iter().any(|path| site.context.exclusion(path).is_none()) {
        return None;
    }
    let last_names: Vec<&str> = names.iter().map(|name| source::file_name(name)).collect();
    let comes_later = || {
        let paths = last_names.iter().filter_map(|name| join(&site.context.directory, name));
        paths.into_iter().any(|path| {
            git_ignore::is_ignored(site.inventory, &path)
                || site.made.iter().any(|made| made_elsewhere::is_same(made, &path))
        })
    };
    if may_hold_more(site, run, &last_names) || comes_later() {
        return None;
    }
    let excluded_by = found.first().and_then(|path| site.context.exclusion(path));
    Some(Lack::File(LackingFile {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        directory: format!("/{directory}"),
        brought_by: idle_copy(site, run, &names),
        excluded_by: excluded_by.map(|reason| (reason.by, reason.pattern)),
        lies_at: None,
    }))
}

/// A COPY before the RUN whose wildcard should have brought one of these and matches nothing.
fn idle_copy(site: &Site<'_>, run: &Run, names: &[&str]) -> Option<source::Place> {
    let mut before = site.built.copies.iter().filter(|copied| copied.at.span.start < run.at.span.start);
    let idle = before.find(|copied| {
        let pattern = source::file_name(&copied.source);
        matches!(copied.status, CopyStatus::NoMatch { .. })
            && is_wildcard(pattern)
            && names.iter().any(|name| matches(pattern, name))
    });
    idle.map(|copied| copied.at.clone())
}

/// `npm run bild` where the package has no script of that name.
fn missing_script(site: &Site<'_>, run: &Run, command: &Command, directory: &str) -> Option<Lack> {
    // Managers have defaults for these.
    const OWN: [&str; 5] = ["env", "restart", "start", "stop", "test"];
    let is_strict = matches!(command.name(), Some("npm" | "pnpm"));
    let runs = command.words.get(1).is_some_and(|word| matches!(word.text.as_str(), "run" | "run-script"));
    if !is_strict || !runs || command.words.iter().any(|word| word.text == "--if-present") {
        return None;
    }
    let Some(Called::Script { names, package: None, directory: None, .. }) = called(command) else {
        return None;
    };
    let manifest = run.layout.find(site.inventory, &in_container("package.json", directory))?;
    let described = site.code.package(site.inventory, &manifest);
    let content = &described.as_ref().as_ref()?.content;
    let name = names.into_iter().next().filter(|name| {
        content.script(name).is_none() && !name.contains('*') && !OWN.contains(&name.as_str())
    })?;
    if may_hold_more(site, run, &["package.json"]) {
        return None;
    }
    let known = content.scripts.iter().map(|(name, _)| name.clone()).collect();
    Some(Lack::Script(LackingScript { name, manifest: manifest.into(), known }))
}
