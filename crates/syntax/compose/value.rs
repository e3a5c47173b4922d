//! A Compose file as plain values: aliases and merge keys resolved, scalars typed, every value with its place.
//!
//! The loader of Compose works on such a tree step by step (interpolate, extend, merge, make canonical), and so do
//! the modules beside this one.

use std::collections::HashMap;

use source::Span;

use crate::SyntaxError;
use crate::yaml::{Budget, Document, MAX_DEPTH, Node, NodeKind, Scalar, Schema, View};

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it stands.
    pub origin: Origin,
    /// The key, where a `NAME=value` string was made from an entry of a mapping.
    pub pair: Option<Box<Key>>,
}

/// What a value is; scalars have their types.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// A date or a time, as Go prints it.
    Time(String),
    /// Text.
    Str(String),
    /// `{{ x }}`: anything at all.
    Template(String),
    /// Items in their order.
    List(Vec<Value>),
    /// Entries by name.
    Map(Map),
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// Its bytes.
    pub span: Span,
    /// What a fix may replace.
    pub inner: Span,
    /// 1-based line.
    pub line: u32,
    /// How many bytes of a string stand one to one at the start of `inner`.
    pub exact: usize,
}

/// The name of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Key {
    /// The text.
    pub name: String,
    /// Its bytes.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
}

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: Key,
    /// What it stands for.
    pub value: Value,
}

/// Entries in their order, each name once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// As they were stated first.
    pub entries: Vec<Entry>,
}

impl Map {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key.name == name).map(|entry| &entry.value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|entry| entry.key.name == name).map(|entry| &mut entry.value)
    }

    pub(super) fn map(&self, name: &str) -> Option<&Map> {
        self.get(name).and_then(Value::as_map)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.entries.iter().position(|entry| entry.key.name == name)?;
        Some(self.entries.remove(at).value)
    }

    /// Entries of which each takes the place of an earlier one of its name.
    pub(super) fn of(entries: impl Iterator<Item = Entry>) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }

    /// Adds entries; each takes the place of an earlier one of its name.
    pub(super) fn extend(&mut self, entries: impl Iterator<Item = Entry>) {
        let mut places: HashMap<String, usize> = self.places();
        for entry in entries {
            if let Some(place) = places.get(&entry.key.name).and_then(|at| self.entries.get_mut(*at)) {
                place.value = entry.value;
            } else {
                places.insert(entry.key.name.clone(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Where each name stands.
    pub(super) fn places(&self) -> HashMap<String, usize> {
        self.entries.iter().enumerate().map(|(at, entry)| (entry.key.name.clone(), at)).collect()
    }

    /// Adds an entry, or gives it another value.
    pub(super) fn set(&mut self, key: Key, value: Value) {
        match self.get_mut(&key.name) {
            Some(place) => *place = value,
            None => self.entries.push(Entry { key, value }),
        }
    }
}

impl Key {
    /// A key that nobody wrote, at the place of the value it was made from.
    pub(super) fn implied(name: &str, origin: Origin) -> Self {
        Self { name: name.to_owned(), span: origin.span, line: origin.line }
    }
}

impl Origin {
    /// Where a part of the string stands; the whole string where it was not written as it reads.
    pub(super) fn part(&self, from: usize, to: usize) -> Span {
        let start = if from <= self.exact { self.inner.start + from } else { self.inner.start };
        let end = if to <= self.exact { self.inner.start + to } else { self.inner.end };
        Span::new(start, end.max(start))
    }

    /// The origin of the part of a string that ends where it ends.
    pub(super) fn tail(&self, from: usize) -> Self {
        let start = if from <= self.exact { self.inner.start + from } else { self.inner.start };
        let span = Span::new(start, self.inner.end.max(start));
        Self { span, inner: span, line: self.line, exact: self.exact.saturating_sub(from) }
    }
}

impl Value {
    pub(super) fn new(data: Data, origin: Origin) -> Self {
        Self { data, origin, pair: None }
    }

    pub(super) fn str(text: impl Into<String>, origin: Origin) -> Self {
        Self::new(Data::Str(text.into()), origin)
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Value]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// The two sides of a `KEY=value` string; a key alone has no value.
    pub(super) fn split(&self) -> Option<(Key, Option<Value>)> {
        let text = self.as_str()?;
        let at = text.find('=');
        let name = at.map_or(text, |at| text.get(..at).unwrap_or(text));
        if let Some(key) = &self.pair {
            // The text was put together, so its parts have places of their own.
            let value = at.and_then(|at| text.get(at + 1..));
            let origin = Origin { exact: value.map_or(0, |_| self.origin.exact), ..self.origin };
            return Some((Key::clone(key), value.map(|value| Value::str(value, origin))));
        }
        let key =
            Key { name: name.to_owned(), span: self.origin.part(0, name.len()), line: self.origin.line };
        let value = at.and_then(|at| Some(Value::str(text.get(at + 1..)?, self.origin.tail(at + 1))));
        Some((key, value))
    }

    /// The scalar as Go prints it, which is what a container sees; none for nothing and collections.
    pub(super) fn text(&self) -> Option<String> {
        Some(match &self.data {
            Data::Bool(is_true) => is_true.to_string(),
            Data::Int(whole) => whole.to_string(),
            Data::Float(number) => go_float(*number),
            Data::Time(text) | Data::Str(text) | Data::Template(text) => text.clone(),
            Data::Null | Data::List(_) | Data::Map(_) => return None,
        })
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { span: self.origin.span, message: message.into() }
    }
}

/// A number as Go's `%v` prints it: shortest, with an exponent below 1e-4 and from 1e6 on.
fn go_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// What one document holds.
pub(super) struct Loaded {
    pub(super) value: Value,
    /// Where `!reset` or `!override` stood: what other files said there is forgotten.
    pub(super) resets: Vec<Vec<String>>,
    pub(super) errors: Vec<SyntaxError>,
}

/// The values of a document; spans are moved by `base`.
pub(super) fn load(document: &Document, base: usize) -> Loaded {
    let budget = Budget::default();
    let mut loader = Loader { base, path: Vec::new(), resets: Vec::new(), errors: Vec::new() };
    let root = document.view(&budget);
    let value = loader.value(root).unwrap_or_else(|| Value::new(Data::Null, loader.origin(root.node())));
    if budget.is_spent() {
        loader.errors.push(value.fault("its aliases and merge keys stand for more than a million values"));
    }
    Loaded { value, resets: loader.resets, errors: loader.errors }
}

struct Loader {
    base: usize,
    path: Vec<String>,
    resets: Vec<Vec<String>>,
    errors: Vec<SyntaxError>,
}

impl Loader {
    /// The value, or nothing where a tag takes it away.
    fn value(&mut self, view: View<'_>) -> Option<Value> {
        let node = view.node();
        match view.written.tag.as_deref().or(node.tag.as_deref()) {
            Some("!reset") => {
                self.resets.push(self.path.clone());
                return None;
            }
            Some("!override") => self.resets.push(self.path.clone()),
            _ => {}
        }
        if view.is_endless() || self.path.len() > MAX_DEPTH {
            let message = if view.is_endless() { "this alias holds itself" } else { "is nested too deep" };
            self.error(view.written, message);
            return None;
        }
        let data = match &node.kind {
            NodeKind::Sequence(_) => Data::List(self.list(view)),
            NodeKind::Mapping(_) => Data::Map(self.map(view)),
            NodeKind::Template(text) => Data::Template(text.clone()),
            _ => data_of(view.scalar_type(Schema::Go)?),
        };
        let mut origin = self.origin(node);
        if let Data::Str(text) = &data {
            origin.exact = if node.verbatim { text.len() } else { 0 };
        }
        Some(Value::new(data, origin))
    }

    fn list(&mut self, view: View<'_>) -> Vec<Value> {
        let mut items = Vec::new();
        for (at, item) in view.items().into_iter().enumerate() {
            self.path.push(at.to_string());
            items.extend(self.value(item));
            self.path.pop();
        }
        items
    }

    fn map(&mut self, view: View<'_>) -> Map {
        for merge in view.merges() {
            let is_mapping = |view: &View<'_>| matches!(view.node().kind, NodeKind::Mapping(_));
            let items = merge.items();
            if !is_mapping(&merge) && (items.is_empty() || !items.iter().all(is_mapping)) {
                self.error(merge.written, "`<<` merges mappings only");
            }
        }
        let mut map = Map::default();
        for (key, value) in view.entries() {
            let Some(Scalar::Str(name)) = key.scalar_type(Schema::Go) else {
                self.error(key.written, "a key of a Compose file must be a string; quote it");
                continue;
            };
            let node = key.node();
            let key = Key { name, span: node.span.shifted(self.base), line: node.line };
            self.path.push(key.name.clone());
            if let Some(value) = self.value(value) {
                map.entries.push(Entry { key, value });
            }
            self.path.pop();
        }
        map
    }

    fn origin(&self, node: &Node) -> Origin {
        let (span, inner) = (node.span.shifted(self.base), node.inner.shifted(self.base));
        Origin { span, inner, line: node.line, exact: 0 }
    }

    fn error(&mut self, node: &Node, message: &str) {
        self.errors.push(SyntaxError { span: node.span.shifted(self.base), message: message.to_owned() });
    }
}

fn data_of(scalar: Scalar) -> Data {
    match scalar {
        Scalar::Null => Data::Null,
        Scalar::Bool(is_true) => Data::Bool(is_true),
        Scalar::Int(whole) => Data::Int(whole),
        Scalar::Float(number) => Data::Float(number),
        Scalar::Timestamp(text) => Data::Time(text),
        Scalar::Str(text) => Data::Str(text),
    }
}

#[cfg(test)]
mod tests {
    use super::go_float;

    #[test]
    fn numbers_print_as_in_go() {
        let printed = [1.5, 1000.0, 0.0001, 0.000_01, 1e6, -2.5e-7, 123_456_789.0].map(go_float);
        assert_eq!(printed, ["1.5", "1000", "0.0001", "1e-05", "1e+06", "-2.5e-07", "1.23456789e+08"]);
    }
}
