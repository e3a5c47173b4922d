//! Cloud Build configurations: the images that their steps build.

use std::borrow::Cow;

use source::join;
use syntax::dockerignore::Builder;
use syntax::yaml::{self, Budget, View};

use crate::collect::commands::{Command, Word, is_known_path};
use crate::collect::made_files::made_by_word;
use crate::collect::programs;
use crate::collect::scalar_text::text_of;
use crate::collect::script::shell_commands;
use crate::collect::shell_text::ShellText;
use crate::environment::named_by_path;
use crate::record::{Document, Presence, Record, Use, UseKind};
use crate::refused::{Refusal, RefusedBy, RefusedFile};

/// Whether the text can be a Cloud Build configuration.
#[must_use]
pub(crate) fn may_be(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("steps:") && (has("args:") || has("script:")) && (has("cloud-builders") || has("kaniko"))
}

/// Whether a file has the name that Cloud Build looks for, or one after it: `cloudbuild.staging.yaml`.
#[must_use]
pub(crate) fn is_named_so(path: &str) -> bool {
    source::file_name(path).starts_with("cloudbuild")
}

/// The facts of a Cloud Build configuration.
#[must_use]
pub(crate) fn record(document: &Document) -> Record {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut record = Record::default();
    let named = named_by_path(&document.path);
    let environment = if let [only] = named.as_slice() { Some(*only) } else { None };
    for part in &parsed.tree.documents {
        let root = part.view(&budget);
        let steps = root.get("steps");
        let every_step = root.path(&["options", "env"]);
        let defaults = substitutions(root);
        record.refused_files.extend(unknown_steps(document, steps));
        let mut has_other_files = false;
        for step in steps.map(|steps| steps.items()).unwrap_or_default() {
            has_other_files |= brings_files(document, step);
            let first = record.uses.len();
            // The sources are uploaded from the folder of the call, which is the root as a rule.
            let folder = match step.get("dir") {
                Some(named) => {
                    named.as_str().filter(|text| is_known_path(text)).and_then(|text| join("", text))
                }
                None => Some(String::new()),
            };
            let mut is_by_default = false;
            for (mut words, folder) in commands(document, step, folder) {
                is_by_default |= fill_in_paths(&mut words, &defaults);
                let folder = folder.as_deref();
                Command { words: &words, folder, environment, only_for: None }.add_to(&mut record);
            }
            if is_by_default {
                record.uses.iter_mut().skip(first).for_each(asked_for);
            }
            let built = record.uses.iter_mut().skip(first);
            match has_other_files {
                true => built.for_each(Use::may_be_from_elsewhere),
                false if !uses_buildkit(step, every_step) => built.for_each(built_by_docker_20),
                false => {}
            }
        }
    }
    record.problems.extend(document.problems(&parsed.errors));
    record
}

/// The steps that are waited for and not there; `-` stands for none. Source:
/// <https://cloud.google.com/build/docs/build-config-file-schema#waitfor>.
fn unknown_steps(document: &Document, steps: Option<View<'_>>) -> Vec<RefusedFile> {
    let steps = steps.map(|steps| steps.items()).unwrap_or_default();
    let known: Vec<&str> = steps.iter().filter_map(|step| step.get("id")?.as_str()).collect();
    let waited = steps.iter().filter_map(|step| step.get("waitFor")).flat_map(|ids| ids.items());
    let is_unknown = |id: &str| id != "-" && !id.contains(['$', '{']) && !known.contains(&id);
    waited
        .filter_map(|id| Some((id, id.as_str().filter(|id| is_unknown(id))?)))
        .map(|(view, id)| RefusedFile {
            reader: RefusedBy::CloudBuild,
            why: Refusal::UnknownStep {
                id: id.to_owned(),
                known: known.iter().map(|&id| id.to_owned()).collect(),
            },
            at: document.place(view.node().inner),
        })
        .collect()
}

/// Whether the step has `BuildKit`, which the Docker of Cloud Build's own builder image, 20.10, does not use by itself.
/// `every_step` is the `env` of all steps.
fn uses_buildkit(step: View<'_>, every_step: Option<View<'_>>) -> bool {
    let asks = |variables: Option<View<'_>>| {
        let variables = variables.map(|env| env.items()).unwrap_or_default();
        variables.iter().any(|variable| variable.as_str() == Some("DOCKER_BUILDKIT=1"))
    };
    // Docker builds with it by itself from 23.0 on: https://docs.docker.com/engine/release-notes/23.0/
    let image = step.get("name").and_then(|name| name.as_str()).unwrap_or("");
    let version = image.rsplit_once(':').map_or("", |(_, tag)| tag.split('.').next().unwrap_or(""));
    let is_newer = version.parse::<u32>().is_ok_and(|version| version >= 23);
    let asks_builder = || {
        step.get("args").is_some_and(|args| args.items().iter().any(|word| word.as_str() == Some("buildx")))
    };
    is_newer || asks(step.get("env")) || asks(every_step) || asks_builder()
}

/// `gcr.io/cloud-builders/docker` is Docker 20.10.
fn built_by_docker_20(used: &mut Use) {
    if let UseKind::Build(build) = &mut used.what {
        build.builder = build.builder.or(Some(Builder::Docker20));
    }
}

/// What `_NAME` stands for where whoever starts the build does not say otherwise.
fn substitutions(root: View<'_>) -> Vec<(String, String)> {
    let pairs = root.get("substitutions").map(|pairs| pairs.entries()).unwrap_or_default();
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.as_str()?.into(), value.as_str()?.into())))
        .collect()
}

/// Fills the defaults into the paths that kaniko is given; whether there were any.
fn fill_in_paths(words: &mut [Word], defaults: &[(String, String)]) -> bool {
    const PATHS: &[&str] = &["--context=", "--dockerfile=", "-c=", "-f="];
    let mut is_filled = false;
    if words.first().is_none_or(|program| program.text() != "kaniko") {
        return false;
    }
    for word in words.iter_mut().filter(|word| PATHS.iter().any(|flag| word.text().starts_with(flag))) {
        let written = word.text().to_owned();
        let filled = defaults
            .iter()
            .fold(written.clone(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        if filled != written {
            is_filled = true;
            word.is_verbatim = false;
            word.text = Some(filled);
        }
    }
    is_filled
}

/// Another value may name another Dockerfile, or another context.
fn asked_for(used: &mut Use) {
    if let UseKind::Build(build) = &mut used.what {
        build.presence = Presence::AskedFor;
    }
}

/// The commands of a step, with the folder of each.
fn commands(document: &Document, step: View<'_>, folder: Option<String>) -> Vec<(Vec<Word>, Option<String>)> {
    match (shell_text(document, step), folder) {
        (Some(text), folder @ Some(_)) => shell_commands(&ShellText::of_step(document, text, folder)),
        (_, folder) => vec![(words(document, step), folder)],
    }
}

/// What a step gives to a shell: its `script`, or the text of `bash -c`.
fn shell_text<'d>(document: &'d Document, step: View<'d>) -> Option<(Cow<'d, str>, usize)> {
    if let Some(script) = step.get("script") {
        return text_of(document, script);
    }
    let program = step.get("entrypoint").and_then(|program| program.as_str())?;
    let is_shell = matches!(program.rsplit('/').next(), Some("sh" | "bash"));
    let arguments = step.get("args")?.items();
    let command = arguments.iter().position(|word| word.as_str().is_some_and(|word| word.ends_with('c')))?;
    let text = arguments.get(command + 1).filter(|_| is_shell)?;
    text_of(document, *text)
}

/// Whether a step brings files that are not the commit's, or puts some of the commit's elsewhere.
fn brings_files(document: &Document, step: View<'_>) -> bool {
    let moves = |text: &str| ["cp ", "mv ", "tar ", "unzip "].iter().any(|word| text.contains(word));
    let by_shell = shell_text(document, step).is_some_and(|text| {
        let shell = ShellText::of_step(document, text, None);
        programs::brings_files(&shell) || moves(&shell.text)
    });
    let words = words(document, step);
    let has = |expected: &str| words.iter().any(|word| word.text.as_deref() == Some(expected));
    let makes = words.iter().filter_map(|word| word.text.as_deref()).any(|word| made_by_word(word).is_some());
    by_shell || makes || has("git") && has("clone") || has("gsutil") && (has("cp") || has("rsync"))
}

/// The words of a step, with the program that its builder image runs.
fn words(document: &Document, step: View<'_>) -> Vec<Word> {
    let Some(name) = step.get("name") else { return Vec::new() };
    let program =
        name.as_str().unwrap_or("").rsplit('/').next().unwrap_or("").split([':', '@']).next().unwrap_or("");
    let program = match program {
        "executor" | "kaniko" => "kaniko",
        other => other,
    };
    let mut words =
        vec![Word { text: Some(program.to_owned()), at: document.place(name.span()), is_verbatim: false }];
    for argument in step.get("args").map(|args| args.items()).unwrap_or_default() {
        let inner = argument.node().inner;
        let text = argument.as_str().map(str::to_owned);
        let is_verbatim = text.as_deref() == Some(document.slice(inner));
        words.push(Word { text, at: document.place(inner), is_verbatim });
    }
    words
}
