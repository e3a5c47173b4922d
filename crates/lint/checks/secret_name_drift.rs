//! One variable that services of one environment take from different secrets.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Facts, SecretRef};
use serde::Deserialize;
use source::tokens;

use crate::Fault;
use crate::check::{Check, CheckContext};

/// A policy without keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretDrift {}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<SecretDrift>(policy)?))
}

impl Check for SecretDrift {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut bound: BTreeMap<(&str, &str), Vec<&SecretRef>> = BTreeMap::new();
        for secret in facts.secrets.iter().filter(|secret| secret.scope.deployed) {
            let Some(variable) = secret.variable.as_ref().filter(|variable| !is_role(variable)) else {
                continue;
            };
            let environment = secret.scope.environment.as_deref().unwrap_or("");
            bound.entry((environment, variable)).or_default().push(secret);
        }
        let drifted = bound.into_values().flat_map(|secrets| drifted(&secrets)).collect();
        let (habits, single) = by_habit(drifted);
        let habits = habits.into_iter().filter_map(|pairs| habit_fault(&pairs));
        habits.chain(single.into_iter().map(|pair| fault(&pair))).collect()
    }
}

/// Whether a variable is named after its part in a connection alone, which every client has to another server.
fn is_role(variable: &str) -> bool {
    const ROLES: &[&str] = &[
        "database", "host", "hostname", "key", "pass", "passwd", "password", "port", "pwd", "secret",
        "token", "url", "user", "username",
    ];
    ROLES.iter().any(|role| role.eq_ignore_ascii_case(variable))
}

/// A binding, and one of the same variable to another name.
#[derive(Debug, Clone, Copy)]
struct Pair<'f> {
    other: &'f SecretRef,
    usual: &'f SecretRef,
}

/// How many variables of one file must be named in another order before that is the file's habit.
const HABIT: usize = 3;

/// The pairs between two files that have the same words in another order all over, and the rest one by one.
fn by_habit(pairs: Vec<Pair<'_>>) -> (Vec<Vec<Pair<'_>>>, Vec<Pair<'_>>) {
    let mut between: BTreeMap<(&str, &str), Vec<Pair<'_>>> = BTreeMap::new();
    for pair in pairs {
        between.entry((&pair.other.at.path, &pair.usual.at.path)).or_default().push(pair);
    }
    let (mut habits, mut single) = (Vec::new(), Vec::new());
    for pairs in between.into_values() {
        let (reordered, others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_reordered);
        single.extend(others);
        let variables: BTreeSet<_> = reordered.iter().map(|pair| &pair.other.variable).collect();
        if variables.len() >= HABIT { habits.push(reordered) } else { single.extend(reordered) }
    }
    (habits, single)
}

/// `staging-redis-url` and `redis-url-staging`.
fn is_reordered(pair: &Pair<'_>) -> bool {
    let words = |secret: &SecretRef| {
        let mut words: Vec<String> = tokens(&secret.name).collect();
        words.sort_unstable();
        words
    };
    pair.other.at.path != pair.usual.at.path && words(pair.other) == words(pair.usual)
}

/// The bindings that differ from the first of the most frequent name.
fn drifted<'f>(secrets: &[&'f SecretRef]) -> Vec<Pair<'f>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for secret in secrets {
        *counts.entry(&secret.name).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    let usual = secrets.iter().find(|secret| counts.get(secret.name.as_str()) == Some(&most));
    let Some(usual) = usual.filter(|_| counts.len() > 1) else { return Vec::new() };
    let others = secrets.iter().filter(|secret| is_meant_to_be_same(secret, usual));
    others.map(|other| Pair { other, usual }).collect()
}

/// Whether two names stand for one secret: all words of one are among those of the other. `jwt-secret-staging` is
/// `jwt-secret-key-staging` written by hand; `auth-db-url` and `billing-db-url` are two.
fn is_meant_to_be_same(one: &SecretRef, other: &SecretRef) -> bool {
    let words = |secret: &SecretRef| tokens(&secret.name).collect::<Vec<_>>();
    let (one_words, other_words) = (words(one), words(other));
    let within = |few: &[String], many: &[String]| few.iter().all(|word| many.contains(word));
    one.name != other.name && (within(&one_words, &other_words) || within(&other_words, &one_words))
}

fn fault(pair: &Pair<'_>) -> Fault {
    let Pair { other, usual } = pair;
    let variable = other.variable.as_deref().unwrap_or("");
    let message = format!(
        "`{variable}` is bound to `{}` here and to `{}` elsewhere in the same environment: services that must agree on \
         it, as on the key of a token, refuse each other, and one of the two names may not exist",
        other.name, usual.name
    );
    Fault::new(format!("{variable} from {}", other.name), other.at.clone(), message)
        .in_environment(other.scope.environment.as_deref())
        .because(usual.at.clone(), format!("`{variable}` is bound to `{}` here", usual.name))
}

/// One fault for all names of a file that another file writes in another order.
fn habit_fault(pairs: &[Pair<'_>]) -> Option<Fault> {
    let mut variables: Vec<&str> = pairs.iter().filter_map(|pair| pair.other.variable.as_deref()).collect();
    variables.dedup();
    let Pair { other, usual } = pairs.first()?;
    let message = format!(
        "{} variables are bound to names like `{}` here and like `{}` in `{}`, for the same environment: one of the two \
         files binds secrets that the other's values are not in, or that do not exist",
        variables.len(),
        other.name,
        usual.name,
        usual.at.path
    );
    let subject = format!("names as in {}", usual.at.path);
    let fault = Fault::new(subject, other.at.clone(), message)
        .in_environment(other.scope.environment.as_deref())
        .because(usual.at.clone(), format!("it is bound to `{}` here", usual.name));
    Some(pairs.iter().skip(1).take(4).fold(fault, |fault, pair| {
        fault.because(pair.other.at.clone(), format!("this is `{}` there", pair.usual.name))
    }))
}
