//! Findings out: for people as text and Markdown, for machines as JSON, SARIF and what code hosts and CI systems read.
//!
//! The verdict is decided before anything here is called. Secret values never pass: every text goes through
//! [`source::redact`] on its way out.

mod context;
mod detect;
mod difference;
mod env;
mod facts_json;
mod github;
mod gitlab;
mod hidden;
mod json;
mod junit;
mod markdown;
mod masked;
mod sarif;
mod summary;
mod surroundings;
mod text;

pub use detect::{detect_json, detect_text};
pub use difference::difference;
pub use env::Variables;
pub use facts_json::{KINDS, facts_json, facts_text};
pub use github::github;
pub use gitlab::gitlab;
pub use json::{findings_json, json, problems_json};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use surroundings::Surroundings;
pub use text::{TextOptions, text};

#[cfg(test)]
mod tests;
pub use context::{
    PathAnswers, answers_json, answers_text, listing_json, listing_text, weights_json, weights_text,
};
