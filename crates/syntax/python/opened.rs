//! Files that code opens for reading by a path that the text tells.

use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::Ranged;

use super::literals::dotted;
use super::scope::Value;
use super::types::{Base, OpenedFile};
use super::walk::Walker;

/// Steps of one path expression that are followed, and bytes of a path that are kept.
const MAX_STEPS: usize = 16;
const MAX_PATH: usize = 1024;

/// Calls that read the file or folder that an argument names: last part of the callee, keyword, position.
const OPENERS: [(&str, &str, usize); 10] = [
    ("open", "file", 0),
    ("load_dotenv", "dotenv_path", 0),
    ("dotenv_values", "dotenv_path", 0),
    ("read_env", "path", 0),
    ("Jinja2Templates", "directory", 0),
    ("StaticFiles", "directory", usize::MAX),
    ("FileSystemLoader", "searchpath", 0),
    ("fileConfig", "fname", 0),
    ("Config", "file_", 0),
    ("Flask", "template_folder", usize::MAX),
];

/// Methods of a path that read it.
const READING_METHODS: [&str; 3] = ["read_text", "read_bytes", "open"];
/// Methods that give the same file.
const SAME_FILE: [&str; 5] = ["resolve", "absolute", "expanduser", "as_posix", "joinpath"];

/// Calls that give the path of their arguments joined.
const PATH_MAKERS: [&str; 7] = [
    "pathlib.Path",
    "Path",
    "pathlib.PurePath",
    "os.path.join",
    "os.path.abspath",
    "os.path.realpath",
    "str",
];

type Located = (Base, String);

impl Walker<'_> {
    pub(super) fn opening_call(&mut self, call: &ast::ExprCall, callee: &str) {
        let last = callee.rsplit('.').next().unwrap_or("");
        if let Expr::Attribute(method) = &*call.func {
            let reads = READING_METHODS.contains(&method.attr.as_str()) && !writes(call, 0);
            if let Some(located) = self.file_path(&method.value).filter(|_| reads) {
                self.record_opened(located, &method.value, callee);
                return;
            }
        }
        let Some((name, keyword, position)) = OPENERS.into_iter().find(|(name, _, _)| *name == last) else {
            return;
        };
        if name == "open" && (writes(call, 1) || !is_builtin_open(callee)) {
            return;
        }
        let Some(argument) = call.arguments.find_argument_value(keyword, position) else { return };
        let located =
            self.path_text(argument).filter(|(_, path)| name != "Config" || has_config_suffix(path));
        if let Some(located) = located {
            self.record_opened(located, argument, callee);
        }
    }

    pub(super) fn record_opened(&mut self, (base, path): Located, at: &Expr, callee: &str) {
        let outside = path.is_empty() || path.starts_with(['/', '~']) || path.contains([':', '\n']);
        if outside {
            return;
        }
        let span = self.source.text_of(at).map_or_else(|| self.source.span(at.range()), |text| text.span);
        self.module.opened.push(OpenedFile {
            path,
            base,
            span,
            line: self.line(span),
            function: self.function(),
            callee: callee.to_owned(),
        });
    }

    /// The path that a string or a path object is.
    pub(super) fn path_text(&self, expr: &Expr) -> Option<Located> {
        self.path_text_in(expr, 0).filter(|(_, path)| path.len() <= MAX_PATH)
    }

    /// The path that a path object is: `Path("a")`, `Path(__file__).parent / "a"`, `os.path.join(BASE, "a")`.
    pub(super) fn file_path(&self, expr: &Expr) -> Option<Located> {
        self.file_path_in(expr, 0).filter(|(_, path)| path.len() <= MAX_PATH)
    }

    fn file_path_in(&self, expr: &Expr, steps: usize) -> Option<Located> {
        if steps > MAX_STEPS {
            return None;
        }
        match expr {
            Expr::Name(name) if name.id.as_str() == "__file__" => None,
            Expr::Attribute(attribute) if attribute.attr.as_str() == "parent" => {
                self.parent_of(&attribute.value, steps + 1)
            }
            Expr::Name(_) | Expr::Attribute(_) => self.bound_path(expr),
            Expr::BinOp(joined) if joined.op == Operator::Div => {
                let base = self.file_path_in(&joined.left, steps + 1)?;
                self.joined(base, std::slice::from_ref(&*joined.right))
            }
            Expr::Subscript(subscript) => self.indexed_parent(subscript, steps + 1),
            Expr::Call(call) => self.called_path(call, steps + 1),
            _ => None,
        }
    }

    fn bound_path(&self, expr: &Expr) -> Option<Located> {
        match self.scopes.get(&dotted(expr)?) {
            Some(Value::File(base, path)) => Some((*base, path.clone())),
            _ => None,
        }
    }

    fn called_path(&self, call: &ast::ExprCall, steps: usize) -> Option<Located> {
        let arguments = &*call.arguments.args;
        if let Some(base) = self.same_file(&call.func, steps) {
            return self.joined(base, arguments);
        }
        match (self.path_of(&call.func)?.as_str(), arguments) {
            ("os.path.dirname", [of]) => self.parent_of(of, steps),
            (callee, [first, rest @ ..]) if PATH_MAKERS.contains(&callee) => {
                let first = self.path_text_in(first, steps)?;
                self.joined(first, rest)
            }
            _ => None,
        }
    }

    /// The path whose method gives the same file, or one below it.
    fn same_file(&self, function: &Expr, steps: usize) -> Option<Located> {
        match function {
            Expr::Attribute(method) if SAME_FILE.contains(&method.attr.as_str()) => {
                self.file_path_in(&method.value, steps)
            }
            _ => None,
        }
    }

    fn path_text_in(&self, expr: &Expr, steps: usize) -> Option<Located> {
        match self.known_text(expr) {
            Some(text) => {
                (text.value.len() <= MAX_PATH).then(|| (Base::WorkingDirectory, normal(&text.value)))
            }
            None => self.file_path_in(expr, steps),
        }
    }

    fn joined(&self, (base, mut path): Located, parts: &[Expr]) -> Option<Located> {
        for part in parts.iter().take(MAX_STEPS) {
            let part = self.known_text(part)?.value;
            if part.starts_with('/') || path.len() + part.len() > MAX_PATH {
                return None;
            }
            if !path.is_empty() && !path.ends_with('/') {
                path.push('/');
            }
            path.push_str(&normal(&part));
        }
        Some((base, path))
    }

    /// The folder that holds a path; of this file, the module's own folder.
    fn parent_of(&self, expr: &Expr, steps: usize) -> Option<Located> {
        if self.is_this_file(expr, steps) {
            return Some((Base::ModuleDirectory { up: 0 }, String::new()));
        }
        let (base, path) = self.path_text_in(expr, steps)?;
        match (path.rsplit_once('/'), base) {
            (Some((folder, _)), _) => Some((base, folder.to_owned())),
            (None, Base::ModuleDirectory { up }) if path.is_empty() => {
                Some((Base::ModuleDirectory { up: up + 1 }, String::new()))
            }
            (None, _) => Some((base, String::new())),
        }
    }

    /// `Path(__file__).resolve().parents[1]`.
    fn indexed_parent(&self, subscript: &ast::ExprSubscript, steps: usize) -> Option<Located> {
        let (Expr::Attribute(parents), Expr::NumberLiteral(index)) = (&*subscript.value, &*subscript.slice)
        else {
            return None;
        };
        let up = self.source.slice(index.range()).parse().ok()?;
        let of_file = parents.attr.as_str() == "parents" && self.is_this_file(&parents.value, steps);
        of_file.then_some((Base::ModuleDirectory { up }, String::new()))
    }

    /// `__file__`, `Path(__file__)`, `Path(__file__).resolve()`, `os.path.abspath(__file__)`.
    fn is_this_file(&self, expr: &Expr, steps: usize) -> bool {
        if steps > MAX_STEPS {
            return false;
        }
        match expr {
            Expr::Name(name) => name.id.as_str() == "__file__",
            Expr::Call(call) => match (&*call.func, &*call.arguments.args) {
                (Expr::Attribute(method), []) if SAME_FILE.contains(&method.attr.as_str()) => {
                    self.is_this_file(&method.value, steps + 1)
                }
                (_, [only]) => {
                    let path = self.path_of(&call.func).unwrap_or_default();
                    PATH_MAKERS.contains(&path.as_str()) && self.is_this_file(only, steps + 1)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// Whether a mode creates, empties or extends the file.
fn writes(call: &ast::ExprCall, position: usize) -> bool {
    match call.arguments.find_argument_value("mode", position) {
        Some(Expr::StringLiteral(mode)) => mode.value.chars().any(|flag| matches!(flag, 'w' | 'a' | 'x')),
        Some(_) => true,
        None => false,
    }
}

fn is_builtin_open(callee: &str) -> bool {
    matches!(callee, "open" | "io.open" | "codecs.open" | "aiofiles.open" | "builtins.open")
}

fn has_config_suffix(path: &str) -> bool {
    [".ini", ".cfg", ".toml", ".env"].into_iter().any(|suffix| path.ends_with(suffix))
}

fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.trim_start_matches("./").to_owned()
}
