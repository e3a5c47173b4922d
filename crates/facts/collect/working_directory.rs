//! The folder in which each command of a shell text runs, as far as the text tells it.

mod paths;

use std::iter::Peekable;

use source::{FileKind, Span, directory_of};
use syntax::shell::{self, Block, BlockKind, Command, OperatorBefore, Script};

use paths::Paths;

/// Bytes of a folder's path; a longer one is not followed. `PATH_MAX` of Linux is 4,096 for the whole.
const MAX_FOLDER: usize = 1_024;

/// The folders in which a script may be run where nothing tells it: the one that holds it and those above it, the root
/// last; none for a file whose folder is told, as that of a step is.
pub(crate) fn untold_folders(path: &str) -> impl Iterator<Item = &str> {
    let own = (FileKind::of(path) != FileKind::Workflow).then(|| directory_of(path));
    std::iter::successors(own, |folder| (!folder.is_empty()).then(|| directory_of(folder)))
}

/// A command as it runs in the end, with the folder in which it does.
pub(crate) struct Located {
    /// The command, wrappers such as `sudo` or `sh -c` taken off, and known paths in variables written out.
    pub(crate) command: Command,
    /// Its position among the commands of the script; those of one `sh -c` share one.
    pub(crate) index: usize,
    /// The folder, relative to the root; `None` where that is not known.
    pub(crate) folder: Option<String>,
    /// Whether a path in a variable was written out.
    pub(crate) is_written_out: bool,
}

/// The commands of a script that starts in `start`; `own` is the folder that holds the script's file, which `$0` tells;
/// `None` where a text of a step has no file.
pub(crate) fn located(script: &Script, start: Option<&str>, own: Option<&str>) -> Vec<Located> {
    let mut blocks: Vec<&Block> = script.blocks.iter().collect();
    blocks.sort_by_key(|block| (block.span.start, std::cmp::Reverse(block.span.end)));
    let mut walk = Walk {
        paths: Paths::new(script, own),
        blocks: blocks.into_iter().peekable(),
        changes_folder: changes_folder(script),
        at: Directory { current: start.map(str::to_owned), previous: None, pushed: Vec::new() },
        open: Vec::new(),
    };
    let mut outer = (Span::default(), walk.at.clone());
    let mut substitution = walk.at.clone();
    let mut found = Vec::new();
    for (index, command) in script.commands.iter().enumerate() {
        walk.enter(command.span);
        let stripped = shell::exec_prefix_stripped(command);
        // A substitution changes folder for itself alone.
        if command.span.end <= outer.0.end {
            if command.operator_before == OperatorBefore::Start {
                substitution = outer.1.clone();
            }
            found.extend(run_all(stripped, index, &mut substitution, &walk.paths));
            continue;
        }
        outer = (command.span, walk.at.clone());
        let is_plain = matches!(stripped.as_slice(), [only] if only.words.len() == command.words.len());
        if is_plain {
            found.extend(run_all(stripped, index, &mut walk.at, &walk.paths));
        } else {
            // So does `sh -c`.
            found.extend(run_all(stripped, index, &mut walk.at.clone(), &walk.paths));
        }
    }
    found
}

/// Commands that run one after the other, beginning in `at`.
fn run_all(commands: Vec<Command>, index: usize, at: &mut Directory, paths: &Paths<'_>) -> Vec<Located> {
    let run = |mut command: Command| {
        let folder = at.current.clone();
        at.run(&command, paths);
        let mut is_written_out = false;
        if let Some(folder) = &folder {
            for word in &mut command.words {
                is_written_out |= paths.write_out(word, folder);
            }
        }
        Located { command, index, folder, is_written_out }
    };
    commands.into_iter().map(run).collect()
}

/// So many folders are remembered for `popd`; beyond, none is.
const MAX_PUSHED: usize = 100;

struct Walk<'s> {
    paths: Paths<'s>,
    /// The compound commands that are still to come, by their start.
    blocks: Peekable<std::vec::IntoIter<&'s Block>>,
    /// Whether the script changes folder outside its functions.
    changes_folder: bool,
    at: Directory,
    /// The compound commands around the present one, with where each began.
    open: Vec<(BlockKind, Span, Directory)>,
}

impl Walk<'_> {
    /// Leaves the compound commands that end before `span`, and enters those that it is in.
    fn enter(&mut self, span: Span) {
        while let Some((kind, _, before)) = self.open.pop_if(|(_, block, _)| block.end < span.end) {
            match kind {
                BlockKind::Subshell | BlockKind::Function => self.at = before,
                BlockKind::Group => {}
                // Whether it was run, and how often, is not known.
                _ if self.at.current != before.current => self.at.current = None,
                _ => {}
            }
        }
        while let Some(block) = self.blocks.next_if(|block| block.span.start <= span.start) {
            if block.span.end < span.end {
                continue;
            }
            self.open.push((block.kind, block.span, self.at.clone()));
            // A function runs where it is called.
            if block.kind == BlockKind::Function && self.changes_folder {
                self.at.current = None;
            }
        }
    }
}

fn changes_folder(script: &Script) -> bool {
    let changes = |command: &&Command| matches!(command.name(), Some("cd" | "pushd"));
    script.commands.iter().filter(changes).any(|command| command.function.is_none())
}

/// Where the shell is, and where it was.
#[derive(Clone)]
struct Directory {
    current: Option<String>,
    previous: Option<String>,
    pushed: Vec<Option<String>>,
}

impl Directory {
    /// Follows a command that changes folder.
    fn run(&mut self, command: &Command, paths: &Paths<'_>) {
        match command.name() {
            Some("cd" | "pushd") => {
                let target = command.words.iter().skip(1).find(|word| !is_option(&word.text));
                let next = match target {
                    Some(word) if word.text == "-" => self.previous.clone(),
                    Some(word) => paths.resolve(&word.text, self.current.as_deref()),
                    None => None,
                };
                if command.name() == Some("pushd") {
                    if self.pushed.len() == MAX_PUSHED {
                        self.pushed.clear();
                    }
                    self.pushed.push(self.current.clone());
                }
                let next = next.filter(|folder| folder.len() <= MAX_FOLDER);
                let is_second_try = command.operator_before == OperatorBefore::Or;
                self.previous = std::mem::replace(&mut self.current, next.filter(|_| !is_second_try));
            }
            Some("popd") => self.current = self.pushed.pop().flatten(),
            _ => {}
        }
    }
}

/// `-P`, `-L`, `--`.
fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folders of the commands `make`, by line.
    fn folders(text: &str) -> Vec<Option<String>> {
        let script = shell::parse(text).tree;
        let all = located(&script, Some("web"), Some("scripts"));
        all.into_iter().filter(|one| one.command.name() == Some("make")).map(|one| one.folder).collect()
    }

    fn one(text: &str, expected: Option<&str>) {
        assert_eq!(folders(text), [expected.map(str::to_owned)], "{text}");
    }

    #[test]
    fn paths_in_variables_are_written_out() {
        let text = "HERE=$(cd \"$(dirname \"$0\")\" && pwd)\nROOT=$(dirname \"$HERE\")\ncd api\n\
                    make -f \"$HERE/a.mk\" --file=$ROOT/api/b.mk \"$ROOT\" $OTHER/x $HERE/$X \"$ROOT/a:/b\"";
        let script = shell::parse(text).tree;
        let all = located(&script, Some(""), Some("scripts"));
        let make = all.iter().find(|one| one.command.name() == Some("make")).unwrap();
        let words: Vec<_> = make.command.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(
            words,
            ["make", "-f", "../scripts/a.mk", "--file=b.mk", "..", "$OTHER/x", "$HERE/$X", "$ROOT/a:/b"]
        );
    }

    #[test]
    fn a_folder_is_followed() {
        one("make", Some("web"));
        one("cd api && make", Some("web/api"));
        one("cd ..\nmake", Some(""));
        one("cd ../api; make", Some("api"));
        one("pushd api\nmake\npopd", Some("web/api"));
        one("pushd api\npopd\nmake", Some("web"));
        one("cd api\ncd -\nmake", Some("web"));
        one("bash -c 'cd api && make'", Some("web/api"));
        one("bash -c 'cd api'\nmake", Some("web"));
        one("(cd api && true)\nmake", Some("web"));
        one("(cd api && make)", Some("web/api"));
        one("A=$(cd api && make)", Some("web/api"));
        one("A=$(cd api && true) B=$(make)", Some("web"));
        one("cd -- api || exit 1\nmake", Some("web/api"));
    }

    #[test]
    fn what_stands_for_the_root_or_the_script_is_known() {
        one("cd \"$GITHUB_WORKSPACE\"; make", Some(""));
        one("cd ${{ github.workspace }}/api; make", Some("api"));
        one("ROOT=\"$(git rev-parse --show-toplevel)\"\ncd \"$ROOT/api\"\nmake", Some("api"));
        one("cd \"$(dirname \"$0\")\"\nmake", Some("scripts"));
        one("cd \"$(dirname \"${BASH_SOURCE[0]}\")/..\"\nmake", Some(""));
        one("D=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\"\ncd $D/../api\nmake", Some("api"));
        one("cd ${0%/*}/..\nmake", Some(""));
        one("OLD=$(pwd)\ncd api\ncd $OLD\nmake", None);
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        for text in [
            "cd $1; make",
            "cd /srv/app; make",
            "cd ~/app && make",
            "cd; make",
            "for d in a b; do cd $d; done; make",
            "if [ -d api ]; then cd api; fi; make",
            "cd api\nf() { make; }\nf",
            "cd a || cd b\nmake",
            "popd\nmake",
            "cd ../..; make",
        ] {
            one(text, None);
        }
    }
}
