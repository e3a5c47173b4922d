//! What program code a command line starts.

use source::Span;

use super::types::Script;
use crate::Spanned;

/// Code that a command line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// What is started.
    pub target: Target,
    /// The words that name it.
    pub span: Span,
    /// The program that loads it, without its folder: `uvicorn`, `python`, `bash`; the file's own name for a script
    /// or binary that is run directly.
    pub runner: String,
    /// The folder that the code is looked up in, where the line says so: `--app-dir`, `--chdir`, `--prefix`, `cd`.
    pub directory: Option<Spanned<String>>,
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `uvicorn pkg.mod:app`, `celery -A pkg.mod`, `python -m pkg.mod`.
    PythonModule {
        /// Dotted.
        module: String,
        /// What is taken from it: `app`, `create_app()`.
        attribute: Option<String>,
    },
    /// A `.py` file, path as written.
    PythonFile(String),
    /// A JavaScript or TypeScript file, path as written.
    NodeFile(String),
    /// A script of package.json.
    NpmScript(String),
    /// A shell script, path as written.
    Script(String),
    /// Any other program that is named by a path.
    Binary(String),
}

/// What the words of an exec form (`CMD ["uvicorn", "app.main:app"]`) start.
#[must_use]
pub fn entry_points(_words: &[Spanned<String>]) -> Vec<EntryPoint> {
    Vec::new()
}

/// What the commands of a script start, in order; `cd` before them is followed.
#[must_use]
pub fn entry_points_of(_script: &Script) -> Vec<EntryPoint> {
    Vec::new()
}
