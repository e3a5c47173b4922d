//! Here-documents: `<<EOF`, `<<-"EOF"`, `3<<EOF`, several on a line.

use source::Span;

use super::expand::{ExpandError, ExpandErrorKind, literal_words, raw_words};
use super::lines::{Line, Lines, Part, is_blank};
use super::{Command, Heredoc, Instruction, Kind};

impl Instruction {
    /// What the shell is given by a `RUN`, `CMD` or `ENTRYPOINT` in shell form. A `RUN` that is one here-document
    /// and nothing else is its text; otherwise here-documents follow the line as in a script.
    #[must_use]
    pub fn script(&self) -> Option<String> {
        let (Kind::Run(Command::Shell(text))
        | Kind::Cmd(Command::Shell(text))
        | Kind::Entrypoint(Command::Shell(text))) = &self.kind
        else {
            return None;
        };
        let first = self.heredocs.first().filter(|_| matches!(operator(&text.value), Ok(Some(_))));
        if let Some(first) = first {
            return Some(first.content.clone());
        }
        let mut script = text.value.clone();
        for heredoc in &self.heredocs {
            script.extend(["\n", &heredoc.content, &heredoc.name.value]);
        }
        Some(script)
    }
}

/// A here-document's operator and word, before its body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operator {
    /// The terminator: the word without quotes.
    name: String,
    expand: bool,
    strip_tabs: bool,
    fd: u32,
}

/// A word that is a here-document: digits, `<<` or `<<-`, blanks, and one word without `<`.
pub(super) fn operator(word: &str) -> Result<Option<Operator>, ExpandError> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (fd, rest) = word.split_at(digits);
    let Some(rest) = rest.strip_prefix("<<") else { return Ok(None) };
    let (rest, strip_tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let rest = rest.trim_start_matches(|c| c == '\n' || (is_blank(c) && c != '\u{b}'));
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let mut words = literal_words(rest, false)?.into_iter();
    let (Some(word), None) = (words.next(), words.next()) else { return Ok(None) };
    let quoted = literal_words(rest, true)?.into_iter().next().map_or(0, |word| quotes(&word.text));
    let expand = quotes(&word.text) == quoted;
    Ok(Some(Operator { name: word.text, expand, strip_tabs, fd: fd.parse().unwrap_or(0) }))
}

fn quotes(word: &str) -> usize {
    word.matches(['\'', '"']).count()
}

/// The here-documents of an instruction's logical line and the bytes of their operators. A line that cannot be
/// split into words, such as one with an apostrophe, has none. The escape character is always the backslash here.
pub(super) fn operators(line: Part<'_>) -> Result<Vec<(Span, Operator)>, ExpandError> {
    if !line.text().contains("<<") {
        return Ok(Vec::new());
    }
    let words = match raw_words(line.text()) {
        Ok(words) => words,
        Err(error) if error.kind == ExpandErrorKind::Limit => return Err(error),
        Err(_) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for word in words {
        if let Some(operator) = operator(&word.text)? {
            found.push((line.part(word.start..word.end).span(), operator));
        }
    }
    Ok(found)
}

/// A here-document's body, read from the lines that follow.
pub(super) struct Body {
    pub(super) heredoc: Heredoc,
    /// The byte after the terminator; `None` where the file ends before one.
    pub(super) terminator_end: Option<usize>,
}

/// Reads the body that ends at `operator`'s word.
pub(super) fn read_body(span: Span, operator: Operator, lines: &mut Lines<'_>) -> Body {
    let start = lines.offset();
    let mut end = start;
    let mut terminator_end = None;
    let mut content = String::new();
    for line in lines.by_ref() {
        if ends(&operator, line) {
            terminator_end = Some(line.trimmed_end());
            break;
        }
        end = line.start + line.full.len();
        let kept = if operator.strip_tabs { line.full.trim_start_matches('\t') } else { line.full };
        content.push_str(kept);
    }
    let Operator { name, expand, strip_tabs, fd } = operator;
    let name = crate::Spanned::new(name, span);
    let heredoc = Heredoc { name, body: Span::new(start, end), expand, strip_tabs, content, fd };
    Body { heredoc, terminator_end }
}

fn ends(operator: &Operator, line: Line<'_>) -> bool {
    let text = line.text();
    let text = if operator.strip_tabs { text.trim_start_matches('\t') } else { text };
    text == operator.name
}
