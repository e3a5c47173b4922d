//! Template syntax in files whose reader processes none.

use std::collections::BTreeMap;

use facts::{Facts, Role, Setting, SettingSource};
use regex::Regex;
use serde::Deserialize;

use super::support::settings;
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// The syntaxes that are looked for.
    syntax: Vec<Syntax>,
    /// How grave a finding is where the environment is not known.
    unknown_environment: Option<Severity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Syntax {
    /// A regular expression that finds it in a value.
    pattern: String,
    /// What it looks like, for people.
    says: String,
    /// The kinds of places that are judged, by the names of `shipworthy facts`.
    sources: Vec<String>,
    /// Who would have to fill it in.
    filled_by: FilledBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FilledBy {
    /// A template engine that renders the file.
    TemplateEngine,
    /// Whoever reads the file and replaces variables in it.
    Reader,
}

struct PlaceholderUnprocessed {
    syntaxes: Vec<(Regex, Syntax)>,
    unknown_environment: Option<Severity>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let compiled = policy.syntax.into_iter().map(|syntax| {
        let regex = Regex::new(&syntax.pattern).map_err(|error| error.to_string())?;
        Ok((regex, syntax))
    });
    let syntaxes = compiled.collect::<Result<_, String>>()?;
    Ok(Box::new(PlaceholderUnprocessed { syntaxes, unknown_environment: policy.unknown_environment }))
}

impl Check for PlaceholderUnprocessed {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let is_value = |role| matches!(role, Role::Value | Role::BindAddress | Role::SharedHost);
        let judged = facts.settings.iter().filter(|setting| setting.scope.deployed && is_value(setting.role));
        let found: Vec<(&Setting, Fault)> =
            judged.filter_map(|setting| Some((setting, self.fault(setting)?))).collect();
        let mut faults: BTreeMap<&str, Fault> = BTreeMap::new();
        for (setting, _) in found.iter().filter(|(setting, _)| is_refused(setting)) {
            faults.entry(&setting.at.path).or_insert_with(|| unrendered(setting));
        }
        let others = found.iter().filter(|(setting, _)| !faults.contains_key(&*setting.at.path));
        let others: Vec<Fault> = others.map(|(_, fault)| fault.clone()).collect();
        faults.into_values().chain(others).collect()
    }
}

/// Whether Kubernetes refuses an object for what stands here: a name holds letters, digits, dashes and dots.
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>.
fn is_refused(setting: &Setting) -> bool {
    let is_name = matches!(setting.key.as_str(), "name" | "namespace");
    setting.source == SettingSource::Yaml
        && is_name
        && setting.within.last().is_some_and(|map| map == "metadata")
        && setting.value.contains("{{")
}

/// The whole file is a template then: nobody can apply it as it stands.
fn unrendered(setting: &Setting) -> Fault {
    let message = format!(
        "`{}` holds `{{{{ ... }}}}`, which Kubernetes takes for no name: this file is refused as it stands. Something has to \
         render it before it is applied, and nothing here does",
        setting.key
    );
    Fault::new(settings::subject(setting), setting.at.clone(), message)
        .in_environment(setting.scope.environment.as_deref())
        .at_most(Severity::Warning)
}

impl PlaceholderUnprocessed {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let (_, syntax) = self.syntaxes.iter().find(|(regex, syntax)| {
            syntax.sources.iter().any(|source| source == setting.source.name())
                && !is_processed(syntax.filled_by, setting)
                && regex.is_match(&setting.value)
        })?;
        let environment = setting.scope.environment.as_deref();
        let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
        let message = format!(
            "`{}` reaches its reader{place} with {} in it as written: nothing fills it in here",
            setting.key, syntax.says
        );
        let mut fault =
            Fault::new(settings::subject(setting), setting.at.clone(), message).in_environment(environment);
        fault.severity = environment.is_none().then_some(self.unknown_environment).flatten();
        Some(fault)
    }
}

/// Whether somebody fills the syntax in. A file that is a template may use the syntax of its engine, whichever it is.
fn is_processed(filled_by: FilledBy, setting: &Setting) -> bool {
    let for_server = filled_by == FilledBy::TemplateEngine && is_left_to_server(setting);
    setting.is_template || for_server || filled_by == FilledBy::Reader && setting.expands_variables
}

/// Whether a bundle keeps the value as it is, so that the server which sends it can fill it in: `VITE_BASE={{ .Base }}`.
fn is_left_to_server(setting: &Setting) -> bool {
    const BUNDLED: &[&str] = &["VITE_", "REACT_APP_", "NEXT_PUBLIC_", "PUBLIC_"];
    let value = setting.value.trim();
    BUNDLED.iter().any(|prefix| setting.key.starts_with(prefix))
        && value.starts_with("{{")
        && value.ends_with("}}")
        && value.matches("{{").count() == 1
}
