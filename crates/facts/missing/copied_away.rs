//! Compose files that a script copies to another folder, another container or another machine: their relative paths are
//! looked up there.

use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, directory_of, file_name};

use crate::collect::makefile;
use crate::inventory::Inventory;

/// Programs that copy; their last word is where to.
const COPIERS: &[&str] = &["cp", "rsync", "scp"];

/// Whether a script, a workflow, a Makefile or a Taskfile copies this file elsewhere.
pub(super) fn is_copied_away(inventory: &Inventory<'_>, path: &str) -> bool {
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut programs = files.filter(|entry| is_program(&entry.path));
    programs.any(|entry| {
        let bytes = inventory.tree().read(&entry.path, MAX_CONFIG_BYTES).unwrap_or_default();
        if memchr::memmem::find(&bytes, file_name(path).as_bytes()).is_none() {
            return false;
        }
        let text = source::decode(bytes).unwrap_or_default();
        // A name alone is that of a file beside the script, or in a folder that the script speaks of.
        let folder = directory_of(path);
        let is_near =
            folder == directory_of(&entry.path) || !folder.is_empty() && text.contains(file_name(folder));
        text.lines().any(|line| copies(line, path, is_near))
    })
}

fn is_program(path: &str) -> bool {
    matches!(FileKind::of(path), FileKind::Shell | FileKind::Workflow)
        || makefile::is_one(path)
        || file_name(path).to_ascii_lowercase().starts_with("taskfile.")
}

fn copies(line: &str, path: &str, is_near: bool) -> bool {
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let Some(program) = words.iter().position(|word| COPIERS.contains(word)) else { return false };
    let end = |word: &&str| matches!(*word, "&&" | "||" | ";" | "|");
    let own: Vec<&str> = words.iter().skip(program + 1).copied().take_while(|word| !end(word)).collect();
    let Some((target, sources)) = own.split_last() else { return false };
    let is_this = |word: &&str| {
        let written = word.trim_start_matches("./");
        written == path
            || written.contains('/') && path.ends_with(&format!("/{written}"))
            || written == file_name(path) && is_near
    };
    // Under another name in the same folder its paths stay what they are.
    let is_elsewhere = target.trim_start_matches("./").contains(['/', ':', '$']) && *target != "./";
    is_elsewhere && sources.iter().any(is_this)
}

#[cfg(test)]
mod tests {
    use super::copies;

    #[test]
    fn what_is_copied_to_another_place() {
        let path = "stack/docker-compose.yml";
        for (line, is_near, expected) in [
            ("  - docker cp docker-compose.yml web:/srv/docker-compose.yml", true, true),
            ("cp docker-compose.yml ../checkout/docker-compose.yml && cd x", true, true),
            ("scp -r stack/docker-compose.yml \"$HOST\":", false, true),
            ("cp docker-compose.yml ../checkout/", false, false),
            ("cp docker-compose.prod.yml ../checkout/", true, false),
            ("cp docker-compose.yml docker-compose.old.yml", true, false),
            ("cp ../other/docker-compose.yml ./stack/docker-compose.yml", false, false),
            ("docker compose -f docker-compose.yml up", true, false),
        ] {
            assert_eq!(copies(line, path, is_near), expected, "{line}");
        }
    }
}
