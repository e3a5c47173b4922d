//! Which type a plain scalar has.

/// The rules by which a plain scalar gets its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schema {
    /// The core schema of YAML 1.2.2, section 10.3: `010` is ten, `yes` and dates are strings.
    Core,
    /// What Compose uses (go-yaml 4 as of compose-go 2.14): `010` is eight, `1_000` a thousand, `2001-01-01` a
    /// date, `yes` a string.
    Go,
}

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i128),
    /// Any other number, `.inf` and `.nan`.
    Float(f64),
    /// A date, or a date and a time, as written ([`Schema::Go`] only).
    Timestamp(String),
    /// Everything else.
    Str(String),
}

impl Scalar {
    /// What a plain scalar's text means.
    #[must_use]
    pub fn of(text: &str, schema: Schema) -> Self {
        let _ = schema;
        Self::Str(text.to_owned())
    }
}
