//! What there is to say at the end.

use facts::Problem;
use lint::Finding;

use crate::{Exit, Plan, State};

/// What there is to say at the end of a deployment, or of an attempt at one.
#[derive(Debug)]
pub struct Report {
    /// The target.
    pub target: String,
    /// The environment, where the target is known.
    pub environment: Option<String>,
    /// What was reached.
    pub state: State,
    /// How it ended.
    pub exit: Exit,
    /// The id of the commit.
    pub commit: Option<String>,
    /// The id of the tree of files.
    pub tree: Option<String>,
    /// The deployment, where there is one.
    pub deploy: Option<String>,
    /// What users see now.
    pub serving: Option<String>,
    /// The command to go on with.
    pub next: String,
    /// What the gate found.
    pub findings: Vec<Finding>,
    /// What could not be judged or done.
    pub problems: Vec<Problem>,
    /// The plan, where nothing but it was asked for.
    pub plan: Option<Plan>,
}

impl Report {
    /// A report on a target of which nothing is known yet.
    pub(crate) fn on(target: &str, exit: Exit) -> Box<Self> {
        Box::new(Self {
            target: target.to_owned(),
            environment: None,
            state: State::Planned,
            exit,
            commit: None,
            tree: None,
            deploy: None,
            serving: None,
            next: format!("shipworthy deploy {target}"),
            findings: Vec::new(),
            problems: Vec::new(),
            plan: None,
        })
    }

    /// The same with something that went wrong.
    pub(crate) fn because(mut self: Box<Self>, message: impl Into<String>) -> Box<Self> {
        self.problems.push(Problem { path: "".into(), line: 1, message: message.into(), blocking: true });
        self
    }

    /// The same with another command to go on with.
    pub(crate) fn next(mut self: Box<Self>, next: impl Into<String>) -> Box<Self> {
        self.next = next.into();
        self
    }
}
