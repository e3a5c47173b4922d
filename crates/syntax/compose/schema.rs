//! What a Compose file may hold, key by key: the Compose specification's schema as compose-go 2.14 checks it.
//!
//! A value of the wrong shape is reported and taken out, so that what comes after sees only right ones.

mod deploy;
mod service;
mod shapes;

use std::collections::HashSet;

use crate::SyntaxError;

use super::nearest::nearest;
use super::value::{Data, Entry, Map, Value};

/// What a value may be.
#[derive(Debug)]
enum Shape {
    /// A scalar of one of these [`types`].
    Scalar(u8),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Text, or a whole number within these bounds.
    Bounded(i128, i128),
    /// Text that a test accepts, and what it should look like.
    Text(fn(&str) -> bool, &'static str),
    /// Items of one shape.
    List(&'static Shape),
    /// Items of one shape, none stated twice.
    Set(&'static Shape),
    Object(&'static Object),
    /// The first of these that suits the kind of the value.
    Either(&'static [Shape]),
}

/// A mapping with known keys.
#[derive(Debug)]
struct Object {
    keys: &'static [(&'static str, Shape)],
    required: &'static [&'static str],
    others: Others,
    /// Whether nothing is as good as an empty mapping.
    may_be_null: bool,
}

/// What keys a mapping may hold besides those it names.
#[derive(Debug)]
enum Others {
    None,
    /// Keys that begin with `x-`, whatever they hold.
    Extensions,
    /// Any key.
    Any(&'static Shape),
    /// Names of services and the like; any other key is refused.
    Names(&'static Shape),
    /// The same, any other key left alone.
    OpenNames(&'static Shape),
    Unchecked,
}

/// The types of a scalar, to be put together.
mod types {
    pub(super) const NULL: u8 = 1;
    pub(super) const BOOL: u8 = 2;
    pub(super) const WHOLE: u8 = 4;
    pub(super) const NUMBER: u8 = 8;
    pub(super) const TEXT: u8 = 16;
}

/// Checks a file that may still hold variables: text with a `$` may become anything.
pub(super) fn check_template(file: &mut Map) -> Vec<SyntaxError> {
    Checker { with_variables: true, ..Checker::default() }.file(file)
}

/// Checks a file whose variables are replaced.
pub(super) fn check(file: &mut Map) -> Vec<SyntaxError> {
    Checker::default().file(file)
}

#[derive(Default)]
struct Checker {
    with_variables: bool,
    path: Vec<String>,
    errors: Vec<SyntaxError>,
}

impl Checker {
    fn file(mut self, file: &mut Map) -> Vec<SyntaxError> {
        self.map(file, &shapes::FILE);
        self.errors
    }

    /// Whether the value is right; if not it is told.
    fn value(&mut self, value: &mut Value, shape: &Shape) -> bool {
        if matches!(value.data, Data::Template(_)) || self.may_become_anything(value) {
            return true;
        }
        if !suits(shape, value) {
            return self.must_be(value, &names(shape));
        }
        match (shape, &mut value.data) {
            (Shape::Either(shapes), _) => match shapes.iter().find(|shape| suits(shape, value)) {
                Some(shape) => self.value(value, shape),
                None => true,
            },
            (Shape::Object(object), Data::Map(map)) => {
                self.map(map, object);
                self.has_required(value, object)
            }
            (Shape::List(item), Data::List(items)) => {
                self.items(items, item);
                true
            }
            (Shape::Set(item), Data::List(items)) => {
                self.items(items, item);
                self.once_each(items);
                true
            }
            _ => self.scalar(value, shape),
        }
    }

    fn may_become_anything(&self, value: &Value) -> bool {
        self.with_variables && value.as_str().is_some_and(|text| text.contains('$'))
    }

    fn scalar(&mut self, value: &Value, shape: &Shape) -> bool {
        if matches!(value.data, Data::Float(number) if !number.is_finite()) {
            self.tell(value, "must be a number that has an end");
            return false;
        }
        match (shape, value.as_str()) {
            (Shape::Word(words), Some(text)) if !words.contains(&text) => {
                self.tell(value, &format!("must be one of {}", listed(words, "or")));
            }
            (Shape::Text(accepts, what), Some(text)) if !accepts(text) => {
                self.tell(value, &format!("must be {what}"));
            }
            (Shape::Bounded(least, most), None) => {
                let is_inside = matches!(value.data, Data::Int(whole) if (*least..=*most).contains(&whole));
                if is_inside {
                    return true;
                }
                self.tell(value, &format!("must lie between {least} and {most}"));
            }
            _ => return true,
        }
        false
    }

    fn items(&mut self, items: &mut Vec<Value>, shape: &Shape) {
        let mut at = 0;
        items.retain_mut(|item| {
            self.path.push(at.to_string());
            let is_right = self.value(item, shape);
            self.path.pop();
            at += 1;
            is_right
        });
    }

    fn once_each(&mut self, items: &[Value]) {
        let mut seen = HashSet::new();
        for item in items {
            let is_text = matches!(item.data, Data::Str(_) | Data::Time(_));
            if let Some(text) = item.text()
                && !seen.insert((is_text, text.clone()))
            {
                self.tell(item, &format!("states `{text}` twice"));
            }
        }
    }

    fn map(&mut self, map: &mut Map, object: &Object) {
        map.entries.retain_mut(|entry| {
            self.path.push(entry.key.name.clone());
            let is_right = self.entry(entry, object);
            self.path.pop();
            is_right
        });
    }

    fn entry(&mut self, entry: &mut Entry, object: &Object) -> bool {
        let name = entry.key.name.as_str();
        if let Some((_, shape)) = object.keys.iter().find(|(key, _)| *key == name) {
            return self.value(&mut entry.value, shape);
        }
        match object.others {
            Others::Extensions if name.starts_with("x-") => true,
            Others::Names(shape) | Others::OpenNames(shape) if is_name(name) => {
                self.value(&mut entry.value, shape)
            }
            Others::Any(shape) if !name.is_empty() => self.value(&mut entry.value, shape),
            Others::Unchecked | Others::OpenNames(_) => true,
            Others::Names(_) => {
                self.unknown(entry, "holds characters other than letters, digits, `.`, `_` and `-`");
                false
            }
            Others::None | Others::Extensions | Others::Any(_) => {
                let known = object.keys.iter().map(|(key, _)| *key);
                let hint = nearest(name, known).map(|near| format!("; did you mean `{near}`?"));
                let message = format!("is not a key that Compose knows here{}", hint.unwrap_or_default());
                self.unknown(entry, &message);
                false
            }
        }
    }

    fn has_required(&mut self, value: &Value, object: &Object) -> bool {
        let map = value.as_map();
        let missing = object.required.iter().find(|key| map.is_none_or(|map| map.get(key).is_none()));
        if let Some(missing) = missing {
            self.tell(value, &format!("lacks the key `{missing}`"));
        }
        missing.is_none()
    }

    fn must_be(&mut self, value: &Value, what: &[&str]) -> bool {
        self.tell(value, &format!("must be {}", listed(what, "or")));
        false
    }

    fn unknown(&mut self, entry: &Entry, message: &str) {
        let message = format!("`{}` {message}", self.path.join("."));
        self.errors.push(SyntaxError { span: entry.key.span, message });
    }

    fn tell(&mut self, value: &Value, message: &str) {
        self.errors.push(value.fault(format!("`{}` {message}", self.path.join("."))));
    }
}

/// Whether the value is of the kind that the shape is about.
fn suits(shape: &Shape, value: &Value) -> bool {
    let is_text = matches!(value.data, Data::Str(_) | Data::Time(_));
    match shape {
        Shape::Scalar(allowed) => kinds(value) & allowed != 0,
        Shape::Word(_) | Shape::Text(..) => is_text,
        Shape::Bounded(..) => is_text || kinds(value) & types::WHOLE != 0,
        Shape::List(_) | Shape::Set(_) => matches!(value.data, Data::List(_)),
        Shape::Object(object) => match value.data {
            Data::Map(_) => true,
            Data::Null => object.may_be_null,
            _ => false,
        },
        Shape::Either(shapes) => shapes.iter().any(|shape| suits(shape, value)),
    }
}

/// The types that JSON would say a scalar is of.
fn kinds(value: &Value) -> u8 {
    match value.data {
        Data::Null => types::NULL,
        Data::Bool(_) => types::BOOL,
        Data::Int(_) => types::WHOLE | types::NUMBER,
        Data::Float(number) if number.fract() == 0.0 => types::WHOLE | types::NUMBER,
        Data::Float(_) => types::NUMBER,
        Data::Str(_) | Data::Time(_) => types::TEXT,
        Data::Template(_) => u8::MAX,
        Data::List(_) | Data::Map(_) => 0,
    }
}

fn names(shape: &Shape) -> Vec<&'static str> {
    match shape {
        Shape::Scalar(allowed) => {
            let all = [
                (types::TEXT, "a string"),
                (types::NUMBER, "a number"),
                (types::WHOLE, "a whole number"),
                (types::BOOL, "`true` or `false`"),
                (types::NULL, "empty"),
            ];
            all.into_iter().filter(|(kind, _)| allowed & kind != 0).map(|(_, name)| name).collect()
        }
        Shape::Word(_) | Shape::Text(..) => vec!["a string"],
        Shape::Bounded(..) => vec!["a string", "a whole number"],
        Shape::List(_) | Shape::Set(_) => vec!["a list"],
        Shape::Object(_) => vec!["a mapping"],
        Shape::Either(shapes) => shapes.iter().flat_map(names).collect(),
    }
}

fn listed(what: &[&str], last: &str) -> String {
    match what {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// `^[a-zA-Z0-9._-]+$`
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
