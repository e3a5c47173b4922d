//! Expressions: operators, steps and what they work on.

use source::Span;

use super::lexer::{Kind, Token};
use super::parser::{Parser, Read, error};
use super::tree::{
    Access, BinaryOperator, Call, Conditional, Expression, Number, Operation, Step, UnaryOperator,
};
use crate::Spanned;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Read<Spanned<Expression>> {
        self.nested(Self::conditional)
    }

    /// What was read from `start` to the last token.
    pub(super) fn since(&self, start: Span, value: Expression) -> Spanned<Expression> {
        Spanned::new(value, start.to(Span::at(self.lexer.end)))
    }

    fn conditional(&mut self) -> Read<Spanned<Expression>> {
        let condition = self.operation()?;
        if !self.lexer.takes("?") {
            return Ok(condition);
        }
        let then = self.expression()?;
        if !self.lexer.takes(":") {
            let message = "expected `:` and the value for false: `condition ? yes : no`";
            return Err(error(self.lexer.peek().span, message));
        }
        let otherwise = self.expression()?;
        let start = condition.span;
        let conditional = Conditional { condition, then, otherwise };
        Ok(self.since(start, Expression::Conditional(Box::new(conditional))))
    }

    fn operation(&mut self) -> Read<Spanned<Expression>> {
        let first = self.operand()?;
        let mut rest = Vec::new();
        while let Some(operator) = self.binary_operator() {
            self.lexer.next();
            rest.push((operator, self.operand()?));
        }
        Ok(grouped(first, rest))
    }

    fn binary_operator(&mut self) -> Option<BinaryOperator> {
        let Kind::Symbol(symbol) = self.lexer.peek().kind else { return None };
        Some(match symbol {
            "||" => BinaryOperator::Or,
            "&&" => BinaryOperator::And,
            "==" => BinaryOperator::Equal,
            "!=" => BinaryOperator::NotEqual,
            "<" => BinaryOperator::Less,
            "<=" => BinaryOperator::LessOrEqual,
            ">" => BinaryOperator::Greater,
            ">=" => BinaryOperator::GreaterOrEqual,
            "+" => BinaryOperator::Add,
            "-" => BinaryOperator::Subtract,
            "*" => BinaryOperator::Multiply,
            "/" => BinaryOperator::Divide,
            "%" => BinaryOperator::Modulo,
            _ => return None,
        })
    }

    fn operand(&mut self) -> Read<Spanned<Expression>> {
        let token = self.lexer.peek();
        let operator = match token.kind {
            Kind::Symbol("-") => UnaryOperator::Negate,
            Kind::Symbol("!") => UnaryOperator::Not,
            _ => {
                let term = self.term(token)?;
                return self.steps(term);
            }
        };
        self.lexer.next();
        let operand = self.nested(Self::operand)?;
        Ok(self.since(token.span, Expression::Unary(operator, Box::new(operand))))
    }

    fn term(&mut self, token: Token) -> Read<Spanned<Expression>> {
        match token.kind {
            Kind::Number => self.number(),
            Kind::Identifier => self.name(),
            Kind::Quote => self.quoted(),
            Kind::Heredoc => self.heredoc(),
            Kind::Symbol("(") => self.parenthesis(),
            Kind::Symbol("[") => self.array(),
            Kind::Symbol("{") => self.object(),
            _ => Err(error(
                token.span,
                no_value(self.lexer.text.get(token.span.start..).unwrap_or(""), self.text_of(token)),
            )),
        }
    }

    fn text_of(&self, token: Token) -> &str {
        match token.kind {
            Kind::End => "end",
            Kind::Newline => "newline",
            _ => token.span.of(self.lexer.text),
        }
    }

    fn number(&mut self) -> Read<Spanned<Expression>> {
        let span = self.lexer.next().span;
        let written = span.of(self.lexer.text).to_owned();
        match written.parse() {
            Ok(value) => Ok(Spanned::new(Expression::Number(Number { written, value }), span)),
            Err(_) => Err(error(span, "is no number; put it in quotes if it is meant as text")),
        }
    }

    /// A keyword, the function of a call, or the first name of a path.
    fn name(&mut self) -> Read<Spanned<Expression>> {
        let span = self.lexer.next().span;
        if matches!(self.lexer.peek().kind, Kind::Symbol("(" | "::")) {
            return self.call(span);
        }
        let value = match span.of(self.lexer.text) {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "null" => Expression::Null,
            name => Expression::Traversal(name.to_owned()),
        };
        Ok(Spanned::new(value, span))
    }

    fn parenthesis(&mut self) -> Read<Spanned<Expression>> {
        let open = self.lexer.next().span;
        let inner = self.with_newlines(false, |parser| {
            let inner = parser.expression()?;
            if parser.lexer.takes(")") {
                return Ok(inner);
            }
            Err(error(parser.lexer.peek().span, "expected `)` to close the parenthesis"))
        })?;
        Ok(self.since(open, Expression::Parenthesis(Box::new(inner))))
    }

    fn call(&mut self, first: Span) -> Read<Spanned<Expression>> {
        let mut name = self.word(first);
        while self.lexer.takes("::") {
            let part = self.lexer.peek();
            if part.kind != Kind::Identifier {
                return Err(error(part.span, "expected the name of a function after `::`"));
            }
            self.lexer.next();
            name.value.push_str("::");
            name.value.push_str(part.span.of(self.lexer.text));
            name.span = name.span.to(part.span);
        }
        if !self.lexer.takes("(") {
            return Err(error(self.lexer.peek().span, "expected `(` after the name of a function"));
        }
        let (arguments, expands_last) = self.with_newlines(false, |parser| parser.arguments(name.span))?;
        Ok(self.since(first, Expression::Call(Call { name, arguments, expands_last })))
    }

    /// Reads up to and with `)`.
    fn arguments(&mut self, name: Span) -> Read<(Vec<Spanned<Expression>>, bool)> {
        let mut arguments = Vec::new();
        while !self.lexer.takes(")") {
            arguments.push(self.expression()?);
            let token = self.lexer.peek();
            match token.kind {
                Kind::Symbol(")") => {}
                Kind::Symbol(",") => {
                    self.lexer.next();
                }
                Kind::Symbol("...") => {
                    self.lexer.next();
                    if self.lexer.takes(")") {
                        return Ok((arguments, true));
                    }
                    return Err(error(token.span, "`...` ends the arguments; expected `)` after it"));
                }
                Kind::End => return Err(error(name, "this call is not closed; its `)` is missing")),
                _ => return Err(error(token.span, "expected `,` or `)` after an argument")),
            }
        }
        Ok((arguments, false))
    }

    /// Reads `.name`, `[key]` and splats after a term.
    fn steps(&mut self, base: Spanned<Expression>) -> Read<Spanned<Expression>> {
        let mut path = Path::new(base);
        let mut in_attribute_splat = false;
        loop {
            match self.lexer.peek().kind {
                Kind::Symbol(".") => {
                    self.lexer.next();
                    let step = self.step_after_dot(in_attribute_splat)?;
                    in_attribute_splat |= matches!(step, Step::Splat(_));
                    path.push(step, true, self.lexer.end);
                }
                Kind::Symbol("[") => {
                    let open = self.lexer.next().span;
                    let step = self.with_newlines(false, |parser| parser.step_in_brackets(open))?;
                    in_attribute_splat = false;
                    path.push(step, false, self.lexer.end);
                }
                _ => return Ok(path.finish()),
            }
        }
    }

    fn step_after_dot(&mut self, in_attribute_splat: bool) -> Read<Step> {
        let token = self.lexer.peek();
        match token.kind {
            Kind::Identifier => {
                self.lexer.next();
                Ok(Step::Attribute(self.word(token.span)))
            }
            Kind::Number => {
                if token.span.of(self.lexer.text).contains('.') {
                    let message = "write two indexes as `[0][1]`; `.0.1` reads as a number with a fraction";
                    return Err(error(token.span, message));
                }
                Ok(Step::Index(self.number()?))
            }
            Kind::Symbol("*") if in_attribute_splat => {
                Err(error(token.span, "`.*` may not stand inside another one; use `[*]`"))
            }
            Kind::Symbol("*") => {
                self.lexer.next();
                Ok(Step::Splat(token.span))
            }
            _ => Err(error(token.span, "expected the name of an attribute after `.`")),
        }
    }

    fn step_in_brackets(&mut self, open: Span) -> Read<Step> {
        let step = if self.lexer.takes("*") { Step::Splat(open) } else { Step::Index(self.expression()?) };
        if self.lexer.takes("]") {
            return Ok(step);
        }
        Err(error(self.lexer.peek().span, "expected `]` to close the index"))
    }
}

fn no_value(rest: &str, found: &str) -> &'static str {
    match found {
        "<" if !rest.starts_with("<<") => "expected a value here; a text stands in double quotes",
        "end" => "expected a value before the end of the file",
        "newline" => "expected a value on the line of the `=`",
        "'" => "text stands in double quotes, not in single ones",
        "`" => "text stands in double quotes, not in backticks; for several lines use a heredoc (`<<EOT`)",
        "“" | "”" => "text stands in straight double quotes (\"), not in curly ones",
        "." => "a number needs a digit before its dot",
        "<" => "a heredoc begins with `<<EOT` alone at the end of its line, without quotes or blanks",
        _ => "expected a value here",
    }
}

/// A path or an access that grows step by step.
struct Path {
    base: Spanned<Expression>,
    steps: Vec<Step>,
    end: usize,
}

impl Path {
    fn new(base: Spanned<Expression>) -> Self {
        let end = base.span.end;
        Self { base, steps: Vec::new(), end }
    }

    /// Adds a step that ends at `end`.
    fn push(&mut self, step: Step, dotted: bool, end: usize) {
        self.end = end;
        match (&mut self.base.value, written(&step, dotted)) {
            (Expression::Traversal(path), Some(text)) if self.steps.is_empty() => {
                path.push_str(&text);
                self.base.span.end = end;
            }
            _ => self.steps.push(step),
        }
    }

    fn finish(self) -> Spanned<Expression> {
        if self.steps.is_empty() {
            return self.base;
        }
        let span = self.base.span.to(Span::at(self.end));
        Spanned::new(Expression::Access(Access { base: Box::new(self.base), steps: self.steps }), span)
    }
}

/// A step as it stands in a plain path.
fn written(step: &Step, dotted: bool) -> Option<String> {
    match step {
        Step::Attribute(name) => Some(format!(".{}", name.value)),
        Step::Splat(_) if dotted => Some(".*".to_owned()),
        Step::Splat(_) => Some("[*]".to_owned()),
        Step::Index(key) => match &key.value {
            Expression::Number(number) => Some(format!("[{}]", number.written)),
            Expression::String(text) if !text.value.contains(['"', '\\']) => {
                Some(format!("[\"{}\"]", text.value))
            }
            _ => None,
        },
    }
}

/// Operands between operators that bind equally strong.
struct Run {
    first: Spanned<Expression>,
    rest: Vec<(BinaryOperator, Spanned<Expression>)>,
}

impl Run {
    fn new(first: Spanned<Expression>) -> Self {
        Self { first, rest: Vec::new() }
    }

    fn finish(self) -> Spanned<Expression> {
        let Some((_, last)) = self.rest.last() else { return self.first };
        let span = self.first.span.to(last.span);
        Spanned::new(Expression::Operation(Operation { first: Box::new(self.first), rest: self.rest }), span)
    }
}

/// Gathers operators that bind equally strong, the strongest first.
fn grouped(
    mut first: Spanned<Expression>,
    mut rest: Vec<(BinaryOperator, Spanned<Expression>)>,
) -> Spanned<Expression> {
    let mut levels: Vec<u8> = rest.iter().map(|(operator, _)| operator.precedence()).collect();
    levels.sort_unstable();
    levels.dedup();
    for level in levels.into_iter().rev() {
        let mut first_run = Run::new(first);
        let mut weaker: Vec<(BinaryOperator, Run)> = Vec::new();
        for (operator, operand) in rest {
            let run = weaker.last_mut().map_or(&mut first_run, |(_, run)| run);
            if operator.precedence() == level {
                run.rest.push((operator, operand));
            } else {
                weaker.push((operator, Run::new(operand)));
            }
        }
        first = first_run.finish();
        rest = weaker.into_iter().map(|(operator, run)| (operator, run.finish())).collect();
    }
    first
}
