//! Lines of a Dockerfile that do not do what is written there: instructions that a continued RUN swallows, and RUNs whose
//! effect ends with their shell.

use source::{Span, file_name};
use syntax::Spanned;
use syntax::dockerfile::{Command, Instruction, KEYWORDS, Kind};
use syntax::shell;

use crate::container::{DockerfileFlaw, DockerfileFlawKind};
use crate::images::ReadDockerfile;

/// Commands that change the shell alone in which they run.
const OF_SHELL: &[&str] = &[".", "alias", "cd", "export", "source", "unset"];

/// Files that set variables and paths alone. What another one does when it is sourced is not known.
const OF_VARIABLES: &[&str] =
    &[".bash_profile", ".bashrc", ".env", ".profile", "/activate", "/etc/profile", "/nvm.sh", ".cargo/env"];

/// Shells that SHELL may name.
const POSIX: &[&str] = &["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// What is wrong with the lines of one instruction.
pub(super) fn flaws(read: &ReadDockerfile, instruction: &Instruction) -> Vec<DockerfileFlaw> {
    let Kind::Run(Command::Shell(text)) = &instruction.kind else { return Vec::new() };
    let mut found = swallowed(read, instruction);
    if is_posix(read, instruction) {
        found.extend(keywords(read, text));
        found.extend(without_effect(&text.value).map(|written| DockerfileFlaw {
            kind: DockerfileFlawKind::NoEffect,
            at: read.document.place(text.span),
            written,
        }));
    }
    found
}

/// Whether a POSIX shell runs the commands of an instruction: no SHELL before it in its stage says otherwise.
fn is_posix(read: &ReadDockerfile, instruction: &Instruction) -> bool {
    let file = &read.parsed.tree;
    let before = file.instructions.iter().filter(|one| one.span.start < instruction.span.start);
    let mut shells = before.filter_map(|one| match &one.kind {
        Kind::Shell(words) if one.stage == instruction.stage => words.first(),
        _ => None,
    });
    shells.next_back().is_none_or(|program| POSIX.contains(&file_name(&program.value)))
}

/// Instructions behind an empty line of a command that goes on: the builder drops the line and hands them to the shell.
fn swallowed(read: &ReadDockerfile, instruction: &Instruction) -> Vec<DockerfileFlaw> {
    let mut found = Vec::new();
    if !instruction.empty_continuation {
        return found;
    }
    let (mut at, mut is_after_empty) = (instruction.span.start, false);
    for line in read.document.slice(instruction.span).split_inclusive('\n') {
        let content = line.trim_start();
        let start = at + line.len() - content.len();
        at += line.len();
        if content.is_empty() {
            is_after_empty = true;
            continue;
        }
        let keyword = KEYWORDS.iter().find(|keyword| {
            content.strip_prefix(**keyword).is_some_and(|rest| rest.starts_with([' ', '\t']))
        });
        if let Some(keyword) = keyword.filter(|_| is_after_empty) {
            found.push(DockerfileFlaw {
                kind: DockerfileFlawKind::Swallowed { line: instruction.line },
                at: read.document.place(Span::new(start, start + keyword.len())),
                written: (*keyword).to_owned(),
            });
        }
        is_after_empty = false;
    }
    found
}

/// Keywords of instructions that the shell of a RUN is to run as programs. Behind an empty line they are told already.
fn keywords(read: &ReadDockerfile, text: &Spanned<String>) -> Vec<DockerfileFlaw> {
    let script = shell::parse_run(&text.value).tree;
    let first = script.commands.iter().filter(|command| command.assignments.is_empty());
    let named = first.filter_map(|command| command.words.first());
    let keywords = named.filter(|word| KEYWORDS.contains(&word.text.as_str()) && !word.quoted);
    let found = keywords.filter(|word| is_after_command(&text.value, word.span.start));
    let flaw = |word: &shell::Word| DockerfileFlaw {
        kind: DockerfileFlawKind::Keyword,
        at: read.document.place(word.span.shifted(text.span.start)),
        written: word.text.clone(),
    };
    found.map(flaw).collect()
}

/// Whether a command begins the text, or follows another one on the same line or the line before.
fn is_after_command(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or("").trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with(['&', '|', ';'])
}

/// The first words of a RUN all of whose commands change only their own shell.
fn without_effect(text: &str) -> Option<String> {
    let script = shell::parse(text).tree;
    let inside = |one: &shell::Command, other: &shell::Command| {
        other.span != one.span && other.span.start <= one.span.start && one.span.end <= other.span.end
    };
    let mut outer = script
        .commands
        .iter()
        .filter(|one| !script.commands.iter().any(|other| inside(one, other)))
        .peekable();
    let first = outer.peek()?.name()?.to_owned();
    let changes_shell = |command: &shell::Command| {
        command.redirects.is_empty()
            && command.name().is_some_and(|name| OF_SHELL.contains(&name))
            && sets_variables_alone(command)
    };
    outer.all(changes_shell).then_some(first)
}

/// Whether a command that sources a file sources one that is known to set variables and paths alone.
fn sets_variables_alone(command: &shell::Command) -> bool {
    let file = command.words.get(1).map_or("", |word| word.text.as_str());
    !matches!(command.name(), Some("." | "source")) || OF_VARIABLES.iter().any(|known| file.ends_with(known))
}

#[cfg(test)]
mod tests {
    use super::without_effect;

    #[test]
    fn only_what_changes_a_shell_alone_is_without_effect() {
        for (text, expected) in [
            ("export A=1", Some("export")),
            ("cd /srv && export B=2", Some("cd")),
            ("export $(cat /app.env | xargs)", Some("export")),
            ("cd /srv && make", None),
            (". /venv/bin/activate; pip install x", None),
            ("export A=1 > /etc/profile", None),
            (". ~/.nvm/nvm.sh", Some(".")),
            (". /install.sh", None),
            ("true", None),
        ] {
            assert_eq!(without_effect(text).as_deref(), expected, "{text}");
        }
    }
}
