//! What a program has besides the variables of its deployment: its start, its scripts and its own code set more, or load
//! them from files. What these may set is not known to be absent.

use std::collections::BTreeSet;

use rayon::prelude::*;
use source::{FileKind, MAX_CONFIG_BYTES, file_name, is_test, is_within, join};

use super::shipped::Shipped;
use crate::image::Image;
use crate::inventory::Inventory;
use crate::record::Use;
use crate::{Deployment, Facts, Setting, SettingSource};

/// Tools that decide `NODE_ENV` themselves, as a package's manifest names them.
/// Source: <https://nextjs.org/docs/app/guides/environment-variables>, <https://vite.dev/guide/env-and-mode>,
/// <https://create-react-app.dev/docs/adding-custom-environment-variables/>.
const SET_NODE_ENV: &[&str] = &[
    "\"next\"",
    "\"vite\"",
    "\"react-scripts\"",
    "\"nuxt\"",
    "\"astro\"",
    "\"gatsby\"",
    "\"@remix-run/dev\"",
    "\"@angular/cli\"",
    "\"@vue/cli-service\"",
    "\"webpack\"",
    "\"parcel\"",
];

/// Beginnings of names that bundlers replace by what they hold in the build.
const BUNDLED: &[&str] =
    &["VITE_", "NEXT_PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "GATSBY_", "EXPO_PUBLIC_", "VUE_APP_"];

/// What a command says that loads variables from files: `node --env-file`, `uvicorn --env-file`, `env-cmd`,
/// `node -r dotenv/config`, `dotenv --`.
const LOAD_FILES: &[&str] = &["--env-file", "env-cmd", "dotenv"];

/// What the start of a program adds to its variables.
#[derive(Default)]
struct Added {
    /// Those that it may set.
    names: BTreeSet<String>,
    /// The env files that it loads, where they are there.
    files: BTreeSet<String>,
    /// Whether it may load any from files that no file tells.
    loads_files: bool,
}

/// Notes what the programs of deployments may have besides what they are given. What the configuration calls complete has
/// no variables from files.
pub(super) fn note(inventory: &Inventory<'_>, uses: &[Use], facts: &mut Facts) {
    let mut deployments = std::mem::take(&mut facts.deployments);
    let complete = deployments.iter().filter(|deployment| deployment.complete);
    let services: BTreeSet<String> = complete.map(|deployment| deployment.service.clone()).collect();
    let started = Started { inventory, facts };
    let is_deployed = |image: &&Image| services.iter().any(|service| image.is_for(service));
    let images: Vec<(&Image, Added)> =
        facts.images.par_iter().filter(is_deployed).map(|image| (image, started.by_image(image))).collect();
    for deployment in deployments.iter_mut().filter(|deployment| deployment.complete) {
        let shipped = Shipped::of(facts, uses, deployment);
        let may_hold =
            |path: &String| shipped.as_ref().is_none_or(|shipped| shipped.may_hold(inventory, path));
        let mut added = Added::default();
        added.command(&started.command_of(deployment));
        let own = |image: &Image| image.is_for(&deployment.service);
        for (_, by_image) in images.iter().filter(|(image, _)| own(image)) {
            added.names.extend(by_image.names.iter().cloned());
            added.loads_files |= by_image.loads_files || by_image.files.iter().any(may_hold);
        }
        deployment.complete = !added.loads_files || *deployment.at.path == *"shipworthy.toml";
        deployment.may_be_set.extend(added.names);
    }
    facts.deployments = deployments;
}

struct Started<'s> {
    inventory: &'s Inventory<'s>,
    facts: &'s Facts,
}

impl Started<'_> {
    fn by_image(&self, image: &Image) -> Added {
        let text = self.text(&image.dockerfile).unwrap_or_default();
        let start = start_of(&text);
        let mut added = Added {
            names: self.bundled(image, &text),
            loads_files: image.sets.is_none(),
            ..Added::default()
        };
        added.names.extend(image.sets.iter().flatten().cloned());
        added.command(&start);
        if start.contains("flask") {
            added.files.insert(".flaskenv".to_owned());
        }
        let composed = self.facts.compose_services.iter();
        let composed = composed.filter(|service| image.is_for(&service.name));
        let commands = composed.flat_map(|service| &service.command).map(|word| word.value.as_str());
        let commands: Vec<&str> = std::iter::once(text.as_str()).chain(commands).collect();
        self.add_manifest(image, &commands.join(" "), &mut added);
        for path in code_of(image) {
            let is_entry = image.entry.iter().any(|entry| is_written(image, &entry.written, &path));
            self.add_code(&path, is_entry, &mut added);
        }
        added
    }

    /// Variables that a bundler writes into the program when the image is built: those that its Dockerfile names, and those
    /// of env files in its context.
    fn bundled(&self, image: &Image, dockerfile: &str) -> BTreeSet<String> {
        let is_in_context = |setting: &&Setting| {
            setting.source == SettingSource::EnvFile && is_within(&setting.at.path, &image.context)
        };
        let in_files = self.facts.settings.iter().filter(is_in_context).map(|setting| setting.key.as_str());
        let named = dockerfile.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let is_bundled = |name: &&str| BUNDLED.iter().any(|beginning| name.starts_with(beginning));
        in_files.chain(named).filter(is_bundled).map(str::to_owned).collect()
    }

    /// The words of `entrypoint:` and `command:` of the Compose service that it is.
    fn command_of(&self, deployment: &Deployment) -> String {
        let own = self.facts.compose_services.iter().filter(|service| {
            service.name == deployment.service
                && deployment.descriptions.iter().any(|own| own.at.path == service.at.path)
        });
        let words = own.flat_map(|service| &service.command).map(|word| word.value.as_str());
        words.collect::<Vec<_>>().join(" ")
    }

    /// The scripts of a package that commands run, and what its tools set.
    fn add_manifest(&self, image: &Image, commands: &str, added: &mut Added) {
        let Some(path) = join(&image.context, "package.json") else { return };
        let Some(text) = self.text(&path) else { return };
        if SET_NODE_ENV.iter().any(|tool| text.contains(tool)) {
            added.names.insert("NODE_ENV".to_owned());
        }
        let words: BTreeSet<&str> =
            commands.split([' ', '"', '\'', ',', ']', '\n', '\t', '&', ';']).collect();
        for line in text.lines() {
            let Some((name, script)) = line.trim().trim_start_matches('"').split_once("\":") else {
                continue;
            };
            if words.contains(name) {
                added.command(script);
            }
        }
        // A manifest may stand on one line.
        if text.lines().count() < 4 {
            added.command(&text);
        }
    }

    fn add_code(&self, path: &str, is_entry: bool, added: &mut Added) {
        let text = self.text(path).unwrap_or_default();
        for line in text.lines().filter(|line| line.contains("env")) {
            // What a function does is done where it is called.
            if !is_entry && line.starts_with([' ', '\t']) {
                continue;
            }
            let line = line.trim_start();
            added.names.extend(set_by(line).map(str::to_owned));
            added.files.extend(loaded_by(line).map(str::to_owned));
            added.loads_files |=
                line.contains("environ.update(") || line.contains("Object.assign(process.env");
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        let text = self.inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }
}

impl Added {
    /// Notes what a command line sets before the program that it starts, and what it loads.
    fn command(&mut self, text: &str) {
        self.names.extend(assigned(text).into_iter().map(str::to_owned));
        self.loads_files |= LOAD_FILES.iter().any(|sign| text.contains(sign));
    }
}

/// The code that an image starts, and what that may load.
fn code_of(image: &Image) -> BTreeSet<String> {
    let needs = image.needs.iter().map(ToString::to_string);
    let entries = image.entry.iter().filter_map(|entry| join(&image.context, &entry.written));
    let is_code = |path: &String| matches!(FileKind::of(path), FileKind::Python | FileKind::TypeScript);
    needs.chain(entries).filter(is_code).filter(|path| !is_test(path)).collect()
}

/// Whether what an image starts, as written, is this file: `server.js`, `main.py`, `main:app`.
fn is_written(image: &Image, written: &str, path: &str) -> bool {
    let module = written.split(':').next().unwrap_or(written).replace('.', "/");
    join(&image.context, written).as_deref() == Some(path)
        || path.strip_suffix(".py").is_some_and(|own| own.ends_with(&module))
}

/// The instructions of a Dockerfile that say what is started.
fn start_of(dockerfile: &str) -> String {
    let mut start = String::new();
    let mut continues = false;
    for line in dockerfile.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        continues |= first.eq_ignore_ascii_case("CMD") || first.eq_ignore_ascii_case("ENTRYPOINT");
        if continues {
            start.push_str(line);
            start.push('\n');
            continues = line.trim_end().ends_with('\\');
        }
    }
    start
}

/// The names before `=` at the start of words: `NAME=value program`, `--env NAME=value`.
fn assigned(text: &str) -> Vec<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut names = Vec::new();
    for (at, _) in text.match_indices('=') {
        let Some(before) = text.get(..at) else { continue };
        let name = before.rsplit(|letter| !is_part(letter)).next().unwrap_or_default();
        let lead = before.strip_suffix(name).and_then(|lead| lead.chars().next_back());
        let begins_word = lead.is_none_or(|lead| lead.is_whitespace() || "\"'`;&|(".contains(lead));
        if begins_word && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
            names.push(name);
        }
    }
    names
}

/// The variable of the process that a line of code sets.
fn set_by(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("process.env") {
        let (name, after) = member(rest)?;
        let after = after.trim_start().trim_start_matches(['|', '?']);
        return (after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>"))
            .then_some(name);
    }
    let rest = line.strip_prefix("os.").unwrap_or(line);
    if let Some(rest) = rest.strip_prefix("environ.setdefault(").or_else(|| rest.strip_prefix("putenv(")) {
        return quoted(rest).map(|(name, _)| name);
    }
    let (name, after) = member(rest.strip_prefix("environ")?)?;
    let after = after.trim_start();
    (after.starts_with('=') && !after.starts_with("==")).then_some(name)
}

/// `.NAME` or `["NAME"]`, and what follows.
fn member(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        return rest.split_at_checked(end).filter(|(name, _)| !name.is_empty());
    }
    let (name, after) = quoted(text.strip_prefix('[')?)?;
    Some((name, after.trim_start().strip_prefix(']')?))
}

/// A text in quotes, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    text.get(1..)?.split_once(quote)
}

/// The env file that a line of code loads.
fn loaded_by(line: &str) -> Option<&str> {
    let is_load = line.contains("load_dotenv(")
        || line.contains("dotenv") && (line.contains("config(") || line.contains("dotenv/config"))
        || line.contains("process.loadEnvFile(");
    let named = line.split(['"', '\'']).find(|text| file_name(text).contains(".env"));
    is_load.then(|| named.unwrap_or(".env"))
}
