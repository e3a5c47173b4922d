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

/// What the RUN instructions of root before may have made that no text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Brought {
    Nothing,
    /// The folders of packages.
    Packages,
    /// Anything: they start scripts, or install packages of one's own.
    Anything,
}

impl Brought {
    fn by(instruction: &Instruction, command: &Command) -> Self {
        const STARTERS: &[&str] = &[
            ".", "bash", "dash", "dpkg", "eval", "make", "node", "perl", "php", "python", "python3", "rpm",
            "ruby", "sh", "source", "zsh",
        ];
        const INSTALLERS: &[&str] = &["apk", "apt", "apt-get", "dnf", "microdnf", "yum"];
        let Command::Shell(text) = command else { return Self::Anything };
        let of_command = |command: &shell::Command| match command.name() {
            None => Self::Nothing,
            Some(name) if name.contains(['/', '$']) || STARTERS.contains(&name) => Self::Anything,
            Some(name) if INSTALLERS.contains(&name) => {
                let is_file =
                    |word: &shell::Word| word.text.contains(['/', '*']) || word.text.contains(".deb");
                let brings_own = command.words.iter().skip(1).any(is_file);
                if brings_own { Self::Anything } else { Self::Packages }
            }
            Some(_) => Self::Nothing,
        };
        let script = shell::parse_run(&text.value).tree;
        let inner = script.commands.iter().flat_map(shell::exec_prefix_stripped);
        let found = inner.map(|command| of_command(&command)).max().unwrap_or(Self::Nothing);
        if instruction.heredocs.is_empty() { found } else { Self::Anything }
    }

    fn may_hold(self, folder: &str) -> bool {
        let is_of_packages = ["/etc/", "/opt/", "/srv/"].iter().any(|start| folder.starts_with(start));
        self == Self::Anything || self == Self::Packages && is_of_packages
    }
}

/// The first such folder of each stage that stands on an official image. What any instruction before speaks of may have
/// been made, or given away, by it.
pub(super) fn flaws(read: &ReadDockerfile) -> Vec<DockerfileFlaw> {
    let dockerfile = &read.parsed.tree;
    let stages = dockerfile.stages.iter().filter(|stage| is_official(&stage.base.value));
    let found = stages.filter_map(|stage| {
        let mut user: Option<(&str, Span)> = None;
        let mut brought = Brought::Nothing;
        for (_, instruction) in dockerfile.instructions_of(stage.index) {
            match &instruction.kind {
                Kind::User(named) => user = Some((named.value.as_str(), named.span)),
                Kind::Run(command) => {
                    let Some((name, at)) = user.filter(|(name, _)| is_other_than_root(name)) else {
                        brought = brought.max(Brought::by(instruction, command));
                        continue;
                    };
                    let Command::Shell(text) = command else { continue };
                    let before = read.document.text.get(..instruction.span.start).unwrap_or("");
                    let folder = folders(instruction, &text.value)
                        .into_iter()
                        .find(|folder| is_denied(folder, name, before) && !brought.may_hold(folder));
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
    let is_root = matches!(name, "" | "root" | "ContainerAdministrator") || name.parse() == Ok(0_u32);
    !name.contains('$') && !is_root
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
    // Behind anything else the status of `mkdir` is not asked for.
    let is_asked_for = |command: &shell::Command| {
        !matches!(
            command.operator_before,
            OperatorBefore::Semicolon | OperatorBefore::Newline | OperatorBefore::Background
        )
    };
    if !script.commands.iter().all(is_asked_for) {
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
        // They are there, so that `mkdir -p` does nothing.
        "etc" | "opt" | "srv" if second.is_empty() => return false,
        "home" if !second.is_empty() && second != user => format!("/home/{second}"),
        name if OF_ROOT.contains(&name) => format!("/{name}"),
        _ => return false,
    };
    let is_given_away = ["/home ", "/home\n", " / ", " /\n", " /*"].iter().any(|text| before.contains(text));
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
