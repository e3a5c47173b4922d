//! What holds, key by key, and the line that says so.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use source::{Place, Span, Tree};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Config;
use crate::document::Document;

/// One key of the configuration and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key with the sections around it: `environment.staging.files`.
    pub key: String,
    /// The value as TOML.
    pub value: String,
    /// Where the value stands.
    pub at: Place,
}

/// Sections of which a later file replaces all that an earlier one says.
const WHOLE: &[(&str, usize)] = &[("gate", 1), ("target", 1), ("scope", 1), ("timeouts", 2), ("service", 4)];

/// Every key that holds after all files of the configuration are read, in the order of the keys. Lists that add up,
/// `exclude` and `allow`, have an entry for each file or item.
#[must_use]
pub fn entries(tree: &dyn Tree, config: &Config) -> Vec<Entry> {
    let mut held: Vec<Entry> = Vec::new();
    for path in &config.files {
        let Ok(document) = Document::read(tree, path) else { continue };
        let (table, _) = DeTable::parse_recoverable(&document.text);
        let mut found = Vec::new();
        Walk { document: &document, found: &mut found }.table("", table.get_ref());
        held.retain(|entry| !found.iter().any(|later| replaces(later, entry)));
        held.extend(found);
    }
    held.sort_by(|one, other| one.key.cmp(&other.key));
    held
}

/// Whether a later entry makes an earlier one void.
fn replaces(later: &Entry, earlier: &Entry) -> bool {
    if matches!(earlier.key.as_str(), "exclude" | "extends") || earlier.key.starts_with("allow") {
        return false;
    }
    let is_whole = WHOLE.iter().any(|(section, depth)| {
        let start = |key: &str| key.split('.').take(*depth).map(str::to_owned).collect::<Vec<_>>();
        let of_section = earlier.key.split('.').next() == Some(*section);
        // `service.NAME.deploy.ENVIRONMENT` is replaced as one, the other keys of a service one by one.
        of_section && start(&later.key) == start(&earlier.key)
    });
    later.key == earlier.key || is_whole
}

struct Walk<'w> {
    document: &'w Document,
    found: &'w mut Vec<Entry>,
}

impl Walk<'_> {
    fn table(&mut self, section: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let key = name(section, key);
            match value.get_ref() {
                DeValue::Table(inside) if !inside.is_empty() => self.table(&key, inside),
                DeValue::Array(items) if is_of_tables(items) => {
                    for (at, item) in items.iter().enumerate() {
                        if let DeValue::Table(inside) = item.get_ref() {
                            self.table(&format!("{key}[{at}]"), inside);
                        }
                    }
                }
                _ => self.value(key, value),
            }
        }
    }

    fn value(&mut self, key: String, value: &Spanned<DeValue<'_>>) {
        let range = value.span();
        let at = self.document.place(Span::new(range.start, range.end));
        let read = toml::Value::deserialize(value.clone().into_deserializer());
        let value = read.map(|value| value.to_string()).unwrap_or_default();
        self.found.push(Entry { key, value, at });
    }
}

fn is_of_tables(items: &[Spanned<DeValue<'_>>]) -> bool {
    !items.is_empty() && items.iter().all(|item| matches!(item.get_ref(), DeValue::Table(_)))
}

/// The name of a key below its sections; an environment has its canonical one, by which it is known.
fn name(section: &str, key: &Spanned<DeString<'_>>) -> String {
    let key = key.get_ref();
    let is_environment = section == "environment" || section.ends_with(".deploy");
    let known = if is_environment { facts::environment::canonical(key) } else { None };
    let key = known.unwrap_or(key);
    let is_bare = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let key = if is_bare { key.to_owned() } else { toml::Value::from(key).to_string() };
    if section.is_empty() { key } else { format!("{section}.{key}") }
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use super::*;

    #[test]
    fn what_holds_is_told_with_the_file_that_says_it() {
        let tree: Memory = [
            (
                "shipworthy.toml",
                "extends = [\"base.toml\"]\nexclude = [\"a\"]\n[environment.prod]\nhosts = [\"b\"]\n\
                 [timeouts]\nx = { at_least = 1 }\n",
            ),
            (
                "base.toml",
                "exclude = [\"c\"]\n[environment.production]\nhosts = [\"d\"]\ndeployed = true\n\
                 [timeouts]\nx = { equals = \"2s\" }\n[[allow]]\nrule = \"localhost-url\"\nreason = \"r\"\n",
            ),
        ]
        .into_iter()
        .collect();
        let held = entries(&tree, &Config::load(&tree));
        let told: Vec<String> = held
            .iter()
            .map(|entry| format!("{} = {} {}:{}", entry.key, entry.value, entry.at.path, entry.at.line))
            .collect();
        assert_eq!(
            told,
            [
                "allow[0].reason = \"r\" base.toml:9",
                "allow[0].rule = \"localhost-url\" base.toml:8",
                "environment.production.deployed = true base.toml:4",
                "environment.production.hosts = [\"b\"] shipworthy.toml:4",
                "exclude = [\"c\"] base.toml:1",
                "exclude = [\"a\"] shipworthy.toml:2",
                "extends = [\"base.toml\"] shipworthy.toml:1",
                "timeouts.x.at_least = 1 shipworthy.toml:6",
            ]
        );
    }
}
