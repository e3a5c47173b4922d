//! Archives that a Dockerfile unpacks, and whether they may bring anything to a folder.

use source::file_name;
use syntax::dockerfile::{Command as Form, Instruction, Kind};
use syntax::shell::{self, BlockKind, Command, Script, Word};

use super::super::commands::decisive;
use super::super::entry::in_container;
use super::Site;
use crate::stages::Run;

/// Programs that unpack, with the letter of the option that says where to.
const UNPACKERS: &[(&str, char)] = &[("tar", 'C'), ("bsdtar", 'C'), ("unzip", 'd')];

/// Programs that install the others by name, or speak of them.
const INSTALLERS: &[&str] =
    &["apk", "apt", "apt-get", "dnf", "echo", "microdnf", "tdnf", "which", "yum", "zypper"];

/// The directory of a RUN where nothing tells it.
const UNTOLD: &str = "?";

/// Whether an archive may have brought something below the first folder of `path`, a path of the container, before a RUN.
pub(super) fn may_bring(site: &Site<'_>, run: &Run, path: &str) -> bool {
    let Some((top, _)) = path.split_once('/') else { return unpacks_anything(site) };
    let mut workdir = UNTOLD.to_owned();
    let (mut unpacks, mut moves) = (false, false);
    for instruction in &site.read.parsed.tree.instructions {
        match &instruction.kind {
            Kind::From { .. } => UNTOLD.clone_into(&mut workdir),
            Kind::Workdir(path) if !path.value.contains('$') => workdir = in_container(&path.value, &workdir),
            Kind::Workdir(_) => UNTOLD.clone_into(&mut workdir),
            Kind::Run(form) if may_come_before(instruction, run) => {
                let script = script_of(form);
                let is_of_stage = instruction.stage.is_some_and(|stage| run.lineage.contains(&stage));
                moves |= moves_files(&script, top);
                if script.commands.iter().any(speaks_of_unpacking) {
                    unpacks = true;
                    if !is_of_stage || !unpacks_beside(&script, &workdir, top) {
                        return true;
                    }
                }
            }
            _ => {}
        }
    }
    unpacks && moves
}

fn unpacks_anything(site: &Site<'_>) -> bool {
    site.read.parsed.tree.instructions.iter().any(|instruction| match &instruction.kind {
        Kind::Run(form) => script_of(form).commands.iter().any(speaks_of_unpacking),
        _ => false,
    })
}

fn script_of(form: &Form) -> Script {
    match form {
        Form::Exec(words) => Script { commands: shell::commands_of_words(words), ..Script::default() },
        Form::Shell(text) => shell::parse_run(&text.value).tree,
    }
}

/// Whether an instruction stands in a stage up to that of the RUN.
fn may_come_before(instruction: &Instruction, run: &Run) -> bool {
    let own = run.lineage.first().copied();
    instruction.stage.is_none_or(|stage| own.is_none_or(|own| stage <= own))
}

/// Whether a command unpacks, or hands a text that does to another: `xargs tar`, `su -c 'tar …'`.
fn speaks_of_unpacking(command: &Command) -> bool {
    let is_installer = command.name().is_some_and(|name| INSTALLERS.contains(&file_name(name)));
    let between = |letter: char| letter.is_whitespace() || ";&|()`'\"".contains(letter);
    let speaks = |word: &Word| word.text.split(between).any(|part| unpacker(part).is_some());
    !is_installer && command.words.iter().any(speaks)
}

fn unpacker(name: &str) -> Option<char> {
    UNPACKERS.iter().find(|(known, _)| *known == file_name(name)).map(|(_, letter)| *letter)
}

/// Whether all that a script unpacks goes to folders of the container with another first folder than this one.
fn unpacks_beside(script: &Script, workdir: &str, top: &str) -> bool {
    let moves = |command: &Command| matches!(command.name(), Some("cd" | "pushd" | "popd"));
    let inner = script.blocks.iter().filter(|block| block.kind != BlockKind::Group);
    let has_inner_moves = inner.into_iter().any(|block| {
        let is_inside = |command: &&Command| (block.span.start..block.span.end).contains(&command.span.start);
        script.commands.iter().filter(is_inside).any(moves)
    });
    let told = decisive(&script.commands, workdir);
    let is_told = |command: &Command| {
        let mut same = told.iter().filter(|(other, _)| {
            command.span.start <= other.span.start && other.span.end <= command.span.end
        });
        same.any(|(command, directory)| {
            destination(command, directory).is_some_and(|to| is_elsewhere(&to, top))
        })
    };
    let mut unpacking = script.commands.iter().filter(|command| speaks_of_unpacking(command));
    !has_inner_moves && unpacking.all(is_told)
}

/// Whether a path of the container has another first folder, and is not the root.
fn is_elsewhere(path: &str, top: &str) -> bool {
    let first = path.split('/').next().unwrap_or("");
    !matches!(first, "" | UNTOLD) && !first.contains('$') && first != top
}

/// The folder into which a command unpacks; `None` where that is not known.
fn destination(command: &Command, directory: &str) -> Option<String> {
    let letter = unpacker(command.name()?)?;
    // `tar xzC /opt` takes its letters without a dash.
    let is_old_style = letter == 'C' && command.words.get(1).is_some_and(|word| word.text.contains(letter));
    let escapes = |word: &Word| word.text == "-P" || word.text.starts_with("--");
    let is_dashed = command.words.get(1).is_some_and(|word| word.text.starts_with('-'));
    if (is_old_style && !is_dashed) || command.words.iter().any(|word| escapes(word) && !is_known_long(word))
    {
        return None;
    }
    let mut told = directory.to_owned();
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        let Some(rest) = after_letter(&word.text, letter) else { continue };
        let path = if rest.is_empty() { words.next()?.text.as_str() } else { rest };
        if path.starts_with(['$', '`', '~']) {
            return None;
        }
        told = in_container(path, directory);
    }
    Some(told)
}

/// Long options of tar that do not change where it unpacks to.
fn is_known_long(word: &Word) -> bool {
    const KNOWN: &[&str] = &[
        "--bzip2",
        "--directory",
        "--exclude",
        "--extract",
        "--file",
        "--gzip",
        "--no-same-owner",
        "--no-same-permissions",
        "--strip",
        "--strip-components",
        "--verbose",
        "--wildcards",
        "--xz",
    ];
    word.text.split('=').next().is_some_and(|name| KNOWN.contains(&name))
}

/// What follows the option in its word: nothing in `-xC`, the path in `-C/opt` and `--directory=/opt`.
fn after_letter(word: &str, letter: char) -> Option<&str> {
    if let Some(rest) = word.strip_prefix("--") {
        let rest = rest.strip_prefix("directory").filter(|_| letter == 'C')?;
        return Some(rest.strip_prefix('=').unwrap_or(rest));
    }
    word.strip_prefix('-')?.split_once(letter).map(|(_, rest)| rest)
}

/// Whether a script puts files into a folder below this first one, or may.
fn moves_files(script: &Script, top: &str) -> bool {
    let moves = |command: &&Command| {
        command.words.iter().any(|word| matches!(file_name(&word.text), "cp" | "ln" | "mv" | "rsync"))
    };
    let mut moving = script.commands.iter().filter(moves);
    moving.any(|command| {
        let to = command.words.last().map_or("", |word| word.text.as_str());
        !to.starts_with('/') || !is_elsewhere(&in_container(to, ""), top)
    })
}
