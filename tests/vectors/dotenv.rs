//! Env files, as five programs read them.

use std::collections::BTreeMap;

use serde_json::Value;
use source::LineIndex;
use syntax::dotenv::{Dialect, EnvFile, parse, resolve};

use super::case::{Answer, field, items, same, text, texts};
use super::{Column, Suite};

pub(super) const SUITES: &[Suite] = &[Suite {
    name: "dotenv_matrix",
    judge: |case| {
        Dialect::ALL.into_iter().try_for_each(|dialect| read_as(case, dialect)).map(|()| Answer::Agrees)
    },
    least: 0.98,
    columns: &[
        Column { name: "compose", judge: |case| column(case, Dialect::Compose), least: 0.98 },
        Column { name: "docker_env_file", judge: |case| column(case, Dialect::DockerEnvFile), least: 0.98 },
        Column { name: "python_dotenv", judge: |case| column(case, Dialect::PythonDotenv), least: 0.98 },
        Column { name: "node_dotenv", judge: |case| column(case, Dialect::NodeDotenv), least: 0.98 },
        Column { name: "dotenvy", judge: |case| column(case, Dialect::Dotenvy), least: 0.98 },
    ],
}];

fn column(case: &Value, dialect: Dialect) -> Result<Answer, String> {
    read_as(case, dialect).map(|()| Answer::Agrees)
}

/// What the variables of a file are, or that it is refused. The programs written in Go leave an empty answer out.
fn read_as(case: &Value, dialect: Dialect) -> Result<(), String> {
    let written = text(case, "text")?;
    let wanted = field(field(case, "results")?, dialect.name())?;
    let lookup = |name: &str| case["env"][name].as_str().map(str::to_owned);
    let parsed = parse(written, dialect);
    let resolved = resolve(&parsed.tree, &lookup);
    let given = Given { file: &parsed.tree, values: &resolved.tree };
    if dialect == Dialect::PythonDotenv {
        // A line that it cannot read loses only itself.
        let index = LineIndex::new(written);
        let lines = parsed.errors.iter().map(|error| u64::from(index.line(error.span.start)));
        let wanted_lines = items(field(wanted, "error_lines")?).filter_map(Value::as_u64);
        same("lines of errors", lines.collect::<Vec<_>>(), wanted_lines.collect())?;
        return same("python_dotenv", given.with_absent(), variables(field(wanted, "vars")?));
    }
    let refused = parsed.errors.iter().chain(&resolved.errors).next();
    if refused.is_some() != wanted["error"].is_string() {
        return Err(format!("{dialect}: {refused:?}, not {wanted}"));
    }
    match dialect {
        Dialect::DockerEnvFile if wanted["list"].is_null() => same(dialect.name(), given.lines(), Vec::new()),
        Dialect::DockerEnvFile => same(dialect.name(), given.lines(), texts(wanted, "list")?),
        Dialect::Dotenvy if refused.is_some() => {
            same(dialect.name(), given.variables(), variables(field(wanted, "vars_before_error")?))
        }
        _ => same(dialect.name(), given.variables(), variables(&wanted["vars"])),
    }
}

type Variables = BTreeMap<String, Option<String>>;

fn variables(object: &Value) -> Variables {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()
}

/// What a file sets.
struct Given<'g> {
    file: &'g EnvFile,
    /// Indices of entries, and their texts.
    values: &'g [(usize, String)],
}

impl Given<'_> {
    fn key(&self, index: usize) -> &str {
        &self.file.entries[index].key.value
    }

    fn lines(&self) -> Vec<String> {
        self.values.iter().map(|(index, text)| format!("{}={text}", self.key(*index))).collect()
    }

    fn variables(&self) -> Variables {
        self.values.iter().map(|(index, text)| (self.key(*index).to_owned(), Some(text.clone()))).collect()
    }

    /// With the keys that are known and not set.
    fn with_absent(&self) -> Variables {
        let texts: BTreeMap<usize, &String> =
            self.values.iter().map(|(index, text)| (*index, text)).collect();
        let text_of = |index: usize| texts.get(&index).map(|text| (*text).clone());
        (0..self.file.entries.len()).map(|index| (self.key(index).to_owned(), text_of(index))).collect()
    }
}
