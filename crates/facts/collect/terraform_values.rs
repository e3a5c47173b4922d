//! What the declarations of Terraform's variables demand of their values.

use source::Place;
use syntax::hcl::{self, Block, Constant, Expression};

use crate::record::Document;
use crate::terraform::RefusedValue;

/// A variable's demands.
#[derive(Debug)]
pub(crate) struct Demands {
    name: String,
    /// The type as written, where it is a plain one, with its place.
    plain_type: Option<(String, Place)>,
    /// The conditions with their text and place.
    conditions: Vec<(Expression, String, Place)>,
    default: Option<(Constant, Place)>,
}

/// A value that a file gives a variable.
#[derive(Debug)]
pub(crate) struct GivenValue {
    pub(crate) name: String,
    pub(crate) value: Constant,
    pub(crate) at: Place,
}

/// What a `variable` block demands; `None` where anything is taken.
#[must_use]
pub(crate) fn demands(document: &Document, block: &Block, name: &str) -> Option<Demands> {
    let written = block.body.attribute("type");
    let plain_type = written.and_then(|written| match &written.value.value {
        Expression::Traversal(name) => Some((name.clone(), document.place(written.value.span))),
        _ => None,
    });
    let conditions = block.body.blocks_of("validation").filter_map(|validation| {
        let condition = validation.body.attribute("condition")?;
        let span = condition.value.span;
        let text = document.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        Some((condition.value.value.clone(), text, document.place(span)))
    });
    let conditions: Vec<_> = conditions.collect();
    let default = block.body.attribute("default");
    let default = default.and_then(|default| {
        Some((hcl::constant(&default.value.value, &|_| None)?, document.place(default.value.span)))
    });
    (plain_type.is_some() || !conditions.is_empty()).then(|| Demands {
        name: name.to_owned(),
        plain_type,
        conditions,
        default,
    })
}

impl Demands {
    /// The values among these that are refused; a default counts where no file gives a value.
    pub(crate) fn refused(&self, given: &[GivenValue]) -> Vec<RefusedValue> {
        let own: Vec<&GivenValue> = given.iter().filter(|value| value.name == self.name).collect();
        let mut refused: Vec<RefusedValue> =
            own.iter().filter_map(|given| self.judge(&given.value, &given.at, false)).collect();
        if let Some((value, at)) = self.default.as_ref().filter(|_| own.is_empty()) {
            refused.extend(self.judge(value, at, true));
        }
        refused
    }

    fn judge(&self, value: &Constant, at: &Place, is_default: bool) -> Option<RefusedValue> {
        // `null` stands for the default, or for nothing.
        if *value == Constant::Null {
            return None;
        }
        let of_type = self.plain_type.as_ref().filter(|(plain, _)| !fits(plain, value));
        let by_type = of_type.map(|(plain, declared)| (format!("type = {plain}"), declared));
        let path = format!("var.{}", self.name);
        let lookup = |asked: &str| (asked == path).then(|| value.clone());
        let by_condition = || {
            let refuses = |(condition, _, _): &&(Expression, String, Place)| {
                hcl::constant(condition, &lookup).and_then(|holds| holds.bool()) == Some(false)
            };
            self.conditions.iter().find(refuses).map(|(_, text, declared)| (text.clone(), declared))
        };
        let (by, declared) = by_type.or_else(by_condition)?;
        Some(RefusedValue {
            name: self.name.clone(),
            at: at.clone(),
            is_default,
            by,
            declared: declared.clone(),
        })
    }
}

/// Whether Terraform can make a value of a plain type of this one.
fn fits(plain: &str, value: &Constant) -> bool {
    match plain {
        "number" => value.number().is_some(),
        "bool" => value.bool().is_some(),
        "string" => value.text().is_some(),
        _ => true,
    }
}
