//! Where a scalar's own bytes lie.

use source::Span;

use super::Style;

/// The places of one scalar.
pub(super) struct Found {
    /// With quotes, or from `|`.
    pub(super) span: Span,
    /// What a fix may replace.
    pub(super) inner: Span,
    /// How many lines the span begins above the place that the parser gave.
    pub(super) lines_above: u32,
}

/// The places of the scalar that the parser found `at`; the token before it ended at `after`.
pub(super) fn of(text: &str, at: Span, style: Style, after: usize) -> Found {
    match style {
        Style::Plain => Found { span: at, inner: at, lines_above: 0 },
        Style::SingleQuoted | Style::DoubleQuoted => Found { span: at, inner: unquoted(at), lines_above: 0 },
        Style::Literal | Style::Folded => block(text, at, after),
    }
}

fn unquoted(at: Span) -> Span {
    if at.len() < 2 { at } else { Span::new(at.start + 1, at.end - 1) }
}

/// The parser gives a block scalar from its first character to the next token's indentation.
fn block(text: &str, at: Span, after: usize) -> Found {
    let content = at.of(text).trim_end();
    let inner = Span::new(at.start, at.start + content.len());
    let Some(header) = header(text, after, at.start) else {
        return Found { span: inner, inner, lines_above: 0 };
    };
    let between = Span::new(header, at.start).of(text);
    let lines_above = u32::try_from(between.matches('\n').count()).unwrap_or(0);
    if inner.is_empty() {
        let end = header + between.lines().next().unwrap_or("").trim_end().len();
        return Found { span: Span::new(header, end), inner: Span::at(end), lines_above };
    }
    Found { span: Span::new(header, inner.end), inner, lines_above }
}

/// The `|` or `>` between two places, comments left out.
fn header(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    for line in text.get(from..to)?.split_inclusive('\n') {
        let code = line.find('#').map_or(line, |comment| line.get(..comment).unwrap_or(line));
        if let Some(found) = code.find(['|', '>']) {
            return Some(at + found);
        }
        at += line.len();
    }
    None
}
