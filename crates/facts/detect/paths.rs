//! Paths of files: whether one is there decides what a program loads.
//!
//! A path is something of a library whose name tells as much of it as is known, `?` where nothing is.

use source::{Span, file_name};

use super::machine::Machine;
use super::scope::Frame;
use super::value::{Value, term_of};

/// What the name of a path begins with.
const PATH: &str = "$path:";

/// Methods that give the same file.
const SAME: &[&str] = &[".resolve", ".absolute", ".expanduser"];

/// Methods and functions that ask whether a file is there.
const ASKS: &[&str] =
    &[".exists", ".is_file", ".is_dir", "os.path.exists", "os.path.isfile", "os.path.isdir"];

fn path(text: &str) -> Value {
    Value::external(format!("{PATH}{text}"))
}

/// What is known of a value as a path.
pub(super) fn shown(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        Value::External(name) => name.strip_prefix(PATH).unwrap_or("?"),
        _ => "?",
    }
}

/// Whether a value is a path, and no text.
pub(super) fn is_path(value: &Value) -> bool {
    matches!(value, Value::External(name) if path_of(name).is_some())
}

/// Whether a value is a path of which nothing is left out: always the same one.
pub(super) fn is_whole_path(value: &Value) -> bool {
    matches!(value, Value::External(name) if path_of(name).is_some_and(|path| !path.contains('?')))
}

/// The path in the name of a path, or of a method of one.
pub(super) fn path_of(name: &str) -> Option<&str> {
    name.strip_prefix(PATH)
}

/// `path / name`; `None` where the left side is no path.
pub(super) fn joined(left: &Value, right: &Value) -> Option<Value> {
    let Value::External(name) = left else { return None };
    let left = name.strip_prefix(PATH)?;
    Some(path(&format!("{left}/{}", shown(right))))
}

impl Machine<'_> {
    /// Calls a function or method of paths; `None` where it is none.
    pub(super) fn path_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let first = arguments.first();
        match name {
            "pathlib.Path" | "pathlib.PurePath" => return Some(path(first.map_or(".", shown))),
            "pathlib.Path.cwd" | "os.getcwd" => return Some(path(".")),
            "pathlib.Path.home" => return Some(path("?")),
            "os.path.join" => {
                let parts: Vec<&str> = arguments.iter().map(shown).collect();
                return Some(path(&parts.join("/")));
            }
            "os.path.dirname" | "os.path.abspath" | "os.path.realpath" => return Some(path("?")),
            _ => {}
        }
        if ASKS.contains(&name) {
            return Some(self.is_there(frame, span, first.map_or("?", shown)));
        }
        let own = name.strip_prefix(PATH)?;
        if let Some(asked) = ASKS.iter().find_map(|ask| own.strip_suffix(ask)) {
            return Some(self.is_there(frame, span, asked));
        }
        if let Some(same) = SAME.iter().find_map(|method| own.strip_suffix(method)) {
            return Some(path(same));
        }
        let joined = own.strip_suffix(".joinpath")?;
        let parts: Vec<&str> = std::iter::once(joined).chain(arguments.iter().map(shown)).collect();
        Some(path(&parts.join("/")))
    }

    /// Whether a file is there. One that the repository does not hold is not, unless somebody puts it there.
    pub(super) fn is_there(&mut self, frame: &Frame, span: Span, path: &str) -> Value {
        self.marks.asks_files = true;
        let name = file_name(path);
        if is_env_file(path)
            && self.variables.shipped.as_ref().is_some_and(|shipped| !self.program.is_shipped(shipped, path))
        {
            return Value::Bool(false);
        }
        let is_in_working_directory = path.strip_prefix("./").unwrap_or(path) == name;
        let may_be_held = if is_in_working_directory {
            self.program.may_start_beside(name)
        } else {
            self.program.holds_name(name)
        };
        if matches!(name, "" | "?" | "." | "..") || may_be_held {
            return self.unknown(frame, span, format!("whether `{path}` is there is not known"));
        }
        if self.variables.complete {
            return Value::Bool(false);
        }
        let reason = format!("`{name}` may be there though it is not in the repository");
        let place = frame.module.loaded.place(span);
        let term = term_of("there", &[&Value::text(path)]);
        Value::Bool(self.ask_presence(term, "is there", reason, &place))
    }
}

/// Whether a path beside the program is that of an env file, which no build makes by itself.
fn is_env_file(path: &str) -> bool {
    let name = file_name(path);
    let is_named_so = match name.rsplit_once('.') {
        Some((before, ending)) => ending == "env" || before.is_empty() && !ending.is_empty(),
        None => false,
    } || name.starts_with(".env.");
    is_named_so && !path.starts_with('/') && !path.contains(['?', '*'])
}
