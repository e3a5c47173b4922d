//! Secret values never leave the program: every output shows a masked copy of the text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What stands in JSON fields in place of a secret value.
pub const REDACTED: &str = "<redacted>";

/// A word of a name that makes its value a secret.
const WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATEKEY",
    "SALT",
    "DSN",
    "PASSPHRASE",
    "FERNET",
    "REQUIREPASS",
];

/// The same where the words are written together.
const TAILS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "SECRETKEY",
    "PRIVATEKEY",
    "ENCRYPTIONKEY",
    "ACCESSKEY",
];

/// Last words of names that only describe a secret: its file, its lifetime, its name.
const ABOUT: &[&str] = &[
    "FILE",
    "PATH",
    "NAME",
    "URL",
    "URI",
    "EXPIRY",
    "EXPIRE",
    "EXPIRES",
    "MINUTES",
    "SECONDS",
    "HOURS",
    "DAYS",
    "TTL",
    "LENGTH",
    "ENABLED",
    "TYPE",
    "ALGORITHM",
    "TOKENS",
    "PATTERN",
    "POLICY",
    "LIMIT",
    "ROTATION",
    "PREFIX",
    "HEADER",
    "ISSUER",
    "AUDIENCE",
    "SCOPE",
    "SCOPES",
];

/// Whether the name of a setting says that its value is a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let joined = words.concat();
    if words.last().is_some_and(|last| ABOUT.contains(last)) && !joined.contains("DSN") {
        return false;
    }
    let named_key = words.last() == Some(&"KEY")
        && words.iter().any(|word| {
            ["API", "SECRET", "PRIVATE", "ENCRYPTION", "ACCESS", "SIGNING", "JWT", "FERNET", "MASTER", "AUTH"]
                .contains(word)
        });
    words.iter().any(|word| WORDS.contains(word))
        || named_key
        || TAILS.iter().any(|tail| joined.ends_with(tail))
}

/// A copy of a value for people to read: [`REDACTED`] where the setting's name or the value's form is a secret's, a
/// masked password in a URL, else the value itself.
#[must_use]
pub fn value<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if !value.is_empty() && is_secret_name(name) && !is_secret_reference(value) {
        return Cow::Borrowed(REDACTED);
    }
    replaced(value, ranges_by_form(value), |shown, _| shown.push_str(REDACTED))
}

/// Whether a value holds a credential that is known by its provider's form. Keys that are made for browsers and for
/// tests are none.
#[must_use]
pub fn is_provider_credential(value: &str) -> bool {
    if value.len() < SHORTEST_CREDENTIAL {
        return false;
    }
    let forms = FORMS.iter().skip(FORMS_OF_URLS).filter_map(|form| form.captures(value)?.get(1));
    let is_public =
        |text: &str| text.starts_with("pk_") || text.contains("_test_") || text.starts_with("AIza");
    forms.map(|secret| secret.as_str()).any(|secret| !is_public(secret) && !is_reference(secret))
}

/// The password in the userinfo of a URL, where one is written.
#[must_use]
pub fn url_password(value: &str) -> Option<&str> {
    let found = FORMS.first()?.captures(value)?.get(1)?;
    Some(found.as_str()).filter(|password| !is_reference(password))
}

/// A copy of a sentence in which [`REDACTED`] stands for every secret value.
#[must_use]
pub fn sentence(text: &str) -> Cow<'_, str> {
    replaced(text, ranges(text), |shown, _| shown.push_str(REDACTED))
}

/// A copy of a whole file's text in which every secret value is replaced by `*`, one for each character, so that
/// lines and columns stay as they are.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    replaced(text, ranges(text), |shown, secret| {
        shown.extend(secret.chars().map(|c| if c == '\n' || c == '\r' { c } else { '*' }));
    })
}

fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut hidden = ranges_by_form(text);
    hidden.extend(ranges_by_name(text));
    hidden
}

/// The text with each range written by `hide`, which is given what stands there.
fn replaced(text: &str, hidden: Vec<Range<usize>>, hide: fn(&mut String, &str)) -> Cow<'_, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in merged(hidden) {
        shown.push_str(text.get(at..range.start).unwrap_or(""));
        hide(&mut shown, text.get(range.clone()).unwrap_or(""));
        at = range.end;
    }
    shown.push_str(text.get(at..).unwrap_or(""));
    Cow::Owned(shown)
}

/// Bytes of the shortest credential of a provider among [`FORMS`].
const SHORTEST_CREDENTIAL: usize = 15;

/// How many of [`FORMS`] are about URLs and not about providers.
const FORMS_OF_URLS: usize = 2;

/// Credentials that are known by their form: a password in a URL, the tokens of providers, private keys.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compiled(&[
        // Userinfo of a URL; a `${VAR}` in its place is no secret and is left alone below.
        r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/:@'`<>]*:([^\s/@'`<>]+)@",
        // A parameter of a URL or a DSN.
        r#"(?i)[?&;](?:[a-z0-9_\-]*(?:token|secret|passw(?:or)?d|pwd|api[_\-]?key|access[_\-]?key|signature)|sig|key|auth)=([^&;\s"'`<>]+)"#,
        r"\b((?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,})",
        r"\b(sk-(?:[A-Za-z]+-)*[A-Za-z0-9_\-]{16,})",
        r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,})",
        r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b",
        r"\b(AIza[A-Za-z0-9_\-]{30,})",
        r"\b(xox[abprs]-[A-Za-z0-9\-]{10,})",
        r"\b(eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+)",
        r"\b(SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,})",
        r"\b(npm_[A-Za-z0-9]{36,}|hf_[A-Za-z0-9]{30,}|GOCSPX-[A-Za-z0-9_\-]{20,}|dop_v1_[a-f0-9]{64}|shpat_[a-f0-9]{32})",
        r"\bhooks\.slack\.com/services/([A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{16,})",
        r"\bdiscord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_\-]{30,})",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)(?:-----END|\z)",
    ])
});

/// Places where a value follows its name: group 1 is the name, the first of the later groups the value.
static NAMED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    const QUOTED: &str = r#""((?:[^"\\]|\\.)*"?[^\s,;)}\]]*)|'([^']*'?[^\s,;)}\]]*)"#;
    let name = r"([A-Za-z_][A-Za-z0-9_.\-]*)";
    compiled(&[
        // NAME=value, name: value, "NAME": "value", name = "value"
        &format!(r#"{name}["']?[ \t]*(?::[ \t]|=>|:?=|":)[ \t]*(?:{QUOTED}|([^\s"',][^\n]*))"#),
        // name: on one line, its value alone on the next
        &format!(r#"(?m){name}["']?:[ \t]*\r?\n[ \t]+(?:{QUOTED}|([^\s:\-"'][^:\n]*))$"#),
        // ENV NAME value
        &format!(r#"(?mi)^\s*(?:ENV|ARG)[ \t]+{name}[ \t]+(?:{QUOTED}|([^\s"'=][^\n]*))"#),
        // --name value
        &format!(r#"--{name}[ \t]+(?:{QUOTED}|([^\s"'\-][^\s]*))"#),
        // getenv("NAME", "value")
        &format!(r#"["']{name}["'][ \t]*,[ \t]*(?:{QUOTED})"#),
        // name: NAME, and value: secret on the next line, as in Kubernetes files and Terraform
        &format!(
            r#"(?m)\bname["']?[ \t]*[:=][ \t]*["']?{name}["']?,?[ \t]*\r?\n[ \t]*["']?value["']?[ \t]*[:=][ \t]*(?:{QUOTED}|([^\s"'][^\n]*))"#
        ),
    ])
});

fn compiled<P: AsRef<str>>(patterns: &[P]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| Regex::new(pattern.as_ref()).ok()).collect()
}

fn ranges_by_form(text: &str) -> Vec<Range<usize>> {
    let groups = FORMS.iter().flat_map(|form| form.captures_iter(text)).filter_map(|found| found.get(1));
    groups.filter(|secret| !is_reference(secret.as_str())).map(|secret| secret.range()).collect()
}

fn ranges_by_name(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for pattern in NAMED.iter() {
        let mut at = 0;
        while let Some(found) = pattern.captures_at(text, at) {
            let (Some(name), Some(value)) = (found.get(1), found.iter().skip(2).flatten().next()) else {
                break;
            };
            if is_secret_name(name.as_str()) {
                let end = end_of_value(text, value.start(), value.end());
                if !is_reference(text.get(value.start()..end).unwrap_or("")) {
                    ranges.push(value.start()..end);
                }
                at = value.end();
            } else {
                // The value may hold further names: `ENV A=1 API_KEY=x`, `--set-env-vars=API_KEY=x`.
                at = value.start();
            }
        }
    }
    ranges
}

/// Where a value ends that may go on over the next lines: a block scalar of YAML, a heredoc of Terraform.
fn end_of_value(text: &str, start: usize, end: usize) -> usize {
    let value = text.get(start..end).unwrap_or("").trim_end();
    let rest = text.get(start..).unwrap_or("");
    if value.starts_with(['|', '>']) {
        let before = text.get(..start).unwrap_or("");
        let line = before.rsplit('\n').next().unwrap_or("");
        let indent = line.len() - line.trim_start().len();
        let block = rest.split_inclusive('\n').skip(1);
        let inside = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
        let first = rest.split_inclusive('\n').next().map_or(0, str::len);
        return start + first + block.take_while(inside).map(str::len).sum::<usize>();
    }
    if let Some(marker) = value.strip_prefix("<<") {
        let marker = marker.trim_start_matches('-').trim();
        let inside = rest.split_inclusive('\n').take_while(|line| line.trim() != marker);
        return start + inside.map(str::len).sum::<usize>();
    }
    start + value.len()
}

/// A value that only refers to where the secret is: `${VAR}`, `$VAR`, `var.name`, `{{ x }}`.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    let wrapped = value.starts_with("${") && value.ends_with('}') && !value.contains(":-");
    let named = value
        .strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    wrapped
        || named
        || is_secret_reference(value)
        || value.starts_with("var.")
        || value.starts_with("{{") && value.ends_with("}}")
}

/// The name of a secret with the version that everybody may know: `jwt-secret-key-staging:latest`,
/// `projects/p/secrets/name/versions/3`.
fn is_secret_reference(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let is_name = |name: &str| {
        name.contains(['-', '_'])
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
    };
    value.strip_suffix(":latest").is_some_and(is_name)
        || value.starts_with("projects/")
            && value.contains("/secrets/")
            && !value.contains(char::is_whitespace)
}

fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut result: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match result.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => result.push(range),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_secrets() {
        for name in ["JWT_SECRET_KEY", "password", "db-password", "OPENAI_API_KEY", "apiKey", "SENTRY_DSN"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["KEY", "MONKEY", "PASSENGER_COUNT", "TOKEN_TTL", "SECRET_NAME", "MAX_TOKENS", "AUTHOR"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn no_form_of_a_secret_is_shown() {
        for line in [
            "DATABASE_URL=postgres://u:CANARY@localhost/db",
            "JWT_SECRET=CANARY",
            "export JWT_SECRET='CANARY'",
            "  password: CANARY # why",
            "  - API_TOKEN=CANARY",
            "db_password = \"CANARY\"",
            "\"api_key\": \"CANARY\",",
            "ENV API_KEY CANARY",
            "ENV A=1 API_KEY=CANARY",
            "- name: API_KEY\n  value: CANARY",
            "name  = \"API_KEY\"\n value = \"CANARY\"",
            "os.getenv(\"API_KEY\", \"CANARY\")",
            "API_KEY=ab#CANARY",
            "API_KEY=\"ab\"CANARY",
            "API_KEY=\"first\nCANARY\"",
            "password: |\n  CANARY\n  CANARY",
            "password:\n  CANARY",
            "password = <<EOT\nCANARY\nEOT",
            "gcloud run deploy --set-env-vars=A=1,API_KEY=CANARY",
            "redis-server --requirepass CANARY",
            "OTHER_URL=http://localhost:2/?a=b&token=CANARY",
            "ALERTS=https://hooks.slack.com/services/T00/B00/CANARYCANARYCANARY",
            "-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----",
        ] {
            let shown = text(line);
            assert!(!shown.contains("CANARY"), "{line} -> {shown}");
            assert_eq!(shown.chars().count(), line.chars().count(), "{line}");
        }
    }

    #[test]
    fn references_and_plain_values_stay() {
        for line in [
            "JWT_SECRET: jwt-secret-staging:latest",
            "JWT_SECRET=${JWT_SECRET}",
            "password = var.password",
            "HOST=localhost",
            "timeout: 30",
        ] {
            assert_eq!(text(line), line);
        }
    }

    #[test]
    fn a_value_shows_all_but_its_secret() {
        assert_eq!(
            value("DATABASE_URL", "postgres://u:CANARY@localhost/db"),
            "postgres://u:<redacted>@localhost/db"
        );
        assert_eq!(value("JWT_SECRET", "CANARY"), REDACTED);
        assert_eq!(value("HOST", "localhost"), "localhost");
        assert_eq!(sentence("it is API_KEY=CANARY"), "it is API_KEY=<redacted>");
    }
}
