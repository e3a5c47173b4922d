//! Literal dictionaries of deploy scripts in Python: the variables and the secrets that each service is given.

use std::collections::BTreeMap;

use source::{Span, tokens};
use syntax::python::{DictEntry, KeywordLiteral, Literal, Module, Text};

use crate::environment::{canonical, is_deployed, is_marker, named_by_words, only};
use crate::record::{Document, Record};
use crate::{Role, Scope, SecretRef, Setting, SettingSource};

/// Names of dictionaries whose entries become variables of a service. A lone `env` is that of a local process.
const VARIABLE_MAPS: &[&str] = &[
    "environment_vars",
    "environment_variables",
    "env_vars",
    "env_variables",
    "envvars",
    "set_env_vars",
    "service_env_vars",
];

/// Names of dictionaries whose entries bind variables to secrets.
const SECRET_MAPS: &[&str] =
    &["secret_mappings", "secret_mapping", "secrets", "secret_env_vars", "set_secrets", "service_secrets"];

/// Keywords whose value names the service of a call.
const SERVICE_KEYWORDS: &[&str] = &["name", "service", "service_name"];

/// Adds the variables and secrets that a script's dictionaries hold, where the script hands such to a service.
pub(crate) fn add(document: &Document, module: &Module, record: &mut Record) {
    let has = |word: &str| memchr::memmem::find(document.text.as_bytes(), word.as_bytes()).is_some();
    let (variables, secrets) = (
        has("set-env-vars") || has("update-env-vars") || has("env-vars-file"),
        has("set-secrets") || has("update-secrets"),
    );
    let creates = (has("\"secrets\"") || has("gcloud secrets"))
        && (has("\"create\"") || has("\"versions\"") || has("secrets create") || has("secrets versions"));
    let groups = groups(module);
    for entry in &module.dict_entries {
        let text = &text_of(document, entry);
        let Some(mut scope) = groups.get(&group(entry)).map(|group| group.scope(module)) else { continue };
        if let Some(environment) = of_call(&groups, entry).filter(|_| scope.environment.is_none()) {
            scope = Scope {
                environment: Some(environment.to_owned()),
                deployed: is_deployed(environment),
                ..scope
            };
        }
        let is_variable = !entry.key.value.contains('-');
        if variables && is_variable && belongs(entry, VARIABLE_MAPS) {
            record.settings.push(setting(document, entry, text, scope));
        } else if creates && is_created(entry) {
            record.settings.push(created(document, entry, text));
        } else if secrets && is_variable && belongs(entry, SECRET_MAPS) {
            match secret(document, entry, text, scope.clone()) {
                Some(secret) => record.secrets.push(secret),
                // Which secret it is the script works out; that the variable is bound is known.
                None if text.template => record.settings.push(setting(document, entry, text, scope)),
                None => {}
            }
        }
    }
}

/// The value of an entry as the service is given it; that of an expression is known when the script runs.
fn text_of(document: &Document, entry: &DictEntry) -> Text {
    let written = || document.slice(entry.value.span).to_owned();
    match &entry.value.value {
        Literal::Text(text) => text.clone(),
        Literal::Number(number) => Text { value: number.clone(), template: false },
        Literal::Bool(_) | Literal::None => Text { value: written(), template: false },
        Literal::Expression => Text { value: "${...}".to_owned(), template: true },
    }
}

/// Whether an entry is the name of a secret with what a script fills it with.
fn is_created(entry: &DictEntry) -> bool {
    let owner = entry.owner.rsplit('.').next().unwrap_or("");
    entry.key.value.contains('-') && tokens(owner).any(|word| matches!(word.as_str(), "secret" | "secrets"))
}

/// The value that a secret is created with, in the environment that its name says, if any.
fn created(document: &Document, entry: &DictEntry, text: &Text) -> Setting {
    let environment = named_by_words(&entry.key.value);
    let scope = Scope {
        environment: environment.map(str::to_owned),
        service: None,
        deployed: environment.is_none_or(is_deployed),
    };
    setting(document, entry, text, scope)
}

/// Whether a dictionary, or one around it, has one of these names.
fn belongs(entry: &DictEntry, names: &[&str]) -> bool {
    entry.owner.split('.').any(|part| names.contains(&part.to_ascii_lowercase().as_str()))
}

/// What holds the entries of one service: the call, or the dictionary of this name.
type GroupKey<'m> = (Option<Span>, &'m str);

fn group(entry: &DictEntry) -> GroupKey<'_> {
    (entry.call, &entry.owner)
}

/// The entries of one service.
#[derive(Default)]
struct Group<'m> {
    entries: Vec<&'m DictEntry>,
}

fn groups(module: &Module) -> BTreeMap<GroupKey<'_>, Group<'_>> {
    let mut groups: BTreeMap<GroupKey<'_>, Group<'_>> = BTreeMap::new();
    for entry in &module.dict_entries {
        groups.entry(group(entry)).or_default().entries.push(entry);
    }
    groups
}

/// The environment that another dictionary of the same call is marked with.
fn of_call(groups: &BTreeMap<GroupKey<'_>, Group<'_>>, entry: &DictEntry) -> Option<&'static str> {
    let call = Some(entry.call?);
    let others = groups.range((call, "")..).take_while(|((of, _), _)| *of == call);
    others.into_iter().find_map(|(_, group)| group.marker())
}

impl Group<'_> {
    fn scope(&self, module: &Module) -> Scope {
        let keywords = self.keywords(module);
        let named = |is_meant: fn(&str) -> bool| {
            let meant = keywords.iter().filter(|keyword| is_meant(&keyword.name.value));
            only(meant.flat_map(|keyword| texts(keyword)).filter_map(named_by_words))
        };
        // A marker that contradicts the name of the service is a fault of the marker.
        let environment = named(|keyword| keyword.contains("name") || keyword.contains("service"))
            .or_else(|| self.marker())
            .or_else(|| named(|_| true));
        Scope {
            environment: environment.map(str::to_owned),
            service: service(&keywords),
            deployed: environment.is_none_or(is_deployed),
        }
    }

    /// The literal keywords of the call that holds the entries.
    fn keywords<'k>(&self, module: &'k Module) -> Vec<&'k KeywordLiteral> {
        let Some(call) = self.entries.first().and_then(|entry| entry.call) else { return Vec::new() };
        module.keyword_literals.iter().filter(|keyword| keyword.call == call).collect()
    }

    /// `"ENVIRONMENT": "staging"` among the entries. `NODE_ENV` says how code was built, not where it runs.
    fn marker(&self) -> Option<&'static str> {
        self.entries.iter().find_map(|entry| match &entry.value.value {
            Literal::Text(text) if is_marker(&entry.key.value) && entry.key.value != "NODE_ENV" => {
                canonical(&text.value)
            }
            _ => None,
        })
    }
}

/// The service that a call's keywords name.
pub(crate) fn service(keywords: &[&KeywordLiteral]) -> Option<String> {
    let named = keywords.iter().find(|keyword| SERVICE_KEYWORDS.contains(&keyword.name.value.as_str()))?;
    texts(named).next().map(str::to_owned)
}

fn texts(keyword: &KeywordLiteral) -> impl Iterator<Item = &str> {
    keyword.values.iter().filter_map(|value| match &value.value {
        Literal::Text(text) if !text.template => Some(text.value.as_str()),
        _ => None,
    })
}

fn setting(document: &Document, entry: &DictEntry, text: &Text, scope: Scope) -> Setting {
    Setting {
        key: entry.key.value.clone(),
        within: entry.owner.split('.').map(str::to_owned).collect(),
        value: text.value.clone(),
        raw: document.slice(entry.value.span).to_owned(),
        at: document.place(entry.value.span),
        scope,
        source: SettingSource::Script,
        dialect: None,
        role: Role::of_host_key(&entry.key.value, &text.value),
        // The expressions of an f-string.
        expands_variables: text.template,
        is_template: text.template,
    }
}

/// `"VARIABLE": "name"` or `"name:version"`, the name of a secret being words joined by hyphens or underscores.
fn secret(document: &Document, entry: &DictEntry, text: &Text, scope: Scope) -> Option<SecretRef> {
    let (name, version) = match text.value.rsplit_once(':') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (text.value.as_str(), None),
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if text.template || name.is_empty() || !name.chars().all(is_name) || !name.contains(['-', '_']) {
        return None;
    }
    let whole = entry.value.span;
    let exact = document.slice(whole) == text.value;
    let span = if exact { Span::new(whole.start, whole.start + name.len()) } else { whole };
    let environment = scope.environment.clone().or_else(|| named_by_words(name).map(str::to_owned));
    Some(SecretRef {
        name: name.to_owned(),
        version,
        variable: Some(entry.key.value.clone()),
        at: document.place(span),
        scope: Scope { environment, ..scope },
        source: SettingSource::Script,
    })
}
