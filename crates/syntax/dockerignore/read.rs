//! The lines of an ignore file.

mod docker;
mod gcloud;

use std::sync::Arc;

use source::Span;

use super::Builder;
use crate::{Parsed, Spanned, SyntaxError};

pub use docker::{parse, parse_buildah};
pub use gcloud::parse_gcloud;

/// An ignore file, or several that were spliced into one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IgnoreFile {
    /// In the order in which they decide: the last one that matches wins.
    pub patterns: Vec<Pattern>,
    /// The `#!include:FILE` lines of a `.gcloudignore`; see [`IgnoreFile::splice`]. Empty for other files.
    pub includes: Vec<Include>,
}

/// One line that names paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As written, `!` included, without the blanks around it.
    pub text: String,
    /// What the builder compares with: without `!`, cleaned as that builder cleans it.
    pub cleaned: String,
    /// Whether it brings back what an earlier pattern left out.
    pub negated: bool,
    /// 1-based line of its file.
    pub line: u32,
    /// The bytes of `text` in its file.
    pub span: Span,
    /// The file it comes from, where that is not the ignore file itself but one that it includes.
    pub file: Option<Arc<str>>,
}

/// A line `#!include:FILE` of a `.gcloudignore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The file's name, in the same directory as the including file.
    pub name: Spanned<String>,
    /// 1-based line.
    pub line: u32,
    /// The index in [`IgnoreFile::patterns`] before which the other file's patterns belong.
    pub at: usize,
}

/// The most patterns that are read of one file. To list a context takes time in proportion to patterns and
/// paths.
pub const MAX_PATTERNS: usize = 10_000;

impl IgnoreFile {
    /// Puts the patterns of included files in their places and marks them with the file's name. `load` reads
    /// and parses a file with [`parse_gcloud`]; `None` where it cannot be read, at which gcloud stops. An
    /// included file's own includes are not followed, as in gcloud.
    #[must_use]
    pub fn splice(self, mut load: impl FnMut(&Include) -> Option<Self>) -> Parsed<Self> {
        let mut patterns = Vec::with_capacity(self.patterns.len());
        let mut errors = Vec::new();
        let mut own = self.patterns.into_iter().enumerate().peekable();
        for include in &self.includes {
            while let Some((_, pattern)) = own.next_if(|(index, _)| *index < include.at) {
                patterns.push(pattern);
            }
            let Some(included) = load(include) else {
                errors.push(SyntaxError {
                    span: include.name.span,
                    message: format!(
                        "`{}` cannot be read, and gcloud stops here; create it or delete the line",
                        include.name.value
                    ),
                });
                continue;
            };
            let name: Arc<str> = Arc::from(include.name.value.as_str());
            patterns.extend(
                included
                    .patterns
                    .into_iter()
                    .map(|pattern| Pattern { file: Some(Arc::clone(&name)), ..pattern }),
            );
        }
        patterns.extend(own.map(|(_, pattern)| pattern));
        Parsed { tree: Self { patterns, includes: Vec::new() }, errors }
    }
}

impl IgnoreFile {
    /// The pattern that keeps `BuildKit`'s client from sending its patterns at all (measured: Engine 28.5.2,
    /// a file with the line ends of an old Mac). They travel in a header, which holds no control characters,
    /// unless a letter outside ASCII in any of them makes the client encode them all.
    #[must_use]
    pub fn transport_error(&self, builder: Builder) -> Option<SyntaxError> {
        let encoded = self.patterns.iter().any(|pattern| !pattern.cleaned.is_ascii());
        if builder != Builder::Buildkit || encoded {
            return None;
        }
        let unsendable = |pattern: &&Pattern| pattern.cleaned.bytes().any(|byte| byte.is_ascii_control());
        self.patterns.iter().find(unsendable).map(|pattern| SyntaxError {
            span: pattern.span,
            message: "BuildKit cannot send a pattern with a control character, such as a tab or a carriage \
                      return; end lines with a line feed and delete the character"
                .to_owned(),
        })
    }
}

/// Reads an ignore file as `builder` does.
#[must_use]
pub fn parse_as(text: &str, builder: Builder) -> Parsed<IgnoreFile> {
    match builder {
        Builder::Buildkit | Builder::Legacy | Builder::Docker20 | Builder::Kaniko => parse(text),
        Builder::Buildah => parse_buildah(text),
        Builder::Gcloud => parse_gcloud(text),
    }
}

/// The part of `line` without blanks around it, and its bytes in a text in which the line begins at `start`.
fn trimmed(line: &str, start: usize) -> (&str, Span) {
    let from = start + (line.len() - line.trim_start().len());
    let text = line.trim();
    (text, Span::new(from, from + text.len()))
}

/// What to say of the first pattern beyond [`MAX_PATTERNS`].
fn too_many(span: Span) -> SyntaxError {
    let message =
        format!("only the first {MAX_PATTERNS} patterns are read; name directories instead of single files");
    SyntaxError { span, message }
}

#[cfg(test)]
mod tests;
