//! TypeScript and JavaScript in the form of [`crate::decision`].
//!
//! Enough of the language for decisions about the environment: types are skipped, and a statement that is not
//! understood becomes opaque without taking its neighbours with it.

mod classes;
mod env_reads;
mod expressions;
mod functions;
mod guards;
mod imports;
mod lexer;
mod operators;
mod statements;
#[cfg(test)]
mod tests;
mod types;

use std::collections::HashMap;

use source::Span;

use crate::decision::{Expression, Language, MAX_DEPTH, Module, StatementKind};
pub use env_reads::{EnvRead, env_reads};
pub use imports::{How, Import, Imports, component_imports, imports, page_imports};
use lexer::{Kind, Token};

/// Bytes of one file that are read; larger ones are bundles.
const MAX_BYTES: usize = 8 << 20;

/// The decisions of a TypeScript or JavaScript file; `None` where it is too large.
#[must_use]
pub fn decisions(text: &str) -> Option<Module> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let (body, offset) = source::without_bom(text);
    let mut parser = Parser::new(body, offset, 0);
    let mut body = parser.statements_until_end();
    // A function is there before the first statement runs.
    body.sort_by_key(|statement| !matches!(statement.kind, StatementKind::Function(_)));
    Some(Module { language: Language::JavaScript, body })
}

/// Where a text stops being what was expected.
struct Failed;

type Parse<T> = Result<T, Failed>;

/// A position in the tokens of a text.
struct Parser<'t> {
    text: &'t str,
    /// Where the text begins in the file.
    offset: usize,
    tokens: Vec<Token<'t>>,
    /// The bracket that closes each opening one.
    closing: HashMap<usize, usize>,
    at: usize,
    depth: usize,
    /// Levels that may still be entered: what is tried twice at each level must not take for ever.
    budget: usize,
    /// Parameters of the constructor that is read which are properties of the object too.
    properties: Vec<Expression>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, offset: usize, depth: usize) -> Self {
        let tokens = lexer::tokens(text);
        let closing = closing_brackets(&tokens);
        let budget = 1_000 + tokens.len() * 40;
        Self { text, offset, tokens, closing, at: 0, depth, budget, properties: Vec::new() }
    }

    fn token(&self) -> Token<'t> {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Token<'t> {
        let end = Token { kind: Kind::End, text: "", start: self.text.len(), newline: true };
        self.tokens.get(self.at + by).copied().unwrap_or(end)
    }

    fn next(&mut self) -> Token<'t> {
        let token = self.token();
        self.at += 1;
        token
    }

    fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Whether the next token is this operator or word.
    fn is(&self, text: &str) -> bool {
        let token = self.token();
        matches!(token.kind, Kind::Punctuation | Kind::Word) && token.text == text
    }

    /// Whether the token after the next is this operator or word.
    fn is_ahead(&self, by: usize, text: &str) -> bool {
        let token = self.ahead(by);
        matches!(token.kind, Kind::Punctuation | Kind::Word) && token.text == text
    }

    fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, text: &str) -> Parse<()> {
        if self.take(text) { Ok(()) } else { Err(Failed) }
    }

    fn word(&mut self) -> Parse<&'t str> {
        let token = self.token();
        if token.kind != Kind::Word {
            return Err(Failed);
        }
        self.at += 1;
        Ok(token.text)
    }

    /// The bytes from the token at `start` to the one before the next.
    fn span_from(&self, start: usize) -> Span {
        let first = self.tokens.get(start).map_or(self.text.len(), |token| token.start);
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        let end = last.map_or(first, |token| token.start + token.text.len());
        Span::new(first, end.max(first)).shifted(self.offset)
    }

    /// Works one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= MAX_DEPTH || self.budget == 0 {
            return Err(Failed);
        }
        self.budget -= 1;
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Goes back where `work` fails.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Parse<T>) -> Option<T> {
        let (at, depth) = (self.at, self.depth);
        let result = work(self);
        if result.is_err() {
            (self.at, self.depth) = (at, depth);
        }
        result.ok()
    }

    /// Skips an opening bracket and everything up to the one that closes it; the bracket alone where none does.
    fn skip_brackets(&mut self) {
        self.at = self.closing.get(&self.at).copied().unwrap_or(self.at) + 1;
    }
}

/// For each opening bracket the one that closes it, by their places among the tokens.
fn closing_brackets(tokens: &[Token<'_>]) -> HashMap<usize, usize> {
    let mut closing = HashMap::new();
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Punctuation) {
        let opening = match token.text {
            "(" | "[" | "{" => {
                open.push((token.text, at));
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        // A bracket of another kind in between was never closed.
        let near = open.iter().enumerate().rev().take(MAX_DEPTH);
        if let Some(place) = near.filter(|(_, (text, _))| *text == opening).map(|(place, _)| place).next() {
            closing.extend(open.get(place).map(|(_, from)| (*from, at)));
            open.truncate(place);
        }
    }
    closing
}
