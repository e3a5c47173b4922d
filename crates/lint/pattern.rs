//! Patterns for paths, as the configuration writes them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use source::Place;

/// One pattern for paths: `**` crosses directories, `*` and `?` do not, a pattern without a slash stands for a name at
/// any depth, and what names a directory names everything below it.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub text: String,
    /// Where it is written.
    pub at: Place,
    set: GlobSet,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, for the person who wrote it.
    pub fn new(text: &str, at: Place) -> Result<Self, String> {
        let set = set_of(std::iter::once(text))?;
        Ok(Self { text: text.to_owned(), at, set })
    }

    /// Whether it stands for the file at `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.set.is_match(path)
    }
}

/// Many patterns that are asked at once.
pub(crate) struct Matcher(GlobSet);

impl Matcher {
    pub(crate) fn new<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Self {
        // Each pattern was compiled before, so that together they compile too.
        Self(set_of(patterns.map(|pattern| pattern.text.as_str())).unwrap_or_else(|_| GlobSet::empty()))
    }

    /// The indices of the patterns that stand for the file at `path`.
    pub(crate) fn matching(&self, path: &str) -> impl Iterator<Item = usize> {
        // Each pattern has two forms.
        self.0.matches(path).into_iter().map(|form| form / 2)
    }
}

/// All patterns as one set.
pub(crate) fn set(patterns: &[Pattern]) -> GlobSet {
    // Each pattern was compiled before, so that together they compile too.
    set_of(patterns.iter().map(|pattern| pattern.text.as_str())).unwrap_or_else(|_| GlobSet::empty())
}

fn set_of<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        for form in forms(pattern) {
            let glob = GlobBuilder::new(&form).literal_separator(true).build();
            set.add(
                glob.map_err(|error| format!("`{pattern}` is not a pattern for paths: {}", error.kind()))?,
            );
        }
    }
    set.build().map_err(|error| error.to_string())
}

/// What a pattern stands for: the path itself, and what lies below it.
fn forms(pattern: &str) -> [String; 2] {
    let trimmed = pattern.trim_end_matches('/');
    let trimmed = trimmed.strip_suffix("/**").unwrap_or(trimmed);
    let anchored = trimmed.strip_prefix("./").or_else(|| trimmed.strip_prefix('/'));
    let base = match anchored {
        Some(anchored) => anchored.to_owned(),
        None if trimmed.contains('/') || trimmed == "**" => trimmed.to_owned(),
        None => format!("**/{trimmed}"),
    };
    let below = format!("{base}/**");
    [base, below]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::new(pattern, Place::file("shipworthy.toml")).unwrap().matches(path)
    }

    #[test]
    fn what_patterns_stand_for() {
        for (pattern, path, wanted) in [
            ("third_party/**", "third_party/a/b", true),
            ("third_party", "a/third_party/b", true),
            ("/third_party", "a/third_party/b", false),
            ("a/b", "a/b/c/d", true),
            ("a/b", "x/a/b", false),
            ("*.staging.*", "config/.env.staging.local", true),
            ("*.staging.*", ".env.stagings", false),
            ("config/*.env", "config/a/b.env", false),
            ("backend/", "backend/x", true),
            ("**", "a/b", true),
        ] {
            assert_eq!(matches(pattern, path), wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn a_broken_pattern_is_told() {
        assert!(Pattern::new("a[", Place::file("x")).is_err());
    }
}
