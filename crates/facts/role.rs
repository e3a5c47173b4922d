//! What a value is for, as far as its key and its neighbours say.

use source::words;

use crate::Role;

impl Role {
    /// The role that a key's name gives its value.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        let lower = key.to_ascii_lowercase();
        let words: Vec<&str> = words(&lower).collect();
        let last = words.last().copied().unwrap_or("");
        if is_listening(key, &words) {
            return Self::BindAddress;
        }
        if matches!(
            last,
            "description"
                | "comment"
                | "title"
                | "message"
                | "help"
                | "note"
                | "notes"
                | "summary"
                | "text"
                | "hint"
                | "tooltip"
                | "caption"
                | "subtitle"
                | "instructions"
                | "prompt"
        ) {
            return Self::Text;
        }
        if words.contains(&"healthcheck") || matches!(last, "regex" | "pattern" | "format" | "template") {
            return Self::Other;
        }
        Self::Value
    }

    /// The role of an any-address or loopback host under this key: `HOST=0.0.0.0` is where a server listens.
    #[must_use]
    pub fn of_host_key(key: &str, value: &str) -> Self {
        let host = value.trim().split_once("://").map_or(value.trim(), |(_, host)| host);
        let without_port = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let any_address = [host, without_port].iter().any(|host| matches!(*host, "0.0.0.0" | "::" | "[::]"));
        let ends_in_host = || {
            let last = words(key).next_back().map(str::to_ascii_lowercase);
            last.is_some_and(|word| matches!(word.as_str(), "host" | "hostname" | "address" | "addr" | "ip"))
        };
        if any_address && ends_in_host() { Self::BindAddress } else { Self::of_key(key) }
    }
}

/// Variables of well-known programs that say where they listen or what their own node is called, and not where they
/// connect to.
const OWN_ADDRESSES: &[&str] = &[
    // https://learn.microsoft.com/en-us/aspnet/core/fundamentals/servers/kestrel/endpoints
    "ASPNETCORE_URLS",
    "DOTNET_URLS",
    "URLS",
    // https://hexdocs.pm/mix/Mix.Tasks.Release.html
    "RELEASE_NODE",
    // https://dev.mysql.com/doc/refman/8.4/en/docker-mysql-more-topics.html: where the root user may come from
    "MYSQL_ROOT_HOST",
    // https://mariadb.com/kb/en/mariadb-server-docker-official-image-environment-variables/
    "MARIADB_ROOT_HOST",
    // https://kafka.apache.org/documentation/#brokerconfigs_controller.quorum.voters: the node is one of its voters
    "KAFKA_CONTROLLER_QUORUM_VOTERS",
    "KAFKA_CFG_CONTROLLER_QUORUM_VOTERS",
    // https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#http_addr
    "GF_SERVER_HTTP_ADDR",
    // https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/networking-settings
    "network.host",
    "http.host",
    "transport.host",
    // https://www.rabbitmq.com/docs/configure#supported-environment-variables
    "RABBITMQ_NODENAME",
];

/// Whether a value under this key is where a server listens. What it advertises is where others connect to.
fn is_listening(key: &str, words: &[&str]) -> bool {
    let has = |word: &str| words.contains(&word);
    let by_word = ["bind", "listen", "listener", "listeners", "kestrel"].into_iter().any(has);
    // What a program shows of itself it serves itself.
    let (last, before) = words.split_last().map_or(("", None), |(last, rest)| (*last, rest.last()));
    let own = matches!(last, "addr" | "address")
        && before.is_some_and(|word| matches!(*word, "metrics" | "pprof" | "debug"));
    // `ports: ["${API_HOST_IP}:8080:8080"]` is the host's own address.
    let published = last == "ip" && before.is_some_and(|word| *word == "host");
    (by_word || own || published) && !has("advertised") && !has("advertise") || OWN_ADDRESSES.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_their_value_is_for() {
        assert_eq!(Role::of_key("DATABASE_URL"), Role::Value);
        assert_eq!(Role::of_key("BIND_ADDRESS"), Role::BindAddress);
        assert_eq!(Role::of_key("KAFKA_CFG_LISTENERS"), Role::BindAddress);
        assert_eq!(Role::of_key("KAFKA_CFG_ADVERTISED_LISTENERS"), Role::Value);
        assert_eq!(Role::of_key("METRICS_ADDR"), Role::BindAddress);
        assert_eq!(Role::of_key("API_MAPPED_HOST_IP"), Role::BindAddress);
        assert_eq!(Role::of_key("RELEASE_NODE"), Role::BindAddress);
        assert_eq!(Role::of_key("description"), Role::Text);
        assert_eq!(Role::of_host_key("HOST", "0.0.0.0"), Role::BindAddress);
        assert_eq!(Role::of_host_key("OLLAMA_HOST", "http://0.0.0.0:11434"), Role::BindAddress);
        assert_eq!(Role::of_host_key("WEBHOOK_URL", "http://0.0.0.0:8000"), Role::Value);
        assert_eq!(Role::of_host_key("REDIS_HOST", "localhost"), Role::Value);
    }
}
