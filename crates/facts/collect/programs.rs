//! The files of the repository that a shell text needs by their path: the programs that it runs, and what it tells tools
//! to read.

use source::{FileKind, Span, join};
use syntax::shell::{
    BlockKind, Command, OperatorBefore, Script, Target, Word, entry_points_of, entry_points_of_commands,
};

use super::commands::is_known_path;
use super::make_calls::make_targets;
use super::named_files::named_files;
use super::shell_text::ShellText;
use super::working_directory::Located;
use crate::record::{Presence, Use, UseKind};

/// Flags of pytest that stand alone before a path.
const LONE_FLAGS: &[&str] =
    &["-v", "-vv", "-vvv", "-s", "-x", "-q", "-qq", "-l", "-sv", "-vs", "-xvs", "--verbose"];

/// The files that a text needs. What the text guards, or fetches or
/// looks for in folders that are not known, is left out.
pub(crate) fn needed_files(shell: &ShellText<'_>) -> Vec<Use> {
    if brings_files(shell) {
        return Vec::new();
    }
    let mut found = shell.folder().map_or_else(Vec::new, |folder| programs(shell, folder));
    found.extend(make_targets(shell));
    let commands = shell.located();
    for (index, one) in commands.iter().enumerate() {
        let before = commands.get(..index).unwrap_or_default();
        found.extend(read_by_tool(shell, one, before));
    }
    found
}

/// What one command tells a tool to read. What a command before it names otherwise may have been made by that.
fn read_by_tool(shell: &ShellText<'_>, one: &Located, before: &[Located]) -> Vec<Use> {
    let mentions = |command: &Command, path: &str| {
        let path = path.trim_start_matches("./");
        command.words.iter().any(|word| word.text.contains(path))
    };
    let files = named_files(&one.command).into_iter().filter_map(|file| {
        if is_guarded(shell.script(), &file.path, file.span)
            || before.iter().any(|earlier| mentions(&earlier.command, &file.path))
        {
            return None;
        }
        let path = join(&join(one.folder.as_deref()?, &file.directory)?, &file.path)?;
        let what = if file.is_variables { UseKind::VariableFile } else { UseKind::NamedFile };
        Some(Use { path, at: shell.place(file.span), what })
    });
    files.collect()
}

/// The programs that a script runs in `folder`.
fn programs(shell: &ShellText<'_>, folder: &str) -> Vec<Use> {
    let script = shell.script();
    // Into the folder of a job anything may have been put.
    let known = shell.located().into_iter().filter(|one| one.is_written_out && !shell.is_unattended);
    let known = known.flat_map(|one| of_known(shell, &one)).collect();
    if goes_elsewhere(script) {
        return known;
    }
    let mut named = Vec::new();
    for point in entry_points_of(script) {
        if let Target::PythonFile(path) | Target::Script(path) | Target::NodeFile(path) = &point.target {
            // `source .env.local`: made where it is used, as a rule.
            if FileKind::of(path) == FileKind::EnvFile || is_of_virtual_environment(path) {
                continue;
            }
            // A word without a slash that stands alone is looked up among the installed programs.
            if !path.contains('/') && point.runner == *path {
                continue;
            }
            let directory = point.directory.as_ref().map_or("", |directory| directory.value.as_str());
            let directly = point.runner == source::file_name(path);
            named.push((path.clone(), point.span, directory.to_owned(), directly));
        }
    }
    let mut used = known;
    used.extend(package_scripts(shell, folder));
    used.extend(shell.located().iter().flat_map(|one| test_files(shell, one)));
    used.extend(named.into_iter().filter_map(|(path, span, directory, directly)| {
        let arguments = arguments_after(script, span);
        if is_guarded(script, &path, span) || !is_judged(&path) || !is_judged(&directory) {
            return None;
        }
        let path = join(&join(folder, &directory)?, &path)?;
        Some(Use { path, at: shell.place(span), what: UseKind::Script { directly, arguments } })
    }));
    used
}

/// The programs of a command whose paths stood in variables: `"$SCRIPT_DIR/migrate.sh"`.
fn of_known(shell: &ShellText<'_>, one: &Located) -> Vec<Use> {
    let points = entry_points_of_commands(std::slice::from_ref(&one.command)).into_iter();
    let used = points.filter_map(|point| {
        let (Target::PythonFile(path) | Target::Script(path) | Target::NodeFile(path)) = &point.target else {
            return None;
        };
        let script = shell.script();
        let is_plain = FileKind::of(path) != FileKind::EnvFile && !is_of_virtual_environment(path);
        if !is_plain || !is_judged(path) || is_guarded(script, source::file_name(path), point.span) {
            return None;
        }
        let directly = point.runner == source::file_name(path);
        let arguments = arguments_after(script, point.span);
        let what = UseKind::Script { directly, arguments };
        Some(Use { path: join(one.folder.as_deref()?, path)?, at: shell.place(point.span), what })
    });
    used.collect()
}

/// The files that a command tells pytest to run.
fn test_files(shell: &ShellText<'_>, one: &Located) -> Vec<Use> {
    let found = tests(&one.command).into_iter().filter_map(|(path, span)| {
        if is_guarded(shell.script(), &path, span) || !is_judged(&path) {
            return None;
        }
        let arguments = arguments_after(shell.script(), span);
        let what = UseKind::Script { directly: false, arguments };
        Some(Use { path: join(one.folder.as_deref()?, &path)?, at: shell.place(span), what })
    });
    found.collect()
}

/// Whether a path is the script of a virtual environment, which no repository holds: `venv/bin/activate`.
fn is_of_virtual_environment(path: &str) -> bool {
    ["bin/activate", "Scripts/activate"].iter().any(|end| path.ends_with(end))
}

/// How many arguments follow the script that stands at `span`; `None` where a word of them may be none or several.
fn arguments_after(script: &Script, span: Span) -> Option<usize> {
    let mut commands = script.commands.iter().filter_map(|command| {
        // What is sourced has the arguments of the script around it, and `xargs` adds some.
        let adds = |word: &Word| matches!(word.text.as_str(), "." | "source" | "xargs" | "parallel" | "find");
        let at = command.words.iter().position(|word| word.span == span)?;
        command.words.get(at + 1..).filter(|_| !command.words.iter().any(adds))
    });
    let words = commands.next()?;
    let is_one = |word: &Word| {
        let is_list = |name: &str| matches!(name, "@" | "*") || name.contains(['[', '{']);
        let has_name = |text: &str| word.references.iter().all(|reference| reference.name.starts_with(text));
        let is_known = has_name("github.") || has_name("secrets.");
        let is_glob = !word.quoted && word.text.contains(['*', '?']) && word.literal;
        let expands_to_one = word.quoted || word.literal || is_known;
        expands_to_one && !is_glob && !word.references.iter().any(|reference| is_list(&reference.name))
    };
    words.iter().all(is_one).then_some(words.len())
}

/// The scripts of package.json that a script runs: `npm run build`.
fn package_scripts(shell: &ShellText<'_>, folder: &str) -> Vec<Use> {
    let script = shell.script();
    let points = entry_points_of(script).into_iter();
    let used = points.filter_map(|point| {
        let Target::NpmScript(name) = &point.target else { return None };
        let directory = point.directory.as_ref().map_or("", |directory| directory.value.as_str());
        let holds =
            |command: &&Command| command.span.start <= point.span.start && point.span.end <= command.span.end;
        let command = script.commands.iter().find(holds)?;
        if !names_a_script(command, name) || !is_judged(directory) || is_guarded(script, name, point.span) {
            return None;
        }
        Some(Use {
            path: join(folder, directory)?,
            at: shell.place(point.span),
            what: UseKind::PackageScript(name.clone()),
        })
    });
    used.collect()
}

/// Whether a command runs a script of the package around it, and nothing that may be another package's or a program.
fn names_a_script(command: &Command, name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "--filter",
        "--if-present",
        "--recursive",
        "--workspace",
        "--workspaces",
        "-F",
        "-r",
        "-w",
        "-ws",
        "foreach",
        "workspace",
        "workspaces",
    ];
    let has = |known: &[&str]| {
        command.words.iter().any(|word| known.contains(&word.text.split('=').next().unwrap_or("")))
    };
    // Without `run`, and some even with it, managers look for programs as well; `npm start` has a default.
    let is_strict = matches!(command.name().map(source::file_name), Some("npm" | "pnpm"));
    let runs = |pair: &[Word]| match pair {
        [run, script] => matches!(run.text.as_str(), "run" | "run-script") && script.text == name,
        _ => false,
    };
    is_strict && command.words.windows(2).any(runs) && !has(OTHERS) && !name.contains(['$', '*', '{'])
}

/// Whether a text fetches files of its own: those of the repository are not all there is.
pub(crate) fn brings_files(shell: &ShellText<'_>) -> bool {
    shell.script().commands.iter().any(fetches)
}

/// Whether a text runs a compiler or a bundler, which writes into folders of its own.
pub(crate) fn compiles(shell: &ShellText<'_>) -> bool {
    const TOOLS: &[&str] = &["gradle", "gradlew", "make", "mvn", "mvnw", "trunk"];
    const BUILDERS: &[&str] = &[
        "bun", "cargo", "dotnet", "flutter", "go", "hugo", "npm", "nx", "pnpm", "turbo", "uv", "vite", "yarn",
    ];
    const BUILDS: &[&str] = &["build", "bundle", "compile", "dist", "export", "package", "publish"];
    shell.script().commands.iter().any(|command| {
        let name = command.name().map_or("", source::file_name);
        let says = |word: &Word| word.text.split(':').any(|part| BUILDS.contains(&part));
        TOOLS.contains(&name) || (BUILDERS.contains(&name) && command.words.iter().skip(1).any(says))
    })
}

fn is_judged(path: &str) -> bool {
    path.is_empty() || (is_known_path(path) && !path.starts_with(['/', '~']) && !path.contains('\\'))
}

/// Whether the folder that commands run in cannot be told.
fn goes_elsewhere(script: &Script) -> bool {
    script.commands.iter().any(|command| match command.name() {
        Some("pushd" | "popd") => true,
        Some("cd") => {
            let inside = |span: Span| span.start <= command.span.start && command.span.end <= span.end;
            let leaves_again =
                script.blocks.iter().any(|block| block.kind == BlockKind::Subshell && inside(block.span));
            leaves_again || command.words.iter().skip(1).any(|word| !word.literal || word.text == "-")
        }
        _ => false,
    })
}

fn fetches(command: &Command) -> bool {
    let has = |words: &[&str]| command.words.iter().any(|word| words.contains(&word.text.as_str()));
    match command.name().map(source::file_name) {
        Some("git") => has(&["clone", "checkout", "pull", "restore", "switch", "worktree", "submodule"]),
        Some("curl") => has(&["-o", "-O", "-LO", "-OL", "-sLO", "-fsSLO", "--output", "--remote-name"]),
        Some("wget" | "tar" | "unzip" | "scp" | "rsync" | "svn" | "cookiecutter" | "copier" | "gsutil") => {
            true
        }
        Some("gh") => has(&["clone", "download"]),
        Some("aws" | "gcloud" | "docker") => has(&["cp", "sync"]),
        _ => false,
    }
}

/// Marks those builds among the uses of a text before which it asks whether what they take is there.
pub(crate) fn mark_guarded_builds(shell: &ShellText<'_>, uses: &mut [Use]) {
    for used in uses {
        let UseKind::Build(build) = &mut used.what else { continue };
        // A variable, by its name: what it holds is asked for under another path.
        let written = build.context_at.as_ref().map(|at| shell.document.slice(at.span).trim_matches('"'));
        let variable = written.filter(|written| written.starts_with('$')).map(str::to_owned);
        let asks = |command: &Command| {
            is_test(command)
                && command.words.iter().any(|word| {
                    let named = word.text.trim_start_matches("./").trim_end_matches('/');
                    let is = |path: &str| path == named || path.ends_with(&format!("/{named}"));
                    variable.as_ref() == Some(&word.text)
                        || !named.is_empty() && (is(&used.path) || is(&build.context))
                })
        };
        let at = shell.span_in_text(used.at.span);
        let hangs = at.is_some_and(|span| hangs_on_files(shell.script(), span));
        if hangs || shell.script().commands.iter().any(asks) {
            build.presence = Presence::AskedFor;
        }
    }
}

fn is_test(command: &Command) -> bool {
    matches!(command.name(), Some("[" | "[[" | "test"))
}

/// Whether the text asks whether the file is there, or goes on without it.
pub(super) fn is_guarded(script: &Script, path: &str, span: Span) -> bool {
    let asks = |command: &Command| {
        matches!(command.name(), Some("[" | "[[" | "test" | "ls" | "find"))
            && command.words.iter().any(|word| word.text.contains(path.trim_start_matches("./")))
    };
    if script.commands.iter().any(asks) || hangs_on_files(script, span) {
        return true;
    }
    is_tolerated(script, span)
}

/// Whether the text goes on where the command at `span` fails, or asks whether it does.
pub(super) fn is_tolerated(script: &Script, span: Span) -> bool {
    let holds = |command: &Command| command.span.start <= span.start && span.end <= command.span.end;
    let runs = script.commands.iter().position(holds);
    runs.is_some_and(|at| {
        script.commands.get(at).is_some_and(|command| command.in_condition || command.negated)
            || script.commands.get(at + 1).is_some_and(|next| next.operator_before == OperatorBefore::Or)
    })
}

/// Whether a branch of a condition that asks for files holds it: which one runs is not looked into.
fn hangs_on_files(script: &Script, span: Span) -> bool {
    let holds = |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
    let around = script.blocks.iter().filter(|block| block.kind == BlockKind::If && holds(block.span, span));
    let asks_for_file = |command: &&Command| {
        command.in_condition
            && is_test(command)
            && command.words.iter().any(|word| matches!(word.text.as_str(), "-d" | "-e" | "-f" | "-s" | "-x"))
    };
    let questions: Vec<&Command> = script.commands.iter().filter(asks_for_file).collect();
    around.into_iter().any(|block| questions.iter().any(|question| holds(block.span, question.span)))
}

/// The test files that pytest is given.
fn tests(command: &Command) -> Vec<(String, Span)> {
    let Some(start) =
        command.words.iter().position(|word| matches!(word.text.as_str(), "pytest" | "py.test"))
    else {
        return Vec::new();
    };
    let is_start = start == 0
        || command.words.get(start - 1).is_some_and(|word| matches!(word.text.as_str(), "-m" | "run"));
    let mut found = Vec::new();
    for pair in command.words.get(start..).unwrap_or_default().windows(2) {
        let [before, word] = pair else { continue };
        let path = word.text.split("::").next().unwrap_or("");
        let takes_value = before.text.starts_with('-')
            && !before.text.contains('=')
            && !LONE_FLAGS.contains(&before.text.as_str());
        if is_start
            && word.literal
            && !takes_value
            && !path.starts_with('-')
            && FileKind::of(path) == FileKind::Python
        {
            found.push((path.to_owned(), word.span));
        }
    }
    found
}
