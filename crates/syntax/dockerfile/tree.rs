//! What a Dockerfile holds.

use std::ops::Range;
use std::time::Duration;

use source::Span;

use crate::Spanned;

/// A Dockerfile. Spans are bytes of the text that was read; words that run over continued lines have a span
/// from their first to their last byte, the continuation between them included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dockerfile {
    /// The parser directives (`# syntax=`, `# escape=`, `# check=`), in order.
    pub directives: Vec<Directive>,
    /// All instructions in order, also those before the first `FROM` and those with errors.
    pub instructions: Vec<Instruction>,
    /// The stages, one for every `FROM`.
    pub stages: Vec<Stage>,
    /// The escape character: a backslash, or the backtick that `# escape=` asked for.
    pub escape: char,
}

impl Default for Dockerfile {
    fn default() -> Self {
        Self { directives: Vec::new(), instructions: Vec::new(), stages: Vec::new(), escape: '\\' }
    }
}

impl Dockerfile {
    /// The stage that a `--from=` value or a `--target` names: its number, or its name in any case. Of several
    /// stages with one name it is the last. `None`: an image, or a number that does not exist.
    ///
    /// A `FROM` does not look a stage up like this, nor does a mount; see [`scope::base_stages`](super::scope::base_stages) and
    /// [`scope::reachable_stages`](super::scope::reachable_stages).
    #[must_use]
    pub fn stage(&self, reference: &str) -> Option<usize> {
        if let Ok(index) = reference.parse::<usize>() {
            return (index < self.stages.len()).then_some(index);
        }
        let wanted = reference.to_lowercase();
        self.stages.iter().rposition(|stage| stage.name.as_ref().is_some_and(|name| name.value == wanted))
    }

    /// The instructions of a stage, its `FROM` first; none where there is no such stage.
    pub fn instructions_of(&self, stage: usize) -> impl Iterator<Item = (usize, &Instruction)> {
        let range = self.stages.get(stage).map_or(0..0, |stage| stage.instructions.clone());
        let start = range.start;
        let instructions = self.instructions.get(range).unwrap_or_default();
        instructions.iter().enumerate().map(move |(at, instruction)| (start + at, instruction))
    }
}

/// A parser directive: a comment at the top of the file that the builder obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// `syntax`, `escape` or `check`, in lower case.
    pub name: Spanned<String>,
    /// What stands after the `=`, without blanks around it.
    pub value: Spanned<String>,
    /// 1-based line.
    pub line: u32,
}

/// A build stage: a `FROM` and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The name after `AS` in lower case, as the builder keeps it; the span is the name as written.
    pub name: Option<Spanned<String>>,
    /// What it starts from, as written: an image, an earlier stage, `scratch`, with variables unexpanded. Empty
    /// where the `FROM` names nothing, which is an error.
    pub base: Spanned<String>,
    /// The value of `--platform`, unexpanded.
    pub platform: Option<Spanned<String>>,
    /// Its number, from 0, which `--from=0` means.
    pub index: usize,
    /// Its instructions in [`Dockerfile::instructions`], the `FROM` itself first.
    pub instructions: Range<usize>,
    /// 1-based line of the `FROM`.
    pub line: u32,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The keyword in upper case; the span is the keyword as written.
    pub keyword: Spanned<String>,
    /// From the keyword to the last byte, continued lines and here-documents included.
    pub span: Span,
    /// 1-based line of the keyword's logical line: where `BuildKit` says that the instruction starts.
    pub line: u32,
    /// 1-based last line, the terminator of the last here-document included.
    pub end_line: u32,
    /// The flags between the keyword and the arguments, in order; also unknown ones, which are errors.
    pub flags: Vec<Flag>,
    /// Everything after keyword and flags as the builder joins it: continuations, comment lines and empty lines
    /// inside it are gone, blanks around it too.
    pub arguments: Spanned<String>,
    /// What the arguments mean.
    pub kind: Kind,
    /// The stage it belongs to; `None` before the first `FROM`.
    pub stage: Option<usize>,
    /// The here-documents of a `RUN`, `COPY` or `ADD`, in order. Those of an `ONBUILD` belong to its inner
    /// instruction.
    pub heredocs: Vec<Heredoc>,
    /// The comment lines above, as far as the builder keeps them: since the last instruction or the last empty
    /// comment, without the first `#` and the blanks around. Blank lines between do not matter.
    pub comments: Vec<Spanned<String>>,
    /// Whether an empty line stands inside the continued line, of which the builder warns.
    pub empty_continuation: bool,
}

impl Instruction {
    /// The first flag of that name, given without `--`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name.value == name)
    }

    /// The value of the first flag of that name.
    #[must_use]
    pub fn flag_value(&self, name: &str) -> Option<&Spanned<String>> {
        self.flag(name)?.value.as_ref()
    }
}

/// A flag of an instruction, such as `--from=build`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its name without the `--`.
    pub name: Spanned<String>,
    /// What stands after `=`, its quotes and escapes resolved as the builder does, variables unexpanded.
    pub value: Option<Spanned<String>>,
}

/// The instructions by what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `FROM`: the same facts as in its [`Stage`].
    From {
        /// What the stage starts from, unexpanded.
        base: Spanned<String>,
        /// The stage's name in lower case.
        name: Option<Spanned<String>>,
        /// The value of `--platform`.
        platform: Option<Spanned<String>>,
    },
    /// `ARG`: names, with a default or without.
    Arg(Vec<Pair>),
    /// `ENV`: always with values.
    Env(Vec<Pair>),
    /// `LABEL`: always with values.
    Label(Vec<Pair>),
    /// `COPY`.
    Copy {
        /// The paths, unexpanded; here-documents are in [`Instruction::heredocs`].
        sources: Vec<Spanned<String>>,
        /// Where they go, unexpanded.
        destination: Spanned<String>,
        /// The value of `--from`: a stage or an image. `None`: the build context.
        from: Option<Spanned<String>>,
    },
    /// `ADD`.
    Add {
        /// The paths and URLs, unexpanded; here-documents are in [`Instruction::heredocs`].
        sources: Vec<Spanned<String>>,
        /// Where they go, unexpanded.
        destination: Spanned<String>,
        /// Always `None`: an `ADD` has no `--from`.
        from: Option<Spanned<String>>,
    },
    /// `RUN`.
    Run(Command),
    /// `CMD`.
    Cmd(Command),
    /// `ENTRYPOINT`.
    Entrypoint(Command),
    /// `HEALTHCHECK`; `None` is `HEALTHCHECK NONE`.
    Healthcheck(Option<Healthcheck>),
    /// `WORKDIR`: the path, unexpanded.
    Workdir(Spanned<String>),
    /// `USER`: the user and group, unexpanded.
    User(Spanned<String>),
    /// `EXPOSE`: the ports in their order, unexpanded.
    Expose(Vec<Spanned<String>>),
    /// `VOLUME`: the paths, unexpanded.
    Volume(Vec<Spanned<String>>),
    /// `SHELL`: the program and its arguments.
    Shell(Vec<Spanned<String>>),
    /// `STOPSIGNAL`: the signal, unexpanded.
    Stopsignal(Spanned<String>),
    /// `MAINTAINER`.
    Maintainer(Spanned<String>),
    /// `ONBUILD`: what a stage or an image that is built `FROM` this one does first. The builder reads the inner
    /// instruction only then, so it may be [`Kind::Unknown`] without an error.
    Onbuild(Box<Instruction>),
    /// A keyword that does not exist, or arguments that the builder refuses: the errors say which.
    Unknown,
}

/// A name and its value in `ARG`, `ENV` and `LABEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name as written, quotes and variables included.
    pub key: Spanned<String>,
    /// The value as written: quotes, escapes and variables are left to [`expand`](super::expand::expand()).
    /// `None` only in an `ARG` without a default.
    pub value: Option<Spanned<String>>,
    /// Both, with what stands between them.
    pub span: Span,
    /// Whether it is the old form `ENV name value`, in which the value is the rest of the line.
    pub legacy: bool,
}

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A JSON array: run as it stands, without a shell. A span is that between the string's quotes.
    Exec(Vec<Spanned<String>>),
    /// Anything else, a broken JSON array included: given to the shell. Empty where nothing stands there.
    Shell(Spanned<String>),
}

/// The command of a `HEALTHCHECK` and its settings. `None` is the engine's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run.
    pub command: Command,
    /// `--interval`; zero asks for the default.
    pub interval: Option<Spanned<Duration>>,
    /// `--timeout`; zero asks for the default.
    pub timeout: Option<Spanned<Duration>>,
    /// `--start-period`; zero asks for the default.
    pub start_period: Option<Spanned<Duration>>,
    /// `--start-interval`; zero asks for the default.
    pub start_interval: Option<Spanned<Duration>>,
    /// `--retries`; zero asks for the default.
    pub retries: Option<Spanned<u32>>,
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it, without quotes; in `COPY` and `ADD` also the name of the file that it becomes. The
    /// span is the redirection as written: `3<<-"EOF"`.
    pub name: Spanned<String>,
    /// Its lines, without the terminator's line.
    pub body: Span,
    /// Whether `COPY` and `ADD` expand variables in it: no part of the word was quoted.
    pub expand: bool,
    /// Whether tabs at the start of its lines are dropped: `<<-`.
    pub strip_tabs: bool,
    /// Its text as it arrives, the dropped tabs gone, variables unexpanded.
    pub content: String,
    /// The number before `<<`; 0 where there is none.
    pub fd: u32,
}
