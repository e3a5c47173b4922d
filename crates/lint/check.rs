//! What a check is, and what it finds.

use facts::Facts;
use source::Place;

use crate::config::Config;
use crate::{Fix, Severity};

/// One question put to the facts. It knows its policy and nothing about rule names, suppressions or outputs.
pub trait Check: Send + Sync {
    /// Every fault, in any order.
    fn check(&self, facts: &Facts) -> Vec<Fault>;
}

/// What a check may know besides its own policy.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'c> {
    /// The team's configuration: its secrets, timeouts and environments.
    pub config: &'c Config,
}

/// One fault, before the engine adds rule, severity and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is at fault, by a name that stays the same when lines move: a key, a source, a pair of files. With the
    /// rule and the path it is the finding's identity.
    pub subject: String,
    /// What is wrong and what follows from it, in one sentence or two.
    pub message: String,
    /// The primary place.
    pub at: Place,
    /// The other places that make it a fault, the most telling first.
    pub because: Vec<Evidence>,
    /// The environment that breaks; `None` where it is not known or does not matter.
    pub environment: Option<String>,
    /// How grave the consequence is here. It lowers the rule's severity, whether that is the default or configured,
    /// and never raises it.
    pub severity: Option<Severity>,
    /// A repair.
    pub fix: Option<Fix>,
}

impl Fault {
    /// A fault with a place and a message, and nothing else yet.
    #[must_use]
    pub fn new(subject: impl Into<String>, at: Place, message: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            message: message.into(),
            at,
            because: Vec::new(),
            environment: None,
            severity: None,
            fix: None,
        }
    }

    /// Adds evidence.
    #[must_use]
    pub fn because(mut self, at: Place, message: impl Into<String>) -> Self {
        self.because.push(Evidence { at, message: message.into() });
        self
    }

    /// Names the environment that breaks.
    #[must_use]
    pub fn in_environment(mut self, environment: Option<&str>) -> Self {
        self.environment = environment.map(str::to_owned);
        self
    }

    /// Says how grave the consequence is here.
    #[must_use]
    pub fn at_most(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Offers a repair.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// Another place that makes a fault a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub at: Place,
    /// What stands there, and why it matters.
    pub message: String,
}
