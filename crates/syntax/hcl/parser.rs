//! Bodies, arguments and blocks.

use std::collections::HashMap;

use source::{LineIndex, Span, without_bom};

use super::lexer::{Kind, Lexer, Token};
use super::tree::{Attribute, Block, Body, Expression};
use crate::{Parsed, Spanned, SyntaxError};

/// How deep blocks, brackets and templates may be nested. Real files stay under 20.
pub(super) const MAX_DEPTH: usize = 128;

/// More errors than this are not told: a file that is no HCL at all has one on every line.
const MAX_ERRORS: usize = 200;

/// What was read, or the error that ends the argument or block it stands in.
pub(super) type Read<T> = Result<T, SyntaxError>;

/// Reads a text from its beginning to its end.
#[derive(Debug)]
pub(super) struct Parser<'t> {
    pub(super) lexer: Lexer<'t>,
    lines: LineIndex,
    errors: Vec<SyntaxError>,
    depth: usize,
    /// A heredoc or comment without its end has swallowed the rest of the text.
    pub(super) swallowed: bool,
    /// Brackets were found not to match, so that items are told apart by their indentation from here on.
    pub(super) unbalanced: bool,
    /// End of file inside a block.
    unclosed: bool,
    /// How many bytes were read in vain and had to be read again.
    pub(super) read_again: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            lexer: Lexer::new(text, without_bom(text).1),
            lines: LineIndex::new(text),
            errors: Vec::new(),
            depth: 0,
            swallowed: false,
            unbalanced: false,
            unclosed: false,
            read_again: 0,
        }
    }

    pub(super) fn file(mut self) -> Parsed<Body> {
        let tree = self.body(None);
        self.errors.sort_by_key(|error| error.span.start);
        Parsed { tree, errors: self.errors }
    }

    /// Notes an error that does not end what it stands in.
    pub(super) fn note(&mut self, error: SyntaxError) {
        match self.errors.len() {
            0..MAX_ERRORS => self.errors.push(error),
            MAX_ERRORS => {
                let message = "there are more errors from here on; mend those above first".to_owned();
                self.errors.push(SyntaxError { span: error.span, message });
            }
            _ => {}
        }
    }

    /// Reads something that may hold itself.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.check_depth(0)?;
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Whether `more` levels may be added to those that are open.
    pub(super) fn check_depth(&mut self, more: usize) -> Read<()> {
        if self.depth + more < MAX_DEPTH {
            return Ok(());
        }
        let message = format!("is nested too deep: up to {MAX_DEPTH} levels are read");
        Err(SyntaxError { span: self.lexer.peek().span, message })
    }

    /// Reads with newlines as tokens, or as blanks.
    pub(super) fn with_newlines<T>(&mut self, newlines: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.lexer.newlines, newlines);
        let result = read(self);
        self.lexer.newlines = before;
        result
    }

    pub(super) fn word(&self, span: Span) -> Spanned<String> {
        Spanned::new(span.of(self.lexer.text).to_owned(), span)
    }

    /// Reads up to the `}` that belongs to `open`, or to the end of the text.
    fn body(&mut self, open: Option<Span>) -> Body {
        let mut body = Body::default();
        let mut keys = HashMap::new();
        let errors_before = self.errors.len();
        loop {
            let token = self.lexer.peek();
            match (token.kind, open) {
                (Kind::Newline, _) => {
                    self.lexer.next();
                }
                (Kind::Identifier, _) => self.item(&mut body, &mut keys),
                (Kind::Symbol("}"), Some(_)) => {
                    self.lexer.next();
                    return body;
                }
                (Kind::End, None) => return body,
                (Kind::End, Some(open)) => {
                    self.unclosed = true;
                    // An error inside may be what hides the brace.
                    if self.errors.len() == errors_before {
                        self.note(error(open, "this block is not closed; its `}` is missing"));
                    }
                    return body;
                }
                _ => self.no_item(token),
            }
        }
    }

    fn no_item(&mut self, token: Token) {
        let message = match token.kind {
            Kind::Quote => "the name of an argument stands without quotes: `name = value`",
            Kind::OpenComment => "this comment is not closed; its `*/` is missing",
            Kind::Symbol("}") => "no block is open that this `}` could close",
            _ => "an argument (`name = value`) or a block (`name { … }`) must begin here",
        };
        self.note(error(token.span, message));
        if token.kind == Kind::Symbol("}") {
            self.lexer.next();
        } else {
            self.skip_item(token.span.start);
        }
    }

    fn item(&mut self, body: &mut Body, keys: &mut HashMap<&'t str, u32>) {
        let name = self.lexer.next().span;
        let read = match self.lexer.peek().kind {
            Kind::Symbol("=") => self.argument(name).map(|argument| self.keep(argument, body, keys)),
            Kind::Symbol("{") | Kind::Quote | Kind::Identifier => {
                self.block(name).map(|block| self.keep_block(block, body, keys))
            }
            _ => Err(error(name, "is neither an argument (`name = value`) nor a block (`name { … }`)")),
        };
        if let Err(error) = read {
            self.note(error);
            self.skip_item(name.start);
        } else {
            self.end_of_item();
        }
    }

    /// Puts an argument in its body, unless its key is already there.
    fn keep(&mut self, argument: Attribute, body: &mut Body, keys: &mut HashMap<&'t str, u32>) {
        let key = &argument.key;
        if let Some(first) = keys.get(key.value.as_str()) {
            let message = format!("`{}` is already set on line {first}; remove one of the two", key.value);
            self.note(SyntaxError { span: key.span, message });
        } else {
            keys.insert(key.span.of(self.lexer.text), argument.line);
            body.attributes.push(argument);
        }
    }

    /// Puts a block in its body. Of one that is not closed, what is not indented belongs behind it.
    fn keep_block(&mut self, mut block: Block, body: &mut Body, keys: &mut HashMap<&'t str, u32>) {
        let outside = if self.unclosed { self.not_indented(&mut block) } else { Body::default() };
        body.blocks.push(block);
        body.blocks.extend(outside.blocks);
        for argument in outside.attributes {
            self.keep(argument, body, keys);
        }
    }

    /// Reads `= value` after a name.
    fn argument(&mut self, name: Span) -> Read<Attribute> {
        self.lexer.next();
        let value = self.expression()?;
        let span = name.to(Span::at(self.lexer.end));
        Ok(Attribute { key: self.word(name), value, span, line: self.lines.line(name.start) })
    }

    fn end_of_item(&mut self) {
        let token = self.lexer.peek();
        let message = match token.kind {
            Kind::Newline | Kind::End => return,
            Kind::Symbol(",") => "arguments are separated by newlines, not by commas",
            _ => "a newline must stand between this and what goes before",
        };
        self.note(error(token.span, message));
        if token.kind != Kind::Identifier || !self.begins_block() {
            self.skip_item(token.span.start);
        }
    }

    /// Whether the text goes on with `name {` or `name "`.
    fn begins_block(&mut self) -> bool {
        let name = self.lexer.peek().span;
        let mut ahead = Lexer::new(self.lexer.text, name.end);
        matches!(ahead.peek().kind, Kind::Quote | Kind::Symbol("{"))
    }

    /// Reads `"label" { … }` after a name.
    fn block(&mut self, name: Span) -> Read<Block> {
        let mut labels = Vec::new();
        let open = loop {
            let token = self.lexer.peek();
            match token.kind {
                Kind::Symbol("{") => break self.lexer.next().span,
                Kind::Quote => labels.push(self.label()?),
                Kind::Identifier => {
                    self.lexer.next();
                    labels.push(self.word(token.span));
                }
                Kind::Newline => self.brace_on_next_line(token.span)?,
                Kind::Symbol("=") => {
                    return Err(error(token.span, "`=` belongs to an argument, whose name is one word"));
                }
                _ => return Err(error(token.span, "expected a label in quotes or the `{` of the block")),
            }
        };
        let body = self.nested(|parser| {
            Ok(match parser.lexer.peek().kind {
                Kind::Newline | Kind::End | Kind::Symbol("}") => parser.body(Some(open)),
                _ => parser.one_line_body(open),
            })
        })?;
        let span = name.to(Span::at(self.lexer.end));
        Ok(Block { kind: self.word(name), labels, body, span, line: self.lines.line(name.start) })
    }

    /// A label in quotes; its span is inside of them.
    fn label(&mut self) -> Read<Spanned<String>> {
        let label = self.quoted()?;
        match label.value {
            Expression::String(text) => Ok(text),
            _ => Err(error(
                label.span,
                "a label may not hold `${` or `%{`; double the `$` or `%` for the text",
            )),
        }
    }

    /// A header whose `{` stands on a line of its own is an error, and the block is read all the same.
    fn brace_on_next_line(&mut self, newline: Span) -> Read<()> {
        let wrong = error(newline, "a block begins with `{` on the line of its name");
        self.with_newlines(false, |parser| {
            if parser.lexer.peeks("{") {
                parser.note(wrong);
                parser.lexer.at = parser.lexer.peek().span.start;
                return Ok(());
            }
            Err(wrong)
        })
    }

    /// Reads `name = value }` on the line of the block's `{`.
    fn one_line_body(&mut self, open: Span) -> Body {
        let mut body = Body::default();
        let read = self.only_argument(&mut body).and_then(|()| self.end_of_one_line_body(open));
        if let Err(error) = read {
            self.note(error);
            self.skip_body(open);
        }
        body
    }

    fn only_argument(&mut self, body: &mut Body) -> Read<()> {
        let name = self.lexer.peek();
        if name.kind != Kind::Identifier {
            return Err(error(name.span, "an argument (`name = value`) must stand here"));
        }
        self.lexer.next();
        if !self.lexer.peeks("=") {
            let message = "a block on one line holds a single argument (`name = value`) and no block";
            return Err(error(name.span, message));
        }
        body.attributes.push(self.argument(name.span)?);
        Ok(())
    }

    fn end_of_one_line_body(&mut self, open: Span) -> Read<()> {
        let token = self.lexer.peek();
        let message = match token.kind {
            Kind::Symbol("}") => {
                self.lexer.next();
                return Ok(());
            }
            Kind::End => return Err(error(open, "this block is not closed; its `}` is missing")),
            Kind::Symbol(",") => "a block on one line holds a single argument; give each a line of its own",
            Kind::Newline => "a block with an argument on its first line ends on that line; give each a line",
            _ => "a block on one line ends with `}` after its argument",
        };
        Err(error(token.span, message))
    }
}

pub(super) fn error(span: Span, message: &str) -> SyntaxError {
    SyntaxError { span, message: message.to_owned() }
}
