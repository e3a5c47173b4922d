//! Literal settings: dictionaries, stores by key, keyword arguments.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;

use super::literals::{MAX_NAME, dotted, is_kebab, is_upper_snake, items_of};
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
        let is_name = is_upper_snake(&key.value) || is_kebab(&key.value);
        if !is_name || key.value.len() > MAX_NAME {
            return;
        }
        let span = self.source.span(value.range());
        let value = self.source.literal_of(value).unwrap_or_else(|| Spanned::new(Literal::Expression, span));
        self.record_pair(key, value);
    }

    fn record_pair(&mut self, key: &Spanned<String>, value: Spanned<Literal>) {
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

    /// `"KEY=value"` among the items of a list, or as what is added to one.
    pub(super) fn pair_texts(&mut self, list: &Expr, owner: Option<&str>) {
        let items = items_of(list).unwrap_or_else(|| std::slice::from_ref(list));
        let pairs: Vec<_> = items.iter().filter_map(|item| self.pair(item)).collect();
        if pairs.is_empty() || owner.is_none() {
            return;
        }
        self.owned_by(owner.map(str::to_owned), |walker| {
            for (key, value) in pairs {
                walker.record_pair(&key, value);
            }
        });
    }

    /// `env_vars.append("KEY=value")`, `env_vars.extend(["KEY=value"])`.
    pub(super) fn added_pairs(&mut self, call: &ast::ExprCall, callee: &str) {
        let Some((receiver, "append" | "extend")) = callee.rsplit_once('.') else { return };
        if let [added] = &*call.arguments.args {
            self.pair_texts(added, Some(receiver));
        }
    }

    fn pair(&self, item: &Expr) -> Option<(Spanned<String>, Spanned<Literal>)> {
        let text = self.source.text_of(item)?;
        let (name, value) = text.value.value.split_once('=')?;
        if !is_upper_snake(name) || name.len() > MAX_NAME {
            return None;
        }
        // The value has a place of its own where the literal is written as it is read.
        let verbatim = text.span.len() == text.value.value.len();
        let start = text.span.start + name.len() + 1;
        let at = if verbatim { source::Span::new(start, text.span.end) } else { text.span };
        let name_at =
            if verbatim { source::Span::new(text.span.start, start.saturating_sub(1)) } else { text.span };
        let value = Text { value: value.to_owned(), template: text.value.template };
        Some((Spanned::new(name.to_owned(), name_at), Spanned::new(Literal::Text(value), at)))
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
