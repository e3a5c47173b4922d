//! The table of variables by environment: where each is set and read, what is missing, what differs.

mod html;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use facts::{EnvRead, Facts, SecretRef, Setting, SettingSource};
use serde_json::{Map, Value, json};
use source::redact::Concealed;
use source::{Place, redact};

/// The column of what holds wherever the code runs: `ENV` of a Dockerfile, a Compose file of no environment.
const EVERYWHERE: &str = "*";

/// Variables by environment. Every value in it is masked.
#[derive(Debug)]
pub struct Variables {
    /// The columns: deployed environments, then others, then [`EVERYWHERE`] where something is set for no environment
    /// in particular.
    environments: Vec<Column>,
    /// The rows, in the order of their names.
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Column {
    name: String,
    is_deployed: bool,
    /// Whether anything is set for it; of another one nobody can say what is missing.
    is_known: bool,
}

#[derive(Debug)]
struct Row {
    name: String,
    is_secret: bool,
    /// Whether two deployed environments have other values.
    differs: bool,
    /// One for each column.
    cells: Vec<Cell>,
}

#[derive(Debug, Default)]
struct Cell {
    set: Vec<Set>,
    read: Vec<Read>,
    state: State,
}

/// One place that sets a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    path: String,
    line: u32,
    value: String,
}

/// One place that reads a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    path: String,
    line: u32,
    is_required: bool,
    default: Option<String>,
}

/// What a cell says at a glance.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Neither set nor needed here.
    #[default]
    Unset,
    /// Set here.
    Set,
    /// Set for every environment.
    Everywhere,
    /// Not set, read with a default.
    Default,
    /// Not set here, and set in another deployed environment.
    Gap,
    /// Not set, and reading it fails.
    Missing,
}

/// A value before it is masked, and where it stands.
struct Found<'f> {
    environment: Option<&'f str>,
    at: &'f Place,
    value: &'f str,
    is_reference: bool,
    /// Whether it is secret whatever the variable is called.
    is_hidden: bool,
}

impl Variables {
    /// The table of a repository.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let found = found(facts);
        let mut reads: BTreeMap<&str, Vec<&EnvRead>> = BTreeMap::new();
        for read in &facts.env_reads {
            reads.entry(&read.name).or_default().push(read);
        }
        let environments = columns(facts, &found);
        let names: BTreeSet<&str> = found.keys().chain(reads.keys()).copied().collect();
        let row = |name: &str| {
            let sets = found.get(name).map_or(&[][..], Vec::as_slice);
            let reads = reads.get(name).map_or(&[][..], Vec::as_slice);
            row(name, &environments, (sets, reads), &facts.concealed)
        };
        let rows = names.into_iter().map(row).collect();
        Self { environments, rows }
    }

    /// Writes the table as JSON.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let names: Vec<&str> = self.environments.iter().map(|column| column.name.as_str()).collect();
        let variables = self.rows.iter().map(|row| {
            let cells = names.iter().zip(&row.cells).map(|(name, cell)| ((*name).to_owned(), cell.json()));
            json!({"name": row.name, "secret": row.is_secret, "cells": cells.collect::<Map<_, _>>()})
        });
        let variables: Vec<Value> = variables.collect();
        let report = json!({"version": 1, "environments": names, "variables": variables});
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)
    }

    /// Writes the table for people, and below it what is missing.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write(self, out)
    }

    /// Writes the table as one page for a browser, which loads nothing else.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn html(&self, out: &mut dyn Write) -> io::Result<()> {
        html::write(self, out)
    }

    /// The cells of a state, with their rows and columns.
    fn cells(&self, state: State) -> impl Iterator<Item = (&Row, &Column, &Cell)> {
        self.rows.iter().flat_map(move |row| {
            let cells = self.environments.iter().zip(&row.cells);
            cells.filter(move |(_, cell)| cell.state == state).map(move |(column, cell)| (row, column, cell))
        })
    }
}

impl Cell {
    fn json(&self) -> Value {
        let set = self.set.iter().map(|set| json!({"path": set.path, "line": set.line, "value": set.value}));
        let read = self
            .read
            .iter()
            .map(|read| json!({"path": read.path, "line": read.line, "required": read.is_required}));
        json!({"set": set.collect::<Vec<_>>(), "read": read.collect::<Vec<_>>()})
    }
}

/// What sets each variable. A secret's binding stands for the setting that binds it.
fn found(facts: &Facts) -> BTreeMap<&str, Vec<Found<'_>>> {
    let mut found: BTreeMap<&str, Vec<Found<'_>>> = BTreeMap::new();
    let mut bound = BTreeSet::new();
    for secret in &facts.secrets {
        let SecretRef { name, variable: Some(variable), at, scope, .. } = secret else { continue };
        bound.insert((variable.as_str(), &*at.path, at.line));
        let environment = scope.environment.as_deref();
        found.entry(variable).or_default().push(Found {
            environment,
            at,
            value: name,
            is_reference: true,
            is_hidden: false,
        });
    }
    let settings = facts.settings.iter().filter(|setting| is_variable(setting));
    for setting in settings {
        let Setting { key, value, at, scope, .. } = setting;
        if !bound.contains(&(key.as_str(), &*at.path, at.line)) {
            let environment = scope.environment.as_deref();
            let is_hidden = facts.concealed.holds(&setting.at);
            found.entry(key).or_default().push(Found {
                environment,
                at,
                value,
                is_reference: false,
                is_hidden,
            });
        }
    }
    found
}

/// Whether a setting gives a process a variable. Files of many kinds of keys tell it by the key's letters.
fn is_variable(setting: &Setting) -> bool {
    let is_upper_case = || {
        setting.key.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && setting.key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    match setting.source {
        SettingSource::EnvFile | SettingSource::Compose | SettingSource::DockerfileEnv => true,
        SettingSource::ComposeBuildArg | SettingSource::BuildArg => false,
        SettingSource::Tfvars
        | SettingSource::Terraform
        | SettingSource::Yaml
        | SettingSource::Workflow
        | SettingSource::Script => is_upper_case(),
    }
}

fn columns(facts: &Facts, found: &BTreeMap<&str, Vec<Found<'_>>>) -> Vec<Column> {
    let deployed: BTreeSet<&str> = facts.environments.iter().map(String::as_str).collect();
    let named: BTreeSet<Option<&str>> = found.values().flatten().map(|found| found.environment).collect();
    let others = named.iter().flatten().copied().filter(|name| !deployed.contains(name));
    let column = |name: &str, is_deployed| Column {
        name: name.to_owned(),
        is_deployed,
        is_known: named.contains(&Some(name)),
    };
    let mut columns: Vec<Column> = deployed
        .iter()
        .map(|name| column(name, true))
        .chain(others.map(|name| column(name, false)))
        .collect();
    if columns.is_empty() || named.contains(&None) {
        columns.push(column(EVERYWHERE, false));
    }
    columns
}

fn of_column<'s>(sets: &'s [Found<'s>], column: &'s Column) -> impl Iterator<Item = &'s Found<'s>> {
    sets.iter().filter(|found| found.environment.unwrap_or(EVERYWHERE) == column.name)
}

fn row(
    name: &str,
    columns: &[Column],
    (sets, reads): (&[Found<'_>], &[&EnvRead]),
    concealed: &Concealed,
) -> Row {
    let mut read: Vec<Read> = reads.iter().map(|read| shown_read(name, read, concealed)).collect();
    read.sort();
    read.dedup();
    let deployed = columns.iter().filter(|column| column.is_deployed);
    let values: BTreeSet<BTreeSet<&str>> = deployed
        .map(|column| of_column(sets, column).map(|found| found.value).collect())
        .filter(|values: &BTreeSet<&str>| !values.is_empty())
        .collect();
    let set_somewhere = !values.is_empty();
    let everywhere = sets.iter().any(|found| found.environment.is_none());
    let cell = |column: &Column| {
        let mut set: Vec<Set> =
            of_column(sets, column).map(|found| shown_set(name, found, concealed)).collect();
        set.sort();
        set.dedup();
        let state = match () {
            () if !set.is_empty() => State::Set,
            () if everywhere => State::Everywhere,
            () if column.is_known && read.iter().any(|read| read.is_required) => State::Missing,
            () if column.is_known && column.is_deployed && set_somewhere => State::Gap,
            () if !read.is_empty() => State::Default,
            () => State::Unset,
        };
        Cell { set, read: read.clone(), state }
    };
    Row {
        name: name.to_owned(),
        is_secret: redact::is_secret_name(name)
            || sets.iter().any(|found| found.is_reference || found.is_hidden),
        differs: values.len() > 1,
        cells: columns.iter().map(cell).collect(),
    }
}

fn shown_set(name: &str, found: &Found<'_>, concealed: &Concealed) -> Set {
    let value = if found.is_reference {
        format!("secret {}", redact::sentence(found.value))
    } else if found.is_hidden {
        redact::REDACTED.to_owned()
    } else {
        concealed.value(name, found.value).into_owned()
    };
    Set { path: found.at.path.to_string(), line: found.at.line, value }
}

fn shown_read(name: &str, read: &EnvRead, concealed: &Concealed) -> Read {
    Read {
        path: read.at.path.to_string(),
        line: read.at.line,
        is_required: read.required,
        default: read.default.as_ref().map(|value| concealed.value(name, value).into_owned()),
    }
}

#[cfg(test)]
mod tests;
