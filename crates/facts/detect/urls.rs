//! Python's `urllib.parse`, for texts that are known.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::rc::Rc;

use super::value::{Class, ClassKind, Instance, Value};

/// Calls a function of `urllib.parse`; `None` where that is not followed.
pub(super) fn url_function(
    function: &str,
    arguments: &[Value],
    keywords: &[(String, Value)],
) -> Option<Value> {
    let text = arguments.first()?.as_text()?;
    match function {
        "urlparse" | "urlsplit" if arguments.len() == 1 && keywords.is_empty() => parsed(text),
        "quote" | "quote_plus" => {
            let given = arguments
                .get(1)
                .or_else(|| keywords.iter().find(|(name, _)| name == "safe").map(|(_, value)| value));
            let is_all = arguments.len() <= 2 && keywords.iter().all(|(name, _)| name == "safe");
            let by_default = if function == "quote" { "/" } else { "" };
            let safe = given.map_or(Some(by_default), Value::as_text)?;
            is_all.then(|| Value::text(quoted(text, safe, function == "quote_plus")))
        }
        _ => None,
    }
}

fn quoted(text: &str, safe: &str, plus: bool) -> String {
    let keeps = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"_.-~".contains(&byte)
            || byte.is_ascii() && safe.contains(byte as char)
    };
    let mut made = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' if plus => made.push('+'),
            byte if keeps(byte) => made.push(byte.into()),
            byte => {
                let _ = write!(made, "%{byte:02X}");
            }
        }
    }
    made
}

/// `urlparse(text)`; addresses in brackets, parameters of the path and what is not ASCII are not followed.
fn parsed(text: &str) -> Option<Value> {
    if !text.is_ascii() || text.contains(['[', ']', ';']) || text.bytes().any(|byte| byte.is_ascii_control())
    {
        return None;
    }
    let text = text.trim_start_matches(' ');
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        _ => (String::new(), text),
    };
    let (authority, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?,
        None => ("", rest),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let port = if port.is_empty() { Value::None } else { Value::Integer(port.parse().ok()?) };
    let optional = |text: Option<&str>| text.map_or(Value::None, Value::text);
    let name = name.to_ascii_lowercase();
    let (user, password) = match user.map(|user| (user, user.split_once(':'))) {
        Some((_, Some((user, password)))) => (Some(user), Some(password)),
        Some((user, None)) => (Some(user), None),
        None => (None, None),
    };
    Some(result([
        ("scheme", Value::text(scheme)),
        ("netloc", Value::text(authority)),
        ("path", Value::text(path)),
        ("params", Value::text("")),
        ("query", Value::text(query)),
        ("fragment", Value::text(fragment)),
        ("hostname", optional(Some(&*name).filter(|name| !name.is_empty()))),
        ("port", port),
        ("username", optional(user)),
        ("password", optional(password)),
    ]))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn result<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let class = Class {
        name: "ParseResult".to_owned(),
        bases: vec![Value::external("builtins.tuple")],
        members: RefCell::default(),
        types: RefCell::default(),
        fields: RefCell::default(),
        kind: ClassKind::Plain,
        order: RefCell::default(),
    };
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::Instance(Rc::new(Instance {
        class: Rc::new(class),
        fields: RefCell::new(fields),
        waits: Cell::new(false),
    }))
}
