//! One logical line to one instruction.

use std::time::Duration;

use source::Span;

use super::flags::{RawFlag, Split, split};
use super::json::Json;
use super::lines::Part;
use super::suggest::nearest;
use super::{Command, Healthcheck, Instruction, Kind, flag_rules, health, heredoc, json, pairs};
use crate::{Spanned, SyntaxError};

/// The instructions, in capitals. Source: <https://docs.docker.com/reference/dockerfile/>.
pub const KEYWORDS: [&str; 18] = [
    "FROM",
    "RUN",
    "COPY",
    "ADD",
    "ARG",
    "ENV",
    "LABEL",
    "CMD",
    "ENTRYPOINT",
    "HEALTHCHECK",
    "WORKDIR",
    "USER",
    "EXPOSE",
    "VOLUME",
    "SHELL",
    "STOPSIGNAL",
    "MAINTAINER",
    "ONBUILD",
];

/// The first thing that is wrong with an instruction in each of the builder's two passes.
#[derive(Debug, Default)]
pub(super) struct Errors {
    grammar: Option<SyntaxError>,
    meaning: Option<SyntaxError>,
}

impl Errors {
    /// The words cannot be told apart. The builder finds this also inside `ONBUILD`.
    pub(super) fn grammar(&mut self, span: Span, message: impl Into<String>) {
        self.grammar.get_or_insert_with(|| SyntaxError { span, message: message.into() });
    }

    /// The words do not make an instruction.
    pub(super) fn meaning(&mut self, span: Span, message: impl Into<String>) {
        self.meaning.get_or_insert_with(|| SyntaxError { span, message: message.into() });
    }

    /// The one that the builder would name.
    pub(super) fn into_first(self) -> Option<SyntaxError> {
        self.grammar.or(self.meaning)
    }
}

/// An instruction without what only its surroundings tell: lines, comments, stage, bodies of here-documents.
pub(super) struct Read {
    pub(super) instruction: Instruction,
    pub(super) errors: Errors,
    /// Whether here-documents may follow it.
    pub(super) takes_heredocs: bool,
}

/// Reads an instruction from a logical line.
pub(super) fn read(line: Part<'_>, escape: char) -> Read {
    let Split { keyword, flags, arguments } = split(line, escape);
    let name = keyword.text().to_ascii_uppercase();
    let mut reader = Reader {
        name: &name,
        keyword,
        flags: &flags,
        arguments,
        escape,
        errors: Errors::default(),
        takes_heredocs: matches!(name.as_str(), "RUN" | "COPY" | "ADD"),
    };
    let kind = reader.kind().unwrap_or(Kind::Unknown);
    let unchecked =
        matches!(kind, Kind::Arg(_) | Kind::Stopsignal(_) | Kind::Healthcheck(None) | Kind::Unknown);
    if !unchecked {
        flag_rules::check(&name, &flags, escape, &mut reader.errors);
    }
    let Reader { errors, takes_heredocs, .. } = reader;
    let instruction = Instruction {
        keyword: keyword.holds(name),
        span: line.trim().span(),
        line: 0,
        end_line: 0,
        flags: flags.into_iter().map(|raw| raw.flag).collect(),
        arguments: arguments.verbatim(),
        kind,
        stage: None,
        heredocs: Vec::new(),
        comments: Vec::new(),
        empty_continuation: false,
    };
    Read { instruction, errors, takes_heredocs }
}

struct Reader<'r, 'l> {
    name: &'r str,
    keyword: Part<'l>,
    flags: &'r [RawFlag<'l>],
    arguments: Part<'l>,
    escape: char,
    errors: Errors,
    takes_heredocs: bool,
}

/// Functions that give an `Option` give `None` after an error that leaves nothing to keep.
impl Reader<'_, '_> {
    fn kind(&mut self) -> Option<Kind> {
        Some(match self.name {
            "FROM" => self.from(),
            "RUN" => Kind::Run(self.command(self.arguments)?),
            "COPY" => {
                let (sources, destination) = self.copied()?;
                Kind::Copy { sources, destination, from: self.flag("from") }
            }
            "ADD" => {
                let (sources, destination) = self.copied()?;
                Kind::Add { sources, destination, from: None }
            }
            "ARG" => Kind::Arg(pairs::arguments(self.arguments, self.escape, &mut self.errors)),
            "ENV" => Kind::Env(self.named_values()),
            "LABEL" => Kind::Label(self.named_values()),
            "CMD" => Kind::Cmd(self.command(self.arguments)?),
            "ENTRYPOINT" => Kind::Entrypoint(self.command(self.arguments)?),
            "HEALTHCHECK" => self.healthcheck()?,
            "WORKDIR" => Kind::Workdir(self.text()?),
            "USER" => Kind::User(self.text()?),
            "STOPSIGNAL" => Kind::Stopsignal(self.text()?),
            "MAINTAINER" => Kind::Maintainer(self.text()?),
            "EXPOSE" => Kind::Expose(self.ports()?),
            "VOLUME" => Kind::Volume(self.volumes()?),
            "SHELL" => Kind::Shell(self.shell()?),
            "ONBUILD" => Kind::Onbuild(Box::new(self.trigger()?)),
            _ => {
                self.unknown_keyword();
                return None;
            }
        })
    }

    fn unknown_keyword(&mut self) {
        let written = self.keyword.text();
        // Anything else may be the rest of a broken value, which must not get into a message.
        let is_word = written.len() <= 20 && written.bytes().all(|byte| byte.is_ascii_alphabetic());
        let message = match nearest(written, &KEYWORDS) {
            _ if written.is_empty() => {
                "an escape character continues a line that holds no instruction".to_owned()
            }
            Some(meant) if is_word => format!("`{written}` is not an instruction: did you mean {meant}?"),
            None if is_word => format!("`{written}` is not an instruction"),
            _ => "this line does not start with an instruction: does the one above miss its continuation?"
                .to_owned(),
        };
        self.errors.meaning(self.keyword.span(), message);
    }

    fn flag(&self, name: &str) -> Option<Spanned<String>> {
        let found = self.flags.iter().find(|raw| raw.flag.name.value == name)?;
        // An empty value is none to the builder.
        found.flag.value.clone().filter(|value| !value.value.is_empty())
    }

    fn named_values(&mut self) -> Vec<super::Pair> {
        pairs::named_values(self.name, self.arguments, self.escape, &mut self.errors)
    }

    fn from(&mut self) -> Kind {
        let words = self.arguments.split_at_blanks();
        let name = match words.as_slice() {
            [_] => None,
            [_, keyword, name] if keyword.text().eq_ignore_ascii_case("as") => {
                if !is_stage_name(name.text()) {
                    let rule = "use a letter first, then letters, digits, -, _ and .";
                    self.errors
                        .meaning(name.span(), format!("`{}` cannot name a stage: {rule}", name.text()));
                }
                Some(name.holds(name.text().to_lowercase()))
            }
            _ => {
                let message =
                    "FROM takes an image, or an image, AS and a name; a comment needs a line of its own";
                self.errors.meaning(self.arguments.span(), message);
                None
            }
        };
        let base = words.first().map_or_else(|| self.arguments.end().verbatim(), Part::verbatim);
        Kind::From { base, name, platform: self.flag("platform") }
    }

    fn command(&mut self, text: Part<'_>) -> Option<Command> {
        match json::read(text) {
            Json::Strings(words) => {
                self.takes_heredocs = false;
                Some(Command::Exec(words))
            }
            Json::Not => Some(Command::Shell(text.verbatim())),
            Json::NotStrings => self.not_strings(text),
        }
    }

    /// A JSON array of strings, or words between blanks.
    fn list(&mut self) -> Option<Vec<Spanned<String>>> {
        match json::read(self.arguments) {
            Json::Strings(words) => {
                self.takes_heredocs = false;
                Some(words)
            }
            Json::Not => Some(self.arguments.split_at_blanks().iter().map(Part::verbatim).collect()),
            Json::NotStrings => self.not_strings(self.arguments),
        }
    }

    fn not_strings<T>(&mut self, text: Part<'_>) -> Option<T> {
        self.takes_heredocs = false;
        self.errors
            .grammar(text.span(), "a JSON array may only hold strings here: put every element in \"quotes\"");
        None
    }

    fn copied(&mut self) -> Option<(Vec<Spanned<String>>, Spanned<String>)> {
        let is_heredoc = |word: &Spanned<String>| matches!(heredoc::operator(&word.value), Ok(Some(_)));
        let mut words = self.list()?;
        let destination = words.pop();
        let Some(destination) = destination.filter(|_| !words.is_empty()) else {
            let message = format!("{} needs at least one source and a destination", self.name);
            self.errors.meaning(self.arguments.span(), message);
            return None;
        };
        if is_heredoc(&destination) {
            let message = format!("{} needs a path as its last argument, not a here-document", self.name);
            self.errors.meaning(destination.span, message);
        }
        words.retain(|word| !is_heredoc(word));
        Some((words, destination))
    }

    fn text(&mut self) -> Option<Spanned<String>> {
        if self.arguments.is_empty() {
            self.errors.meaning(self.keyword.span(), format!("{} needs an argument", self.name));
            return None;
        }
        Some(self.arguments.verbatim())
    }

    fn ports(&mut self) -> Option<Vec<Spanned<String>>> {
        let ports = self.arguments.split_at_blanks().iter().map(Part::verbatim).collect();
        self.at_least_one(ports)
    }

    fn volumes(&mut self) -> Option<Vec<Spanned<String>>> {
        let mut paths = self.list()?;
        for path in &mut paths {
            path.value = path.value.trim().to_owned();
            if path.value.is_empty() {
                self.errors.meaning(path.span, "a VOLUME must not be an empty path");
            }
        }
        self.at_least_one(paths)
    }

    fn shell(&mut self) -> Option<Vec<Spanned<String>>> {
        match self.command(self.arguments)? {
            Command::Shell(text) if !text.value.is_empty() => {
                let message = "SHELL must be a JSON array, such as [\"/bin/bash\", \"-c\"]";
                self.errors.meaning(text.span, message);
                None
            }
            Command::Shell(_) => self.at_least_one(Vec::new()),
            Command::Exec(words) => self.at_least_one(words),
        }
    }

    fn at_least_one<T>(&mut self, words: Vec<T>) -> Option<Vec<T>> {
        if words.is_empty() {
            self.errors.meaning(self.keyword.span(), format!("{} needs at least one argument", self.name));
            return None;
        }
        Some(words)
    }

    /// The instruction inside an `ONBUILD`. The builder looks at its meaning only when it is triggered.
    fn trigger(&mut self) -> Option<Instruction> {
        if self.arguments.is_empty() {
            self.errors.meaning(self.keyword.span(), "ONBUILD needs an instruction");
            return None;
        }
        let (inner, _) = self.arguments.split_at_blank();
        // Not read any further, so that no chain of them can go deep.
        if inner.text().eq_ignore_ascii_case("ONBUILD") {
            self.errors.meaning(inner.span(), "ONBUILD cannot hold another ONBUILD");
            return None;
        }
        let read = read(self.arguments, self.escape);
        self.takes_heredocs = read.takes_heredocs;
        self.errors.grammar = read.errors.grammar;
        if let name @ ("FROM" | "MAINTAINER") = read.instruction.keyword.value.as_str() {
            self.errors.meaning(inner.span(), format!("ONBUILD cannot hold {name}"));
        }
        Some(read.instruction)
    }

    fn healthcheck(&mut self) -> Option<Kind> {
        let (kind, rest) = self.arguments.split_at_space();
        match kind.text().to_ascii_uppercase().as_str() {
            "CMD" => {}
            "NONE" if rest.is_empty() => return Some(Kind::Healthcheck(None)),
            "NONE" => {
                self.errors.meaning(rest.span(), "HEALTHCHECK NONE takes nothing after it");
                return Some(Kind::Healthcheck(None));
            }
            "" => {
                self.errors.meaning(self.keyword.span(), "HEALTHCHECK needs CMD and a command, or NONE");
                return None;
            }
            _ => {
                self.errors.meaning(kind.span(), "HEALTHCHECK needs CMD or NONE here");
                return None;
            }
        }
        let command = self.command(rest)?;
        let empty = match &command {
            Command::Exec(words) => words.is_empty(),
            Command::Shell(text) => text.value.is_empty(),
        };
        if empty {
            self.errors.meaning(self.arguments.span(), "a command is missing after HEALTHCHECK CMD");
            return None;
        }
        Some(Kind::Healthcheck(Some(Healthcheck {
            command,
            interval: self.duration("interval"),
            timeout: self.duration("timeout"),
            start_period: self.duration("start-period"),
            start_interval: self.duration("start-interval"),
            retries: self.setting("retries", health::retries),
        })))
    }

    fn duration(&mut self, name: &str) -> Option<Spanned<Duration>> {
        self.setting(name, health::duration)
    }

    fn setting<T>(&mut self, name: &str, read: fn(&str) -> Result<T, String>) -> Option<Spanned<T>> {
        let text = self.flag(name)?;
        match read(&text.value) {
            Ok(value) => Some(Spanned::new(value, text.span)),
            Err(message) => {
                self.errors.meaning(text.span, format!("--{name}: {message}"));
                None
            }
        }
    }
}

/// A letter, then letters, digits, `-`, `_` and `.`.
fn is_stage_name(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(rest)
}
