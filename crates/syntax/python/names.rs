//! What names are bound to, and what the expressions that use them are.

use ruff_python_ast::Expr;

use super::literals::{MAX_NAME, dotted, items_of};
use super::scope::Value;
use super::walk::Walker;
use crate::Spanned;

/// Items of a list of names that a loop is followed over.
const MAX_LIST: usize = 100;

impl Walker<'_> {
    /// The full path of a dotted name: `environ.get` is `os.environ.get` after `from os import environ`. As written
    /// where nothing binds its first part, none where something else does.
    pub(super) fn path_of(&self, expr: &Expr) -> Option<String> {
        let written = dotted(expr)?;
        if let Some(Value::Path(path)) = self.scopes.get(&written) {
            return Some(path.clone());
        }
        let first_end = written.find('.').unwrap_or(written.len());
        let (first, rest) = written.split_at(first_end);
        match self.scopes.get(first) {
            Some(Value::Path(path)) => Some(format!("{path}{rest}")),
            Some(_) => None,
            None => Some(written),
        }
    }

    /// A plain string, written here or bound to the name that stands here.
    pub(super) fn known_text(&self, expr: &Expr) -> Option<Spanned<String>> {
        if let Some(text) = self.source.plain_text_of(expr) {
            return Some(text);
        }
        match self.scopes.get(&dotted(expr)?) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// The strings that an expression can be: one literal, or each item of the literal list that a loop goes over.
    pub(super) fn known_texts(&self, expr: &Expr) -> Vec<Spanned<String>> {
        if let Some(text) = self.known_text(expr) {
            return vec![text];
        }
        match dotted(expr).and_then(|name| self.scopes.get(&name)) {
            Some(Value::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn bind_target(&mut self, target: &Expr, value: &Expr) {
        match target {
            Expr::Name(_) | Expr::Attribute(_) => {
                let Some(name) = dotted(target) else { return };
                let value = self.value_of(value);
                self.scopes.bind(&name, value);
            }
            _ => self.unbind(target),
        }
    }

    /// Forgets the names that a pattern binds.
    pub(super) fn unbind(&mut self, target: &Expr) {
        let mut targets = vec![target];
        while let Some(target) = targets.pop() {
            match target {
                Expr::Name(name) => self.scopes.bind(&name.id, Value::Unknown),
                Expr::Starred(starred) => targets.push(&starred.value),
                Expr::List(list) => targets.extend(&list.elts),
                Expr::Tuple(tuple) => targets.extend(&tuple.elts),
                _ => {}
            }
        }
    }

    /// What a name stands for after `value` was assigned to it.
    fn value_of(&self, value: &Expr) -> Value {
        if let Some(text) = self.source.plain_text_of(value) {
            return if text.value.len() <= MAX_NAME { Value::Text(text) } else { Value::Unknown };
        }
        if value.is_dict_expr() {
            return Value::Dictionary;
        }
        if let Some(texts) = self.choice(value) {
            return Value::OneOf(texts);
        }
        if let Some(path) = self.environment_object(value) {
            return Value::Path(path);
        }
        if self.is_command_list(value) {
            return Value::Command;
        }
        if let Some(texts) = self.name_list(value) {
            return Value::Texts(texts);
        }
        let presence = self.presence(value, true);
        if !presence.is_empty() {
            return Value::Presence(presence);
        }
        match self.file_path(value) {
            Some((base, path)) => Value::File(base, path),
            None => Value::Unknown,
        }
    }

    /// `"a" if local else "b"`.
    fn choice(&self, value: &Expr) -> Option<Vec<Spanned<String>>> {
        let Expr::If(conditional) = value else { return None };
        let branches = [&conditional.body, &conditional.orelse];
        let texts = branches.into_iter().map(|branch| self.source.plain_text_of(branch));
        texts.map(|text| text.filter(|text| text.value.len() <= MAX_NAME)).collect()
    }

    /// A literal list that may name variables: short strings, not many.
    fn name_list(&self, list: &Expr) -> Option<Vec<Spanned<String>>> {
        let items = items_of(list)?;
        if items.is_empty() || items.len() > MAX_LIST {
            return None;
        }
        let texts = items.iter().map(|item| self.source.plain_text_of(item));
        texts.map(|text| text.filter(|text| text.value.len() <= MAX_NAME)).collect()
    }

    /// Binds a loop's variable to the items of a literal list.
    pub(super) fn bind_loop(&mut self, target: &Expr, over: &Expr) {
        let texts = self.name_list(over).or_else(|| match self.scopes.get(&dotted(over)?) {
            Some(Value::Texts(texts)) => Some(texts.clone()),
            _ => None,
        });
        match (target, texts) {
            (Expr::Name(name), Some(texts)) => self.scopes.bind(&name.id, Value::Texts(texts)),
            _ => self.unbind(target),
        }
    }
}
