//! Findings out: for people as text, for machines as JSON.
//!
//! The verdict is decided before anything here is called. Secret values never pass: every text goes through
//! [`source::redact`] on its way out.

mod context;
mod facts_json;
mod json;
mod masked;
mod summary;
mod text;

pub use facts_json::{KINDS, facts_json, facts_text};
pub use json::json;
pub use text::{TextOptions, text};

#[cfg(test)]
mod tests;
pub use context::{
    PathAnswers, answers_json, answers_text, listing_json, listing_text, weights_json, weights_text,
};
