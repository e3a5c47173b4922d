//! The short form of a port: `ip:host:container/protocol`, each port a number or a range.

/// A port as its short form states it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Short<'s> {
    pub(super) host_ip: Option<&'s str>,
    pub(super) published: Option<&'s str>,
    pub(super) target: &'s str,
    pub(super) protocol: &'s str,
}

/// Divides `spec` without looking at its numbers, which may be variables.
pub(super) fn divide(spec: &str) -> Short<'_> {
    let (rest, target) = rsplit_outside_variables(spec);
    let (target, protocol) = match target.split_once('/') {
        Some((target, protocol)) if !protocol.is_empty() => (target, protocol),
        Some((target, _)) => (target, "tcp"),
        None => (target, "tcp"),
    };
    let Some(rest) = rest else {
        return Short { host_ip: None, published: None, target, protocol };
    };
    let (host_ip, published) = rsplit_outside_variables(rest);
    let stated = |text: &'_ str| !text.is_empty();
    Short {
        host_ip: host_ip.filter(|ip| stated(ip)),
        published: Some(published).filter(|p| stated(p)),
        target,
        protocol,
    }
}

/// The text before and after the last colon that no `${…}` holds.
fn rsplit_outside_variables(text: &str) -> (Option<&str>, &str) {
    let mut closed = 0_usize;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b'}' => closed += 1,
            b'{' => closed = closed.saturating_sub(1),
            b':' if closed == 0 => return (text.get(..at), text.get(at + 1..).unwrap_or("")),
            _ => {}
        }
    }
    (None, text)
}

/// Reads `spec` as go-connections' `ParsePortSpec` does.
///
/// # Errors
/// What is not a port, a range or an address in it.
pub(super) fn parse(spec: &str) -> Result<Short<'_>, String> {
    let short = divide(spec);
    if let Some(ip) = short.host_ip {
        let bare = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
        if bare.parse::<std::net::IpAddr>().is_err() {
            return Err(format!("`{spec}`: `{ip}` is not an IP address"));
        }
    }
    if short.target.is_empty() {
        return Err(format!("`{spec}` names no port of the container"));
    }
    let container =
        range(short.target).ok_or_else(|| format!("`{spec}`: `{}` is not a port", short.target))?;
    if let Some(published) = short.published {
        let host = range(published).ok_or_else(|| format!("`{spec}`: `{published}` is not a port"))?;
        let is_range = container.1 != container.0;
        if is_range && host.1 - host.0 != container.1 - container.0 {
            return Err(format!("`{spec}`: the two ranges are not of the same length"));
        }
    }
    if !["tcp", "udp", "sctp"].contains(&short.protocol.to_ascii_lowercase().as_str()) {
        return Err(format!("`{spec}`: `{}` is not a protocol; use `tcp`, `udp` or `sctp`", short.protocol));
    }
    Ok(short)
}

/// The first and last port of `80` or `80-82`.
fn range(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_from_the_right() {
        let short = |host_ip, published, target, protocol| Short { host_ip, published, target, protocol };
        assert_eq!(parse("127.0.0.1:1:2/udp"), Ok(short(Some("127.0.0.1"), Some("1"), "2", "udp")));
        assert_eq!(parse("[::1]::2"), Ok(short(Some("[::1]"), None, "2", "tcp")));
        assert_eq!(divide("${P:-80}:80"), short(None, Some("${P:-80}"), "80", "tcp"));
        for wrong in ["a:1", "1:2:3", "1-3:1-2", "70000", "80/foo", "1:", "2-1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
