//! Packages of Debian that are installed before their lists are there.

use source::is_within;
use syntax::dockerfile::scope::base_stages;
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

/// What official images of Debian and Ubuntu without `buildpack-deps` may have all the same, so that installing it needs no
/// lists: what every Debian has, and what images that stand on it add for themselves.
///
/// Source: the packages marked essential or required in Debian 10 to 13, and the Dockerfiles of [`BASES`].
const MAY_BE_BUILT_IN: &[&str] = &[
    "adduser",
    "apt",
    "base-files",
    "base-passwd",
    "bash",
    "bsdutils",
    "ca-certificates",
    "coreutils",
    "dash",
    "debconf",
    "debian-archive-keyring",
    "debianutils",
    "diffutils",
    "dpkg",
    "e2fsprogs",
    "findutils",
    "gpgv",
    "grep",
    "gzip",
    "hostname",
    "libbz2-dev",
    "libc-bin",
    "libc6",
    "libffi-dev",
    "libgdbm-dev",
    "libgmp-dev",
    "libjemalloc2",
    "libncurses-dev",
    "libreadline-dev",
    "libssl-dev",
    "libstdc++6",
    "libyaml-dev",
    "login",
    "lsb-base",
    "mawk",
    "mount",
    "ncurses-base",
    "ncurses-bin",
    "netbase",
    "passwd",
    "perl-base",
    "procps",
    "sed",
    "sysvinit-utils",
    "tar",
    "tzdata",
    "ubuntu-keyring",
    "util-linux",
    "zlib1g",
    "zlib1g-dev",
];

/// What the images for Java, PHP and servers add besides.
const OF_SERVERS: &[&str] = &[
    "apache2",
    "binutils",
    "fontconfig",
    "ghostscript",
    "libapr1",
    "libaprutil1",
    "libc-dev",
    "locales",
    "openssl",
    "p11-kit",
    "pkg-config",
    "re2c",
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
    let dockerfile = &read.parsed.tree;
    let mut found = Vec::new();
    // The lists at the end of each stage, and the image that it stands on.
    let mut ends: Vec<(Lists, &str)> = Vec::new();
    for (stage, below) in dockerfile.stages.iter().zip(base_stages(dockerfile, &|_| None)) {
        let start = if is_official(&stage.base.value) { Lists::Absent } else { Lists::Unknown };
        let below = below.and_then(|below| ends.get(below)).copied();
        let (mut lists, base) = below.unwrap_or((start, &stage.base.value));
        for (_, instruction) in dockerfile.instructions_of(stage.index) {
            if lists == Lists::Unknown {
                break;
            }
            if let Some((written, span)) = run(instruction, base, &mut lists) {
                let kind = DockerfileFlawKind::NoPackageLists { base: base.to_owned() };
                found.push(DockerfileFlaw { kind, at: read.document.place(span), written });
                lists = Lists::Unknown;
            }
        }
        ends.push((lists, base));
    }
    found
}

/// Whether an image is an official one on Debian or Ubuntu, by its name and tag.
pub(super) fn is_official(base: &str) -> bool {
    let name = image_name(base);
    let own = name.strip_prefix("docker.io/").unwrap_or(name);
    let own = own.strip_prefix("library/").unwrap_or(own);
    let tag = base.get(name.len()..).unwrap_or("");
    BASES.contains(&own) && !tag.contains('$') && !OTHERS.iter().any(|word| tag.contains(word))
}

/// Whether an image may have a package.
fn may_have(base: &str, package: &str) -> bool {
    const WITHOUT_TOOLS: &[&str] = &["debian", "ubuntu"];
    const ON_TOOLS: &[&str] = &["buildpack-deps", "gcc", "golang", "node", "perl", "python", "ruby", "rust"];
    let name = source::file_name(image_name(base));
    let is_small = WITHOUT_TOOLS.contains(&name) || ON_TOOLS.contains(&name) && base.contains("slim");
    let is_of_servers = || !ON_TOOLS.contains(&name) && OF_SERVERS.contains(&package);
    MAY_BE_BUILT_IN.contains(&package) || !is_small && (BUILT_IN.contains(&package) || is_of_servers())
}

/// Follows an instruction; gives the package program, and where it stands, that finds no lists.
fn run(instruction: &Instruction, base: &str, lists: &mut Lists) -> Option<(String, source::Span)> {
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
    let found = follow(&script, base, lists)?;
    Some((found, text.span))
}

fn follow(script: &Script, base: &str, lists: &mut Lists) -> Option<String> {
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
                    // apt 2.7 fetches the lists on the way where it is told to.
                    if ["update", "--update", "-U"].iter().any(|word| words.contains(word)) {
                        *lists = Lists::Present;
                    } else if words.contains(&"install") && *lists == Lists::Absent {
                        let next = script.commands.get(at + 1);
                        let is_tried = next.is_some_and(|next| next.operator_before == OperatorBefore::Or);
                        if is_tried || command.in_condition || !names_packages(&words, base) {
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
fn names_packages(words: &[&str], base: &str) -> bool {
    let names = words.iter().filter(|word| !word.starts_with('-') && **word != "install");
    let is_package = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase()) && !word.contains(['/', '$', '*'])
    };
    let is_new = |word: &&&str| !may_have(base, word.split(['=', ':']).next().unwrap_or(word));
    names.clone().any(|word| is_new(&word)) && names.clone().all(|word| is_package(word))
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::{Lists, follow, is_official};

    fn installs(text: &str) -> bool {
        installs_on("python:3.12", text)
    }

    fn installs_on(base: &str, text: &str) -> bool {
        let mut lists = Lists::Absent;
        follow(&shell::parse_run(text).tree, base, &mut lists).is_some()
    }

    #[test]
    fn what_an_image_has_needs_no_lists() {
        for (base, text) in [
            ("python:3.12-slim", "apt-get install -y ca-certificates tzdata"),
            ("debian:12", "apt-get install -y tar sed coreutils"),
            ("eclipse-temurin:21", "apt-get install -y curl"),
        ] {
            assert!(!installs_on(base, text), "{base}");
            assert!(installs_on(base, &format!("{text} jq")), "{base}");
        }
        assert!(installs_on("debian:12-slim", "apt-get install -y curl"));
        assert!(!installs_on("debian:13", "apt-get --update install -y curl"));
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
            assert!(is_official(base), "{base}");
        }
        for base in ["python:3.12-alpine", "ghcr.io/acme/python:3", "node:$TAG", "acme/debian"] {
            assert!(!is_official(base), "{base}");
        }
    }
}
