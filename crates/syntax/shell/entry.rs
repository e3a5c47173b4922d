//! What program code a command line starts.

mod arguments;
mod javascript;
mod python;

use source::Span;

use super::exec_prefix_stripped;
use super::types::{Assignment, AssignmentValue, Command, Script, Word};
use super::unwrap::{program, shell_script};
use crate::Spanned;
use arguments::Arguments;

/// Code that a command line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// What is started.
    pub target: Target,
    /// The words that name it.
    pub span: Span,
    /// 1-based line of the command; 1 for the words of an exec form, whose lines are not told.
    pub line: u32,
    /// The program that loads it, without its folder: `uvicorn`, `python`, `bash`; the file's own name for a script
    /// or binary that is run directly.
    pub runner: String,
    /// The folder that the code is looked up in, where the line says so: `--app-dir`, `--chdir`, `--prefix`, `cd`.
    pub directory: Option<Spanned<String>>,
    /// The folders that the line sets `PYTHONPATH` to, as written.
    pub python_path: Vec<String>,
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `uvicorn pkg.mod:app`, `celery -A pkg.mod`, `python -m pkg.mod`.
    PythonModule {
        /// Dotted.
        module: String,
        /// What is taken from it: `app`, `create_app()`.
        attribute: Option<String>,
        /// Whether the last part of its name may be that of an attribute: `celery -A pkg.mod.app`.
        may_end_in_attribute: bool,
    },
    /// A `.py` file, path as written.
    PythonFile(String),
    /// The first of these `.py` files that there is.
    PythonFirstOf(&'static [&'static str]),
    /// A JavaScript or TypeScript file, path as written.
    NodeFile(String),
    /// A script of package.json.
    NpmScript(String),
    /// A shell script, path as written.
    Script(String),
    /// Any other program that is named by a path.
    Binary(String),
}

/// What one runner was told to start, before the line around it is looked at.
struct Found {
    target: Target,
    span: Span,
    directory: Option<Spanned<String>>,
}

/// What the words of an exec form (`CMD ["uvicorn", "app.main:app"]`) start. A word's span may hold its quotes.
#[must_use]
pub fn entry_points(words: &[Spanned<String>]) -> Vec<EntryPoint> {
    let words: Vec<Word> = words.iter().map(exec_word).collect();
    let span =
        words.first().zip(words.last()).map_or(Span::default(), |(first, last)| first.span.to(last.span));
    entry_points_of_commands(&[Command { words, span, line: 1, ..Command::default() }])
}

/// The commands that the words of an exec form run in the end; those of the text of `sh -c`.
#[must_use]
pub fn commands_of_words(words: &[Spanned<String>]) -> Vec<Command> {
    let words: Vec<Word> = words.iter().map(exec_word).collect();
    exec_prefix_stripped(&Command { words, line: 1, ..Command::default() })
}

/// What the commands of a script start, in order; `cd` before them is followed.
#[must_use]
pub fn entry_points_of(script: &Script) -> Vec<EntryPoint> {
    entry_points_of_commands(&script.commands)
}

/// A word of a JSON array: where it has no escapes its text stands between the quotes.
fn exec_word(word: &Spanned<String>) -> Word {
    let quotes = word.span.len().saturating_sub(word.value.len());
    let start = word.span.start + usize::from(quotes == 2);
    let mut whole = Word::plain(&word.value, Span::new(start, word.span.end), 1);
    if quotes == 0 || quotes == 2 {
        whole.span.end = start + word.value.len();
    }
    whole.quoted = true;
    whole
}

/// The same for some commands of a script.
#[must_use]
pub fn entry_points_of_commands(commands: &[Command]) -> Vec<EntryPoint> {
    let mut directory: Option<Spanned<String>> = None;
    let mut exported: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for written in commands {
        let before = directory.clone();
        let inner = exec_prefix_stripped(written);
        for command in &inner {
            let own = python_path(command.assignments.iter().cloned());
            let Some((first, rest)) = command.words.split_first() else {
                exported.extend(own);
                continue;
            };
            match program(first) {
                "cd" => directory = changed(directory, rest),
                "export" => exported.extend(python_path(rest.iter().filter_map(Word::as_assignment))),
                name => found.extend(of_command(first, rest).into_iter().map(|started| EntryPoint {
                    target: started.target,
                    span: started.span,
                    line: command.line,
                    runner: name.to_owned(),
                    directory: started.directory.or_else(|| directory.clone()),
                    python_path: exported.iter().chain(&own).cloned().collect(),
                })),
            }
        }
        // Where a wrapper or an inner shell goes does not move the shell around it.
        if inner.as_slice() != std::slice::from_ref(written) {
            directory = before;
        }
    }
    found
}

/// The folders of each `PYTHONPATH=one:other` among some assignments.
fn python_path(assignments: impl Iterator<Item = Assignment>) -> Vec<String> {
    let values = assignments.filter(|one| one.name.value == "PYTHONPATH").filter_map(|one| match one.value {
        AssignmentValue::Word(word) => Some(word.text),
        AssignmentValue::Array(_) => None,
    });
    values.flat_map(|value| value.split(':').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The folder after `cd`; unknown where an expansion tells it.
fn changed(from: Option<Spanned<String>>, arguments: &[Word]) -> Option<Spanned<String>> {
    let to = arguments.iter().find(|word| !word.text.starts_with('-'))?;
    match from {
        _ if !to.literal => None,
        Some(from) if !to.text.starts_with('/') => {
            Some(Spanned::new(format!("{}/{}", from.value.trim_end_matches('/'), to.text), to.span))
        }
        _ => Some(to.spanned()),
    }
}

fn of_command(first: &Word, rest: &[Word]) -> Vec<Found> {
    if !first.literal {
        return Vec::new();
    }
    let arguments = Arguments::new(rest);
    let name = program(first);
    match name {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "source" | "." => {
            by_shell(rest).into_iter().collect()
        }
        _ => python::started(name, &arguments)
            .or_else(|| javascript::started(name, &arguments))
            .unwrap_or_else(|| by_path(first).into_iter().collect()),
    }
}

/// `bash script.sh`, `source env.sh`.
fn by_shell(arguments: &[Word]) -> Option<Found> {
    // `curl … | sh -s -- --yes`: the script comes from standard input; behind `-c` it is a text.
    let options = arguments.iter().take_while(|word| word.text.starts_with('-'));
    if options.into_iter().any(|word| !word.text.starts_with("--") && word.text.contains(['c', 's'])) {
        return None;
    }
    let script = shell_script(arguments).filter(|word| word.literal)?;
    Some(found(Target::Script(script.text.clone()), script))
}

/// A file that is run by its path: `./start.sh`, `/app/server`, `scripts/run.py`.
fn by_path(word: &Word) -> Option<Found> {
    let path = &word.text;
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let target = match extension {
        "py" => Target::PythonFile(path.clone()),
        "js" | "mjs" | "cjs" | "ts" | "mts" => Target::NodeFile(path.clone()),
        "sh" | "bash" => Target::Script(path.clone()),
        _ if path.contains('/') => Target::Binary(path.clone()),
        _ => return None,
    };
    Some(found(target, word))
}

fn found(target: Target, word: &Word) -> Found {
    Found { target, span: word.span, directory: None }
}
