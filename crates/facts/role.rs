//! What a value is for, as far as its key and its neighbours say.

use source::tokens;

use crate::Role;

impl Role {
    /// The role that a key's name gives its value.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let words: Vec<String> = tokens(key).collect();
        let has = |word: &str| words.iter().any(|have| have == word);
        let last = words.last().map_or("", String::as_str);
        if has("bind") || has("listen") || has("listener") {
            return Self::BindAddress;
        }
        if matches!(
            last,
            "description" | "comment" | "title" | "message" | "help" | "note" | "notes" | "summary"
        ) {
            return Self::Text;
        }
        if has("healthcheck") || matches!(last, "regex" | "pattern" | "format" | "template") {
            return Self::Other;
        }
        Self::Value
    }

    /// The role of an any-address or loopback host under this key: `HOST=0.0.0.0` is where a server listens.
    #[must_use]
    pub fn of_host_key(key: &str, value: &str) -> Self {
        let any_address = matches!(value.trim(), "0.0.0.0" | "::" | "[::]");
        let words: Vec<String> = tokens(key).collect();
        let ends_in_host = words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "host" | "hostname" | "address" | "addr" | "ip"));
        if any_address && ends_in_host { Self::BindAddress } else { Self::of_key(key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_their_value_is_for() {
        assert_eq!(Role::of_key("DATABASE_URL"), Role::Value);
        assert_eq!(Role::of_key("BIND_ADDRESS"), Role::BindAddress);
        assert_eq!(Role::of_key("description"), Role::Text);
        assert_eq!(Role::of_host_key("HOST", "0.0.0.0"), Role::BindAddress);
        assert_eq!(Role::of_host_key("REDIS_HOST", "localhost"), Role::Value);
    }
}
