//! The address that a service is declared to have, in place of the one that leads nowhere.

use facts::Setting;
use source::{Span, tokens};

use super::policy::Found;
use crate::config::Service;
use crate::{Edit, Fix, Safety};

/// Offers the declared address of the service that the key names, if there is exactly one. Whether this key means
/// that service is a guess, so the fix is unsafe.
pub(super) fn known_address(setting: &Setting, found: &Found, services: &[(String, Service)]) -> Option<Fix> {
    let environment = setting.scope.environment.as_ref()?;
    let words: Vec<String> = tokens(&setting.key).collect();
    let mut named = services.iter().filter(|(name, _)| tokens(name).all(|word| words.contains(&word)));
    let (name, service) = named.next().filter(|_| named.next().is_none())?;
    let url = service.deploy.get(environment)?.url.as_ref()?.trim_end_matches('/');
    let (start, end) = origin(&setting.value, found)?;
    if setting.at.span.len() != setting.value.len() {
        return None;
    }
    let span = Span::new(start, end).shifted(setting.at.span.start);
    let edit = Edit { path: setting.at.path.to_string(), span, text: url.to_owned() };
    let title = format!("Use {url}, where `{name}` is declared to answer in {environment}");
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![edit] })
}

/// The bytes of `scheme://host:port` around a host. An address with a user or a password is left alone.
fn origin(value: &str, found: &Found) -> Option<(usize, usize)> {
    let before = value.get(..found.range.start)?;
    let scheme_end = before.strip_suffix("://").or_else(|| before.strip_suffix("://["))?.len();
    let scheme = value.get(..scheme_end)?;
    let start = scheme.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '+').map_or(0, |at| at + 1);
    let after = value.get(found.range.end..)?;
    let end = after.find(['/', '?', '#', ',', '"', '}', ' ']).unwrap_or(after.len());
    Some((start, found.range.end + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of(value: &str, host: &str) -> Option<String> {
        let start = value.find(host)?;
        let found = Found { range: start..start + host.len(), says: String::new(), is_doubtful: false };
        origin(value, &found).map(|(start, end)| value[start..end].to_owned())
    }

    #[test]
    fn only_the_origin_goes() {
        assert_eq!(
            origin_of("http://localhost:8000/api", "localhost").as_deref(),
            Some("http://localhost:8000")
        );
        assert_eq!(origin_of("http://[::1]/api", "::1").as_deref(), Some("http://[::1]"));
        assert_eq!(origin_of("postgres://u:p@localhost/db", "localhost"), None);
        assert_eq!(origin_of("localhost:80", "localhost"), None);
    }
}
