//! What the programs that RUN instructions start leave in an image.

use source::file_name;
use syntax::shell::{Command, Word};

/// What a command leaves in the image besides the files that its words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves<'c> {
    /// Nothing, or packages in the places of their manager.
    Nothing,
    /// Programs and bundles that are built of what is there.
    Programs,
    /// What this script writes.
    OfScript(&'c Word),
    /// Nobody knows what.
    Anything,
}

/// Programs that make no files but those that their words name.
const HARMLESS: &[&str] = &[
    ":",
    "[",
    "[[",
    "a2dismod",
    "a2enconf",
    "a2enmod",
    "a2ensite",
    "add-apt-repository",
    "addgroup",
    "adduser",
    "apk",
    "apt",
    "apt-cache",
    "apt-get",
    "apt-key",
    "apt-mark",
    "arch",
    "awk",
    "basename",
    "break",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "chpasswd",
    "chsh",
    "command",
    "continue",
    "crontab",
    "curl",
    "cut",
    "date",
    "debconf-set-selections",
    "deluser",
    "df",
    "dirname",
    "dnf",
    "dos2unix",
    "dpkg",
    "dpkg-divert",
    "dpkg-reconfigure",
    "du",
    "echo",
    "egrep",
    "exit",
    "export",
    "false",
    "fc-cache",
    "file",
    "find",
    "getconf",
    "getent",
    "gpg",
    "grep",
    "groupadd",
    "groupdel",
    "groupmod",
    "head",
    "id",
    "ldconfig",
    "locale-gen",
    "localedef",
    "ls",
    "md5sum",
    "microdnf",
    "mkdir",
    "mktemp",
    "nproc",
    "openssl",
    "pacman",
    "passwd",
    "printf",
    "pwd",
    "read",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "rpm",
    "sed",
    "service",
    "set",
    "setcap",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shopt",
    "sleep",
    "sort",
    "ssh-keyscan",
    "stat",
    "strip",
    "sync",
    "tail",
    "tdnf",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "type",
    "ulimit",
    "umask",
    "uname",
    "uniq",
    "unset",
    "update-alternatives",
    "update-ca-certificates",
    "update-locale",
    "useradd",
    "userdel",
    "usermod",
    "wait",
    "wc",
    "which",
    "whoami",
    "yum",
    "zypper",
];

/// Managers that put packages into places of their own.
const MANAGERS: &[&str] = &[
    "bundle",
    "bun",
    "cpanm",
    "composer",
    "conda",
    "corepack",
    "docker-php-ext-configure",
    "docker-php-ext-enable",
    "docker-php-ext-install",
    "docker-php-source",
    "gem",
    "install-php-extensions",
    "luarocks",
    "mamba",
    "micromamba",
    "npm",
    "opam",
    "pdm",
    "pecl",
    "pip",
    "pip3",
    "pipenv",
    "pipx",
    "playwright",
    "pnpm",
    "poetry",
    "rustup",
    "uv",
    "yarn",
];

/// Compilers, and what calls them.
const BUILDERS: &[&str] = &[
    "c++", "cargo", "cc", "clang", "clang++", "dotnet", "g++", "gcc", "ghc", "go", "gradle", "javac", "mvn",
    "rustc", "stack", "swift", "swiftc", "tsc", "zig",
];

/// Words by which these are told to write the files of a project, or to run it.
const WRITES: &[&str] = &[
    "binstubs",
    "create",
    "create-project",
    "generate",
    "init",
    "new",
    "publish",
    "run",
    "run-script",
    "vendor",
    "wrapper",
];

/// Modules of Python that are run and make no files of a project.
const MODULES: &[&str] = &[
    "compileall",
    "ensurepip",
    "nltk.downloader",
    "pip",
    "pipenv",
    "playwright",
    "poetry",
    "pytest",
    "spacy",
    "unittest",
    "uv",
    "venv",
    "virtualenv",
];

/// Whether a program makes no files but those that its words name.
pub(super) fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name)
}

/// What a command leaves; its wrappers are taken off. Copies, moves and links are asked for by their words.
pub(super) fn leaves(command: &Command) -> Leaves<'_> {
    let Some((first, rest)) = command.words.split_first() else { return Leaves::Nothing };
    let argument = rest.iter().find(|word| !word.text.starts_with('-'));
    let second = argument.map_or("", |word| word.text.as_str());
    let name = file_name(&first.text);
    match name {
        _ if !first.literal => Leaves::Anything,
        "npm" | "pnpm" | "yarn" | "bun" if matches!(second, "run" | "run-script" | "build") => {
            Leaves::Programs
        }
        "git" if second == "config" => Leaves::Nothing,
        "django-admin" if matches!(second, "collectstatic" | "compilemessages") => Leaves::Nothing,
        "python" | "python3" => of_python(rest, argument),
        "sh" | "bash" | "ash" | "dash" | "source" | "." => {
            argument.map_or(Leaves::Anything, Leaves::OfScript)
        }
        _ if is_harmless(name) => Leaves::Nothing,
        _ if MANAGERS.contains(&name) && !WRITES.contains(&second) => Leaves::Nothing,
        _ if BUILDERS.contains(&name) && !WRITES.contains(&second) => Leaves::Programs,
        _ if first.text.contains('/') => Leaves::OfScript(first),
        _ => Leaves::Anything,
    }
}

fn of_python<'c>(rest: &'c [Word], argument: Option<&'c Word>) -> Leaves<'c> {
    let options: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
    match options.as_slice() {
        // What a text writes its words name.
        ["-c" | "-V" | "--version", ..] => Leaves::Nothing,
        ["-m", module, ..] if MODULES.contains(module) => Leaves::Nothing,
        ["-m", ..] => Leaves::Anything,
        _ => argument.map_or(Leaves::Anything, Leaves::OfScript),
    }
}
