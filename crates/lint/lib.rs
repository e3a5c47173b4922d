//! Rules over facts: what is wrong, why, and whether the deployment may go on.
//!
//! A rule is a Markdown file ([`Rule`]), a check is code ([`Check`]) that many rules may share. The [`engine`] runs
//! the checks, gives their faults rule, severity and columns, takes the allowed ones out, and decides the [`Verdict`].

mod baseline;
mod check;
mod checks;
pub mod config;
mod date;
mod document;
pub mod duration;
pub mod engine;
mod example;
mod finding;
mod fix;
pub mod fixing;
pub mod gate;
mod nearest;
mod pattern;
mod platform;
mod registry;
mod rule;
mod rule_file;
mod select;
mod severity;
mod shard;
mod suppress;
mod texts;
mod verdict;

pub use baseline::Baseline;
pub use check::{Check, CheckContext, Evidence, Fault};
pub use config::Config;
pub use date::Date;
pub use engine::{Options, Outcome};
pub use example::{Example, Expectation};
pub use finding::{Because, Finding, Fixed, Location, Suppressed, fingerprint};
pub use fix::{Edit, Fix, Safety};
pub use nearest::{did_you_mean, nearest};
pub use pattern::Pattern;
pub use registry::Registry;
pub use rule::{FixKind, Head, Rule, RuleError};
pub use select::{unknown_names, wanted};
pub use severity::{Level, Severity};
pub use shard::{Shard, Units};
pub use verdict::Verdict;
