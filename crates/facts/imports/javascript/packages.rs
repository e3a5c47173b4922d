//! Packages that the tree itself holds: workspaces.

use source::join;

use super::Program;
use crate::inventory::Inventory;

/// The module that a specifier means in a package of the tree.
pub(super) fn resolve(
    program: &Program<'_>,
    inventory: &Inventory<'_>,
    specifier: &str,
) -> Option<(String, String)> {
    let (folder, rest) = folder_of(program, inventory, specifier)?;
    let (_, manifest) = program.exact(inventory, &join(&folder, "package.json")?)?;
    let described = program.code.package(inventory, &manifest);
    let package = &described.as_ref().as_ref()?.content;
    let subpath = if rest.is_empty() { ".".to_owned() } else { format!("./{rest}") };
    let mut candidates: Vec<String> = Vec::new();
    for (pattern, file) in &package.exports {
        match pattern.split_once('*') {
            None if *pattern == subpath => candidates.push(file.clone()),
            Some((before, after)) => {
                let inner = subpath.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                candidates.extend(inner.map(|inner| file.replace('*', inner)));
            }
            None => {}
        }
    }
    if package.exports.is_empty() {
        if rest.is_empty() {
            candidates.extend(package.entries.iter().cloned());
            candidates.push("index".to_owned());
        } else {
            candidates.push(rest.to_owned());
        }
    }
    candidates.iter().find_map(|candidate| program.file_at(inventory, &join(&folder, candidate)?))
}

/// The folder in the container of the tree's package that a specifier begins with, and what follows its name.
pub(super) fn folder_of<'s>(
    program: &Program<'_>,
    inventory: &Inventory<'_>,
    specifier: &'s str,
) -> Option<(String, &'s str)> {
    let words = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(words - 1).map_or(specifier.len(), |(at, _)| at);
    let (name, rest) = specifier.split_at_checked(end)?;
    let folder = program.code.workspace(inventory).get(name)?;
    Some((program.layout.location(inventory, folder)?, rest.trim_start_matches('/')))
}
