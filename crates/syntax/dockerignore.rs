//! Ignore files of image builders: what each builder sends of a directory, and why.
//!
//! `.dockerignore`, `.containerignore` and `.gcloudignore` look alike and are read by six programs that
//! answer differently. A [`Matcher`] answers as one [`Builder`] does, its oddities included: each was
//! measured against the real program or read in its source.
//!
//! ```text
//! let file = parse_as(text, Builder::Buildkit);
//! let matcher = Matcher::new(&file.tree, Builder::Buildkit);
//! matcher.tree.explain("app/services/monitoring/client.py", false).excluded
//! ```

mod builder;
mod choice;
mod clean;
mod compare;
mod compiled;
mod component;
mod gcloud_glob;
mod glob;
mod go_regexp;
mod matcher;
mod parts;
mod prune;
mod read;
mod select;
mod validity;
mod why;

#[cfg(test)]
mod tests;

pub use builder::{Builder, UnknownBuilder};
pub use choice::{Choice, choose_ignore_file, generated_gcloudignore, ignore_file_candidates};
pub use matcher::{Decision, Matcher, ParentState};
pub use read::{IgnoreFile, Include, MAX_PATTERNS, Pattern, parse, parse_as, parse_buildah, parse_gcloud};
pub use select::{Presence, Row, select};
pub use why::{NotReincluded, exact_pattern};
