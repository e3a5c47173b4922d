//! What a template is put together from.

use source::Span;

use super::parser::{Parser, Read, error};
use super::tree::{Expression, Template, TemplatePart};
use crate::Spanned;

/// What stands in a template, in a row.
#[derive(Debug)]
pub(super) enum Piece {
    Literal(Spanned<String>),
    Interpolation(Spanned<Expression>),
    If(Spanned<Expression>),
    For { names: Vec<Spanned<String>>, collection: Spanned<Expression> },
    Else,
    EndIf,
    EndFor,
}

/// The pieces of one template, with their places.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    list: Vec<(Piece, Span)>,
    /// The sequence before ended with `~`: blanks at the beginning of the text after it are cut.
    cuts_next: bool,
}

impl Pieces {
    pub(super) fn text(&mut self, text: &str, span: Span) {
        if span.is_empty() {
            return;
        }
        let text = if self.cuts_next { text.trim_start() } else { text };
        self.cuts_next = false;
        self.list.push((Piece::Literal(Spanned::new(text.to_owned(), span)), span));
    }

    /// Adds a `${…}` or `%{…}`, and whether it ends with `~`.
    pub(super) fn sequence(&mut self, piece: Piece, span: Span, cuts_next: bool) {
        self.list.push((piece, span));
        self.cuts_next = cuts_next;
    }

    /// Cuts the blanks at the end of the text before.
    pub(super) fn cut_previous(&mut self) {
        if let Some((Piece::Literal(text), _)) = self.list.last_mut() {
            text.value.truncate(text.value.trim_end().len());
        }
    }

    /// Cuts from each line of a `<<-` heredoc the blanks that all its lines have; empty lines do not count, and a
    /// line that begins with a sequence has none.
    pub(super) fn cut_indentation(&mut self) {
        let mut begins_line = true;
        let mut lines = Vec::new();
        let mut common = usize::MAX;
        for (piece, _) in &mut self.list {
            let Piece::Literal(text) = piece else {
                common = if begins_line { 0 } else { common };
                begins_line = false;
                continue;
            };
            let ends_line = text.value.ends_with('\n');
            let is_empty = ends_line && text.value.trim_start().is_empty();
            if begins_line && !is_empty {
                common = common.min(text.value.chars().take_while(|c| c.is_whitespace()).count());
                lines.push(&mut text.value);
            }
            begins_line = ends_line;
        }
        for line in lines {
            *line = line.chars().skip(common).collect();
        }
    }
}

impl Parser<'_> {
    /// Puts the pieces of a template together; `end` is where it ends.
    pub(super) fn assembled(&mut self, pieces: Pieces, inner: Span, end: Span) -> Read<Expression> {
        let mut assembly = Assembly::default();
        for (piece, span) in pieces.list {
            if matches!(piece, Piece::If(_) | Piece::For { .. }) {
                self.check_depth(assembly.open.len())?;
            }
            assembly.add(piece).map_err(|message| error(span, message))?;
        }
        if assembly.open.is_empty() {
            return Ok(finished(assembly.parts, inner));
        }
        Err(error(end, "the `endif` or `endfor` of a `%{…}` is missing before the end of this string"))
    }
}

#[derive(Default)]
struct Assembly {
    parts: Vec<TemplatePart>,
    /// The directives that wait for their end.
    open: Vec<Open>,
}

enum Open {
    If { condition: Spanned<Expression>, then: Vec<TemplatePart>, otherwise: Option<Vec<TemplatePart>> },
    For { names: Vec<Spanned<String>>, collection: Spanned<Expression>, parts: Vec<TemplatePart> },
}

impl Assembly {
    fn add(&mut self, piece: Piece) -> Result<(), &'static str> {
        match piece {
            Piece::Literal(text) => push_text(self.here(), text),
            Piece::Interpolation(value) => self.here().push(TemplatePart::Interpolation(value)),
            Piece::If(condition) => {
                self.open.push(Open::If { condition, then: Vec::new(), otherwise: None });
            }
            Piece::For { names, collection } => {
                self.open.push(Open::For { names, collection, parts: Vec::new() });
            }
            Piece::Else => match self.open.last_mut() {
                Some(Open::If { otherwise: otherwise @ None, .. }) => *otherwise = Some(Vec::new()),
                _ => return Err("there is no `%{if …}` that this `else` could belong to"),
            },
            Piece::EndIf => match self.open.pop() {
                Some(Open::If { condition, then, otherwise }) => {
                    let otherwise = otherwise.unwrap_or_default();
                    self.here().push(TemplatePart::If { condition, then, otherwise });
                }
                _ => return Err("there is no `%{if …}` that this `endif` could end"),
            },
            Piece::EndFor => match self.open.pop() {
                Some(Open::For { names, collection, parts }) => {
                    self.here().push(TemplatePart::For { names, collection, parts });
                }
                _ => return Err("there is no `%{for …}` that this `endfor` could end"),
            },
        }
        Ok(())
    }

    /// Where the next part goes.
    fn here(&mut self) -> &mut Vec<TemplatePart> {
        match self.open.last_mut() {
            None => &mut self.parts,
            Some(Open::If { otherwise: Some(parts), .. } | Open::For { parts, .. }) => parts,
            Some(Open::If { then, .. }) => then,
        }
    }
}

/// Adds text, to the text before where there is some.
fn push_text(parts: &mut Vec<TemplatePart>, text: Spanned<String>) {
    if let Some(TemplatePart::Literal(before)) = parts.last_mut() {
        before.value.push_str(&text.value);
        before.span = before.span.to(text.span);
    } else {
        parts.push(TemplatePart::Literal(text));
    }
}

/// A template without references is a string.
fn finished(mut parts: Vec<TemplatePart>, inner: Span) -> Expression {
    match parts.pop() {
        None => Expression::String(Spanned::new(String::new(), inner)),
        Some(TemplatePart::Literal(text)) if parts.is_empty() => {
            Expression::String(Spanned::new(text.value, inner))
        }
        Some(last) => {
            parts.push(last);
            Expression::Template(Template { parts, inner })
        }
    }
}
