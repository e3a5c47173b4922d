//! Package managers and task runners: which scripts of which package a command runs.

use syntax::node::is_manager_command;
use syntax::shell::{Command, Word};

/// What a package manager is asked for.
pub(super) enum Called {
    /// Scripts of a package.
    Script {
        /// Their names.
        names: Vec<String>,
        /// The directory that the command names.
        directory: Option<String>,
        /// The package that the command names.
        package: Option<String>,
        /// The words from the script's name on, where a program may be meant.
        rest: Option<Command>,
    },
    /// A command that runs no script that is followed: `npm ci`, or a run over all workspaces.
    Nothing,
}

/// Options that take the next word and say nothing of what is run.
const VALUED: &[&str] =
    &["--loglevel", "--reporter", "--concurrency", "--cache-dir", "--log-order", "--env-mode"];

/// Options by which several packages are meant.
const SEVERAL: &[&str] = &["-r", "--recursive", "--workspaces", "-ws", "--parallel"];

/// What a command asks of a package manager; `None` for any other program.
pub(super) fn called(command: &Command) -> Option<Called> {
    let (program, words) = command.words.split_first()?;
    let name = program.text.rsplit('/').next().unwrap_or("");
    let (inside, package): (&[&str], &[&str]) = match name {
        "npm" => (&["--prefix", "-C"], &["--workspace", "-w"]),
        "yarn" => (&["--cwd"], &[]),
        "pnpm" => (&["--dir", "-C"], &["--filter", "-F"]),
        "bun" => (&["--cwd"], &["--filter"]),
        "turbo" => (&["--cwd"], &["--filter", "-F"]),
        "run-s" | "run-p" | "npm-run-all" => (&[], &[]),
        _ => return None,
    };
    let asked = Asked::read(words, inside, package);
    if asked.several || !asked.own.iter().all(|word| word.literal) {
        return Some(Called::Nothing);
    }
    Some(asked.called(name, command))
}

/// The words of a command, told apart.
#[derive(Default)]
struct Asked<'w> {
    directory: Option<String>,
    package: Option<String>,
    several: bool,
    /// Words that belong to no option.
    own: Vec<&'w Word>,
}

impl<'w> Asked<'w> {
    fn read(words: &'w [Word], inside: &[&str], package: &[&str]) -> Self {
        let mut asked = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if text == "--" {
                break;
            }
            if !text.starts_with('-') {
                asked.own.push(word);
                continue;
            }
            let (option, given) =
                text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
            let mut value =
                || given.map(str::to_owned).or_else(|| words.next().map(|word| word.text.clone()));
            if inside.contains(&option) {
                asked.directory = value();
            } else if package.contains(&option) {
                // Two packages, or a pattern.
                asked.several |= asked.package.is_some();
                asked.package = value().map(|name| name.trim_end_matches("...").to_owned());
                asked.several |=
                    asked.package.as_ref().is_some_and(|name| name.contains(['*', '!', '[', '{', '^']));
            } else if VALUED.contains(&option) && given.is_none() {
                words.next();
            }
            asked.several |= SEVERAL.contains(&option);
        }
        asked
    }

    fn called(mut self, name: &str, command: &Command) -> Called {
        if name == "yarn"
            && self.own.first().is_some_and(|word| word.text == "workspace")
            && self.own.len() > 1
        {
            self.package = self.own.get(1).map(|word| word.text.clone());
            self.own.drain(..2);
        }
        let is_run = |word: &&Word| matches!(word.text.as_str(), "run" | "run-script");
        let runs = self.own.first().is_some_and(is_run);
        if runs {
            self.own.remove(0);
        }
        let Some(first) = self.own.first() else { return Called::Nothing };
        // Only what follows `run` is a script for npm and bun, but for a few names.
        let short = matches!(first.text.as_str(), "start" | "test" | "stop" | "restart");
        let is_script = match name {
            "npm" => runs || short,
            "bun" => runs && !first.text.contains('.'),
            "turbo" => self.package.is_some(),
            "run-s" | "run-p" | "npm-run-all" => true,
            _ => runs || !is_manager_command(&first.text),
        };
        if !is_script {
            // `bun src/index.ts` and `bun build` are programs of their own, which are looked at as such.
            return Called::Nothing;
        }
        let all = matches!(name, "turbo" | "run-s" | "run-p" | "npm-run-all");
        let names = self.own.iter().map(|word| word.text.clone()).take(if all { usize::MAX } else { 1 });
        let rest = matches!(name, "yarn" | "pnpm").then(|| {
            let at = command.words.iter().position(|word| std::ptr::eq(word, *first)).unwrap_or_default();
            Command { words: command.words.get(at..).unwrap_or_default().to_vec(), ..command.clone() }
        });
        Called::Script { names: names.collect(), directory: self.directory, package: self.package, rest }
    }
}
