//! The records that a Rust file becomes.
//!
//! In all of them `line` is 1-based, and `inside` names the inline modules around, outermost first.

use source::Span;

use crate::Spanned;

/// What was read from one Rust file, each list in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// Modules in files of their own: `mod a;`.
    pub modules: Vec<ModuleDeclaration>,
    /// Names from other modules: `use a::b;`, `extern crate a;`.
    pub uses: Vec<Use>,
    /// Files that are taken in when it is built.
    pub included: Vec<Included>,
    /// Environment variables that it reads.
    pub env_reads: Vec<EnvRead>,
}

/// `mod name;`, whose text is in another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleDeclaration {
    /// The module's name, without `r#`.
    pub name: Spanned<String>,
    /// The value of `#[path = ".."]`, relative to the folder of this file.
    pub path: Option<Spanned<String>>,
    /// Inline modules around it.
    pub inside: Vec<String>,
    /// Whether it is built for tests alone.
    pub is_test: bool,
    /// Whether an attribute `cfg` decides if it is built.
    pub is_conditional: bool,
    /// Line of its name.
    pub line: u32,
}

/// One name, or all names, of another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The path as written, segment by segment, without `r#`: `crate`, `config`, `load`. The module alone where
    /// all its names are taken.
    pub path: Vec<String>,
    /// The name it gets here, where that is another one; `_` where it gets none.
    pub alias: Option<String>,
    /// Whether all names are taken: `use a::*`.
    pub is_glob: bool,
    /// Inline modules around it.
    pub inside: Vec<String>,
    /// Whether it is built for tests alone.
    pub is_test: bool,
    /// The last segment.
    pub span: Span,
    /// Line of the last segment.
    pub line: u32,
}

/// `include!("a")`, `include_str!("a")` or `include_bytes!("a")`; also `migrate!("a")` and `embed_migrations!("a")`,
/// which take in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Included {
    /// The macro's name, without `!`.
    pub by: String,
    /// The path as written, relative to the folder of this file. For one under `CARGO_MANIFEST_DIR` the path below
    /// that folder, beginning with `/`.
    pub path: Spanned<String>,
    /// Whether the path is relative to the folder that holds `Cargo.toml`.
    pub from_manifest: bool,
    /// Whether it is built for tests alone.
    pub is_test: bool,
    /// Line of the path.
    pub line: u32,
}

/// One read of an environment variable whose name the text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable; its span covers the text between the quotes.
    pub name: Spanned<String>,
    /// What happens if it is not set.
    pub when_absent: WhenAbsent,
    /// Whether it is read when the program is built: `env!`, `option_env!`.
    pub at_build: bool,
    /// The enclosing function, with its type: `Config::load`; `None` outside functions.
    pub function: Option<String>,
    /// Whether it is built for tests alone.
    pub is_test: bool,
    /// Line of the name.
    pub line: u32,
}

/// What happens if a variable is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhenAbsent {
    /// The program or the call ends: `unwrap`, `expect`, `?`, `env!`.
    Fails,
    /// This value is taken, where the text tells it.
    Default(Option<String>),
    /// The program goes on and knows that it is absent.
    Handled,
}
