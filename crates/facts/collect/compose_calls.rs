//! The services that commands of Docker Compose name: `docker compose -f compose.ci.yaml run web pytest`.

use syntax::shell::{Command, Word};

use super::commands::is_known_path;
use super::programs::is_tolerated;
use super::shell_text::ShellText;
use super::working_directory::untold_folders;
use crate::Scope;
use crate::compose_service::{ComposeCall, Stated};

/// A subcommand that names services, with its options that take the next word.
struct Subcommand {
    name: &'static str,
    /// Whether only its first argument is a service; what follows belongs to the container.
    takes_one: bool,
    valued: &'static [&'static str],
    alone: &'static [&'static str],
}

/// Options that stand before the subcommand and take the next word. Source of all options: the reference of Docker Compose,
/// <https://docs.docker.com/reference/cli/docker/compose/>, and that of its first version.
const VALUED: &[&str] = &[
    "--ansi",
    "--context",
    "--env-file",
    "--file",
    "--host",
    "--log-level",
    "--parallel",
    "--profile",
    "--progress",
    "--project-directory",
    "--project-name",
    "-H",
    "-c",
    "-f",
    "-p",
];
const ALONE: &[&str] =
    &["--all-resources", "--compatibility", "--dry-run", "--no-ansi", "--tls", "--tlsverify", "--verbose"];

const SUBCOMMANDS: &[Subcommand] = &[
    of_all(
        "build",
        &["--build-arg", "--builder", "--memory", "--progress", "--provenance", "--sbom", "--ssh", "-m"],
        &["--check", "--force-rm", "--no-cache", "--no-rm", "--parallel", "--print", "--pull", "--push"],
    ),
    of_all("create", &["--pull", "--scale"], &["--build", "--force-recreate", "--no-build", "--no-recreate"]),
    of_one(
        "exec",
        &["--env", "--index", "--user", "--workdir", "-e", "-u", "-w"],
        &["--detach", "--no-TTY", "--no-tty", "--privileged"],
    ),
    of_all("kill", &["--signal", "-s"], &["--remove-orphans"]),
    of_all(
        "logs",
        &["--index", "--since", "--tail", "--until", "-n"],
        &["--follow", "--no-color", "--no-log-prefix", "--timestamps"],
    ),
    of_all("pause", &[], &[]),
    of_all(
        "pull",
        &["--policy"],
        &["--ignore-buildable", "--ignore-pull-failures", "--include-deps", "--no-parallel", "--parallel"],
    ),
    of_all("push", &[], &["--ignore-push-failures", "--include-deps"]),
    of_all("restart", &["--timeout", "-t"], &["--no-deps"]),
    of_all("rm", &[], &["--force", "--stop", "--volumes"]),
    of_one(
        "run",
        &[
            "--cap-add",
            "--cap-drop",
            "--entrypoint",
            "--env",
            "--env-from-file",
            "--label",
            "--name",
            "--publish",
            "--pull",
            "--user",
            "--volume",
            "--workdir",
            "-e",
            "-l",
            "-p",
            "-u",
            "-v",
            "-w",
        ],
        &[
            "--build",
            "--detach",
            "--interactive",
            "--no-TTY",
            "--no-deps",
            "--no-tty",
            "--quiet-build",
            "--quiet-pull",
            "--remove-orphans",
            "--rm",
            "--service-ports",
            "--use-aliases",
        ],
    ),
    of_all("start", &["--wait-timeout"], &["--wait"]),
    of_all("stop", &["--timeout", "-t"], &[]),
    of_all("unpause", &[], &[]),
    of_all(
        "up",
        &[
            "--attach",
            "--exit-code-from",
            "--no-attach",
            "--pull",
            "--scale",
            "--timeout",
            "--wait-timeout",
            "-t",
        ],
        &[
            "--abort-on-container-exit",
            "--abort-on-container-failure",
            "--always-recreate-deps",
            "--attach-dependencies",
            "--build",
            "--detach",
            "--force-recreate",
            "--menu",
            "--no-build",
            "--no-color",
            "--no-deps",
            "--no-log-prefix",
            "--no-recreate",
            "--no-start",
            "--quiet-build",
            "--quiet-pull",
            "--remove-orphans",
            "--renew-anon-volumes",
            "--timestamps",
            "--wait",
            "--watch",
            "--yes",
        ],
    ),
];

const fn of_all(
    name: &'static str,
    valued: &'static [&'static str],
    alone: &'static [&'static str],
) -> Subcommand {
    Subcommand { name, takes_one: false, valued, alone }
}

const fn of_one(
    name: &'static str,
    valued: &'static [&'static str],
    alone: &'static [&'static str],
) -> Subcommand {
    Subcommand { name, takes_one: true, valued, alone }
}

/// The calls in a text.
pub(crate) fn compose_calls(shell: &ShellText<'_>) -> Vec<ComposeCall> {
    let document = shell.document;
    // Which files are read may be said by a variable, too.
    let takes_default = !document.text.contains("COMPOSE_FILE");
    let calls = shell.located().into_iter().filter_map(|one| {
        let (files, services) = named(&one.command)?;
        if (files.is_empty() && !takes_default) || is_tolerated(shell.script(), one.command.span) {
            return None;
        }
        let stated = |word: &Word| Stated { value: word.text.clone(), at: shell.place(word.span) };
        let mut folders = vec![one.folder?];
        folders.extend(untold_folders(&document.path).map(str::to_owned));
        let services = services.into_iter().map(stated).collect();
        Some(ComposeCall { files, folders, services, may_be_made: false, scope: Scope::default() })
    });
    calls.collect()
}

/// The files that a command reads, none for those of the default names, and the services that it names; `None` where either
/// is not told.
fn named(command: &Command) -> Option<(Vec<String>, Vec<&Word>)> {
    let mut rest = match command.words.as_slice() {
        [docker, compose, rest @ ..] if docker.text == "docker" && compose.text == "compose" => rest,
        [compose, rest @ ..] if compose.text == "docker-compose" => rest,
        _ => return None,
    };
    let mut files = Vec::new();
    loop {
        let (word, after) = rest.split_first().filter(|(word, _)| word.literal)?;
        let (flag, attached) = split(&word.text);
        if !flag.starts_with('-') {
            rest = after;
            let subcommand = SUBCOMMANDS.iter().find(|subcommand| subcommand.name == flag)?;
            return Some((files, services(subcommand, rest)?));
        }
        let value = match attached {
            Some(value) => value,
            None if ALONE.contains(&flag) => {
                rest = after;
                continue;
            }
            None if VALUED.contains(&flag) => after.first()?.text.as_str(),
            None => return None,
        };
        if matches!(flag, "-f" | "--file") {
            files.push(Some(value).filter(|path| is_known_path(path))?.to_owned());
        }
        rest = if attached.is_some() { after } else { after.get(1..)? };
    }
}

/// `--file=x` as its two parts.
fn split(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
        _ => (word, None),
    }
}

/// The services among the arguments of a subcommand; `None` where an option is not known.
fn services<'w>(subcommand: &Subcommand, arguments: &'w [Word]) -> Option<Vec<&'w Word>> {
    let mut found = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        // A variable may hold options, or a service and its command.
        if !word.literal {
            return (!subcommand.takes_one).then_some(found);
        }
        let (flag, attached) = split(&word.text);
        if !flag.starts_with('-') {
            if !is_name(&word.text) {
                return None;
            }
            found.push(word);
            if subcommand.takes_one {
                return Some(found);
            }
        } else if takes_next(subcommand, flag)? && attached.is_none() {
            words.next()?;
        }
    }
    Some(found)
}

/// Whether an option takes the next word; `None` where it is not known.
fn takes_next(subcommand: &Subcommand, flag: &str) -> Option<bool> {
    if flag.starts_with("--") {
        let takes = subcommand.valued.contains(&flag);
        let is_common = matches!(flag, "--dry-run" | "--quiet");
        return (takes || is_common || subcommand.alone.contains(&flag)).then_some(takes);
    }
    // Several letters may stand together; the rest of the word is the value of one that takes any.
    let letters = flag.get(1..)?;
    let takes =
        letters.char_indices().find(|(_, letter)| subcommand.valued.contains(&format!("-{letter}").as_str()));
    Some(takes.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::named;

    fn told(text: &str) -> Option<(Vec<String>, Vec<String>)> {
        let script = shell::parse(text).tree;
        let (files, services) = named(script.commands.first()?)?;
        Some((files, services.into_iter().map(|word| word.text.clone()).collect()))
    }

    #[test]
    fn the_services_of_a_command() {
        for (text, files, services) in [
            ("docker compose run --rm -e A=b -uroot web pytest -x", &[][..], &["web"][..]),
            ("docker-compose -f ci.yml --file=b.yml run -dT --name n web sh", &["ci.yml", "b.yml"], &["web"]),
            ("docker compose --profile full up -d --scale web=2 -t 5 api worker", &[], &["api", "worker"]),
            ("docker compose logs -f --tail=10 api", &[], &["api"]),
            ("docker compose up", &[], &[]),
        ] {
            let expected = (
                files.iter().map(|file| (*file).to_owned()).collect(),
                services.iter().map(|service| (*service).to_owned()).collect(),
            );
            assert_eq!(told(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_told() {
        for text in [
            "docker compose -f $FILE up api",
            "docker compose run $OPTIONS api",
            "docker compose run --unheard api",
            "docker compose -f - up api",
            "docker compose config api",
            "docker compose up {api,web}",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
