//! `paths` and `baseUrl` of `tsconfig.json` and `jsconfig.json`.

use source::{directory_of, join};

use super::{Program, packages};
use crate::code::ending;
use crate::inventory::Inventory;

/// Files that one `tsconfig.json` may build on, one after another.
const MAX_EXTENDS: usize = 16;

/// What bare specifiers mean below one directory.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    /// `baseUrl`: a directory of the container.
    base: Option<String>,
    /// Patterns with at most one `*`, and what they stand for: paths of the container.
    paths: Option<Vec<(String, Vec<String>)>>,
}

impl Aliases {
    /// Those of the nearest file at or above a directory of the container.
    pub(super) fn of(program: &Program<'_>, inventory: &Inventory<'_>, folder: &str) -> Self {
        let mut at = folder;
        loop {
            for name in ["tsconfig.json", "jsconfig.json"] {
                let container = join(at, name).unwrap_or_default();
                if program.exact(inventory, &container).is_some() {
                    let mut aliases = Self::default();
                    aliases.read(program, inventory, &container, &mut 0);
                    return aliases;
                }
            }
            if at.is_empty() {
                return Self::default();
            }
            at = directory_of(at);
        }
    }

    /// Adds what a file says and has not been said before; then what it builds on says, and its projects.
    fn read(&mut self, program: &Program<'_>, inventory: &Inventory<'_>, container: &str, read: &mut usize) {
        *read += 1;
        let Some((container, path)) = program.exact(inventory, container).filter(|_| *read <= MAX_EXTENDS)
        else {
            return;
        };
        let described = program.code.compiler(inventory, &path);
        let Some(compiler) = described.as_ref().as_ref().map(|described| &described.content) else { return };
        let folder = directory_of(&container);
        let base = compiler.base.as_ref().and_then(|base| join(folder, base));
        if let (None, Some(paths)) = (&self.paths, &compiler.paths) {
            let from = base.as_deref().or(self.base.as_deref()).unwrap_or(folder);
            let targets =
                |targets: &Vec<String>| targets.iter().filter_map(|target| join(from, target)).collect();
            self.paths =
                Some(paths.iter().map(|(pattern, found)| (pattern.clone(), targets(found))).collect());
        }
        self.base = self.base.take().or(base);
        for extended in &compiler.extends {
            if let Some(target) = extended_file(program, inventory, folder, extended) {
                self.read(program, inventory, &target, read);
            }
        }
        // A file that only names projects leaves the settings to them.
        for project in &compiler.references {
            let Some(target) = join(folder, project).filter(|_| self.paths.is_none()) else { continue };
            let target = if ending(&target) == "json" { target } else { format!("{target}/tsconfig.json") };
            if directory_of(&target) == folder {
                self.read(program, inventory, &target, read);
            }
        }
    }

    /// The paths of the container that a specifier may mean, the most telling pattern first.
    pub(super) fn candidates(&self, specifier: &str) -> Vec<String> {
        let mut found: Vec<(usize, String)> = Vec::new();
        for (pattern, targets) in self.paths.iter().flatten() {
            let Some((length, matched)) = matched(pattern, specifier) else { continue };
            found.extend(targets.iter().map(|target| (length, target.replacen('*', matched, 1))));
        }
        found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        let from_base = self.base.as_ref().and_then(|base| join(base, specifier));
        found.into_iter().map(|(_, target)| target).chain(from_base).collect()
    }
}

/// What `*` stands for, and the length of the pattern before it; an exact match is the longest.
fn matched<'s>(pattern: &str, specifier: &'s str) -> Option<(usize, &'s str)> {
    match pattern.split_once('*') {
        None => (pattern == specifier).then_some((usize::MAX, "")),
        Some((before, after)) => {
            let rest = specifier.strip_prefix(before)?.strip_suffix(after)?;
            Some((before.len(), rest))
        }
    }
}

/// The file that `extends` means: a path, or one in a package of the tree.
fn extended_file(
    program: &Program<'_>,
    inventory: &Inventory<'_>,
    folder: &str,
    written: &str,
) -> Option<String> {
    let whole = if written.starts_with('.') {
        join(folder, written)?
    } else {
        packages::folder_of(program, inventory, written)
            .and_then(|(folder, rest)| join(&folder, if rest.is_empty() { "tsconfig.json" } else { rest }))?
    };
    let with_ending = format!("{whole}.json");
    let exists = |path: &String| program.exact(inventory, path).is_some();
    [whole, with_ending].into_iter().find(exists)
}
