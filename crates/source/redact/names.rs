//! Names of settings that hold secrets.

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

/// Last words of names that are not secret themselves though they speak of one: `TOKEN_TTL`, `SECRET_NAME`.
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
    "STDIN",
];

/// Words before `KEY` that make it a secret.
const KEYS: &[&str] = &[
    "ACCESS",
    "API",
    "AUTH",
    "ENCRYPTION",
    "FERNET",
    "HMAC",
    "JWT",
    "MASTER",
    "PRIVATE",
    "ROLE",
    "SECRET",
    "SERVICE",
    "SESSION",
    "SIGNING",
    "SSH",
    "STORAGE",
    "WEBHOOK",
];

/// Words beside which `TOKENS` are a number of them.
const COUNTS: &[&str] = &[
    "COMPLETION",
    "CONTEXT",
    "COUNT",
    "INPUT",
    "LIMIT",
    "MAX",
    "MIN",
    "NUM",
    "OUTPUT",
    "PER",
    "PROMPT",
    "TOTAL",
];

/// Last words of names whose value is not shown, though it may be none that matters: a seed may be of a test.
const HIDDEN: &[&str] =
    &["AUTH", "BEARER", "COOKIE", "ENCRYPTION", "LICENSE", "OTP", "PEPPER", "PIN", "PW", "SEED", "MNEMONIC"];

/// Whether the value under this name is kept out of outputs: that of a secret, and of what may be one.
#[must_use]
pub fn is_hidden_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let last = upper.rsplit(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty());
    is_secret_name(name) || last.is_some_and(|last| is_one_of(last, HIDDEN))
}

/// Whether the name of a setting says that its value is a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    // The shell's own names for the folder that it is in.
    if matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let joined = words.concat();
    let Some(last) = words.last() else { return false };
    let is_count = words.contains(&"TOKENS") && words.iter().any(|word| COUNTS.contains(word));
    if is_count || (ABOUT.contains(last) && !joined.contains("DSN")) {
        return false;
    }
    let named_key = matches!(*last, "KEY" | "KEYS") && words.iter().any(|word| is_one_of(word, KEYS));
    words.iter().any(|word| is_one_of(word, WORDS))
        || named_key
        || TAILS.iter().any(|tail| ends_with(&joined, tail))
}

/// Whether a word is one of these, or of their plurals.
fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.contains(&word) || word.strip_suffix('S').is_some_and(|one| known.contains(&one))
}

fn ends_with(name: &str, tail: &str) -> bool {
    name.ends_with(tail) || name.strip_suffix('S').is_some_and(|one| one.ends_with(tail))
}

#[cfg(test)]
mod tests {
    use super::{is_hidden_name, is_secret_name};

    #[test]
    fn what_may_be_a_secret_is_hidden() {
        for name in ["ADMIN_PW", "HASH_PEPPER", "OTP_SEED", "session.cookie", "BACKUP_PINS", "JWT_SECRET"] {
            assert!(is_hidden_name(name), "{name}");
        }
        for name in ["COOKIE_DOMAIN", "SEED_FILE", "SPIN", "PORT", "AUTHOR", ""] {
            assert!(!is_hidden_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_hold_secrets() {
        for name in [
            "JWT_SECRET_KEY",
            "password",
            "db-password",
            "OPENAI_API_KEY",
            "apiKey",
            "SENTRY_DSN",
            "API_KEYS",
            "ADMIN_PASSWORDS",
            "API_TOKENS",
            "HMAC_KEY",
            "SERVICE_ROLE_KEY",
            "pwd",
            "DB_PWD",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "KEY",
            "MONKEY",
            "PASSENGER_COUNT",
            "TOKEN_TTL",
            "SECRET_NAME",
            "MAX_TOKENS",
            "TOKENS_TOTAL",
            "AUTHOR",
            "PWD",
            "OLDPWD",
            "password-stdin",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
