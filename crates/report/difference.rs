//! What a fix would change, as a unified diff of masked texts.

use similar::TextDiff;
use source::decode;
use source::redact::Concealed;

/// The unified diff of a file before and after a change, with secret values masked in both, also those that are
/// `concealed` in the file before; empty where they look alike.
/// Bytes that are no text are told and not shown.
#[must_use]
pub fn difference(path: &str, before: &[u8], after: &[u8], concealed: &Concealed) -> String {
    let (Ok(before), Ok(after)) = (decode(before.to_vec()), decode(after.to_vec())) else {
        return format!("{path} differs and is no text\n");
    };
    let (before, after) = concealed.change(path, &before, &after);
    let diff = TextDiff::from_lines(&before, &after);
    diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}
