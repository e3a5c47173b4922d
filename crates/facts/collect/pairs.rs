//! `NAME=value` in commands and actions that deploy or build: variables, secrets, build arguments.

use source::{Place, Span};

use crate::collect::commands::Word;
use crate::{Role, Scope, SecretRef, Setting, SettingSource};

/// `NAME=value` in a list of them.
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Where the value stands.
    pub(crate) at: Place,
}

/// The pairs of `A=b,C=d`, also of gcloud's `^;^A=b;C=d` with a delimiter of one's own.
pub(crate) fn pairs(word: &Word, start: usize) -> Vec<Pair> {
    let text = word.text().get(start..).unwrap_or("");
    let custom = text.strip_prefix('^').and_then(|rest| rest.split_once('^'));
    let (delimiter, body) = custom.unwrap_or((",", text));
    let mut at = word.text().len() - body.len();
    let mut pairs = Vec::new();
    for pair in body.split(delimiter) {
        if let Some((name, value)) = pair.split_once('=') {
            let from = at + name.len() + 1;
            let place = word.part(from, from + value.len());
            pairs.push(Pair { name: name.trim().to_owned(), value: value.to_owned(), at: place });
        }
        at += pair.len() + delimiter.len();
    }
    pairs
}

/// `VARIABLE=name:version`; a `/path=name:version` mounts the secret as a file.
pub(crate) fn secret(pair: &Pair, scope: &Scope) -> Option<SecretRef> {
    let (name, version) = match pair.value.rsplit_once(':') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (pair.value.as_str(), None),
    };
    if name.is_empty() || name.contains(['$', '{', '/']) {
        return None;
    }
    let whole = pair.at.span.len() == pair.value.len();
    let span =
        if whole { Span::new(pair.at.span.start, pair.at.span.start + name.len()) } else { pair.at.span };
    Some(SecretRef {
        name: name.to_owned(),
        version,
        variable: Some(pair.name.clone()).filter(|name| !name.starts_with('/')),
        at: Place { span, ..pair.at.clone() },
        scope: scope.clone(),
        source: SettingSource::Script,
    })
}

/// A variable that `flag` sets.
pub(crate) fn setting(pair: Pair, flag: &str, scope: &Scope) -> Setting {
    Setting {
        role: Role::of_host_key(&pair.name, &pair.value),
        key: pair.name,
        within: vec![flag.to_owned()],
        raw: pair.value.clone(),
        is_template: is_template(&pair.value),
        value: pair.value,
        at: pair.at,
        scope: scope.clone(),
        source: SettingSource::Script,
        dialect: None,
        // A shell, a workflow or an f-string fills these in.
        expands_variables: true,
    }
}

/// `--build-arg NAME=value` of a build for a deployed environment; one without a value hands a variable on.
pub(crate) fn build_argument(word: &Word, start: usize, environment: &str) -> Option<Setting> {
    let text = word.text().get(start..)?;
    let (name, value) = text.split_once('=')?;
    let pair = Pair {
        name: name.trim().to_owned(),
        value: value.to_owned(),
        at: word.part(start + name.len() + 1, start + text.len()),
    };
    let scope = Scope { environment: Some(environment.to_owned()), service: None, deployed: true };
    Some(Setting { source: SettingSource::BuildArg, ..setting(pair, "build-arg", &scope) })
}

/// Whether a value is worked out when the command runs. A plain variable in it leaves the rest of the value as it is.
fn is_template(value: &str) -> bool {
    let is_opened = |(at, _): (usize, &str)| {
        let before = value.get(..at).unwrap_or("");
        !before.ends_with('$') || value.get(at + 1..).is_some_and(|rest| rest.starts_with('{'))
    };
    value.contains(['`']) || value.contains("$(") || value.match_indices('{').any(is_opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_worked_out_is_a_template() {
        for value in ["$(openssl rand -hex 8)", "${{ vars.URL }}", "{url}/x", "`hostname`", "{{ url }}"] {
            assert!(is_template(value), "{value}");
        }
        for value in
            ["http://localhost", "redis://:${PASSWORD}@localhost", "$URL", "${URL:-http://localhost}"]
        {
            assert!(!is_template(value), "{value}");
        }
    }
}
