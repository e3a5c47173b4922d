//! How the name of a secret carries its environment.

/// How the name of a secret carries its environment: `{name}-{environment}`, `{environment}-{name}` or `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Affix {
    /// Names carry none: every environment has secrets of its own under the same names.
    None,
    /// A text with `{name}` and `{environment}`.
    Form(String),
}

const NAME: &str = "{name}";
const ENVIRONMENT: &str = "{environment}";

impl Affix {
    /// Reads what the configuration says.
    ///
    /// # Errors
    /// What is wrong with it, for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let once = |part: &str| text.matches(part).count() == 1;
        if text == "none" {
            Ok(Self::None)
        } else if once(NAME) && once(ENVIRONMENT) && !text.contains("}{") {
            Ok(Self::Form(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` is no affix; write `{{name}}-{{environment}}`, `{{environment}}-{{name}}` or `none`"
            ))
        }
    }

    /// The name that a secret has in an environment.
    #[must_use]
    pub fn apply(&self, name: &str, environment: &str) -> String {
        match self {
            Self::None => name.to_owned(),
            Self::Form(form) => form.replace(ENVIRONMENT, environment).replace(NAME, name),
        }
    }

    /// The name without its affix; `None` where it does not carry that of this environment.
    #[must_use]
    pub fn strip<'n>(&self, name: &'n str, environment: &str) -> Option<&'n str> {
        let Self::Form(form) = self else { return Some(name) };
        let form = form.replace(ENVIRONMENT, environment);
        let (before, after) = form.split_once(NAME)?;
        name.strip_prefix(before)?.strip_suffix(after).filter(|bare| !bare.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_affix_is_put_on_and_taken_off() {
        let suffix = Affix::parse("{name}-{environment}").unwrap();
        assert_eq!(suffix.apply("jwt", "staging"), "jwt-staging");
        assert_eq!(suffix.strip("jwt-staging", "staging"), Some("jwt"));
        assert_eq!(suffix.strip("jwt", "staging"), None);
        let prefix = Affix::parse("{environment}_{name}").unwrap();
        assert_eq!(prefix.strip("staging_jwt", "staging"), Some("jwt"));
        assert_eq!(Affix::parse("none").unwrap().strip("jwt", "staging"), Some("jwt"));
    }

    #[test]
    fn both_parts_are_needed() {
        for text in ["{name}", "-{environment}", "{name}{environment}", "{name}-{env}", ""] {
            assert!(Affix::parse(text).is_err(), "{text}");
        }
    }
}
