//! Packages of a workspace that the lock file of Yarn knows and that are not copied before `yarn install --immutable`.
//!
//! Yarn drops what is not there from the lock file, and ends since that would change it ("The lockfile would have been
//! modified by this install", measured: 4.x). Yarn 1, npm and `pnpm install --frozen-lockfile` go on without them.

use source::{directory_of, file_name, join};
use syntax::shell::Command;

use super::super::entry::in_container;
use super::{Site, may_hold_more};
use crate::git_ignore;
use crate::image::{Lack, LackingFile};
use crate::record::Document;
use crate::stages::Run;

/// The manifest of the first such package that the tree has and the container has not.
pub(super) fn lacking(site: &Site<'_>, run: &Run, command: &Command, directory: &str) -> Option<Lack> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let is_install = match words.as_slice() {
        [yarn, "install", rest @ ..] | [yarn, rest @ ..] => {
            file_name(yarn) == "yarn"
                && rest.contains(&"--immutable")
                && rest.iter().all(|word| word.starts_with('-') && *word != "--cwd")
        }
        [] => false,
    };
    let lock =
        run.layout.find(site.inventory, &in_container("yarn.lock", directory)).filter(|_| is_install)?;
    let document = Document::read(site.inventory.tree(), &lock).ok()?;
    let missing = members(&document.text).find(|member| is_missing(site, run, directory, &lock, member))?;
    (!may_hold_more(site, run, &["package.json"])).then(|| {
        Lack::File(LackingFile {
            names: vec![format!("{missing}/package.json")],
            directory: format!("/{directory}"),
            brought_by: None,
            excluded_by: None,
            lies_at: None,
        })
    })
}

/// The folders of the workspace's packages, as the lock file of Yarn 2 and later names them.
fn members(lock: &str) -> impl Iterator<Item = &str> {
    let is_known = lock.contains("__metadata:");
    let resolved = lock.lines().filter_map(|line| line.trim().strip_prefix("resolution: \""));
    let folders = resolved.filter_map(|text| text.split_once("@workspace:")?.1.strip_suffix('"'));
    folders.filter(move |folder| is_known && *folder != ".")
}

/// Whether the manifest of a package is in the tree, and no COPY brings it to the container.
fn is_missing(site: &Site<'_>, run: &Run, directory: &str, lock: &str, member: &str) -> bool {
    let manifest = format!("{member}/package.json");
    let in_tree = join(directory_of(lock), &manifest);
    let is_there = in_tree
        .is_some_and(|path| site.inventory.is_file(&path) && !git_ignore::is_ignored(site.inventory, &path));
    is_there && run.layout.find(site.inventory, &in_container(&manifest, directory)).is_none()
}
