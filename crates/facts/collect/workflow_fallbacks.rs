//! Literals that workflows fall back to where a secret is not set: `${{ secrets.DB_PASSWORD || 'postgres' }}`.

use source::Span;
use syntax::yaml::View;

use crate::record::Document;
use crate::workflow::SecretFallback;
use crate::{Scope, environment};

/// Values of one job that are looked at.
const MAX_VALUES: u32 = 10_000;

/// The fallbacks in the values of `root`, which belongs to `environment`.
#[must_use]
pub(crate) fn fallbacks(
    document: &Document,
    root: View<'_>,
    environment: Option<&'static str>,
) -> Vec<SecretFallback> {
    let mut found = Vec::new();
    let mut open = vec![root];
    let mut left = MAX_VALUES;
    while let Some(value) = open.pop() {
        left = left.saturating_sub(1);
        if left == 0 || value.is_endless() {
            break;
        }
        if value.as_str().is_some() {
            found.extend(of_value(document, value, environment));
            continue;
        }
        open.extend(value.items());
        open.extend(value.entries().into_iter().map(|(_, value)| value));
    }
    found
}

fn of_value(document: &Document, value: View<'_>, environment: Option<&'static str>) -> Vec<SecretFallback> {
    let inner = value.node().inner;
    let text = document.slice(inner);
    let mut found = Vec::new();
    for (start, _) in text.match_indices("secrets.") {
        let rest = text.get(start..).unwrap_or("");
        let Some((secret, length)) = fallback(rest) else { continue };
        let span = Span::new(inner.start + start, inner.start + start + length);
        found.push(SecretFallback {
            secret: secret.to_owned(),
            at: document.place(span),
            scope: Scope {
                environment: environment.map(str::to_owned),
                service: None,
                deployed: environment.is_some_and(environment::is_deployed),
            },
        });
    }
    found
}

/// The secret of `secrets.NAME || 'literal'`, and how many bytes that is.
fn fallback(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix("secrets.")?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = after.find(|letter: char| !is_name(letter))?;
    let (name, rest) = after.split_at_checked(end)?;
    let literal =
        rest.trim_start_matches(' ').strip_prefix("||")?.trim_start_matches(' ').strip_prefix('\'')?;
    let (inside, tail) = literal.split_once('\'')?;
    (!inside.trim().is_empty()).then_some((name, text.len() - tail.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_behind_a_secret() {
        let text = "secrets.DB_PASSWORD || 'postgres' }}";
        assert_eq!(fallback(text), Some(("DB_PASSWORD", 33)));
        assert_eq!(fallback("secrets.A || ''"), None);
        assert_eq!(fallback("secrets.A || secrets.B"), None);
        assert_eq!(fallback("secrets.A }}"), None);
    }
}
