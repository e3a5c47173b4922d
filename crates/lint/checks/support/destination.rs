//! The hosts that a value leads to.

use std::ops::Range;

use source::{has_word, words};

/// A host in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checks) struct Destination {
    /// The host in lower case, without brackets.
    pub(in crate::checks) host: String,
    /// Its bytes in the value.
    pub(in crate::checks) range: Range<usize>,
    /// The scheme of its URL, where it stands in one.
    pub(in crate::checks) scheme: Option<String>,
}

/// A list of hosts.
pub(in crate::checks) struct Hosts {
    names: Vec<String>,
}

impl Hosts {
    pub(in crate::checks) fn new(names: Vec<String>) -> Self {
        Self { names }
    }

    pub(in crate::checks) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a destination is one of them. `127.*` stands for every address that starts so, `*.localhost` for every
    /// name that ends so.
    pub(in crate::checks) fn forbid(&self, destination: &Destination) -> bool {
        let host = destination.host.as_str();
        let listed = self.names.iter().any(|name| match (name.strip_suffix('*'), name.strip_prefix('*')) {
            (Some(start), _) => host.starts_with(start),
            (_, Some(end)) => host.ends_with(end),
            _ => host == name,
        });
        // Servers listen on the any-address; only a URL for clients leads there.
        let any_address = matches!(host, "0.0.0.0" | "::");
        let for_clients = destination.scheme.as_ref().is_some_and(|scheme| scheme != "tcp");
        listed && (!any_address || for_clients)
    }
}

/// Every host that the value of `key` leads to, in the order of the text.
pub(in crate::checks) fn destinations<'v>(
    key: &'v str,
    value: &'v str,
) -> impl Iterator<Item = Destination> + 'v {
    items(value).filter_map(move |(start, item)| destination(start, item, key))
}

/// The parts of a list, or the whole value, with their byte offsets.
fn items(value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    value.split([',', ';', ' ', '\t', '\n', '"', '\'']).filter_map(move |item| {
        let at = start;
        start += item.len() + 1;
        (!item.is_empty()).then_some((at, item))
    })
}

fn destination(start: usize, item: &str, key: &str) -> Option<Destination> {
    if let Some((before, after)) = item.split_once("://") {
        let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next().unwrap_or("");
        if matches!(scheme, "file" | "unix" | "sqlite") {
            return None;
        }
        let authority = after.split(['/', '?', '#']).next().unwrap_or("");
        let host_start = start + before.len() + "://".len();
        return host(host_start, authority, Some(scheme.to_ascii_lowercase()), || true);
    }
    if let Some((name, address)) = item.split_once('=') {
        let named =
            matches!(name.to_ascii_lowercase().as_str(), "host" | "hostaddr" | "server" | "addr" | "address");
        return named.then(|| host(start + name.len() + 1, address, None, || true)).flatten();
    }
    let address = item.split('/').next().unwrap_or("");
    let is_network = item.split_once('/').is_some_and(|(_, bits)| bits.parse::<u8>().is_ok());
    if is_network { None } else { host(start, address, None, || names_a_host(key)) }
}

/// The host of `[userinfo@]host[:port]`. Without a port it may be any word, so something else must say that it is one.
fn host(
    start: usize,
    authority: &str,
    scheme: Option<String>,
    is_host: impl FnOnce() -> bool,
) -> Option<Destination> {
    let at = authority.rfind('@').map_or(0, |at| at + 1);
    let rest = authority.get(at..)?;
    let (name, offset, port) = match rest.strip_prefix('[') {
        Some(inside) => {
            let (name, after) = inside.split_once(']')?;
            (name, 1, after.strip_prefix(':'))
        }
        None if rest.matches(':').count() > 1 => (rest, 0, None),
        None => rest.split_once(':').map_or((rest, 0, None), |(name, port)| (name, 0, Some(port))),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let is_port = port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    if name.is_empty() || !name.chars().all(is_name) || !(is_port || is_host()) {
        return None;
    }
    let start = start + at + offset;
    Some(Destination { host: name.to_ascii_lowercase(), range: start..start + name.len(), scheme })
}

/// Whether a value under this key is a host even without a port. A lone `HOST` is where a server listens.
fn names_a_host(key: &str) -> bool {
    const LAST: &[&str] = &[
        "host",
        "hosts",
        "hostname",
        "addr",
        "address",
        "server",
        "servers",
        "endpoint",
        "endpoints",
        "url",
        "uri",
        "broker",
        "brokers",
        "ip",
        "node",
        "nodes",
    ];
    let mut backwards = words(key).rev();
    let is_last = backwards.next().is_some_and(|last| has_word(last, LAST));
    let camel = ["Host", "Url", "Uri", "Endpoint"].iter().any(|end| key.ends_with(end));
    is_last && backwards.next().is_some() || camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(key: &str, value: &str) -> Vec<String> {
        destinations(key, value)
            .map(|found| {
                assert_eq!(value[found.range.clone()].to_ascii_lowercase(), found.host);
                found.host
            })
            .collect()
    }

    #[test]
    fn hosts_of_values() {
        for (key, value, wanted) in [
            ("A", "http://localhost:8000/x", &["localhost"][..]),
            ("A", "postgres://u:p@localhost:5432/db", &["localhost"]),
            ("A", "postgres://u:p@ss@db/localhost", &["db"]),
            ("A", "jdbc:postgresql://127.0.0.1/db", &["127.0.0.1"]),
            ("A", "http://[::1]:80/", &["::1"]),
            ("A", "mongodb://a:1,localhost:2/db", &["a", "localhost"]),
            ("A", "localhost:6379", &["localhost"]),
            ("A", "localhost", &[]),
            ("DB_HOST", "localhost", &["localhost"]),
            ("redisHost", "localhost", &["localhost"]),
            ("HOST", "localhost", &[]),
            ("A", "host=localhost port=1", &["localhost"]),
            ("A", "my-localhost-app", &[]),
            ("DB_HOST", "127.0.0.0/8", &[]),
            ("A", "file://localhost/x", &[]),
            ("A", "a localhost in a sentence", &[]),
        ] {
            assert_eq!(hosts(key, value), wanted, "{key}={value}");
        }
    }

    #[test]
    fn an_any_address_is_no_destination_unless_a_url_leads_there() {
        let listed = Hosts::new(vec!["0.0.0.0".to_owned(), "127.*".to_owned(), "*.localhost".to_owned()]);
        let forbids = |key, value| destinations(key, value).any(|found| listed.forbid(&found));
        assert!(forbids("API_URL", "http://0.0.0.0:8000"));
        assert!(!forbids("GRPC_ADDR", "0.0.0.0:8000"));
        assert!(!forbids("DOCKER_HOST", "tcp://0.0.0.0:2375"));
        assert!(forbids("X", "127.0.1.1:80"));
        assert!(forbids("X_URL", "http://api.localhost/"));
    }
}
