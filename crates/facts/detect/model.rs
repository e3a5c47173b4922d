//! What detectors are, and what they answer.

use source::Place;

/// A piece of code that says which environment this is, or whether it is a certain one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detector {
    /// `path::name`, which stays the same when lines move.
    pub id: String,
    /// The function, constant or variable, with its class or function: `Config.get_environment`.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// The language it is written in.
    pub language: &'static str,
    /// The environments that it asks for, by canonical name, where it answers yes or no; `None` where it answers
    /// with a name.
    pub asks_for: Option<Vec<String>>,
    /// What it answers where no variable is set.
    pub unset: Answer,
    /// Where it answers that.
    pub unset_at: Place,
    /// A variable of tests that makes it answer `test` where every variable of the environment says `production`.
    pub test_marker: Option<String>,
    /// Texts that it looks for inside the value of a variable: the text, and where the test stands.
    pub substrings: Vec<(String, Place)>,
}

/// What a detector answers in one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The detector's id.
    pub detector: String,
    /// The deployment's id.
    pub deployment: String,
    /// The answer.
    pub answer: Answer,
    /// Every answer that some way to set the unknown variables gives; one where the answer is known.
    pub possible: Vec<Answer>,
    /// Whether there may be answers besides those.
    pub open: bool,
    /// The answer if nothing is set that the deployment does not set, where that says it.
    pub as_declared: Option<Answer>,
    /// The right answer, where the deployment's environment is known.
    pub expected: Option<Answer>,
    /// Whether the answer is the right one; `None` where one of them is not known.
    pub agrees: Option<bool>,
    /// Where the answer is given: the `return`, the assignment.
    pub at: Place,
    /// The condition that led there.
    pub branch: Option<Place>,
    /// The variables that were asked for, sorted.
    pub reads: Vec<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Yes or no.
    Bool(bool),
    /// A name, as the code spells it.
    Text(String),
    /// `None`, `null`.
    Nothing,
    /// An exception, by its class.
    Raises(String),
    /// It cannot be told.
    Unknown {
        /// Why, as a clause.
        reason: String,
        /// Where that comes from.
        at: Place,
    },
}

impl Answer {
    /// The answer as a person reads it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Bool(true) => "yes".to_owned(),
            Self::Bool(false) => "no".to_owned(),
            Self::Text(text) if text.is_empty() => "\"\"".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Nothing => "nothing".to_owned(),
            Self::Raises(class) => format!("raises {class}"),
            Self::Unknown { .. } => "?".to_owned(),
        }
    }

    /// Whether it is known.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }
}
