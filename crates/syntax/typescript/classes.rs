//! Classes and enumerations.

use std::sync::Arc;

use source::Span;

use crate::decision::{Class, Expression, ExpressionKind, Function, Statement, StatementKind as Kind};

use super::lexer::Kind as Lexeme;
use super::{Failed, Parse, Parser};

/// Words before a member that say nothing about its value.
const MODIFIERS: &[&str] =
    &["public", "private", "protected", "readonly", "declare", "override", "abstract", "async", "accessor"];

impl Parser<'_> {
    /// A class from its keyword on.
    pub(super) fn class(&mut self) -> Parse<Class> {
        self.expect("class")?;
        let start = self.at;
        let name = self.word()?.to_owned();
        let span = self.span_from(start);
        if self.is("<") {
            self.skip_angles();
        }
        let mut bases = Vec::new();
        if self.take("extends") {
            bases.push(self.unary()?);
            if self.is("<") {
                self.skip_angles();
            }
        }
        if self.take("implements") {
            while !self.is("{") && !self.is_end() {
                self.at += 1;
            }
        }
        self.expect("{")?;
        let mut body = Vec::new();
        while !self.is("}") {
            if self.is_end() {
                return Err(Failed);
            }
            if self.take(";") {
                continue;
            }
            let found = self.attempt(|parser| parser.deeper(Self::member));
            match found {
                Some(member) => body.extend(member),
                None => self.skip_member(),
            }
        }
        self.expect("}")?;
        Ok(Class { name, bases, decorators: Vec::new(), body, span })
    }

    fn skip_member(&mut self) {
        while !self.is_end() && !self.is("}") {
            if self.is("{") {
                self.skip_brackets();
                return;
            }
            if self.is("(") || self.is("[") {
                self.skip_brackets();
                continue;
            }
            if self.next().text == ";" {
                return;
            }
        }
    }

    fn member(&mut self) -> Parse<Vec<Statement>> {
        let start = self.at;
        let mut is_static = false;
        let mut role = None;
        loop {
            let stands_before = matches!(self.ahead(1).kind, Lexeme::Word | Lexeme::Text);
            if self.token().text.starts_with('@') {
                self.at += 1;
                if self.is("(") {
                    self.skip_brackets();
                }
            } else if self.is("static") && stands_before {
                self.at += 1;
                is_static = true;
            } else if (self.is("get") || self.is("set")) && stands_before {
                role = Some(self.next().text);
            } else if MODIFIERS.iter().any(|word| self.is(word)) && stands_before {
                self.at += 1;
            } else {
                break;
            }
        }
        let from = self.at;
        let name = self.word()?;
        let span = self.span_from(from);
        if self.is("(") || self.is("<") {
            let outer = std::mem::take(&mut self.properties);
            let function = self.function_rest(name, from);
            let own = std::mem::replace(&mut self.properties, outer);
            let function = function?;
            if name == "constructor" && !is_static && !own.is_empty() {
                return Ok(constructed(function, span, &own, self.span_from(start)));
            }
            let wrapper = match (role, is_static) {
                (Some("set"), _) => return Ok(Vec::new()),
                (Some(_), _) => Some("property"),
                (None, true) => Some("classmethod"),
                (None, false) => None,
            };
            let decorators =
                wrapper.map(|wrapper| Expression::new(ExpressionKind::Name(wrapper.to_owned()), span));
            let function =
                crate::decision::Function { decorators: decorators.into_iter().collect(), span, ..function };
            return Ok(vec![Statement::new(Kind::Function(Arc::new(function)), self.span_from(start))]);
        }
        self.skip_annotation()?;
        let value = if self.take("=") { Some(self.expression()?) } else { None };
        self.take(";");
        let target = Expression::new(ExpressionKind::Name(name.to_owned()), span);
        Ok(vec![Statement::new(Kind::Declare { target, annotation: None, value }, self.span_from(start))])
    }

    /// `enum Name { A = "a" }` as an object.
    pub(super) fn enumeration(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.expect("enum")?;
        let from = self.at;
        let name = self.word()?.to_owned();
        let target = Expression::new(ExpressionKind::Name(name), self.span_from(from));
        self.expect("{")?;
        let mut entries = Vec::new();
        let mut count = 0;
        while !self.is("}") {
            let at = self.at;
            let key = self.word()?.to_owned();
            let key = Expression::new(ExpressionKind::Text(key), self.span_from(at));
            let value = if self.take("=") {
                self.expression()?
            } else {
                Expression::new(ExpressionKind::Integer(count), self.span_from(at))
            };
            count += 1;
            entries.push((Some(key), value));
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        let span = self.span_from(start);
        let value = Expression::new(ExpressionKind::Map(entries), span);
        into.push(Statement::new(Kind::Declare { target, annotation: None, value: Some(value) }, span));
        Ok(())
    }
}

/// A constructor some of whose parameters are properties too: `constructor(private readonly name = "x") {}`. They are set
/// before anything else, but for what the base class does.
fn constructed(mut function: Function, at: Span, properties: &[Expression], whole: Span) -> Vec<Statement> {
    let mut members = Vec::new();
    let mut assigned = Vec::new();
    for property in properties {
        let ExpressionKind::Name(name) = &property.kind else { continue };
        let span = property.span;
        let target = property.clone();
        members.push(Statement::new(Kind::Declare { target, annotation: None, value: None }, span));
        let object = Box::new(Expression::new(ExpressionKind::Name("this".to_owned()), span));
        let member = ExpressionKind::Member { object, name: name.clone(), optional: false };
        assigned
            .push(Statement::new(Kind::Assign(vec![Expression::new(member, span)], property.clone()), span));
    }
    let is_super = |statement: &Statement| match &statement.kind {
        Kind::Expression(Expression { kind: ExpressionKind::Call(call), .. }) => {
            matches!(&call.callee.kind, ExpressionKind::Name(name) if name == "super")
        }
        _ => false,
    };
    let from = function.body.iter().position(is_super).map_or(0, |at| at + 1);
    function.body.splice(from..from, assigned);
    function.span = at;
    members.push(Statement::new(Kind::Function(Arc::new(function)), whole));
    members
}
