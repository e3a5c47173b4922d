//! Which excluded directories need not be looked into.

use super::compiled::{CompiledPattern, depth_of};
use super::{Builder, Decision, Matcher};

impl Matcher {
    /// Whether an excluded directory has to be looked into: false where the builder does not, and where
    /// nothing below it could come back.
    #[must_use]
    pub fn may_reinclude_below(&self, directory: &str, decision: &Decision) -> bool {
        if !decision.excluded {
            return true;
        }
        if !self.enters(directory) {
            return false;
        }
        let leaves_out_all =
            |(index, pattern): &(usize, &CompiledPattern)| !pattern.negated && decision.state.holds(*index);
        let Some((last, _)) = self.patterns.iter().enumerate().rev().find(leaves_out_all) else {
            return true;
        };
        let depth = depth_of(directory);
        let mut later =
            self.patterns.iter().enumerate().skip(last + 1).filter(|(_, pattern)| pattern.negated);
        later.any(|(index, pattern)| {
            decision.state.holds(index) || pattern.glob.may_match_below(directory, depth)
        })
    }

    /// Whether the builder's own walk goes into a directory that is left out. Most ask whether a `!` pattern,
    /// wildcards taken as text, begins with the directory's path; `BuildKit` goes in wherever it could
    /// matter.
    pub(super) fn enters(&self, directory: &str) -> bool {
        let mut negated = self.patterns.iter().filter(|pattern| pattern.negated);
        match self.builder {
            Builder::Buildkit | Builder::Kaniko => true,
            Builder::Legacy | Builder::Docker20 => negated.any(|pattern| {
                let rest = pattern.text.strip_prefix(directory);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }),
            // It forgets the slash behind the directory, so that `!application` opens `app`.
            Builder::Buildah => negated.any(|pattern| pattern.text.trim_matches('/').starts_with(directory)),
            Builder::Gcloud => false,
        }
    }
}
