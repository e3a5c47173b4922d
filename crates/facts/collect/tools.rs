//! Programs that the final stage of a Dockerfile lacks, as far as its base image and its commands tell.

use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{Command, Dockerfile, Instruction, Kind};

use crate::container::LackingTools;
use crate::images::ReadDockerfile;

/// Base images by name and the end of their tag, with what they lack.
///
/// Source: the Dockerfiles of the official images, <https://github.com/docker-library/official-images>.
const LACKING: &[(&str, &str, &[&str])] = &[
    ("python", "slim", &["curl", "wget"]),
    ("node", "slim", &["curl", "wget"]),
    ("debian", "", &["curl", "wget"]),
    ("ubuntu", "", &["curl", "wget"]),
    ("alpine", "", &["curl"]),
    ("python", "alpine", &["curl"]),
    ("node", "alpine", &["curl"]),
];

/// What the final stage lacks and asks for in its health check; `None` where something may have brought it.
#[must_use]
pub(crate) fn lacking(read: &ReadDockerfile) -> Option<LackingTools> {
    let dockerfile = &read.parsed.tree;
    let chain = stage_chain(dockerfile, dockerfile.stages.len().checked_sub(1)?, &|_| None);
    let base = &dockerfile.stages.get(*chain.last()?)?.base;
    let programs = lacked_by(&base.value)?;
    let instructions = || {
        chain.iter().flat_map(|stage| dockerfile.instructions_of(*stage)).map(|(_, instruction)| instruction)
    };
    let programs: Vec<&'static str> = programs
        .iter()
        .copied()
        .filter(|program| !instructions().any(|one| may_bring(one, program)))
        .collect();
    let health = instructions().filter_map(health).last().and_then(|command| asks_for(command, &programs));
    let health = health.map(|program| (program, place_of_health(read, dockerfile, &chain)));
    (!programs.is_empty()).then(|| LackingTools {
        dockerfile: read.document.path.to_string(),
        programs,
        base: base.value.clone(),
        at: read.document.place(base.span),
        health: health.and_then(|(program, at)| Some((program, at?))),
    })
}

fn lacked_by(base: &str) -> Option<&'static [&'static str]> {
    let (name, tag) = base.split('@').next()?.split_once(':').unwrap_or((base, ""));
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let row = LACKING
        .iter()
        .find(|(known, end, _)| *known == name && tag.split('-').any(|word| word.starts_with(end)));
    row.map(|(_, _, programs)| *programs)
}

/// Whether an instruction may bring a program: it names it, or runs what is not seen here.
fn may_bring(instruction: &Instruction, program: &str) -> bool {
    match &instruction.kind {
        Kind::Run(_) => {
            let text = &instruction.arguments.value;
            // Lists of packages and scripts of the project's own say elsewhere what they install.
            let unseen = [".sh", "xargs", "$(", "make ", "ansible", "/bin/"];
            // `apt-get install $PACKAGES`
            let from_variables = text.contains('$') && (text.contains("install") || text.contains(" add "));
            text.contains(program)
                || from_variables
                || unseen.iter().any(|word| text.contains(word))
                || !instruction.heredocs.is_empty()
        }
        // What another stage unpacked may hold any program.
        Kind::Copy { from: Some(_), destination, .. } if is_of_system(&destination.value) => true,
        Kind::Copy { sources, from, .. } => {
            let brings = |source: &str| {
                let whole = source.trim_end_matches(['/', '*']);
                source.contains(program)
                    || whole.ends_with("bin")
                    || matches!(whole, "" | "/usr" | "/usr/local")
            };
            from.is_some() && sources.iter().any(|source| brings(&source.value))
        }
        Kind::Add { .. } | Kind::Onbuild(_) => true,
        _ => false,
    }
}

/// Whether programs are looked up in the folder, or in one below it.
fn is_of_system(folder: &str) -> bool {
    const FOLDERS: &[&str] =
        &["", "/bin", "/opt", "/sbin", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/usr/sbin"];
    folder.starts_with('/') && FOLDERS.contains(&folder.trim_end_matches('/'))
}

fn health(instruction: &Instruction) -> Option<&Command> {
    match &instruction.kind {
        Kind::Healthcheck(check) => check.as_ref().map(|check| &check.command),
        _ => None,
    }
}

fn place_of_health(read: &ReadDockerfile, dockerfile: &Dockerfile, chain: &[usize]) -> Option<source::Place> {
    let instructions = chain.iter().flat_map(|stage| dockerfile.instructions_of(*stage));
    let checks = instructions.filter(|(_, instruction)| health(instruction).is_some());
    let span = checks.map(|(_, instruction)| instruction.arguments.span).last()?;
    Some(read.document.place(span))
}

/// The program among these that a command starts with.
fn asks_for(command: &Command, programs: &[&'static str]) -> Option<&'static str> {
    let first = match command {
        Command::Exec(words) => words.first()?.value.as_str(),
        Command::Shell(text) => text.value.split_whitespace().next()?,
    };
    programs.iter().copied().find(|program| *program == first)
}
