//! The programs of the repository that a shell text runs by their path.

use source::{FileKind, Span, join};
use syntax::shell::{self, BlockKind, Command, OperatorBefore, Script, Target};

use super::commands::is_known_path;
use crate::record::{Document, Use, UseKind};

/// Flags of pytest that stand alone before a path.
const LONE_FLAGS: &[&str] =
    &["-v", "-vv", "-vvv", "-s", "-x", "-q", "-qq", "-l", "-sv", "-vs", "-xvs", "--verbose"];

/// The programs that a text runs in `folder`; it starts at `offset` in the file. What the text guards, or fetches or
/// looks for in folders that are not known, is left out.
pub(crate) fn programs(document: &Document, text: &str, offset: usize, folder: &str) -> Vec<Use> {
    let script = shell::parse(text).tree;
    if goes_elsewhere(&script) || script.commands.iter().any(fetches) {
        return Vec::new();
    }
    let mut named = Vec::new();
    for point in shell::entry_points_of(&script) {
        if let Target::PythonFile(path) | Target::Script(path) | Target::NodeFile(path) = &point.target {
            let directory = point.directory.as_ref().map_or("", |directory| directory.value.as_str());
            named.push((path.clone(), point.span, directory.to_owned()));
        }
    }
    named.extend(script.commands.iter().flat_map(tests));
    let used = named.into_iter().filter_map(|(path, span, directory)| {
        if is_guarded(&script, &path, span) || !is_judged(&path) || !is_judged(&directory) {
            return None;
        }
        let path = join(&join(folder, &directory)?, &path)?;
        Some(Use { path, at: document.place(span.shifted(offset)), what: UseKind::Script })
    });
    used.collect()
}

/// Whether a text fetches files of its own: those of the repository are not all there is.
pub(crate) fn brings_files(text: &str) -> bool {
    shell::parse(text).tree.commands.iter().any(fetches)
}

fn is_judged(path: &str) -> bool {
    path.is_empty() || (is_known_path(path) && !path.starts_with(['/', '~']) && !path.contains('\\'))
}

/// Whether the folder that commands run in cannot be told.
fn goes_elsewhere(script: &Script) -> bool {
    script.commands.iter().any(|command| match command.name() {
        Some("pushd" | "popd") => true,
        Some("cd") => {
            let inside = |span: Span| span.start <= command.span.start && command.span.end <= span.end;
            let leaves_again =
                script.blocks.iter().any(|block| block.kind == BlockKind::Subshell && inside(block.span));
            leaves_again || command.words.iter().skip(1).any(|word| !word.literal || word.text == "-")
        }
        _ => false,
    })
}

fn fetches(command: &Command) -> bool {
    let has = |words: &[&str]| command.words.iter().any(|word| words.contains(&word.text.as_str()));
    match command.name().map(source::file_name) {
        Some("git") => has(&["clone", "checkout", "pull", "restore", "switch", "worktree", "submodule"]),
        Some("curl") => has(&["-o", "-O", "-LO", "-OL", "-sLO", "-fsSLO", "--output", "--remote-name"]),
        Some("wget" | "tar" | "unzip" | "scp" | "rsync" | "svn" | "cookiecutter" | "copier" | "gsutil") => {
            true
        }
        Some("gh") => has(&["clone", "download"]),
        Some("aws" | "gcloud" | "docker") => has(&["cp", "sync"]),
        _ => false,
    }
}

/// Whether the text asks whether the file is there, or goes on without it.
fn is_guarded(script: &Script, path: &str, span: Span) -> bool {
    let asks = |command: &Command| {
        matches!(command.name(), Some("[" | "[[" | "test" | "ls" | "find"))
            && command.words.iter().any(|word| word.text.contains(path.trim_start_matches("./")))
    };
    if script.commands.iter().any(asks) {
        return true;
    }
    let holds = |command: &Command| command.span.start <= span.start && span.end <= command.span.end;
    let runs = script.commands.iter().position(holds);
    runs.is_some_and(|at| {
        script.commands.get(at).is_some_and(|command| command.in_condition || command.negated)
            || script.commands.get(at + 1).is_some_and(|next| next.operator_before == OperatorBefore::Or)
    })
}

/// The test files that pytest is given.
fn tests(command: &Command) -> Vec<(String, Span, String)> {
    let Some(start) =
        command.words.iter().position(|word| matches!(word.text.as_str(), "pytest" | "py.test"))
    else {
        return Vec::new();
    };
    let is_start = start == 0
        || command.words.get(start - 1).is_some_and(|word| matches!(word.text.as_str(), "-m" | "run"));
    let mut found = Vec::new();
    for pair in command.words.get(start..).unwrap_or_default().windows(2) {
        let [before, word] = pair else { continue };
        let path = word.text.split("::").next().unwrap_or("");
        let takes_value = before.text.starts_with('-')
            && !before.text.contains('=')
            && !LONE_FLAGS.contains(&before.text.as_str());
        if is_start
            && word.literal
            && !takes_value
            && !path.starts_with('-')
            && FileKind::of(path) == FileKind::Python
        {
            found.push((path.to_owned(), word.span, String::new()));
        }
    }
    found
}
