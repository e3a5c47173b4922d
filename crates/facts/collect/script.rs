//! Scripts that build or deploy: shell, Makefiles, and Python that hands lists of words to a process.

use source::{FileKind, join};
use syntax::{python, shell};

use crate::collect::cloud_run;
use crate::collect::commands::{Command, Word, is_known_path};
use crate::collect::compose_calls::compose_calls;
use crate::collect::cut_commands::cut_commands;
use crate::collect::made_files::made_files;
use crate::collect::makefile;
use crate::collect::oc_calls::template_calls;
use crate::collect::ports;
use crate::collect::programs::{mark_guarded_builds, needed_files};
use crate::collect::recipe_lines;
use crate::collect::script_constants::{constants, spoken};
use crate::collect::script_values;
use crate::collect::shell_text::ShellText;
use crate::collect::string_compares::string_compares;
use crate::environment::named_by_path;
use crate::record::{Document, Record, Use, UseKind};
use crate::{script_flaws, shell_flaws};

/// Words that show that a script builds or deploys.
pub(crate) const SIGNS: &[&str] = &[
    "gcloud",
    "docker build",
    "docker buildx",
    "docker compose",
    "docker-compose",
    "podman build",
    "buildah",
    "set-env-vars",
    "set-secrets",
    "\"docker\"",
    "oc process",
    "terraform plan",
    "terraform apply",
    "terraform output",
];

/// The facts of a script.
#[must_use]
pub(crate) fn record(document: &Document) -> Record {
    let mut record = Record::default();
    let named = named_by_path(&document.path);
    let environment = if let [only] = named.as_slice() { Some(*only) } else { None };
    if makefile::is_one(&document.path) {
        record.uses = makefile::builds(document);
        record.shell_flaws = recipe_lines::without_effect(document);
    } else if FileKind::of(&document.path) == FileKind::Python {
        add_python(document, environment, &mut record);
    } else {
        add_shell(&ShellText::of_file(document), environment, &mut record);
    }
    record
}

fn add_shell(shell: &ShellText<'_>, environment: Option<&str>, record: &mut Record) {
    record.terraform_runs = shell.terraform_runs();
    record.uses = needed_files(shell);
    record.uses.extend(template_calls(shell));
    record.compose_calls = compose_calls(shell);
    record.string_compares = string_compares(shell);
    record.cut_commands = cut_commands(shell);
    record.shell_flaws = shell_flaws::of_script(shell);
    record.script_flaws = script_flaws::of_file(shell.document).into_iter().collect();
    let first = record.uses.len();
    let constants = constants(shell.script());
    for (words, folder) in shell_commands(shell) {
        let environment = environment.or_else(|| spoken(&words, &constants));
        Command { words: &words, folder: folder.as_deref(), environment, only_for: None }.add_to(record);
    }
    mark_guarded_builds(shell, record.uses.get_mut(first..).unwrap_or_default());
    let made = made_files(&shell.located());
    record.uses.iter_mut().for_each(|used| used.comes_after(&made));
}

fn add_python(document: &Document, environment: Option<&str>, record: &mut Record) {
    let module = python::parse(&document.text).tree;
    record
        .uses
        .extend(module.keyword_literals.iter().flat_map(|keyword| dockerfiles(document, &module, keyword)));
    script_values::add(document, &module, record);
    record.dockerfile_ports =
        module.dockerfiles.iter().filter_map(|span| ports::of_text(document, *span)).collect();
    let lists = python_commands(document, &module);
    record.uses.extend(lists.iter().filter_map(|words| program(words)));
    for (words, command) in lists.iter().zip(&module.commands) {
        let only_for = command.branch.only_for();
        Command { words, folder: Some(""), environment, only_for }.add_to(record);
    }
    // In a program the calls are those with all that is added to them.
    record.cloud_run_deploys = cloud_run::deploys_of_program(document, &module, &lists, environment);
}

/// The script that a list of words runs: `["python", "scripts/migrate.py"]`.
fn program(words: &[Word]) -> Option<Use> {
    let [runner, script, ..] = words else { return None };
    let runs =
        runner.text.as_deref().is_some_and(|name| matches!(name, "python" | "python3" | "bash" | "sh"));
    let text =
        script.text.as_deref().filter(|text| is_known_path(text) && !text.starts_with(['/', '~', '-']))?;
    let is_script = matches!(FileKind::of(text), FileKind::Python | FileKind::Shell);
    (runs && is_script && script.is_verbatim).then_some(())?;
    Some(Use {
        path: join("", text)?,
        at: script.at.clone(),
        what: UseKind::Script { directly: false, arguments: None },
    })
}

/// The commands of a shell text, with the folder of each.
pub(crate) fn shell_commands(shell: &ShellText<'_>) -> Vec<(Vec<Word>, Option<String>)> {
    let words = |command: &shell::Command| command.words.iter().map(|word| shell_word(shell, word)).collect();
    shell.located().into_iter().map(|one| (words(&one.command), one.folder)).collect()
}

fn shell_word(shell: &ShellText<'_>, word: &shell::Word) -> Word {
    let document = shell.document;
    let span = shell.span(word.span);
    let verbatim = document.slice(span) == word.text;
    let quoted = source::Span::new(span.start + 1, span.end.saturating_sub(1));
    let inside = !verbatim && document.slice(quoted) == word.text;
    Word {
        text: Some(word.text.clone()),
        at: document.place(if inside { quoted } else { span }),
        is_verbatim: verbatim || inside,
    }
}

/// `ServiceConfig(dockerfile="docker/api.Dockerfile")`.
fn dockerfiles(document: &Document, module: &python::Module, keyword: &python::KeywordLiteral) -> Vec<Use> {
    let service = || {
        let same_call = module.keyword_literals.iter().filter(|other| other.call == keyword.call);
        script_values::service(&same_call.collect::<Vec<_>>())
    };
    if !matches!(keyword.name.value.as_str(), "dockerfile" | "dockerfile_path") {
        return Vec::new();
    }
    let named = keyword.values.iter().filter_map(|value| match &value.value {
        python::Literal::Text(text)
            if !text.template && FileKind::of(&text.value) == FileKind::Dockerfile =>
        {
            Some(Use {
                path: join("", &text.value)?,
                at: document.place(value.span),
                what: UseKind::Dockerfile { service: service(), is_alternative: keyword.values.len() > 1 },
            })
        }
        _ => None,
    });
    named.collect()
}

fn python_commands(document: &Document, module: &python::Module) -> Vec<Vec<Word>> {
    let lists = module.commands.iter().map(|command| {
        let words = command.words.iter().map(|word| match word {
            Some(word) => Word {
                text: Some(word.value.value.clone()),
                is_verbatim: document.slice(word.span) == word.value.value,
                at: document.place(word.span),
            },
            None => Word { text: None, at: document.place(command.span), is_verbatim: false },
        });
        words.collect()
    });
    lists.collect()
}
