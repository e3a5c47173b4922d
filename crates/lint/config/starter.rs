//! A first `shipworthy.toml`, made of what the files themselves say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use facts::Facts;
use facts::image::Image;
use source::{FileKind, directory_of, file_name};

use crate::{Registry, checks};

const HEAD: &str = "\
# What the files of this repository cannot say by themselves. No key is needed: without one, defaults hold.
# Paths and patterns are relative to this file. `shipworthy schema` describes every key, `shipworthy config` shows what
# holds, and an entry that matches nothing is reported.

required-version = \">=VERSION\"
";

const TAIL: &str = "
# Other things worth declaring, each where it applies:
#
# exclude = [\"third_party/**\"]                # at the top of this file: nothing is reported there
#
# [environment.staging]
# hosts = [\"*.staging.example.com\"]           # the hosts that belong to it
# variables = { ENVIRONMENT = \"staging\" }     # what every deployment of it sets
#
# [timeouts]
# backend_timeout_sec = { at_least = \"60s\", environments = [\"production\"] }
#
# [[allow]]
# rule = \"copy-source-missing\"
# path = \"docker/ci.Dockerfile\"
# reason = \"built in the workflow before docker build\"
# until = \"2027-01-31\"
";

/// One section of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Why it stands there, in one line.
    pub comment: String,
    /// Its lines, as TOML.
    pub text: String,
    /// Whether it takes effect; otherwise it is written as a comment.
    pub is_active: bool,
}

/// The sections for what was found.
#[must_use]
pub fn sections(facts: &Facts, registry: &Registry) -> Vec<Section> {
    let environments = facts.environments.iter().map(|name| environment(name, facts));
    let mut sections: Vec<Section> = environments.collect();
    sections.extend(services(facts));
    sections.extend(secrets(facts, registry));
    sections
}

/// The text of the whole file.
#[must_use]
pub fn text(sections: &[Section]) -> String {
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').map_or("0.1", |(version, _)| version);
    let mut text = HEAD.replace("VERSION", version);
    for section in sections {
        // Writing to a string does not fail.
        let _ = write!(text, "\n# {}\n", section.comment);
        for line in section.text.lines() {
            let _ = writeln!(text, "{}{line}", if section.is_active { "" } else { "# " });
        }
    }
    text + TAIL
}

fn active(comment: impl Into<String>, text: String) -> Section {
    Section { comment: comment.into(), text, is_active: true }
}

/// Files of values that speak of one environment alone.
fn environment(name: &str, facts: &Facts) -> Section {
    let holds_values = |kind| {
        matches!(kind, FileKind::EnvFile | FileKind::Tfvars | FileKind::TfvarsJson | FileKind::Compose)
    };
    let files = facts.files.iter().filter(|file| holds_values(file.kind) && file.environments == [name]);
    let mut text = format!("[environment.{}]\n", key(name));
    let mut listed = String::new();
    for file in files {
        let _ = writeln!(listed, "    {},", string(&pattern(&file.path)));
    }
    if listed.is_empty() {
        text += "deployed = true\n";
        return active("Named by workflows, scripts or deployment files.", text);
    }
    let _ = write!(text, "files = [\n{listed}]\n");
    active("Files that speak of this environment, by their name or by what they set.", text)
}

fn services(facts: &Facts) -> Vec<Section> {
    let mut named: BTreeMap<String, &Image> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for image in facts.images.iter().filter(|image| image.context_is_certain) {
        if seen.insert(&image.dockerfile) {
            let name = service_name(image);
            let free = (1..).map(|n| if n == 1 { name.clone() } else { format!("{name}-{n}") });
            let mut free = free.take(1000).filter(|name| !named.contains_key(name));
            named.insert(free.next().unwrap_or(name.clone()), image);
        }
    }
    let section = |(name, image): (String, &Image)| {
        let context = if image.context.is_empty() { "." } else { &image.context };
        let text = format!(
            "[service.{}]\ndockerfile = {}\ncontext = {}\n",
            key(&name),
            string(&image.dockerfile),
            string(context)
        );
        let comment = image.built_by.first().map_or_else(
            || "A Dockerfile that nothing here builds; its context is where its sources exist.".to_owned(),
            |at| format!("Built by {}:{}.", at.path, at.line),
        );
        active(comment, text)
    };
    named.into_iter().map(section).collect()
}

/// What a build is called: the service that it serves, else a word of its Dockerfile's name, else the nearest telling
/// directory of its context or its own.
fn service_name(image: &Image) -> String {
    if let Some(service) = &image.scope.service {
        return service.clone();
    }
    let tells = |word: &&str| {
        const GENERIC: [&str; 6] = ["", "dockerfile", "containerfile", "docker", "src", "build"];
        !GENERIC.contains(&word.to_ascii_lowercase().as_str())
    };
    let words = file_name(&image.dockerfile).split('.');
    let context = image.context.rsplit('/');
    let own = directory_of(&image.dockerfile).rsplit('/');
    words.chain(context).chain(own).find(tells).unwrap_or("app").to_owned()
}

/// The affix that secrets carry by a clear majority.
fn secrets(facts: &Facts, registry: &Registry) -> Option<Section> {
    let policy = &registry.get("secret-missing-affix")?.head.policy;
    let inferred = checks::inferred_affixes(policy, facts);
    let form = inferred.values().next()?.clone();
    let environments: Vec<&str> =
        inferred.iter().filter(|(_, other)| **other == form).map(|(name, _)| name.as_str()).collect();
    let listed = environments.iter().map(|name| string(name)).collect::<Vec<_>>().join(", ");
    let text = format!("[secrets]\naffix = {}\nenvironments = [{listed}]\n", string(&form));
    Some(active("How most secrets that are bound carry their environment.", text))
}

/// A path as a pattern that stands for it alone.
fn pattern(path: &str) -> String {
    let mut pattern = String::from(if path.contains('/') { "" } else { "/" });
    for letter in path.chars() {
        if matches!(letter, '*' | '?' | '[' | '{' | '}') {
            pattern.extend(['[', letter, ']']);
        } else {
            pattern.push(letter);
        }
    }
    pattern
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_bare { name.to_owned() } else { string(name) }
}

fn string(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use super::*;
    use crate::Config;

    #[test]
    fn a_first_file_says_what_was_found_and_is_understood() {
        let mut tree: Memory = [
            (".env.staging", "API_URL=https://api.harbour.example\n"),
            ("config/prod [eu].env", "ENVIRONMENT=production\nA=1\n"),
            ("docker-compose.yml", "services:\n  api:\n    build: ./backend\n"),
            ("backend/Dockerfile", "FROM scratch\nCOPY a /a\n"),
            ("backend/a", ""),
        ]
        .into_iter()
        .collect();
        let facts = facts::collect(&tree, &Config::default().declared());
        let text = text(&sections(&facts, &Registry::built_in()));
        for line in ["[environment.staging]", "\"/.env.staging\",", "[service.api]", "context = \"backend\""]
        {
            assert!(text.contains(line), "{line}\n{text}");
        }
        tree.insert("shipworthy.toml", text.clone());
        let config = Config::load(&tree);
        assert!(config.problems.is_empty() && config.notes.is_empty(), "{:?}\n{text}", config.problems);
        assert!(config.environments["staging"].files[0].matches(".env.staging"));
        assert!(config.environments["production"].files[0].matches("config/prod [eu].env"));
    }
}
