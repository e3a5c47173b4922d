//! Types, which are skipped.

use super::lexer::Kind;
use super::{Failed, Parse, Parser};

/// Words that may begin or join a type.
const JOINS: &[&str] = &["keyof", "typeof", "readonly", "infer", "unique", "is", "extends", "asserts", "new"];

impl Parser<'_> {
    /// `: type`, where there is one.
    pub(super) fn skip_annotation(&mut self) -> Parse<()> {
        if self.take("?") || self.take("!") {
            // An optional parameter, a field that is set elsewhere.
        }
        if self.take(":") { self.skip_type() } else { Ok(()) }
    }

    /// A type, with its unions and conditions.
    pub(super) fn skip_type(&mut self) -> Parse<()> {
        self.deeper(|parser| {
            let _ = parser.take("|") || parser.take("&");
            loop {
                // Parameters in parentheses make the type of a function.
                let may_be_function = parser.is("(") || parser.is("<");
                parser.skip_type_operand()?;
                let joined = parser.take("|")
                    || parser.take("&")
                    || may_be_function && parser.take("=>")
                    || (parser.is("is") || parser.is("extends")) && parser.take_word();
                if !joined {
                    break;
                }
            }
            Ok(())
        })
    }

    fn take_word(&mut self) -> bool {
        self.at += 1;
        true
    }

    fn skip_type_operand(&mut self) -> Parse<()> {
        while JOINS.iter().any(|word| self.is(word)) && self.ahead(1).kind != Kind::Punctuation {
            self.at += 1;
        }
        let token = self.token();
        match token.kind {
            Kind::Word | Kind::Text | Kind::Number | Kind::Template => self.at += 1,
            Kind::Punctuation if matches!(token.text, "{" | "[" | "(") => self.skip_brackets(),
            Kind::Punctuation if token.text == "-" => self.at += 2,
            Kind::Punctuation if token.text == "<" => {
                if !self.skip_angles() {
                    return Err(Failed);
                }
                self.skip_brackets();
            }
            _ => return Err(Failed),
        }
        loop {
            if self.is(".") {
                self.at += 2;
            } else if self.is("[") && !self.token().newline {
                self.skip_brackets();
            } else if self.is("<") {
                if !self.skip_angles() {
                    return Err(Failed);
                }
            } else {
                return Ok(());
            }
        }
    }

    /// `<A, B<C>>`; goes back where that is no list of types.
    pub(super) fn skip_angles(&mut self) -> bool {
        let start = self.at;
        let mut open = 0usize;
        while !self.is_end() {
            let token = self.token();
            match (token.kind, token.text) {
                (Kind::Punctuation, "<") => open += 1,
                (Kind::Punctuation, ">") => open = open.saturating_sub(1),
                (Kind::Punctuation, "{" | "[" | "(") => {
                    self.skip_brackets();
                    continue;
                }
                (Kind::Punctuation, "," | "|" | "&" | "." | "=" | "=>" | "?" | ":")
                | (Kind::Word | Kind::Text | Kind::Number, _) => {}
                _ => break,
            }
            self.at += 1;
            if open == 0 {
                return true;
            }
        }
        self.at = start;
        false
    }
}
