//! What a rule forbids.

use std::ops::Range;

use facts::{Facts, Role, Setting, SettingSource, StartedCommand};
use regex::{Regex, RegexSet};
use serde::Deserialize;
use source::{directory_of, file_name, has_word, redact};

use crate::Severity;
use crate::checks::support::destination::{Hosts, destinations};
use crate::checks::support::words::{Phrase, any_in, is_pattern, is_prose, tokens};

/// The policy as a rule file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
struct Written {
    /// Words of keys that are judged; every key where none is named.
    keys: Vec<String>,
    /// Words of keys that are not judged.
    except_keys: Vec<String>,
    /// Words that a value must not hold.
    words: Vec<String>,
    /// Forms that a value must not have.
    markers: Vec<Marker>,
    /// Regular expressions of values that are not judged.
    except_values: Vec<String>,
    /// Hosts that a value must not lead to.
    hosts: Vec<String>,
    /// Words of keys whose value may well be meant: a finding is a warning at most.
    doubtful_keys: Vec<String>,
    /// Programs that listen for another one in the same container: where a start script has one, a finding is a warning at
    /// most.
    tunnels: Vec<String>,
    /// Last words of keys that say where users find the program itself, and not where it connects to.
    own_address_keys: Vec<String>,
    /// What is said of these.
    own_address_message: Option<String>,
    /// Beginnings of keys whose value a bundler writes into what browsers load.
    browser_prefixes: Vec<String>,
    /// What is said of these.
    browser_message: Option<String>,
    /// What is said of a name that only a developer's machine knows: `host.docker.internal`.
    desktop_message: Option<String>,
    /// How grave a finding is where the environment is not known.
    unknown_environment: Option<Severity>,
    /// What is said: `{key}`, `{found}` and `{where}` are filled in.
    message: Option<String>,
}

/// A form that a value must not have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Marker {
    /// A regular expression that is found in the value.
    pattern: String,
    /// The form for people. The text that matched is never shown, for it may be a secret.
    says: String,
    /// Whether only the values of secrets are judged.
    #[serde(default)]
    secrets_only: bool,
}

/// The policy, ready for use.
pub(super) struct Policy {
    keys: Vec<Phrase>,
    except_keys: Vec<Phrase>,
    words: Vec<Phrase>,
    markers: Vec<(Regex, Marker)>,
    /// All markers at once: few values have any.
    any_marker: RegexSet,
    except_values: Vec<Regex>,
    hosts: Hosts,
    doubtful_keys: Vec<Phrase>,
    tunnels: Vec<String>,
    own_address_keys: Vec<Phrase>,
    own_address_message: Option<String>,
    browser_prefixes: Vec<String>,
    browser_message: Option<String>,
    desktop_message: Option<String>,
    pub(super) unknown_environment: Option<Severity>,
    message: String,
}

/// Something forbidden in a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes of the value.
    pub(super) range: Range<usize>,
    /// What it is, for people.
    pub(super) says: String,
    /// Whether it may be meant as it stands.
    pub(super) is_doubtful: bool,
}

impl Policy {
    pub(super) fn read(table: &toml::Table) -> Result<Self, String> {
        let written: Written = crate::checks::policy(table)?;
        let phrases = |texts: &[String]| texts.iter().map(|text| Phrase::new(text)).collect();
        let regexes =
            |texts: &[String]| texts.iter().map(|text| compiled(text)).collect::<Result<Vec<_>, _>>();
        let any_marker = RegexSet::new(written.markers.iter().map(|marker| &marker.pattern))
            .map_err(|error| format!("the markers are no regular expressions: {error}"))?;
        let markers = written.markers.into_iter().map(|marker| Ok((compiled(&marker.pattern)?, marker)));
        Ok(Self {
            keys: phrases(&written.keys),
            except_keys: phrases(&written.except_keys),
            words: phrases(&written.words),
            markers: markers.collect::<Result<_, String>>()?,
            any_marker,
            except_values: regexes(&written.except_values)?,
            hosts: Hosts::new(written.hosts),
            doubtful_keys: phrases(&written.doubtful_keys),
            tunnels: written.tunnels,
            own_address_keys: phrases(&written.own_address_keys),
            own_address_message: written.own_address_message,
            browser_prefixes: written.browser_prefixes,
            browser_message: written.browser_message,
            desktop_message: written.desktop_message,
            unknown_environment: written.unknown_environment,
            message: written.message.unwrap_or_else(|| "`{key}` holds {found}{where}".to_owned()),
        })
    }

    /// The first thing in a setting's value that is forbidden. Few values hold any, so the key is looked at last.
    pub(super) fn find(&self, setting: &Setting) -> Option<Found> {
        let (key, value) = (setting.key.as_str(), setting.value.as_str());
        if value.trim().is_empty() {
            return None;
        }
        let text = self.text(key, value).filter(|_| !is_pattern(value));
        let found = text.or_else(|| self.host(setting))?;
        let word = value.get(found.range.clone()).unwrap_or("");
        let is_loud = !word.contains(char::is_lowercase);
        let is_name = is_name_of_object(setting) || is_named_after_its_block(setting, word);
        if is_name && !is_loud || is_replaced_at_start(setting) {
            return None;
        }
        let is_judged = (self.keys.is_empty() || any_in(&self.keys, key))
            && !any_in(&self.except_keys, key)
            && !self.except_values.iter().any(|except| except.is_match(value));
        is_judged.then_some(found)
    }

    fn host(&self, setting: &Setting) -> Option<Found> {
        // Where containers share a network a neighbour answers.
        if self.hosts.is_empty() || setting.role == Role::SharedHost {
            return None;
        }
        let value = setting.value.as_str();
        let host = destinations(&setting.key, value).find(|destination| self.hosts.forbid(destination))?;
        // By convention PORT is where the program itself listens: it asks itself.
        let rest = value.get(host.range.end..).unwrap_or("");
        // `http://localhost:3000/*` says which addresses are allowed, and asks none.
        if rest.split([',', ' ', ';']).next().is_some_and(|rest| rest.contains('*')) {
            return None;
        }
        if [":$PORT", ":${PORT}", ":${PORT:"].iter().any(|port| rest.starts_with(port)) {
            return None;
        }
        let says = format!("`{}`", value.get(host.range.clone())?);
        let is_doubtful = any_in(&self.doubtful_keys, &setting.key);
        Some(Found { says, range: host.range, is_doubtful })
    }

    /// Forbidden words and forms. A sentence counts only by its beginning: in the middle of one they are meant.
    fn text(&self, key: &str, value: &str) -> Option<Found> {
        let counts = |range: &Range<usize>| {
            let is_first = || value.get(..range.start).is_some_and(|before| before.trim().is_empty());
            (!is_prose(value) || is_first()) && !is_file_name(value, range)
        };
        let is_doubtful = |range: &Range<usize>| {
            let is_loud = value.get(range.clone()).is_some_and(|text| !text.contains(char::is_lowercase));
            !redact::is_secret_name(key) && !is_loud && (is_prose(value) || is_path_of_url(value, range))
        };
        let tokens = if self.words.is_empty() { Vec::new() } else { tokens(value) };
        let word = self.words.iter().find_map(|phrase| {
            let range = phrase.find_among(&tokens).filter(counts)?;
            let says = format!("`{}`", shown(key, value, &range));
            Some(Found { says, is_doubtful: is_doubtful(&range), range })
        });
        word.or_else(|| {
            let markers = self.any_marker.is_match(value).then_some(&self.markers);
            markers.into_iter().flatten().find_map(|(regex, marker)| {
                if marker.secrets_only && !redact::is_secret_name(key) {
                    return None;
                }
                let range = regex.find(value).map(|found| found.range()).filter(counts)?;
                Some(Found { is_doubtful: false, range, says: marker.says.clone() })
            })
        })
    }

    /// Whether a start script of the setting's program runs one of the programs that listen for another one.
    pub(super) fn has_tunnel(&self, setting: &Setting, facts: &Facts) -> bool {
        let starts = |command: &&StartedCommand| {
            let words = command.words.iter().take(2).map(|word| file_name(&word.value));
            words.into_iter().any(|word| self.tunnels.iter().any(|tunnel| tunnel == word))
        };
        let mut tunnels = facts.started_commands.iter().filter(starts);
        tunnels.any(|command| command.words.first().is_some_and(|word| is_of(setting, &word.at.path, facts)))
    }

    /// Whether hosts are forbidden, and no words.
    pub(super) fn is_of_hosts(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Whether a key ends in words for the program's own public address.
    pub(super) fn is_own_address(&self, key: &str) -> bool {
        let tokens = tokens(key);
        self.own_address_keys.iter().any(|phrase| phrase.ends(&tokens))
    }

    /// Whether browsers read the value, and not the container.
    pub(super) fn is_for_browsers(&self, key: &str) -> bool {
        self.browser_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }

    /// What is said of a finding.
    pub(super) fn message(&self, key: &str, found: &Found, environment: Option<&str>) -> String {
        let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
        let own = self.own_address_message.as_ref().filter(|_| self.is_own_address(key));
        let browser = self.browser_message.as_ref().filter(|_| self.is_for_browsers(key));
        let desktop = self.desktop_message.as_ref().filter(|_| found.says.contains(".docker.internal"));
        own.or(browser)
            .or(desktop)
            .unwrap_or(&self.message)
            .replace("{key}", key)
            .replace("{found}", &found.says)
            .replace("{where}", &place)
    }
}

/// A word of a value with the letters, digits, hyphens and underscores around it, unless a secret stands there.
fn shown<'v>(key: &str, value: &'v str, word: &Range<usize>) -> &'v str {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (before, after) = (value.get(..word.start).unwrap_or(""), value.get(word.end..).unwrap_or(""));
    let start = before.trim_end_matches(is_inside).len();
    let end = value.len() - after.trim_start_matches(is_inside).len();
    let whole = value.get(start..end).unwrap_or("");
    if redact::value(key, value).contains(whole) { whole } else { value.get(word.clone()).unwrap_or("") }
}

/// Whether a value is what an object of Kubernetes, a container or a volume is called: a name that people chose.
fn is_name_of_object(setting: &Setting) -> bool {
    const OF_OBJECTS: &[&str] = &["metadata", "containers", "initContainers", "volumes", "volumeMounts"];
    setting.key == "name"
        && setting.source == SettingSource::Yaml
        && setting.within.last().is_some_and(|within| OF_OBJECTS.contains(&within.as_str()))
}

/// Whether a block of Terraform is called what a name in it says: `resource "x" "placeholder" { name = "placeholder-a" }`
/// describes something that stands in for another thing, and means to.
fn is_named_after_its_block(setting: &Setting, word: &str) -> bool {
    setting.source == SettingSource::Terraform
        && matches!(setting.key.as_str(), "name" | "id" | "display_name" | "account_id")
        && setting.within.iter().any(|label| source::has_word(label, &[word]))
}

/// Whether a value is its own key between marks, in the image of a bundled program: the script that starts it replaces
/// the mark with the value of the deployment. `ENV VITE_API_URL=__VITE_API_URL_PLACEHOLDER__`
fn is_replaced_at_start(setting: &Setting) -> bool {
    setting.source == SettingSource::DockerfileEnv
        && setting.value.len() > setting.key.len()
        && setting.value.contains(&setting.key)
}

/// Whether a word stands in the name of a file, with an ending: `https://cdn.example.com/placeholder.png`.
fn is_file_name(value: &str, word: &Range<usize>) -> bool {
    let (Some(before), Some(after)) = (value.get(..word.start), value.get(word.end..)) else { return false };
    let rest = after.split(['/', '?', '#', ',', ' ', '"']).next().unwrap_or("");
    let ending = rest.rsplit_once('.').map_or("", |(_, ending)| ending);
    // In the host of a URL a dot begins no ending.
    let is_in_host = before.rsplit_once("://").is_some_and(|(_, authority)| !authority.contains('/'));
    let is_ending =
        (2..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ending && !is_in_host && FILE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}

/// Endings of files that are shown or read in place of another one.
const FILE_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "mp4", "webm", "mp3", "wav", "pdf",
    "html", "htm", "css", "js", "mjs", "json", "txt", "md", "csv", "woff", "woff2", "ttf", "glb",
];

/// Whether a word stands behind the host of a URL.
fn is_path_of_url(value: &str, word: &Range<usize>) -> bool {
    let before = value.get(..word.start).unwrap_or("");
    before.rsplit_once("://").is_some_and(|(_, rest)| rest.contains('/') && !rest.contains([' ', ',']))
}

/// Whether a setting is of the program that a script starts, as the name of the script's folder says: in the path of the
/// setting, in the name of its service, or where it names none in that of a service that its file deploys. A script of the
/// root starts the only program there is.
fn is_of(setting: &Setting, script: &str, facts: &Facts) -> bool {
    let folder = file_name(directory_of(script));
    let is_named = |name: &str| has_word(name, &[folder]);
    let is_deployed_here = || {
        let mut here = facts.deployments.iter().filter(|deployment| deployment.at.path == setting.at.path);
        here.any(|deployment| is_named(&deployment.service))
    };
    folder.is_empty()
        || is_named(&setting.at.path)
        || setting.scope.service.as_deref().map_or_else(is_deployed_here, is_named)
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| format!("`{pattern}` is no regular expression: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_shown_whole_unless_it_is_a_secret() {
        let show =
            |key, value: &'static str| shown(key, value, &Phrase::new("placeholder").find(value).unwrap());
        assert_eq!(show("DB_URL", "db://:@my_db_placeholder:80/x"), "my_db_placeholder");
        assert_eq!(show("DB_PASSWORD", "my_placeholder"), "placeholder");
        assert_eq!(show("DB_URL", "db://u:my_placeholder@db/x"), "placeholder");
    }
}
