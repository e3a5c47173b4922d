//! Modules of the repository's own packages that are imported and stand nowhere in the tree.

use source::{FileKind, MAX_CODE_BYTES, directory_of, file_name, has_word};

use super::Program;
use super::standard::is_standard;
use crate::How;
use crate::collect::python::Imported;
use crate::git_ignore;
use crate::image::Link;
use crate::imports::{File, Nowhere};
use crate::inventory::Inventory;
use crate::similar::is_like;

impl Program<'_> {
    /// The modules that a file imports in any case when it is loaded, and that its own packages do not have.
    pub(super) fn imported_nowhere(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Nowhere> {
        let read = self.code.python(inventory, file.path);
        let mut imports = self.imports(inventory, &read, file);
        imports.retain(|import| import.how == How::TopLevel && !import.is_name);
        imports.iter().filter_map(|import| self.nowhere_of(inventory, file, import)).collect()
    }

    fn nowhere_of(&self, inventory: &Inventory<'_>, file: File<'_>, import: &Imported) -> Option<Nowhere> {
        let parts: Vec<&str> = import.module.split('.').filter(|part| !part.is_empty()).collect();
        let mut directory = if import.level == 0 {
            if is_standard(&import.module) {
                return None;
            }
            self.own_root(inventory, file, parts.first()?)?
        } else {
            let package = (1..import.level).fold(directory_of(file.container), |at, _| directory_of(at));
            (!package.is_empty()).then(|| package.to_owned())?
        };
        let mut is_package = true;
        let mut is_shared = self.is_shared(inventory, &directory, import);
        for part in &parts {
            if !is_package || is_open(self, inventory, &directory) {
                return None;
            }
            let Some(found) = self.step(inventory, &directory, part) else {
                let lacking = self.lacks(inventory, &directory, part, (import, import.written()))?;
                return Some(Nowhere { namespace: self.namespace(is_shared, &directory), ..lacking });
            };
            is_shared &= found.file.is_none();
            is_package =
                found.container.strip_suffix(".py").is_none() || file_name(&found.container) == "__init__.py";
            directory = found.directory;
        }
        // What a package has besides its modules stands in its `__init__.py`.
        if !is_package || !self.is_blank_package(inventory, &directory) {
            return None;
        }
        let name = import.names.iter().find(|name| self.step(inventory, &directory, name).is_none())?;
        let dot = if import.module.is_empty() { "" } else { "." };
        let written = format!("{}{}{dot}{name}", ".".repeat(import.level as usize), import.module);
        let lacking = self.lacks(inventory, &directory, name, (import, written))?;
        Some(Nowhere { namespace: self.namespace(is_shared, &directory), ..lacking })
    }

    /// Whether no folder on the way to the one that a relative import begins in has an `__init__.py`.
    fn is_shared(&self, inventory: &Inventory<'_>, directory: &str, import: &Imported) -> bool {
        let mut at = directory.trim_matches('/');
        while import.level > 0
            && !at.is_empty()
            && !self.roots.iter().any(|root| root.trim_matches('/') == at)
        {
            if self.file(inventory, &format!("{at}/__init__.py")).is_some() {
                return false;
            }
            at = directory_of(at);
        }
        true
    }

    /// The package that installed ones may have a part of: one whose folders have no `__init__.py`.
    fn namespace(&self, is_shared: bool, directory: &str) -> Option<String> {
        let module = self.module_name(&format!("{}/_", directory.trim_matches('/')));
        let first = module.split('.').next().filter(|first| is_shared && *first != "_")?;
        Some(first.to_owned())
    }

    /// The folder in which the first part of an absolute import is a package of the tree: one with an `__init__.py`, or
    /// the one that the importing file lies in.
    fn own_root(&self, inventory: &Inventory<'_>, file: File<'_>, first: &str) -> Option<String> {
        let root = self.roots.iter().find(|root| self.step(inventory, root, first).is_some())?;
        let found = self.step(inventory, root, first)?;
        let is_around = source::is_within(file.container, found.directory.trim_start_matches('/'));
        let is_own = file_name(&found.container) == "__init__.py" || (found.file.is_none() && is_around);
        is_own.then(|| root.clone())
    }

    /// Whether the `__init__.py` of a package says nothing, or there is none.
    fn is_blank_package(&self, inventory: &Inventory<'_>, directory: &str) -> bool {
        let Some(path) = self.file(inventory, &format!("{directory}/__init__.py")) else {
            return true;
        };
        let Ok(bytes) = inventory.tree().read(&path, MAX_CODE_BYTES) else { return false };
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
    }

    /// The module `name` of a folder that comes from the tree, where nothing can stand for it.
    fn lacks(
        &self,
        inventory: &Inventory<'_>,
        directory: &str,
        name: &str,
        (import, written): (&Imported, String),
    ) -> Option<Nowhere> {
        let folder = self.layout.find(inventory, directory).filter(|path| inventory.is_directory(path))?;
        let container = format!("{}/{name}.py", directory.trim_matches('/'));
        let path = source::join(&folder, &format!("{name}.py"))?;
        let start = format!("{}.", path.trim_end_matches(".py"));
        let beside = || inventory.below(&folder).iter().filter(|entry| directory_of(&entry.path) == folder);
        // `name.pyx`, `name.cpython-312-x86_64-linux-gnu.so`, `name.pyi`, `name.proto`
        let has_other = beside().any(|entry| entry.path.starts_with(&start));
        let is_link = inventory.tree().link_target(&folder).is_some();
        let may_be_made = is_made_by_tools(&path)
            || git_ignore::is_ignored(inventory, &path)
            || inventory.is_of_submodule(&path)
            || self.layout.touches(inventory, container.trim_end_matches(".py"));
        if has_other || is_link || may_be_made {
            return None;
        }
        let stem = |path: &str| file_name(path).trim_end_matches(".py").to_owned();
        let similar = beside().filter(|entry| is_like(&stem(&entry.path), name));
        let similar = similar.min_by_key(|entry| stem(&entry.path).len().abs_diff(name.len()));
        Some(Nowhere {
            similar: similar.map(|entry| entry.path.clone()),
            link: Link { at: import.at.clone(), module: written },
            namespace: None,
            path,
        })
    }
}

/// Whether the `__init__.py` of a package may take modules from elsewhere.
fn is_open(program: &Program<'_>, inventory: &Inventory<'_>, directory: &str) -> bool {
    let Some(path) = program.file(inventory, &format!("{directory}/__init__.py")) else { return false };
    let Ok(bytes) = inventory.tree().read(&path, MAX_CODE_BYTES) else { return true };
    let signs: [&[u8]; 4] = [b"__path__", b"sys.modules", b"extend_path", b"declare_namespace"];
    signs.iter().any(|sign| memchr::memmem::find(&bytes, sign).is_some())
}

/// Whether a module is one that tools write: bindings of protocols, versions, extensions.
fn is_made_by_tools(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "autogen",
        "bindings",
        "build",
        "client",
        "codegen",
        "dist",
        "gen",
        "generated",
        "grpc",
        "openapi",
        "pb",
        "pb2",
        "proto",
        "protobuf",
        "protos",
        "sdk",
        "stubs",
        "thrift",
        "vendor",
    ];
    const NAMES: &[&str] =
        &["_version", "version", "build_info", "buildinfo", "git_version", "commit", "revision", "local"];
    let stem = file_name(path).trim_end_matches(".py");
    stem.starts_with('_')
        || stem.contains("_pb2")
        || stem.ends_with("_pb")
        || stem.starts_with("local_")
        || stem.ends_with("_local")
        || stem.contains("secret")
        || stem.contains("version")
        || NAMES.contains(&stem)
        || has_word(path, FOLDERS)
        || FileKind::of(path) != FileKind::Python
}
