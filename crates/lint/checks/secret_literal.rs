//! Credentials that stand in a committed file of a deployed environment.

use std::collections::BTreeSet;

use facts::{Facts, Setting};
use serde::Deserialize;
use source::redact;

use super::support::settings;
use super::support::words::{Phrase, any_in, tokens};
use crate::check::{Check, CheckContext};
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// The least number of characters of a value that may have been made at random.
    least_length: usize,
    /// The least number of bits for each character, from how often each one occurs.
    least_entropy: f64,
    /// Beginnings of variables that a bundler writes into what browsers load.
    public_prefixes: Vec<String>,
    /// Last words of names whose value every visitor is sent.
    public_names: Vec<String>,
    /// Words of values that are no secrets.
    except_words: Vec<String>,
}

struct SecretLiteral {
    policy: Policy,
    except: Vec<Phrase>,
    public_names: Vec<Phrase>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    let policy: Policy = super::policy(policy)?;
    let phrases = |words: &[String]| words.iter().map(|word| Phrase::new(word)).collect();
    let (except, public_names) = (phrases(&policy.except_words), phrases(&policy.public_names));
    Ok(Box::new(SecretLiteral { policy, except, public_names }))
}

impl Check for SecretLiteral {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        // The name of a secret is none.
        let named: BTreeSet<(&str, u32)> =
            facts.secrets.iter().map(|secret| (&*secret.at.path, secret.at.line)).collect();
        let judged = facts.settings.iter().filter(|setting| {
            settings::is_deployed_value(setting) && !named.contains(&(&*setting.at.path, setting.at.line))
        });
        judged.filter_map(|setting| self.fault(setting)).collect()
    }
}

impl SecretLiteral {
    fn fault(&self, setting: &Setting) -> Option<Fault> {
        let value = setting.value.trim();
        let environment = setting.scope.environment.as_deref();
        let (what, severity) = if redact::is_provider_credential(value) {
            ("has the form of a provider's credential", Severity::Error)
        } else if environment.is_some()
            && redact::url_password(value).is_some_and(|text| self.looks_random(text))
        {
            ("has a password in its address", Severity::Warning)
        } else if environment.is_some() && self.is_named_and_random(&setting.key, value) {
            ("is named and looks like a secret", Severity::Warning)
        } else {
            return None;
        };
        if any_in(&self.except, value) {
            return None;
        }
        let message = format!(
            "`{}` {what} and stands in a committed file: everybody who has ever cloned the repository has it, also \
             after it is removed here",
            setting.key
        );
        let fault = Fault::new(settings::subject(setting), setting.at.clone(), message);
        Some(fault.in_environment(environment).at_most(severity))
    }

    /// Whether the name says that it is a secret, and the value is none that is public: what goes to the browser, an
    /// address without a password such as a DSN of Sentry, the path of a class.
    fn is_named_and_random(&self, name: &str, value: &str) -> bool {
        let is_public = self.policy.public_prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
            || self.public_names.iter().any(|public| public.ends(&tokens(name)));
        let is_word = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let starts_small = value.starts_with(|first: char| first.is_ascii_lowercase());
        let is_class = starts_small && value.contains('.') && value.split('.').all(is_word);
        redact::is_secret_name(name)
            && !is_public
            && !is_class
            && !value.contains("://")
            && self.looks_random(value)
    }

    /// Letters and digits in one run that no person would choose; words joined by hyphens are a person's.
    fn looks_random(&self, value: &str) -> bool {
        let longest =
            value.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|run| run.len()).unwrap_or("");
        let has = |is: fn(&u8) -> bool| longest.as_bytes().iter().any(is);
        !value.contains(char::is_whitespace)
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_alphabetic)
            && longest.len() >= self.policy.least_length
            && entropy(longest) >= self.policy.least_entropy
    }
}

/// Bits for each character of a text, from how often each occurs in it.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = f64::from(counts.iter().sum::<u32>());
    let parts = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total);
    -parts.map(|part| part * part.log2()).sum::<f64>()
}
