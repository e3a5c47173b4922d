//! Missing files that a script or a workflow makes before they are used.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CODE_BYTES, Place, Span, directory_of, file_name, is_backup};

use super::not_there;
use crate::collect::cloud_build;
use crate::image::{Image, Lack};
use crate::inventory::Inventory;
use crate::record::{Use, UseKind};
use crate::{MissingFile, MissingKind};

/// What a line makes files with; the made file stands after it.
const MAKES: &[&str] = &[
    ">",
    "mkdir ",
    "touch ",
    "tee ",
    "curl ",
    "wget ",
    "openssl ",
    "git clone ",
    "unzip ",
    "tar ",
    "-o ",
    "--output",
    "writeFileSync(",
];

/// Likewise, but only the last word is made.
const COPIES: &[&str] = &["cp ", "mv ", "ln "];

/// Names the line that makes each of the missing files, where there is one.
pub(crate) fn mark(inventory: &Inventory<'_>, missing: &mut [MissingFile]) {
    let names: Vec<String> = missing.iter().map(telling_name).collect();
    let Ok(search) = AhoCorasick::new(&names) else { return };
    if missing.is_empty() {
        return;
    }
    let naming: Vec<Vec<u8>> = missing.iter().map(|file| naming_command_file(inventory, file)).collect();
    let scripts =
        inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File && may_make(&entry.path));
    for script in scripts {
        let bytes = inventory.tree().read(&script.path, MAX_CODE_BYTES).unwrap_or_default();
        let mut start = 0;
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            for hit in search.find_overlapping_iter(line) {
                let index = hit.pattern().as_usize();
                let (Some(file), Some(text)) = (missing.get_mut(index), naming.get(index)) else { continue };
                if !runs_before(&script.path, start + hit.start(), file, text) {
                    continue;
                }
                let before = line.get(..hit.start()).unwrap_or_default();
                let after = line.get(hit.end()..).unwrap_or_default();
                if file.made_by.is_none() && is_whole(before, after) && is_made(before, after) {
                    let span = Span::new(start + hit.start(), start + hit.end());
                    file.made_by = Some(Place { path: script.path.as_str().into(), line: number, span });
                }
            }
            start += line.len() + 1;
        }
    }
}

/// The env files of the tree that a script or a workflow writes or adds to, so that they hold more when they are read.
pub(crate) fn written_env_files(inventory: &Inventory<'_>, uses: &[Use]) -> BTreeSet<String> {
    let read = uses.iter().filter(|used| matches!(used.what, UseKind::EnvFile { .. }));
    let there = read.filter(|used| inventory.is_file(&used.path));
    let mut files: Vec<MissingFile> =
        there.map(|used| not_there(&used.at, &used.path, MissingKind::EnvFile, None)).collect();
    mark(inventory, &mut files);
    files.into_iter().filter(|file| file.made_by.is_some()).map(|file| file.path).collect()
}

/// Drops what commands of images lack that a script makes before the image is built.
pub(crate) fn settle(inventory: &Inventory<'_>, images: &mut [Image]) {
    for image in images.iter_mut().filter(|image| !image.unmet.is_empty()) {
        let context = image.context.clone();
        image.unmet.retain(|run| {
            let Lack::File(lacking) = &run.lacks else { return true };
            let path = |name: &String| source::join(&context, file_name(name));
            let files = lacking.names.iter().filter_map(path);
            let mut files: Vec<MissingFile> =
                files.map(|path| not_there(&run.at, &path, MissingKind::NamedFile, None)).collect();
            mark(inventory, &mut files);
            lacking.excluded_by.is_some() || files.iter().all(|file| file.made_by.is_none())
        });
    }
}

/// The text of the naming file, where its commands tell what has run before; empty for other files.
fn naming_command_file(inventory: &Inventory<'_>, file: &MissingFile) -> Vec<u8> {
    let kind = FileKind::of(&file.at.path);
    if matches!(kind, FileKind::Workflow | FileKind::Shell | FileKind::Python) {
        return inventory.tree().read(&file.at.path, MAX_CODE_BYTES).unwrap_or_default();
    }
    Vec::new()
}

/// Whether the byte `at` of a script can have run before the file is used: it stands before it in the same file, or the naming
/// file runs that script. What runs before Compose is not told anywhere.
fn runs_before(script: &str, at: usize, file: &MissingFile, naming: &[u8]) -> bool {
    if script == &*file.at.path {
        return at < file.at.span.start;
    }
    naming.is_empty() || memmem::find(naming, file_name(script).as_bytes()).is_some()
}

/// A folder's name alone says little; with the folder above it, it says more.
fn telling_name(file: &MissingFile) -> String {
    let name = file_name(&file.path);
    let above = file_name(directory_of(&file.path));
    if name.contains('.') || above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}

fn may_make(path: &str) -> bool {
    let makes = matches!(FileKind::of(path), FileKind::Shell | FileKind::Workflow)
        || cloud_build::is_named_so(path)
        || matches!(file_name(path), "Makefile" | "makefile" | "justfile" | "Justfile");
    makes && !is_backup(path)
}

fn is_whole(before: &[u8], after: &[u8]) -> bool {
    let ends =
        |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !b"_-.".contains(byte));
    ends(before.last()) && ends(after.first())
}

fn is_made(before: &[u8], after: &[u8]) -> bool {
    let before = String::from_utf8_lossy(before);
    let after = String::from_utf8_lossy(after);
    let command = before.rsplit(['&', '|', ';']).next().unwrap_or("");
    let is_last = || {
        let rest = after.trim_start_matches(['"', '\'', '/']).trim();
        rest.is_empty() || rest.starts_with(['&', ';', '|', ')', '\\', '#'])
    };
    let is_opened_to_write = || {
        let mode = after.trim_start_matches(['"', '\'', ')', ',', ' ']);
        let opens = command.contains("open(") && mode.starts_with(['w', 'a', 'x']);
        opens || mode.starts_with(".write_text") || mode.starts_with(".write_bytes")
    };
    MAKES.iter().any(|sign| command.contains(sign))
        || is_opened_to_write()
        || (COPIES.iter().any(|sign| command.contains(sign)) || is_install(command)) && is_last()
}

/// Whether a command is the program `install`, and not a part of another: `pip install`.
fn is_install(command: &str) -> bool {
    const BEFORE: &[&str] = &["-", "RUN", "run:", "sudo", "then", "do", "else"];
    let mut words = command.split_whitespace().map(|word| word.trim_start_matches('@'));
    words.find(|word| !BEFORE.contains(word)) == Some("install")
}
