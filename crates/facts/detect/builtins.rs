//! Functions of the languages and of their libraries.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::calls::is_absent_on_a_server;
use super::classes::FIELD;
use super::exceptions::is_exception;
use super::expressions::put;
use super::journal::Slot;
use super::machine::{Eval, Machine};
use super::program::STANDARD;
use super::scope::Frame;
use super::text::whole;
use super::value::Value;

/// Python's own names that are followed.
const PYTHON: &[&str] = &[
    "str",
    "bool",
    "int",
    "float",
    "len",
    "any",
    "all",
    "list",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "sorted",
    "print",
    "isinstance",
    "getattr",
    "hasattr",
    "setattr",
    "callable",
    "enumerate",
    "zip",
    "range",
    "next",
    "iter",
    "min",
    "max",
    "id",
    "type",
    "repr",
    "object",
    "super",
    "ord",
    "chr",
    "reversed",
    "filter",
    "map",
    "bytes",
    "vars",
    "dir",
    "open",
    "abs",
    "sum",
    "round",
    "hash",
    "format",
    "globals",
    "locals",
    "input",
    "property",
    "staticmethod",
    "classmethod",
    "__import__",
    "issubclass",
    "complex",
    "bytearray",
];

/// Libraries whose calls do nothing that is followed here, and whose answers are not asked for.
const QUIET: &[&str] = &["logging.", "warnings.", "structlog.", "loguru.", "console.", "builtins.print"];

/// Functions that fail for no argument that a program gives them.
const NEVER_FAIL: &[&str] = &[
    "sys.modules.get",
    "builtins.id",
    "builtins.len",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "secrets.token_bytes",
    "threading.current_thread",
    "threading.get_ident",
    "time.time",
    "time.sleep",
    "time.monotonic",
    "time.perf_counter",
    "uuid.uuid4",
    "os.getpid",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
];

/// A logger.
pub(super) const LOGGER: &str = "logging.$";

impl Machine<'_> {
    /// A name that every program of the language has.
    pub(super) fn built_in(frame: &Frame, name: &str) -> Option<Value> {
        match frame.language() {
            Language::Python => match name {
                "__name__" => Some(Value::text(own_name(frame))),
                "__file__" => None,
                _ if PYTHON.contains(&name) || is_exception(name) => {
                    Some(Value::external(format!("builtins.{name}")))
                }
                _ => None,
            },
            Language::JavaScript => match name {
                "undefined" => Some(Value::Undefined),
                "process" | "console" | "Boolean" | "String" | "Number" | "Object" | "Array" | "Set"
                | "Map" | "Error" | "TypeError" | "RangeError" | "RegExp" | "JSON" | "Math"
                | "globalThis" | "global" | "require" | "module" | "exports" | "import.meta" | "parseInt"
                | "Deno" | "Bun" => Some(Value::external(name)),
                _ if is_absent_on_a_server(name) => Some(Value::external(name)),
                _ => None,
            },
            Language::Rust => Some(Value::external(name)),
        }
    }

    /// Calls something of a library or of the language.
    pub(super) fn call_external(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: Vec<Value>,
        keywords: &[(String, Value)],
    ) -> Eval<Value> {
        let (arguments, keywords) = if looks_at_arguments(frame.language(), name) {
            self.all_settled(arguments, keywords.to_vec())
        } else {
            (arguments, keywords.to_vec())
        };
        let keywords = keywords.as_slice();
        if QUIET.iter().any(|quiet| name.starts_with(quiet)) {
            // A logger that is made is asked only to log.
            return Ok(Value::external(LOGGER));
        }
        if let Some(value) = self.path_function(frame, span, name, &arguments) {
            return Ok(value);
        }
        let found = match frame.language() {
            Language::Python => self.python_function(frame, span, name, &arguments, keywords)?,
            Language::JavaScript => self.javascript_function(frame, span, name, &arguments)?,
            Language::Rust => self.rust_function(frame, span, name, &arguments)?,
        };
        if let Some(value) = found {
            return Ok(value);
        }
        if !never_fails(name) {
            self.may_fail(frame, span, name)?;
        }
        let shown = name.strip_prefix("builtins.").unwrap_or(name);
        Ok(self.unknown(frame, span, format!("`{shown}` is not followed")))
    }

    fn python_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        if let Some(function) = name.strip_prefix("builtins.") {
            if is_exception(function) {
                let message = arguments.first().cloned().unwrap_or_else(|| Value::text(""));
                return Ok(Some(Value::Exception(Rc::new((function.to_owned(), message)))));
            }
            return self.python_builtin(frame, span, function, arguments, keywords);
        }
        if let Some(function) = name.strip_prefix("re.") {
            let flags = keywords.iter().find(|(name, _)| name == "flags").map(|(_, value)| value);
            let positional = match function {
                "compile" => 1,
                "sub" => 4,
                _ => 2,
            };
            let flags = flags.or_else(|| arguments.get(positional)).cloned();
            return Ok(self.python_regex(function, arguments, flags.as_ref()));
        }
        Ok(match name {
            "os.getenv" => {
                let mut all = arguments.to_vec();
                all.extend(
                    keywords.iter().filter(|(name, _)| name == "default").map(|(_, value)| value.clone()),
                );
                Some(self.get_variable(frame, span, &all))
            }
            "dataclasses.field" | "pydantic.Field" | "pydantic.fields.Field" => {
                let mut options = vec![(Value::text(FIELD), Value::Bool(true))];
                if let Some(default) = arguments.first().filter(|default| !is_ellipsis(default)) {
                    options.push((Value::text("default"), default.clone()));
                }
                for (name, value) in keywords.iter().filter(|(_, value)| !is_ellipsis(value)) {
                    options.push((Value::text(name), value.clone()));
                }
                Some(Value::map(options))
            }
            "pydantic_settings.SettingsConfigDict" | "pydantic.ConfigDict" => {
                let options = keywords.iter().map(|(name, value)| (Value::text(name), value.clone()));
                Some(Value::map(options.collect()))
            }
            "enum.auto" | "threading.Lock" | "threading.RLock" | "asyncio.Lock" => {
                Some(Value::external("$lock"))
            }
            "sys.modules.get" => Self::loaded_as(frame, arguments),
            "typing.cast" => arguments.get(1).cloned(),
            "os.putenv" | "contextlib.suppress" | "contextlib.nullcontext" => Some(Value::None),
            _ if name.starts_with("dotenv.") => Some(Value::Bool(true)),
            _ => None,
        })
    }

    /// `sys.modules.get("x")`: the module that asks for itself, and no test runner in a deployment.
    fn loaded_as(frame: &Frame, arguments: &[Value]) -> Option<Value> {
        match arguments.first()?.as_text()? {
            "pytest" | "_pytest" => Some(Value::None),
            name if own_name(frame) == name => Some(Value::Module(Rc::clone(&frame.module))),
            _ => None,
        }
    }

    /// A function of Python's own.
    fn python_builtin(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        if let Some(value) = self.python_conversion(frame, span, function, arguments)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.python_iteration(frame, span, function, arguments)? {
            return Ok(Some(value));
        }
        self.python_object(frame, span, function, arguments, keywords)
    }

    /// Functions that make one value of another.
    fn python_conversion(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("str", []) => Value::text(""),
            ("str", [value]) => self.text_of(frame, span, value)?,
            ("bool", []) => Value::Bool(false),
            ("bool", [value]) => Value::Bool(self.truth(frame, value)),
            ("int", [Value::Integer(number)]) => Value::Integer(*number),
            ("int", [Value::Bool(value)]) => Value::Integer(i64::from(*value)),
            ("int", [Value::Text(text)]) => match text.trim().parse::<i64>() {
                Ok(number) => Value::Integer(number),
                Err(_) if text.contains('_') => return Ok(None),
                Err(_) => return Self::raise(frame, span, "ValueError", "no number"),
            },
            ("int" | "float", [Value::None]) => return Self::raise(frame, span, "TypeError", "no number"),
            ("float", [Value::Text(text)]) => match text.trim().parse::<f64>() {
                Ok(number) => Value::Float(number),
                Err(_) => return Self::raise(frame, span, "ValueError", "no number"),
            },
            ("int" | "float", [Value::Unknown(_)]) => {
                self.may_fail(frame, span, function)?;
                return Ok(self.derived(function, &arguments.iter().collect::<Vec<_>>(), false));
            }
            ("len", [Value::Text(text)]) => whole(text.chars().count()),
            ("len", [Value::Sequence(_, items)]) => whole(items.borrow().len()),
            ("len", [Value::Map(entries)]) => whole(self.entries_of(entries).len()),
            _ => return Ok(None),
        }))
    }

    /// Functions that go through items.
    fn python_iteration(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("any" | "all", [items]) => {
                let wanted = function == "any";
                match self.items(frame, span, items)? {
                    Ok(items) => {
                        for item in &items {
                            if self.truth(frame, item) == wanted {
                                return Ok(Some(Value::Bool(wanted)));
                            }
                        }
                        Value::Bool(!wanted)
                    }
                    Err(unknown) => Value::Unknown(unknown),
                }
            }
            ("list" | "tuple" | "set" | "frozenset", []) => Value::sequence(kind_of(function), Vec::new()),
            ("list" | "tuple" | "set" | "frozenset" | "iter", [items]) => {
                match self.items(frame, span, items)? {
                    Ok(items) => Self::sequence_of(kind_of(function), items),
                    Err(unknown) => Value::Unknown(unknown),
                }
            }
            ("reversed", [Value::Sequence(kind, items)]) => {
                Value::sequence(*kind, items.borrow().iter().rev().cloned().collect())
            }
            ("enumerate", [items]) => match self.items(frame, span, items)? {
                Ok(items) => {
                    let pairs = items.into_iter().enumerate();
                    Value::list(
                        pairs
                            .map(|(at, item)| Value::sequence(SequenceKind::Tuple, vec![whole(at), item]))
                            .collect(),
                    )
                }
                Err(unknown) => Value::Unknown(unknown),
            },
            ("zip", [one, other]) => {
                let (one, other) = (self.items(frame, span, one)?, self.items(frame, span, other)?);
                match (one, other) {
                    (Ok(one), Ok(other)) => {
                        let pairs = one.into_iter().zip(other);
                        Value::list(
                            pairs
                                .map(|(one, other)| Value::sequence(SequenceKind::Tuple, vec![one, other]))
                                .collect(),
                        )
                    }
                    (Err(unknown), _) | (_, Err(unknown)) => Value::Unknown(unknown),
                }
            }
            ("range", [Value::Integer(end)]) if *end <= 200 => {
                Value::list((0..*end).map(Value::Integer).collect())
            }
            ("next", [items, rest @ ..]) => match self.items(frame, span, items)? {
                Ok(items) => match (items.into_iter().next(), rest.first()) {
                    (Some(item), _) => item,
                    (None, Some(default)) => default.clone(),
                    (None, None) => return Self::raise(frame, span, "StopIteration", ""),
                },
                Err(unknown) => Value::Unknown(unknown),
            },
            _ => return Ok(None),
        }))
    }

    /// Functions that ask objects, and those that take names.
    fn python_object(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (function, arguments) {
            ("sorted", [items]) if keywords.is_empty() => return self.sorted(frame, span, items),
            ("dict", []) => {
                let entries = keywords.iter().map(|(name, value)| (Value::text(name), value.clone()));
                Value::map(entries.collect())
            }
            ("dict", [Value::Environ]) => {
                self.unknown(frame, span, "a copy of all variables is not followed")
            }
            ("dict", [Value::Map(entries)]) => {
                let mut made = self.entries_of(entries);
                for (name, value) in keywords {
                    put(&mut made, Value::text(name), value.clone());
                }
                Value::map(made)
            }
            ("print", _) => Value::None,
            ("isinstance", [value, class]) => return Ok(self.is_instance(value, class)),
            ("getattr", [object, Value::Text(name), rest @ ..]) => {
                let name = name.to_string();
                self.handlers += u32::from(!rest.is_empty());
                let found = self.member(frame, span, object.clone(), &name);
                self.handlers -= u32::from(!rest.is_empty());
                match (found, rest.first()) {
                    (Err(super::machine::Flow::Raise(raised)), Some(default))
                        if raised.classes.iter().any(|class| class == "AttributeError") =>
                    {
                        default.clone()
                    }
                    (found, _) => found?,
                }
            }
            ("hasattr", [object, Value::Text(name)]) => {
                let name = name.to_string();
                return self.has_attribute(frame, span, object, &name);
            }
            ("setattr", [Value::Instance(instance), Value::Text(name), value]) => {
                self.put(Slot::Field(Rc::clone(instance), name.to_string()), value.clone());
                Value::None
            }
            ("callable", [value]) => match value {
                Value::Function(_) | Value::Class(_) | Value::Method(_) => Value::Bool(true),
                Value::Text(_) | Value::None | Value::Bool(_) | Value::Integer(_) => Value::Bool(false),
                _ => return Ok(None),
            },
            ("map" | "filter", [made_by, items]) => self.mapped(frame, span, function, made_by, items)?,
            ("type", [Value::Instance(instance)]) => Value::Class(Rc::clone(&instance.class)),
            ("id", _) => Value::Integer(0),
            ("ord", [Value::Text(text)]) => match text.chars().next() {
                Some(letter) if text.chars().count() == 1 => Value::Integer(i64::from(u32::from(letter))),
                _ => return Self::raise(frame, span, "TypeError", "not one character"),
            },
            ("object", []) => Value::external("$object"),
            _ => return Ok(None),
        }))
    }

    /// `map` and `filter`.
    fn mapped(
        &mut self,
        frame: &Frame,
        span: Span,
        function: &str,
        made_by: &Value,
        items: &Value,
    ) -> Eval<Value> {
        let items = match self.items(frame, span, items)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Value::Unknown(unknown)),
        };
        let mut made = Vec::new();
        for item in items {
            let value = self.call(frame, span, made_by.clone(), vec![item.clone()], Vec::new())?;
            if function == "map" {
                made.push(value);
            } else if self.truth(frame, &value) {
                made.push(item);
            }
        }
        Ok(Value::list(made))
    }

    fn sorted(&mut self, frame: &Frame, span: Span, items: &Value) -> Eval<Option<Value>> {
        let Ok(items) = self.items(frame, span, items)? else { return Ok(None) };
        let texts: Option<Vec<String>> = items.iter().map(|item| item.as_text().map(str::to_owned)).collect();
        Ok(texts.map(|mut texts| {
            texts.sort();
            Value::list(texts.into_iter().map(Value::text).collect())
        }))
    }

    fn is_instance(&self, value: &Value, class: &Value) -> Option<Value> {
        let classes = match class {
            Value::Sequence(_, items) => items.borrow().clone(),
            one => vec![one.clone()],
        };
        let mut all_known = true;
        for class in &classes {
            match is_of(value, class) {
                Some(true) => return Some(Value::Bool(true)),
                Some(false) => {}
                None => all_known = false,
            }
        }
        if all_known {
            return Some(Value::Bool(false));
        }
        self.derived("isinstance", &[value], false)
    }

    fn has_attribute(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
    ) -> Eval<Option<Value>> {
        if matches!(object, Value::External(_) | Value::Unknown(_) | Value::Package(_)) {
            let unknown = self.unknown(frame, span, format!("whether this has `{name}` is not known"));
            return Ok(Some(Value::Bool(self.truth(frame, &unknown))));
        }
        if let Value::Module(module) = object {
            let module = Rc::clone(module);
            return Ok(Some(Value::Bool(self.global(&module, name)?.is_some())));
        }
        if let Value::Text(_) = object {
            return Ok(Some(Value::Bool(false)));
        }
        match self.member(frame, span, object.clone(), name) {
            Ok(Value::Unknown(unknown)) => Ok(Some(Value::Bool(self.decide(&unknown, "is there")))),
            Ok(_) => Ok(Some(Value::Bool(true))),
            Err(super::machine::Flow::Raise(_)) => Ok(Some(Value::Bool(false))),
            Err(flow) => Err(flow),
        }
    }

    fn javascript_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        Ok(Some(match (name, arguments) {
            ("Boolean", [value]) => Value::Bool(self.truth(frame, value)),
            ("String", [value]) => self.text_of(frame, span, value)?,
            ("Number" | "parseInt" | "Number.parseInt", [Value::Text(text), ..]) => match text.trim().parse()
            {
                Ok(number) => Value::Integer(number),
                Err(_) => return Ok(None),
            },
            ("Object.freeze" | "Object.seal", [value]) => value.clone(),
            ("Object.keys" | "Object.values" | "Object.entries", [object @ Value::Map(_)]) => {
                let method = name.rsplit('.').next().unwrap_or(name);
                let method = if method == "entries" { "items" } else { method };
                self.call_method(frame, span, object, method, &[], &[])?
            }
            ("Set", [Value::Sequence(_, items)]) => {
                Self::sequence_of(SequenceKind::Set, items.borrow().clone())
            }
            ("Map", [Value::Sequence(_, items)]) => {
                let pairs = items.borrow().clone();
                let mut entries = Vec::new();
                for pair in &pairs {
                    match pair {
                        Value::Sequence(_, pair) => {
                            let pair = pair.borrow();
                            let (Some(key), Some(value)) = (pair.first(), pair.get(1)) else {
                                return Ok(None);
                            };
                            put(&mut entries, key.clone(), value.clone());
                        }
                        _ => return Ok(None),
                    }
                }
                Value::map(entries)
            }
            ("Error" | "TypeError" | "RangeError", _) => {
                let message = arguments.first().cloned().unwrap_or_else(|| Value::text(""));
                Value::Exception(Rc::new((name.to_owned(), message)))
            }
            ("Array.isArray", [value]) => Value::Bool(matches!(value, Value::Sequence(..))),
            ("Object.assign", [Value::Map(first), rest @ ..]) => {
                for other in rest {
                    let Value::Map(other) = other else { return Ok(None) };
                    let other = self.entries_of(other);
                    self.touch(Slot::Entries(Rc::clone(first)));
                    let mut first = first.borrow_mut();
                    for (key, value) in other {
                        put(&mut first, key, value);
                    }
                }
                Value::Map(Rc::clone(first))
            }
            _ => return Ok(None),
        }))
    }
}

/// Whether a call is one that only makes an object of Python's own, or only looks something up.
fn never_fails(name: &str) -> bool {
    let (module, function) = name.rsplit_once('.').unwrap_or(("", name));
    let is_standard = STANDARD.contains(&module.split('.').next().unwrap_or(module));
    NEVER_FAIL.contains(&name)
        || is_standard && function.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Whether a function of a library is followed, and so looks at what it is given.
fn looks_at_arguments(language: Language, name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    match language {
        Language::Python => matches!(first, "builtins" | "re" | "typing" | "dataclasses" | "enum"),
        Language::JavaScript => {
            first == name || matches!(first, "Boolean" | "String" | "Number" | "Object" | "Array")
        }
        Language::Rust => true,
    }
}

fn is_of(value: &Value, class: &Value) -> Option<bool> {
    let Value::External(name) = class else {
        return match (value, class) {
            (Value::Instance(instance), Value::Class(class)) => Some(inherits(&instance.class, class)),
            (Value::Unknown(unknown), Value::Class(_)) if !unknown.is_text => None,
            (_, Value::Class(_)) => Some(false),
            _ => None,
        };
    };
    let name = name.strip_prefix("builtins.")?;
    match (value, name) {
        (Value::Unknown(unknown), "str") if unknown.is_text => Some(true),
        (Value::Unknown(unknown), _) if unknown.is_text => Some(false),
        (Value::Unknown(_) | Value::External(_), _) => None,
        (Value::Text(_), "str")
        | (Value::Bool(_), "bool" | "int")
        | (Value::Integer(_), "int")
        | (Value::Float(_), "float")
        | (Value::Map(_), "dict") => Some(true),
        (Value::Sequence(kind, _), "list") => Some(*kind == SequenceKind::List),
        (Value::Sequence(kind, _), "tuple") => Some(*kind == SequenceKind::Tuple),
        (Value::Sequence(kind, _), "set") => Some(*kind == SequenceKind::Set),
        (Value::Instance(instance), "str") => Some(Machine::is_text_enumeration(&instance.class)),
        (_, "str" | "bool" | "int" | "float" | "dict" | "list" | "tuple" | "set") => Some(false),
        _ => None,
    }
}

fn inherits(class: &Rc<super::value::Class>, from: &Rc<super::value::Class>) -> bool {
    Rc::ptr_eq(class, from)
        || class.bases.iter().any(|base| matches!(base, Value::Class(base) if inherits(base, from)))
}

/// `__name__` of the module that runs.
fn own_name(frame: &Frame) -> String {
    frame.module.loaded.path.trim_end_matches(".py").replace('/', ".")
}

fn kind_of(function: &str) -> SequenceKind {
    match function {
        "tuple" => SequenceKind::Tuple,
        "set" | "frozenset" => SequenceKind::Set,
        _ => SequenceKind::List,
    }
}

fn is_ellipsis(value: &Value) -> bool {
    matches!(value, Value::Unknown(unknown) if unknown.reason.contains("ellipsis"))
}
