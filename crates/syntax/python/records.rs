//! Records of configuration: classes with default values, calls that fill them, branches on a record's name.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Stmt};
use ruff_text_size::Ranged;

use super::literals::{dotted, items_of, words_of};
use super::types::{Branch, FieldDefault, RecordCall};
use super::walk::Walker;

/// Last words of what names a record by themselves: `service`, `self.component`.
const NAMING: [&str; 3] = ["service", "component", "app"];

/// Words beside `name` that say whose name it is: `service.name`, `svc_name`, `config.name`.
const RECORDS: [&str; 5] = ["service", "svc", "component", "app", "config"];

impl<'t> Walker<'t> {
    /// `timeout: int = 300` in the body of a class.
    pub(super) fn field_defaults(&mut self, class: &'t ast::StmtClassDef) {
        for stmt in &class.body {
            let Stmt::AnnAssign(field) = stmt else { continue };
            let (Expr::Name(name), Some(value)) = (&*field.target, &field.value) else { continue };
            let Some(value) = self.source.literal_of(value) else { continue };
            let class = class.name.to_string();
            self.record_classes.insert(class.clone());
            self.module.field_defaults.push(FieldDefault { class, name: name.id.to_string(), value });
        }
    }

    /// `ServiceConfig(name="api", port=8000)`.
    pub(super) fn record_call(&mut self, call: &ast::ExprCall, callee: &str) {
        if !self.record_classes.contains(callee) || !call.arguments.args.is_empty() {
            return;
        }
        let keywords: Option<Vec<String>> =
            call.arguments.keywords.iter().map(|keyword| Some(keyword.arg.as_ref()?.to_string())).collect();
        if let Some(given) = keywords {
            let call = self.source.span(call.range());
            self.module.record_calls.push(RecordCall { class: callee.to_owned(), given, call });
        }
    }

    /// The names that a condition asks for; `None` where it asks for something else.
    pub(super) fn names_of(&self, test: Option<&Expr>) -> Option<Vec<String>> {
        test.and_then(|test| self.names_asked_for(test))
    }

    fn names_asked_for(&self, test: &Expr) -> Option<Vec<String>> {
        match test {
            Expr::BoolOp(boolean) if boolean.op == BoolOp::Or => {
                let parts: Option<Vec<_>> =
                    boolean.values.iter().map(|part| self.name_compared(part)).collect();
                Some(parts?.concat())
            }
            _ => self.name_compared(test),
        }
    }

    /// `service.name == "api"`, `name in ("api", "web")`.
    fn name_compared(&self, test: &Expr) -> Option<Vec<String>> {
        let Expr::Compare(compare) = test else { return None };
        let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return None };
        names_a_record(&dotted(&compare.left)?).then_some(())?;
        let plain = |item: &Expr| self.source.plain_text_of(item).map(|text| text.value);
        match op {
            CmpOp::Eq => Some(vec![plain(right)?]),
            CmpOp::In => items_of(right)?.iter().map(plain).collect(),
            _ => None,
        }
    }

    /// What the conditions around this place ask together.
    pub(super) fn branch(&self) -> Branch {
        Branch {
            names: self.branches.iter().rev().flatten().next().cloned().unwrap_or_default(),
            is_conditional: self.branches.contains(&None),
            arms: self.arms.clone(),
        }
    }
}

/// `service.name`, `service_name`, `config.name`, `name`; not `env_name`, which names no record.
fn names_a_record(asked: &str) -> bool {
    let words: Vec<String> = asked.split('.').flat_map(words_of).collect();
    let is_record = |word: &String| RECORDS.contains(&word.as_str());
    match words.split_last() {
        Some((last, rest)) if last == "name" => rest.is_empty() || rest.iter().any(is_record),
        Some((last, _)) => NAMING.contains(&last.as_str()),
        None => false,
    }
}
