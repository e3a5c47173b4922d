//! Variables of a Dockerfile that are empty or stay as they are written.

use syntax::Spanned;
use syntax::dockerfile::scope::{Scope, stage_chain, visit_scopes};
use syntax::dockerfile::{Command, Dockerfile, Kind, Pair};

use crate::container::{LiteralVariable, UndefinedBuildVariable};
use crate::images::ReadDockerfile;

/// Official images with the variables that they set, each besides `PATH`; what their Dockerfiles say.
const BASES: &[(&str, &[&str])] = &[
    ("alpine", &[]),
    ("busybox", &[]),
    ("debian", &[]),
    ("nginx", &["NGINX_VERSION", "NJS_VERSION", "NJS_RELEASE", "PKG_RELEASE", "DYNPKG_RELEASE"]),
    ("node", &["NODE_VERSION", "YARN_VERSION"]),
    (
        "python",
        &[
            "LANG",
            "GPG_KEY",
            "PYTHON_VERSION",
            "PYTHON_SHA256",
            "PYTHON_PIP_VERSION",
            "PYTHON_SETUPTOOLS_VERSION",
            "PYTHON_GET_PIP_URL",
            "PYTHON_GET_PIP_SHA256",
        ],
    ),
    ("scratch", &[]),
    ("ubuntu", &[]),
];

/// Every variable in an `ENV` that is not defined there.
#[must_use]
pub(crate) fn undefined(read: &ReadDockerfile) -> Vec<UndefinedBuildVariable> {
    let dockerfile = &read.parsed.tree;
    let mut found = Vec::new();
    visit_scopes(dockerfile, &|_| None, &mut |index, scope| {
        let Some(instruction) = dockerfile.instructions.get(index) else { return };
        let (Kind::Env(pairs), Some(stage)) = (&instruction.kind, instruction.stage) else { return };
        for pair in pairs {
            found.extend(of_pair(read, pair, scope, stage));
        }
    });
    found.sort_by(|one, other| (&one.at, &one.name).cmp(&(&other.at, &other.name)));
    found.dedup();
    found
}

fn of_pair(read: &ReadDockerfile, pair: &Pair, scope: &Scope, stage: usize) -> Vec<UndefinedBuildVariable> {
    let dockerfile = &read.parsed.tree;
    let Some(value) = &pair.value else { return Vec::new() };
    let Ok(expanded) = scope.expand(&value.value) else { return Vec::new() };
    let unset = expanded.unset.into_iter().filter(|name| scope.variable(name).is_none());
    unset
        .filter_map(|name| {
            let base = known_base(dockerfile, stage, &name)?;
            let declared = argument(dockerfile, &name).map(|at| read.document.place(at.span));
            let at = read.document.place(value.span);
            let target = pair.key.value.clone();
            Some(UndefinedBuildVariable {
                is_list: target == name && adds_to_list(&value.value, &name),
                name,
                target,
                at,
                declared,
                base: Some(base),
            })
        })
        .collect()
}

/// Whether a colon stands before or behind the variable.
fn adds_to_list(value: &str, name: &str) -> bool {
    [format!("${name}"), format!("${{{name}}}")]
        .iter()
        .any(|written| value.contains(&format!(":{written}")) || value.contains(&format!("{written}:")))
}

/// The image that a stage starts from, where its variables are known and this is none of them.
fn known_base(dockerfile: &Dockerfile, stage: usize, name: &str) -> Option<String> {
    let root = *stage_chain(dockerfile, stage, &|_| None).last()?;
    let written = &dockerfile.stages.get(root)?.base.value;
    let image = written.trim_start_matches("docker.io/").trim_start_matches("library/");
    let image = crate::container::image_name(image);
    let (_, variables) = BASES.iter().find(|(known, _)| *known == image)?;
    (name != "PATH" && !variables.contains(&name)).then(|| written.clone())
}

fn argument<'d>(dockerfile: &'d Dockerfile, name: &str) -> Option<&'d Pair> {
    let pairs = dockerfile.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(pairs) => Some(pairs),
        _ => None,
    });
    pairs.flatten().find(|pair| pair.key.value == name)
}

/// Programs that only start the next one.
const STARTERS: &[&str] = &["tini", "dumb-init", "docker-init", "catatonit"];

/// Programs that may put variables in by themselves, or hand their words to a shell.
const EXPANDING: &[&str] = &[
    "sh",
    "bash",
    "ash",
    "dash",
    "zsh",
    "busybox",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "bun",
    "envsubst",
    "dockerize",
    "supervisord",
    "make",
];

/// The words with variables in the exec form of what each stage starts.
#[must_use]
pub(crate) fn literal(read: &ReadDockerfile) -> Vec<LiteralVariable> {
    let stages = read.parsed.tree.stages.len();
    let mut found: Vec<LiteralVariable> = (0..stages).flat_map(|stage| of_stage(read, stage)).collect();
    // A command that a later stage inherits is that of both.
    found.sort_by(|one, other| (&one.at, one.stage_line).cmp(&(&other.at, other.stage_line)));
    found
}

fn of_stage(read: &ReadDockerfile, stage: usize) -> Vec<LiteralVariable> {
    let dockerfile = &read.parsed.tree;
    let (mut entry, mut command) = (None, None);
    for stage in stage_chain(dockerfile, stage, &|_| None).into_iter().rev() {
        for (_, instruction) in dockerfile.instructions_of(stage) {
            match &instruction.kind {
                Kind::Entrypoint(words) => (entry, command) = (Some(words), None),
                Kind::Cmd(words) => command = Some(words),
                _ => {}
            }
        }
    }
    let mut words: Vec<&Spanned<String>> = Vec::new();
    for part in [entry, command].into_iter().flatten() {
        match part {
            Command::Exec(list) => words.extend(list),
            Command::Shell(_) => return Vec::new(),
        }
    }
    let line = dockerfile.stages.get(stage).map_or(1, |stage| stage.line);
    let is_last = stage + 1 == dockerfile.stages.len();
    let found = started(&words).into_iter();
    found
        .map(|(word, program)| LiteralVariable {
            at: read.document.place(word.span),
            word: word.value.clone(),
            program,
            stage_line: line,
            is_last,
        })
        .collect()
}

/// The words with variables, and the program that gets them.
fn started<'w>(words: &[&'w Spanned<String>]) -> Vec<(&'w Spanned<String>, String)> {
    let name = |word: &Spanned<String>| word.value.rsplit('/').next().unwrap_or("").to_owned();
    let mut words = words
        .iter()
        .skip_while(|word| STARTERS.contains(&name(word).as_str()) || word.value.starts_with('-'));
    let Some(first) = words.next() else { return Vec::new() };
    let program = name(first);
    if has_variable(&first.value) {
        return vec![(first, String::new())];
    }
    let is_script = program.contains('.') || program.contains("entrypoint") || program.starts_with("docker-");
    if EXPANDING.contains(&program.as_str()) || is_script {
        return Vec::new();
    }
    let rest: Vec<&Spanned<String>> = words.copied().collect();
    // What follows `-c` is a program text, in which a dollar may mean anything.
    if rest
        .iter()
        .any(|word| matches!(word.value.as_str(), "-c" | "-e" | "sh" | "bash" | "/bin/sh" | "/bin/bash"))
    {
        return Vec::new();
    }
    let is_java = JAVA.contains(&program.as_str());
    let variables = rest
        .into_iter()
        .filter(|word| has_variable(&word.value) && !(is_java && is_property_of_java(&word.value)));
    variables.map(|word| (word, program.clone())).collect()
}

/// Programs that start Java.
const JAVA: &[&str] = &["java", "mvn", "mvnw", "gradle", "gradlew"];

/// Whether a word sets properties in which Spring, Quarkus and Micronaut put variables in by themselves:
/// `--server.port=${PORT}`. Source: <https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.property-placeholders>.
fn is_property_of_java(word: &str) -> bool {
    let names = word.split_whitespace().filter_map(|part| part.split_once('=')).map(|(name, _)| name);
    names.filter(|name| name.starts_with('-')).any(|name| name.contains('.'))
}

/// Whether the text holds `$NAME` or `${NAME…}` with a name in capitals.
fn has_variable(text: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let name = rest.strip_prefix('{').unwrap_or(rest);
        name.starts_with(|letter: char| letter.is_ascii_uppercase())
            && name.chars().take_while(char::is_ascii_alphanumeric).count() > 1
    })
}
