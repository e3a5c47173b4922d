//! Programs that cargo is asked for and that no package of the tree has: `cargo build --bin app`.

use source::{directory_of, file_name, join};
use syntax::dockerfile::{Command as Form, Kind};
use syntax::shell::{Command, flag_values};

use super::super::entry::in_container;
use super::Site;
use super::unpacked::may_bring;
use crate::image::{Lack, LackingScript};
use crate::stages::Run;

/// Signs of a Dockerfile that makes or changes packages by itself.
const MAKERS: &[&str] =
    &["cargo init", "cargo new", "git clone", "sed -i", "> Cargo.toml", ">Cargo.toml", "Cargo.toml <<"];

/// The program that no package of the tree has, where cargo starts with a package of the tree.
pub(super) fn lacking(site: &Site<'_>, run: &Run, command: &Command, directory: &str) -> Option<Lack> {
    let subcommand = command.words.get(1).map_or("", |word| word.text.as_str());
    let is_build = matches!(subcommand, "build" | "b" | "rustc" | "run" | "r");
    if command.name().map_or("", file_name) != "cargo" || !is_build {
        return None;
    }
    let asked = flag_values(command, "--bin")
        .into_iter()
        .find(|word| word.literal && !word.text.contains(['*', '?', '[']))?;
    let text = site.read.document.text.as_str();
    let named = flag_values(command, "--manifest-path").into_iter().next();
    let named = named.map_or_else(|| "Cargo.toml".to_owned(), |word| word.text);
    let place = in_container(&named, directory);
    let manifest = run.layout.find(site.inventory, &place)?;
    let is_made =
        MAKERS.iter().any(|maker| text.contains(maker)) || writes_code(site) || may_bring(site, run, &place);
    if is_made || !site.inventory.is_file(&manifest) || site.inventory.is_file(".gitmodules") {
        return None;
    }
    let known = programs(site)?;
    (!known.contains(&asked.text))
        .then(|| Lack::Script(LackingScript { name: asked.text.clone(), manifest: manifest.into(), known }))
}

/// Whether a RUN of the Dockerfile names code: it may write programs for a layer of dependencies.
fn writes_code(site: &Site<'_>) -> bool {
    site.read.parsed.tree.instructions.iter().any(|instruction| match &instruction.kind {
        Kind::Run(Form::Shell(text)) => text.value.contains(".rs") || !instruction.heredocs.is_empty(),
        _ => false,
    })
}

/// The programs of all packages of the tree; `None` where a manifest cannot be read, or is not there.
fn programs(site: &Site<'_>) -> Option<Vec<String>> {
    let entries = site.inventory.entries().iter().map(|entry| entry.path.as_str());
    let mut found = Vec::new();
    for path in entries {
        if file_name(path) == "Cargo.toml" {
            let described = site.code.manifest(site.inventory, path);
            let manifest = &described.as_ref().as_ref()?.content;
            let members = manifest.workspace.iter().flat_map(|workspace| &workspace.members);
            let folders = members.map(|member| {
                join(directory_of(path), member.value.split(['*', '?', '[']).next()?.trim_end_matches('/'))
            });
            if folders
                .into_iter()
                .any(|folder| folder.is_none_or(|folder| site.inventory.kind(&folder).is_none()))
            {
                return None;
            }
            let Some(package) = &manifest.package else { continue };
            let has_main =
                join(directory_of(path), "src/main.rs").is_some_and(|main| site.inventory.is_file(&main));
            found.extend(has_main.then(|| package.name.clone()));
            found.extend(package.programs.iter().map(|(name, _)| name.clone()));
        } else if let Some((_, name)) = path.rsplit_once("src/bin/") {
            found.extend(name.strip_suffix("/main.rs").or(name.strip_suffix(".rs")).map(str::to_owned));
        }
    }
    Some(found)
}
