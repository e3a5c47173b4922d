//! Expressions.

use syn::{BinOp, Expr, Member, UnOp};

use super::Lowering;
use super::items::call;
use super::statements::{Tail, block_value, closure};
use super::wanted::Wanted;
use crate::decision::{
    Arithmetic, Call, Comparison, Expression, ExpressionKind as Kind, Logical, Parameter, ParameterKind,
    SequenceKind,
};
use crate::rust::items::plain;

impl Lowering {
    pub(super) fn expression(&self, expression: &Expr) -> Expression {
        let span = self.source.of(expression);
        let wanted = self.context.borrow_mut().wanted.take();
        self.deeper(|| self.kind(expression, span, wanted.as_ref()))
            .unwrap_or_else(|| Expression::opaque("an expression that nests too deep", span))
    }

    fn boxed(&self, expression: &Expr) -> Box<Expression> {
        Box::new(self.expression(expression))
    }

    fn kind(&self, expression: &Expr, span: source::Span, wanted: Option<&Wanted>) -> Expression {
        let kind = match expression {
            // What is looked through: the value is the same.
            Expr::Paren(inner) => return self.typed(&inner.expr, wanted),
            Expr::Group(inner) => return self.typed(&inner.expr, wanted),
            Expr::Reference(inner) => return self.typed(&inner.expr, wanted),
            Expr::Await(inner) => return self.typed(&inner.base, wanted),
            Expr::Cast(inner) => return self.expression(&inner.expr),
            Expr::Lit(literal) => return self.literal(&literal.lit),
            Expr::Macro(called) => return self.macro_call(&called.mac),
            Expr::Path(path) => Kind::Name(dotted(&path.path)),
            Expr::Unary(unary) => match unary.op {
                UnOp::Not(_) => Kind::Not(self.boxed(&unary.expr)),
                UnOp::Neg(_) => Kind::Negative(self.boxed(&unary.expr)),
                _ => return self.expression(&unary.expr),
            },
            Expr::Binary(binary) => return self.binary(binary, span),
            Expr::Call(called) => return self.function_call(called, span, wanted),
            Expr::MethodCall(called) => return self.method(called, span, wanted),
            Expr::Field(field) => match &field.member {
                Member::Named(name) => {
                    Kind::Member { object: self.boxed(&field.base), name: plain(name), optional: false }
                }
                Member::Unnamed(index) => Kind::Index {
                    object: self.boxed(&field.base),
                    index: Box::new(Expression::new(Kind::Integer(i64::from(index.index)), span)),
                    optional: false,
                },
            },
            Expr::Index(index) => Kind::Index {
                object: self.boxed(&index.expr),
                index: self.boxed(&index.index),
                optional: false,
            },
            Expr::Array(array) => Kind::Sequence(SequenceKind::List, self.all(&array.elems)),
            Expr::Tuple(tuple) => Kind::Sequence(SequenceKind::Tuple, self.all(&tuple.elems)),
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Unsafe(_) => {
                let tail = self.expecting(wanted.cloned(), || self.tail(expression, Tail::Value));
                return block_value(vec![tail], span);
            }
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {
                return block_value(vec![self.tail(expression, Tail::Value)], span);
            }
            Expr::Closure(written) => return self.closure(written, span, wanted),
            Expr::Try(tried) => {
                let object = Box::new(self.typed(&tried.expr, wanted));
                let member = Kind::Member { object, name: "?".to_owned(), optional: false };
                return call(Expression::new(member, span), Vec::new(), span);
            }
            Expr::Let(test) => {
                return Self::matching(self.expression(&test.expr), self.pattern(&test.pat), None, span);
            }
            Expr::Struct(made) if made.rest.is_none() => return self.made(made, span),
            Expr::Async(_) => Kind::Opaque("an asynchronous block".to_owned()),
            Expr::Range(_) => Kind::Opaque("a range".to_owned()),
            _ => Kind::Opaque("an expression of this kind".to_owned()),
        };
        Expression::new(kind, span)
    }

    fn all(&self, elements: &syn::punctuated::Punctuated<Expr, syn::Token![,]>) -> Vec<Expression> {
        elements.iter().map(|element| self.expression(element)).collect()
    }

    fn binary(&self, binary: &syn::ExprBinary, span: source::Span) -> Expression {
        // What is compared with a text is one.
        let beside = |other: &Expr| is_text(other).then_some(Wanted::Text);
        let left = self.typed(&binary.left, beside(&binary.right).as_ref());
        let right = self.typed(&binary.right, beside(&binary.left).as_ref());
        let compared = |left: Expression, by: Comparison, right: Expression| {
            Expression::new(Kind::Compare(Box::new(left), vec![(by, right)]), span)
        };
        let computed = |by: Arithmetic, left: Expression, right: Expression| {
            Expression::new(Kind::Binary(by, Box::new(left), Box::new(right)), span)
        };
        match binary.op {
            BinOp::And(_) => Expression::new(Kind::Logical(Logical::And, vec![left, right]), span),
            BinOp::Or(_) => Expression::new(Kind::Logical(Logical::Or, vec![left, right]), span),
            BinOp::Eq(_) => compared(left, Comparison::Equal, right),
            BinOp::Ne(_) => compared(left, Comparison::NotEqual, right),
            BinOp::Lt(_) => compared(left, Comparison::Less, right),
            BinOp::Le(_) => compared(left, Comparison::LessEqual, right),
            BinOp::Gt(_) => compared(left, Comparison::Greater, right),
            BinOp::Ge(_) => compared(left, Comparison::GreaterEqual, right),
            BinOp::Add(_) => computed(Arithmetic::Add, left, right),
            BinOp::Sub(_) => computed(Arithmetic::Subtract, left, right),
            BinOp::Mul(_) => computed(Arithmetic::Multiply, left, right),
            _ => Expression::opaque("an operator of this kind", span),
        }
    }

    fn closure(&self, written: &syn::ExprClosure, span: source::Span, wanted: Option<&Wanted>) -> Expression {
        let mut opaque = written.asyncness.is_some().then_some("an asynchronous function");
        let mut parameters = Vec::new();
        for input in &written.inputs {
            let name = match self.pattern(input) {
                crate::decision::Pattern::Bind(name) => name,
                crate::decision::Pattern::Any => String::new(),
                _ => {
                    opaque = Some("a function that takes its parameters apart");
                    String::new()
                }
            };
            parameters.push(Parameter { name, target: None, default: None, kind: ParameterKind::Plain });
        }
        let written_type = match &written.output {
            syn::ReturnType::Type(_, written) => self.written(written),
            syn::ReturnType::Default => None,
        };
        let returned = written_type.or_else(|| wanted.cloned());
        let body = self.answering(returned, || vec![self.tail(&written.body, Tail::Returned)]);
        closure(parameters, body, opaque, span)
    }

    /// `Config { environment, port: 80 }` as a call of the type with its fields by name.
    fn made(&self, made: &syn::ExprStruct, span: source::Span) -> Expression {
        let callee = Expression::new(Kind::Name(dotted(&made.path)), self.source.of(&made.path));
        let of = dotted(&made.path);
        let keywords = made.fields.iter().filter_map(|field| match &field.member {
            Member::Named(name) => {
                let name = plain(name);
                let wanted = self.type_of_field(&of, &name);
                Some((Some(name), self.typed(&field.expr, wanted.as_ref())))
            }
            Member::Unnamed(_) => None,
        });
        let call = Call { callee, arguments: Vec::new(), keywords: keywords.collect(), optional: false };
        Expression::new(Kind::Call(Box::new(call)), span)
    }
}

fn is_text(expression: &Expr) -> bool {
    matches!(expression, Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Str(_)))
}

/// A path with its segments, without types: `std::env::var`.
pub(super) fn dotted(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| plain(&segment.ident)).collect::<Vec<_>>().join("::")
}

/// Whether a name is written like that of a type or a variant: `Production`, not `PRODUCTION`.
pub(super) fn is_type_name(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
}
