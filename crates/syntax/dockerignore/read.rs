//! The lines of an ignore file.

use std::sync::Arc;

use source::Span;

use super::Builder;
use crate::{Parsed, Spanned};

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

impl IgnoreFile {
    /// Puts the patterns of included files in their places. `load` reads and parses a file with
    /// [`parse_gcloud`]; `None` where it does not exist, for which gcloud stops. An included file's own includes
    /// are not followed, as in gcloud.
    #[must_use]
    pub fn splice(self, load: impl FnMut(&Include) -> Option<Self>) -> Parsed<Self> {
        let _ = load;
        Parsed { tree: self, errors: Vec::new() }
    }
}

/// Reads a `.dockerignore` as Docker and kaniko do.
#[must_use]
pub fn parse(text: &str) -> Parsed<IgnoreFile> {
    let _ = text;
    Parsed { tree: IgnoreFile::default(), errors: Vec::new() }
}

/// Reads a `.containerignore` or `.dockerignore` as buildah and podman do.
#[must_use]
pub fn parse_buildah(text: &str) -> Parsed<IgnoreFile> {
    parse(text)
}

/// Reads a `.gcloudignore`, or a `.gitignore` that it includes, as gcloud does.
#[must_use]
pub fn parse_gcloud(text: &str) -> Parsed<IgnoreFile> {
    parse(text)
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
