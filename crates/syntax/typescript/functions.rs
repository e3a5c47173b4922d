//! Functions in all their forms.

use std::sync::Arc;

use crate::decision::{
    Expression, ExpressionKind, Function, Parameter, ParameterKind, Statement, StatementKind, bound_names,
};

use super::lexer::Kind as Lexeme;
use super::{Failed, Parse, Parser};

/// The mark of a function whose `this` is what it is called on: an arrow function has none.
pub(super) const METHOD: &str = "function";

/// The mark of a function that is called where its name is read.
pub(super) const PROPERTY: &str = "property";

impl Parser<'_> {
    /// `x => ..`, `(a, b = 1): T => {..}`; `None` where there is no such function.
    pub(super) fn arrow(&mut self) -> Option<Expression> {
        let is_async = self.is("async") && !self.ahead(1).newline && !self.is_ahead(1, "=>");
        let first = self.ahead(usize::from(is_async));
        let named = first.kind == Lexeme::Word && self.is_ahead(usize::from(is_async) + 1, "=>");
        let opening = self.at + usize::from(is_async);
        let after = self.closing.get(&opening).and_then(|closing| self.tokens.get(closing + 1));
        let listed = first.text == "<" && first.kind == Lexeme::Punctuation
            || first.text == "(" && after.is_some_and(|after| matches!(after.text, "=>" | ":"));
        if !named && !listed {
            return None;
        }
        self.attempt(|parser| parser.arrow_function(is_async))
    }

    fn arrow_function(&mut self, is_async: bool) -> Parse<Expression> {
        let start = self.at;
        self.at += usize::from(is_async);
        let parameters = if self.token().kind == Lexeme::Word {
            vec![plain(self.word()?)]
        } else {
            if self.is("<") && !self.skip_angles() {
                return Err(Failed);
            }
            let parameters = self.parameters()?;
            self.return_type()?;
            parameters
        };
        self.expect("=>")?;
        let body = if self.is("{") {
            self.braced_block()?
        } else {
            let from = self.at;
            let value = self.expression()?;
            vec![Statement::new(StatementKind::Return(Some(value)), self.span_from(from))]
        };
        let span = self.span_from(start);
        let function = made("", parameters, body, span, None);
        Ok(Expression::new(ExpressionKind::Function(Arc::new(function)), span))
    }

    fn return_type(&mut self) -> Parse<()> {
        if self.take(":") { self.skip_type() } else { Ok(()) }
    }

    pub(super) fn function_expression(&mut self, named: bool) -> Parse<Expression> {
        let start = self.at;
        let mut function = self.function(named)?;
        let span = self.span_from(start);
        function.decorators.push(Expression::new(ExpressionKind::Name(METHOD.to_owned()), span));
        Ok(Expression::new(ExpressionKind::Function(Arc::new(function)), span))
    }

    /// `function name(..) {..}` from its keyword on.
    pub(super) fn function(&mut self, named: bool) -> Parse<Function> {
        self.expect("function")?;
        let generator = self.take("*");
        let start = self.at;
        let name = if self.token().kind == Lexeme::Word { self.word()? } else { "" };
        let span = self.span_from(start);
        if named && name.is_empty() {
            return Err(Failed);
        }
        let function = self.function_rest(name, start)?;
        Ok(Function { opaque: generator.then_some("a generator"), span, ..function })
    }

    /// Parameters, return type and body.
    pub(super) fn function_rest(&mut self, name: &str, start: usize) -> Parse<Function> {
        let span = self.span_from(start);
        if self.is("<") && !self.skip_angles() {
            return Err(Failed);
        }
        let parameters = self.parameters()?;
        self.return_type()?;
        let body = self.braced_block()?;
        Ok(made(name, parameters, body, span, None))
    }

    fn parameters(&mut self) -> Parse<Vec<Parameter>> {
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is(")") {
            parameters.push(self.parameter()?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(parameters)
    }

    fn parameter(&mut self) -> Parse<Parameter> {
        let mut is_property = false;
        while ["public", "private", "protected", "readonly", "override"].iter().any(|word| self.is(word))
            && self.ahead(1).kind == Lexeme::Word
        {
            self.at += 1;
            is_property = true;
        }
        let kind = if self.take("...") { ParameterKind::Rest } else { ParameterKind::Plain };
        let target = self.binding()?;
        self.skip_annotation()?;
        if is_property {
            self.properties.push(target.clone());
        }
        let default = if self.take("=") { Some(self.expression()?) } else { None };
        Ok(match target.kind {
            ExpressionKind::Name(name) => Parameter { name, target: None, default, kind },
            _ => Parameter { name: String::new(), target: Some(target), default, kind },
        })
    }

    /// What gets a value: a name or a pattern.
    pub(super) fn binding(&mut self) -> Parse<Expression> {
        let start = self.at;
        let token = self.token();
        match (token.kind, token.text) {
            (Lexeme::Word, name) => {
                self.at += 1;
                let kind = ExpressionKind::Name(name.to_owned());
                Ok(Expression::new(kind, self.span_from(start)))
            }
            (Lexeme::Punctuation, "{" | "[") => self.unary(),
            _ => Err(Failed),
        }
    }

    /// `{ .. }` as statements.
    pub(super) fn braced_block(&mut self) -> Parse<Vec<Statement>> {
        self.expect("{")?;
        let body = self.deeper(|parser| Ok(parser.statements_until_brace()))?;
        self.expect("}")?;
        Ok(body)
    }
}

pub(super) fn made(
    name: &str,
    parameters: Vec<Parameter>,
    body: Vec<Statement>,
    span: source::Span,
    role: Option<&str>,
) -> Function {
    let mut locals = bound_names(&body);
    locals.extend(parameters.iter().map(|parameter| parameter.name.clone()));
    locals.sort();
    locals.dedup();
    let decorators = role.map(|role| Expression::new(ExpressionKind::Name(role.to_owned()), span));
    Function {
        name: name.to_owned(),
        parameters,
        decorators: decorators.into_iter().collect(),
        body,
        locals,
        opaque: None,
        span,
    }
}

fn plain(name: &str) -> Parameter {
    Parameter { name: name.to_owned(), target: None, default: None, kind: ParameterKind::Plain }
}
