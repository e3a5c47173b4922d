//! What code reads, demands, imports and concludes.

use source::{Place, Span};

/// A URL that code holds as the beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeAddress {
    /// The URL as written, up to its first blank, comma or expression.
    pub url: String,
    /// Where the text stands.
    pub at: Place,
    /// The function that holds it.
    pub function: Option<String>,
}

/// An environment variable that code reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// Whether its absence raises.
    pub required: bool,
    /// Whether a condition decides if it is read at all.
    pub is_conditional: bool,
    /// The literal used in its absence.
    pub default: Option<String>,
    /// Whether nothing is asked of the text but whether it is empty: `if os.getenv("X"):`, `!!process.env.X`.
    pub is_truth_test: bool,
    /// The function that reads it.
    pub function: Option<String>,
    /// The class or function that holds the read, with those around it: `Development`, `Client.connect`.
    pub within: Option<String>,
}

/// An error message of code that says that variables are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The variables; of several each may do.
    pub names: Vec<String>,
    /// The environments that it speaks of, by canonical name; empty where it speaks of none.
    pub environments: Vec<&'static str>,
    /// Where the message stands.
    pub at: Place,
    /// The function that gives it.
    pub function: Option<String>,
}

/// How a module is imported; later ones are the milder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// When the importing module is loaded.
    TopLevel,
    /// When a function runs.
    Lazy,
    /// Under a `try` that catches the failure.
    Guarded,
    /// For type checkers only.
    TypeChecking,
}

impl How {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "top-level",
            Self::Lazy => "lazy",
            Self::Guarded => "guarded",
            Self::TypeChecking => "type-checking",
        }
    }
}

/// A module that a file imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The module's full name, relative dots resolved where that is possible.
    pub module: String,
    /// Where it is imported.
    pub at: Place,
    /// How.
    pub how: How,
}

/// An environment concluded from the truth of a variable that the platform sets everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformPredicate {
    /// The platform's variable.
    pub variable: String,
    /// The environment that is concluded, by canonical name.
    pub concluded: String,
    /// Where the variable decides.
    pub at: Place,
    /// The function that decides.
    pub function: Option<String>,
    /// Whether an earlier branch already went by an explicit value, so that this one decides only in its absence.
    pub is_fallback: bool,
    /// The bytes that fall away with the operand of an `or` that the variable is, where it is one.
    pub droppable: Option<Span>,
}
