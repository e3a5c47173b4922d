//! Which excluded directories need not be looked into.

use super::matcher::{Rule, Test, depth_of};
use super::{Builder, Decision, Matcher};

impl Matcher {
    /// Whether an excluded directory has to be looked into: false where the builder does not, and where nothing
    /// below it could come back.
    #[must_use]
    pub fn may_reinclude_below(&self, directory: &str, decision: &Decision) -> bool {
        if !decision.excluded {
            return true;
        }
        if !self.enters(directory) {
            return false;
        }
        let Some(by) = decision.by.filter(|by| decision.state.holds(*by)) else {
            return true;
        };
        let depth = depth_of(directory);
        self.rules.iter().skip(by + 1).any(|rule| rule.may_bring_back_below(directory, depth))
    }

    /// Whether the builder's own walk goes into a directory that is left out. Most ask whether a `!` pattern,
    /// wildcards taken as text, begins with the directory's path; `BuildKit` goes in wherever it could matter.
    pub(super) fn enters(&self, directory: &str) -> bool {
        let mut negated = self.rules.iter().filter(|rule| rule.negated);
        match self.builder {
            Builder::Buildkit | Builder::Kaniko => true,
            Builder::Legacy | Builder::Docker20 => negated.any(|rule| {
                let rest = rule.text.strip_prefix(directory);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }),
            // It forgets the slash behind the directory, so that `!application` opens `app`.
            Builder::Buildah => negated.any(|rule| rule.text.trim_matches('/').starts_with(directory)),
            Builder::Gcloud => false,
        }
    }
}

impl Rule {
    fn may_bring_back_below(&self, directory: &str, depth: usize) -> bool {
        match &self.test {
            Test::Docker(glob) => self.negated && glob.may_match_below(directory, depth),
            Test::Gcloud(_) => false,
        }
    }
}
