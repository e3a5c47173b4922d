//! What a path in a shell text stands for: variables and substitutions that name the repository or the script's folder.

use std::collections::HashMap;

use source::{directory_of, join, relative};
use syntax::shell::{self, AssignmentValue, BlockKind, Script, Word};

/// Variables that hold the root of the repository, by the system that sets them.
///
/// GitHub: <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>; GitLab:
/// <https://docs.gitlab.com/ci/variables/predefined_variables/>.
const ROOTS: &[&str] = &["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// So deep variables lead to each other.
const MAX_DEPTH: usize = 8;

/// The variables of a script that are set once, and the folder of its file.
pub(super) struct Paths<'s> {
    /// The text of each; `None` where it is set more than once or by a loop.
    variables: HashMap<String, Option<String>>,
    own: Option<&'s str>,
}

impl<'s> Paths<'s> {
    pub(super) fn new(script: &Script, own: Option<&'s str>) -> Self {
        let mut variables: HashMap<String, Option<String>> = HashMap::new();
        for (assignment, _) in script.assignments() {
            let text = match assignment.value {
                AssignmentValue::Word(word) if !assignment.append => Some(word.text),
                _ => None,
            };
            variables.entry(assignment.name.value).and_modify(|known| *known = None).or_insert(text);
        }
        for block in script.blocks.iter().filter(|block| block.kind == BlockKind::For) {
            variables.extend(block.head.first().map(|word| (word.text.clone(), None)));
        }
        Self { variables, own }
    }

    /// The folder, relative to the root, that a text leads to from `current`; `None` where that is not known or is
    /// outside the repository.
    pub(super) fn resolve(&self, text: &str, current: Option<&str>) -> Option<String> {
        self.resolved(text, current, 0)
    }

    /// Puts the path that a word of a command in `folder` stands for in its place, alone or behind a flag:
    /// `--file=$ROOT/Dockerfile`. A word that names several things (`$ROOT/data:/data`) stays as it is written. Whether it was
    /// written out.
    pub(super) fn write_out(&self, word: &mut Word, folder: &str) -> bool {
        let is_flag = word.text.starts_with('-');
        let (flag, text) = match word.text.split_once('=').filter(|_| is_flag) {
            Some((flag, text)) => (format!("{flag}="), text),
            None => (String::new(), word.text.as_str()),
        };
        if word.literal || !text.starts_with('$') || text.contains(':') {
            return false;
        }
        let Some(path) = self.resolve(text, Some(folder)) else { return false };
        let path = relative(folder, &path);
        word.text = format!("{flag}{}", if path.is_empty() { "." } else { &path });
        word.literal = true;
        word.references.clear();
        true
    }

    fn resolved(&self, text: &str, current: Option<&str>, depth: usize) -> Option<String> {
        if depth > MAX_DEPTH || text.starts_with(['/', '~', '`']) || text.is_empty() {
            return None;
        }
        if !text.starts_with('$') {
            let is_plain = !text.contains(['$', '`', '*', '?', '{']);
            return join(current?, text).filter(|_| is_plain);
        }
        let (head, rest) = split(text)?;
        let head = self.head(head, current, depth)?;
        match rest.strip_prefix('/') {
            None if rest.is_empty() => Some(head),
            Some(below) if !below.contains(['$', '`', '*', '?', '{']) => join(&head, below),
            _ => None,
        }
    }

    /// What `$NAME`, `${...}` or `$(...)` stands for.
    fn head(&self, head: &str, current: Option<&str>, depth: usize) -> Option<String> {
        if let Some(inner) = head.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')')) {
            return self.substituted(inner, current, depth);
        }
        if let Some(expression) = head.strip_prefix("${{") {
            return (expression.trim_end_matches('}').trim() == "github.workspace").then(String::new);
        }
        let name = head.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        if ROOTS.contains(&name) {
            return Some(String::new());
        }
        if matches!(name, "0%/*" | "BASH_SOURCE%/*" | "BASH_SOURCE[0]%/*") {
            return self.own.map(str::to_owned);
        }
        // Where a variable was set, another folder may have been the present one.
        let text = self.variables.get(name)?.as_deref()?;
        self.resolved(text, None, depth + 1)
    }

    /// What a substitution prints: `git rev-parse --show-toplevel`, `dirname "$0"`, `cd X && pwd`.
    fn substituted(&self, text: &str, current: Option<&str>, depth: usize) -> Option<String> {
        let script = shell::parse(text).tree;
        let words = |index: usize| -> Vec<&str> {
            let command = script.commands.get(index);
            command.map_or_else(Vec::new, |command| {
                command.words.iter().map(|word| word.text.as_str()).collect()
            })
        };
        let first = words(0);
        let last = first.last().copied().unwrap_or("");
        match first.split_first()? {
            (&"git", ["rev-parse", "--show-toplevel"]) => Some(String::new()),
            (&"pwd", _) => current.map(str::to_owned),
            (&"dirname", _) if last.contains("$0") || last.contains("BASH_SOURCE") => {
                self.own.map(str::to_owned)
            }
            (&"dirname", _) => {
                let of = self.resolved(last, current, depth + 1).filter(|of| !of.is_empty())?;
                Some(directory_of(&of).to_owned())
            }
            (&("realpath" | "readlink"), _) => self.resolved(last, current, depth + 1),
            (&"cd", _) if script.commands.iter().skip(1).any(|command| command.name() == Some("pwd")) => {
                self.resolved(last, current, depth + 1)
            }
            _ => None,
        }
    }
}

/// The expansion that a text starts with, and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let (open, close) = match text.as_bytes().get(1)? {
        b'(' => (b'(', b')'),
        b'{' => (b'{', b'}'),
        _ => {
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let end = text.get(1..)?.find(|letter| !is_name(letter)).map_or(text.len(), |at| at + 1);
            return Some(text.split_at(end));
        }
    };
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        depth += usize::from(byte == open);
        if byte == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return text.split_at_checked(at + 1);
            }
        }
    }
    None
}
