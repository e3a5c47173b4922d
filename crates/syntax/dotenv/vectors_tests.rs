//! The judged cases of `dotenv_matrix.jsonl`: what each real reader made of a text.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::*;

/// How many cases of each dialect must be met.
const MINIMUM: usize = 180;

#[expect(clippy::disallowed_methods, reason = "the judged cases lie outside of the repository")]
#[test]
fn dotenv_matrix() {
    let Ok(folder) = std::env::var("SHIPWORTHY_VECTORS") else {
        println!("skipped");
        return;
    };
    let lines = std::fs::read_to_string(format!("{folder}/dotenv_matrix.jsonl")).unwrap();
    let cases: Vec<Json> = lines.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    for dialect in Dialect::ALL {
        let judged: Vec<&Json> =
            cases.iter().filter(|case| !case["results"][dialect.name()].is_null()).collect();
        let missed: Vec<String> = judged.iter().filter_map(|case| judge(case, dialect).err()).collect();
        println!("dotenv_matrix {dialect}: {} of {}", judged.len() - missed.len(), judged.len());
        for miss in &missed {
            println!("  missed {miss}");
        }
        assert!(judged.len() - missed.len() >= MINIMUM);
    }
}

fn judge(case: &Json, dialect: Dialect) -> Result<(), String> {
    let text = case["text"].as_str().unwrap();
    let wanted = &case["results"][dialect.name()];
    let parsed = parse(text, dialect);
    let resolved = resolve(&parsed.tree, &|name| case["env"][name].as_str().map(str::to_owned));
    let given = Given { file: &parsed.tree, values: &resolved.tree };
    let has_failed =
        (dialect != Dialect::PythonDotenv && !parsed.errors.is_empty()) || !resolved.errors.is_empty();
    let is_same = has_failed == wanted["error"].is_string()
        && match dialect {
            Dialect::DockerEnvFile => given.lines() == strings(&wanted["list"]),
            Dialect::Dotenvy if has_failed => given.map() == map(&wanted["vars_before_error"]),
            Dialect::PythonDotenv => {
                given.map_with_absent() == map(&wanted["vars"])
                    && parsed.errors.len() == wanted["error_lines"].as_array().unwrap().len()
            }
            _ => given.map() == map(&wanted["vars"]),
        };
    if is_same {
        return Ok(());
    }
    Err(format!("{} {text:?}: {:?} {:?}, not {wanted}", case["id"], given.map_with_absent(), parsed.errors))
}

struct Given<'g> {
    file: &'g EnvFile,
    values: &'g [(usize, String)],
}

impl Given<'_> {
    fn lines(&self) -> Vec<String> {
        let key = |index: usize| &self.file.entries[index].key.value;
        self.values.iter().map(|(index, text)| format!("{}={text}", key(*index))).collect()
    }

    fn map(&self) -> BTreeMap<String, Option<String>> {
        let key = |index: usize| self.file.entries[index].key.value.clone();
        self.values.iter().map(|(index, text)| (key(*index), Some(text.clone()))).collect()
    }

    /// With the keys that python-dotenv knows and does not set.
    fn map_with_absent(&self) -> BTreeMap<String, Option<String>> {
        let texts: BTreeMap<usize, &String> =
            self.values.iter().map(|(index, text)| (*index, text)).collect();
        let entries = self.file.entries.iter().enumerate();
        entries
            .map(|(index, entry)| (entry.key.value.clone(), texts.get(&index).map(|text| (*text).clone())))
            .collect()
    }
}

fn strings(list: &Json) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|line| line.as_str().unwrap().to_owned()).collect()
}

fn map(object: &Json) -> BTreeMap<String, Option<String>> {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()
}
