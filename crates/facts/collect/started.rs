//! Compose files that a deploying job starts: `docker compose -f compose.yml up -d`.

use source::{file_name, join, tokens};
use syntax::yaml::View;

use crate::collect::commands::{Command, is_known_path};
use crate::environment::is_deployed;
use crate::record::{Use, UseKind};

/// The files that Compose takes where none is named, the first that there is.
const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Flags of `up` with which it ends when a container does, as tests have it.
const OF_TESTS: [&str; 3] = ["--abort-on-container-exit", "--exit-code-from", "--abort-on-container-failure"];

/// Whether a job deploys: by its environment, or by its own name or that of its file, unless requests to merge run it.
#[must_use]
pub(crate) fn deploys(path: &str, root: View<'_>, name: &str, environment: Option<&str>) -> bool {
    if let Some(environment) = environment {
        return is_deployed(environment);
    }
    let says = |text: &str| tokens(text).any(|word| matches!(word.as_str(), "deploy" | "deployment"));
    // `on` is a word for "true" in YAML's older versions.
    let on = root.get("on").or_else(|| root.get("true"));
    let tests = on.is_some_and(|on| {
        let is_request = |view: View<'_>| view.as_str().is_some_and(|word| word.starts_with("pull_request"));
        is_request(on)
            || on.items().into_iter().any(is_request)
            || on.entries().into_iter().any(|(key, _)| is_request(key))
    });
    (says(name) || says(file_name(path))) && !tests
}

/// The Compose files whose services a command starts to stay.
#[must_use]
pub(crate) fn files(command: &Command<'_>) -> Vec<Use> {
    let has = |words: &[&str]| command.words.iter().any(|word| words.contains(&word.text()));
    let is_compose = command.runs(&["docker", "compose"]) || command.runs(&["docker-compose"]);
    let Some(folder) = command.folder.filter(|_| is_compose && has(&["up"]) && !has(&OF_TESTS)) else {
        return Vec::new();
    };
    let Some(first) = command.words.first() else { return Vec::new() };
    let used = |path: &str, at: &source::Place| {
        let environment = command.environment.map(str::to_owned);
        let what = UseKind::Started { environment, command: first.at.span.start };
        Some(Use { path: join(folder, path)?, at: at.clone(), what })
    };
    let named = command.flags(&["-f", "--file"]);
    if named.is_empty() {
        return DEFAULTS.iter().filter_map(|name| used(name, &first.at)).collect();
    }
    let texts = named.into_iter().filter_map(|(word, start)| {
        let text = word.text.as_deref()?.get(start..).filter(|text| is_known_path(text))?;
        used(text, &word.at)
    });
    texts.collect()
}
