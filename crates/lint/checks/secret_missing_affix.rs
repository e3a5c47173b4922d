//! Secrets that are bound without the affix of their environment.

use std::collections::{BTreeMap, BTreeSet};

use facts::environment::{canonical, is_deployed, named_by_words};
use facts::{Facts, SecretRef, Setting, SettingSource};
use serde::Deserialize;
use source::directory_of;

use crate::check::{Check, CheckContext};
use crate::config::{Affix, Secrets};
use crate::{Edit, Fault, Fix, Safety, Severity};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Policy {
    /// The forms that are looked for where the configuration declares none.
    forms: Vec<String>,
    /// Whether the configuration's `[secrets]` are obeyed.
    declared: bool,
    /// How many names of an environment must carry the affix before it counts as a habit.
    least: usize,
    /// Which part of an environment's names must carry it, from 0 to 1.
    share: f64,
}

struct SecretAffix {
    policy: Policy,
    forms: Vec<Affix>,
    secrets: Secrets,
}

pub(super) fn build(policy: &toml::Table, context: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let forms = policy.forms.iter().map(|form| Affix::parse(form)).collect::<Result<_, _>>()?;
    Ok(Box::new(SecretAffix { policy, forms, secrets: context.config.secrets.clone() }))
}

/// The affix that the secrets of an environment carry.
struct Habit {
    affix: Affix,
    /// The environment as the names write it: `staging`, `stg`.
    word: String,
    /// Why it is expected, as the end of a sentence.
    why: String,
    /// One name that carries it.
    shown_by: Option<SecretRef>,
}

impl Habit {
    /// Whether the configuration demands it, so that no name shows it.
    fn is_declared(&self) -> bool {
        self.shown_by.is_none()
    }
}

/// The form that the secrets of each environment carry by a clear majority, where names spell the environment in full.
pub(crate) fn inferred(policy: &toml::Table, facts: &Facts) -> BTreeMap<String, String> {
    let Ok(policy) = super::policy::<Policy>(policy) else { return BTreeMap::new() };
    let forms = policy.forms.iter().filter_map(|form| Affix::parse(form).ok()).collect();
    let check = SecretAffix { policy, forms, secrets: Secrets::default() };
    let environments = by_environment(facts).into_iter();
    let form = |(environment, secrets): (&str, Vec<&SecretRef>)| {
        let habit = check.habit(environment, &secrets)?;
        match habit.affix {
            Affix::Form(form) if habit.word == environment => Some((environment.to_owned(), form)),
            _ => None,
        }
    };
    environments.filter_map(form).collect()
}

/// The literally named secrets that each environment binds; those of a file that names no environment are of the one
/// that most of their names speak of.
fn by_environment(facts: &Facts) -> BTreeMap<&str, Vec<&SecretRef>> {
    let mut by_environment: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, Vec<&SecretRef>> = BTreeMap::new();
    for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed && secret.is_literal()) {
        match &secret.scope.environment {
            Some(environment) => by_environment.entry(environment).or_default().push(secret),
            None => unknown.entry(&secret.at.path).or_default().push(secret),
        }
    }
    for secrets in unknown.into_values() {
        if let Some(environment) = spoken_by_most(&secrets) {
            by_environment.entry(environment).or_default().extend(secrets);
        }
    }
    by_environment
}

impl Check for SecretAffix {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let by_environment = by_environment(facts);
        let known = self.known_names(facts);
        let judged = by_environment.iter().filter_map(|(environment, secrets)| {
            let habit = self.habit(environment, secrets)?;
            let without = secrets.iter().filter(|secret| {
                !carries(&habit.affix, &secret.name, environment)
                    && !is_habit_of_file(secret, secrets, &habit, environment)
                    && (habit.is_declared() || !is_created_for(secret, environment, facts))
            });
            Some(without.map(|secret| fault(secret, environment, &habit, &known)).collect::<Vec<_>>())
        });
        judged.flatten().collect()
    }
}

impl SecretAffix {
    /// The affix that is expected: what the configuration declares, else what the clear majority of names carries.
    fn habit(&self, environment: &str, secrets: &[&SecretRef]) -> Option<Habit> {
        if let Some(affix) = self.secrets.affix.as_ref().filter(|_| self.policy.declared) {
            let carries_it = self.secrets.environments.is_empty()
                || self.secrets.environments.iter().any(|name| name == environment);
            return (*affix != Affix::None && carries_it).then(|| Habit {
                affix: affix.clone(),
                word: environment.to_owned(),
                why: "as `[secrets]` in shipworthy.toml declares".to_owned(),
                shown_by: None,
            });
        }
        self.forms.iter().find_map(|form| self.majority(form, environment, secrets))
    }

    fn majority(&self, form: &Affix, environment: &str, secrets: &[&SecretRef]) -> Option<Habit> {
        let all: BTreeSet<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
        let with: BTreeSet<&str> =
            all.iter().copied().filter(|name| carries(form, name, environment)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a repository names few secrets")]
        let share = with.len() as f64 / all.len() as f64;
        if with.len() < self.policy.least.max(1) || share < self.policy.share {
            return None;
        }
        let shown_by = secrets.iter().find(|secret| with.contains(secret.name.as_str()))?;
        Some(Habit {
            affix: form.clone(),
            word: word_in(form, &shown_by.name, environment)?,
            why: format!("as {} of the {} secrets bound in {environment} do", with.len(), all.len()),
            shown_by: Some((*shown_by).clone()),
        })
    }

    /// Names that are known to exist with an affix: those of the manifest, and those that Terraform creates.
    fn known_names<'f>(&'f self, facts: &'f Facts) -> BTreeSet<&'f str> {
        let manifest = self.secrets.required.iter().chain(&self.secrets.optional).map(String::as_str);
        let created = facts.settings.iter().filter(|setting| setting.key == "secret_id");
        manifest.chain(created.map(|setting| setting.value.as_str())).collect()
    }
}

/// The deployed environment that more than half of a file's names speak of: a script that takes its environment from
/// nowhere deploys to that.
fn spoken_by_most(secrets: &[&SecretRef]) -> Option<&'static str> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for secret in secrets {
        let spoken = named_by_words(&secret.name).filter(|name| is_deployed(name));
        if let Some(name) = spoken {
            *counts.entry(name).or_default() += 1;
        }
    }
    counts.into_iter().find(|(_, count)| count * 2 > secrets.len()).map(|(name, _)| name)
}

/// Whether a file writes the environment into its names in a way of its own. Names of two makes for one secret are
/// another rule's fault; in one file they are a slip.
fn is_habit_of_file(secret: &SecretRef, all: &[&SecretRef], habit: &Habit, environment: &str) -> bool {
    if habit.is_declared() || named_by_words(&secret.name) != Some(environment) {
        return false;
    }
    let here = all.iter().copied().filter(|other| other.at.path == secret.at.path);
    let (with, without): (Vec<&SecretRef>, Vec<&SecretRef>) =
        here.partition(|other| carries(&habit.affix, &other.name, environment));
    let spoken = without.iter().filter(|other| named_by_words(&other.name) == Some(environment));
    spoken.count() >= with.len()
}

/// Whether the module that binds a secret, or another file of the environment, creates it under this very name.
fn is_created_for(secret: &SecretRef, environment: &str, facts: &Facts) -> bool {
    let names_it = |setting: &&Setting| {
        setting.source == SettingSource::Terraform
            && setting.key == "secret_id"
            && setting.value == secret.name
            && setting.within.first().is_some_and(|kind| kind == "resource")
    };
    facts.settings.iter().filter(names_it).any(|created| {
        directory_of(&created.at.path) == directory_of(&secret.at.path)
            || created.scope.environment.as_deref() == Some(environment)
    })
}

/// Whether a name carries the environment, in any of the words by which it is known.
fn carries(affix: &Affix, name: &str, environment: &str) -> bool {
    word_in(affix, name, environment).is_some()
}

/// The word by which a name says its environment.
fn word_in(affix: &Affix, name: &str, environment: &str) -> Option<String> {
    let words = name
        .split(['-', '_', '.', '/'])
        .filter(|word| *word == environment || canonical(word).is_some_and(|known| known == environment));
    words.map(str::to_owned).find(|word| affix.strip(name, word).is_some())
}

/// A name without the word of its environment at its beginning or end.
fn without_environment(name: &str, environment: &str) -> String {
    let is_word = |word: &str| canonical(word).is_some_and(|known| known == environment);
    match (name.split_once(['-', '_']), name.rsplit_once(['-', '_'])) {
        (Some((word, rest)), _) if is_word(word) => rest.to_owned(),
        (_, Some((rest, word))) if is_word(word) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

fn fault(secret: &SecretRef, environment: &str, habit: &Habit, known: &BTreeSet<&str>) -> Fault {
    let in_another_form = named_by_words(&secret.name) == Some(environment);
    let wanted = habit.affix.apply(&without_environment(&secret.name, environment), &habit.word);
    let bound = secret.variable.as_ref().map_or_else(String::new, |variable| format!(" for `{variable}`"));
    let doubt = if in_another_form {
        "so this may be a name that nobody created"
    } else {
        "so this is another environment's or does not exist"
    };
    let message = format!(
        "{environment} binds `{}`{bound}; its secrets carry their environment, {}, {doubt}: expected `{wanted}`",
        secret.name, habit.why
    );
    // The secret is there under its right name if the manifest or Terraform says so.
    let exists =
        known.contains(wanted.as_str()) || known.contains(secret.name.as_str()) && habit.is_declared();
    let subject = match &secret.variable {
        Some(variable) => format!("{} for {variable}", secret.name),
        None => secret.name.clone(),
    };
    let mut fault = Fault::new(subject, secret.at.clone(), message).in_environment(Some(environment));
    if in_another_form {
        fault = fault.at_most(Severity::Warning);
    }
    if let Some(shown) = &habit.shown_by {
        fault = fault.because(shown.at.clone(), format!("`{}` carries it", shown.name));
    }
    if secret.at.span.len() == secret.name.len() && !in_another_form {
        let safety = if exists { Safety::Safe } else { Safety::Unsafe };
        let edit = Edit { path: secret.at.path.to_string(), span: secret.at.span, text: wanted.clone() };
        fault = fault.with_fix(Fix { title: format!("Bind `{wanted}`"), safety, edits: vec![edit] });
    }
    fault
}
