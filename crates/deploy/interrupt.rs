//! A request to stop, shared between the signal handler and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How often it was asked to stop. Clones share one count.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Asks once more: the first time for an end after the present step, the second time for one at once. Gives how often
    /// it was asked so far.
    #[must_use]
    pub fn ask(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Whether no further step is to be begun.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Whether not even the present step is to be finished.
    #[must_use]
    pub fn is_at_once(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }
}
