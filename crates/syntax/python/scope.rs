//! What names stand for, as far as the readers need it, in the order in which the text binds them.

use std::collections::HashMap;

use super::types::Base;
use crate::Spanned;

/// The one module that is taken for itself where no import of it is seen.
const KNOWN_UNBOUND: &str = "os";

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Something the readers do not follow; hides an outer binding.
    Unknown,
    /// An imported name or an alias of one, by its full path: `os.environ`.
    Path(String),
    /// A string.
    Text(Spanned<String>),
    /// One of several strings, of which a condition chooses.
    OneOf(Vec<Spanned<String>>),
    /// A list of strings.
    Texts(Vec<Spanned<String>>),
    /// A value that is true whenever one of these variables is set.
    Presence(Vec<Spanned<String>>),
    /// A dictionary display.
    Dictionary,
    /// A list of command words.
    Command,
    /// A path in the file system.
    File(Base, String),
    /// A pydantic settings class.
    Settings(SettingsStyle),
}

/// How a pydantic settings class derives the names of its variables.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SettingsStyle {
    /// Put in front of the field's name.
    pub(super) prefix: String,
    /// Whether the name is used as written instead of in upper case.
    pub(super) case_sensitive: bool,
    /// Whether `Optional` alone makes a field optional: pydantic 1, where settings come from `pydantic` itself.
    pub(super) version_1: bool,
}

/// What kind of code a scope belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    Class,
    Function,
    Comprehension,
}

#[derive(Debug)]
struct Scope {
    kind: ScopeKind,
    names: HashMap<String, Value>,
}

/// The scopes around the place that is being read, the innermost last.
#[derive(Debug)]
pub(super) struct Scopes {
    stack: Vec<Scope>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self { stack: vec![Scope { kind: ScopeKind::Module, names: HashMap::new() }] }
    }

    pub(super) fn enter(&mut self, kind: ScopeKind) {
        self.stack.push(Scope { kind, names: HashMap::new() });
    }

    pub(super) fn leave(&mut self) {
        if self.stack.len() > 1 {
            self.stack.pop();
        }
    }

    /// Binds `name`, dotted for an attribute of `self` or `cls`.
    pub(super) fn bind(&mut self, name: &str, value: Value) {
        let meant = self.get(name).is_some() || name == KNOWN_UNBOUND;
        if value == Value::Unknown && !meant {
            return;
        }
        let at = self.home_of(name);
        if let Some(scope) = self.stack.get_mut(at) {
            scope.names.insert(name.to_owned(), value);
        }
    }

    /// What `name` stands for. Class bodies are not seen from the functions in them, but attributes of `self` are.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let innermost = self.stack.len().saturating_sub(1);
        let attribute = is_own_attribute(name);
        self.stack
            .iter()
            .enumerate()
            .rev()
            .filter(|(at, scope)| attribute || *at == innermost || scope.kind != ScopeKind::Class)
            .find_map(|(_, scope)| scope.names.get(name))
    }

    fn home_of(&self, name: &str) -> usize {
        let innermost = self.stack.len().saturating_sub(1);
        if !is_own_attribute(name) {
            return innermost;
        }
        self.stack.iter().rposition(|scope| scope.kind == ScopeKind::Class).unwrap_or(innermost)
    }
}

fn is_own_attribute(name: &str) -> bool {
    name.starts_with("self.") || name.starts_with("cls.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Value {
        Value::Path(text.to_owned())
    }

    #[test]
    fn inner_names_hide_outer_ones_and_leave_with_their_scope() {
        let mut scopes = Scopes::new();
        scopes.bind("env", path("os.environ"));
        scopes.enter(ScopeKind::Function);
        assert_eq!(scopes.get("env"), Some(&path("os.environ")));
        scopes.bind("env", Value::Unknown);
        assert_eq!(scopes.get("env"), Some(&Value::Unknown));
        scopes.leave();
        assert_eq!(scopes.get("env"), Some(&path("os.environ")));
    }

    #[test]
    fn methods_see_attributes_of_self_but_not_the_class_body() {
        let mut scopes = Scopes::new();
        scopes.enter(ScopeKind::Class);
        scopes.bind("key", path("a"));
        scopes.enter(ScopeKind::Function);
        scopes.bind("self.key", path("b"));
        scopes.leave();
        scopes.enter(ScopeKind::Function);
        assert_eq!((scopes.get("key"), scopes.get("self.key")), (None, Some(&path("b"))));
    }
}
