//! Dotted names in settings of Django that nothing of the repository answers to.

use std::collections::HashMap;

use source::{
    EntryKind, FileKind, MAX_CODE_BYTES, directory_of, file_name, is_backup, is_illustration, join,
};
use syntax::Spanned;
use syntax::python;

use super::not_there;
use crate::environment::{is_deployed, named_by_words};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::{MissingFile, MissingKind, git_ignore};

/// Packages that a repository may have a folder of the same name beside.
const OTHERS: [&str; 6] = ["celery", "django", "flask", "redis", "rest_framework", "wagtail"];

/// What settings name and Django will not find, where the first part of the name is a package of the repository.
#[must_use]
pub(crate) fn missing_names(inventory: &Inventory<'_>) -> Vec<MissingFile> {
    let paths = || {
        let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
        files.map(|entry| entry.path.as_str())
    };
    let is_deployed = paths().any(describes_deployment);
    let mut definitions = Definitions::default();
    let settings = paths().filter(|path| is_settings(path));
    let missing = settings.flat_map(|path| of_file(inventory, path, &mut definitions));
    let judged =
        missing.map(|file| MissingFile { is_alternative: !is_deployed || !is_loaded(&file.at.path), ..file });
    judged.collect()
}

/// Whether a file says how something is deployed.
fn describes_deployment(path: &str) -> bool {
    matches!(
        FileKind::of(path),
        FileKind::Dockerfile
            | FileKind::Compose
            | FileKind::Terraform
            | FileKind::Workflow
            | FileKind::Yaml
            | FileKind::EnvFile
    )
}

/// Whether a deployment loads these settings, and not only somebody who names them.
fn is_loaded(path: &str) -> bool {
    let stem = file_name(path).trim_end_matches(".py");
    matches!(stem, "settings" | "__init__" | "base" | "common") || named_by_words(stem).is_some()
}

/// Where the modules of a package define functions and classes, by their names; two paths for a name at most.
type Defined = HashMap<String, Vec<String>>;

/// What is defined in each package that was asked for.
#[derive(Default)]
struct Definitions {
    packages: HashMap<String, Defined>,
}

impl Definitions {
    /// The dotted name of the only module of a package that defines a name.
    fn similar(
        &mut self,
        inventory: &Inventory<'_>,
        root: &str,
        package: &str,
        name: &str,
    ) -> Option<String> {
        let folder = join(root, package)?;
        let defined = self.packages.entry(folder.clone()).or_insert_with(|| defined(inventory, &folder));
        let [only] = defined.get(name)?.as_slice() else { return None };
        let inside = only.strip_prefix(root)?.trim_start_matches('/').strip_suffix(".py")?;
        Some(format!("{}.{name}", inside.trim_end_matches("/__init__").replace('/', ".")))
    }
}

fn defined(inventory: &Inventory<'_>, folder: &str) -> Defined {
    /// So many modules are looked into.
    const MOST: usize = 2_000;
    let modules =
        inventory.below(folder).iter().filter(|entry| FileKind::of(&entry.path) == FileKind::Python);
    let mut found = Defined::new();
    for entry in modules.take(MOST) {
        let bytes = inventory.tree().read(&entry.path, MAX_CODE_BYTES).unwrap_or_default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("async ").unwrap_or(line);
            let rest = line.strip_prefix("def ").or_else(|| line.strip_prefix("class "));
            let Some(name) = rest.and_then(|rest| rest.split(['(', ':', '[']).next()) else { continue };
            let known = found.entry(name.trim().to_owned()).or_default();
            if known.len() < 2 && known.last() != Some(&entry.path) {
                known.push(entry.path.clone());
            }
        }
    }
    found
}

/// Whether a file holds the settings of a deployment, by its name.
fn is_settings(path: &str) -> bool {
    let name = file_name(path);
    let is_named = name.starts_with("settings") || file_name(directory_of(path)) == "settings";
    let is_of_tests = source::is_test(path) || named_by_words(name).is_some_and(|named| !is_deployed(named));
    FileKind::of(path) == FileKind::Python
        && is_named
        && !is_of_tests
        && !is_backup(path)
        && !is_illustration(path)
}

fn of_file(inventory: &Inventory<'_>, path: &str, definitions: &mut Definitions) -> Vec<MissingFile> {
    let bytes = inventory.tree().read(path, MAX_CODE_BYTES).unwrap_or_default();
    let signs: [&[u8]; 3] = [b"MIDDLEWARE", b"INSTALLED_APPS", b"ROOT_URLCONF"];
    if !signs.iter().any(|sign| memchr::memmem::find(&bytes, sign).is_some()) {
        return Vec::new();
    }
    let Ok(text) = source::decode_python(bytes) else { return Vec::new() };
    let document = Document::new(path, text);
    let root = import_root(inventory, path);
    let names = python::settings_names(&document.text).into_iter();
    let lacking = names.filter_map(|name| {
        if !is_lacking(inventory, root, &name) {
            return None;
        }
        let (package, last) = (name.value.split('.').next()?, name.value.rsplit('.').next()?);
        let similar = definitions.similar(inventory, root, package, last);
        let at = document.place(name.span);
        Some(not_there(&at, &name.value, MissingKind::SettingsName, similar))
    });
    lacking.collect()
}

/// Where what the settings name is looked up: in the folder of `manage.py`, or in the one above the outermost package.
fn import_root<'p>(inventory: &Inventory<'_>, settings: &'p str) -> &'p str {
    let mut root = directory_of(settings);
    while is_package(inventory, root) {
        if join(root, "manage.py").is_some_and(|path| inventory.is_file(&path)) {
            return root;
        }
        root = directory_of(root);
    }
    root
}

fn is_package(inventory: &Inventory<'_>, folder: &str) -> bool {
    !folder.is_empty() && inventory.is_file(&format!("{folder}/__init__.py"))
}

/// Whether nothing answers to a name.
fn is_lacking(inventory: &Inventory<'_>, root: &str, name: &Spanned<String>) -> bool {
    let parts: Vec<&str> = name.value.split('.').collect();
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some(mut folder) = join(root, first) else { return false };
    if OTHERS.contains(first) || !is_package(inventory, &folder) {
        return false;
    }
    for (index, part) in rest.iter().enumerate() {
        let inside = format!("{folder}/{part}");
        if inventory.is_directory(&inside) {
            folder = inside;
            continue;
        }
        let module = format!("{inside}.py");
        // `part.pyx`, `part.cpython-312-x86_64-linux-gnu.so`
        let start = format!("{inside}.");
        let has_other = inventory
            .below(&folder)
            .iter()
            .any(|entry| entry.path.starts_with(&start) && FileKind::of(&entry.path) != FileKind::Python);
        let attribute = rest.get(index + 1);
        let holder = if inventory.is_file(&module) { module } else { format!("{folder}/__init__.py") };
        let wanted = if holder.ends_with("__init__.py") { Some(part) } else { attribute };
        let may_be_made = has_other
            || inventory.is_of_submodule(&inside)
            || inventory.tree().link_target(&folder).is_some()
            || git_ignore::is_ignored(inventory, &format!("{inside}.py"));
        return wanted.is_some_and(|wanted| !may_be_made && !may_hold(inventory, &holder, wanted));
    }
    false
}

/// Whether a module may have a name: it stands somewhere in it, or what it has is not told.
fn may_hold(inventory: &Inventory<'_>, module: &str, name: &str) -> bool {
    let Ok(bytes) = inventory.tree().read(module, MAX_CODE_BYTES) else {
        return !module.ends_with("__init__.py");
    };
    let holds = |sign: &str| memchr::memmem::find(&bytes, sign.as_bytes()).is_some();
    holds(name) || holds("import *") || holds("__getattr__") || holds("globals(") || holds("__path__")
}
