//! What there is to say at the end.

use facts::Problem;
use lint::{Finding, Severity, Verdict};
use source::redact::Concealed;

use crate::journal::Journal;
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
    /// What users see now, where that was asked.
    pub serving: Option<String>,
    /// What they see where it was not.
    pub otherwise: Served,
    /// Whether the run ended in the middle of a step.
    pub(crate) cut_off: bool,
    /// Whether somebody else has deployed since, so that what users see is not for this run to end.
    pub(crate) overtaken: bool,
    /// The command to go on with.
    pub next: String,
    /// What the gate found.
    pub findings: Vec<Finding>,
    /// What of their lines is not shown.
    pub concealed: Concealed,
    /// How it judged that; none where it was not asked, or has cleared the files.
    pub judged: Option<Judged>,
    /// What could not be judged or done.
    pub problems: Vec<Problem>,
    /// Which findings refuse, where that is not every one in the repository.
    pub scope: Option<&'static str>,
    /// The plan, where nothing but it was asked for.
    pub plan: Option<Plan>,
}

/// How the gate judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// What it decided.
    pub verdict: Verdict,
    /// The mildest severity that refuses.
    pub fail_on: Severity,
}

/// What users see, as far as the journal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// What they saw before.
    Before,
    /// The commit of the report.
    Commit,
    /// They were moved, and where they are now nobody has asked.
    Unknown,
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
            otherwise: Served::Before,
            cut_off: false,
            overtaken: false,
            next: format!("shipworthy deploy {target}"),
            findings: Vec::new(),
            concealed: Concealed::default(),
            judged: None,
            problems: Vec::new(),
            scope: None,
            plan: None,
        })
    }

    /// The same with something that went wrong.
    pub(crate) fn because(mut self: Box<Self>, message: impl Into<String>) -> Box<Self> {
        let message = source::redact::sentence(&message.into()).into_owned();
        self.problems.push(Problem { path: "".into(), line: 1, message, blocking: true });
        self
    }

    /// The same about a deployment that was begun, which has reached what its journal says.
    pub(crate) fn on_begun(mut self: Box<Self>, plan: &Plan, journal: Option<&Journal>) -> Box<Self> {
        self.deploy = Some(plan.id.clone());
        self.next = format!("shipworthy deploy resume {}", plan.id);
        self.state = journal.map_or(State::Planned, Journal::state);
        // Without the journal nobody knows.
        let moved = journal.is_none_or(|journal| journal.began(plan, |step| step.act.changes_what_serves()));
        self.otherwise = if moved { Served::Unknown } else { Served::Before };
        self
    }

    /// The same with what the gate told in another report.
    pub(crate) fn telling(mut self: Box<Self>, other: Self) -> Box<Self> {
        self.findings = other.findings;
        self.concealed = other.concealed;
        self.judged = other.judged;
        self.problems.extend(other.problems);
        self
    }

    /// The same with another command to go on with.
    pub(crate) fn next(mut self: Box<Self>, next: impl Into<String>) -> Box<Self> {
        self.next = next.into();
        self
    }
}
