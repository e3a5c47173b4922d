//! The records that a Python file becomes.
//!
//! In all of them `line` is 1-based and is that of `span`'s first byte, and `function` is the dotted path of the
//! enclosing classes and functions (`Loader.load`), `None` where the code runs when the module is loaded: at module
//! level or in a class body.

use source::Span;

use crate::Spanned;

/// What was read from one Python file, each list in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// Modules that it loads.
    pub imports: Vec<Import>,
    /// Environment variables that it reads.
    pub env_reads: Vec<EnvRead>,
    /// Entries of dictionaries with keys that are written as variables or as names of secrets are, and stores by such
    /// a key (`env["A"] = "b"`).
    pub dict_entries: Vec<DictEntry>,
    /// Lists of words that are, or become part of, a command line.
    pub commands: Vec<CommandWords>,
    /// Texts that are handed to a shell.
    pub shell_texts: Vec<ShellText>,
    /// Literal keyword arguments of calls.
    pub keyword_literals: Vec<KeywordLiteral>,
    /// Places where the mere presence of a variable decides which environment this is.
    pub predicates: Vec<Predicate>,
    /// Files that it opens for reading by a literal relative path.
    pub opened: Vec<OpenedFile>,
    /// Addresses that it holds: `https`, `http`, `wss` and `ws` URLs at the beginning of a string.
    pub addresses: Vec<Address>,
    /// Literal defaults of the fields of classes.
    pub field_defaults: Vec<FieldDefault>,
    /// Calls of such classes by keyword alone.
    pub record_calls: Vec<RecordCall>,
    /// Messages that say that a variable is missing.
    pub demands: Vec<Demand>,
    /// Modules of the standard library that its own code uses by name and that nothing in it binds.
    pub unbound: Vec<Spanned<String>>,
    /// Strings that are a whole Dockerfile: the insides of their quotes.
    pub dockerfiles: Vec<Span>,
}

/// An error message that says that variables are needed: `raise ValueError("DATABASE_HOST must be set")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The variables that it names; of several each may do.
    pub names: Vec<String>,
    /// The environments that it names, as written, in lower case.
    pub environments: Vec<&'static str>,
    /// The inside of the message's literal.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
}

/// A URL that a string begins with, up to its first blank or expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The URL and its bytes.
    pub url: Spanned<String>,
    /// The enclosing function.
    pub function: Option<String>,
}

/// One module that is loaded: `import a.b`, `from .a import b`, `importlib.import_module("a.b")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The dotted module as written, without leading dots; empty in `from . import a`.
    pub module: String,
    /// Leading dots: 0 is absolute, 1 the package that holds this file, 2 its parent.
    pub level: u32,
    /// What `from ... import` takes from the module; `*` possible, empty for `import a.b`. A name may be a
    /// submodule.
    pub names: Vec<ImportedName>,
    /// The module as written; the whole statement where it has no name (`from . import a`).
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// When it runs, and what happens if the module is missing.
    pub how: How,
    /// The enclosing function.
    pub function: Option<String>,
}

/// `name as alias` in a `from` import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedName {
    /// The name in the imported module, or `*`.
    pub name: String,
    /// The name it gets here, where that is another one.
    pub alias: Option<String>,
}

/// When an import runs, and what happens if the module is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// When this module is loaded; a missing module ends that.
    TopLevel,
    /// When the enclosing function is called; a missing module ends that call.
    Lazy,
    /// Its absence is caught, at whatever level it stands, by `except ImportError` (or a broader one that does not
    /// always leave again) or `contextlib.suppress`.
    Guarded,
    /// In the handler of a guarded import: runs only if that one failed.
    Fallback,
    /// Seen by type checkers alone: under `if TYPE_CHECKING` or `if False`.
    TypeChecking,
    /// Only when the file is run as a script: under `if __name__ == "__main__"`.
    MainBlock,
    /// When this module is loaded, if a condition holds that the text does not settle.
    Conditional,
}

/// One read of an environment variable whose name the text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable and the inside of the literal that names it. A pydantic field stands for its derived name, so
    /// the text there can differ (`api_key` for `APP_API_KEY`).
    pub name: Spanned<String>,
    /// Whether its absence raises here: `environ["X"]`, a pydantic field without default, `required=True`. Not
    /// where the absence is tested or caught around it.
    pub required: bool,
    /// Whether a condition that the text does not settle decides if it is read at all; of a pydantic field also where
    /// nothing makes the settings when the module is loaded.
    pub conditional: bool,
    /// What stands in when it is absent; `None` where nothing is stated.
    pub default: Option<DefaultValue>,
    /// The whole read.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
    /// The enclosing class or function: of a class's body the class.
    pub within: Option<String>,
    /// Through what it is read: `os.environ`, `os.getenv`, or the dotted text of a wrapper (`self.env.get`,
    /// `Settings` for a pydantic field).
    pub via: String,
    /// Whether that is a function of the project's own or a library's, recognised by its name alone.
    pub wrapper: bool,
    /// The way it is read.
    pub form: ReadForm,
    /// What is asked of the text.
    pub asked: Asked,
}

/// What is asked of the text that a read gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// What it says.
    Text,
    /// Only whether it is empty: `if os.getenv("X"):`.
    Truth,
}

/// The ways to read a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadForm {
    /// `environ["X"]`.
    Index,
    /// `environ.get("X")`, `getenv("X")`, a wrapper call.
    Get,
    /// `"X" in environ`.
    Membership,
    /// A field of a pydantic settings class.
    Field,
}

/// What a read gives when the variable is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultValue {
    /// A string's value, a number, `True`, `False` or `None`, an f-string with `{}` for each expression. Empty
    /// for any other expression.
    pub text: String,
    /// `None` where it is an expression whose value the text does not tell.
    pub literal: Option<Literal>,
    /// The expression; of a plain string the inside of the quotes.
    pub span: Span,
}

/// A string as far as the text tells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text {
    /// The value: escapes resolved, adjacent literals joined, `{}` for each expression of an f-string.
    pub value: String,
    /// Whether `{}` in it stands for an expression.
    pub template: bool,
}

/// A literal value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A string.
    Text(Text),
    /// A number as written, with its sign.
    Number(String),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
    /// An expression, as the value of a dictionary's entry alone.
    Expression,
}

/// A literal setting: `{"KEY": "value"}` or `env["KEY"] = "value"`, with an upper-case key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictEntry {
    /// The key and the inside of its literal.
    pub key: Spanned<String>,
    /// The value. The span of a plain string is the inside of its quotes.
    pub value: Spanned<Literal>,
    /// Where the dictionary belongs, from the outside in, joined by dots: assignment target, keyword argument, outer
    /// keys (`SERVICES.backend.env`). `os.environ` for stores into it. Empty where nothing names it.
    pub owner: String,
    /// The innermost call whose arguments hold it.
    pub call: Option<Span>,
    /// Key to value.
    pub span: Span,
    /// 1-based line of the key.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
}

/// A list of words that is, or becomes part of, a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandWords {
    /// The words; `None` where the text does not tell one. A starred item may stand for several.
    pub words: Vec<Option<Spanned<Text>>>,
    /// The dotted name that stands first, where that is no literal: `self.gcloud_cmd`.
    pub head: Option<String>,
    /// The list as written.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
    /// The variable that holds the list.
    pub target: Option<String>,
    /// Whether the words are added to what `target` holds already: `cmd.extend([..])`, `cmd.append(..)`, `cmd += ..`.
    pub continues: bool,
    /// What the conditions around it ask.
    pub branch: Branch,
}

/// What the conditions around a place ask, within its function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Branch {
    /// The names, of which something has to have one: `if service.name in ["api", "web"]`; of several such conditions
    /// those of the innermost. Empty where none asks for a name.
    pub names: Vec<String>,
    /// Whether a condition asks for something else as well.
    pub is_conditional: bool,
    /// The `if` statements around the place, outermost first: the byte that each begins at, and which of its branches
    /// holds the place, from 0.
    pub arms: Vec<(usize, usize)>,
}

impl Branch {
    /// The one name for which alone the place is reached.
    #[must_use]
    pub fn only_for(&self) -> Option<&str> {
        match self.names.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The literal default of a field: `timeout: int = 300` in the body of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDefault {
    /// The class.
    pub class: String,
    /// The field.
    pub name: String,
    /// The value. The span of a plain string is the inside of its quotes.
    pub value: Spanned<Literal>,
}

/// A call of a class whose fields have literal defaults, all arguments by keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCall {
    /// The class.
    pub class: String,
    /// The fields that are given a value.
    pub given: Vec<String>,
    /// The whole call.
    pub call: Span,
}

/// A text that is handed to a shell: `os.system("...")`, `subprocess.run("...", shell=True)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellText {
    /// The text. The span of a plain string is the inside of its quotes.
    pub text: Spanned<Text>,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
    /// What runs it, as written: `subprocess.run`.
    pub callee: String,
}

/// A keyword argument whose value the text tells: `deploy(dockerfile="docker/a.Dockerfile")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordLiteral {
    /// The keyword.
    pub name: Spanned<String>,
    /// Its value, or each value of a conditional expression.
    pub values: Vec<Spanned<Literal>>,
    /// What is called, as written: `ServiceConfig`, `self.run`. Empty where it is no dotted name.
    pub callee: String,
    /// The whole call.
    pub call: Span,
    /// Keyword and value.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
}

/// A place where the presence of a variable, alone or joined by `or`, decides that this is one environment:
/// `is_staging = environment == "staging" or os.environ.get("K_SERVICE")`.
///
/// A comparison of the variable's value is none, nor is a test that leads to no environment. All variables are
/// recorded; which of them only name a platform is for the caller to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    /// The variable, where it is read.
    pub variable: Spanned<String>,
    /// The environment as written, in lower case: one of `production`, `prod`, `prd`, `live`, `staging`, `stage`,
    /// `stg`, `development`, `dev`, `local`, `test`, `testing`, `preview`.
    pub concluded: String,
    /// The deciding expression.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
    /// How the conclusion is drawn.
    pub form: Form,
    /// Whether an earlier branch of the function already went by an explicit value (`if env: return env`,
    /// `if env == "production": ...`), so that this one decides only where that is absent.
    pub fallback: bool,
    /// What falls away with the operand of an `or` that the variable is: `or bool(os.environ.get("K_SERVICE"))`, with
    /// the space before it. `None` where it is none, or where more than the operand would fall.
    pub droppable: Option<Span>,
}

/// How a conclusion is drawn from a truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `if read: return "staging"`, `if read: environment = "staging"`.
    Branch,
    /// `"staging" if read else ...`.
    Conditional,
    /// `environment == "staging" or read`.
    Or,
    /// `is_staging = bool(read)`.
    Assigned,
    /// `def is_staging(): return bool(read)`.
    Returned,
}

/// A file or folder that code reads at run time by a path that the text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    /// The path with `/`, relative to `base`; `..` segments are kept.
    pub path: String,
    /// What it is relative to.
    pub base: Base,
    /// The expression that gives the path; of a plain string the inside of its quotes.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// The enclosing function.
    pub function: Option<String>,
    /// What opens it, as written: `open`, `Jinja2Templates`.
    pub callee: String,
}

/// What a path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base {
    /// The process's working directory.
    WorkingDirectory,
    /// The folder that holds this file (`Path(__file__).parent`), or one above it.
    ModuleDirectory {
        /// How many folders above.
        up: u32,
    },
}
