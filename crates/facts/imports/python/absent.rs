//! Modules that lie beside the importing code in the tree, and that no COPY brings.

use super::Program;
use super::standard::is_standard;
use crate::collect::python::Imported;
use crate::git_ignore;
use crate::image::Link;
use crate::imports::{File, Loaded};
use crate::inventory::Inventory;

impl Program<'_> {
    /// The file that an import would load if the image had the tree's folders as they are, and that it lacks.
    pub(super) fn absent(
        &self,
        inventory: &Inventory<'_>,
        file: File<'_>,
        import: &Imported,
    ) -> Option<Loaded> {
        let parts: Vec<&str> = import.module.split('.').filter(|part| !part.is_empty()).collect();
        // A module of the standard library answers where no file of the image has its name.
        if is_standard(&import.module) {
            return None;
        }
        let mut bases = self.bases(file.container, import);
        // What begins in one folder goes on there.
        if let Some(found) = bases.iter().position(|base| self.walk(inventory, base, &parts).is_some()) {
            bases = vec![bases.swap_remove(found)];
        }
        let path = bases.iter().find_map(|base| {
            let tree = counterpart(file, base)?;
            self.lacking(inventory, base, tree, &parts, &import.names)
        })?;
        (!git_ignore::is_ignored(inventory, &path)).then(|| Loaded {
            container: format!("\0{path}"),
            module: import.written(),
            how: import.how,
            link: Link { at: import.at.clone(), module: import.written() },
            is_copied: false,
            is_program: false,
            path,
        })
    }

    /// The first module on the way that the tree has below `tree` and the container lacks below `base`. A package
    /// without its `__init__.py` still is one.
    fn lacking(
        &self,
        inventory: &Inventory<'_>,
        base: &str,
        tree: &str,
        parts: &[&str],
        names: &[String],
    ) -> Option<String> {
        let (mut container, mut path) = (base.to_owned(), tree.to_owned());
        for part in parts {
            container = format!("{container}/{part}");
            path = source::join(&path, part)?;
            match self.step_in_tree(inventory, &container, &path) {
                Step::Lacks(file) => return Some(file),
                Step::Ends => return None,
                Step::Goes => {}
            }
        }
        names.iter().find_map(|name| {
            let inside = source::join(&path, name)?;
            match self.step_in_tree(inventory, &format!("{container}/{name}"), &inside) {
                Step::Lacks(file) => Some(file),
                Step::Ends | Step::Goes => None,
            }
        })
    }

    fn step_in_tree(&self, inventory: &Inventory<'_>, container: &str, path: &str) -> Step {
        let (package, module) = (format!("{path}/__init__.py"), format!("{path}.py"));
        if inventory.is_file(&package) {
            if self.layout.touches(inventory, container) { Step::Goes } else { Step::Lacks(package) }
        } else if inventory.is_file(&module) {
            let is_there = self.layout.touches(inventory, &format!("{container}.py"));
            if is_there { Step::Ends } else { Step::Lacks(module) }
        } else if inventory.is_directory(path) {
            Step::Goes
        } else {
            Step::Ends
        }
    }
}

/// One name of an import in the tree.
enum Step {
    /// A folder, which the container may have.
    Goes,
    /// A module that the container has, or nothing.
    Ends,
    /// A module or package that the container lacks.
    Lacks(String),
}

/// The folder of the tree whose files lie below `base` in the container, as the importing file does.
fn counterpart<'f>(file: File<'f>, base: &str) -> Option<&'f str> {
    let base = base.trim_matches('/');
    let rest = match base {
        "" => file.container.trim_start_matches('/'),
        base => file.container.trim_start_matches('/').strip_prefix(base)?.strip_prefix('/')?,
    };
    let before = file.path.strip_suffix(rest)?;
    if before.is_empty() { Some("") } else { before.strip_suffix('/') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_the_container_is_one_of_the_tree() {
        let file = File { container: "srv/app/main.py", path: "backend/app/main.py", is_program: true };
        assert_eq!(counterpart(file, "srv"), Some("backend"));
        assert_eq!(counterpart(file, "srv/app"), Some("backend/app"));
        assert_eq!(counterpart(file, "opt"), None);
        let file = File { container: "srv/app/main.py", path: "main.py", is_program: true };
        assert_eq!(counterpart(file, "srv"), None);
        assert_eq!(counterpart(file, "srv/app"), Some(""));
    }
}
