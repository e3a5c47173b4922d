//! Keys that a mapping states twice.

use std::collections::HashMap;

use super::{Duplicate, Node, NodeKind};
use crate::Spanned;

/// Adds those of one mapping to `found`; keys are compared by their text, as go-yaml does.
pub(super) fn find_duplicates(entries: &[(Node, Node)], found: &mut Vec<Duplicate>) {
    let mut seen: HashMap<&str, &Node> = HashMap::with_capacity(entries.len());
    for (key, _) in entries {
        let NodeKind::Scalar { value, .. } = &key.kind else { continue };
        if let Some(first) = seen.get(value.as_str()) {
            found.push(Duplicate {
                key: Spanned::new(value.clone(), key.span),
                line: key.line,
                first: first.span,
                first_line: first.line,
            });
        } else {
            seen.insert(value, key);
        }
    }
}
