//! Credentials that are known by their form, whatever they are called.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::is_reference;

/// Whether a value holds a credential that is known by its provider's form. Keys that are made for browsers and for
/// tests are none.
#[must_use]
pub fn is_provider_credential(value: &str) -> bool {
    if value.len() < SHORTEST_CREDENTIAL {
        return false;
    }
    let forms = CREDENTIALS.iter().filter_map(|form| form.captures(value)?.get(1));
    let is_public =
        |text: &str| text.starts_with("pk_") || text.contains("_test_") || text.starts_with("AIza");
    forms.map(|secret| secret.as_str()).any(|secret| !is_public(secret) && !is_reference(secret))
}

/// The password in the userinfo of a URL, where one is written.
#[must_use]
pub fn url_password(value: &str) -> Option<&str> {
    let found = PASSWORD.as_ref()?.captures(value)?.get(1)?;
    Some(found.as_str()).filter(|password| !is_reference(password))
}

/// Bytes of the shortest credential of a provider among [`CREDENTIALS`].
const SHORTEST_CREDENTIAL: usize = 15;

/// The password in the userinfo of a URL.
const URL_PASSWORD: &str = r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:@'`<>]*:([^\s/@'`<>]+)@";

static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(URL_PASSWORD).ok());

/// Places of URLs, headers and commands where a secret stands.
static PLACES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compiled(&[
        URL_PASSWORD,
        // The same where it was not encoded: it goes to the last `@`.
        r#"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:@'"`<>]*:([^\s'"`<>]+)@"#,
        // A token in the place of the user.
        r#"://([^\s/:@'"`<>$]{16,})@"#,
        r#"://([^\s/:@'"`<>$]{20,}):[^\s/@'"`<>]*@"#,
        r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=\-]{16,})",
        r#"(?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']+:([^\s:"']+)"#,
        // What stands in for a secret in the expansion of a variable: `${DB_PASSWORD:-text}`.
        r"(?i)\$\{[a-z0-9_]*(?:token|secret|passw(?:or)?d|pwd|api_?key|access_?key|private_?key)[a-z0-9_]*(?::[\-=]?|[\-=])([^}$?+:=\-\s][^}]*)\}",
        // A parameter of a URL or a DSN.
        r#"(?i)[?&;](?:[a-z0-9_\-]*(?:account_?key|shared_?access_?key|token|secret|passw(?:or)?d|pwd|api[_\-]?key|access[_\-]?key|signature)|sig|key|auth)=([^&;\s"'`<>]+)"#,
        // A literal for a secret that a workflow does not have.
        r#"\bsecrets\.[A-Za-z0-9_\-]+[ \t]*\|\|[ \t]*(?:[a-z]+\.[A-Za-z0-9_\-.]+[ \t]*\|\|[ \t]*)*["']([^"']+)["']"#,
        r"\bsecrets\.[A-Za-z0-9_\-]+[ \t]*\|\|[ \t]*[A-Za-z]+\(([^\n]*?)\)[ \t]*\}\}",
    ])
});

/// The tokens of providers, and private keys.
static CREDENTIALS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compiled(&[
        r"\b((?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,})",
        r"\b(sk-(?:[A-Za-z]+-)*[A-Za-z0-9_\-]{16,})",
        r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,})",
        r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b",
        r"\b(AIza[A-Za-z0-9_\-]{30,})",
        r"\b(xox[abprs]-[A-Za-z0-9\-]{10,})",
        r"\b(eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+)",
        r"\b(SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,})",
        r"\b(npm_[A-Za-z0-9]{36,}|hf_[A-Za-z0-9]{30,}|GOCSPX-[A-Za-z0-9_\-]{20,}|dop_v1_[a-f0-9]{64}|shpat_[a-f0-9]{32})",
        r"/services/(T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,})",
        r"\bdiscord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_\-]{30,})",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\z)",
    ])
});

fn compiled(forms: &[&str]) -> Vec<Regex> {
    forms.iter().filter_map(|form| Regex::new(form).ok()).collect()
}

/// The credentials of a text.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    let groups = PLACES
        .iter()
        .chain(CREDENTIALS.iter())
        .flat_map(|form| form.captures_iter(text))
        .filter_map(|found| found.get(1));
    groups.filter(|secret| !is_reference(secret.as_str())).map(|secret| secret.range()).collect()
}
