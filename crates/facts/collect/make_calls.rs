//! The targets that a shell text asks make for: `make -C web build`.

use source::join;
use syntax::shell::{Command, Word};

use super::commands::is_known_path;
use super::programs::is_tolerated;
use super::shell_text::ShellText;
use crate::record::{Use, UseKind};

/// Options that stand alone. Source: <https://www.gnu.org/software/make/manual/make.html#Options-Summary>.
const ALONE: &[&str] = &[
    "--always-make",
    "--environment-overrides",
    "--ignore-errors",
    "--jobs",
    "--keep-going",
    "--no-builtin-rules",
    "--no-keep-going",
    "--no-print-directory",
    "--output-sync",
    "--print-directory",
    "--quiet",
    "--silent",
    "--trace",
    "--warn-undefined-variables",
];

/// The targets that the commands of a text ask for.
pub(super) fn make_targets(shell: &ShellText<'_>) -> Vec<Use> {
    let script = shell.script();
    let is_makefile_made = script.commands.iter().any(|command| {
        let name = command.name().map_or("", source::file_name);
        matches!(name, "cmake" | "configure" | "qmake" | "meson" | "phpize" | "autoreconf")
    });
    if is_makefile_made {
        return Vec::new();
    }
    let calls = shell.located().into_iter().filter_map(|one| {
        let call = call(&one.command).filter(|_| !is_tolerated(script, one.command.span))?;
        let folder = join(&one.folder?, call.folder.unwrap_or(""))?;
        let used = |target: &&Word| {
            let file = call.file.map(str::to_owned);
            let what = UseKind::MakeTarget { target: target.text.clone(), file };
            Use { path: folder.clone(), at: shell.place(target.span), what }
        };
        Some(call.targets.iter().map(used).collect::<Vec<_>>())
    });
    calls.flatten().collect()
}

/// What a command asks make for.
#[derive(Default)]
struct Call<'w> {
    folder: Option<&'w str>,
    file: Option<&'w str>,
    targets: Vec<&'w Word>,
}

/// `None` where the command is none of make, or an option is not known.
fn call(command: &Command) -> Option<Call<'_>> {
    let (program, arguments) = command.words.split_first()?;
    if !matches!(program.text.as_str(), "make" | "gmake") {
        return None;
    }
    let mut call = Call::default();
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        let (flag, attached) = match word.text.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word.text.as_str(), None),
        };
        if !flag.starts_with('-') {
            // What a variable holds may be options; `NAME=value` sets one.
            if word.literal && !word.text.contains(['=', '*', '%', '{', '$', '\\']) && !word.text.is_empty() {
                call.targets.push(word);
            } else if !word.text.contains('=') {
                return None;
            }
            continue;
        }
        let mut value = |attached: Option<&'_ str>| match attached {
            Some(_) => attached.map(|_| word),
            None => words.next(),
        };
        match flag {
            "-C" | "--directory" | "-f" | "--file" | "--makefile" => {
                let holder = value(attached)?;
                let text = attached.unwrap_or(holder.text.as_str());
                let path = Some(text).filter(|path| holder.literal && is_known_path(path))?;
                let place =
                    if matches!(flag, "-C" | "--directory") { &mut call.folder } else { &mut call.file };
                // A second folder is relative to the first.
                if place.replace(path).is_some() {
                    return None;
                }
            }
            "-j" | "-l" => {
                words.next_if(|next| {
                    next.text.starts_with(|first: char| first.is_ascii_digit() || first == '$')
                });
            }
            _ if ALONE.contains(&flag) || is_short(flag) => {}
            _ => return None,
        }
    }
    Some(call)
}

/// `-sk`, `-j4`, `-Oline`.
fn is_short(flag: &str) -> bool {
    let letters = flag.get(1..).unwrap_or("");
    let with_number = letters.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let is_alone = |text: &str| !text.is_empty() && text.chars().all(|letter| "BLRSeikrsw".contains(letter));
    is_alone(letters)
        || matches!(with_number, "j" | "l")
        || letters.starts_with('O')
        || flag.starts_with("-j$")
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::call;

    fn told(text: &str) -> Option<(Option<String>, Vec<String>)> {
        let script = shell::parse(text).tree;
        let call = call(script.commands.first()?)?;
        let targets = call.targets.into_iter().map(|word| word.text.clone()).collect();
        Some((call.folder.map(str::to_owned), targets))
    }

    #[test]
    fn the_targets_of_a_command() {
        for (text, folder, targets) in [
            ("make", None, &[][..]),
            ("make -j 4 -s build TAG=1 test", None, &["build", "test"]),
            ("make -j$(nproc) -C web build", Some("web"), &["build"]),
            ("make --directory=web --no-print-directory build", Some("web"), &["build"]),
        ] {
            let targets = targets.iter().map(|target| (*target).to_owned()).collect();
            assert_eq!(told(text), Some((folder.map(str::to_owned), targets)), "{text}");
        }
        for text in ["make $TARGET", "make -C $DIR build", "make -C a -C b x", "make --eval x", "cmake build"]
        {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
