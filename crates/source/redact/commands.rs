//! Secrets that programs are given on their command line in a form of their own, and headers of HTTP.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::is_reference;

/// Group 1 is the secret.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        r#"\bsshpass[ \t]+-p[ \t]*["']?([^\s"']+)"#,
        r#"\bredis-cli\b[^\n|;&]*?[ \t]-a[ \t]+["']?([^\s"']+)"#,
        r#"\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n|;&]*?[ \t]-p["']?([^\s"'=]+)"#,
        r#"\baws[ \t]+configure[ \t]+set[ \t]+[\w.]*(?:secret_access_key|session_token)[ \t]+["']?([^\s"']+)"#,
        r#"\bopenssl\b[^\n|;&]*?[ \t]-[kK][ \t]+["']?([^\s"']+)"#,
        r#"\bopenssl\b[^\n|;&]*?[ \t]["']?pass:([^\s"']+)"#,
        // What a program reads from its standard input.
        r#"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?["']?([^\s"'|]+)["']?[ \t]*\|[^\n]*--password-stdin"#,
        r#"\b(?:echo|printf)[ \t]+(?:-n[ \t]+)?["']?([^\s"'|]+)["']?[ \t]*\|[^\n]*\bsecrets[ \t]+(?:create|versions[ \t]+add)\b"#,
        r#"\bsecrets[ \t]+(?:create|versions[ \t]+add)\b[^\n]*<\((?:echo|printf)[ \t]+(?:-n[ \t]+)?["']?([^"'\n)]+)"#,
        // A token in the place of the user, which a password does not follow.
        r#"\bhttps?://([^\s/:@'"`<>${]{6,})@"#,
    ];
    forms.into_iter().filter_map(|form| Regex::new(form).ok()).collect()
});

/// A command that stores secrets, with how it is given them: what begins the rest of the command, and a secret in it, in
/// quotes or without.
struct Storing {
    begins: Regex,
    secret: Regex,
}

static STORING: LazyLock<Vec<Storing>> = LazyLock::new(|| {
    let pair = r#"[ \t\n](?:"[\w./-]+=([^"\n]+)"|'[\w./-]+=([^'\n]+)'|[\w./-]+=(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"'@]+)))"#;
    let flag = |names: &str| format!(r#"[ \t](?:{names})[= \t]+(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"']+))"#);
    let forms = [
        (r"create[ \t]+secret", r#"--from-literal[= \t]["']?[^\s="']+=["']?([^\s"']+)"#.to_owned()),
        (r"(?:fly|flyctl|supabase|doppler|infisical)[ \t]+secrets[ \t]+set", pair.to_owned()),
        (r"modal[ \t]+secret[ \t]+create", pair.to_owned()),
        (r"vault[ \t]+(?:kv[ \t]+(?:put|patch)|write)", pair.to_owned()),
        (r"gh[ \t]+secret[ \t]+set", flag("--body|-b")),
        (r"az[ \t]+keyvault[ \t]+secret[ \t]+set", flag("--value")),
        (r"aws[ \t]+ssm[ \t]+put-parameter", flag("--value")),
    ];
    let storing = |(begins, secret): (&str, String)| {
        // With the lines that it goes on over.
        let begins = Regex::new(&format!(r"\b{begins}\b(?:[^\n\\]|\\.|\\\r?\n)*")).ok()?;
        Some(Storing { begins, secret: Regex::new(&secret).ok()? })
    };
    forms.into_iter().filter_map(storing).collect()
});

/// The name of the header, up to its value.
static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\b(?:proxy-)?authorization["']?[ \t]*[:=][ \t]*["'`]?"#).ok());

/// What stands before the credentials in that header.
const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "digest", "apikey", "negotiate"];

/// The secrets of the commands and headers of a text.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = FORMS
        .iter()
        .flat_map(|form| form.captures_iter(text))
        .filter_map(|captures| captures.get(1))
        .map(|secret| secret.range())
        .collect();
    found.extend(of_secrets(text));
    if let Some(header) = HEADER.as_ref() {
        found.extend(header.find_iter(text).filter_map(|head| credentials(text, head.end())));
    }
    found.retain(|range| text.get(range.clone()).is_some_and(is_literal));
    found
}

/// What commands are given to store.
fn of_secrets(text: &str) -> Vec<Range<usize>> {
    let inside = |form: &Storing, whole: regex::Match<'_>| -> Vec<Range<usize>> {
        let given = form.secret.captures_iter(whole.as_str());
        let secret =
            |captures: regex::Captures<'_>| captures.iter().skip(1).flatten().next().map(|one| one.range());
        given.filter_map(secret).map(|one| whole.start() + one.start..whole.start() + one.end).collect()
    };
    STORING
        .iter()
        .flat_map(|form| form.begins.find_iter(text).flat_map(|whole| inside(form, whole)))
        .collect()
}

/// The credentials that begin at `start`, without their scheme.
fn credentials(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ')' | ']');
    let first = rest.find(ends).unwrap_or(rest.len());
    let is_scheme =
        rest.get(..first).is_some_and(|word| SCHEMES.contains(&word.to_ascii_lowercase().as_str()));
    if !is_scheme {
        return (first > 0).then_some(start..start + first);
    }
    let after = rest.get(first..)?;
    let skipped = after.len() - after.trim_start_matches([' ', '\t']).len();
    let begin = first + skipped;
    let length = rest.get(begin..)?.find(ends).unwrap_or(rest.len() - begin);
    (skipped > 0 && length > 0).then_some(start + begin..start + begin + length)
}

/// Whether a value is written out, and not taken from elsewhere or a place to fill in.
fn is_literal(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '<', '{', '%', '(']) && !is_reference(value)
}
