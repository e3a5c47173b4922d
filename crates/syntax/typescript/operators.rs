//! Operators by how tightly they bind.

use crate::decision::{Arithmetic, Comparison, Expression, ExpressionKind as Kind, Logical};

use super::{Parse, Parser};

/// What an operator makes of its sides.
enum Operator {
    Logical(Logical),
    Compare(Comparison),
    Binary(Arithmetic),
    Opaque,
}

/// The operator at a level of binding, the loosest first.
fn operator(text: &str) -> Option<(u8, Operator)> {
    Some(match text {
        "??" => (1, Operator::Logical(Logical::Coalesce)),
        "||" => (2, Operator::Logical(Logical::Or)),
        "&&" => (3, Operator::Logical(Logical::And)),
        "===" => (5, Operator::Compare(Comparison::Equal)),
        "!==" => (5, Operator::Compare(Comparison::NotEqual)),
        "==" => (5, Operator::Compare(Comparison::LooseEqual)),
        "!=" => (5, Operator::Compare(Comparison::LooseNotEqual)),
        "<" => (6, Operator::Compare(Comparison::Less)),
        "<=" => (6, Operator::Compare(Comparison::LessEqual)),
        ">" => (6, Operator::Compare(Comparison::Greater)),
        ">=" => (6, Operator::Compare(Comparison::GreaterEqual)),
        "in" => (6, Operator::Compare(Comparison::In)),
        "instanceof" => (6, Operator::Opaque),
        "|" | "&" | "^" => (4, Operator::Opaque),
        "+" => (8, Operator::Binary(Arithmetic::Add)),
        "-" => (8, Operator::Binary(Arithmetic::Subtract)),
        "*" => (9, Operator::Binary(Arithmetic::Multiply)),
        "/" | "**" => (9, Operator::Opaque),
        "%" => (9, Operator::Binary(Arithmetic::Modulo)),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Operands joined by operators that bind at least as tightly as `least`.
    pub(super) fn binary(&mut self, least: u8) -> Parse<Expression> {
        let start = self.at;
        let mut left = self.unary()?;
        loop {
            if self.take_cast()? {
                continue;
            }
            let token = self.token();
            let known = matches!(token.kind, super::Kind::Punctuation | super::Kind::Word);
            let Some((level, operator)) = operator(token.text).filter(|(level, _)| known && *level >= least)
            else {
                return Ok(left);
            };
            self.at += 1;
            let right = self.deeper(|parser| parser.binary(level + 1))?;
            let span = self.span_from(start);
            let kind = match operator {
                Operator::Logical(operator) => Kind::Logical(operator, vec![left, right]),
                Operator::Compare(operator) => Kind::Compare(Box::new(left), vec![(operator, right)]),
                Operator::Binary(operator) => Kind::Binary(operator, Box::new(left), Box::new(right)),
                Operator::Opaque => Kind::Opaque(format!("`{}`", token.text)),
            };
            left = Expression::new(kind, span);
        }
    }

    /// `as type`, `satisfies type`.
    fn take_cast(&mut self) -> Parse<bool> {
        if !(self.is("as") || self.is("satisfies")) || self.token().newline {
            return Ok(false);
        }
        self.at += 1;
        self.skip_type()?;
        Ok(true)
    }
}
