//! Conditions that come out the same in every container: type checking, the operating system, old versions.

use ruff_python_ast::{CmpOp, Expr, Number};

use super::literals::items_of;
use super::walk::Walker;

/// What asks for the operating system, and its answers elsewhere than in a Linux container, whose own is the first.
const SYSTEMS: [(&str, &str, &[&str]); 3] = [
    ("sys.platform", "linux", &["win32", "win", "darwin", "cygwin"]),
    ("os.name", "posix", &["nt", "java"]),
    ("platform.system", "Linux", &["Windows", "Darwin", "Java"]),
];

/// The last minor version of Python 3 that no maintained image has: 3.8 ended in October 2024
/// (<https://devguide.python.org/versions/>).
const ENDED: i64 = 8;

impl Walker<'_> {
    /// How a condition always comes out in a container; `None` where that is not settled.
    pub(super) fn settled(&self, test: &Expr) -> Option<bool> {
        match test {
            Expr::BooleanLiteral(literal) => Some(literal.value),
            Expr::Name(_) | Expr::Attribute(_) => {
                let path = self.path_of(test)?;
                let is_for_checkers = matches!(
                    path.as_str(),
                    "TYPE_CHECKING" | "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING"
                );
                is_for_checkers.then_some(false)
            }
            // `sys.platform.startswith("win")`
            Expr::Call(call) => {
                let Expr::Attribute(method) = &*call.func else { return None };
                let [name] = &*call.arguments.args else { return None };
                (method.attr.as_str() == "startswith").then_some(())?;
                self.is_system(&method.value, name)
            }
            Expr::Compare(compare) => {
                let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return None };
                match op {
                    CmpOp::Eq => self.is_system(&compare.left, right),
                    CmpOp::NotEq => self.is_system(&compare.left, right).map(|is| !is),
                    CmpOp::Lt => self.is_older_than(&compare.left, right),
                    CmpOp::GtE => self.is_older_than(&compare.left, right).map(|is| !is),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_system(&self, asked: &Expr, name: &Expr) -> Option<bool> {
        let asked = match asked {
            Expr::Call(call) => self.path_of(&call.func),
            _ => self.path_of(asked),
        };
        let (_, own, others) = SYSTEMS.into_iter().find(|(path, ..)| Some(*path) == asked.as_deref())?;
        let name = self.source.plain_text_of(name)?.value;
        if name == own {
            return Some(true);
        }
        others.contains(&name.as_str()).then_some(false)
    }

    /// `sys.version_info < (3, 8)`.
    fn is_older_than(&self, asked: &Expr, version: &Expr) -> Option<bool> {
        (self.path_of(asked)? == "sys.version_info").then_some(())?;
        let mut parts = items_of(version)?.iter().map(whole_number);
        let (major, minor) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
        (major < 3 || (major == 3 && minor <= ENDED)).then_some(false)
    }
}

fn whole_number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(whole) => whole.as_i64(),
            _ => None,
        },
        _ => None,
    }
}
