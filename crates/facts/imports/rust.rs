//! What `cargo build` reads: manifests, modules, and files that are taken into the program.

mod packages;

use std::collections::BTreeMap;

use source::{directory_of, file_name, join};
use syntax::cargo::Package;

use super::{File, Language, Loaded, Nowhere, Seed};
use crate::code::{Code, ending};
use crate::context::Context;
use crate::image::Link;
use crate::inventory::Inventory;
use crate::layout::Layout;
use crate::wildcard::is_wildcard;
use crate::{How, git_ignore};

pub(crate) use packages::packages;

/// How much of a package is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Built {
    /// Nothing of it yet: its manifest is read.
    Manifest,
    /// Its library, for others.
    Library,
    /// Everything.
    Whole,
}

/// One call of cargo.
pub(crate) struct Program<'p> {
    /// Where the files lie.
    pub layout: &'p Layout,
    /// What the builder sees: files that cargo finds by itself are not missed where they are not there.
    pub context: &'p Context<'p>,
    /// The code that was read.
    pub code: &'p Code,
    /// The folder of the manifest that cargo starts with, in the container.
    pub root: String,
    /// The folders of the packages that are built, in the container.
    pub built: BTreeMap<String, Built>,
    /// The one program that is asked for.
    pub only: Option<String>,
    /// Whether the image is built with it: when a container starts, a folder may have been mounted.
    pub is_built: bool,
}

/// A file that is needed: in the container, and in the tree as its code means it.
struct Needed {
    container: Option<String>,
    tree: Option<String>,
    link: Link,
    /// Whether it is the root of a crate.
    is_crate: bool,
}

impl Language for Program<'_> {
    fn seeds(&self, inventory: &Inventory<'_>) -> Vec<Seed> {
        let folders = std::iter::once(&self.root).chain(self.built.keys());
        let manifests = folders.filter_map(|folder| {
            let container = join(folder, "Cargo.toml")?;
            let path = self.layout.find(inventory, &container)?;
            Some(Seed { container, path, module: "Cargo.toml".to_owned(), is_program: false })
        });
        manifests.collect()
    }

    fn nowhere(&self, _: &Inventory<'_>, _: File<'_>) -> Vec<Nowhere> {
        Vec::new()
    }

    fn loads(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Loaded> {
        let needed = match file_name(file.path) {
            "Cargo.toml" => self.of_manifest(inventory, file),
            _ if ending(file.path) == "rs" => self.of_source(inventory, file),
            _ => Vec::new(),
        };
        needed.into_iter().filter_map(|needed| self.loaded(inventory, needed)).collect()
    }
}

impl Program<'_> {
    /// Where a needed file lies; one that no COPY brings lies in the tree alone.
    fn loaded(&self, inventory: &Inventory<'_>, needed: Needed) -> Option<Loaded> {
        let Needed { container, tree, link, is_crate } = needed;
        let copied = container.and_then(|container| {
            let path = self.layout.find(inventory, &container)?;
            Some((container, path))
        });
        let is_copied = copied.is_some();
        let elsewhere = || {
            let tree = tree
                .filter(|path| inventory.kind(path).is_some() && !git_ignore::is_ignored(inventory, path))?;
            Some((format!("\0{tree}"), tree))
        };
        let (container, path) = copied.or_else(elsewhere)?;
        let module = path.clone();
        Some(Loaded { container, path, module, how: How::TopLevel, link, is_copied, is_program: is_crate })
    }

    /// The manifests that a manifest names, and the crates of its package.
    fn of_manifest(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Needed> {
        let described = self.code.manifest(inventory, file.path);
        let Some(described) = described.as_ref().as_ref() else { return Vec::new() };
        let folder = directory_of(file.container);
        let in_tree = directory_of(file.path);
        let manifest = &described.content;
        let needed = |path: &str, at: source::Span, module: &str, is_crate: bool| Needed {
            container: join(folder, path),
            tree: join(in_tree, path),
            link: Link { at: described.document.place(at), module: module.to_owned() },
            is_crate,
        };
        let mut found: Vec<Needed> = Vec::new();
        let members = manifest.workspace.iter().flat_map(|workspace| &workspace.members);
        for member in members.filter(|member| !is_wildcard(&member.value)) {
            found.push(needed(&format!("{}/Cargo.toml", member.value), member.span, &member.value, false));
        }
        for dependency in &manifest.dependencies {
            if let Some(path) = &dependency.path {
                found.push(needed(&format!("{}/Cargo.toml", path.value), path.span, &dependency.name, false));
            }
        }
        let built = self.built.get(folder).filter(|built| **built != Built::Manifest);
        if let (Some(package), Some(built)) = (&manifest.package, built) {
            let start = source::Span::at(0);
            if let Some(path) = &package.library {
                found.push(needed(&path.value, path.span, &package.name, true));
            }
            if let Some(path) = package.build.as_deref().filter(|path| !path.is_empty()) {
                found.push(needed(path, start, &package.name, true));
            }
            if *built == Built::Whole {
                let wanted = package.programs.iter().filter(|(name, _)| self.is_wanted(name));
                let told = wanted.filter_map(|(name, path)| Some((name, path.as_ref()?)));
                found.extend(told.map(|(name, path)| needed(&path.value, path.span, name, true)));
            }
            let automatic = self.automatic(inventory, package, *built, folder);
            found.extend(automatic.iter().map(|path| needed(path, start, &package.name, true)));
        }
        found
    }

    fn is_wanted(&self, program: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == program)
    }

    /// The roots that cargo finds by itself, relative to the package. One that is left out is no target for cargo, and
    /// so is only needed where the build cannot do without it: a library that another package names, the program that
    /// is asked for, and all of them where no target would be left.
    fn automatic(
        &self,
        inventory: &Inventory<'_>,
        package: &Package,
        built: Built,
        folder: &str,
    ) -> Vec<String> {
        let in_tree = |path: &str| {
            let found = join(folder, path).and_then(|container| self.layout.find(inventory, &container))?;
            inventory.is_file(&found).then_some(found)
        };
        let is_sent = |path: &str| in_tree(path).is_some_and(|path| self.context.exclusion(&path).is_none());
        let is_whole = built == Built::Whole;
        let is_bare = self.is_built && is_whole && !self.has_targets(inventory, package, folder);
        let is_needed = |path: &str, cannot_lack: bool| {
            is_sent(path) || (self.is_built && cannot_lack && in_tree(path).is_some())
        };
        let mut found: Vec<String> = Vec::new();
        if package.library.is_none() && is_needed("src/lib.rs", is_bare || !is_whole) {
            found.push("src/lib.rs".to_owned());
        }
        if package.build.is_none() && is_sent("build.rs") {
            found.push("build.rs".to_owned());
        }
        if !is_whole {
            return found;
        }
        let untold = package.programs.iter().filter(|(name, path)| path.is_none() && self.is_wanted(name));
        for (name, _) in untold {
            let places = [format!("src/bin/{name}.rs"), format!("src/bin/{name}/main.rs")];
            let place = places.iter().find(|path| is_sent(path));
            let place = place.or_else(|| places.iter().find(|path| is_needed(path, true)));
            found.extend(place.cloned());
        }
        let is_asked = self.only.as_deref() == Some(&*package.name);
        let finds = package.finds_programs && self.is_wanted(&package.name);
        if finds && is_needed("src/main.rs", is_bare || is_asked) {
            found.push("src/main.rs".to_owned());
        }
        found
    }

    /// Whether cargo finds anything to build in the package: "no targets specified in the manifest" otherwise.
    fn has_targets(&self, inventory: &Inventory<'_>, package: &Package, folder: &str) -> bool {
        if package.library.is_some() || !package.programs.is_empty() {
            return true;
        }
        let find = |path: &str| join(folder, path).and_then(|path| self.layout.find(inventory, &path));
        let is_sent = |path: &String| self.context.exclusion(path).is_none();
        let roots = ["src/lib.rs", "src/main.rs"].iter().filter_map(|path| find(path));
        roots.filter(|path| inventory.is_file(path)).any(|path| is_sent(&path))
            || ["src/bin", "examples", "tests", "benches"]
                .iter()
                .filter_map(|path| find(path).filter(|path| inventory.is_directory(path)))
                .any(|folder| inventory.below(&folder).iter().any(|entry| is_sent(&entry.path)))
    }

    /// The modules of a source file, and the files that it takes in.
    fn of_source(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Needed> {
        let read = self.code.rust(inventory, file.path);
        let folders = (directory_of(file.container), directory_of(file.path));
        let name = file_name(file.path);
        // The modules of `a.rs` lie in `a/`, those of a crate's root and of `mod.rs` beside it.
        let own = if file.is_program || name == "mod.rs" { "" } else { name.trim_end_matches(".rs") };
        let mut found = Vec::new();
        for (module, at) in
            read.modules.iter().filter(|(module, _)| !module.is_test && !module.is_conditional)
        {
            let link = || Link { at: at.clone(), module: module.name.value.clone() };
            let needed = |path: &str| Needed {
                container: join(folders.0, path),
                tree: join(folders.1, path),
                link: link(),
                is_crate: module.path.is_some(),
            };
            let candidates = match &module.path {
                Some(path) if module.inside.is_empty() => vec![path.value.clone()],
                Some(_) => continue,
                None => {
                    let stem = [own, &module.inside.join("/"), &module.name.value].join("/");
                    vec![
                        format!("{}.rs", stem.trim_start_matches('/')),
                        format!("{}/mod.rs", stem.trim_start_matches('/')),
                    ]
                }
            };
            let mut candidates: Vec<Needed> = candidates.iter().map(|path| needed(path)).collect();
            let is_copied = |needed: &Needed| {
                needed.container.as_deref().is_some_and(|path| self.layout.find(inventory, path).is_some())
            };
            let exists = |needed: &Needed| needed.tree.as_deref().is_some_and(|path| inventory.is_file(path));
            let chosen = candidates.iter().position(is_copied).or_else(|| candidates.iter().position(exists));
            found.extend(chosen.map(|chosen| candidates.swap_remove(chosen)));
        }
        for (included, at) in read.included.iter().filter(|(included, _)| !included.is_test) {
            let written = included.path.value.trim_start_matches('/');
            let bases = if included.from_manifest {
                package_of(inventory, file)
            } else {
                Some((folders.0.to_owned(), folders.1.to_owned()))
            };
            let Some((container, tree)) =
                bases.filter(|_| included.from_manifest || !included.path.value.starts_with('/'))
            else {
                continue;
            };
            found.push(Needed {
                container: join(&container, written),
                tree: join(&tree, written),
                link: Link { at: at.clone(), module: included.path.value.clone() },
                is_crate: false,
            });
        }
        found
    }
}

/// The folders of the package that holds a file, in the container and in the tree.
fn package_of(inventory: &Inventory<'_>, file: File<'_>) -> Option<(String, String)> {
    let (mut container, mut tree) = (directory_of(file.container), directory_of(file.path));
    loop {
        let manifest = join(tree, "Cargo.toml")?;
        if inventory.is_file(&manifest) {
            return Some((container.to_owned(), tree.to_owned()));
        }
        if tree.is_empty() || container.is_empty() {
            return None;
        }
        (container, tree) = (directory_of(container), directory_of(tree));
    }
}
