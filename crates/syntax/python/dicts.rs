//! Literal settings: dictionaries, stores by key, keyword arguments.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::literals::{MAX_NAME, dotted, is_upper_snake};
use super::scope::Value;
use super::types::{DictEntry, KeywordLiteral, Literal, Text};
use super::walk::Walker;
use crate::Spanned;

/// Conditional expressions in the branches of conditional expressions whose values are told.
const MAX_BRANCHES: usize = 16;

impl<'t> Walker<'t> {
    pub(super) fn dictionary(&mut self, dict: &'t ast::ExprDict) {
        for item in &dict.items {
            let key = item.key.as_ref().and_then(|key| self.source.plain_text_of(key));
            if let Some(key) = &item.key {
                self.visit_expr(key);
            }
            if let Some(key) = &key {
                self.record_entry(key, &item.value);
            }
            let owner = key.map(|key| key.value);
            self.owned_by(owner, |walker| walker.visit_expr(&item.value));
        }
    }

    fn record_entry(&mut self, key: &Spanned<String>, value: &Expr) {
        if !is_upper_snake(&key.value) || key.value.len() > MAX_NAME {
            return;
        }
        let Some(value) = self.source.literal_of(value) else { return };
        self.module.dict_entries.push(DictEntry {
            key: key.clone(),
            span: key.span.to(value.span),
            value,
            owner: self.owner(),
            call: self.call,
            line: self.line(key.span),
            function: self.function(),
        });
    }

    /// `env["KEY"] = "value"`.
    pub(super) fn key_store(&mut self, target: &'t Expr, value: &Expr) {
        let Expr::Subscript(subscript) = target else { return };
        let Some(key) = self.source.plain_text_of(&subscript.slice) else { return };
        let owner = self.key_owner_of(&subscript.value);
        self.owned_by(owner, |walker| walker.record_entry(&key, value));
    }

    /// What names a dictionary that is stored into: `config`, `services.backend` for `services["backend"]`.
    fn key_owner_of(&self, target: &Expr) -> Option<String> {
        self.path_of(target).or_else(|| self.key_path_of(target))
    }

    /// `services["backend"]` as `services.backend`.
    pub(super) fn key_path_of(&self, target: &Expr) -> Option<String> {
        let mut keys = Vec::new();
        let mut target = target;
        while let Expr::Subscript(subscript) = target {
            if keys.len() > 8 {
                return None;
            }
            keys.push(self.source.plain_text_of(&subscript.slice)?.value);
            target = &subscript.value;
        }
        keys.push(dotted(target)?);
        keys.reverse();
        Some(keys.join("."))
    }

    pub(super) fn keyword_literal(&mut self, callee: &str, keyword: &ast::Keyword) {
        let Some(name) = &keyword.arg else { return };
        let values = self.values_of(&keyword.value);
        if values.is_empty() {
            return;
        }
        let span = self.source.span(keyword.range());
        self.module.keyword_literals.push(KeywordLiteral {
            name: Spanned::new(name.to_string(), self.source.span(name.range)),
            values,
            callee: callee.to_owned(),
            call: self.call.unwrap_or(span),
            span,
            line: self.line(span),
            function: self.function(),
        });
    }

    /// The literals that an expression can come out as; none where one of its branches is no literal.
    fn values_of(&self, expr: &Expr) -> Vec<Spanned<Literal>> {
        let mut values = Vec::new();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            match (expr, self.source.literal_of(expr)) {
                (_, Some(literal)) => values.push(literal),
                (Expr::Name(name), None) => match self.scopes.get(&name.id) {
                    Some(Value::OneOf(texts)) => values.extend(texts.iter().map(literal_text)),
                    _ => return Vec::new(),
                },
                (Expr::If(conditional), None) if values.len() + open.len() < MAX_BRANCHES => {
                    open.push(&conditional.orelse);
                    open.push(&conditional.body);
                }
                _ => return Vec::new(),
            }
        }
        values
    }
}

fn literal_text(text: &Spanned<String>) -> Spanned<Literal> {
    Spanned::new(Literal::Text(Text { value: text.value.clone(), template: false }), text.span)
}
