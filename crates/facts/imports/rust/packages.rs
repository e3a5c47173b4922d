//! Which packages a call of cargo builds.

use std::collections::BTreeMap;

use source::{directory_of, file_name, join};
use syntax::cargo::{Dependency, Manifest};

use super::Built;
use crate::code::Code;
use crate::inventory::Inventory;
use crate::layout::Layout;
use crate::wildcard::{is_wildcard, literal_directory, matches};

/// Lines of `members` that are looked at.
const MAX_MEMBERS: usize = 1_000;

/// The packages that a call of cargo builds, by their folders in the container: those that are asked for, and those
/// that they depend on.
pub(crate) fn packages(
    inventory: &Inventory<'_>,
    layout: &Layout,
    code: &Code,
    root: &str,
    asked: &[String],
    whole_workspace: bool,
) -> BTreeMap<String, Built> {
    let finder = Finder { inventory, layout, code };
    let Some(manifest) = finder.manifest(root) else { return BTreeMap::new() };
    let workspace_root = finder.workspace_root(root);
    let members = workspace_root.as_deref().map(|root| finder.members(root)).unwrap_or_default();
    let named = |folder: &String| {
        finder
            .manifest(folder)
            .and_then(|manifest| manifest.package)
            .is_some_and(|package| asked.contains(&package.name))
    };
    let is_virtual = manifest.package.is_none();
    let chosen: Vec<String> = if !asked.is_empty() {
        members.into_iter().chain([root.to_owned()]).filter(named).collect()
    } else if is_virtual || whole_workspace {
        let default = manifest.workspace.and_then(|workspace| workspace.default_members);
        match default.filter(|_| !whole_workspace) {
            Some(default) => default.iter().filter_map(|folder| join(root, folder)).collect(),
            None => members.into_iter().chain((!is_virtual).then(|| root.to_owned())).collect(),
        }
    } else {
        vec![root.to_owned()]
    };
    let shared =
        workspace_root.and_then(|root| Some((finder.manifest(&root)?.workspace?.dependencies, root)));
    let mut built: BTreeMap<String, Built> =
        chosen.into_iter().map(|folder| (folder, Built::Whole)).collect();
    let mut waiting: Vec<String> = built.keys().cloned().collect();
    while let Some(folder) = waiting.pop() {
        let Some(manifest) = finder.manifest(&folder) else { continue };
        for dependency in manifest.dependencies.iter().filter(|dependency| dependency.is_built) {
            let Some(found) = folder_of(dependency, &folder, shared.as_ref()) else { continue };
            if !built.contains_key(&found) {
                built.insert(found.clone(), Built::Library);
                waiting.push(found);
            }
        }
    }
    built
}

/// The folder of a dependency in the container.
fn folder_of(
    dependency: &Dependency,
    folder: &str,
    shared: Option<&(Vec<Dependency>, String)>,
) -> Option<String> {
    if let Some(path) = &dependency.path {
        return join(folder, &path.value);
    }
    let (shared, root) = shared?;
    let path = shared.iter().find(|known| known.name == dependency.name)?.path.as_ref()?;
    join(root, &path.value)
}

struct Finder<'f> {
    inventory: &'f Inventory<'f>,
    layout: &'f Layout,
    code: &'f Code,
}

impl Finder<'_> {
    fn manifest(&self, folder: &str) -> Option<Manifest> {
        let path = self.layout.find(self.inventory, &join(folder, "Cargo.toml")?)?;
        let described = self.code.manifest(self.inventory, &path);
        described.as_ref().as_ref().map(|described| described.content.clone())
    }

    /// The nearest folder at or above this one whose manifest has a workspace.
    fn workspace_root(&self, folder: &str) -> Option<String> {
        let mut at = folder;
        loop {
            if self.manifest(at).is_some_and(|manifest| manifest.workspace.is_some()) {
                return Some(at.to_owned());
            }
            if at.is_empty() {
                return None;
            }
            at = directory_of(at);
        }
    }

    /// The folders of a workspace's packages that are in the container.
    fn members(&self, root: &str) -> Vec<String> {
        let Some(workspace) = self.manifest(root).and_then(|manifest| manifest.workspace) else {
            return Vec::new();
        };
        let mut members = Vec::new();
        let patterns = workspace.members.iter().take(MAX_MEMBERS);
        for pattern in patterns.filter_map(|member| join(root, &member.value)) {
            if !is_wildcard(&pattern) {
                members.push(pattern);
                continue;
            }
            let above = literal_directory(&pattern);
            let Some(tree) = self.layout.find(self.inventory, above) else {
                members.extend(self.copied_one_by_one(root, &pattern));
                continue;
            };
            for entry in self.inventory.below(&tree) {
                let inside = entry.path.strip_prefix(tree.as_str()).unwrap_or("").trim_start_matches('/');
                let Some(folder) = join(above, directory_of(inside)) else { continue };
                if file_name(&entry.path) == "Cargo.toml" && matches(&pattern, &folder) {
                    members.push(folder);
                }
            }
        }
        members.retain(|folder: &String| {
            !workspace
                .excluded
                .iter()
                .filter_map(|excluded| join(root, excluded))
                .any(|excluded| *folder == excluded)
        });
        members
    }

    /// The members of a pattern whose folder has been copied in pieces: those of the tree whose manifest is in the container.
    fn copied_one_by_one(&self, root: &str, pattern: &str) -> Vec<String> {
        let manifest = join(root, "Cargo.toml").and_then(|path| self.layout.find(self.inventory, &path));
        let Some(manifest) = manifest else { return Vec::new() };
        let tree = directory_of(&manifest);
        let is_manifest = |path: &&str| file_name(path) == "Cargo.toml";
        let manifests =
            self.inventory.below(tree).iter().map(|entry| entry.path.as_str()).filter(is_manifest);
        let inside = manifests.filter_map(|path| path.strip_prefix(tree)?.strip_suffix("/Cargo.toml"));
        let folders = inside.filter_map(|inside| join(root, inside.trim_start_matches('/')));
        folders.filter(|folder| matches(pattern, folder) && self.manifest(folder).is_some()).collect()
    }
}
