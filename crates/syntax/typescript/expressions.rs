//! Expressions.

use std::sync::Arc;

use crate::decision::{
    Arithmetic, Call, Conditional, Expression, ExpressionKind as Kind, Logical, Piece, SequenceKind,
};

use super::functions::{METHOD, PROPERTY};
use super::lexer::{Kind as Lexeme, unescaped};
use super::{Failed, Parse, Parser};

impl Parser<'_> {
    /// An expression, assignments and conditions included.
    pub(super) fn expression(&mut self) -> Parse<Expression> {
        self.deeper(Self::assignment)
    }

    /// Expressions joined by commas; the last one is the value.
    pub(super) fn expressions(&mut self) -> Parse<Expression> {
        let mut value = self.expression()?;
        while self.take(",") {
            value = self.expression()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Parse<Expression> {
        if let Some(function) = self.arrow() {
            return Ok(function);
        }
        let start = self.at;
        let target = self.conditional()?;
        let operator = self.token();
        if operator.kind != Lexeme::Punctuation {
            return Ok(target);
        }
        let kind = match operator.text {
            "=" => None,
            "||=" => Some(Ok(Logical::Or)),
            "&&=" => Some(Ok(Logical::And)),
            "??=" => Some(Ok(Logical::Coalesce)),
            "+=" => Some(Err(Arithmetic::Add)),
            "-=" => Some(Err(Arithmetic::Subtract)),
            _ => return Ok(target),
        };
        self.at += 1;
        let value = self.expression()?;
        let span = self.span_from(start);
        let value = match kind {
            None => value,
            Some(Ok(logical)) => Expression::new(Kind::Logical(logical, vec![target.clone(), value]), span),
            Some(Err(arithmetic)) => {
                Expression::new(Kind::Binary(arithmetic, Box::new(target.clone()), Box::new(value)), span)
            }
        };
        Ok(Expression::new(Kind::Assign(Box::new(target), Box::new(value)), span))
    }

    fn conditional(&mut self) -> Parse<Expression> {
        let start = self.at;
        let test = self.binary(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        let then = self.expression()?;
        self.expect(":")?;
        let otherwise = self.expression()?;
        let span = self.span_from(start);
        Ok(Expression::new(Kind::Conditional(Box::new(Conditional { test, then, otherwise })), span))
    }

    pub(super) fn unary(&mut self) -> Parse<Expression> {
        let start = self.at;
        let token = self.token();
        let is_operator =
            matches!(token.text, "!" | "-" | "+" | "typeof" | "await" | "void" | "delete" | "++" | "--");
        if !is_operator || !matches!(token.kind, Lexeme::Punctuation | Lexeme::Word) {
            return self.postfix();
        }
        self.at += 1;
        let inner = self.deeper(Self::unary)?;
        let span = self.span_from(start);
        Ok(match token.text {
            "!" => Expression::new(Kind::Not(Box::new(inner)), span),
            "-" => Expression::new(Kind::Negative(Box::new(inner)), span),
            "typeof" => Expression::new(Kind::TypeOf(Box::new(inner)), span),
            "await" => inner,
            "void" => Expression::new(Kind::Undefined, span),
            text => Expression::opaque(format!("`{text}`"), span),
        })
    }

    /// Members, items and calls.
    fn postfix(&mut self) -> Parse<Expression> {
        let start = self.at;
        let mut value = self.primary()?;
        loop {
            let optional = self.is("?.");
            if optional && !self.is_ahead(1, "[") && !self.is_ahead(1, "(") || self.is(".") {
                self.at += 1;
                let name = self.word()?.to_owned();
                let span = self.span_from(start);
                value = Expression::new(Kind::Member { object: Box::new(value), name, optional }, span);
                continue;
            }
            self.at += usize::from(optional);
            if self.is("[") {
                self.at += 1;
                let index = Box::new(self.expressions()?);
                self.expect("]")?;
                let span = self.span_from(start);
                value = Expression::new(Kind::Index { object: Box::new(value), index, optional }, span);
            } else if self.is("(") {
                value = self.call(start, value, optional)?;
            } else if self.is("<") && self.is_call_of_types() {
                self.skip_angles();
            } else if self.is("!") && !self.token().newline && !self.is_ahead(1, "=") {
                self.at += 1;
            } else if self.token().kind == Lexeme::Template || self.is("++") || self.is("--") {
                self.at += 1;
                value = Expression::opaque("an operator that changes its operand", self.span_from(start));
            } else {
                return Ok(value);
            }
        }
    }

    fn is_call_of_types(&mut self) -> bool {
        let at = self.at;
        let is_call = self.skip_angles() && self.is("(");
        self.at = at;
        is_call
    }

    fn call(&mut self, start: usize, callee: Expression, optional: bool) -> Parse<Expression> {
        let arguments = self.arguments()?;
        let span = self.span_from(start);
        if callee.dotted().as_deref() == Some("require")
            && let [module] = arguments.as_slice()
            && let Some(module) = module.text()
        {
            return Ok(Expression::new(Kind::Import(module.to_owned()), span));
        }
        let call = Call { callee, arguments, keywords: Vec::new(), optional };
        Ok(Expression::new(Kind::Call(Box::new(call)), span))
    }

    fn arguments(&mut self) -> Parse<Vec<Expression>> {
        self.expect("(")?;
        let arguments = self.items(")")?;
        self.expect(")")?;
        Ok(arguments)
    }

    /// Expressions up to a closing bracket, spread ones marked.
    fn items(&mut self, closing: &str) -> Parse<Vec<Expression>> {
        let mut items = Vec::new();
        while !self.is(closing) {
            let start = self.at;
            if self.take(",") {
                items.push(Expression::new(Kind::Undefined, self.span_from(start)));
                continue;
            }
            if self.take("...") {
                let inner = Box::new(self.expression()?);
                items.push(Expression::new(Kind::Spread(inner), self.span_from(start)));
            } else {
                items.push(self.expression()?);
            }
            if !self.take(",") {
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Parse<Expression> {
        let start = self.at;
        let token = self.token();
        let kind = match token.kind {
            Lexeme::Text => {
                self.at += 1;
                let inner = token.text.get(1..token.text.len().saturating_sub(1)).unwrap_or("");
                Kind::Text(unescaped(inner))
            }
            Lexeme::Number => {
                self.at += 1;
                number(token.text)
            }
            Lexeme::Template => {
                self.at += 1;
                Kind::Format(self.template(token.text, token.start))
            }
            Lexeme::Regex => {
                self.at += 1;
                let end = token.text.rfind('/').unwrap_or(0);
                let pattern = token.text.get(1..end).unwrap_or("").to_owned();
                Kind::Regex(pattern, token.text.get(end + 1..).unwrap_or("").to_owned())
            }
            Lexeme::Word => return self.named(),
            Lexeme::Punctuation => match token.text {
                "(" => {
                    self.at += 1;
                    let value = self.expressions()?;
                    self.expect(")")?;
                    return Ok(value);
                }
                "[" => {
                    self.at += 1;
                    let items = self.items("]")?;
                    self.expect("]")?;
                    Kind::Sequence(SequenceKind::List, items)
                }
                "{" => Kind::Map(self.object()?),
                _ => return Err(Failed),
            },
            Lexeme::End => return Err(Failed),
        };
        Ok(Expression::new(kind, self.span_from(start)))
    }

    fn named(&mut self) -> Parse<Expression> {
        let start = self.at;
        let kind = match self.token().text {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Null,
            "undefined" => Kind::Undefined,
            "function" => return self.function_expression(false),
            "async" if self.is_ahead(1, "function") => {
                self.at += 1;
                return self.function_expression(false);
            }
            "class" => return Err(Failed),
            "new" => {
                self.at += 1;
                return self.made(start);
            }
            "import" if self.is_ahead(1, ".") => {
                self.at += 3;
                return Ok(Expression::new(Kind::Name("import.meta".to_owned()), self.span_from(start)));
            }
            "import" if self.is_ahead(1, "(") => {
                self.at += 1;
                let arguments = self.arguments()?;
                let module = arguments.first().and_then(Expression::text).ok_or(Failed)?.to_owned();
                return Ok(Expression::new(Kind::Import(module), self.span_from(start)));
            }
            name => Kind::Name(name.to_owned()),
        };
        self.at += 1;
        Ok(Expression::new(kind, self.span_from(start)))
    }

    /// `new Set([..])`: a call of the class.
    fn made(&mut self, start: usize) -> Parse<Expression> {
        let mut callee = self.named()?;
        while self.take(".") {
            let name = self.word()?.to_owned();
            let span = self.span_from(start);
            callee = Expression::new(Kind::Member { object: Box::new(callee), name, optional: false }, span);
        }
        if self.is("<") {
            self.skip_angles();
        }
        let arguments = if self.is("(") { self.arguments()? } else { Vec::new() };
        let call = Call { callee, arguments, keywords: Vec::new(), optional: false };
        Ok(Expression::new(Kind::Call(Box::new(call)), self.span_from(start)))
    }

    /// `{ a, b: c, [d]: e, f() {}, ...g }`.
    pub(super) fn object(&mut self) -> Parse<Vec<(Option<Expression>, Expression)>> {
        self.expect("{")?;
        let mut entries = Vec::new();
        while !self.is("}") {
            let start = self.at;
            if self.take("...") {
                entries.push((None, self.expression()?));
            } else {
                entries.extend(self.property(start)?);
            }
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(entries)
    }

    /// One property; `None` for a setter, which gives no value.
    fn property(&mut self, start: usize) -> Parse<Option<(Option<Expression>, Expression)>> {
        let follows = matches!(self.ahead(1).kind, Lexeme::Word | Lexeme::Text) || self.is_ahead(1, "[");
        let prefix = ["async", "get", "set"].into_iter().find(|word| follows && self.is(word));
        self.at += usize::from(prefix.is_some());
        let token = self.token();
        let key = match token.kind {
            Lexeme::Word | Lexeme::Number => {
                self.at += 1;
                Expression::new(Kind::Text(token.text.to_owned()), self.span_from(start))
            }
            Lexeme::Text => self.primary()?,
            _ if self.take("[") => {
                let key = self.expression()?;
                self.expect("]")?;
                key
            }
            _ => return Err(Failed),
        };
        if self.is("(") || self.is("<") {
            let mut function = self.function_rest(token.text, start)?;
            let span = self.span_from(start);
            let role = if prefix == Some("get") { PROPERTY } else { METHOD };
            function.decorators.push(Expression::new(Kind::Name(role.to_owned()), span));
            let function = Expression::new(Kind::Function(Arc::new(function)), span);
            return Ok((prefix != Some("set")).then_some((Some(key), function)));
        }
        if self.take(":") {
            return Ok(Some((Some(key), self.expression()?)));
        }
        // `{ a }`, and `{ a = b }` of a pattern.
        let name = Expression::new(Kind::Name(token.text.to_owned()), self.span_from(start));
        if self.take("=") {
            let default = Box::new(self.expression()?);
            let span = self.span_from(start);
            return Ok(Some((Some(key), Expression::new(Kind::Assign(Box::new(name), default), span))));
        }
        Ok(Some((Some(key), name)))
    }

    /// The parts of a template: its texts, and its expressions read on their own.
    fn template(&self, text: &str, start: usize) -> Vec<Piece> {
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or("");
        let mut pieces = Vec::new();
        let mut rest = inner;
        let mut at = start + 1;
        while let Some(open) = rest.find("${") {
            pieces.push(Piece::Text(unescaped(rest.get(..open).unwrap_or(""))));
            let tail = rest.get(open + 2..).unwrap_or("");
            let length = expression_length(tail);
            let code = tail.get(..length).unwrap_or("");
            let offset = self.offset + at + open + 2;
            let mut parser = Parser::new(code, offset, self.depth + 1);
            let whole = source::Span::new(offset, offset + code.len());
            let value = match parser.expressions() {
                Ok(value) if parser.is_end() => value,
                _ => Expression::opaque("a part of a template", whole),
            };
            pieces.push(Piece::Value(value));
            let next = (open + 2 + length + 1).min(rest.len());
            at += next;
            rest = rest.get(next..).unwrap_or("");
        }
        pieces.push(Piece::Text(unescaped(rest)));
        pieces
    }
}

/// Bytes up to the brace that closes an expression of a template.
fn expression_length(text: &str) -> usize {
    let mut open = 0usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => open += 1,
            '}' if open == 0 => return at,
            '}' => open -= 1,
            _ => {}
        }
    }
    text.len()
}

fn number(text: &str) -> Kind {
    let digits = text.replace('_', "");
    if let Ok(whole) = digits.parse::<i64>() {
        return Kind::Integer(whole);
    }
    digits.parse::<f64>().map_or_else(|_| Kind::Opaque("a number of this form".to_owned()), Kind::Float)
}
