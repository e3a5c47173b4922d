//! Cloud Build configurations: the images that their steps build.

use syntax::dockerignore::Builder;
use syntax::yaml::{self, Budget, View};

use crate::collect::commands::{Command, Word};
use crate::environment::named_by_path;
use crate::record::{Document, Record, Use, UseKind};

/// Whether the text can be a Cloud Build configuration.
#[must_use]
pub(crate) fn may_be(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("steps:") && has("args:") && (has("cloud-builders") || has("kaniko"))
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
        for step in steps.map(|steps| steps.items()).unwrap_or_default() {
            let words = words(document, step);
            // The sources are uploaded from the folder of the call, which is the root as a rule.
            let first = record.uses.len();
            Command { words: &words, folder: Some(""), environment, only_for: None }.add_to(&mut record);
            if !uses_buildkit(step, every_step) {
                record.uses.iter_mut().skip(first).for_each(built_by_docker_20);
            }
        }
    }
    record.problems.extend(document.problems(&parsed.errors));
    record
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
