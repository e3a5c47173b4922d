//! Actions that deploy services and build images, by their inputs.

use source::{Place, Span};
use syntax::yaml::{NodeKind, Style, View};

use crate::collect::commands::{Command, Word};
use crate::collect::pairs::{Pair, build_argument, secret, setting};
use crate::collect::script::shell_commands;
use crate::collect::shell_text::ShellText;
use crate::environment::{is_deployed, named_by_words};
use crate::record::{Document, Record};
use crate::{Role, Scope, Setting, UnnamedVariables};

/// An action that gives a service its variables.
struct Action {
    /// Its name, without a version.
    name: &'static str,
    /// The input that names the service.
    service: &'static str,
    /// The input that holds its variables.
    variables: &'static str,
    /// The input that binds variables to secrets; none where that is empty.
    secrets: &'static str,
}

/// Sources: <https://github.com/google-github-actions/deploy-cloudrun#inputs>,
/// <https://github.com/google-github-actions/deploy-cloud-functions#inputs>,
/// <https://github.com/aws-actions/amazon-ecs-render-task-definition/blob/master/action.yml>.
const ACTIONS: &[Action] = &[
    Action { name: CLOUD_RUN, service: "service", variables: "env_vars", secrets: "secrets" },
    Action {
        name: "google-github-actions/deploy-cloud-functions",
        service: "name",
        variables: "environment_variables",
        secrets: "secrets",
    },
    Action {
        name: "aws-actions/amazon-ecs-render-task-definition",
        service: "container-name",
        variables: "environment-variables",
        secrets: "",
    },
];

/// Runs `gcloud run deploy`.
const CLOUD_RUN: &str = "google-github-actions/deploy-cloudrun";

/// Adds what a step's action gives a service.
pub(crate) fn add(document: &Document, step: View<'_>, environment: Option<&str>, record: &mut Record) {
    let Some((uses, with)) = step.get("uses").zip(step.get("with")) else { return };
    let named = uses.as_str().and_then(|uses| uses.split('@').next()).unwrap_or("");
    if named == "docker/build-push-action" {
        build_arguments(document, with, environment, record);
    }
    let Some(action) = ACTIONS.iter().find(|action| action.name == named) else { return };
    let words = command(document, uses, with, action);
    let command = Command { words: &words, folder: None, environment, only_for: None };
    let is_cloud_run = action.name == CLOUD_RUN;
    if is_cloud_run {
        command.add_to(record);
    }
    let scope = if is_cloud_run { command.scope() } else { scope(with, action, environment) };
    let has_neighbours = words.iter().filter(|word| word.text().starts_with("--container")).count() > 1;
    let replaces = with.get("env_vars_update_strategy").and_then(|way| way.as_str()) == Some("overwrite");
    if is_cloud_run && !replaces {
        let path = document.path.clone();
        record.unnamed_variables.push(UnnamedVariables { path, service: scope.service.clone() });
    }
    let flag = if replaces { "--set-env-vars" } else { "--update-env-vars" };
    let variables = with.get(action.variables).map(|text| pairs(document, text)).unwrap_or_default();
    record.settings.extend(variables.into_iter().map(|pair| {
        let set = setting(pair, flag, &scope);
        // A task of ECS may have several containers.
        let shares = has_neighbours || !is_cloud_run && action.secrets.is_empty();
        if shares && set.role == Role::Value { Setting { role: Role::SharedHost, ..set } } else { set }
    }));
    let secrets = with.get(action.secrets).map(|text| pairs(document, text)).unwrap_or_default();
    record.secrets.extend(secrets.iter().filter_map(|pair| secret(pair, &scope)));
}

fn scope(with: View<'_>, action: &Action, environment: Option<&str>) -> Scope {
    let is_known = |name: &&str| !name.contains(['$', '{']);
    let service = with.get(action.service).and_then(|name| name.as_str()).filter(is_known);
    let environment = service.and_then(named_by_words).or(environment);
    Scope {
        environment: environment.map(str::to_owned),
        service: service.map(str::to_owned),
        deployed: environment.is_none_or(is_deployed),
    }
}

/// The command that the action runs, without the variables and secrets.
fn command(document: &Document, uses: View<'_>, with: View<'_>, action: &Action) -> Vec<Word> {
    let at = document.place(uses.node().inner);
    let word =
        |text: &str, at: &Place| Word { text: Some(text.to_owned()), at: at.clone(), is_verbatim: false };
    let mut words = vec![word("gcloud", &at), word("run", &at), word("deploy", &at)];
    let mut given = |input: &str, flag: &str| {
        let Some(view) = with.get(input) else { return };
        let Some(text) = view.as_str() else { return };
        let place = document.place(view.node().inner);
        words.push(word(&format!("{flag}{text}"), &place));
    };
    given(action.service, "");
    for (input, flag) in [
        ("image", "--image="),
        ("timeout", "--timeout="),
        ("project_id", "--project="),
        ("region", "--region="),
    ] {
        given(input, flag);
    }
    if let Some((text, offset)) = with.get("flags").and_then(|flags| written(document, flags)) {
        let shell = ShellText::of_step(document, (text.into(), offset), None);
        words.extend(shell_commands(&shell).into_iter().flat_map(|(words, _)| words));
    }
    words
}

/// `build-args:` of an image that is pushed from a job for a deployed environment.
fn build_arguments(document: &Document, with: View<'_>, environment: Option<&str>, record: &mut Record) {
    let pushes = with.get("push").and_then(|push| push.as_str()).is_some_and(|push| push != "false")
        || with.get("outputs").is_some();
    let Some(environment) = environment.filter(|name| pushes && is_deployed(name)) else { return };
    let Some((text, offset)) = with.get("build-args").and_then(|text| written(document, text)) else {
        return;
    };
    let mut start = offset;
    for line in text.split_inclusive('\n') {
        let argument = line.trim();
        let from = start + (line.len() - line.trim_start().len());
        let at = document.place(Span::new(from, from + argument.len()));
        let word = Word { text: Some(argument.to_owned()), at, is_verbatim: true };
        record.settings.extend(build_argument(&word, 0, environment));
        start += line.len();
    }
}

/// A text of several lines as it stands in the file, and where it begins; `None` where it is written with escapes.
fn written<'d>(document: &'d Document, view: View<'_>) -> Option<(&'d str, usize)> {
    let inner = view.node().inner;
    let slice = document.slice(inner);
    let text = view.as_str()?;
    let is_block =
        matches!(&view.node().kind, NodeKind::Scalar { style: Style::Literal | Style::Folded, .. });
    (is_block || slice == text).then_some((slice, inner.start))
}

/// The pairs of a text in which commas and line ends separate, unless they stand in quotes or after a backslash.
fn pairs(document: &Document, view: View<'_>) -> Vec<Pair> {
    let Some((text, offset)) = written(document, view) else { return Vec::new() };
    pieces(text).into_iter().filter_map(|(start, piece)| pair(document, offset + start, piece)).collect()
}

fn pair(document: &Document, start: usize, piece: &str) -> Option<Pair> {
    let (name, written) = piece.split_once('=')?;
    let before = name.len() + 1 + (written.len() - written.trim_start().len());
    let (trimmed, mut from) = (written.trim(), start + before);
    let inside = |quote: char| trimmed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let value = match inside('"').or_else(|| inside('\'')) {
        Some(value) => {
            from += 1;
            value
        }
        None => trimmed,
    };
    let at = document.place(Span::new(from, from + value.len()));
    Some(Pair { name: name.trim().to_owned(), value: value.replace("\\,", ","), at })
}

/// The parts of a list with their places in it.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut quote, mut is_escaped) = (0, None, false);
    for (at, letter) in text.char_indices() {
        match (letter, quote) {
            _ if is_escaped => is_escaped = false,
            ('\\', _) => is_escaped = true,
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if letter == open || letter == '\n' => quote = None,
            _ => {}
        }
        if matches!(letter, ',' | '\n') && quote.is_none() && !text.get(..at).unwrap_or("").ends_with('\\') {
            pieces.push((start, text.get(start..at).unwrap_or("")));
            start = at + 1;
        }
    }
    pieces.push((start, text.get(start..).unwrap_or("")));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_lines_separate_outside_quotes() {
        let texts = |text| pieces(text).into_iter().map(|(_, piece)| piece.trim()).collect::<Vec<_>>();
        assert_eq!(texts("A=1,B=2"), ["A=1", "B=2"]);
        assert_eq!(texts("A=1\n  B=x\\,y\n"), ["A=1", "B=x\\,y", ""]);
        assert_eq!(texts("A=\"1,2\"\nB='3,4'"), ["A=\"1,2\"", "B='3,4'"]);
        assert_eq!(texts("A=don't\nB=2"), ["A=don't", "B=2"]);
    }
}
