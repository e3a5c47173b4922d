//! What a command runs in the end: wrappers in front of it are taken off.

use source::{FileKind, Span};

use super::types::{Assignment, AssignmentValue, Command, OperatorBefore, Redirect, Word};

/// Wrappers in wrappers that are followed.
const MAX_DEPTH: usize = 8;

/// A program that runs the command given by its further words.
struct Wrapper {
    /// Its name, and the words that must follow it.
    name: &'static str,
    subcommand: &'static str,
    /// Options that take the next word as their value.
    valued: &'static [&'static str],
    /// Words of its own before the command.
    own_words: usize,
}

const fn wrapper(
    name: &'static str,
    subcommand: &'static str,
    valued: &'static [&'static str],
    own_words: usize,
) -> Wrapper {
    Wrapper { name, subcommand, valued, own_words }
}

/// Wrappers, from their manuals. Those whose command follows a `--` after words of their own stand in
/// [`AFTER_DASHES`].
const WRAPPERS: [Wrapper; 44] = [
    wrapper("exec", "", &["-a"], 0),
    wrapper("command", "", &[], 0),
    wrapper("builtin", "", &[], 0),
    wrapper("env", "", &["-u", "--unset", "-C", "--chdir"], 0),
    wrapper("sudo", "", &["-u", "--user", "-g", "--group", "-h", "-p", "-C", "-D"], 0),
    wrapper("doas", "", &["-u", "-C"], 0),
    wrapper("nohup", "", &[], 0),
    wrapper("time", "", &["-o", "-f"], 0),
    wrapper("nice", "", &["-n", "--adjustment"], 0),
    wrapper("ionice", "", &["-c", "-n", "-p"], 0),
    wrapper("stdbuf", "", &["-i", "-o", "-e"], 0),
    wrapper("setsid", "", &[], 0),
    wrapper("timeout", "", &["-s", "--signal", "-k", "--kill-after"], 1),
    wrapper("tini", "", &["-e", "-p"], 0),
    wrapper("dumb-init", "", &["-r", "--rewrite"], 0),
    wrapper("catatonit", "", &[], 0),
    wrapper("gosu", "", &[], 1),
    wrapper("su-exec", "", &[], 1),
    wrapper("s6-setuidgid", "", &[], 1),
    wrapper("chpst", "", &["-u", "-U", "-e", "-m"], 0),
    wrapper("xvfb-run", "", &["-n", "-s", "--server-args", "-f", "-e", "-w"], 0),
    wrapper("dockerize", "", &["-wait", "-timeout", "-template", "-wait-retry-interval"], 0),
    wrapper("poetry", "run", &["-C", "--directory", "-P", "--project"], 0),
    wrapper("pipenv", "run", &["--python"], 0),
    wrapper(
        "uv",
        "run",
        &[
            "--with",
            "--python",
            "-p",
            "--project",
            "--directory",
            "--group",
            "--extra",
            "--env-file",
            "--package",
        ],
        0,
    ),
    wrapper("pdm", "run", &["-p", "--project"], 0),
    wrapper("rye", "run", &[], 0),
    wrapper("hatch", "run", &[], 0),
    wrapper("conda", "run", &["-n", "--name", "-p", "--prefix", "--cwd"], 0),
    wrapper("micromamba", "run", &["-n", "-p"], 0),
    wrapper("dotenv", "run", &["-f", "--file"], 0),
    wrapper("ddtrace-run", "", &[], 0),
    wrapper(
        "opentelemetry-instrument",
        "",
        &["--traces_exporter", "--metrics_exporter", "--service_name"],
        0,
    ),
    wrapper("newrelic-admin", "run-program", &[], 0),
    wrapper("coverage", "run", &["--source", "--rcfile", "--omit", "--include"], 0),
    wrapper("cross-env", "", &[], 0),
    wrapper("npx", "", &["-p", "--package", "-c"], 0),
    wrapper("bunx", "", &[], 0),
    wrapper("pnpm", "exec", &[], 0),
    wrapper("pnpm", "dlx", &[], 0),
    wrapper("yarn", "exec", &[], 0),
    wrapper("npm", "exec", &["-p", "--package"], 0),
    wrapper("bundle", "exec", &[], 0),
    wrapper("xargs", "", &["-n", "-I", "-P", "-L", "-d"], 0),
];

/// Programs whose command follows `--`, whatever stands before it.
const AFTER_DASHES: [&str; 9] = [
    "wait-for-it",
    "wait-for-it.sh",
    "wait-for",
    "wait-for.sh",
    "doppler",
    "infisical",
    "op",
    "cloud-sql-proxy",
    "honcho",
];

/// Wrappers that hand a file `x.py` to Python instead of running it. Sources:
/// <https://docs.astral.sh/uv/reference/cli/#uv-run>, <https://pdm-project.org/latest/usage/scripts/>,
/// <https://coverage.readthedocs.io/en/latest/cmd.html#cmd-run>.
const PYTHON_RUNNERS: [&str; 3] = ["uv", "pdm", "coverage"];

const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

/// What a command runs in the end, with the wrappers in front of it taken off: `exec`, `env A=b`, `sudo`, `nohup`,
/// `time`, `tini --`, `poetry run` ...; `sh -c 'a && b'` gives the commands of its text, with spans in the outer text,
/// and a wrapper that is told a folder gives the `cd` to it first.
#[must_use]
pub fn exec_prefix_stripped(command: &Command) -> Vec<Command> {
    stripped(command.clone(), MAX_DEPTH)
}

fn stripped(mut command: Command, depth: usize) -> Vec<Command> {
    let Some(depth) = depth.checked_sub(1) else { return vec![command] };
    if let Some(script) = script_of(&command) {
        return inner_commands(script, &command, depth);
    }
    let Some(inner) = without_wrapper(&command.words) else { return vec![command] };
    let moved = inner.directory.map(|directory| change_to(directory, &mut command));
    command.words = inner.words;
    command.assignments.extend(inner.assignments);
    moved.into_iter().chain(stripped(command, depth)).collect()
}

/// What a wrapper runs.
struct Unwrapped {
    words: Vec<Word>,
    /// The variables that it sets.
    assignments: Vec<Assignment>,
    /// The folder in which it is told to run it.
    directory: Option<Word>,
}

/// The folder that the words of a wrapper name: `uv run --directory backend`.
fn directory_of_wrapper(words: &[Word]) -> Option<Word> {
    const OPTIONS: [(&str, &[&str]); 4] = [
        ("uv", &["--directory"]),
        ("env", &["-C", "--chdir"]),
        ("sudo", &["-D", "--chdir"]),
        ("conda", &["--cwd"]),
    ];
    let name = program(words.first()?);
    let (_, options) = OPTIONS.iter().find(|(wrapper, _)| *wrapper == name)?;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.split_once('=') {
            Some((option, value)) if options.contains(&option) => {
                return Some(Word { text: value.to_owned(), ..word.clone() });
            }
            None if options.contains(&word.text.as_str()) => return words.next().cloned(),
            _ => {}
        }
    }
    None
}

/// The `cd` before a command, which takes the place of the command in its line.
fn change_to(directory: Word, command: &mut Command) -> Command {
    let name = Word::plain("cd", directory.span, directory.line);
    let before = std::mem::replace(&mut command.operator_before, OperatorBefore::And);
    let words = vec![name, directory];
    Command {
        words,
        assignments: Vec::new(),
        redirects: Vec::new(),
        operator_before: before,
        ..command.clone()
    }
}

/// A program's name without its folder.
pub(super) fn program(word: &Word) -> &str {
    word.text.rsplit('/').next().unwrap_or("")
}

/// What a wrapper runs; `None` where the words begin with none.
fn without_wrapper(words: &[Word]) -> Option<Unwrapped> {
    let name = program(words.first()?);
    if AFTER_DASHES.contains(&name) {
        let dashes = words.iter().position(|word| word.text == "--")?;
        let words = rest_of(words, dashes + 1)?;
        return Some(Unwrapped { words, assignments: Vec::new(), directory: None });
    }
    let subcommand = words.get(1).map_or("", |word| word.text.as_str());
    let wrapper = WRAPPERS.iter().find(|wrapper| {
        wrapper.name == name && (wrapper.subcommand.is_empty() || wrapper.subcommand == subcommand)
    })?;
    let mut at = 1 + usize::from(!wrapper.subcommand.is_empty());
    let mut own_words = wrapper.own_words;
    let mut assignments = Vec::new();
    while let Some(word) = words.get(at) {
        if word.text == "--" {
            at += 1;
            break;
        }
        if word.text.starts_with('-') {
            at += 1 + usize::from(wrapper.valued.contains(&word.text.as_str()));
        } else if let Some(assignment) =
            word.as_assignment().filter(|_| matches!(name, "env" | "sudo" | "cross-env"))
        {
            assignments.push(assignment);
            at += 1;
        } else if own_words > 0 {
            own_words -= 1;
            at += 1;
        } else {
            break;
        }
    }
    let mut rest = rest_of(words, at)?;
    if PYTHON_RUNNERS.contains(&name)
        && rest.first().is_some_and(|word| FileKind::of(&word.text) == FileKind::Python)
    {
        rest.insert(0, Word { text: "python".to_owned(), ..words.first()?.clone() });
    }
    let directory = directory_of_wrapper(words.get(..at)?);
    Some(Unwrapped { words: rest, assignments, directory })
}

fn rest_of(words: &[Word], from: usize) -> Option<Vec<Word>> {
    words.get(from..).filter(|rest| !rest.is_empty()).map(<[Word]>::to_vec)
}

/// The text of `sh -c text`, `bash -lc text`, `su user -c text`, `eval text`.
fn script_of(command: &Command) -> Option<&Word> {
    let (name, arguments) = command.words.split_first()?;
    let name = program(name);
    if name == "eval" {
        return match arguments {
            [only] => Some(only),
            _ => None,
        };
    }
    let takes_text = |word: &Word| {
        word.text == "--command"
            || word.text.strip_prefix('-').is_some_and(|flags| flags.contains('c') && !flags.starts_with('-'))
    };
    let shell = SHELLS.contains(&name);
    if !shell && !matches!(name, "su" | "runuser") {
        return None;
    }
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        if takes_text(word) {
            return arguments.get(at + 1);
        }
        if shell && !is_option(word) {
            // A script's name: what follows are its arguments.
            return None;
        }
        at += 1 + usize::from(shell && takes_next(word));
    }
    None
}

fn is_option(word: &Word) -> bool {
    word.text.starts_with(['-', '+'])
}

/// Whether an option of a shell takes the next word: `-o pipefail`, `-euo pipefail`.
fn takes_next(word: &Word) -> bool {
    match word.text.strip_prefix("--") {
        Some(long) => matches!(long, "rcfile" | "init-file"),
        None => is_option(word) && word.text.ends_with(['o', 'O']),
    }
}

/// The script that a shell is told to run.
pub(super) fn shell_script(arguments: &[Word]) -> Option<&Word> {
    let mut at = 0;
    while let Some(word) = arguments.get(at).filter(|word| is_option(word)) {
        at += 1 + usize::from(takes_next(word));
    }
    arguments.get(at)
}

/// The commands of a text inside a word, in the place of the command that runs it.
fn inner_commands(script: &Word, outer: &Command, depth: usize) -> Vec<Command> {
    let parsed = super::parse(&script.text);
    let moved = parsed.tree.commands.into_iter().map(|inner| moved_into(inner, script)).enumerate();
    moved
        .flat_map(|(at, mut inner)| {
            if at == 0 && inner.operator_before == OperatorBefore::Start {
                inner.operator_before = outer.operator_before;
            }
            inner.in_condition |= outer.in_condition;
            inner.function.clone_from(&outer.function);
            inner.assignments.extend(outer.assignments.iter().cloned());
            stripped(inner, depth)
        })
        .collect()
}

/// A command whose spans are those of the text that `script` holds, with spans of the file.
fn moved_into(mut command: Command, script: &Word) -> Command {
    command.span = moved_span(command.span, script);
    command.line = moved_line(command.line, script);
    command.words = command.words.into_iter().map(|word| moved_word(word, script)).collect();
    command.assignments = command.assignments.into_iter().map(|one| moved_assignment(one, script)).collect();
    command.redirects = command.redirects.into_iter().map(|one| moved_redirect(one, script)).collect();
    command
}

fn moved_span(span: Span, script: &Word) -> Span {
    script.source(span.start, span.end)
}

fn moved_line(line: u32, script: &Word) -> u32 {
    script.line.saturating_add(line).saturating_sub(1)
}

fn moved_word(mut word: Word, script: &Word) -> Word {
    word.origins = moved_origins(&word, script);
    for reference in &mut word.references {
        reference.span = moved_span(reference.span, script);
    }
    word.span = moved_span(word.span, script);
    word.line = moved_line(word.line, script);
    word
}

/// Where the word's text comes from, through the text that `script` holds: a run of it breaks where that one does.
fn moved_origins(word: &Word, script: &Word) -> Vec<(usize, usize)> {
    let mut moved = Vec::new();
    for (at, (text, source)) in word.origins.iter().enumerate() {
        let next = word.origins.get(at + 1).map_or(word.text.len(), |(text, _)| *text);
        moved.push((*text, script.source(*source, *source).start));
        let first = script.origins.partition_point(|(outer, _)| outer <= source);
        let breaks = script.origins.get(first..).unwrap_or_default().iter();
        let inside = breaks.take_while(|(outer, _)| *outer < source + (next - text));
        moved.extend(inside.map(|(outer, origin)| (text + (outer - source), *origin)));
    }
    moved
}

fn moved_assignment(mut assignment: Assignment, script: &Word) -> Assignment {
    assignment.name.span = moved_span(assignment.name.span, script);
    assignment.span = moved_span(assignment.span, script);
    assignment.value = match assignment.value {
        AssignmentValue::Word(word) => AssignmentValue::Word(moved_word(word, script)),
        AssignmentValue::Array(words) => {
            AssignmentValue::Array(words.into_iter().map(|word| moved_word(word, script)).collect())
        }
    };
    assignment
}

fn moved_redirect(mut redirect: Redirect, script: &Word) -> Redirect {
    redirect.operator.span = moved_span(redirect.operator.span, script);
    redirect.target = moved_word(redirect.target, script);
    redirect.heredoc = redirect.heredoc.map(|body| moved_word(body, script));
    redirect
}
