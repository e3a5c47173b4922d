//! Lists, objects and what makes them from others.

use source::Span;

use super::lexer::{Kind, Token};
use super::parser::{Parser, Read, error};
use super::tree::{Expression, For, ObjectItem};
use crate::Spanned;

impl Parser<'_> {
    pub(super) fn array(&mut self) -> Read<Spanned<Expression>> {
        let open = self.lexer.next().span;
        let value = self.with_newlines(false, |parser| {
            if parser.lexer.takes_word("for") {
                return parser.for_expression("]");
            }
            Ok(Expression::Array(parser.items(open)?))
        })?;
        Ok(self.since(open, value))
    }

    /// Reads up to and with `]`.
    fn items(&mut self, open: Span) -> Read<Vec<Spanned<Expression>>> {
        let mut items = Vec::new();
        while !self.lexer.takes("]") {
            items.push(self.expression()?);
            let token = self.lexer.peek();
            match token.kind {
                Kind::Symbol("]") => {}
                Kind::Symbol(",") => {
                    self.lexer.next();
                }
                Kind::End => return Err(error(open, "this list is not closed; its `]` is missing")),
                _ => return Err(error(token.span, "expected `,` or `]` after an item of a list")),
            }
        }
        Ok(items)
    }

    pub(super) fn object(&mut self) -> Read<Spanned<Expression>> {
        let open = self.lexer.next().span;
        let makes = self.with_newlines(false, |parser| {
            parser.lexer.takes_word("for").then(|| parser.for_expression("}")).transpose()
        })?;
        let value = match makes {
            Some(value) => value,
            None => self.with_newlines(true, |parser| parser.object_items(open)).map(Expression::Object)?,
        };
        Ok(self.since(open, value))
    }

    /// Reads up to and with `}`.
    fn object_items(&mut self, open: Span) -> Read<Vec<ObjectItem>> {
        let mut items = Vec::new();
        loop {
            match self.lexer.peek().kind {
                Kind::Newline => {
                    self.lexer.next();
                    continue;
                }
                Kind::Symbol("}") => {
                    self.lexer.next();
                    return Ok(items);
                }
                _ => items.push(self.object_item(open)?),
            }
            let token = self.lexer.peek();
            match token.kind {
                Kind::Symbol(",") | Kind::Newline => {
                    self.lexer.next();
                }
                Kind::Symbol("}") => {}
                Kind::End => return Err(unclosed(open)),
                _ => {
                    let message = "expected a newline, `,` or `}` after an item of an object";
                    return Err(error(token.span, message));
                }
            }
        }
    }

    fn object_item(&mut self, open: Span) -> Read<ObjectItem> {
        let key = as_key(self.expression()?, self.lexer.text);
        let token = self.lexer.peek();
        if !matches!(token.kind, Kind::Symbol("=" | ":")) {
            return Err(no_separator(token, open));
        }
        self.lexer.next();
        Ok(ObjectItem { key, value: self.expression()? })
    }

    /// Reads what follows `for`, up to and with the closing bracket. Newlines are blanks all through.
    fn for_expression(&mut self, close: &'static str) -> Read<Expression> {
        let names = self.names_after_for()?;
        let collection = self.expression()?;
        if !self.lexer.takes(":") {
            return Err(error(self.lexer.peek().span, "expected `:` after the collection of a `for`"));
        }
        let first = self.expression()?;
        let (key, value) =
            if self.lexer.takes("=>") { (Some(first), self.expression()?) } else { (None, first) };
        let dots = self.lexer.peek().span;
        let groups = self.lexer.takes("...");
        let condition = if self.lexer.takes_word("if") { Some(self.expression()?) } else { None };
        if !self.lexer.takes(close) {
            return Err(error(self.lexer.peek().span, "expected the end of the `for`"));
        }
        match (&key, close) {
            (Some(key), "]") => Err(error(key.span, "a `for` in `[…]` makes a list and has no key")),
            (None, "}") => {
                Err(error(value.span, "a `for` in `{…}` makes an object and needs `key => value`"))
            }
            (_, "]") if groups => {
                Err(error(dots, "`...` gathers the values of an object's key; it has no place in a list"))
            }
            _ => Ok(Expression::For(Box::new(For { names, collection, key, value, groups, condition }))),
        }
    }

    /// Reads `name in` or `key, name in`.
    pub(super) fn names_after_for(&mut self) -> Read<Vec<Spanned<String>>> {
        let mut names = vec![self.for_name()?];
        if self.lexer.takes(",") {
            names.push(self.for_name()?);
        }
        if self.lexer.takes_word("in") {
            return Ok(names);
        }
        Err(error(self.lexer.peek().span, "expected `in` after the names of a `for`"))
    }

    fn for_name(&mut self) -> Read<Spanned<String>> {
        let token = self.lexer.peek();
        if token.kind != Kind::Identifier {
            return Err(error(token.span, "expected the name that each item gets"));
        }
        self.lexer.next();
        Ok(self.word(token.span))
    }
}

/// A single word is the name of the key, not a variable.
fn as_key(key: Spanned<Expression>, text: &str) -> Spanned<Expression> {
    let is_word = match &key.value {
        Expression::Traversal(path) => !path.contains(['.', '[']),
        Expression::Bool(_) | Expression::Null => true,
        _ => false,
    };
    if !is_word {
        return key;
    }
    let word = Spanned::new(key.span.of(text).to_owned(), key.span);
    Spanned::new(Expression::String(word), key.span)
}

fn no_separator(token: Token, open: Span) -> crate::SyntaxError {
    match token.kind {
        Kind::Newline | Kind::Symbol(",") => error(token.span, "expected `=` and a value after the key"),
        Kind::Identifier => error(
            token.span,
            "expected `=` after the key; a key with dots or blanks stands in quotes: `\"a.b\" = …`",
        ),
        Kind::End => unclosed(open),
        _ => error(token.span, "expected `=` after the key"),
    }
}

fn unclosed(open: Span) -> crate::SyntaxError {
    error(open, "this object is not closed; its `}` is missing")
}
