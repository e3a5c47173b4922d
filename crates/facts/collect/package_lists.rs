//! Packages of Debian that are installed before their lists are there.

use source::is_within;
use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{self, Instruction, Kind};
use syntax::shell::{self, OperatorBefore, Script};

use crate::container::{DockerfileFlaw, DockerfileFlawKind, image_name};
use crate::images::ReadDockerfile;

/// Official images that stand on Debian or Ubuntu where their tag does not say otherwise, all without package lists.
///
/// Source: the Dockerfiles of the official images, <https://github.com/docker-library/official-images>.
const BASES: &[&str] = &[
    "buildpack-deps",
    "debian",
    "drupal",
    "eclipse-temurin",
    "gcc",
    "golang",
    "httpd",
    "node",
    "perl",
    "php",
    "python",
    "ruby",
    "rust",
    "tomcat",
    "ubuntu",
    "wordpress",
];

/// Words of tags that stand on something else.
const OTHERS: &[&str] =
    &["alpine", "ubi", "oracle", "windowsservercore", "nanoserver", "onbuild", "al2023", "centos"];

/// Programs that bring no package lists.
const HARMLESS: &[&str] = &[
    "[",
    "adduser",
    "addgroup",
    "apt-key",
    "apt-mark",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "date",
    "dpkg",
    "echo",
    "export",
    "gem",
    "gpg",
    "grep",
    "groupadd",
    "gunzip",
    "id",
    "ln",
    "locale-gen",
    "ls",
    "mkdir",
    "mv",
    "npm",
    "pip",
    "pip3",
    "printf",
    "rm",
    "sed",
    "set",
    "tee",
    "test",
    "touch",
    "true",
    "update-ca-certificates",
    "useradd",
    "wget",
];

/// What the images on `buildpack-deps` have, as most do whose tag does not say `slim`: to install it again needs no lists.
///
/// Source: <https://github.com/docker-library/buildpack-deps>, of Debian 10 to 13.
const BUILT_IN: &[&str] = &[
    "autoconf",
    "automake",
    "bzip2",
    "ca-certificates",
    "curl",
    "default-libmysqlclient-dev",
    "dpkg-dev",
    "file",
    "g++",
    "gcc",
    "git",
    "gnupg",
    "imagemagick",
    "libbz2-dev",
    "libc6-dev",
    "libcurl4-openssl-dev",
    "libdb-dev",
    "libevent-dev",
    "libffi-dev",
    "libgdbm-dev",
    "libglib2.0-dev",
    "libgmp-dev",
    "libjpeg-dev",
    "libkrb5-dev",
    "liblzma-dev",
    "libmagickcore-dev",
    "libmagickwand-dev",
    "libmaxminddb-dev",
    "libncurses5-dev",
    "libncursesw5-dev",
    "libpng-dev",
    "libpq-dev",
    "libreadline-dev",
    "libsqlite3-dev",
    "libssl-dev",
    "libtool",
    "libwebp-dev",
    "libxml2-dev",
    "libxslt-dev",
    "libxslt1-dev",
    "libyaml-dev",
    "make",
    "mercurial",
    "netbase",
    "openssh-client",
    "patch",
    "perl",
    "procps",
    "python3",
    "sq",
    "subversion",
    "tar",
    "tzdata",
    "unzip",
    "wget",
    "xz-utils",
    "zlib1g-dev",
];

/// What is known of the lists where a command begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    Absent,
    Present,
    Unknown,
}

/// The first command of each stage that installs packages without lists.
#[must_use]
pub(super) fn missing(read: &ReadDockerfile) -> Vec<DockerfileFlaw> {
    let stages = read.parsed.tree.stages.len();
    let mut found: Vec<DockerfileFlaw> = (0..stages).filter_map(|stage| of_stage(read, stage)).collect();
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found.dedup();
    found
}

fn of_stage(read: &ReadDockerfile, stage: usize) -> Option<DockerfileFlaw> {
    let dockerfile = &read.parsed.tree;
    let chain = stage_chain(dockerfile, stage, &|_| None);
    let base = &dockerfile.stages.get(*chain.last()?)?.base.value;
    let mut lists = if is_without_lists(base) { Lists::Absent } else { return None };
    for (_, instruction) in chain.iter().rev().flat_map(|stage| dockerfile.instructions_of(*stage)) {
        if let Some(written) = run(instruction, has_tools(base), &mut lists) {
            let kind = DockerfileFlawKind::NoPackageLists { base: base.clone() };
            return Some(DockerfileFlaw { kind, at: read.document.place(written.1), written: written.0 });
        }
        if lists == Lists::Unknown {
            return None;
        }
    }
    None
}

fn is_without_lists(base: &str) -> bool {
    let name = image_name(base);
    let own = name.strip_prefix("docker.io/").unwrap_or(name);
    let own = own.strip_prefix("library/").unwrap_or(own);
    let tag = base.get(name.len()..).unwrap_or("");
    BASES.contains(&own) && !tag.contains('$') && !OTHERS.iter().any(|word| tag.contains(word))
}

/// Whether an image has what those on `buildpack-deps` have.
fn has_tools(base: &str) -> bool {
    const ON_TOOLS: &[&str] = &["buildpack-deps", "gcc", "golang", "node", "perl", "python", "ruby", "rust"];
    ON_TOOLS.contains(&source::file_name(image_name(base))) && !base.contains("slim")
}

/// Follows an instruction; gives the package program, and where it stands, that finds no lists.
fn run(instruction: &Instruction, has_tools: bool, lists: &mut Lists) -> Option<(String, source::Span)> {
    let text = match &instruction.kind {
        Kind::Run(dockerfile::Command::Shell(text)) if instruction.heredocs.is_empty() => text,
        Kind::Run(_) | Kind::Shell(_) | Kind::Onbuild(_) | Kind::Add { .. } => {
            *lists = Lists::Unknown;
            return None;
        }
        Kind::Copy { destination, .. } if holds_lists(&destination.value) => {
            *lists = Lists::Unknown;
            return None;
        }
        _ => return None,
    };
    // A mount may keep the lists of an earlier build.
    if instruction.flags.iter().any(|flag| flag.name.value == "mount") {
        *lists = Lists::Unknown;
        return None;
    }
    let script = shell::parse_run(&text.value).tree;
    let found = follow(&script, has_tools, lists)?;
    Some((found, text.span))
}

fn follow(script: &Script, has_tools: bool, lists: &mut Lists) -> Option<String> {
    // Which of its commands run is not looked into.
    if !script.blocks.is_empty() {
        *lists = Lists::Unknown;
        return None;
    }
    for (at, command) in script.commands.iter().enumerate() {
        for command in shell::exec_prefix_stripped(command) {
            let Some(name) = command.name() else { continue };
            let words: Vec<&str> = command.words.iter().skip(1).map(|word| word.text.as_str()).collect();
            match name {
                "apt-get" | "apt" | "aptitude" => {
                    if words.contains(&"update") {
                        *lists = Lists::Present;
                    } else if words.contains(&"install") && *lists == Lists::Absent {
                        let next = script.commands.get(at + 1);
                        let is_tried = next.is_some_and(|next| next.operator_before == OperatorBefore::Or);
                        if is_tried || command.in_condition || !names_packages(&words, has_tools) {
                            *lists = Lists::Unknown;
                            return None;
                        }
                        return Some(format!("{name} install"));
                    }
                }
                "rm" if words.iter().any(|word| takes_lists(word)) => *lists = Lists::Absent,
                _ if HARMLESS.contains(&name) => {}
                _ => {
                    *lists = Lists::Unknown;
                    return None;
                }
            }
        }
    }
    None
}

/// Whether a word of `rm` is the folder of the lists, all that is in it, or one above it.
fn takes_lists(word: &str) -> bool {
    let folder = word.trim_end_matches('*').trim_end_matches('/');
    matches!(folder, "/var/lib/apt" | "/var/lib/apt/lists")
}

/// Whether a folder lies at, above or below that of the lists.
fn holds_lists(folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    is_within("/var/lib/apt/lists", folder) || is_within(folder, "/var/lib/apt")
}

/// Whether packages of the archive are named that an image may lack, and not files or nothing.
fn names_packages(words: &[&str], has_tools: bool) -> bool {
    let names = words.iter().filter(|word| !word.starts_with('-') && **word != "install");
    let is_package = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase()) && !word.contains(['/', '$', '*'])
    };
    let is_new = |word: &&&str| !has_tools || !BUILT_IN.contains(*word);
    names.clone().any(|word| is_new(&word)) && names.clone().all(|word| is_package(word))
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::{Lists, follow, is_without_lists};

    fn installs(text: &str) -> bool {
        let mut lists = Lists::Absent;
        follow(&shell::parse_run(text).tree, true, &mut lists).is_some()
    }

    #[test]
    fn lists_come_with_an_update() {
        assert!(installs("apt-get install -y jq"));
        assert!(installs("apt-get update && rm -rf /var/lib/apt/lists/* && apt-get install -y curl jq"));
        for text in [
            "apt-get -qq update && apt-get install -y jq",
            "apt-get install -y jq || (apt-get update && apt-get install -y jq)",
            "apt-get install -y ./x.deb",
            "apt-get install -f -y",
            "apt-get install -y $PACKAGES",
            "curl -s https://example.com/setup.sh | bash - && apt-get install -y nodejs",
            "if true; then apt-get update; fi; apt-get install -y jq",
            "apt-get install -y libxml2-dev libxslt-dev",
        ] {
            assert!(!installs(text), "{text}");
        }
    }

    #[test]
    fn bases_of_debian() {
        for base in ["python:3.12-slim", "docker.io/library/debian:12", "node"] {
            assert!(is_without_lists(base), "{base}");
        }
        for base in ["python:3.12-alpine", "ghcr.io/acme/python:3", "node:$TAG", "acme/debian"] {
            assert!(!is_without_lists(base), "{base}");
        }
    }
}
