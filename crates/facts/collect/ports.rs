//! The ports that Dockerfiles state.

use source::Span;
use syntax::Spanned;
use syntax::dockerfile::scope::stage_chain;
use syntax::dockerfile::{self, Command, Dockerfile, Kind};

use crate::compose_service::Stated;
use crate::images::ReadDockerfile;
use crate::ports::{DockerfilePorts, StatedPort};
use crate::record::Document;

/// The ports of a Dockerfile's last stage.
#[must_use]
pub(crate) fn of_dockerfile(read: &ReadDockerfile) -> Option<DockerfilePorts> {
    let dockerfile = &read.parsed.tree;
    let last = dockerfile.stages.len().checked_sub(1)?;
    let mut ports = DockerfilePorts {
        dockerfile: read.document.path.to_string(),
        listens: None,
        exposes: Vec::new(),
        health: None,
        health_path: None,
        has_health_check: dockerfile
            .instructions
            .iter()
            .any(|instruction| matches!(instruction.kind, Kind::Healthcheck(Some(_)))),
        base: base(dockerfile, last),
        variable: None,
        start: start(read, last),
        written_at: None,
    };
    for stage in stage_chain(dockerfile, last, &|_| None).into_iter().rev() {
        for (_, instruction) in dockerfile.instructions_of(stage) {
            match &instruction.kind {
                Kind::Cmd(command) | Kind::Entrypoint(command) => {
                    // An entry point without a port leaves it to the command.
                    ports.listens = listening(&read.document, command).or(ports.listens.take());
                }
                Kind::Expose(list) => {
                    ports.exposes.extend(list.iter().filter_map(|port| exposed(&read.document, port)));
                }
                Kind::Healthcheck(check) => {
                    ports.health = check.as_ref().and_then(|check| asked(&read.document, &check.command));
                    ports.health_path =
                        check.as_ref().and_then(|check| asked_path(&read.document, &check.command));
                }
                Kind::Env(pairs) => {
                    for pair in pairs.iter().filter(|pair| pair.key.value == "PORT") {
                        ports.variable = pair.value.as_ref().and_then(|value| plain(&read.document, value));
                    }
                }
                _ => {}
            }
        }
    }
    Some(ports)
}

/// The words that the last stage starts a container with.
fn start(read: &ReadDockerfile, stage: usize) -> Vec<Stated<String>> {
    let dockerfile = &read.parsed.tree;
    let (mut entrypoint, mut command) = (Vec::new(), Vec::new());
    // The shell form of ENTRYPOINT takes no arguments.
    let mut takes_command = true;
    for stage in stage_chain(dockerfile, stage, &|_| None).into_iter().rev() {
        let mut has_own_command = false;
        for (_, instruction) in dockerfile.instructions_of(stage) {
            let stated = |written| {
                let words = words(&read.document, written).into_iter();
                words
                    .map(|(word, at)| Stated { value: word.to_owned(), at: read.document.place(at) })
                    .collect()
            };
            match &instruction.kind {
                Kind::Entrypoint(written) => {
                    entrypoint = stated(written);
                    takes_command = matches!(written, Command::Exec(_));
                    // An ENTRYPOINT makes the CMD of its base void.
                    if !has_own_command {
                        command.clear();
                    }
                }
                Kind::Cmd(written) => (command, has_own_command) = (stated(written), true),
                _ => {}
            }
        }
    }
    if takes_command {
        entrypoint.append(&mut command);
    }
    entrypoint
}

/// The image that a stage starts from in the end, as written.
fn base(dockerfile: &Dockerfile, stage: usize) -> Option<String> {
    let root = *stage_chain(dockerfile, stage, &|_| None).last()?;
    dockerfile.stages.get(root).map(|stage| stage.base.value.clone())
}

/// The ports of a Dockerfile that stands as a text in another file.
#[must_use]
pub(crate) fn of_text(document: &Document, span: Span) -> Option<DockerfilePorts> {
    // As written, so that its lines are those of the file; an escaped backslash before a line end still joins lines.
    let text = document.slice(span).to_owned();
    let parsed = dockerfile::parse(&text);
    let read = ReadDockerfile { document: Document::new(&document.path, text), parsed };
    let mut ports = of_dockerfile(&read)?;
    let stated = [&mut ports.listens, &mut ports.health, &mut ports.variable].into_iter().flatten();
    for stated in stated.chain(&mut ports.exposes) {
        stated.at = document.place(stated.at.span.shifted(span.start));
    }
    for word in &mut ports.start {
        word.at = document.place(word.at.span.shifted(span.start));
    }
    if let Some(path) = &mut ports.health_path {
        path.at = document.place(path.at.span.shifted(span.start));
    }
    ports.written_at = Some(document.place(span));
    Some(ports)
}

fn plain(document: &Document, value: &Spanned<String>) -> Option<StatedPort> {
    let port = value.value.trim_matches(['"', '\'']).parse().ok()?;
    Some(StatedPort { port, is_default: false, at: document.place(value.span) })
}

fn exposed(document: &Document, value: &Spanned<String>) -> Option<StatedPort> {
    let (number, is_default) = port_of(value.value.split('/').next()?)?;
    Some(StatedPort { port: number, is_default, at: document.place(value.span) })
}

/// The words of a command, each with its place.
fn words<'d>(document: &'d Document, command: &'d Command) -> Vec<(&'d str, Span)> {
    let texts: Vec<(&str, Span)> = match command {
        Command::Exec(list) => list.iter().map(|word| (word.value.as_str(), word.span)).collect(),
        Command::Shell(text) => vec![(text.value.as_str(), text.span)],
    };
    let is_blank = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';');
    let mut words = Vec::new();
    for (text, span) in texts {
        // Where the text stands as written, a word has a place of its own.
        let source = document.slice(span);
        let mut from = 0;
        for word in text.split(is_blank).filter(|word| !word.is_empty() && *word != "\\") {
            let found = source.get(from..).and_then(|rest| rest.find(word)).map(|at| from + at);
            let place = found.map_or(span, |at| Span::new(span.start + at, span.start + at + word.len()));
            from = found.map_or(from, |at| at + word.len());
            words.push((word, place));
        }
    }
    words
}

/// `--port 8000`, `--bind 0.0.0.0:${PORT:-8000}`.
fn listening(document: &Document, command: &Command) -> Option<StatedPort> {
    let words = words(document, command);
    let mut found = Vec::new();
    for (index, (word, span)) in words.iter().enumerate() {
        let next = words.get(index + 1);
        let value = match *word {
            "--port" | "--server.port" => next.map(|(next, span)| (*next, *span)),
            "--bind" | "-b" | "--http" => {
                next.and_then(|(next, span)| Some((next.rsplit_once("0.0.0.0:")?.1, *span)))
            }
            _ => {
                let inline = word.strip_prefix("--port=").or_else(|| word.strip_prefix("--bind=0.0.0.0:"));
                inline.map(|value| (value, *span))
            }
        };
        let stated = value.and_then(|(value, span)| Some((port_of(value)?, span)));
        found.extend(stated.map(|((port, is_default), span)| StatedPort {
            port,
            is_default,
            at: document.place(span),
        }));
    }
    // Several servers in one container are told apart by nobody.
    found.dedup_by(|one, other| one.port == other.port);
    if found.len() == 1 { found.pop() } else { None }
}

/// The port that a health check asks on its own host.
fn asked(document: &Document, command: &Command) -> Option<StatedPort> {
    let own = |(word, span)| Some((after_own_host(word)?, span));
    let (after, span) = words(document, command).into_iter().find_map(own)?;
    let (port, is_default) = port_of(after)?;
    Some(StatedPort { port, is_default, at: document.place(span) })
}

/// The path that a health check asks on its own host.
fn asked_path(document: &Document, command: &Command) -> Option<Stated<String>> {
    let own = |(word, span)| Some((after_own_host(word)?, span));
    let (after, span) = words(document, command).into_iter().find_map(own)?;
    Some(Stated { value: path_of(after)?, at: document.place(span) })
}

/// The path in what follows a host: `/health` of `8000/health?full=1`; `None` for the root, and where it is not known.
#[must_use]
pub(crate) fn path_of(after: &str) -> Option<String> {
    let path = after.get(after.find('/')?..)?;
    let end = path.find(['?', '#', ')', ',', '\\']).unwrap_or(path.len());
    let path = path.get(..end)?.trim_end_matches('/');
    let is_known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '-' | '_' | '.');
    (path.len() > 1 && path.chars().all(is_known)).then(|| path.to_owned())
}

/// What follows the own host in a word, such as the URL of a probe: `8000/health`.
#[must_use]
pub(crate) fn after_own_host(word: &str) -> Option<&str> {
    let hosts = ["localhost:", "127.0.0.1:", "0.0.0.0:"];
    hosts.iter().find_map(|host| Some(word.split_once(host)?.1))
}

/// The number that a text begins with, or the default of `${PORT:-8000}`; whether it is a default.
#[must_use]
pub(crate) fn port_of(text: &str) -> Option<(u16, bool)> {
    if let Some(rest) = text.strip_prefix("${") {
        let (_, default) = rest.split('}').next()?.split_once('-')?;
        return default.parse().ok().map(|port| (port, true));
    }
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let after = text.get(digits..)?;
    if !(after.is_empty() || after.starts_with(['/', '?', ')', ',', '\\'])) {
        return None;
    }
    text.get(..digits)?.parse().ok().filter(|port| *port > 0).map(|port| (port, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_follows_the_port() {
        for (after, path) in [
            ("8000/health", Some("/health")),
            ("${PORT:-8000}/api/ready/?full=1", Some("/api/ready")),
            ("8000/", None),
            ("8000", None),
            ("8000/$CHECK", None),
        ] {
            assert_eq!(path_of(after).as_deref(), path, "{after}");
        }
    }

    #[test]
    fn a_port_is_a_number_or_a_default() {
        assert_eq!(port_of("8000"), Some((8000, false)));
        assert_eq!(port_of("8000/health"), Some((8000, false)));
        assert_eq!(port_of("${PORT:-8001}"), Some((8001, true)));
        assert_eq!(
            (port_of("$PORT"), port_of("${PORT}"), port_of("8000x"), port_of("")),
            (None, None, None, None)
        );
    }
}
