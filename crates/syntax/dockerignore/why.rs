//! Why a line that should bring a path back does not.

use super::compiled::CompiledPattern;
use super::matcher::directories_above;
use super::{Builder, IgnoreFile, Matcher};

/// Why a `!` pattern that matches a path, or a directory above it, leaves the path out all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReincluded {
    /// It matches `directory`, which no earlier pattern left out, so that it was passed over there; what
    /// stands below it must match it anew (`BuildKit`, today's classic docker builder).
    DirectoryWasIncluded {
        /// The directory that it matches.
        directory: String,
    },
    /// The builder does not look into `directory`: it is left out, and no `!` pattern begins with its path.
    DirectoryNotEntered {
        /// The directory that is left out.
        directory: String,
    },
    /// gcloud never takes back what stands in a directory that is left out.
    DirectoryIgnored {
        /// The directory that is left out.
        directory: String,
    },
    /// It matches `directory`, and that says nothing of what stands below: gcloud compares each path anew,
    /// kaniko and Docker 20.10 ask of the directories above only the one with as many parts as the pattern.
    DirectoryNotCompared {
        /// The directory that it matches.
        directory: String,
    },
    /// A later pattern leaves the path out; the last one that matches decides.
    ExcludedAgain {
        /// The index of the later pattern.
        by: usize,
    },
}

impl NotReincluded {
    /// The reason as a sentence about the pattern at `index` of `file`, with what to write instead.
    #[must_use]
    pub fn sentence(&self, file: &IgnoreFile, index: usize, path: &str) -> String {
        let named = |index: usize| match file.patterns.get(index) {
            Some(pattern) => format!("line {}, `{}`,", pattern.line, pattern.text),
            None => "a line".to_owned(),
        };
        let exact = exact_pattern(path);
        let reason = match self {
            Self::DirectoryWasIncluded { directory } => format!(
                "it matches `{directory}`, which no earlier line leaves out, so it is passed over there, \
                 and below it must match the path itself; write `!{exact}`"
            ),
            Self::DirectoryNotEntered { directory } => format!(
                "`{directory}` is left out, and the builder looks into it only for a `!` line that begins \
                 with its path; write `!{exact}`"
            ),
            Self::DirectoryIgnored { directory } => format!(
                "gcloud takes nothing back from `{directory}`, which is left out itself; leave out \
                 `{directory}/*` instead, and bring back each directory on the way"
            ),
            Self::DirectoryNotCompared { directory } => format!(
                "it matches `{directory}`, and this builder does not hold that for what stands below; write \
                 `!{exact}`"
            ),
            Self::ExcludedAgain { by } => format!(
                "{} comes later and leaves it out, and the last line that matches decides; move the `!` \
                 line below it",
                named(*by)
            ),
        };
        format!("{} does not bring back `{path}`: {reason}", named(index))
    }
}

/// The pattern that names `path` and nothing else, whatever letters it holds. Leading and trailing blanks
/// cannot be written in a `.dockerignore`; and below an excluded directory whose own name needs a backslash
/// only `BuildKit` and kaniko find what a `!` pattern brings back.
#[must_use]
pub fn exact_pattern(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for letter in path.chars() {
        if "*?[]\\^+|(){}".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

impl Matcher {
    /// For a path that is left out: each `!` pattern that matches it or a directory above it, by its index,
    /// and why it does not bring the path back. Empty for a path that is sent.
    #[must_use]
    pub fn overridden_by(&self, path: &str, is_dir: bool) -> Vec<(usize, NotReincluded)> {
        let (verdict, place) = self.explain_with_place(path, is_dir);
        let Some(by) = verdict.by.filter(|_| verdict.excluded) else { return Vec::new() };
        let closed = Some(place).filter(|place| place.len() < path.len());
        let negated = self.patterns.iter().enumerate().filter(|(_, pattern)| pattern.negated);
        negated
            .filter_map(|(index, pattern)| {
                let place = deepest_match(pattern, path, is_dir)?;
                Some((index, self.reason(index, place, by, closed)))
            })
            .collect()
    }

    fn reason(&self, index: usize, place: &str, by: usize, closed: Option<&str>) -> NotReincluded {
        if index < by {
            return NotReincluded::ExcludedAgain { by };
        }
        if let Some(directory) = closed.filter(|directory| directory.len() < place.len()) {
            let directory = directory.to_owned();
            return match self.builder {
                Builder::Gcloud => NotReincluded::DirectoryIgnored { directory },
                _ => NotReincluded::DirectoryNotEntered { directory },
            };
        }
        let directory = place.to_owned();
        match self.builder {
            Builder::Buildkit | Builder::Legacy => NotReincluded::DirectoryWasIncluded { directory },
            _ => NotReincluded::DirectoryNotCompared { directory },
        }
    }
}

/// The path, or else the deepest directory above it, that the pattern matches when it stands alone.
fn deepest_match<'p>(pattern: &CompiledPattern, path: &'p str, is_dir: bool) -> Option<&'p str> {
    if pattern.glob.matches(path, is_dir) {
        return Some(path);
    }
    let above: Vec<&str> = directories_above(path).collect();
    above.into_iter().rev().find(|directory| pattern.glob.matches(directory, true))
}

#[cfg(test)]
mod tests {
    use super::super::parse_as;
    use super::*;

    fn reasons(text: &str, builder: Builder, path: &str) -> Vec<(usize, NotReincluded)> {
        let file = parse_as(text, builder).tree;
        let matcher = Matcher::new(&file, builder).tree;
        assert!(matcher.explain(path, false).excluded);
        let reasons = matcher.overridden_by(path, false);
        for (index, reason) in &reasons {
            assert!(reason.sentence(&file, *index, path).contains(path));
        }
        reasons
    }

    #[test]
    fn each_builder_has_its_own_reason() {
        let directory = |name: &str| name.to_owned();
        let late = "**/monitoring/\n!backend/\n";
        let path = "backend/app/monitoring/x.py";
        assert_eq!(
            reasons(late, Builder::Buildkit, path),
            [(1, NotReincluded::DirectoryWasIncluded { directory: directory("backend") })]
        );
        let wild = "**/monitoring/\n!**/*.py\n";
        assert_eq!(
            reasons(wild, Builder::Legacy, path),
            [(1, NotReincluded::DirectoryNotEntered { directory: directory("backend/app/monitoring") })]
        );
        assert_eq!(
            reasons(wild, Builder::Gcloud, path),
            [(1, NotReincluded::DirectoryIgnored { directory: directory("backend/app/monitoring") })]
        );
        assert_eq!(
            reasons("*.py\n!**/app\n*.x\n", Builder::Docker20, "app.py").len(),
            0,
            "a pattern that matches nothing above has no part in it"
        );
        assert_eq!(
            reasons("!docs\ndocs\n", Builder::Buildah, "docs/a"),
            [(0, NotReincluded::ExcludedAgain { by: 1 })]
        );
        assert_eq!(reasons("**\n!*/b\n", Builder::Kaniko, "a/c/b"), []);
    }

    #[test]
    fn an_exact_pattern_names_its_path_alone() {
        for builder in
            [Builder::Buildkit, Builder::Legacy, Builder::Docker20, Builder::Buildah, Builder::Kaniko]
        {
            for path in ["a/b.py", "a+b", "x/[y]", "^caret", "a|b", "back\\slash", "a*b", "{a}"] {
                let file = parse_as(&format!("**\n!{}\n", exact_pattern(path)), builder).tree;
                let matcher = Matcher::new(&file, builder).tree;
                assert!(!matcher.explain(path, false).excluded, "{builder} {path}");
            }
        }
    }
}
