//! The records that a script becomes.

use source::Span;

use crate::{Spanned, SyntaxError};

/// The simple commands of a script, in the order of the text, and the compound commands around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// Every simple command, those of substitutions included.
    pub commands: Vec<Command>,
    /// Conditions, loops, functions and groups.
    pub blocks: Vec<Block>,
    /// The first thing for which every shell refuses to run what follows; `None` also where that is not certain.
    pub refused: Option<SyntaxError>,
}

/// One simple command: assignments, words, redirections. Only assignments: they hold for the script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The program and its arguments. `export A=b` is the words `export` and `A=b`; [`Script::assignments`] knows.
    pub words: Vec<Word>,
    /// `A=b` before the words.
    pub assignments: Vec<Assignment>,
    /// `> file`, `<<EOF`, in any position.
    pub redirects: Vec<Redirect>,
    /// First to last byte, a here-document's body not included.
    pub span: Span,
    /// 1-based line of the first byte.
    pub line: u32,
    /// What stands between the command before it and this one.
    pub operator_before: OperatorBefore,
    /// Whether its exit status is what an `if`, `elif`, `while` or `until` asks.
    pub in_condition: bool,
    /// Whether its exit status is turned round by `!`.
    pub negated: bool,
    /// The function in whose body it stands.
    pub function: Option<String>,
}

/// What stands between two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OperatorBefore {
    /// Nothing: the first of a script, group, branch or substitution.
    #[default]
    Start,
    /// `|` or `|&`.
    Pipe,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `;`.
    Semicolon,
    /// The end of a line.
    Newline,
    /// `&`.
    Background,
}

/// One word after quote removal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// Quotes and continuations removed, expansions left as written: `$NAME`, `${NAME:-x}`, `$(cmd)`, `${{ x }}`.
    pub text: String,
    /// The word as written, quotes included.
    pub span: Span,
    /// 1-based line of the first byte.
    pub line: u32,
    /// The variables that are expanded in it.
    pub references: Vec<Reference>,
    /// Whether any part of it was quoted.
    pub quoted: bool,
    /// Whether nothing in it is expanded: `text` is the value. Globs and braces count as literal.
    pub literal: bool,
    /// Where runs of `text` come from: (offset in `text`, offset in the source), ascending.
    pub(super) origins: Vec<(usize, usize)>,
}

/// A variable in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name: `NAME`, `1`, `@`; the inside of `${{ ... }}` without blanks around it.
    pub name: String,
    /// The expansion as written, `$` included.
    pub span: Span,
    /// What is done with it.
    pub form: ReferenceForm,
}

/// What an expansion does with its variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceForm {
    /// `$NAME`, `${NAME}`.
    Plain,
    /// `${NAME:-text}` and `${NAME-text}`, also with `=`: the text stands in when the variable is absent.
    Default(Spanned<String>),
    /// `${NAME:?text}`: its absence ends the script.
    Required,
    /// `${NAME:+text}`, `${NAME%x}`, `${#NAME}` and the like.
    Other,
    /// `${{ expression }}`: filled in by GitHub Actions before a shell sees the text.
    Template,
}

/// `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: Spanned<String>,
    /// What it gets.
    pub value: AssignmentValue,
    /// Whether it is added to what the variable holds: `+=`.
    pub append: bool,
    /// Name to value.
    pub span: Span,
}

/// The right side of an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignmentValue {
    /// One word; empty in `A=`.
    Word(Word),
    /// `(a b c)`.
    Array(Vec<Word>),
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// As written, file descriptor included: `>`, `2>`, `&>>`, `<<-`.
    pub operator: Spanned<String>,
    /// The file, descriptor or here-document delimiter.
    pub target: Word,
    /// The body of a here-document, its delimiter line not included. Its `literal` is true where the delimiter was
    /// quoted.
    pub heredoc: Option<Word>,
}

/// A compound command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Which.
    pub kind: BlockKind,
    /// The words of its head: `x in a b` of a `for`, the word of a `case`, the name of a function.
    pub head: Vec<Word>,
    /// From its first keyword to its last; to the end of the text where that is missing.
    pub span: Span,
    /// 1-based line of the first byte.
    pub line: u32,
}

/// The kinds of compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// `if ... fi`.
    If,
    /// `for` or `select`.
    For,
    /// `while`.
    While,
    /// `until`.
    Until,
    /// `case ... esac`.
    Case,
    /// `name() { ... }`.
    Function,
    /// `{ ... }`.
    Group,
    /// `( ... )`.
    Subshell,
}

impl Script {
    /// Every assignment with whether it is exported: bare ones, those of `export`, `declare`, `local`, `readonly`.
    /// Assignments before a program's name hold for that program alone and are not among them.
    pub fn assignments(&self) -> impl Iterator<Item = (Assignment, bool)> {
        self.commands.iter().flat_map(Command::lasting_assignments)
    }
}

impl Command {
    /// The program's name as written, the first word; `None` where there are only assignments.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.words.first().map(|word| word.text.as_str())
    }

    fn lasting_assignments(&self) -> Vec<(Assignment, bool)> {
        let Some(name) = self.name() else {
            return self.assignments.iter().map(|assignment| (assignment.clone(), false)).collect();
        };
        let exported = name == "export";
        if !exported && !matches!(name, "declare" | "typeset" | "local" | "readonly") {
            return Vec::new();
        }
        let exported = exported || self.words.iter().any(|word| is_export_flag(&word.text));
        self.words
            .iter()
            .skip(1)
            .filter_map(Word::as_assignment)
            .map(|assignment| (assignment, exported))
            .collect()
    }
}

/// `-x`, alone or among others, of `declare`.
fn is_export_flag(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|flags| flags.contains('x'))
}

impl Word {
    /// A word without quotes or expansions: `text` as it stands in `span`.
    #[must_use]
    pub fn plain(text: &str, span: Span, line: u32) -> Self {
        let origins = vec![(0, span.start)];
        Self {
            text: text.to_owned(),
            span,
            line,
            references: Vec::new(),
            quoted: false,
            literal: true,
            origins,
        }
    }

    /// The bytes in the source that `text[start..end]` was read from, quotes around them not included.
    #[must_use]
    pub fn source(&self, start: usize, end: usize) -> Span {
        let first = self.origin(start);
        if end <= start {
            return Span::at(first);
        }
        let last = self.text.floor_char_boundary(end - 1);
        let width = self.text.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let end = (self.origin(last) + width).min(self.span.end.max(first));
        Span::new(first, end.max(first))
    }

    /// The byte in the source that the byte at `at` of `text` was read from.
    fn origin(&self, at: usize) -> usize {
        let run = self.origins.partition_point(|(text, _)| *text <= at);
        match run.checked_sub(1).and_then(|run| self.origins.get(run)) {
            Some((text, source)) => source + (at - text),
            None => self.span.start,
        }
    }

    /// The word's text from `from` on, as a word of its own.
    #[must_use]
    pub fn tail(&self, from: usize) -> Self {
        let span = Span::new(self.origin(from).min(self.span.end), self.span.end);
        let text = self.text.get(from..).unwrap_or("").to_owned();
        let mut origins = vec![(0, span.start)];
        origins.extend(
            self.origins.iter().filter(|(text, _)| *text > from).map(|(text, at)| (text - from, *at)),
        );
        let references = self.references.iter().filter(|reference| reference.span.start >= span.start);
        Self { text, span, origins, references: references.cloned().collect(), ..*self }
    }

    /// The text and where it stands, quotes included.
    #[must_use]
    pub fn spanned(&self) -> Spanned<String> {
        Spanned::new(self.text.clone(), self.span)
    }

    /// `NAME=value` in one word, as `export` takes it.
    #[must_use]
    pub fn as_assignment(&self) -> Option<Assignment> {
        let equals = self.text.find('=')?;
        let name = self.text.get(..equals)?;
        let (name, append) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        if !is_name(name) {
            return None;
        }
        Some(Assignment {
            name: Spanned::new(name.to_owned(), self.source(0, name.len())),
            value: AssignmentValue::Word(self.tail(equals + 1)),
            append,
            span: self.span,
        })
    }
}

/// Whether a text is a variable's name.
pub(super) fn is_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.bytes().next().is_some_and(letter) && text.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}
