//! Imports of TypeScript and JavaScript modules, as node and the bundlers look them up.

mod aliases;
mod letters;
mod packages;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use source::{FileKind, directory_of, join};

use self::aliases::Aliases;
use super::{File, Language, Loaded, Nowhere, Seed};
use crate::How;
use crate::code::{self, Code, ending};
use crate::image::Link;
use crate::inventory::Inventory;
use crate::layout::Layout;

/// Endings that are tried where a specifier has none, in this order.
const ENDINGS: &[&str] = &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json", "vue", "svelte"];

/// What a name with an ending of JavaScript may mean in TypeScript.
const COMPILED_FROM: &[(&str, &[&str])] =
    &[("js", &["ts", "tsx"]), ("jsx", &["tsx"]), ("mjs", &["mts"]), ("cjs", &["cts"])];

/// A program, or what a bundler or compiler makes one of.
pub(crate) struct Program<'p> {
    /// Where the files lie.
    layout: &'p Layout,
    /// The code that was read.
    code: &'p Code,
    /// The files that it starts with.
    seeds: Vec<Seed>,
    /// Whether all of it is put together by a bundler or checked by a compiler: `import()` is then looked up at once.
    is_bundled: bool,
    /// The directory of the container that `/x` means.
    root: String,
    /// The aliases that hold in each directory of the container.
    aliases: Mutex<HashMap<String, Arc<Aliases>>>,
}

impl<'p> Program<'p> {
    pub(crate) fn new(
        layout: &'p Layout,
        code: &'p Code,
        seeds: Vec<Seed>,
        is_bundled: bool,
        root: String,
    ) -> Self {
        Self { layout, code, seeds, is_bundled, root, aliases: Mutex::default() }
    }
}

impl Language for Program<'_> {
    fn seeds(&self, _: &Inventory<'_>) -> Vec<Seed> {
        self.seeds.clone()
    }

    fn nowhere(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Nowhere> {
        self.in_other_letters(inventory, file)
    }

    fn loads(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Loaded> {
        let read = self.code.script(inventory, file.path);
        let mut loaded = Vec::new();
        for (import, at) in &read.imports {
            let how = match code::how(import.how) {
                How::TypeChecking => continue,
                How::Lazy if self.is_bundled => How::TopLevel,
                how => how,
            };
            let specifier = import.specifier.value.as_str();
            let found = self.resolve(inventory, file.container, specifier);
            let is_copied = found.is_some();
            let found = found.or_else(|| elsewhere(inventory, file.path, specifier));
            let Some((container, path)) = found else { continue };
            // Compilers drop the import of a module that holds types alone.
            if import.takes_names && !self.code.script(inventory, &path).exports_values {
                continue;
            }
            let link = Link { at: at.clone(), module: specifier.to_owned() };
            let module = specifier.to_owned();
            loaded.push(Loaded { container, path, module, how, link, is_copied, is_program: false });
        }
        loaded
    }
}

impl Program<'_> {
    /// Container path and tree path of what a specifier means; `None` for installed packages and built-in modules.
    fn resolve(&self, inventory: &Inventory<'_>, importer: &str, written: &str) -> Option<(String, String)> {
        // `./logo.svg?url` of vite.
        let specifier = written.split_once('?').map_or(written, |(path, _)| path);
        let folder = directory_of(importer);
        if specifier.contains(['!', ':', '\\']) {
            return None;
        }
        if specifier.starts_with("./") || specifier.starts_with("../") || matches!(specifier, "." | "..") {
            return self.file_at(inventory, &join(folder, specifier)?);
        }
        if let Some(inside) = specifier.strip_prefix('/') {
            return self.file_at(inventory, &join(&self.root, inside)?);
        }
        let aliases = self.aliases_in(inventory, folder);
        let mut candidates = aliases.candidates(specifier).into_iter();
        candidates
            .find_map(|candidate| self.file_at(inventory, &candidate))
            .or_else(|| packages::resolve(self, inventory, specifier))
    }

    /// The module at a path of the container.
    fn file_at(&self, inventory: &Inventory<'_>, container: &str) -> Option<(String, String)> {
        candidates(container).find_map(|candidate| self.exact(inventory, &candidate))
    }

    fn exact(&self, inventory: &Inventory<'_>, container: &str) -> Option<(String, String)> {
        let path = self.layout.find(inventory, container).filter(|path| inventory.is_file(path))?;
        Some((container.to_owned(), path))
    }

    fn aliases_in(&self, inventory: &Inventory<'_>, folder: &str) -> Arc<Aliases> {
        if let Some(known) = self.aliases.lock().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return Arc::clone(known);
        }
        let aliases = Arc::new(Aliases::of(self, inventory, folder));
        let mut known = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(folder.to_owned()).or_insert(aliases))
    }
}

/// What a path may mean: the file, the file with an ending, or the index of the directory.
fn candidates(path: &str) -> impl Iterator<Item = String> + '_ {
    let compiled_from = COMPILED_FROM.iter().find(|(compiled, _)| ending(path) == *compiled);
    let sources = compiled_from.map_or(&[][..], |(_, sources)| *sources);
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let compiled = sources.iter().map(move |ending| format!("{stem}.{ending}"));
    let with_ending = ENDINGS.iter().map(move |ending| format!("{path}.{ending}"));
    let index = ENDINGS.iter().map(move |ending| format!("{path}/index.{ending}"));
    std::iter::once(path.to_owned()).chain(compiled).chain(with_ending).chain(index)
}

/// The file of the tree that a relative specifier means, where no COPY brings it.
fn elsewhere(inventory: &Inventory<'_>, importer: &str, specifier: &str) -> Option<(String, String)> {
    let specifier = specifier.split_once('?').map_or(specifier, |(path, _)| path);
    let target = join(directory_of(importer), specifier).filter(|_| specifier.starts_with('.'))?;
    let path = candidates(&target).find(|candidate| inventory.is_file(candidate))?;
    Some((format!("\0{path}"), path))
}

/// Whether a file is made by tools, as its name says; whoever builds makes it anew.
pub(crate) fn is_generated(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "node_modules",
        "dist",
        "build",
        "out",
        "generated",
        "__generated__",
        "gen",
        ".next",
        ".nuxt",
        ".output",
        ".svelte-kit",
        ".prisma",
        ".turbo",
        "coverage",
    ];
    let name = source::file_name(path);
    directory_of(path).split('/').any(|folder| FOLDERS.contains(&folder))
        || name.contains(".gen.")
        || name.contains(".generated.")
        || name.ends_with(".d.ts")
}

/// Whether a file is a module that a compiler of TypeScript or a bundler takes by itself.
pub(crate) fn is_module(path: &str) -> bool {
    FileKind::of(path) == FileKind::TypeScript
}
