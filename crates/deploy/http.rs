//! Just enough HTTP/1.1 to ask a server how it is: one GET, no redirect, a limit on time and size.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// More of an answer is not read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// Where to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    port: u16,
    path: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Address {
    /// Whether an address is one that can be asked: `https` too, which another program speaks.
    pub(crate) fn check(url: &str) -> Result<(), String> {
        let plain = url.strip_prefix("https://").map(|rest| format!("http://{rest}"));
        Self::parse(plain.as_deref().unwrap_or(url)).map(drop)
    }

    /// Reads `http://HOST[:PORT][/PATH]`.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("https://") {
            return Err(
                "asking over https is not supported by this version; ask by a `smoke` command".to_owned()
            );
        }
        let rest =
            url.strip_prefix("http://").ok_or_else(|| format!("`{url}` does not begin with http://"))?;
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(split);
        let bad = |c: char| c.is_whitespace() || c.is_control();
        if authority.contains('@') || url.contains(bad) {
            return Err("an address holds no user, password or blank".to_owned());
        }
        let port_at =
            authority.rfind(':').filter(|at| authority.get(at + 1..).is_some_and(|rest| !rest.contains(']')));
        let (host, port) = match port_at {
            None => (authority, 80),
            Some(at) => {
                let (host, port) = authority.split_at(at);
                let port = port.trim_start_matches(':').parse();
                (host, port.map_err(|_| format!("`{url}` has no usable port"))?)
            }
        };
        if host.is_empty() {
            return Err(format!("`{url}` names no host"));
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host: host.to_owned(), port, path })
    }
}

/// Asks once. `limit` holds for everything from the name's resolution to the last byte.
pub(crate) fn get(address: &Address, limit: Duration) -> io::Result<Answer> {
    let end = Instant::now() + limit;
    let mut stream = connect(address, end)?;
    let Address { host, port, path } = address;
    let named = if *port == 80 { host.clone() } else { format!("{host}:{port}") };
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {named}\r\nUser-Agent: shipworthy\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    stream.set_write_timeout(Some(left(end)?))?;
    stream.write_all(request.as_bytes())?;
    let bytes = read_all(&mut stream, end)?;
    parse(&bytes).ok_or_else(|| io::Error::other("the answer is not HTTP"))
}

fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::Error::new(io::ErrorKind::TimedOut, "took too long")) } else { Ok(left) }
}

fn connect(address: &Address, end: Instant) -> io::Result<TcpStream> {
    let host = address.host.trim_start_matches('[').trim_end_matches(']');
    let mut last = io::Error::other("the host has no address");
    for at in (host, address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&at, left(end)?) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads until the answer is complete, the server closes, or time is up.
fn read_all(stream: &mut TcpStream, end: Instant) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = [0_u8; 8192];
    while bytes.len() < MAX_ANSWER && !is_complete(&bytes) {
        stream.set_read_timeout(Some(left(end)?))?;
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(part.get(..count).unwrap_or(&[])),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "took too long"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

fn split_head(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((std::str::from_utf8(bytes.get(..at)?).ok()?, bytes.get(at + 4..)?))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut named = fields.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim())
}

fn is_chunked(head: &str) -> bool {
    header(head, "transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"))
}

fn is_complete(bytes: &[u8]) -> bool {
    let Some((head, body)) = split_head(bytes) else { return false };
    if is_chunked(head) {
        return unchunked(body).1;
    }
    let length = header(head, "content-length").and_then(|value| value.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// The body of chunks, and whether the last one is there.
fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|window| window == b"\r\n") {
        let line = std::str::from_utf8(rest.get(..at).unwrap_or(&[])).unwrap_or("");
        let size = usize::from_str_radix(line.split(';').next().unwrap_or("").trim(), 16);
        let Ok(size) = size else { return (body, false) };
        if size == 0 {
            return (body, true);
        }
        let Some(chunk) = rest.get(at + 2..(at + 2).saturating_add(size)) else { return (body, false) };
        body.extend_from_slice(chunk);
        rest = rest.get(at + 4 + size..).unwrap_or(&[]);
    }
    (body, false)
}

/// Reads a whole answer.
pub(crate) fn parse(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = split_head(bytes)?;
    let first = head.lines().next()?.strip_prefix("HTTP/1.")?;
    let status = first.split_whitespace().nth(1)?.parse().ok()?;
    let body = if is_chunked(head) { unchunked(body).0 } else { body.to_vec() };
    Some(Answer { status, location: header(head, "location").map(str::to_owned), body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let address =
            |host: &str, port, path: &str| Address { host: host.to_owned(), port, path: path.to_owned() };
        for (url, wanted) in [
            ("http://a.example", address("a.example", 80, "/")),
            ("http://a.example:8080/x?y=1", address("a.example", 8080, "/x?y=1")),
            ("http://[::1]:81/x", address("[::1]", 81, "/x")),
            ("http://[::1]/x", address("[::1]", 80, "/x")),
        ] {
            assert_eq!(Address::parse(url), Ok(wanted), "{url}");
        }
        for url in ["https://a", "ftp://a", "http://", "http://u:p@a/", "http://a/x y", "http://a:b/"] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn answers() {
        let answer =
            parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                .unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"abcde"[..]));
        let moved = parse(b"HTTP/1.1 301 Moved\r\nLocation: http://b/\r\n\r\n").unwrap();
        assert_eq!(moved.location.as_deref(), Some("http://b/"));
        assert_eq!(parse(b"SSH-2.0-x\r\n\r\n"), None);
        assert!(!is_complete(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"));
    }
}
