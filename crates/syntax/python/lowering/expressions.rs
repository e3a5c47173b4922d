//! Expressions.

use std::sync::Arc;

use ruff_python_ast::{
    self as ast, BoolOp, CmpOp, ConversionFlag, Expr, FStringPart, InterpolatedStringElement, Number,
    Operator, UnaryOp,
};
use ruff_text_size::Ranged;
use source::Span;

use super::Lowering;
use crate::decision::{
    Arithmetic, Call, Comparison, Comprehension, Conditional, Expression, ExpressionKind as Kind, Function,
    Logical, Parameter, ParameterKind, Piece, SequenceKind, Statement, StatementKind,
};

impl Lowering<'_> {
    pub(super) fn expression(&self, expr: &Expr) -> Expression {
        let span = self.span(expr.range());
        self.deeper(|| self.kind(expr, span)).map_or_else(
            || Expression::opaque("an expression that nests too deep", span),
            |kind| Expression::new(kind, span),
        )
    }

    fn boxed(&self, expr: &Expr) -> Box<Expression> {
        Box::new(self.expression(expr))
    }

    fn all(&self, exprs: &[Expr]) -> Vec<Expression> {
        exprs.iter().map(|expr| self.expression(expr)).collect()
    }

    fn kind(&self, expr: &Expr, span: Span) -> Kind {
        match expr {
            Expr::NoneLiteral(_) => Kind::Null,
            Expr::BooleanLiteral(literal) => Kind::Bool(literal.value),
            Expr::StringLiteral(literal) => Kind::Text(literal.value.to_str().to_owned()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => int.as_i64().map_or_else(|| opaque("a very large number"), Kind::Integer),
                Number::Float(float) => Kind::Float(*float),
                Number::Complex { .. } => opaque("a complex number"),
            },
            Expr::FString(string) => self.format(string),
            Expr::Name(name) => Kind::Name(name.id.to_string()),
            Expr::Attribute(attribute) => Kind::Member {
                object: self.boxed(&attribute.value),
                name: attribute.attr.to_string(),
                optional: false,
            },
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => Kind::Sequence(SequenceKind::List, self.all(&list.elts)),
            Expr::Tuple(tuple) => Kind::Sequence(SequenceKind::Tuple, self.all(&tuple.elts)),
            Expr::Set(set) => Kind::Sequence(SequenceKind::Set, self.all(&set.elts)),
            Expr::Dict(dict) => {
                let entry = |item: &ast::DictItem| {
                    (item.key.as_ref().map(|key| self.expression(key)), self.expression(&item.value))
                };
                Kind::Map(dict.items.iter().map(entry).collect())
            }
            Expr::Starred(starred) => Kind::Spread(self.boxed(&starred.value)),
            Expr::BoolOp(boolean) => {
                let operator = if boolean.op == BoolOp::And { Logical::And } else { Logical::Or };
                Kind::Logical(operator, self.all(&boolean.values))
            }
            Expr::UnaryOp(unary) => match unary.op {
                UnaryOp::Not => Kind::Not(self.boxed(&unary.operand)),
                UnaryOp::USub => Kind::Negative(self.boxed(&unary.operand)),
                UnaryOp::UAdd | UnaryOp::Invert => opaque("an operator on numbers"),
            },
            Expr::Compare(compare) => self.compare(compare),
            Expr::If(conditional) => Kind::Conditional(Box::new(Conditional {
                test: self.expression(&conditional.test),
                then: self.expression(&conditional.body),
                otherwise: self.expression(&conditional.orelse),
            })),
            Expr::BinOp(binary) => match arithmetic(binary.op) {
                Some(operator) => Kind::Binary(operator, self.boxed(&binary.left), self.boxed(&binary.right)),
                None => opaque("arithmetic"),
            },
            Expr::Named(named) => Kind::Assign(self.boxed(&named.target), self.boxed(&named.value)),
            Expr::Lambda(lambda) => Kind::Function(Arc::new(self.lambda(lambda, span))),
            Expr::ListComp(list) => self.comprehension(SequenceKind::List, None, &list.elt, &list.generators),
            Expr::SetComp(set) => self.comprehension(SequenceKind::Set, None, &set.elt, &set.generators),
            Expr::Generator(generator) => {
                self.comprehension(SequenceKind::List, None, &generator.elt, &generator.generators)
            }
            Expr::DictComp(dict) => match &dict.key {
                Some(key) => self.comprehension(SequenceKind::List, Some(key), &dict.value, &dict.generators),
                None => opaque("a dictionary spread in a comprehension"),
            },
            Expr::Await(awaited) => self.kind(&awaited.value, span),
            Expr::Yield(_) | Expr::YieldFrom(_) => opaque("a generator"),
            Expr::BytesLiteral(_) => opaque("bytes"),
            Expr::EllipsisLiteral(_) => opaque("an ellipsis"),
            Expr::TString(_) | Expr::Slice(_) | Expr::IpyEscapeCommand(_) => opaque("this expression"),
        }
    }

    fn subscript(&self, subscript: &ast::ExprSubscript) -> Kind {
        let object = self.boxed(&subscript.value);
        match &*subscript.slice {
            Expr::Slice(slice) if slice.step.is_none() => Kind::Slice {
                object,
                start: slice.lower.as_ref().map(|start| self.boxed(start)),
                end: slice.upper.as_ref().map(|end| self.boxed(end)),
            },
            Expr::Slice(_) => opaque("a slice with a step"),
            index => Kind::Index { object, index: self.boxed(index), optional: false },
        }
    }

    fn call(&self, call: &ast::ExprCall) -> Kind {
        let keywords = call.arguments.keywords.iter();
        Kind::Call(Box::new(Call {
            callee: self.expression(&call.func),
            arguments: self.all(&call.arguments.args),
            keywords: keywords
                .map(|keyword| {
                    (keyword.arg.as_ref().map(ToString::to_string), self.expression(&keyword.value))
                })
                .collect(),
            optional: false,
        }))
    }

    fn compare(&self, compare: &ast::ExprCompare) -> Kind {
        let operators = compare.ops.iter().map(|operator| match operator {
            CmpOp::Eq => Comparison::Equal,
            CmpOp::NotEq => Comparison::NotEqual,
            CmpOp::Is => Comparison::Is,
            CmpOp::IsNot => Comparison::IsNot,
            CmpOp::In => Comparison::In,
            CmpOp::NotIn => Comparison::NotIn,
            CmpOp::Lt => Comparison::Less,
            CmpOp::LtE => Comparison::LessEqual,
            CmpOp::Gt => Comparison::Greater,
            CmpOp::GtE => Comparison::GreaterEqual,
        });
        let operands = compare.comparators.iter().map(|operand| self.expression(operand));
        Kind::Compare(self.boxed(&compare.left), operators.zip(operands).collect())
    }

    fn comprehension(
        &self,
        kind: SequenceKind,
        key: Option<&Expr>,
        element: &Expr,
        generators: &[ast::Comprehension],
    ) -> Kind {
        let loops = generators.iter().map(|generator| {
            (self.expression(&generator.target), self.expression(&generator.iter), self.all(&generator.ifs))
        });
        Kind::Comprehension(Box::new(Comprehension {
            kind,
            key: key.map(|key| self.expression(key)),
            element: self.expression(element),
            loops: loops.collect(),
        }))
    }

    fn lambda(&self, lambda: &ast::ExprLambda, span: Span) -> Function {
        let parameters =
            lambda.parameters.as_ref().map(|parameters| self.parameters(parameters)).unwrap_or_default();
        let body = self.expression(&lambda.body);
        let locals = parameters.iter().map(|parameter| parameter.name.clone()).collect();
        Function {
            name: String::new(),
            parameters,
            decorators: Vec::new(),
            body: vec![Statement::new(StatementKind::Return(Some(body)), span)],
            locals,
            opaque: None,
            span,
        }
    }

    pub(super) fn parameters(&self, parameters: &ast::Parameters) -> Vec<Parameter> {
        let one = |parameter: &ast::ParameterWithDefault, kind| Parameter {
            name: parameter.parameter.name.to_string(),
            target: None,
            default: parameter.default.as_ref().map(|default| self.expression(default)),
            kind,
        };
        let rest = |parameter: &ast::Parameter, kind| Parameter {
            name: parameter.name.to_string(),
            target: None,
            default: None,
            kind,
        };
        let plain = parameters.posonlyargs.iter().chain(&parameters.args);
        let mut all: Vec<Parameter> = plain.map(|parameter| one(parameter, ParameterKind::Plain)).collect();
        all.extend(parameters.vararg.iter().map(|parameter| rest(parameter, ParameterKind::Rest)));
        all.extend(parameters.kwonlyargs.iter().map(|parameter| one(parameter, ParameterKind::Named)));
        all.extend(parameters.kwarg.iter().map(|parameter| rest(parameter, ParameterKind::NamedRest)));
        all
    }

    fn format(&self, string: &ast::ExprFString) -> Kind {
        let mut pieces = Vec::new();
        for part in &string.value {
            match part {
                FStringPart::Literal(literal) => pieces.push(Piece::Text(literal.value.to_string())),
                FStringPart::FString(format) => {
                    pieces.extend(format.elements.iter().map(|element| self.piece(element)));
                }
            }
        }
        Kind::Format(pieces)
    }

    fn piece(&self, element: &InterpolatedStringElement) -> Piece {
        match element {
            InterpolatedStringElement::Literal(literal) => Piece::Text(literal.value.to_string()),
            InterpolatedStringElement::Interpolation(inner) => {
                let span = self.span(inner.range);
                let is_plain = matches!(inner.conversion, ConversionFlag::None | ConversionFlag::Str)
                    && inner.debug_text.is_none();
                Piece::Value(match &inner.format_spec {
                    None if is_plain => self.expression(&inner.expression),
                    Some(how) if is_plain => self.formatted(&inner.expression, how, span),
                    _ => Expression::opaque("a formatted value", span),
                })
            }
        }
    }
}

impl Lowering<'_> {
    /// A value in a form of its own, as `"{:>8}".format(value)`.
    fn formatted(&self, value: &Expr, how: &ast::InterpolatedStringFormatSpec, span: Span) -> Expression {
        let parts = how.elements.iter().map(|element| match element {
            InterpolatedStringElement::Literal(literal) => Some(&*literal.value),
            InterpolatedStringElement::Interpolation(_) => None,
        });
        let Some(how) = parts.collect::<Option<String>>() else {
            return Expression::opaque("a formatted value", span);
        };
        let object = Box::new(Expression::new(Kind::Text(format!("{{:{how}}}")), span));
        let callee =
            Expression::new(Kind::Member { object, name: "format".to_owned(), optional: false }, span);
        let arguments = vec![self.expression(value)];
        let call = Call { callee, arguments, keywords: Vec::new(), optional: false };
        Expression::new(Kind::Call(Box::new(call)), span)
    }
}

fn opaque(reason: &str) -> Kind {
    Kind::Opaque(reason.to_owned())
}

pub(super) fn arithmetic(operator: Operator) -> Option<Arithmetic> {
    match operator {
        Operator::Add => Some(Arithmetic::Add),
        Operator::Sub => Some(Arithmetic::Subtract),
        Operator::Mult => Some(Arithmetic::Multiply),
        Operator::Mod => Some(Arithmetic::Modulo),
        Operator::Div => Some(Arithmetic::Divide),
        Operator::BitOr => Some(Arithmetic::Union),
        _ => None,
    }
}
