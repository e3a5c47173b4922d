//! What an expression comes to, as far as the text says.

use std::collections::HashMap;

use super::tree::{
    Access, BinaryOperator, Call, Conditional, Expression, ObjectItem, Operation, Step, TemplatePart,
    UnaryOperator,
};
use crate::Spanned;

/// A value that is known without running terraform.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    String(String),
    /// `[…]`.
    Array(Vec<Constant>),
    /// `{…}`, each key once, in the order of the text.
    Object(Vec<(String, Constant)>),
}

impl Constant {
    /// The value as terraform turns it into a string; `None` for `null`, lists and objects.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            // Terraform knows no negative zero.
            Self::Number(value) if value.is_finite() => Some((value + 0.0).to_string()),
            _ => None,
        }
    }

    /// The value as terraform turns it into a number: `"86400"` is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::String(text) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                text.parse().ok()
            }
            _ => None,
        }
    }

    /// The value as terraform turns it into a truth value: `"true"` is one, `"True"` is not.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::String(text) => match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The item of a list at an index, or of an object at a key.
    fn at(&self, key: &Self) -> Option<Self> {
        match self {
            Self::Array(items) => {
                let wanted = key.number()?;
                let index = items.iter().enumerate().find(|(index, _)| is_index(*index, wanted));
                index.map(|(_, item)| item.clone())
            }
            Self::Object(items) => {
                let wanted = key.text()?;
                items.iter().find(|(key, _)| *key == wanted).map(|(_, item)| item.clone())
            }
            _ => None,
        }
    }
}

fn number_of(count: usize) -> Option<Constant> {
    u32::try_from(count).ok().map(|count| Constant::Number(count.into()))
}

#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "lists are shorter than 2^53")]
fn is_index(index: usize, wanted: f64) -> bool {
    index as f64 == wanted
}

/// What an expression comes to: literals, templates, conditionals, operators (`60 * 60`), and the paths that
/// `variables` answers (`var.x`, `local.y`). For `var.x.y` it is asked for that, then for `var.x`.
/// `None` where the value depends on anything else, or is an error.
#[must_use]
pub fn constant(expression: &Expression, variables: &dyn Fn(&str) -> Option<Constant>) -> Option<Constant> {
    Evaluation { variables }.value(expression, MAX_STEPS)
}

/// How deep expressions are evaluated; the reader lets none through that are deeper.
const MAX_STEPS: usize = 1_024;

/// How many steps into a value are looked up from its whole path down.
const MAX_PATH: usize = 8;

struct Evaluation<'v> {
    variables: &'v dyn Fn(&str) -> Option<Constant>,
}

impl Evaluation<'_> {
    fn value(&self, expression: &Expression, steps: usize) -> Option<Constant> {
        let steps = steps.checked_sub(1)?;
        match expression {
            Expression::Null => Some(Constant::Null),
            Expression::Bool(value) => Some(Constant::Bool(*value)),
            Expression::Number(number) => Some(Constant::Number(number.value)),
            Expression::String(text) => Some(Constant::String(text.value.clone())),
            Expression::Template(template) => match template.parts.as_slice() {
                [TemplatePart::Interpolation(only)] => self.value(&only.value, steps),
                parts => self.joined(parts, steps).map(Constant::String),
            },
            Expression::Array(items) => items
                .iter()
                .map(|item| self.value(&item.value, steps))
                .collect::<Option<_>>()
                .map(Constant::Array),
            Expression::Object(items) => self.object(items, steps),
            Expression::Traversal(path) => self.variable(path),
            Expression::Access(access) => self.access(access, steps),
            Expression::Conditional(conditional) => self.conditional(conditional, steps),
            Expression::Unary(UnaryOperator::Negate, operand) => {
                Some(Constant::Number(-self.value(&operand.value, steps)?.number()?))
            }
            Expression::Unary(UnaryOperator::Not, operand) => {
                Some(Constant::Bool(!self.value(&operand.value, steps)?.bool()?))
            }
            Expression::Operation(operation) => self.operation(operation, steps),
            Expression::Parenthesis(inner) => self.value(&inner.value, steps),
            Expression::Call(call) => self.call(call, steps),
            Expression::For(_) => None,
        }
    }

    /// The few functions that conditions on variables are made of.
    fn call(&self, call: &Call, steps: usize) -> Option<Constant> {
        if call.expands_last {
            return None;
        }
        let arguments: Option<Vec<Constant>> =
            call.arguments.iter().map(|argument| self.value(&argument.value, steps)).collect();
        match (call.name.value.as_str(), arguments?.as_slice()) {
            ("contains", [Constant::Array(items), wanted]) => {
                let wanted = wanted.text()?;
                let items: Option<Vec<String>> = items.iter().map(Constant::text).collect();
                Some(Constant::Bool(items?.contains(&wanted)))
            }
            ("length", [Constant::String(text)]) => number_of(text.chars().count()),
            ("length", [Constant::Array(items)]) => number_of(items.len()),
            ("lower", [text]) => text.text().map(|text| Constant::String(text.to_lowercase())),
            ("upper", [text]) => text.text().map(|text| Constant::String(text.to_uppercase())),
            _ => None,
        }
    }

    fn joined(&self, parts: &[TemplatePart], steps: usize) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        parts
            .iter()
            .map(|part| match part {
                TemplatePart::Literal(text) => Some(text.value.clone()),
                TemplatePart::Interpolation(value) => self.value(&value.value, steps)?.text(),
                TemplatePart::If { condition, then, otherwise } => {
                    let holds = self.value(&condition.value, steps)?.bool()?;
                    self.joined(if holds { then } else { otherwise }, steps)
                }
                TemplatePart::For { .. } => None,
            })
            .collect()
    }

    fn object(&self, items: &[ObjectItem], steps: usize) -> Option<Constant> {
        let mut places = HashMap::new();
        let mut values: Vec<(String, Constant)> = Vec::with_capacity(items.len());
        for item in items {
            let key = self.value(&item.key.value, steps)?.text()?;
            let value = self.value(&item.value.value, steps)?;
            if let Some(before) = places.get(&key).and_then(|place: &usize| values.get_mut(*place)) {
                before.1 = value;
            } else {
                places.insert(key.clone(), values.len());
                values.push((key, value));
            }
        }
        Some(Constant::Object(values))
    }

    fn variable(&self, path: &str) -> Option<Constant> {
        (self.variables)(path).or_else(|| {
            let ends = path.rmatch_indices(['.', '[']).take(MAX_PATH).map(|(end, _)| end);
            ends.filter_map(|end| Some((path.get(..end)?, path.get(end..)?)))
                .find_map(|(known, steps)| follow((self.variables)(known)?, steps))
        })
    }

    fn access(&self, access: &Access, steps: usize) -> Option<Constant> {
        access.steps.iter().try_fold(self.value(&access.base.value, steps)?, |value, step| match step {
            Step::Attribute(name) => value.at(&Constant::String(name.value.clone())),
            Step::Index(key) => value.at(&self.value(&key.value, steps)?),
            Step::Splat(_) => None,
        })
    }

    fn conditional(&self, conditional: &Conditional, steps: usize) -> Option<Constant> {
        let holds = self.value(&conditional.condition.value, steps)?.bool()?;
        let (chosen, other) = if holds {
            (&conditional.then, &conditional.otherwise)
        } else {
            (&conditional.otherwise, &conditional.then)
        };
        let value = self.value(&chosen.value, steps)?;
        match self.value(&other.value, steps) {
            Some(other) => unified(value, &other),
            None => Some(value),
        }
    }

    fn operation(&self, operation: &Operation, steps: usize) -> Option<Constant> {
        let operand = |operand: &Spanned<Expression>| self.value(&operand.value, steps);
        operation.rest.iter().try_fold(operand(&operation.first)?, |left, (operator, right)| {
            binary(&left, *operator, &operand(right)?)
        })
    }
}

/// The first of two values that must be of one kind: text, where one of them is.
fn unified(value: Constant, other: &Constant) -> Option<Constant> {
    use Constant::{Array, Bool, Null, Number, Object, String};
    match (&value, other) {
        (Number(_) | Bool(_), String(_)) => value.text().map(String),
        (Null, _)
        | (_, Null)
        | (String(_), Number(_) | Bool(_) | String(_))
        | (Number(_), Number(_))
        | (Bool(_), Bool(_))
        | (Array(_), Array(_))
        | (Object(_), Object(_)) => Some(value),
        _ => None,
    }
}

fn binary(left: &Constant, operator: BinaryOperator, right: &Constant) -> Option<Constant> {
    let numbers = || Some((left.number()?, right.number()?));
    let bools = || Some((left.bool()?, right.bool()?));
    Some(match operator {
        BinaryOperator::Or => bools().map(|(a, b)| Constant::Bool(a || b))?,
        BinaryOperator::And => bools().map(|(a, b)| Constant::Bool(a && b))?,
        BinaryOperator::Equal => Constant::Bool(left == right),
        BinaryOperator::NotEqual => Constant::Bool(left != right),
        BinaryOperator::Less => numbers().map(|(a, b)| Constant::Bool(a < b))?,
        BinaryOperator::LessOrEqual => numbers().map(|(a, b)| Constant::Bool(a <= b))?,
        BinaryOperator::Greater => numbers().map(|(a, b)| Constant::Bool(a > b))?,
        BinaryOperator::GreaterOrEqual => numbers().map(|(a, b)| Constant::Bool(a >= b))?,
        BinaryOperator::Add => numbers().map(|(a, b)| Constant::Number(a + b))?,
        BinaryOperator::Subtract => numbers().map(|(a, b)| Constant::Number(a - b))?,
        BinaryOperator::Multiply => numbers().map(|(a, b)| Constant::Number(a * b))?,
        BinaryOperator::Divide => {
            numbers().map(|(a, b)| a / b).filter(|value| !value.is_nan()).map(Constant::Number)?
        }
        // Terraform takes the rest of a division by zero for the number itself.
        BinaryOperator::Modulo => {
            numbers().map(|(a, b)| Constant::Number(if b == 0.0 { a } else { a % b }))?
        }
    })
}

/// The steps of a plain path: `.name`, `[0]`, `["key"]`.
fn follow(value: Constant, steps: &str) -> Option<Constant> {
    let mut value = value;
    let mut rest = steps;
    while !rest.is_empty() {
        let (key, after) = if let Some(quoted) = rest.strip_prefix("[\"") {
            quoted.split_once("\"]")?
        } else if let Some(index) = rest.strip_prefix('[') {
            index.split_once(']')?
        } else {
            let name = rest.strip_prefix('.')?;
            name.split_at(name.find(['.', '[']).unwrap_or(name.len()))
        };
        value = value.at(&Constant::String(key.to_owned()))?;
        rest = after;
    }
    Some(value)
}
