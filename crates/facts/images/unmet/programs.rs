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
    let texts = site.read.parsed.tree.instructions.iter().filter(|instruction| {
        matches!(instruction.kind, Kind::Run(_) | Kind::Copy { .. })
            && instruction.span.start < run.at.span.start
    });
    let is_made = texts.into_iter().any(|other| names(site.read.document.slice(other.span), name))
        || site.read.document.slice(run.at.span).matches(name).count() > 1
        || git_ignore::is_ignored(site.inventory, &missing)
        || site.inventory.is_of_submodule(&missing)
        || site.made.iter().any(|made| super::super::made_elsewhere::is_same(made, &missing));
    let is_certain = !folder.is_empty()
        && !is_made
        && brought::is_tree_alone(site.read, plan, &site.built.copies)
        && !brought::is_named_by_script(site.inventory, site.read, site.built, name);
    is_certain.then(|| {
        Lack::File(LackingFile {
            names: vec![path.to_owned()],
            directory: format!("/{directory}"),
            brought_by: None,
            excluded_by: None,
        })
    })
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
