//! The rules that a run knows: the built-in ones and the team's.

use std::borrow::Cow;
use std::path::Path;

use facts::Problem;
use source::{EntryKind, MAX_CONFIG_BYTES, Tree, decode, is_within};

use crate::rule::{Rule, RuleError};
use crate::{checks, rule_file};

/// Where a repository keeps rules of its own.
const TEAM_RULES: &str = ".shipworthy/rules";

const BEHIND_A_LINK: &str =
    "this is a symbolic link, and links of directories are not followed: the rules behind it do not run";

/// The rules of a run, in byte order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    rules: Vec<Rule>,
    problems: Vec<Problem>,
}

impl Registry {
    /// The built-in rules.
    #[must_use]
    pub fn built_in() -> Self {
        Self::of(rules::BUILT_IN)
    }

    /// The built-in rules and those below `.shipworthy/rules` of a repository.
    #[must_use]
    pub fn for_tree(tree: &dyn Tree) -> Self {
        let mut registry = Self::built_in();
        let link =
            [source::directory_of(TEAM_RULES), TEAM_RULES].into_iter().find(|path| is_link(tree, path));
        if let Some(path) = link {
            registry.refuse(path, 1, BEHIND_A_LINK);
            return registry;
        }
        if tree.kind(TEAM_RULES).is_none() {
            return registry;
        }
        let walk = tree.walk(&|path| is_within(TEAM_RULES, path) || is_within(path, TEAM_RULES));
        for (path, error) in walk.unreadable {
            registry.refuse(&path, 1, &format!("this directory of rules {error}"));
        }
        for entry in walk.entries.iter().filter(|entry| is_within(&entry.path, TEAM_RULES)) {
            let is_rule = Path::new(&entry.path).extension().is_some_and(|ending| ending == "md");
            match entry.kind {
                EntryKind::File | EntryKind::Symlink if is_rule => {
                    let rule = read_team_rule(tree, &entry.path);
                    registry.add(rule);
                }
                EntryKind::Symlink => registry.refuse(&entry.path, 1, BEHIND_A_LINK),
                _ => {}
            }
        }
        registry
    }

    /// Remembers what keeps a rule from running.
    fn refuse(&mut self, path: &str, line: u32, message: &str) {
        let problem = Problem { path: path.into(), line, message: message.to_owned(), blocking: true };
        self.problems.push(problem);
    }

    /// Rules from `(family/id, text)`.
    pub(crate) fn of(texts: &[(&str, &'static str)]) -> Self {
        let mut registry = Self::default();
        for (name, text) in texts {
            let family = source::directory_of(name);
            registry.add(Rule::parse(family, &format!("rules/{name}.md"), Cow::Borrowed(text)));
        }
        registry
    }

    /// Every rule, in byte order of the ids.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.position(id).ok().and_then(|at| self.rules.get(at))
    }

    /// The names of all rules.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(Rule::id)
    }

    /// The rules that the repository has of its own.
    pub(crate) fn team_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| is_within(&rule.path, TEAM_RULES))
    }

    /// Rule files that could not be used; each blocks, for its rule was asked for and did not run.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The same rules, one of them without its policy: its check has nothing to look for then.
    #[must_use]
    pub fn without_policy(&self, id: &str) -> Self {
        let mut registry = self.clone();
        for rule in registry.rules.iter_mut().filter(|rule| rule.id() == id) {
            rule.head.policy.clear();
        }
        registry
    }

    fn add(&mut self, rule: Result<Rule, RuleError>) {
        let added = rule.and_then(|rule| {
            checks::is_known(&rule.head.check).map_err(|message| rule.error_at(0, message))?;
            match self.position(rule.id()) {
                Ok(_) => Err(rule.error_at(0, format!("there is already a rule named `{}`", rule.id()))),
                Err(at) => {
                    self.rules.insert(at, rule);
                    Ok(())
                }
            }
        });
        if let Err(error) = added {
            let message = format!("this rule file is not usable: {}", error.message);
            self.refuse(&error.path, error.line, &message);
        }
    }

    fn position(&self, id: &str) -> Result<usize, usize> {
        self.rules.binary_search_by(|rule| rule.id().cmp(id))
    }
}

fn is_link(tree: &dyn Tree, path: &str) -> bool {
    tree.kind(path) == Some(EntryKind::Symlink)
}

fn read_team_rule(tree: &dyn Tree, path: &str) -> Result<Rule, RuleError> {
    let error = |line, message| RuleError { path: path.to_owned(), line, message };
    let bytes = tree.read(path, MAX_CONFIG_BYTES).map_err(|wrong| error(1, wrong.to_string()))?;
    let text = decode(bytes).map_err(|wrong| error(wrong.line, wrong.message.to_owned()))?;
    let below = path.get(TEAM_RULES.len() + 1..).unwrap_or("");
    let family = match source::directory_of(below) {
        "" => "team",
        directory => source::file_name(directory),
    };
    let rule = Rule::parse(family, path, Cow::Owned(text))?;
    rule_file::validate(&rule)?;
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::Memory;

    #[test]
    fn every_built_in_rule_is_usable() {
        let registry = Registry::built_in();
        assert_eq!(registry.problems(), []);
        assert_eq!(registry.rules().len(), rules::BUILT_IN.len());
        for rule in registry.rules() {
            assert_eq!(rule_file::validate(rule), Ok(()));
        }
    }

    #[test]
    fn built_in_rules_are_listed_in_order() {
        assert!(rules::BUILT_IN.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_bad_team_rule_is_a_blocking_problem_with_its_line() {
        let tree: Memory = [
            (".shipworthy/rules/x/no-debug.md", "+++\nid = \"no-debug\"\nseverity = 3\n+++\n"),
            ("a.md", "x"),
        ]
        .into_iter()
        .collect();
        let registry = Registry::for_tree(&tree);
        let problem = &registry.problems()[0];
        assert_eq!((&*problem.path, problem.line), (".shipworthy/rules/x/no-debug.md", 3));
        assert!(problem.blocking);
    }

    #[test]
    fn rules_behind_a_link_are_asked_for_and_do_not_run() {
        let mut tree: Memory = [("shared/a.md", "")].into_iter().collect();
        tree.insert_link(".shipworthy/rules", "../shared");
        assert!(Registry::for_tree(&tree).problems()[0].blocking);
        let mut tree: Memory = [(".shipworthy/rules/b.txt", "")].into_iter().collect();
        tree.insert_link(".shipworthy/rules/more", "../../shared");
        assert_eq!(&*Registry::for_tree(&tree).problems()[0].path, ".shipworthy/rules/more");
    }
}
