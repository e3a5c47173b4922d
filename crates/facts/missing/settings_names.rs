//! Dotted names in settings of Django that nothing of the repository answers to.

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
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let settings = files.map(|entry| entry.path.as_str()).filter(|path| is_settings(path));
    settings.flat_map(|path| of_file(inventory, path)).collect()
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

fn of_file(inventory: &Inventory<'_>, path: &str) -> Vec<MissingFile> {
    let bytes = inventory.tree().read(path, MAX_CODE_BYTES).unwrap_or_default();
    let signs: [&[u8]; 3] = [b"MIDDLEWARE", b"INSTALLED_APPS", b"ROOT_URLCONF"];
    if !signs.iter().any(|sign| memchr::memmem::find(&bytes, sign).is_some()) {
        return Vec::new();
    }
    let Ok(text) = source::decode_python(bytes) else { return Vec::new() };
    let document = Document::new(path, text);
    // What is imported is looked up in the folder above the outermost package.
    let mut root = directory_of(path);
    while is_package(inventory, root) {
        root = directory_of(root);
    }
    let names = python::settings_names(&document.text).into_iter();
    let lacking = names.filter_map(|name| {
        let known = lacking(inventory, root, &name)?;
        let at = document.place(name.span);
        Some(not_there(&at, &name.value, MissingKind::SettingsName, known.similar))
    });
    lacking.collect()
}

fn is_package(inventory: &Inventory<'_>, folder: &str) -> bool {
    !folder.is_empty() && inventory.is_file(&format!("{folder}/__init__.py"))
}

/// A name that nothing answers to.
struct Lacking {
    /// One that something does.
    similar: Option<String>,
}

fn lacking(inventory: &Inventory<'_>, root: &str, name: &Spanned<String>) -> Option<Lacking> {
    let parts: Vec<&str> = name.value.split('.').collect();
    let (first, rest) = parts.split_first()?;
    let mut folder = join(root, first)?;
    if OTHERS.contains(first) || !is_package(inventory, &folder) {
        return None;
    }
    for (index, part) in rest.iter().enumerate() {
        let inside = format!("{folder}/{part}");
        if inventory.is_directory(&inside) {
            folder = inside;
            continue;
        }
        let module = format!("{inside}.py");
        let attribute = rest.get(index + 1);
        let holder = if inventory.is_file(&module) { module } else { format!("{folder}/__init__.py") };
        let wanted = if holder.ends_with("__init__.py") { Some(part) } else { attribute };
        let may_be_made = inventory.is_of_submodule(&inside)
            || inventory.tree().link_target(&folder).is_some()
            || git_ignore::is_ignored(inventory, &format!("{inside}.py"));
        return match wanted {
            Some(wanted) if !may_be_made && !may_hold(inventory, &holder, wanted) => {
                Some(Lacking { similar: similar(inventory, root, first, parts.last()?) })
            }
            _ => None,
        };
    }
    None
}

/// Whether a module may have a name: it stands somewhere in it, or what it has is not told.
fn may_hold(inventory: &Inventory<'_>, module: &str, name: &str) -> bool {
    let Ok(bytes) = inventory.tree().read(module, MAX_CODE_BYTES) else {
        return !module.ends_with("__init__.py");
    };
    let holds = |sign: &str| memchr::memmem::find(&bytes, sign.as_bytes()).is_some();
    holds(name) || holds("import *") || holds("__getattr__") || holds("globals(")
}

/// The dotted name of the only module of the package that defines the last part of a name.
fn similar(inventory: &Inventory<'_>, root: &str, package: &str, last: &str) -> Option<String> {
    /// So many modules are looked into.
    const MOST: usize = 2_000;
    let folder = join(root, package)?;
    let signs = [format!("def {last}("), format!("class {last}("), format!("class {last}:")];
    let modules =
        inventory.below(&folder).iter().filter(|entry| FileKind::of(&entry.path) == FileKind::Python);
    let mut defining = modules.take(MOST).filter(|entry| {
        let bytes = inventory.tree().read(&entry.path, MAX_CODE_BYTES).unwrap_or_default();
        signs.iter().any(|sign| memchr::memmem::find(&bytes, sign.as_bytes()).is_some())
    });
    let (only, None) = (defining.next()?, defining.next()) else { return None };
    let inside = only.path.strip_prefix(root)?.trim_start_matches('/').strip_suffix(".py")?;
    Some(format!("{}.{last}", inside.trim_end_matches("/__init__").replace('/', ".")))
}
