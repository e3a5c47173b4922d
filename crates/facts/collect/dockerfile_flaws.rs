//! Instructions of a Dockerfile that the builder takes and that mean something else than they seem to.

use std::mem::discriminant;

use source::{directory_of, file_name};
use syntax::dockerfile::scope::{reachable_stages, stage_chain};
use syntax::dockerfile::{Command, Dockerfile, Instruction, Kind};

use crate::collect::{denied_folders, lost_lines, package_lists};
use crate::container::{DockerfileFlaw, DockerfileFlawKind};
use crate::images::ReadDockerfile;

/// Every such instruction, in the order of the text.
#[must_use]
pub(crate) fn flaws(read: &ReadDockerfile) -> Vec<DockerfileFlaw> {
    let instructions = read.parsed.tree.instructions.iter();
    let mut found: Vec<DockerfileFlaw> = instructions
        .filter_map(|instruction| no_json(read, instruction).or_else(|| health_form(read, instruction)))
        .collect();
    found.extend(package_lists::missing(read));
    found.extend(denied_folders::flaws(read));
    let instructions = read.parsed.tree.instructions.iter();
    found.extend(instructions.flat_map(|instruction| lost_lines::flaws(read, instruction)));
    found.extend(replaced(read));
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found
}

/// Files that a COPY gives the name of another file, which an instruction before it has just brought under its own.
fn replaced(read: &ReadDockerfile) -> Vec<DockerfileFlaw> {
    let mut found = Vec::new();
    let mut before: Vec<Copied<'_>> = Vec::new();
    for instruction in &read.parsed.tree.instructions {
        if matches!(instruction.kind, Kind::From { .. } | Kind::Workdir(_)) {
            before.clear();
        }
        let Some(copied) = Copied::of(instruction) else { continue };
        // `COPY nginx.prod.conf /etc/nginx/nginx.conf` replaces what is there, and means to.
        let is_other_kind = ending(copied.source) != ending(copied.destination);
        let same = |other: &&Copied<'_>| {
            other.destination == copied.destination
                && file_name(other.source) == file_name(other.destination)
                && other.source != copied.source
        };
        if let Some(first) = before.iter().find(same).filter(|_| is_other_kind) {
            found.push(DockerfileFlaw {
                kind: DockerfileFlawKind::Replaces { first: read.document.place(first.at) },
                at: read.document.place(copied.at),
                written: copied.destination.to_owned(),
            });
        }
        before.push(copied);
    }
    found
}

/// One file that an instruction copies to a name of its own.
struct Copied<'d> {
    source: &'d str,
    destination: &'d str,
    at: source::Span,
}

impl<'d> Copied<'d> {
    fn of(instruction: &'d Instruction) -> Option<Self> {
        let Kind::Copy { sources, destination, .. } = &instruction.kind else { return None };
        let [only] = sources.as_slice() else { return None };
        let is_plain = |text: &str| !text.ends_with(['/', '.']) && !text.contains(['$', '*', '?', '[']);
        (is_plain(&only.value) && is_plain(&destination.value) && is_file(&destination.value))
            .then_some(Self { source: &only.value, destination: &destination.value, at: destination.span })
    }
}

/// Whether a path is that of a file by its name, and not of a directory: it has an ending, or lies among programs.
fn is_file(path: &str) -> bool {
    !ending(path).is_empty() || matches!(file_name(directory_of(path)), "bin" | "sbin")
}

/// What follows the last dot of a file's name.
fn ending(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// A list that is no JSON, which is taken as the text of a shell, or as words.
fn no_json(read: &ReadDockerfile, instruction: &Instruction) -> Option<DockerfileFlaw> {
    let text = match &instruction.kind {
        Kind::Run(Command::Shell(text))
        | Kind::Cmd(Command::Shell(text))
        | Kind::Entrypoint(Command::Shell(text)) => text,
        Kind::Healthcheck(Some(check)) => match &check.command {
            Command::Shell(text) => text,
            Command::Exec(_) => return None,
        },
        Kind::Volume(_) if !is_json(&instruction.arguments.value) => &instruction.arguments,
        _ => return None,
    };
    if !is_meant_as_list(&text.value) {
        return None;
    }
    let dockerfile = &read.parsed.tree;
    let is_of_last = is_of_last(dockerfile, instruction)?;
    let mut own = stages_below(dockerfile, instruction).into_iter();
    let has_entry = |stage: usize| {
        dockerfile.instructions_of(stage).any(|(_, other)| matches!(other.kind, Kind::Entrypoint(_)))
    };
    let is_argument = matches!(instruction.kind, Kind::Cmd(_)) && own.any(has_entry);
    let keyword = instruction.keyword.value.clone();
    Some(DockerfileFlaw {
        kind: DockerfileFlawKind::NoJson { keyword, is_argument, is_of_last },
        at: read.document.place(text.span),
        written: text.value.clone(),
    })
}

/// The stage of an instruction and those that it is built on.
fn stages_below(dockerfile: &Dockerfile, instruction: &Instruction) -> Vec<usize> {
    instruction.stage.map_or_else(Vec::new, |stage| stage_chain(dockerfile, stage, &|_| None))
}

/// Whether an instruction is of the image that the last stage makes; `None` where another instruction takes its place, and
/// in a stage that only gives files.
fn is_of_last(dockerfile: &Dockerfile, instruction: &Instruction) -> Option<bool> {
    let stage = instruction.stage?;
    let last = dockerfile.stages.len().checked_sub(1)?;
    let needed = reachable_stages(dockerfile, last, &|_| None);
    if matches!(instruction.kind, Kind::Run(_) | Kind::Volume(_)) {
        return Some(needed.contains(&stage));
    }
    let chain = stage_chain(dockerfile, last, &|_| None);
    let is_of_last = chain.contains(&stage);
    if !is_of_last && needed.contains(&stage) {
        return None;
    }
    let chain = if is_of_last { chain } else { vec![stage] };
    let replaces = |other: &Instruction| {
        // An entry point resets the command of the stage below.
        let resets = matches!((&instruction.kind, &other.kind), (Kind::Cmd(_), Kind::Entrypoint(_)));
        other.span.start > instruction.span.start
            && (discriminant(&other.kind) == discriminant(&instruction.kind)
                || resets && other.stage != instruction.stage)
    };
    let mut others = chain.iter().flat_map(|stage| dockerfile.instructions_of(*stage));
    (!others.any(|(_, other)| replaces(other))).then_some(is_of_last)
}

/// A list, and no test of a shell: that has a blank after its bracket, and no comma between its words.
fn is_meant_as_list(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[') else { return false };
    let first = inside.trim_start();
    let is_quoted = first.starts_with(['"', '\'', '\u{201c}']);
    let has_comma = ["\",", "',", "\u{201d},"].iter().any(|end| first.contains(end));
    is_quoted && (first.len() == inside.len() || has_comma && text.ends_with(']'))
}

/// Whether a list of texts is JSON: every text between double quotes, with commas between them.
fn is_json(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    let parts = inside.split(',').map(str::trim);
    inside.trim().is_empty()
        || parts.into_iter().all(|part| part.len() > 1 && part.starts_with('"') && part.ends_with('"'))
}

/// `HEALTHCHECK CMD ["CMD-SHELL", "..."]`: the first word is a form of Compose, and here a program.
fn health_form(read: &ReadDockerfile, instruction: &Instruction) -> Option<DockerfileFlaw> {
    let Kind::Healthcheck(Some(check)) = &instruction.kind else { return None };
    let Command::Exec(words) = &check.command else { return None };
    let first = words.first().filter(|word| matches!(word.value.as_str(), "CMD" | "CMD-SHELL"))?;
    Some(DockerfileFlaw {
        kind: DockerfileFlawKind::HealthForm,
        at: read.document.place(first.span),
        written: first.value.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::{is_json, is_meant_as_list};

    #[test]
    fn lists_and_tests() {
        for text in ["['a', 'b']", "[\"a\" \"b\"]", "[ 'a', 'b' ]", "[\"a\", \"b\",]", "['a']"] {
            assert!(is_meant_as_list(text), "{text}");
        }
        for text in ["[ -f x ] && y", "[ \"$A\" = b ]", "[[ -f x ]]", "echo ['a']", "[ 'a' = \"b\" ]"] {
            assert!(!is_meant_as_list(text), "{text}");
        }
        assert!(is_json("[\"/a\", \"/b\"]") && !is_json("['/a']") && !is_json("[\"/a\",]"));
    }
}
