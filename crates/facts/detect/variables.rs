//! The variables that a program of one deployment sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::names::{self, Asks};
use super::shipped::Shipped;

/// What is known of the variables of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    /// Those with a known value.
    pub(crate) known: BTreeMap<String, String>,
    /// Those that are set to something that no file tells: secrets, values of expressions.
    pub(crate) hidden: BTreeSet<String>,
    /// Those that are known to be absent.
    pub(crate) absent: BTreeSet<String>,
    /// What each that names the environment holds, where nothing else is known of it.
    pub(crate) environment: Option<String>,
    /// Whether all others are absent.
    pub(crate) complete: bool,
    /// Those that may be set nevertheless.
    pub(crate) may_be_set: BTreeSet<String>,
    /// The files beside the program, where they are known.
    pub(crate) shipped: Option<Arc<Shipped>>,
}

/// What was asked for, and decided an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Variables.
    pub(super) names: BTreeSet<String>,
    /// Whether a file is there.
    pub(super) files: bool,
}

/// What is known of one variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known<'v> {
    /// It has this value.
    Value(&'v str),
    /// It has some value.
    Hidden,
    /// It is not set.
    Absent,
    /// Nothing is known.
    Open,
}

impl Variables {
    /// Whether the same is known of what was asked for as in `other`.
    pub(super) fn agrees_on(&self, asked: &Asked, other: &Self) -> bool {
        asked.names.iter().all(|name| self.get(name) == other.get(name))
            && (!asked.files || self.shipped == other.shipped)
    }

    /// What is known of the variable `name`.
    pub(crate) fn get(&self, name: &str) -> Known<'_> {
        if let Some(value) = self.known.get(name) {
            return Known::Value(value);
        }
        if self.hidden.contains(name) {
            return Known::Hidden;
        }
        if let Some(environment) = self.environment.as_deref().filter(|_| is_environment_variable(name)) {
            return Known::Value(environment);
        }
        if self.may_be_set.contains(name) {
            return Known::Open;
        }
        if self.complete || self.absent.contains(name) { Known::Absent } else { Known::Open }
    }
}

/// Whether a variable's name says that it names the environment.
pub(super) fn is_environment_variable(name: &str) -> bool {
    matches!(names::asks(name), Some(Asks::Name))
}
