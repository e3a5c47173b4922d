//! Where nginx sends requests.
//!
//! Sources: <https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass>,
//! <https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server>.

use std::collections::BTreeSet;

use syntax::Spanned;
use syntax::nginx::{self, Directive};

use super::{Target, ends_with, service_host};
use crate::record::Document;

/// Directives whose argument is an address.
const PASSES: &[&str] = &["proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass"];

/// Whether a file may be one by its name; templates are filled in with variables when a container starts.
pub(super) fn may_be(path: &str) -> bool {
    ends_with(path, &[".conf", ".conf.template", ".nginx", ".template"])
}

pub(super) fn is_one(path: &str, bytes: &[u8]) -> bool {
    may_be(path)
        && [&b"_pass"[..], b"upstream"].iter().any(|word| memchr::memmem::find(bytes, word).is_some())
}

/// The addresses in the configuration of one server; the names of its own groups of servers are none.
pub(super) fn targets<'d>(documents: &[&'d Document]) -> Vec<(&'d Document, Target)> {
    let read: Vec<(&Document, Vec<Directive>)> =
        documents.iter().map(|document| (*document, nginx::parse(&document.text))).collect();
    let groups: BTreeSet<&str> = read
        .iter()
        .flat_map(|(_, directives)| directives)
        .filter(|directive| directive.name == "upstream")
        .filter_map(|directive| Some(directive.arguments.first()?.value.as_str()))
        .collect();
    let mut found = Vec::new();
    for (document, directives) in &read {
        let named = directives.iter().filter_map(target).filter(|one| !groups.contains(one.host.as_str()));
        found.extend(named.map(|one| (*document, one)));
    }
    found
}

fn target(directive: &Directive) -> Option<Target> {
    let is_server = directive.name == "server" && directive.within == "upstream";
    let argument: &Spanned<String> = directive.arguments.first()?;
    if !is_server && !PASSES.contains(&directive.name.as_str()) {
        return None;
    }
    let (scheme, rest) = argument.value.split_once("://").unwrap_or(("http", &argument.value));
    let default_port = if matches!(scheme, "https" | "grpcs") { 443 } else { 80 };
    let (host, port) = service_host(rest.split('/').next()?, default_port)?;
    Some(Target { host: host.to_owned(), port, at: argument.span })
}
