//! Where to go on after an argument or block that could not be read.

use source::Span;

use super::lexer::{Kind, Lexer, begins_identifier};
use super::parser::{Parser, error};
use super::tree::{Block, Body};

/// How many times the length of the text may be read again after errors.
const MAX_READ_AGAIN: usize = 4;

/// What a byte may stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// A bracket, with its closing byte.
    Bracket(u8),
    /// A quoted string.
    Quotes,
    /// `${…}` or `%{…}` of a quoted string.
    Sequence,
}

impl Parser<'_> {
    /// Goes behind the item that begins at `start`: to the end of its line, and over the lines that its brackets
    /// span. Where these do not match, to the next line that looks like an item and is not indented more.
    pub(super) fn skip_item(&mut self, start: usize) {
        self.skip(start, &[]);
    }

    /// Goes behind the `}` of a body.
    pub(super) fn skip_body(&mut self, open: Span) {
        self.skip(open.end, &[Inside::Bracket(b'}')]);
    }

    /// Takes out of a block that is not closed what is indented no more than the block itself.
    pub(super) fn not_indented(&self, block: &mut Block) -> Body {
        let limit = self.column(block.span.start);
        let is_inside = |span: Span| self.column(span.start) > limit;
        let (inside, attributes) = std::mem::take(&mut block.body.attributes)
            .into_iter()
            .partition(|argument| is_inside(argument.span));
        let (blocks_inside, blocks) =
            std::mem::take(&mut block.body.blocks).into_iter().partition(|inner| is_inside(inner.span));
        block.body = Body { attributes: inside, blocks: blocks_inside };
        Body { attributes, blocks }
    }

    /// How many bytes stand before this place on its line.
    fn column(&self, at: usize) -> usize {
        let before = self.lexer.text.get(..at).unwrap_or("");
        at - before.rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn skip(&mut self, start: usize, within: &[Inside]) {
        let is_in_comment = self.lexer.peek().kind == Kind::OpenComment;
        let matched = if self.swallowed || is_in_comment {
            Some(self.lexer.text.len())
        } else if self.unbalanced {
            None
        } else {
            end_of_brackets(&self.lexer, start, within)
        };
        self.unbalanced |= matched.is_none();
        let next = matched.unwrap_or_else(|| next_item(&self.lexer, start));
        self.go_back_to(next);
    }

    /// Goes on at `next`, unless too much was read twice already.
    fn go_back_to(&mut self, next: usize) {
        let end = self.lexer.text.len();
        self.read_again += self.lexer.at.saturating_sub(next);
        self.lexer.at = if self.read_again > MAX_READ_AGAIN * end { end } else { next };
        self.lexer.end = self.lexer.at;
        if self.lexer.at > next {
            self.note(error(Span::at(next), "the rest is not read: too many brackets before are not closed"));
        }
    }
}

/// The first newline outside of brackets, or the `}` that closes what is around; with brackets given to begin
/// with, behind the one that closes them. `None` where brackets do not match.
fn end_of_brackets(lexer: &Lexer<'_>, start: usize, within: &[Inside]) -> Option<usize> {
    let mut inside = within.to_vec();
    let mut at = start;
    while let Some(byte) = lexer.byte(at) {
        if inside.last() == Some(&Inside::Quotes) {
            at = in_quotes(lexer, at, &mut inside);
            continue;
        }
        match opaque(lexer, at) {
            Opaque::No => {}
            Opaque::Until(end) => {
                at = end;
                continue;
            }
            Opaque::ToTheEnd => return Some(lexer.text.len()),
        }
        match byte {
            b'\n' | b'}' if inside.is_empty() => return Some(at),
            b'"' => inside.push(Inside::Quotes),
            b'(' => inside.push(Inside::Bracket(b')')),
            b'[' => inside.push(Inside::Bracket(b']')),
            b'{' => inside.push(Inside::Bracket(b'}')),
            b')' | b']' | b'}' if !inside.is_empty() => {
                let closed = inside.pop()?;
                if closed != Inside::Bracket(byte) && !(byte == b'}' && closed == Inside::Sequence) {
                    return None;
                }
                if inside.is_empty() && !within.is_empty() {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    inside.is_empty().then_some(at)
}

/// Whether brackets mean nothing from here on.
enum Opaque {
    No,
    /// A comment or heredoc ends here.
    Until(usize),
    /// A comment or heredoc is not closed.
    ToTheEnd,
}

fn opaque(lexer: &Lexer<'_>, at: usize) -> Opaque {
    let end = match (lexer.byte(at), lexer.byte(at + 1)) {
        (Some(b'#'), _) | (Some(b'/'), Some(b'/')) => Some(lexer.end_of_line(at)),
        (Some(b'/'), Some(b'*')) => lexer.end_of_comment(at),
        (Some(b'<'), Some(b'<')) => match lexer.heredoc_marker(at) {
            Some(marker) => end_of_heredoc(lexer, marker),
            None => return Opaque::No,
        },
        _ => return Opaque::No,
    };
    end.map_or(Opaque::ToTheEnd, Opaque::Until)
}

/// One step inside a quoted string, which ends with its line.
fn in_quotes(lexer: &Lexer<'_>, at: usize, inside: &mut Vec<Inside>) -> usize {
    let next = lexer.byte(at + 1);
    match lexer.byte(at) {
        Some(b'"') => {
            inside.pop();
            at + 1
        }
        Some(b'\n') => {
            inside.pop();
            at
        }
        Some(b'\\') if next != Some(b'\n') => at + 2,
        Some(sign @ (b'$' | b'%')) if next == Some(sign) && lexer.byte(at + 2) == Some(b'{') => at + 3,
        Some(b'$' | b'%') if next == Some(b'{') => {
            inside.push(Inside::Sequence);
            at + 2
        }
        _ => at + 1,
    }
}

/// The end of the line that holds nothing but the marker.
fn end_of_heredoc(lexer: &Lexer<'_>, marker: Span) -> Option<usize> {
    let mut at = lexer.end_of_line(marker.end);
    while at < lexer.text.len() {
        let start = at + 1;
        at = lexer.end_of_line(start);
        if Span::new(start, at).of(lexer.text).trim() == marker.of(lexer.text) {
            return Some(at);
        }
    }
    None
}

/// The next line that begins an item and is indented no more than the line of `start`, or ends a body and is
/// indented less.
fn next_item(lexer: &Lexer<'_>, start: usize) -> usize {
    let text = lexer.text;
    let before = text.get(..start).unwrap_or("");
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let limit = indentation(text, line);
    let mut at = lexer.end_of_line(start);
    while at < text.len() {
        let line = at + 1;
        let indentation = indentation(text, line);
        let first = line + indentation;
        let closes = lexer.byte(first) == Some(b'}') && indentation < limit;
        if closes || indentation <= limit && begins_item(lexer, first) {
            return first;
        }
        at = lexer.end_of_line(first);
    }
    text.len()
}

fn indentation(text: &str, line: usize) -> usize {
    let rest = text.get(line..).unwrap_or("");
    rest.len() - rest.trim_start_matches([' ', '\t']).len()
}

/// Whether `name =`, `name {` or `name "` stands here.
fn begins_item(lexer: &Lexer<'_>, at: usize) -> bool {
    let after_name = lexer.end_of_identifier(at);
    let rest = lexer.text.get(after_name..).unwrap_or("").trim_start_matches([' ', '\t']);
    let sets = rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
    let opens = rest.starts_with(['{', '"']) || rest.starts_with(begins_identifier);
    after_name > at && (sets || opens)
}
