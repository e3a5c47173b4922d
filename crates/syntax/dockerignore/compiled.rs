//! One pattern, compiled for one builder.

use super::gcloud_glob::GcloudGlob;
use super::glob::{Dialect, Glob};
use super::validity::Malformed;
use super::{Builder, Pattern};
use crate::SyntaxError;

/// One pattern, compiled.
#[derive(Debug, Clone)]
pub(super) struct CompiledPattern {
    pub(super) glob: AnyGlob,
    pub(super) negated: bool,
    /// The pattern without `!`, as the builders' walk compares it with the names of directories.
    pub(super) text: Box<str>,
    /// How many parts it has, counted by its slashes.
    pub(super) depth: usize,
}

/// How a path is compared with a pattern.
#[derive(Debug, Clone)]
pub(super) enum AnyGlob {
    /// As the docker family and buildah do.
    Docker(Glob),
    /// As gcloud does.
    Gcloud(GcloudGlob),
}

impl CompiledPattern {
    /// Compiles `pattern` for `builder`. A pattern that it refuses is an error and matches nothing.
    pub(super) fn new(
        pattern: &Pattern,
        builder: Builder,
        is_asked: bool,
        errors: &mut Vec<SyntaxError>,
    ) -> Self {
        let cleaned = pattern.cleaned.as_str();
        let dialect = match builder {
            Builder::Buildkit | Builder::Legacy | Builder::Kaniko => Some(Dialect::Moby),
            Builder::Docker20 => Some(Dialect::Fileutils),
            Builder::Buildah => Some(Dialect::Containers),
            Builder::Gcloud => None,
        };
        let glob = match dialect.map(|dialect| Glob::compile(cleaned, dialect)) {
            Some(Ok(glob)) => AnyGlob::Docker(glob),
            Some(Err(Malformed::Untranslatable)) if dialect == Some(Dialect::Moby) && !is_asked => {
                AnyGlob::Docker(Glob::Never)
            }
            Some(Err(malformed)) => {
                let message = format!("the pattern `{}` {}", pattern.text, malformed.advice());
                errors.push(SyntaxError { span: pattern.span, message });
                AnyGlob::Docker(Glob::Never)
            }
            None => AnyGlob::Gcloud(GcloudGlob::compile(cleaned)),
        };
        Self { glob, negated: pattern.negated, text: cleaned.into(), depth: depth_of(cleaned) }
    }

    /// Makes it match nothing.
    pub(super) fn disable(&mut self) {
        self.glob = AnyGlob::Docker(Glob::Never);
    }
}

impl AnyGlob {
    /// Whether the pattern matches `path` itself.
    pub(super) fn matches(&self, path: &str, is_dir: bool) -> bool {
        match self {
            Self::Docker(glob) => glob.matches(path),
            Self::Gcloud(glob) => glob.matches(path, is_dir),
        }
    }

    /// Whether it took a regular expression.
    pub(super) const fn is_regexp(&self) -> bool {
        matches!(self, Self::Docker(Glob::Regexp(_)))
    }

    /// Whether it may match something below `directory`, which has `depth` parts.
    pub(super) fn may_match_below(&self, directory: &str, depth: usize) -> bool {
        match self {
            Self::Docker(glob) => glob.may_match_below(directory, depth),
            Self::Gcloud(_) => true,
        }
    }
}

/// How many parts a path has.
pub(super) fn depth_of(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count() + 1
}
