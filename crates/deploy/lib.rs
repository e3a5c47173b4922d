//! Ships a cleared snapshot, or nothing.
//!
//! What is shipped is read from git's object store into a private folder; [`lint::gate`] judges exactly that; a [`Plan`]
//! says as data what will be done; the machine carries it out step by step, each written to the [`journal`] before and
//! after, so that a run that is killed can be gone on with, and what serves can be restored.

mod command_runner;
pub mod config;
mod exit;
mod files;
mod hash;
mod health;
mod http;
mod interrupt;
pub mod journal;
mod lease;
pub mod lock;
mod machine;
pub mod plan;
pub mod provider;
mod receipt;
mod redactor;
mod report;
mod runner;
pub mod ship;
mod snapshot;
mod state;
mod time;
#[cfg(test)]
mod trial;

pub use config::{Deploying, length_of_time};
pub use exit::Exit;
pub use interrupt::Interrupt;
pub use machine::{Ending, Watch};
pub use plan::Plan;
pub use receipt::{Receipt, ReceiptError};
pub use redactor::Redactor;
pub use report::{Judged, Report, Served};
pub use snapshot::Snapshot;
pub use state::State;
pub use time::today;
