//! Files that the command of a container names: `alembic -c alembic.ini`, `gunicorn --config gunicorn.conf.py`.

use source::{FileKind, join};
use syntax::shell::{self, Word};

use super::commands::{Step, written};
use super::entry::{handed_on, in_container};
use super::plan::Planned;
use super::unmet::{Site, may_be_brought, unconditional};
use crate::How;
use crate::image::{Language, LeftOut, Link, Need, Phase};

/// Options whose value is a file, whatever its name says.
const FILE_OPTIONS: &[&str] = &["-c", "--config", "--log-config", "--env-file", "-f", "--file"];

/// The files that the start of the container names and the context leaves out. Code that it starts is not among them.
/// Those of RUN are the scripts that it starts in any case and that nothing else may bring.
pub(super) fn named_files(site: &Site<'_>, plan: &Planned, steps: &[Step<'_>]) -> Vec<LeftOut> {
    let (inventory, context, built) = (site.inventory, site.context, site.built);
    // Where COPY names the file by itself, the build stops before anything starts.
    let is_named = |file: &str| {
        let mut sources = built.copies.iter().filter(|copied| copied.from.is_none());
        sources.any(|copied| join(&context.directory, &copied.source).as_deref() == Some(file))
    };
    let mut found: Vec<LeftOut> = Vec::new();
    for step in steps {
        let run = built.runs.iter().find(|run| step.phase == Phase::Build && run.at == step.at);
        let mut commands = run.map_or_else(|| step.commands.clone(), unconditional);
        if step.phase == Phase::Start {
            let handed_on = shell::commands_of_words(&handed_on(inventory, built, &built.start));
            commands.extend(handed_on.into_iter().map(|command| (command, built.workdir.clone())));
        }
        for (command, directory) in &commands {
            for (path, need) in paths(&command.words, step.phase) {
                let container = in_container(path, directory);
                let file = step
                    .layout
                    .find(inventory, &container)
                    .filter(|file| inventory.is_file(file) && !is_named(file));
                let Some(file) = file else { continue };
                let Some(exclusion) = context.exclusion(&file) else { continue };
                if run.is_some_and(|run| may_be_brought(site, plan, run, (&container, &file))) {
                    continue;
                }
                let later = context.not_brought_back_by(&file).into_iter().last();
                found.push(LeftOut {
                    path: file.as_str().into(),
                    need,
                    language: Language::Python,
                    phase: step.phase,
                    command: (step.phase == Phase::Build).then(|| written(command)),
                    module: path.to_owned(),
                    by: exclusion.by,
                    pattern: exclusion.pattern,
                    not_brought_back_by: later.map(|line| (line.at, line.pattern, line.reason)),
                    how: How::TopLevel,
                    reachable: true,
                    chain: vec![Link { at: step.at.clone(), module: path.to_owned() }],
                    reinclude: None,
                });
            }
        }
    }
    found
}

/// The words that are paths of files, with what each is needed for: code that a program loads is looked at elsewhere. A
/// command of a build is asked for its program alone.
fn paths(words: &[Word], phase: Phase) -> impl Iterator<Item = (&str, Need)> {
    let before = std::iter::once("").chain(words.iter().map(|word| word.text.as_str()));
    words.iter().zip(before).filter(|(word, _)| word.literal).filter_map(move |(word, before)| {
        let (option, value) = word.text.split_once('=').unwrap_or((before, &word.text));
        let is_option = FILE_OPTIONS.contains(&option);
        let is_code = matches!(FileKind::of(value), FileKind::Python | FileKind::TypeScript);
        let is_started = matches!(before, "" | "sh" | "bash" | "ash" | "dash" | "/bin/sh" | "/bin/bash");
        if phase == Phase::Build {
            let is_program = is_started && value.contains('/') || is_run_by_python(before) && is_code;
            return (is_program && !value.starts_with('-')).then_some((value, Need::Start));
        }
        let need = if is_started { Need::Start } else { Need::Open };
        let is_named = is_option || value.contains('.') || (is_started && value.contains('/'));
        (!value.starts_with('-') && !is_code && is_named).then_some((value, need))
    })
}

fn is_run_by_python(before: &str) -> bool {
    matches!(before, "python" | "python3")
}
