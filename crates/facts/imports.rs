//! What code needs: imports followed in waves from the entry points.

pub(crate) mod javascript;
pub(crate) mod python;
pub(crate) mod rust;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rayon::prelude::*;

use crate::How;
use crate::image::Link;
use crate::inventory::Inventory;

/// How one language finds what a file imports.
pub(crate) trait Language: Sync {
    /// The files that a program starts with.
    fn seeds(&self, inventory: &Inventory<'_>) -> Vec<Seed>;

    /// The files that a file loads, in the order of its lines. Imports for type checkers alone are not among them.
    fn loads(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Loaded>;

    /// The modules of the repository that a file imports in any case when it is loaded, and that stand nowhere.
    fn nowhere(&self, inventory: &Inventory<'_>, file: File<'_>) -> Vec<Nowhere>;
}

/// A module that an import names and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nowhere {
    /// The file of the tree that it would be.
    pub path: String,
    /// What stands beside it under almost its name.
    pub similar: Option<String>,
    /// The import.
    pub link: Link,
    /// The package without an `__init__.py` that it is looked for in: installed packages may have a part of it.
    pub namespace: Option<String>,
}

/// A file that a program starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seed {
    /// Absolute in the container, without the first `/`.
    pub container: String,
    /// Its path in the tree.
    pub path: String,
    /// Its name as a module.
    pub module: String,
    /// Whether it is run as the program, so that its main block runs.
    pub is_program: bool,
}

/// A file whose imports are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'f> {
    /// Absolute in the container, without the first `/`.
    pub container: &'f str,
    /// Its path in the tree.
    pub path: &'f str,
    /// See [`Seed::is_program`].
    pub is_program: bool,
}

/// A file that an import loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// Absolute in the container, without the first `/`.
    pub container: String,
    /// Its path in the tree.
    pub path: String,
    /// Its name as a module.
    pub module: String,
    /// How it is imported here.
    pub how: How,
    /// The import.
    pub link: Link,
    /// Whether the image holds it, or would but for the ignore file; otherwise it lies in the tree alone, where the
    /// import would find it, and [`Self::container`] only tells it from others.
    pub is_copied: bool,
    /// Whether it is a program of its own: the root of a crate.
    pub is_program: bool,
}

/// A file that a program may load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The file's path in the tree.
    pub path: String,
    /// Its path in the container.
    pub container: String,
    /// Its name as a module.
    pub module: String,
    /// The mildest import on the strongest chain that leads to it.
    pub how: How,
    /// The imports that lead to it, from the entry point on; empty for an entry point.
    pub chain: Vec<Link>,
    /// See [`Loaded::is_copied`].
    pub is_copied: bool,
}

struct Node {
    path: String,
    module: String,
    how: How,
    /// The importing node, and the link.
    from: Option<(String, Link)>,
    is_program: bool,
    is_copied: bool,
}

impl From<Seed> for Node {
    fn from(seed: Seed) -> Self {
        let Seed { path, module, is_program, .. } = seed;
        Self { path, module, how: How::TopLevel, from: None, is_program, is_copied: true }
    }
}

/// Every file that a program may load, in path order.
pub(crate) fn reached(language: &dyn Language, inventory: &Inventory<'_>) -> Vec<Reached> {
    let mut known: BTreeMap<String, Node> = BTreeMap::new();
    let mut waiting: BTreeMap<How, Vec<(String, Node)>> = BTreeMap::new();
    for seed in language.seeds(inventory) {
        waiting.entry(How::TopLevel).or_default().push((seed.container.clone(), Node::from(seed)));
    }
    // The strongest chains first: a module that is loaded at start-up needs no milder one.
    for how in [How::TopLevel, How::Lazy, How::Guarded] {
        while let Some(wave) = waiting.remove(&how) {
            let frontier = admitted(wave, &mut known);
            for (container, node) in follow(language, inventory, &known, &frontier) {
                if !known.contains_key(&container) {
                    waiting.entry(node.how).or_default().push((container, node));
                }
            }
        }
    }
    let mut reached: Vec<Reached> =
        known.iter().map(|(container, node)| reached_as(container, node, &known)).collect();
    reached.sort_by(|one, other| one.path.cmp(&other.path));
    reached
}

/// The files that the last seed imports itself, without following those.
pub(crate) fn imported_directly(language: &dyn Language, inventory: &Inventory<'_>) -> Vec<Reached> {
    let Some(seed) = language.seeds(inventory).pop() else { return Vec::new() };
    let container = seed.container.clone();
    let known = BTreeMap::from([(container.clone(), Node::from(seed))]);
    let found = follow(language, inventory, &known, std::slice::from_ref(&container));
    found.iter().map(|(container, node)| reached_as(container, node, &known)).collect()
}

fn reached_as(container: &str, node: &Node, known: &BTreeMap<String, Node>) -> Reached {
    Reached {
        path: node.path.clone(),
        container: container.to_owned(),
        module: node.module.clone(),
        how: node.how,
        chain: chain(node, known),
        is_copied: node.is_copied,
    }
}

/// What the files of one wave import, in the order of the files and of their lines.
fn follow(
    language: &dyn Language,
    inventory: &Inventory<'_>,
    known: &BTreeMap<String, Node>,
    frontier: &[String],
) -> Vec<(String, Node)> {
    let loaded_by = |container: &String| {
        let Some(node) = known.get(container).filter(|node| node.is_copied) else { return Vec::new() };
        let file = File { container, path: &node.path, is_program: node.is_program };
        let loaded = language.loads(inventory, file).into_iter();
        let node = |loaded: Loaded| {
            let Loaded { container: target, path, module, how, link, is_copied, is_program } = loaded;
            let from = Some((container.clone(), link));
            (target, Node { path, module, how: node.how.max(how), from, is_program, is_copied })
        };
        loaded.map(node).collect::<Vec<_>>()
    };
    let found: Vec<Vec<(String, Node)>> = frontier.par_iter().map(loaded_by).collect();
    found.into_iter().flatten().collect()
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
