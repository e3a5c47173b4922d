//! The folders that the steps of a job change to by `cd`.

use source::join;
use syntax::shell::OperatorBefore;

use super::commands::is_known_path;
use super::made_files::made_files;
use super::programs::{brings_files, is_guarded};
use super::shell_text::ShellText;
use crate::record::{Use, UseKind};

/// The folders that a text changes to and that nothing before it names: the commands of earlier steps are `before`.
pub(super) fn changed_folders(shell: &ShellText<'_>, before: &str) -> Vec<Use> {
    if brings_files(shell) {
        return Vec::new();
    }
    let commands = shell.located();
    let made = made_files(&commands);
    let found = commands.iter().filter_map(|one| {
        let [program, target] = one.command.words.as_slice() else { return None };
        let path = target.text.as_str();
        let is_told = target.literal && is_known_path(path) && !path.starts_with(['/', '~', '-']);
        if program.text != "cd" || !is_told || one.command.operator_before == OperatorBefore::Or {
            return None;
        }
        let folder = join(one.folder.as_deref()?, path)?;
        let name = source::file_name(&folder);
        let earlier = shell.text.get(..target.span.start)?;
        let is_named = earlier.contains(name) || before.contains(name);
        let may_be_made = is_named || made.contains(&folder) || is_guarded(shell.script(), path, target.span);
        (!may_be_made).then(|| Use {
            path: folder,
            at: shell.place(target.span),
            what: UseKind::ChangedFolder,
        })
    });
    found.collect()
}
