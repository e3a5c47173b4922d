//! Imports of Python modules.

mod absent;
mod nowhere;
mod standard;

pub(crate) use standard::is_standard;

use std::borrow::Cow;

use source::directory_of;

use super::{File, Language, Loaded, Nowhere, Seed};
use crate::How;
use crate::code::{Code, PythonFile};
use crate::collect::python::Imported;
use crate::image::Link;
use crate::inventory::Inventory;
use crate::layout::Layout;

/// A module to start from: its file in the container, and its dotted name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    /// Absolute in the container.
    pub container: String,
    /// Dotted name.
    pub module: String,
    /// Whether it is run as the program, so that its main block runs.
    pub is_program: bool,
}

/// A Python program: where its files lie, where modules are looked up, and where it starts.
pub(crate) struct Program<'p> {
    /// Where the files lie.
    pub layout: &'p Layout,
    /// Directories in the container in which absolute imports are looked up, in order.
    pub roots: Vec<String>,
    /// Where it starts.
    pub start: Start,
    /// The code that was read.
    pub code: &'p Code,
    /// Whether an import that finds nothing here is looked for in the tree: COPY alone brings files.
    pub looks_in_tree: bool,
    /// The settings of Django that the image names.
    pub settings: Option<Link>,
}

impl Language for Program<'_> {
    fn seeds(&self, inventory: &Inventory<'_>) -> Vec<Seed> {
        let seed = |(container, path): (String, String)| Seed {
            is_program: self.start.is_program && container == self.start.container,
            container,
            path,
            module: self.start.module.clone(),
        };
        self.packages_above(inventory, &self.start.container).into_iter().map(seed).collect()
    }

    fn nowhere(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Nowhere> {
        self.imported_nowhere(inventory, file)
    }

    fn loads(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Loaded> {
        let read = self.code.python(inventory, file.path);
        let imports = self.imports(inventory, &read, file);
        imports.iter().flat_map(|import| self.targets(inventory, file, import)).collect()
    }
}

impl Program<'_> {
    /// The imports of a file that run, with those of the module that a variable names.
    fn imports<'r>(
        &self,
        inventory: &Inventory<'_>,
        read: &'r PythonFile,
        file: File<'_>,
    ) -> Vec<Cow<'r, Imported>> {
        let run = read
            .imports
            .iter()
            .filter(|import| import.how != How::TypeChecking && (file.is_program || !import.main_block));
        run.filter_map(|import| match import.variable {
            None => Some(Cow::Borrowed(import)),
            Some(name) if !self.code.named.has(inventory, name, None) => Some(Cow::Borrowed(import)),
            Some(name) => {
                let set = self.settings.as_ref()?;
                // Whoever else names it may set it to something else.
                let is_all = !self.code.named.has(inventory, name, Some(&set.at.path));
                is_all.then(|| {
                    Cow::Owned(Imported { module: set.module.clone(), at: set.at.clone(), ..import.clone() })
                })
            }
        })
        .collect()
    }

    /// The files that one import loads.
    fn targets(&self, inventory: &Inventory<'_>, file: File<'_>, import: &Imported) -> Vec<Loaded> {
        let loaded = |(container, path): (String, String)| Loaded {
            module: self.module_name(&container),
            container,
            path,
            how: import.how,
            link: Link { at: import.at.clone(), module: import.written() },
            is_copied: true,
            is_program: false,
        };
        let found = self.resolve(inventory, file.container, import).into_iter().map(loaded);
        let absent = self.looks_in_tree.then(|| self.absent(inventory, file, import)).flatten();
        found.chain(absent).collect()
    }

    /// The folders of the container in which an import is looked up.
    fn bases(&self, importer: &str, import: &Imported) -> Vec<String> {
        if import.level == 0 {
            return self.roots.clone();
        }
        let package = (1..import.level).fold(directory_of(importer), |package, _| directory_of(package));
        vec![package.to_owned()]
    }

    /// Container path and tree path of each file that an import loads, packages first.
    fn resolve(&self, inventory: &Inventory<'_>, importer: &str, import: &Imported) -> Vec<(String, String)> {
        let bases = self.bases(importer, import);
        let parts: Vec<&str> = import.module.split('.').filter(|part| !part.is_empty()).collect();
        for base in bases {
            let Some(mut walk) = self.walk(inventory, &base, &parts) else { continue };
            for name in &import.names {
                if let Some(found) = self.step(inventory, &walk.directory, name) {
                    walk.files.extend(found.file.map(|path| (found.container, path)));
                }
            }
            return walk.files;
        }
        Vec::new()
    }

    /// The dotted name by which an absolute import would find a file.
    fn module_name(&self, container: &str) -> String {
        let inside = |root: &String| {
            container.strip_prefix(root.trim_matches('/')).map(|rest| rest.trim_start_matches('/'))
        };
        let relative =
            self.roots.iter().filter_map(inside).min_by_key(|rest| rest.len()).unwrap_or(container);
        let module = relative.trim_end_matches(".py").trim_end_matches("/__init__");
        module.replace('/', ".")
    }

    /// Follows `parts` below `base`; `None` where the first of them is not there.
    fn walk(&self, inventory: &Inventory<'_>, base: &str, parts: &[&str]) -> Option<Walked> {
        let mut walked = Walked { directory: base.to_owned(), files: Vec::new() };
        for (index, part) in parts.iter().enumerate() {
            let Some(found) = self.step(inventory, &walked.directory, part) else {
                return (index > 0).then_some(walked);
            };
            walked.directory = found.directory;
            walked.files.extend(found.file.map(|path| (found.container, path)));
        }
        Some(walked)
    }

    /// The module or package `name` in a directory of the container.
    fn step(&self, inventory: &Inventory<'_>, directory: &str, name: &str) -> Option<Step> {
        let inside = format!("{directory}/{name}");
        let package = format!("{inside}/__init__.py");
        if let Some(path) = self.file(inventory, &package) {
            return Some(Step { directory: inside, container: package, file: Some(path) });
        }
        let module = format!("{inside}.py");
        if let Some(path) = self.file(inventory, &module) {
            return Some(Step { directory: inside, container: module, file: Some(path) });
        }
        // A namespace package: a directory without __init__.py.
        let found = self.layout.find(inventory, &inside)?;
        inventory.is_directory(&found).then(|| Step {
            directory: inside.clone(),
            container: inside,
            file: None,
        })
    }

    fn file(&self, inventory: &Inventory<'_>, container: &str) -> Option<String> {
        self.layout.find(inventory, container).filter(|path| inventory.is_file(path))
    }

    /// The file at `container` with the `__init__.py` of every package above it, up to a root.
    fn packages_above(&self, inventory: &Inventory<'_>, container: &str) -> Vec<(String, String)> {
        let mut loaded = Vec::new();
        let mut directory = directory_of(container);
        while !directory.is_empty() && !self.roots.iter().any(|root| root.trim_end_matches('/') == directory)
        {
            let package = format!("{directory}/__init__.py");
            loaded.extend(self.file(inventory, &package).map(|path| (package, path)));
            directory = directory_of(directory);
        }
        loaded.reverse();
        loaded.extend(self.file(inventory, container).map(|path| (container.to_owned(), path)));
        loaded
    }
}

struct Walked {
    directory: String,
    files: Vec<(String, String)>,
}

struct Step {
    directory: String,
    container: String,
    file: Option<String>,
}
