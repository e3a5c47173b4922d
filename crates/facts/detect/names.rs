//! What a name says that something answers.

use crate::environment::canonical;

/// What a function, constant or variable answers, as far as its name says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asks {
    /// The name of the environment.
    Name,
    /// Whether this is one of these environments, by canonical name.
    For(Vec<String>),
}

/// Words that say nothing about which environment is asked for.
const FILLERS: &[&str] = &[
    "is",
    "are",
    "in",
    "on",
    "running",
    "run",
    "env",
    "environment",
    "mode",
    "deployment",
    "deployed",
    "current",
    "currently",
    "or",
    "the",
    "a",
    "we",
    "at",
    "check",
    "if",
    "server",
    "build",
    "context",
];

/// Words that begin a question.
const STARTERS: &[&str] = &["is", "in", "on", "running", "are"];

/// Words that may stand beside "environment" in the name of something that answers with one.
const BESIDE: &[&str] = &[
    "get",
    "detect",
    "detected",
    "current",
    "determine",
    "resolve",
    "app",
    "application",
    "deploy",
    "deployment",
    "runtime",
    "node",
    "name",
    "type",
    "cloud",
    "run",
    "the",
    "from",
    "find",
    "read",
    "infer",
    "active",
    "effective",
    "service",
    "unified",
    "safe",
    "stage",
    "env",
    "environment",
    "compute",
    "fetch",
    "guess",
    "this",
    "which",
    "my",
    "default",
    "raw",
    "normalized",
    "str",
    "string",
    "actual",
    "gcp",
    "aws",
    "railway",
    "vercel",
    "py",
    "flask",
    "django",
    "rust",
    "rails",
    "next",
    "public",
    "staging",
    "kubernetes",
    "backend",
    "frontend",
    "auth",
    "api",
    "of",
    "to",
    "as",
    "self",
    "engine",
    "bootstrap",
];

/// What the name says; `None` where it says nothing of environments.
pub(super) fn asks(name: &str) -> Option<Asks> {
    let words = words_of(name);
    let has = |word: &str| words.iter().any(|have| have == word);
    if words.first().is_some_and(|first| STARTERS.contains(&first.as_str())) {
        if has("not") || has("non") || has("and") {
            return None;
        }
        let mut asked: Vec<String> = Vec::new();
        for word in words.iter().filter(|word| !FILLERS.contains(&word.as_str())) {
            let environment = environment_word(word)?;
            if !asked.iter().any(|known| known == environment) {
                asked.push(environment.to_owned());
            }
        }
        return (!asked.is_empty()).then_some(Asks::For(asked));
    }
    let names = (has("environment") || has("env") || (has("stage") && words.len() <= 2))
        && words.iter().all(|word| BESIDE.contains(&word.as_str()));
    names.then_some(Asks::Name)
}

/// The environment that a word of a question names.
fn environment_word(word: &str) -> Option<&'static str> {
    // `is_live` and `is_demo` ask about other things.
    match word {
        "live" | "sandbox" | "demo" | "example" | "sample" | "template" | "tests" => None,
        _ => canonical(word),
    }
}

/// The words of a name in lower case: `isProduction`, `get_env`, `IS_PROD`.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            previous = '_';
            continue;
        }
        let begins = !previous.is_alphanumeric() || (letter.is_uppercase() && previous.is_lowercase());
        match words.last_mut() {
            Some(word) if !begins => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().collect()),
        }
        previous = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(names: &[&str]) -> Asks {
        Asks::For(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn names_say_what_is_asked() {
        assert_eq!(asks("is_production"), Some(asked(&["production"])));
        assert_eq!(asks("isProd"), Some(asked(&["production"])));
        assert_eq!(asks("IS_DEV_OR_TEST"), Some(asked(&["development", "test"])));
        assert_eq!(asks("_get_environment"), Some(Asks::Name));
        assert_eq!(asks("APP_ENV"), Some(Asks::Name));
    }

    #[test]
    fn other_names_say_nothing() {
        for name in [
            "is_live",
            "is_not_production",
            "is_production_ready",
            "environment_file",
            "load_env_vars",
            "stage_files",
        ] {
            assert_eq!(asks(name), None, "{name}");
        }
    }
}
