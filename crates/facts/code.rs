//! Program code and what describes it, each file read at most once for all images that hold it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use source::{FileKind, Place, directory_of, file_name};
use syntax::{cargo, node, rust, typescript};

use crate::collect::conflicts::conflict;
use crate::collect::python::{self, Imported, Opened};
use crate::inventory::Inventory;
use crate::named_elsewhere::NamedElsewhere;
use crate::record::{Document, Record};
use crate::{EnvRead, How, Import, Problem};

/// What a Python file gives.
pub(crate) struct PythonFile {
    /// Its facts.
    pub record: Record,
    /// Its imports.
    pub imports: Vec<Imported>,
    /// The files that it opens.
    pub opened: Vec<Opened>,
}

/// What a TypeScript or JavaScript file gives.
#[derive(Default)]
pub(crate) struct ScriptFile {
    /// Its facts.
    pub record: Record,
    /// Its imports, each with its place.
    pub imports: Vec<(typescript::Import, Place)>,
    /// Whether it exports something that exists when it runs.
    pub exports_values: bool,
}

/// What a Rust file gives.
#[derive(Default)]
pub(crate) struct RustFile {
    /// Its facts.
    pub record: Record,
    /// Modules in files of their own, each with its place.
    pub modules: Vec<(rust::ModuleDeclaration, Place)>,
    /// Files that are taken in, each with its place.
    pub included: Vec<(rust::Included, Place)>,
}

/// What a file that describes a project says, with its text.
pub(crate) struct Described<T> {
    /// The text.
    pub document: Document,
    /// What it says.
    pub content: T,
}

/// All code that was read.
#[derive(Default)]
pub(crate) struct Code {
    python: Cache<PythonFile>,
    scripts: Cache<ScriptFile>,
    packages: Cache<Option<Described<node::Package>>>,
    compilers: Cache<Option<Described<node::Compiler>>>,
    rust: Cache<RustFile>,
    manifests: Cache<Option<Described<cargo::Manifest>>>,
    workspace: OnceLock<BTreeMap<String, String>>,
    /// Which files speak of a variable.
    pub(crate) named: NamedElsewhere,
}

impl Code {
    /// The Python file at `path`. One that cannot be read has only a problem.
    pub(crate) fn python(&self, inventory: &Inventory<'_>, path: &str) -> Arc<PythonFile> {
        self.python.get(path, || match Document::read(inventory.tree(), path) {
            Ok(document) => {
                let (mut record, imports, opened) = python::record(&document);
                record.conflicts.extend(conflict(&document));
                PythonFile { record, imports, opened }
            }
            Err(problem) => {
                PythonFile { record: unreadable(problem), imports: Vec::new(), opened: Vec::new() }
            }
        })
    }

    /// The TypeScript or JavaScript file, component or page at `path`; other files import nothing.
    pub(crate) fn script(&self, inventory: &Inventory<'_>, path: &str) -> Arc<ScriptFile> {
        self.scripts.get(path, || {
            let read: fn(&str) -> typescript::Imports = match ending(path) {
                "vue" | "svelte" => typescript::component_imports,
                "html" => typescript::page_imports,
                _ if FileKind::of(path) == FileKind::TypeScript => typescript::imports,
                _ => return ScriptFile { exports_values: true, ..ScriptFile::default() },
            };
            match Document::read(inventory.tree(), path) {
                Ok(document) => script(&document, read),
                Err(problem) => {
                    ScriptFile { record: unreadable(problem), exports_values: true, ..ScriptFile::default() }
                }
            }
        })
    }

    /// The `package.json` at `path`; `None` where it cannot be read.
    pub(crate) fn package(
        &self,
        inventory: &Inventory<'_>,
        path: &str,
    ) -> Arc<Option<Described<node::Package>>> {
        self.packages.get(path, || described(inventory, path, node::package))
    }

    /// The `tsconfig.json` at `path`; `None` where it cannot be read.
    pub(crate) fn compiler(
        &self,
        inventory: &Inventory<'_>,
        path: &str,
    ) -> Arc<Option<Described<node::Compiler>>> {
        self.compilers.get(path, || described(inventory, path, node::compiler))
    }

    /// The Rust file at `path`.
    pub(crate) fn rust(&self, inventory: &Inventory<'_>, path: &str) -> Arc<RustFile> {
        self.rust.get(path, || match Document::read(inventory.tree(), path) {
            Ok(document) => rust_file(&document),
            Err(problem) => RustFile { record: unreadable(problem), ..RustFile::default() },
        })
    }

    /// The `Cargo.toml` at `path`; `None` where it cannot be read.
    pub(crate) fn manifest(
        &self,
        inventory: &Inventory<'_>,
        path: &str,
    ) -> Arc<Option<Described<cargo::Manifest>>> {
        self.manifests.get(path, || described(inventory, path, cargo::parse))
    }

    /// The directory of each JavaScript package of the repository by its name; names that are used twice are left out.
    pub(crate) fn workspace(&self, inventory: &Inventory<'_>) -> &BTreeMap<String, String> {
        self.workspace.get_or_init(|| {
            let mut folders: BTreeMap<String, Option<String>> = BTreeMap::new();
            let files = inventory.entries().iter().map(|entry| entry.path.as_str());
            for path in files.filter(|path| file_name(path) == "package.json") {
                let read = self.package(inventory, path);
                let Some(name) = read.as_ref().as_ref().and_then(|read| read.content.name.clone()) else {
                    continue;
                };
                let folder = Some(directory_of(path).to_owned());
                folders.entry(name).and_modify(|known| *known = None).or_insert(folder);
            }
            folders.into_iter().filter_map(|(name, folder)| Some((name, folder?))).collect()
        })
    }

    /// The facts of every file of code that was read, in path order.
    #[must_use]
    pub(crate) fn into_records(self) -> BTreeMap<String, (FileKind, Record)> {
        let python = self
            .python
            .into_files()
            .filter_map(|(path, file)| Some((path, (FileKind::Python, Arc::into_inner(file)?.record))));
        let scripts = self.scripts.into_files().filter_map(|(path, file)| {
            let record = Arc::into_inner(file)?.record;
            (!record.is_empty()).then_some((path, (FileKind::TypeScript, record)))
        });
        let rust = self.rust.into_files().filter_map(|(path, file)| {
            let record = Arc::into_inner(file)?.record;
            (!record.is_empty()).then_some((path, (FileKind::Rust, record)))
        });
        python.chain(scripts).chain(rust).collect()
    }
}

/// The letters behind the last dot of a name.
pub(crate) fn ending(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn script(document: &Document, read: fn(&str) -> typescript::Imports) -> ScriptFile {
    let found = read(&document.text);
    let with_place = found.imports.into_iter().map(|import| {
        let at = document.place(import.specifier.span);
        (import, at)
    });
    let imports: Vec<(typescript::Import, Place)> = with_place.collect();
    let fact = |(import, at): &(typescript::Import, Place)| Import {
        module: import.specifier.value.clone(),
        at: at.clone(),
        how: how(import.how),
    };
    let record = Record { imports: imports.iter().map(fact).collect(), ..Record::default() };
    ScriptFile { record, imports, exports_values: found.exports_values }
}

fn rust_file(document: &Document) -> RustFile {
    let file = rust::parse(&document.text).tree;
    let modules: Vec<_> = file
        .modules
        .into_iter()
        .map(|module| {
            let at = document.place(module.name.span);
            (module, at)
        })
        .collect();
    let included = file.included.into_iter().map(|included| {
        let at = document.place(included.path.span);
        (included, at)
    });
    let imports = modules.iter().filter(|(module, _)| !module.is_test).map(|(module, at)| Import {
        module: module.name.value.clone(),
        at: at.clone(),
        how: How::TopLevel,
    });
    // Which of several programs of a workspace a service starts is not told, so no read is taken to end it for sure.
    let env_reads =
        file.env_reads.into_iter().filter(|read| !read.is_test && !read.at_build).map(|read| EnvRead {
            at: document.place(read.name.span),
            name: read.name.value,
            required: read.when_absent == rust::WhenAbsent::Fails,
            is_conditional: true,
            default: match read.when_absent {
                rust::WhenAbsent::Default(default) => default,
                rust::WhenAbsent::Fails | rust::WhenAbsent::Handled => None,
            },
            is_truth_test: false,
            within: read.function.clone(),
            function: read.function,
        });
    let env_reads = env_reads.collect();
    let record = Record { imports: imports.collect(), env_reads, ..Record::default() };
    RustFile { record, included: included.collect(), modules }
}

/// How a module is imported, in the words of all languages.
pub(crate) const fn how(how: typescript::How) -> How {
    match how {
        typescript::How::TopLevel => How::TopLevel,
        typescript::How::Lazy => How::Lazy,
        typescript::How::Guarded => How::Guarded,
        typescript::How::TypeOnly => How::TypeChecking,
    }
}

fn described<T>(
    inventory: &Inventory<'_>,
    path: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<Described<T>> {
    let document = Document::read(inventory.tree(), path).ok()?;
    read(&document.text).map(|content| Described { document, content })
}

fn unreadable(problem: Problem) -> Record {
    Record { problems: vec![Problem { blocking: true, ..problem }], ..Record::default() }
}

/// What was read of each path.
struct Cache<T> {
    read: Mutex<HashMap<String, Arc<T>>>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { read: Mutex::default() }
    }
}

impl<T> Cache<T> {
    fn get(&self, path: &str, read: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.lock().get(path) {
            return Arc::clone(known);
        }
        // Not under the lock: other files are read meanwhile.
        let file = Arc::new(read());
        Arc::clone(self.lock().entry(path.to_owned()).or_insert(file))
    }

    fn into_files(self) -> impl Iterator<Item = (String, Arc<T>)> {
        self.read.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<T>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
