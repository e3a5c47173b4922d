//! Findings out: for people as text, for machines as JSON.
//!
//! The verdict is decided before anything here is called. Secret values never pass: every text goes through
//! [`source::redact`] on its way out.

mod facts_json;
mod json;
mod masked;
mod summary;
mod text;

pub use facts_json::{KINDS, facts_json, facts_text};
pub use json::{findings_json, json, problems_json};
pub use text::{TextOptions, text};

#[cfg(test)]
mod tests;
