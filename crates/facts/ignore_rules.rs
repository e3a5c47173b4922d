//! The ignore file that a builder picks for a context, read and compiled as that builder reads it.

use std::sync::Arc;

use source::{EntryKind, Place, Tree, join};
use syntax::SyntaxError;
use syntax::dockerignore::{
    self, Builder, Choice, Decision, IgnoreFile, Matcher, NotReincluded, Presence, select,
};

use crate::Problem;
use crate::record::{Document, problem};

/// Paths that are left out and that are asked for lines which do not bring them back.
const MAX_LEFT_OUT: usize = 5_000;

/// What one builder leaves out of one directory.
pub(crate) struct IgnoreRules {
    /// The file, where there is one.
    pub(crate) path: Option<Arc<str>>,
    /// Its patterns, compiled.
    pub(crate) matcher: Matcher,
    /// What is wrong with it; the builder stops, or the file could not be read.
    pub(crate) problems: Vec<Problem>,
    document: Option<Document>,
    file: IgnoreFile,
    directory: String,
}

/// The line of an ignore file that leaves a path out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The line.
    pub by: Place,
    /// The pattern as written.
    pub pattern: String,
}

/// A line that looks as if it brought a path back, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBroughtBack {
    /// The line.
    pub at: Place,
    /// The pattern as written.
    pub pattern: String,
    /// Why it does not, and what to write instead.
    pub reason: String,
}

/// The ignore file that the builder picks.
#[must_use]
pub(crate) fn choose(tree: &dyn Tree, directory: &str, dockerfile: &str, builder: Builder) -> Choice {
    let is_directory = |path: &str| tree.kind(path).map(|kind| kind == EntryKind::Directory);
    dockerignore::choose_ignore_file(dockerfile, directory, builder, is_directory)
}

impl IgnoreRules {
    /// Reads the rules for the context `directory`, built with `dockerfile`.
    #[must_use]
    pub(crate) fn load(tree: &dyn Tree, directory: &str, dockerfile: &str, builder: Builder) -> Self {
        let mut problems = Vec::new();
        let document = document(tree, directory, dockerfile, builder, &mut problems);
        let mut errors = Vec::new();
        let mut file = IgnoreFile::default();
        if let Some(document) = &document {
            let parsed = dockerignore::parse_as(&document.text, builder);
            errors.extend(parsed.errors);
            errors.extend(parsed.tree.transport_error(builder));
            let included = parsed.tree.splice(|include| {
                let path = join(directory, &include.name.value)?;
                let text = Document::read(tree, &path).ok()?.text;
                Some(dockerignore::parse_gcloud(&text).tree)
            });
            errors.extend(included.errors);
            file = included.tree;
        }
        let compiled = Matcher::new(&file, builder);
        errors.extend(compiled.errors);
        errors.dedup_by(|one: &mut SyntaxError, other| one == other);
        problems.extend(document.iter().flat_map(|document| document.problems(&errors).collect::<Vec<_>>()));
        Self {
            path: document.as_ref().map(|document| Arc::clone(&document.path)),
            matcher: compiled.tree,
            problems,
            document,
            file,
            directory: directory.to_owned(),
        }
    }

    /// The line behind a decision.
    #[must_use]
    pub(crate) fn reason(&self, decision: &Decision) -> Option<Exclusion> {
        let pattern = self.file.patterns.get(decision.by?)?;
        let by = match &pattern.file {
            Some(included) => {
                let path = join(&self.directory, included).unwrap_or_default();
                Place { path: Arc::from(path), line: pattern.line, span: pattern.span }
            }
            None => self.document.as_ref()?.place(pattern.span),
        };
        Some(Exclusion { by, pattern: pattern.text.clone() })
    }

    /// The `!` lines that change nothing of these entries (path in the context, whether a directory), though they match
    /// one that is left out.
    #[must_use]
    pub(crate) fn idle_lines<'p>(
        &self,
        entries: impl IntoIterator<Item = (&'p str, bool)>,
    ) -> Vec<NotBroughtBack> {
        let negated = self.file.patterns.iter().filter(|pattern| pattern.negated && pattern.file.is_none());
        let mut waiting: Vec<u32> = negated.map(|pattern| pattern.line).collect();
        if waiting.is_empty() {
            return Vec::new();
        }
        let rows = select(&self.matcher, entries);
        for row in &rows {
            let by = row.by.and_then(|by| self.file.patterns.get(by));
            waiting.retain(|line| by.is_none_or(|by| by.line != *line));
        }
        let left_out =
            rows.iter().filter(|row| matches!(row.presence, Presence::Excluded | Presence::Pruned));
        let mut idle = Vec::new();
        for row in left_out.take(MAX_LEFT_OUT) {
            if waiting.is_empty() {
                break;
            }
            for line in self.not_brought_back_by(row.path, row.is_dir) {
                if let Some(at) = waiting.iter().position(|waiting| *waiting == line.at.line) {
                    waiting.swap_remove(at);
                    idle.push(line);
                }
            }
        }
        idle.sort_by(|one, other| one.at.cmp(&other.at));
        idle
    }

    /// The lines that look as if they brought back a path, given relative to the context.
    #[must_use]
    pub(crate) fn not_brought_back_by(&self, inside: &str, is_directory: bool) -> Vec<NotBroughtBack> {
        let told = |(index, reason): (usize, NotReincluded)| {
            let pattern = self.file.patterns.get(index)?;
            let at = self.document.as_ref()?.place(pattern.span);
            let reason = reason.sentence(&self.file, index, inside);
            Some(NotBroughtBack { at, pattern: pattern.text.clone(), reason })
        };
        self.matcher.overridden_by(inside, is_directory).into_iter().filter_map(told).collect()
    }
}

/// The text of the ignore file; for gcloud without one, the text that it would write.
fn document(
    tree: &dyn Tree,
    directory: &str,
    dockerfile: &str,
    builder: Builder,
    problems: &mut Vec<Problem>,
) -> Option<Document> {
    match choose(tree, directory, dockerfile, builder) {
        Choice::File(path) => Document::read(tree, &path).map_err(|problem| problems.push(problem)).ok(),
        Choice::Stops(path) => {
            let message = format!("this is a directory; {builder} stops, since it wants an ignore file here");
            problems.push(problem(&path, 1, message));
            None
        }
        Choice::Nothing if builder == Builder::Gcloud => generated(tree, directory),
        Choice::Nothing => None,
    }
}

/// gcloud writes an ignore file of its own where there is a `.git` or a `.gitignore`.
fn generated(tree: &dyn Tree, directory: &str) -> Option<Document> {
    let exists = |name: &str| join(directory, name).is_some_and(|path| tree.kind(&path).is_some());
    let has_git_ignore = exists(".gitignore");
    if !has_git_ignore && !exists(".git") {
        return None;
    }
    let path = join(directory, ".gcloudignore")?;
    Some(Document::new(&path, dockerignore::generated_gcloudignore(has_git_ignore)))
}
