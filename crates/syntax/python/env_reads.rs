//! Reads of environment variables: `os.environ`, `os.getenv`, and functions that are named like them.

use ruff_python_ast::{self as ast, CmpOp, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::guards::Guard;
use super::literals::{dotted, is_upper_snake, words_of};
use super::scope::Value;
use super::types::{Asked, DefaultValue, EnvRead, Literal, ReadForm};
use super::walk::Walker;
use crate::Spanned;

/// What a variable is read through in the standard library, and whether a value is written as well.
const STANDARD_CALLS: [(&str, &str); 3] =
    [("os.environ.get", "os.environ"), ("os.getenv", "os.getenv"), ("os.environ.setdefault", "os.environ")];

/// Readers of libraries that raise where a variable has no default: python-decouple, environs, django-environ,
/// starlette.
const STRICT_READERS: [&str; 4] =
    ["decouple.config", "environs.Env()", "environ.Env()", "starlette.config.Config()"];

/// Words that tell a wrapper from any other function.
const ENVIRONMENT_WORDS: [&str; 7] =
    ["env", "envs", "environ", "environment", "getenv", "config", "configuration"];

/// First words of a function that reads: what it does, or the type it gives.
const READER_WORDS: &str = "get getenv read load fetch lookup require required must optional expect ensure resolve \
    retrieve parse safe env environ environment config str string int integer bool boolean float list json url path \
    secret db cache email search";

/// Other words that such a function may have; one with any further word asks for something else
/// (`get_variable_source`).
const FURTHER_WORDS: &str =
    "var vars variable value setting key or default none raise fail as from with getter configuration";

/// A default that several reads share is told for the first of them only.
const MAX_SHARED_DEFAULTS: usize = 8;

/// One recognised read, its variables as far as the text tells them.
pub(super) struct Read {
    pub(super) names: Vec<Spanned<String>>,
    default: Option<DefaultValue>,
    required: bool,
    via: String,
    wrapper: bool,
    form: ReadForm,
}

/// The parts of a read before its variable's name is looked at.
struct Access<'e> {
    key: &'e Expr,
    default: Option<&'e Expr>,
    required: bool,
    via: String,
    wrapper: bool,
    form: ReadForm,
}

impl Walker<'_> {
    /// Records a call that reads. Whether it did, and states a default.
    pub(super) fn environment_call(&mut self, call: &ast::ExprCall, expr: &Expr) -> bool {
        let Some(read) = self.environment_read(expr) else { return false };
        let has_default = read.default.is_some();
        self.record_read(read, call);
        has_default
    }

    pub(super) fn environment_index(&mut self, subscript: &ast::ExprSubscript, expr: &Expr) {
        let read = (subscript.ctx == ExprContext::Load).then(|| self.environment_read(expr)).flatten();
        if let Some(read) = read {
            self.record_read(read, subscript);
        }
    }

    pub(super) fn environment_membership(&mut self, compare: &ast::ExprCompare) {
        if let Some(names) = self.membership(compare) {
            let via = "os.environ".to_owned();
            let read = Read {
                names,
                default: None,
                required: false,
                via,
                wrapper: false,
                form: ReadForm::Membership,
            };
            self.record_read(read, compare);
        }
    }

    /// `envvar="X"` of click and typer.
    pub(super) fn environment_option(&mut self, callee: &str, keyword: &ast::Keyword) {
        let named = keyword.arg.as_ref().is_some_and(|name| name.as_str() == "envvar");
        if let Some(name) = self.source.plain_text_of(&keyword.value).filter(|_| named) {
            let via = callee.to_owned();
            let read = Read {
                names: vec![name],
                default: None,
                required: false,
                via,
                wrapper: true,
                form: ReadForm::Get,
            };
            self.record_read(read, keyword);
        }
    }

    fn record_read(&mut self, read: Read, at: &impl Ranged) {
        let span = self.source.span(at.range());
        let shared = self.or_defaults.remove(&at.range());
        // `get("A")` gives nothing where A is not set, and nothing has no methods.
        let gives_nothing = |default: &DefaultValue| default.literal == Some(Literal::None);
        let is_needed = self.used_at_once.remove(&at.range())
            && self.caught_uses == 0
            && read.form == ReadForm::Get
            && !read.wrapper
            && shared.is_none()
            && read.default.as_ref().is_none_or(gives_nothing);
        let is_truth_test = self.truth_tests.remove(&at.range()) && !read.wrapper;
        let asked = if is_truth_test { Asked::Truth } else { Asked::Text };
        let read = Read {
            required: read.required || is_needed,
            default: read.default.filter(|_| !is_needed),
            ..read
        };
        for name in read.names {
            if (name.span.start < span.start || name.span.end > span.end)
                && !self.told.insert((name.span.start, read.form))
            {
                continue;
            }
            let sure = self.present.contains(&name.value)
                || self.caught_keys > 0
                || self.guards.contains(&Guard::Otherwise);
            self.module.env_reads.push(EnvRead {
                required: read.required && !sure,
                conditional: self.guards.contains(&Guard::Conditional),
                default: read.default.clone().or_else(|| shared.clone()),
                span,
                line: self.line(span),
                function: self.function(),
                within: self.within(),
                via: read.via.clone(),
                wrapper: read.wrapper,
                form: read.form,
                asked,
                name,
            });
        }
    }

    /// The variables that a statement sets for what follows it: `os.environ["X"] = ...`, `setdefault`, `update`.
    pub(super) fn set_by(&self, stmt: &Stmt) -> Vec<String> {
        match stmt {
            Stmt::Assign(assign) => assign.targets.iter().filter_map(|target| self.stored(target)).collect(),
            Stmt::Expr(expr) => self.set_by_call(&expr.value),
            // `if "X" not in os.environ: os.environ["X"] = ...`
            Stmt::If(branches) if branches.elif_else_clauses.is_empty() => {
                let absent = self.surely_set(&branches.test, false);
                let set = branches.body.iter().flat_map(|stmt| match stmt {
                    Stmt::If(_) => Vec::new(),
                    _ => self.set_by(stmt),
                });
                set.filter(|name| absent.contains(name)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn stored(&self, target: &Expr) -> Option<String> {
        let Expr::Subscript(subscript) = target else { return None };
        let text = self.is_environ(&subscript.value).then(|| self.known_text(&subscript.slice)).flatten();
        text.map(|name| name.value)
    }

    fn set_by_call(&self, expr: &Expr) -> Vec<String> {
        let Expr::Call(call) = expr else { return Vec::new() };
        let first = call.arguments.args.first();
        match self.path_of(&call.func).as_deref() {
            Some("os.environ.setdefault") => {
                first.and_then(|key| self.known_text(key)).map(|name| name.value).into_iter().collect()
            }
            Some("os.environ.update") => {
                let keywords = call.arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
                let pairs = match first {
                    Some(Expr::Dict(dict)) => {
                        dict.items.iter().filter_map(|item| item.key.as_ref()).collect()
                    }
                    _ => Vec::new(),
                };
                let keys = pairs.into_iter().filter_map(|key| self.known_text(key)).map(|name| name.value);
                keys.chain(keywords.map(ToString::to_string)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The read that an expression is.
    pub(super) fn environment_read(&self, expr: &Expr) -> Option<Read> {
        let access = self.access(expr)?;
        let names = self.known_texts(access.key);
        let plausible = |name: &Spanned<String>| {
            if access.wrapper { is_upper_snake(&name.value) } else { !name.value.is_empty() }
        };
        if names.is_empty() || !names.iter().all(plausible) {
            return None;
        }
        let default = access.default.map(|default| self.default_value(default));
        let Access { required, via, wrapper, form, .. } = access;
        Some(Read { names, required: required && default.is_none(), default, via, wrapper, form })
    }

    /// The name of the variable that holds the key of a read or of a membership test.
    pub(super) fn read_by_name(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Compare(compare) if self.asks_membership(compare) => dotted(&compare.left),
            _ => dotted(self.access(expr)?.key),
        }
    }

    fn access<'e>(&self, expr: &'e Expr) -> Option<Access<'e>> {
        match expr {
            Expr::Subscript(subscript) => self.is_environ(&subscript.value).then(|| Access {
                key: &subscript.slice,
                default: None,
                required: true,
                via: "os.environ".to_owned(),
                wrapper: false,
                form: ReadForm::Index,
            }),
            Expr::Call(call) => self.standard_access(call).or_else(|| self.wrapper_access(call)),
            _ => None,
        }
    }

    fn standard_access<'e>(&self, call: &'e ast::ExprCall) -> Option<Access<'e>> {
        let path = self.path_of(&call.func)?;
        let (_, via) = STANDARD_CALLS.into_iter().find(|(name, _)| *name == path)?;
        Some(Access {
            key: call.arguments.find_argument_value("key", 0)?,
            default: call.arguments.find_argument_value("default", 1),
            required: false,
            via: via.to_owned(),
            wrapper: false,
            form: ReadForm::Get,
        })
    }

    /// A call that is named like a reader and is given a name in upper case: `env.get("API_KEY")`,
    /// `get_env_bool("DEBUG", False)`, `config("PORT", cast=int)`.
    fn wrapper_access<'e>(&self, call: &'e ast::ExprCall) -> Option<Access<'e>> {
        let key = call.arguments.args.first()?;
        let name = self.known_texts(key);
        if !name.first().is_some_and(|name| is_upper_snake(&name.value)) {
            return None;
        }
        let written = dotted(&call.func)?;
        let receiver = written.rsplit_once('.').and_then(|(receiver, _)| self.scopes.get(receiver));
        // A function may say by its own name what it reads, or by that of the module that it comes from.
        let origin = self.path_of(&call.func).unwrap_or_default();
        if !(is_reader(&written) || is_reader(&origin)) || receiver == Some(&Value::Dictionary) {
            return None;
        }
        let stated = |names: [&str; 3]| names.into_iter().find_map(|name| call.arguments.find_keyword(name));
        let default = stated(["default", "fallback", "default_value"]).map(|keyword| &keyword.value);
        let default = default.or_else(|| call.arguments.find_positional(1).filter(|second| !is_type(second)));
        let strict = self.path_of(&call.func).is_some_and(|path| {
            STRICT_READERS
                .into_iter()
                .any(|reader| path.strip_prefix(reader).is_some_and(|rest| !rest.contains("()")))
        });
        let demanded = call
            .arguments
            .find_keyword("required")
            .is_some_and(|keyword| matches!(&keyword.value, Expr::BooleanLiteral(literal) if literal.value));
        Some(Access {
            key,
            default,
            required: strict || demanded,
            via: written,
            wrapper: true,
            form: ReadForm::Get,
        })
    }

    fn is_environ(&self, expr: &Expr) -> bool {
        self.path_of(expr).is_some_and(|path| path == "os.environ")
    }

    fn asks_membership(&self, compare: &ast::ExprCompare) -> bool {
        let ([CmpOp::In | CmpOp::NotIn], [right]) = (&*compare.ops, &*compare.comparators) else {
            return false;
        };
        match right {
            Expr::Call(call) => self.path_of(&call.func).is_some_and(|path| path == "os.environ.keys"),
            _ => self.is_environ(right),
        }
    }

    /// The variables that `"X" in os.environ` asks for.
    pub(super) fn membership(&self, compare: &ast::ExprCompare) -> Option<Vec<Spanned<String>>> {
        if !self.asks_membership(compare) {
            return None;
        }
        let names = self.known_texts(&compare.left);
        (!names.is_empty()).then_some(names)
    }

    /// What an expression is that gives access to the environment: the mapping, a copy of it, one of its methods, or
    /// an instance of a library's reader.
    pub(super) fn environment_object(&self, expr: &Expr) -> Option<String> {
        if let Expr::Call(call) = expr {
            let path = self.path_of(&call.func)?;
            let copy = match (path.as_str(), &*call.arguments.args) {
                ("os.environ.copy", _) => true,
                ("dict", [only]) => self.is_environ(only),
                _ => false,
            };
            let instance = format!("{path}()");
            let strict = STRICT_READERS.contains(&instance.as_str());
            return if copy { Some("os.environ".to_owned()) } else { strict.then_some(instance) };
        }
        let path = self.path_of(expr)?;
        let known = path == "os.environ" || STANDARD_CALLS.into_iter().any(|(name, _)| name == path);
        known.then_some(path)
    }

    /// `read or "default"`: what stands last stands in for every read before it.
    pub(super) fn or_default(&mut self, boolean: &ast::ExprBoolOp) {
        let Some((last, reads)) = boolean.values.split_last() else { return };
        if self.access(last).is_some() {
            return;
        }
        for read in reads.iter().take(MAX_SHARED_DEFAULTS) {
            if self.access(read).is_some() {
                let default = self.default_value(last);
                self.or_defaults.insert(read.range(), default);
            }
        }
    }

    pub(super) fn default_value(&self, expr: &Expr) -> DefaultValue {
        match self.source.literal_of(expr) {
            Some(Spanned { value, span }) => {
                let text = match &value {
                    Literal::Text(text) => text.value.clone(),
                    Literal::Number(_) | Literal::Bool(_) | Literal::None | Literal::Expression => {
                        self.source.slice(expr.range()).to_owned()
                    }
                };
                DefaultValue { text, literal: Some(value), span }
            }
            None => DefaultValue { text: String::new(), literal: None, span: self.source.span(expr.range()) },
        }
    }
}

fn is_reader(written: &str) -> bool {
    let (receiver, function) = written.rsplit_once('.').unwrap_or(("", written));
    let words = words_of(function);
    let among = |list: &str, word: &str| list.split_whitespace().any(|known| known == word);
    let reads = words.first().is_some_and(|first| among(READER_WORDS, first))
        && words.iter().all(|word| among(READER_WORDS, word) || among(FURTHER_WORDS, word));
    let of_environment =
        |words: &[String]| words.iter().any(|word| ENVIRONMENT_WORDS.contains(&word.as_str()));
    let owner = receiver.rsplit('.').next().unwrap_or("");
    reads && (of_environment(&words) || of_environment(&words_of(owner)))
}

fn is_type(expr: &Expr) -> bool {
    matches!(expr, Expr::Name(name) if matches!(name.id.as_str(), "int" | "str" | "bool" | "float" | "list" | "dict"))
}
