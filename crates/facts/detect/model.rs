//! What detectors are, and what they answer.

use source::Place;
use syntax::decision::{Expression, ExpressionKind};

use super::choices::Choice;
use super::names::{Asks, asks};

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
    /// The environments that its own tests name beside those, by canonical name: it answers yes there on purpose.
    pub listed: Vec<String>,
    /// What it answers where no variable is set.
    pub unset: Answer,
    /// Where it answers that.
    pub unset_at: Place,
    /// A variable of tests that makes it answer `test` where every variable of the environment says `production`.
    pub test_marker: Option<String>,
    /// What it answers where its variables hold a name that no environment has.
    pub unknown_name: Answer,
    /// Where it answers that.
    pub unknown_name_at: Place,
    /// What it answers where its variables are set to nothing.
    pub empty: Answer,
    /// Comparisons that no value makes true, and where they stand.
    pub impossible: Vec<(Impossible, Place)>,
    /// Texts that it looks for inside the value of a variable: the text, and where the test stands.
    pub substrings: Vec<(String, Place)>,
    /// What its file chooses by its answer.
    pub choices: Vec<Choice>,
}

/// Why a comparison is never true.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impossible {
    /// A text in lower or upper case is compared with one that is not.
    Case {
        /// The method that changes the case.
        method: String,
        /// What it is compared with.
        text: String,
    },
    /// A variable that the framework sets is compared with a value that the framework never gives it.
    Framework {
        /// The variable.
        variable: String,
        /// What it is compared with.
        text: String,
    },
}

impl Impossible {
    /// Why what `asked` gives is never `text`; `None` where it may be.
    pub(super) fn of(asked: &Expression, text: &str) -> Option<Self> {
        if asked.dotted().as_deref() == Some("process.env.NODE_ENV") {
            let is_given = matches!(text, "production" | "development" | "test");
            let variable = "NODE_ENV".to_owned();
            return (!is_given).then(|| Self::Framework { variable, text: text.to_owned() });
        }
        let ExpressionKind::Call(call) = &asked.kind else { return None };
        let ExpressionKind::Member { name, .. } = &call.callee.kind else { return None };
        let is_other = match name.as_str() {
            "lower" | "casefold" | "toLowerCase" | "to_lowercase" | "to_ascii_lowercase" => {
                text.chars().any(|letter| letter.is_ascii_uppercase())
            }
            "upper" | "toUpperCase" | "to_uppercase" | "to_ascii_uppercase" => {
                text.chars().any(|letter| letter.is_ascii_lowercase())
            }
            _ => false,
        };
        is_other.then(|| Self::Case { method: name.clone(), text: text.to_owned() })
    }
}

/// What a detector answers in one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The detector's id.
    pub detector: String,
    /// The deployment's id.
    pub deployment: String,
    /// Whether the deployment is known to run this code, not only some code of the repository.
    pub is_its_own: bool,
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

impl Cell {
    /// Whether of all variables that name an environment only modes of frameworks were asked for: they say how the
    /// program was built or is run, which is for production in every deployment, and not where it runs.
    #[must_use]
    pub fn is_build_mode(&self) -> bool {
        let mut names = self.reads.iter().filter(|name| matches!(asks(name), Some(Asks::Name))).peekable();
        names.peek().is_some() && names.all(|name| is_mode(name))
    }
}

/// Whether a variable holds the mode of a framework, by whatever spelling: `NODE_ENV`, `nodeEnv`. Sources:
/// <https://nodejs.org/en/learn/getting-started/nodejs-the-difference-between-development-and-production>,
/// <https://flask.palletsprojects.com/en/stable/changes/> (2.3.0),
/// <https://guides.rubyonrails.org/configuring.html#rails-environment-settings>.
#[must_use]
pub fn is_mode(name: &str) -> bool {
    const MODES: &[&str] = &["nodeenv", "flaskenv", "railsenv", "rackenv"];
    MODES.iter().any(|mode| name.replace('_', "").eq_ignore_ascii_case(mode))
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
