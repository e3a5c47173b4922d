//! Folders that a RUN makes where its user may not: behind `USER node`, `mkdir /app` is denied, since `/` is root's.

use source::Span;
use syntax::dockerfile::{Command, Instruction, Kind};
use syntax::shell::{self, OperatorBefore};

use super::package_lists::is_official;
use crate::container::{DockerfileFlaw, DockerfileFlawKind};
use crate::images::ReadDockerfile;

/// Folders below `/` that official images have not, or have for root alone.
const OF_ROOT: &[&str] = &[
    "app",
    "application",
    "apps",
    "code",
    "data",
    "etc",
    "opt",
    "project",
    "server",
    "service",
    "src",
    "srv",
    "web",
    "workspace",
];

/// The first such folder of each stage that stands on an official image. What any instruction before speaks of may have
/// been made, or given away, by it.
pub(super) fn flaws(read: &ReadDockerfile) -> Vec<DockerfileFlaw> {
    let dockerfile = &read.parsed.tree;
    let stages = dockerfile.stages.iter().filter(|stage| is_official(&stage.base.value));
    let found = stages.filter_map(|stage| {
        let mut user: Option<(&str, Span)> = None;
        for (_, instruction) in dockerfile.instructions_of(stage.index) {
            match &instruction.kind {
                Kind::User(named) => user = Some((named.value.as_str(), named.span)),
                Kind::Run(Command::Shell(text)) => {
                    let Some((name, at)) = user.filter(|(name, _)| is_other_than_root(name)) else {
                        continue;
                    };
                    let before = read.document.text.get(..instruction.span.start).unwrap_or("");
                    let folder = folders(instruction, &text.value)
                        .into_iter()
                        .find(|folder| is_denied(folder, name, before));
                    if let Some(folder) = folder {
                        return Some(DockerfileFlaw {
                            kind: DockerfileFlawKind::Denied { user: read.document.place(at) },
                            at: read.document.place(text.span),
                            written: folder,
                        });
                    }
                }
                _ => {}
            }
        }
        None
    });
    found.collect()
}

fn is_other_than_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or(user);
    !name.contains('$') && !matches!(name, "" | "0" | "root")
}

/// The folders that `mkdir` is certainly to make in a RUN.
fn folders(instruction: &Instruction, text: &str) -> Vec<String> {
    if !instruction.flags.is_empty() || !instruction.heredocs.is_empty() || text.contains("||") {
        return Vec::new();
    }
    let script = shell::parse_run(text).tree;
    if !script.blocks.is_empty() {
        return Vec::new();
    }
    let is_certain = |command: &&shell::Command| {
        matches!(command.operator_before, OperatorBefore::Start | OperatorBefore::And)
            && !command.in_condition
    };
    let made =
        script.commands.iter().take_while(is_certain).filter(|command| command.name() == Some("mkdir"));
    let words = made.flat_map(|command| command.words.iter().skip(1)).filter(|word| word.literal);
    words.filter(|word| word.text.starts_with('/')).map(|word| word.text.clone()).collect()
}

/// Whether only root may make a folder, and nothing before speaks of it or of the one around it.
fn is_denied(folder: &str, user: &str, before: &str) -> bool {
    let mut parts = folder.split('/').filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let user = user.split(':').next().unwrap_or(user);
    let top = match first {
        "home" if !second.is_empty() && second != user => format!("/home/{second}"),
        name if OF_ROOT.contains(&name) => format!("/{name}"),
        _ => return false,
    };
    let is_given_away = ["/home ", "/home\n", " / ", " /\n"].iter().any(|text| before.contains(text));
    let is_of_user = first == "home" && before.contains(second);
    !(before.contains(&top) || is_given_away || is_of_user)
}

#[cfg(test)]
mod tests {
    use super::is_denied;

    #[test]
    fn what_root_alone_may_make() {
        for (folder, before, expected) in [
            ("/home/app/x", "FROM node:18-slim\nUSER node\n", true),
            ("/app", "FROM node:18-slim\nUSER node\n", true),
            ("/home/node/x", "FROM node:18-slim\nUSER node\n", false),
            ("/tmp/x", "FROM node:18-slim\nUSER node\n", false),
            ("/app/x", "FROM node:18\nWORKDIR /app\nUSER node\n", false),
            ("/home/app/x", "FROM node:18\nRUN useradd -m app\nUSER node\n", false),
            ("/app", "FROM node:18\nRUN chmod 777 /\nUSER node\n", false),
        ] {
            assert_eq!(is_denied(folder, "node", before), expected, "{folder} {before}");
        }
    }
}
