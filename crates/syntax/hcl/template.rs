//! Strings and heredocs.

use memchr::memchr2;
use source::Span;

use super::lexer::Kind;
use super::parser::{Parser, Read, error};
use super::pieces::{Piece, Pieces};
use super::tree::Expression;
use crate::{Spanned, SyntaxError};

impl Parser<'_> {
    /// Reads a string with its quotes.
    pub(super) fn quoted(&mut self) -> Read<Spanned<Expression>> {
        let open = self.lexer.next().span;
        let mut pieces = Pieces::default();
        let close = self.pieces_of_quoted(open, &mut pieces)?;
        self.lexer.at = close + 1;
        self.lexer.end = close + 1;
        let inner = Span::new(open.end, close);
        let value = self.assembled(pieces, inner, Span::new(close, close + 1))?;
        Ok(self.since(open, value))
    }

    /// Reads up to the closing quote and gives its place.
    fn pieces_of_quoted(&mut self, open: Span, pieces: &mut Pieces) -> Read<usize> {
        let mut text = String::new();
        let mut from = self.lexer.at;
        loop {
            let at = self.end_of_plain_text(self.lexer.at);
            text.push_str(Span::new(self.lexer.at, at).of(self.lexer.text));
            self.lexer.at = at;
            match self.lexer.byte(at) {
                Some(b'"') => {
                    pieces.text(&text, Span::new(from, at));
                    return Ok(at);
                }
                Some(b'\\') if at + 1 < self.lexer.text.len() && self.lexer.newline(at + 1) == 0 => {
                    self.escape(&mut text);
                }
                Some(sign @ (b'$' | b'%')) => match self.sequence_at(at) {
                    Sequence::Escaped => {
                        text.push(char::from(sign));
                        text.push('{');
                        self.lexer.at = at + 3;
                    }
                    Sequence::None => {
                        text.push(char::from(sign));
                        self.lexer.at = at + 1;
                    }
                    Sequence::Begins => {
                        pieces.text(&std::mem::take(&mut text), Span::new(from, at));
                        self.sequence(pieces)?;
                        from = self.lexer.at;
                    }
                },
                found => return Err(unclosed_string(open, at, found)),
            }
        }
    }

    /// The next byte in a string that may be more than text.
    fn end_of_plain_text(&self, from: usize) -> usize {
        let rest = self.lexer.text.as_bytes().get(from..).unwrap_or_default();
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r');
        rest.iter().position(special).map_or(self.lexer.text.len(), |length| from + length)
    }

    fn sequence_at(&self, at: usize) -> Sequence {
        let next = self.lexer.byte(at + 1);
        if next == Some(b'{') {
            Sequence::Begins
        } else if next == self.lexer.byte(at) && self.lexer.byte(at + 2) == Some(b'{') {
            Sequence::Escaped
        } else {
            Sequence::None
        }
    }

    /// Reads `\n`, `\u00e9` and the like. A wrong one is noted and taken as text.
    fn escape(&mut self, text: &mut String) {
        let start = self.lexer.at;
        let rest = self.lexer.text.get(start + 1..).unwrap_or("");
        let Some(selector) = rest.chars().next() else { return };
        let digits = match selector {
            'u' => hexadecimal(rest, 4),
            'U' => hexadecimal(rest, 8),
            _ => "",
        };
        self.lexer.at = start + 1 + selector.len_utf8() + digits.len();
        let expected_digits = if selector == 'u' { 4 } else { 8 };
        let character = match selector {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '"' | '\\' => Some(selector),
            'u' | 'U' if digits.len() == expected_digits => {
                u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
            }
            _ => None,
        };
        if character.is_none() {
            let message =
                "is no escape; known are \\n \\r \\t \\\" \\\\ \\u with 4 and \\U with 8 hexadecimal digits";
            self.note(error(Span::new(start, self.lexer.at), message));
        }
        text.push(character.unwrap_or(selector));
    }

    /// Reads a heredoc with its markers.
    pub(super) fn heredoc(&mut self) -> Read<Spanned<Expression>> {
        let open = self.lexer.next().span;
        let marker = self.lexer.heredoc_marker(open.start).unwrap_or(open);
        let is_indented = self.lexer.byte(open.start + 2) == Some(b'-');
        let mut pieces = Pieces::default();
        let (start, end) = self.pieces_of_heredoc(marker, &mut pieces)?;
        self.lexer.at = end;
        self.lexer.end = end;
        if is_indented {
            pieces.cut_indentation();
        }
        let value = self.assembled(pieces, Span::new(open.end, start), Span::new(start, end))?;
        Ok(self.since(open, value))
    }

    /// Reads up to the closing marker and gives its line.
    fn pieces_of_heredoc(&mut self, marker: Span, pieces: &mut Pieces) -> Read<(usize, usize)> {
        let text = self.lexer.text;
        let mut end_of_line = self.lexer.end_of_line(self.lexer.at);
        let mut at_start_of_line = true;
        loop {
            let at = self.lexer.at;
            if at > end_of_line {
                end_of_line = self.lexer.end_of_line(at);
            }
            if end_of_line == text.len() {
                self.swallowed = true;
                return Err(no_closing_marker(marker, text));
            }
            let line = Span::new(at, end_of_line).of(text);
            if at_start_of_line && line.trim() == marker.of(text) {
                return Ok((at, at + line.trim_end_matches('\r').len()));
            }
            let stop = self.text_of_heredoc(end_of_line, pieces);
            at_start_of_line = stop > end_of_line;
            self.no_lone_return(Span::new(at, stop))?;
            self.lexer.at = stop;
            if !at_start_of_line {
                self.sequence(pieces)?;
            }
        }
    }

    /// A `\r` is part of a newline or an error.
    fn no_lone_return(&self, span: Span) -> Read<()> {
        let text = span.of(self.lexer.text);
        let text = text.strip_suffix("\r\n").unwrap_or(text);
        match text.find('\r') {
            None => Ok(()),
            Some(at) => {
                let at = Span::at(span.start + at);
                Err(error(
                    at,
                    "a carriage return stands here without a newline; write `\\r` in a quoted string",
                ))
            }
        }
    }

    /// Takes the text up to the next sequence of the line, or up to its end with the newline.
    fn text_of_heredoc(&self, end_of_line: usize, pieces: &mut Pieces) -> usize {
        let start = self.lexer.at;
        let source = self.lexer.text.as_bytes();
        let mut text = String::new();
        let (mut from, mut at) = (start, start);
        loop {
            let sign = source.get(at..end_of_line).and_then(|rest| memchr2(b'$', b'%', rest));
            let Some(sign) = sign.map(|length| at + length) else { break };
            match self.sequence_at(sign) {
                Sequence::Begins => {
                    text.push_str(Span::new(from, sign).of(self.lexer.text));
                    pieces.text(&text, Span::new(start, sign));
                    return sign;
                }
                Sequence::Escaped => {
                    text.push_str(Span::new(from, sign).of(self.lexer.text));
                    from = sign + 1;
                    at = sign + 3;
                }
                Sequence::None => at = sign + 1,
            }
        }
        text.push_str(Span::new(from, end_of_line + 1).of(self.lexer.text));
        pieces.text(&text, Span::new(start, end_of_line + 1));
        end_of_line + 1
    }

    /// Reads `${…}` or `%{…}`.
    fn sequence(&mut self, pieces: &mut Pieces) -> Read<()> {
        let start = self.lexer.at;
        let is_directive = self.lexer.byte(start) == Some(b'%');
        self.lexer.at = start + 2;
        if self.lexer.byte(start + 2) == Some(b'~') {
            self.lexer.at = start + 3;
            pieces.cut_previous();
        }
        self.with_newlines(false, |parser| {
            let piece =
                if is_directive { parser.directive()? } else { Piece::Interpolation(parser.expression()?) };
            let close = parser.lexer.peek();
            if !matches!(close.kind, Kind::Symbol("}" | "~}")) {
                return Err(unclosed_sequence(start, close.span, close.kind));
            }
            parser.lexer.next();
            pieces.sequence(piece, Span::new(start, close.span.end), close.kind == Kind::Symbol("~}"));
            Ok(())
        })
    }

    fn directive(&mut self) -> Read<Piece> {
        let word = self.lexer.peek();
        if word.kind != Kind::Identifier {
            return Err(error(word.span, "expected if, else, endif, for or endfor after `%{`"));
        }
        self.lexer.next();
        match word.span.of(self.lexer.text) {
            "if" => Ok(Piece::If(self.expression()?)),
            "else" => Ok(Piece::Else),
            "endif" => Ok(Piece::EndIf),
            "for" => {
                let names = self.names_after_for()?;
                Ok(Piece::For { names, collection: self.expression()? })
            }
            "endfor" => Ok(Piece::EndFor),
            _ => Err(error(word.span, "expected if, else, endif, for or endfor after `%{`")),
        }
    }
}

/// What stands at a `$` or `%`.
enum Sequence {
    /// `${`.
    Begins,
    /// `$${`, which stands for `${`.
    Escaped,
    None,
}

fn hexadecimal(rest: &str, most: usize) -> &str {
    let digits = rest.bytes().skip(1).take(most).take_while(u8::is_ascii_hexdigit).count();
    rest.get(1..=digits).unwrap_or("")
}

fn unclosed_string(open: Span, at: usize, found: Option<u8>) -> SyntaxError {
    if found.is_none() {
        return error(Span::new(open.start, at), "this string is not closed; its `\"` is missing");
    }
    let message =
        "a string in quotes ends on its line: either its `\"` is missing, or write `\\n` for the newline";
    error(Span::new(at, at + 1), message)
}

fn no_closing_marker(marker: Span, text: &str) -> SyntaxError {
    let marker = marker.of(text);
    let message =
        format!("this heredoc is not closed; `{marker}` must stand alone on a line, with a newline after it");
    SyntaxError { span: Span::at(text.len()), message }
}

fn unclosed_sequence(start: usize, found: Span, kind: Kind) -> SyntaxError {
    let message = "expected `}` to end this; for a literal `${` (as in a shell script) write `$${`";
    match kind {
        Kind::End | Kind::Quote => error(Span::new(start, start + 2), message),
        _ => error(found, message),
    }
}
