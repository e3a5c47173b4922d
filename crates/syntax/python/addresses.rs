//! URLs that code holds.

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
}
