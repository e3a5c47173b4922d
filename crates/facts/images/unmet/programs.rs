//! Programs of the tree that a RUN starts and that are not there.

use source::{directory_of, file_name};
use syntax::dockerfile::Kind;
use syntax::shell::{Command, Word};

use super::super::absent::names;
use super::super::brought;
use super::super::entry::in_container;
use super::super::plan::Planned;
use super::Site;
use crate::git_ignore;
use crate::image::{Lack, LackingFile};
use crate::stages::Run;

/// The script or program that a command names by its path, where the folder comes from the tree, lacks it, and nothing
/// else may bring it.
pub(super) fn lacking(
    site: &Site<'_>,
    plan: &Planned,
    run: &Run,
    command: &Command,
    directory: &str,
) -> Option<Lack> {
    let path = program(&command.words)?;
    let container = in_container(path, directory);
    let (folder, name) = (directory_of(&container), file_name(&container));
    if run.layout.find(site.inventory, &container).is_some() {
        return None;
    }
    let above = run.layout.find(site.inventory, folder).filter(|path| site.inventory.is_directory(path))?;
    let missing = source::join(&above, name)?;
    let is_certain = !folder.is_empty() && !may_be_brought(site, plan, run, (&container, &missing));
    is_certain.then(|| {
        Lack::File(LackingFile {
            names: vec![path.to_owned()],
            directory: format!("/{directory}"),
            brought_by: None,
            excluded_by: None,
            lies_at: None,
        })
    })
}

/// Whether anything but the COPY that takes it may bring a file to its place before a RUN: another instruction, the RUN
/// itself or a mount of it, a script, whoever builds. The file is told in the container and in the tree.
pub(in crate::images) fn may_be_brought(
    site: &Site<'_>,
    plan: &Planned,
    run: &Run,
    (container, path): (&str, &str),
) -> bool {
    let name = file_name(container);
    let own = site.read.document.slice(run.at.span);
    let mut before = site.read.parsed.tree.instructions.iter().filter(|instruction| {
        matches!(instruction.kind, Kind::Run(_) | Kind::Copy { .. })
            && instruction.span.start < run.at.span.start
    });
    before.any(|other| names(site.read.document.slice(other.span), name))
        || own.matches(name).count() > 1
        || (own.contains("--mount=") && own.contains("from="))
        || git_ignore::is_ignored(site.inventory, path)
        || site.inventory.is_of_submodule(path)
        || site.made.iter().any(|made| super::super::made_elsewhere::is_same(made, path))
        || !brought::is_tree_alone(site.inventory, site.read, plan, site.built)
        || brought::is_named_by_script(site.inventory, site.read, site.built, name)
}

/// `./bin/setup`, `bash scripts/build.sh`, `python tools/make.py`: relative, so that it is none of the system.
fn program(words: &[Word]) -> Option<&str> {
    let (first, rest) = words.split_first().filter(|(first, _)| first.literal)?;
    let runs_file = matches!(file_name(&first.text), "sh" | "bash" | "python" | "python3");
    let word = if runs_file { rest.first().filter(|word| word.literal)? } else { first };
    let path = word.text.as_str();
    let is_path = if runs_file {
        [".sh", ".py"].iter().any(|ending| path.ends_with(ending))
    } else {
        path.contains('/') && !path.contains("node_modules")
    };
    (is_path && !path.starts_with(['/', '-', '~', '.']) || path.starts_with("./")).then_some(path)
}
