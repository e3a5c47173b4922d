//! URLs and Dockerfiles that code holds.

use ruff_python_ast::Expr;

use super::types::Address;
use super::walk::Walker;
use crate::Spanned;

/// Schemes of addresses that a browser or a client calls.
const SCHEMES: [&str; 4] = ["https://", "http://", "wss://", "ws://"];

/// Bytes of a URL; longer ones are data.
const MAX_URL: usize = 512;

impl Walker<'_> {
    /// Records the URL that a string begins with.
    pub(super) fn address(&mut self, expr: &Expr) {
        let Some(text) = self.source.text_of(expr) else { return };
        let value = text.value.value.as_str();
        if !SCHEMES.iter().any(|scheme| value.starts_with(scheme)) {
            return;
        }
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, '{' | ',')).unwrap_or(value.len());
        let Some(url) = value.get(..end).filter(|url| url.len() <= MAX_URL) else { return };
        let url = Spanned::new(url.to_owned(), text.span);
        self.module.addresses.push(Address { url, function: self.function() });
    }

    /// Records a string that is a whole Dockerfile, which a script writes before it builds.
    pub(super) fn dockerfile(&mut self, expr: &Expr) {
        let Some(text) = self.source.plain_text_of(expr) else { return };
        let starts =
            |line: &str, word: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '));
        let mut lines = text.value.lines().skip_while(|line| line.trim().is_empty());
        let begins = lines.next().is_some_and(|line| starts(line, "FROM"));
        if begins && lines.any(|line| starts(line, "CMD") || starts(line, "ENTRYPOINT")) {
            self.module.dockerfiles.push(text.span);
        }
    }
}
