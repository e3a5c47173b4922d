//! Functions of the languages and of their libraries.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Language, SequenceKind};

use super::calls::is_absent_on_a_server;
use super::classes::FIELD;
use super::clocks::CLOCKS;
use super::exceptions::is_exception;
use super::machine::{Eval, Machine};
use super::oracle::key_of;
use super::program::STANDARD;
use super::scope::Frame;
use super::urls::url_function;
use super::value::{Unknown, Value};
use super::variables::is_environment_variable;

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
    "atexit.register",
    "weakref.ref",
    "builtins.id",
    "builtins.len",
    "builtins.isinstance",
    "builtins.callable",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "secrets.token_bytes",
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

/// The module that was started.
pub(super) const MAIN: &str = "$main";

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
        if let Some(value) = self.file_function(frame, span, name, &arguments, keywords)? {
            return Ok(value);
        }
        if let Some(value) = self.path_function(frame, span, name, &arguments) {
            return Ok(value);
        }
        if let Some(value) = self.match_function(frame, span, name, &arguments) {
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
            self.time_passes();
            self.may_fail(frame, span, name)?;
        }
        if frame.language() == Language::JavaScript {
            self.note_named_variables(&arguments);
        }
        self.note_named(frame, name, &arguments);
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
            let made = self.python_regex(function, arguments, flags.as_ref());
            if let Some(made) = made.or_else(|| self.regex_on_unknown(function, arguments)) {
                if function == "finditer" {
                    self.note_matches(&made);
                }
                return Ok(Some(made));
            }
            return match function {
                "sub" => self.substituted_by_function(frame, span, arguments),
                _ => Ok(None),
            };
        }
        if let Some(function) = name.strip_prefix("urllib.parse.") {
            return Ok(url_function(function, arguments, keywords));
        }
        if let Some(value) = self.library_function(frame, span, name, arguments, keywords)? {
            return Ok(Some(value));
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
            // The names of variables, each to be tried in turn.
            "pydantic.AliasChoices" | "pydantic.aliases.AliasChoices" => {
                Some(Value::sequence(SequenceKind::Tuple, arguments.to_vec()))
            }
            "enum.auto" | "threading.Lock" | "threading.RLock" | "asyncio.Lock" => {
                Some(Value::external("$lock"))
            }
            "sys.modules.get" => Self::loaded_as(frame, arguments),
            clock if CLOCKS.contains(&clock) => Some(self.reading(frame, span, clock)),
            "time.sleep" => {
                self.time_passes();
                Some(Value::None)
            }
            "threading.current_thread" => Some(Value::external("$thread")),
            "secrets.token_hex" | "secrets.token_urlsafe" => Some(self.some_text(frame, span, name)),
            "typing.cast" => arguments.get(1).cloned(),
            "os.putenv" | "contextlib.suppress" | "contextlib.nullcontext" => Some(Value::None),
            _ if name.starts_with("dotenv.") => Some(Value::Bool(true)),
            _ => None,
        })
    }

    /// Notes the variables that name the environment among the texts that a call of a library is given: it is such a
    /// variable that it reads, wherever from.
    fn note_named_variables(&mut self, arguments: &[Value]) {
        for text in arguments.iter().filter_map(Value::as_text) {
            let is_variable = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            if is_variable && is_environment_variable(text) {
                self.marks.reads.insert(text.to_owned());
            }
        }
    }

    /// A text that is not empty.
    fn some_text(&mut self, frame: &Frame, span: Span, name: &str) -> Value {
        let value = self.unknown(frame, span, format!("`{name}` is not followed"));
        let Value::Unknown(unknown) = &value else { return value };
        self.oracle.note(key_of(unknown.truth, "is true"), true);
        Value::Unknown(Rc::new(Unknown { is_text: true, ..(**unknown).clone() }))
    }

    /// `sys.modules.get("x")`: the program that was started, the module that asks for itself, and no test runner in a deployment.
    fn loaded_as(frame: &Frame, arguments: &[Value]) -> Option<Value> {
        match arguments.first()?.as_text()? {
            "pytest" | "_pytest" => Some(Value::None),
            "__main__" => Some(Value::external(MAIN)),
            name if own_name(frame) == name => Some(Value::Module(Rc::clone(&frame.module))),
            _ => None,
        }
    }
}

impl Machine<'_> {
    /// Notes where something outside the repository is asked for what names the environment.
    pub(super) fn note_named(&mut self, frame: &Frame, called: &str, arguments: &[Value]) {
        let first = called.split('.').next().unwrap_or(called);
        let wanted = match (frame.language(), called, arguments) {
            (Language::Python, "functools.partial", [_, wanted, ..]) => wanted,
            (Language::Python, _, [wanted, ..]) if first != "builtins" && !STANDARD.contains(&first) => {
                wanted
            }
            _ => return,
        };
        self.marks.asks_for_name |= wanted.as_text().is_some_and(|name| {
            is_environment_variable(name) && !name.contains(|letter: char| letter.is_lowercase())
        });
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
        Language::Python => matches!(first, "builtins" | "re" | "typing" | "dataclasses" | "enum" | "urllib"),
        Language::JavaScript => {
            first == name || matches!(first, "Boolean" | "String" | "Number" | "Object" | "Array")
        }
        Language::Rust => true,
    }
}

/// `__name__` of the module that runs.
fn own_name(frame: &Frame) -> String {
    frame.module.loaded.path.trim_end_matches(".py").replace('/', ".")
}

fn is_ellipsis(value: &Value) -> bool {
    matches!(value, Value::Unknown(unknown) if unknown.reason.contains("ellipsis"))
}
