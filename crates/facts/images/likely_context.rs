//! The context of a Dockerfile that nothing builds by name: the directory that holds what it takes and runs.

use source::{directory_of, file_name, join, tokens};
use syntax::dockerfile::{Command, Dockerfile, Kind};

use super::plan::has_plain_name;
use crate::inventory::Inventory;
use crate::stages::in_context;
use crate::wildcard::is_wildcard;

/// Folders that only hold Dockerfiles and are no context; the root is the usual one then.
const FOLDERS: &[&str] =
    &["docker", "dockerfiles", "deploy", "deployment", "build", "ci", "containers", "images"];

/// What the context of a Dockerfile seems to be.
pub(super) struct Likely {
    /// The directory.
    pub(super) context: String,
    /// Whether something that the Dockerfile takes or runs lies in it, or it can be no other.
    pub(super) exists: bool,
    /// Whether only folders lie in it that should hold what the Dockerfile takes.
    pub(super) is_supposed: bool,
}

/// The directory in which most literal sources of a Dockerfile exist, then most files that its commands name; and
/// whether any does.
pub(super) fn likely_context(inventory: &Inventory<'_>, path: &str, dockerfile: &Dockerfile) -> Likely {
    let sources = literal_sources(dockerfile);
    let mentioned = mentioned_files(dockerfile);
    let own = directory_of(path);
    let mut candidates = vec![own];
    while let Some(last) = candidates.last().filter(|last| !last.is_empty()).copied() {
        candidates.push(directory_of(last));
    }
    let existing = |context: &str, files: &[String]| {
        let exists = |file: &&String| join(context, file).is_some_and(|path| inventory.kind(&path).is_some());
        files.iter().filter(exists).count()
    };
    let score = |context: &str| (existing(context, &sources), existing(context, &mentioned));
    let best = candidates.iter().map(|context| score(context)).max().unwrap_or((0, 0));
    // Nothing is there; the folders that should hold it may tell from where it is seen: `./packages/api` beside `packages`.
    let parents: Vec<String> = sources
        .iter()
        .map(|source| directory_of(source).to_owned())
        .filter(|parent| !parent.is_empty())
        .collect();
    let holds = |context: &&str| existing(context, &parents) > 0;
    if best == (0, 0)
        && let [only] =
            candidates.iter().copied().filter(|context| holds(context)).collect::<Vec<_>>().as_slice()
    {
        return Likely { context: (*only).to_owned(), exists: false, is_supposed: true };
    }
    let shared = tokens(file_name(own)).any(|word| FOLDERS.contains(&word.as_str()));
    let prefers_own = has_plain_name(path) && !shared;
    // A Dockerfile at the root has no other context to be built with.
    let certain = best > (0, 0) || candidates.len() == 1;
    let mut likely = candidates.into_iter().filter(|context| score(context) == best);
    let chosen = if prefers_own { likely.next() } else { likely.next_back() };
    Likely { context: chosen.unwrap_or("").to_owned(), exists: certain, is_supposed: false }
}

fn literal_sources(dockerfile: &Dockerfile) -> Vec<String> {
    let mut sources = Vec::new();
    for instruction in &dockerfile.instructions {
        let (Kind::Copy { sources: words, from: None, .. } | Kind::Add { sources: words, .. }) =
            &instruction.kind
        else {
            continue;
        };
        // The builder takes quotes away, and goes up no further than the context.
        let literal = words.iter().map(|word| in_context(word.value.trim_matches(['"', '\''])));
        sources.extend(
            literal.filter(|word| !word.is_empty() && !word.contains(['$', ':']) && !is_wildcard(word)),
        );
    }
    sources
}

/// Files that commands name relative to the directory they run in, as `COPY . .` brings them there:
/// `requirements.txt`, and `main.py` of `main:app`.
fn mentioned_files(dockerfile: &Dockerfile) -> Vec<String> {
    let mut files = Vec::new();
    for instruction in &dockerfile.instructions {
        let (Kind::Run(command) | Kind::Cmd(command) | Kind::Entrypoint(command)) = &instruction.kind else {
            continue;
        };
        match command {
            Command::Shell(text) => {
                files.extend(text.value.split([' ', '\t', '\n', ';', '&', '"', '\'']).filter_map(file));
            }
            Command::Exec(words) => files.extend(words.iter().filter_map(|word| file(&word.value))),
        }
    }
    files.sort();
    files.dedup();
    files
}

/// The file that a word of a command names.
fn file(word: &str) -> Option<String> {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
    };
    if let Some((module, _)) = word.split_once(':') {
        let is_module = module.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        return (is_module && is_name(module)).then(|| format!("{}.py", module.replace('.', "/")));
    }
    let word = word.trim_start_matches("./");
    let (_, ending) = file_name(word).rsplit_once('.')?;
    (is_name(word) && ending.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| word.to_owned())
}
