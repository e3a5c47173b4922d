//! What code needs: imports followed in waves from the entry points.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use source::directory_of;

use crate::collect::python::{self, Imported, Opened};
use crate::image::Link;
use crate::inventory::Inventory;
use crate::layout::Layout;
use crate::record::{Document, Record};
use crate::{How, Problem};

/// What a Python file gives, read once for all images that hold it.
pub(crate) struct PythonFile {
    /// Its facts.
    pub record: Record,
    /// Its imports.
    pub imports: Vec<Imported>,
    /// The files that it opens.
    pub opened: Vec<Opened>,
}

/// Python files, each read at most once.
#[derive(Default)]
pub(crate) struct PythonFiles {
    read: Mutex<HashMap<String, Arc<PythonFile>>>,
}

impl PythonFiles {
    /// The file at `path`. One that cannot be read has only a problem.
    pub(crate) fn get(&self, inventory: &Inventory<'_>, path: &str) -> Arc<PythonFile> {
        if let Some(file) = self.lock().get(path) {
            return Arc::clone(file);
        }
        let file = Arc::new(read(inventory, path));
        Arc::clone(self.lock().entry(path.to_owned()).or_insert(file))
    }

    /// Every file that was read, in path order.
    #[must_use]
    pub(crate) fn into_sorted(self) -> BTreeMap<String, Arc<PythonFile>> {
        self.read.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<PythonFile>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(inventory: &Inventory<'_>, path: &str) -> PythonFile {
    match Document::read(inventory.tree(), path) {
        Ok(document) => {
            let (record, imports, opened) = python::record(&document);
            PythonFile { record, imports, opened }
        }
        Err(problem) => {
            let record =
                Record { problems: vec![Problem { blocking: true, ..problem }], ..Record::default() };
            PythonFile { record, imports: Vec::new(), opened: Vec::new() }
        }
    }
}

/// A file that the program may load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The file's path in the tree.
    pub path: String,
    /// Its path in the container.
    pub container: String,
    /// Its dotted name.
    pub module: String,
    /// The mildest import on the strongest chain that leads to it.
    pub how: How,
    /// The imports that lead to it, from the entry point on; empty for an entry point.
    pub chain: Vec<Link>,
}

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
    pub starts: Vec<Start>,
}

struct Node {
    path: String,
    module: String,
    how: How,
    /// The importing node, and the link.
    from: Option<(String, Link)>,
    is_program: bool,
}

impl Program<'_> {
    /// Every file that the program may load, in path order. `TypeChecking` imports are never followed.
    pub(crate) fn reached(&self, inventory: &Inventory<'_>, files: &PythonFiles) -> Vec<Reached> {
        let mut known: BTreeMap<String, Node> = BTreeMap::new();
        let mut waiting: BTreeMap<How, Vec<(String, Node)>> = BTreeMap::new();
        for start in &self.starts {
            let loaded = self.packages_above(inventory, &start.container);
            for (container, path) in loaded {
                let is_program = start.is_program && container == start.container;
                let node =
                    Node { path, module: start.module.clone(), how: How::TopLevel, from: None, is_program };
                waiting.entry(How::TopLevel).or_default().push((container, node));
            }
        }
        // The strongest chains first: a module that is loaded at start-up needs no milder one.
        for how in [How::TopLevel, How::Lazy, How::Guarded] {
            while let Some(wave) = waiting.remove(&how) {
                let frontier = admitted(wave, &mut known);
                let found = self.follow(inventory, files, &known, &frontier);
                for (container, node) in found {
                    if !known.contains_key(&container) {
                        waiting.entry(node.how).or_default().push((container, node));
                    }
                }
            }
        }
        let mut reached: Vec<Reached> = known
            .iter()
            .map(|(container, node)| Reached {
                path: node.path.clone(),
                container: container.clone(),
                module: node.module.clone(),
                how: node.how,
                chain: chain(node, &known),
            })
            .collect();
        reached.sort_by(|one, other| one.path.cmp(&other.path));
        reached
    }

    /// The files that the starts import themselves, without following those.
    pub(crate) fn imported_directly(&self, inventory: &Inventory<'_>, files: &PythonFiles) -> Vec<Reached> {
        let mut reached = Vec::new();
        for start in &self.starts {
            let Some(path) = self.file(inventory, &start.container) else { continue };
            let node = Node {
                path,
                module: start.module.clone(),
                how: How::TopLevel,
                from: None,
                is_program: false,
            };
            let known = BTreeMap::from([(start.container.clone(), node)]);
            let found = self.follow(inventory, files, &known, std::slice::from_ref(&start.container));
            reached.extend(found.iter().map(|(container, node)| Reached {
                path: node.path.clone(),
                container: container.clone(),
                module: node.module.clone(),
                how: node.how,
                chain: chain(node, &known),
            }));
        }
        reached
    }

    /// What the files of one wave import, in the order of the files and of their lines.
    fn follow(
        &self,
        inventory: &Inventory<'_>,
        files: &PythonFiles,
        known: &BTreeMap<String, Node>,
        frontier: &[String],
    ) -> Vec<(String, Node)> {
        let imports_of = |container: &String| {
            let Some(node) = known.get(container) else { return Vec::new() };
            let file = files.get(inventory, &node.path);
            let imports = file
                .imports
                .iter()
                .filter(|import| import.how != How::TypeChecking && (node.is_program || !import.main_block));
            imports.flat_map(|import| self.targets(inventory, container, node, import)).collect::<Vec<_>>()
        };
        let found: Vec<Vec<(String, Node)>> = frontier.par_iter().map(imports_of).collect();
        found.into_iter().flatten().collect()
    }

    /// The files that one import loads.
    fn targets(
        &self,
        inventory: &Inventory<'_>,
        container: &str,
        node: &Node,
        import: &Imported,
    ) -> Vec<(String, Node)> {
        let link = Link { at: import.at.clone(), module: import.written() };
        let how = node.how.max(import.how);
        let mut targets = Vec::new();
        for (container_path, path) in self.resolve(inventory, container, import) {
            let from = Some((container.to_owned(), link.clone()));
            let module = self.module_name(&container_path);
            targets.push((container_path, Node { path, module, how, from, is_program: false }));
        }
        targets
    }

    /// Container path and tree path of each file that an import loads, packages first.
    fn resolve(&self, inventory: &Inventory<'_>, importer: &str, import: &Imported) -> Vec<(String, String)> {
        let bases = if import.level == 0 {
            self.roots.clone()
        } else {
            let package = (1..import.level).fold(directory_of(importer), |package, _| directory_of(package));
            vec![package.to_owned()]
        };
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

/// The nodes of a wave that were not known yet, added to the known ones, in path order.
fn admitted(wave: Vec<(String, Node)>, known: &mut BTreeMap<String, Node>) -> Vec<String> {
    let mut frontier = Vec::new();
    for (container, node) in wave {
        if let Entry::Vacant(free) = known.entry(container) {
            frontier.push(free.key().clone());
            free.insert(node);
        }
    }
    frontier.sort();
    frontier
}

fn chain(node: &Node, known: &BTreeMap<String, Node>) -> Vec<Link> {
    let mut links = Vec::new();
    let mut at = node;
    while let Some((importer, link)) = &at.from {
        links.push(link.clone());
        let Some(next) = known.get(importer) else { break };
        at = next;
    }
    links.reverse();
    links
}
