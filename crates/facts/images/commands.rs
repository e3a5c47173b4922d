//! The commands of an image that must succeed, when it is built and when it starts.

use source::{Place, redact};
use syntax::Spanned;
use syntax::dockerfile::{Command as Form, Kind};
use syntax::shell::{self, Command, OperatorBefore, Script};

use super::ReadDockerfile;
use super::entry::in_container;
use super::plan::Planned;
use crate::collect::made_files::made_files;
use crate::collect::working_directory::located;
use crate::image::{Language, Link, Phase};
use crate::imports;
use crate::layout::Layout;
use crate::stages::{Built, Run};

/// Commands that run one after another in one stage.
pub(super) struct Step<'b> {
    /// Where they stand.
    pub(super) at: Place,
    /// The files of the stage when they run.
    pub(super) layout: &'b Layout,
    /// When they run.
    pub(super) phase: Phase,
    /// Each with its directory in the container.
    pub(super) commands: Vec<(Command, String)>,
}

/// A command that loads code.
pub(super) struct Job<'b> {
    /// The command as written: `npm run build`.
    pub(super) command: String,
    /// When it runs.
    pub(super) phase: Phase,
    /// The language of what it loads.
    pub(super) language: Language,
    /// What it loads.
    pub(super) program: Box<dyn imports::Language + 'b>,
    /// The command, and the scripts of packages that lead from it to the code.
    pub(super) links: Vec<Link>,
}

/// The words of a command for people to read, up to the first that holds a secret: what masks it would hide the rest of
/// a sentence, too.
pub(super) fn written(command: &Command) -> String {
    let mut text = String::new();
    for word in &command.words {
        let before = text.len();
        if before > 0 {
            text.push(' ');
        }
        text.push_str(&word.text);
        if redact::sentence(&text) != text {
            text.truncate(before);
            text.push_str(" …");
            break;
        }
    }
    text
}

/// What RUN does in the stages that are built, and what starts the container.
pub(super) fn steps<'b>(read: &ReadDockerfile, plan: &Planned, built: &'b Built) -> Vec<Step<'b>> {
    let mut steps: Vec<Step<'b>> = built
        .runs
        .iter()
        .map(|run| {
            let commands = run_commands(run);
            Step {
                at: run.at.clone(),
                layout: &run.layout,
                phase: Phase::Build,
                commands: decisive(&commands, &run.workdir),
            }
        })
        .collect();
    let given = plan.build.command.iter().map(|words| {
        words.iter().map(|word| Spanned::new(word.clone(), source::Span::default())).collect::<Vec<_>>()
    });
    for words in std::iter::once(built.start.clone()).chain(given).filter(|words| !words.is_empty()) {
        let span = words.first().map_or(source::Span::default(), |word| word.span);
        steps.push(Step {
            at: read.document.place(span),
            layout: &built.layout,
            phase: Phase::Start,
            commands: decisive(&shell::commands_of_words(&words), &built.workdir),
        });
    }
    steps
}

/// The commands of a RUN, those of its here-documents last.
fn run_commands(run: &Run) -> Vec<Command> {
    run_scripts(run).into_iter().flat_map(|script| script.commands).collect()
}

/// The texts of a RUN as a shell reads them, those of its here-documents last.
pub(super) fn run_scripts(run: &Run) -> Vec<Script> {
    let own = match &run.command {
        Form::Exec(words) => Script { commands: shell::commands_of_words(words), ..Script::default() },
        Form::Shell(text) => shell::parse_run(&text.value).tree,
    };
    std::iter::once(own).chain(run.scripts.iter().map(|script| shell::parse(script).tree)).collect()
}

/// Whether a RUN gives another file the name of this one: leaving out what is replaced is meant.
pub(super) fn is_renamed_to(read: &ReadDockerfile, path: &str) -> bool {
    let name = source::file_name(path);
    read.parsed.tree.instructions.iter().any(|instruction| match &instruction.kind {
        Kind::Run(Form::Shell(text)) if text.value.contains(name) => {
            let script = shell::parse(&text.value).tree;
            made_files(&located(&script, Some(""), None)).iter().any(|made| source::file_name(made) == name)
        }
        _ => false,
    })
}

/// The file that a RUN gives this one's place in the container, where both are named without a folder: `mv other.sh start.sh`.
pub(super) fn renamed_from(read: &ReadDockerfile, container: &str) -> Option<String> {
    let name = source::file_name(container);
    let folder = source::directory_of(container);
    read.parsed.tree.instructions.iter().rev().find_map(|instruction| {
        let Kind::Run(Form::Shell(text)) = &instruction.kind else { return None };
        let commands = shell::parse(&text.value).tree.commands;
        commands.iter().rev().find_map(|command| {
            let mut words = command.words.iter().skip(1).filter(|word| !word.text.starts_with('-'));
            let (from, to, more) = (words.next()?, words.next()?, words.next());
            let is_move = matches!(command.name(), Some("mv" | "cp")) && more.is_none();
            let is_plain = [from, to].iter().all(|word| word.literal && !word.text.contains('/'));
            (is_move && is_plain && to.text == name).then(|| source::join(folder, &from.text))?
        })
    })
}

/// Those commands whose failure is the failure of the whole, as they run in the end, with the directory in which each
/// runs.
pub(super) fn decisive(commands: &[Command], directory: &str) -> Vec<(Command, String)> {
    let written = decisive_as_written(commands, directory).into_iter();
    let inner = written.flat_map(|(command, at)| {
        // The text of `sh -c` has a directory of its own.
        let inner = shell::exec_prefix_stripped(command);
        let decisive = decisive_as_written(&inner, &at);
        decisive.into_iter().map(|(command, at)| (command.clone(), at)).collect::<Vec<_>>()
    });
    inner.collect()
}

/// The same with the programs that only start others: `cross-env`, `dumb-init`.
pub(super) fn decisive_as_written<'c>(
    commands: &'c [Command],
    directory: &str,
) -> Vec<(&'c Command, String)> {
    let mut at = directory.to_owned();
    let mut found = Vec::new();
    let stops_at_once = commands.iter().any(sets_exit);
    for (index, command) in commands.iter().enumerate() {
        if matches!(command.name(), Some("cd" | "pushd" | "popd")) {
            match command.words.get(1).filter(|word| word.literal && !word.text.starts_with(['-', '+'])) {
                Some(to) => at = in_container(&to.text, &at),
                // Nothing is known of what runs elsewhere.
                None => break,
            }
            continue;
        }
        let is_forgiven = commands.get(index + 1).is_some_and(|next| match next.operator_before {
            OperatorBefore::Or => true,
            OperatorBefore::Semicolon | OperatorBefore::Newline | OperatorBefore::Background => {
                !stops_at_once && !next.in_condition
            }
            OperatorBefore::Start | OperatorBefore::Pipe | OperatorBefore::And => false,
        });
        if !is_forgiven && !command.in_condition && command.function.is_none() {
            found.push((command, at.clone()));
        }
    }
    found
}

/// `set -e`, `set -eux`.
fn sets_exit(command: &Command) -> bool {
    command.name() == Some("set")
        && command.words.iter().any(|word| {
            word.text.strip_prefix('-').is_some_and(|flags| flags.contains('e') && !flags.starts_with('-'))
        })
}
