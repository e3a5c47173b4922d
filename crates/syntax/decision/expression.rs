//! Expressions.

use std::sync::Arc;

use source::Span;

use super::{Function, Statement};

/// An expression and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

impl Expression {
    /// An expression at `span`.
    #[must_use]
    pub const fn new(kind: ExpressionKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// What cannot be followed, and why, as the end of a sentence: `a generator`.
    #[must_use]
    pub fn opaque(reason: impl Into<String>, span: Span) -> Self {
        Self { kind: ExpressionKind::Opaque(reason.into()), span }
    }

    /// The value of a literal text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The dotted name it is as written: `os.environ.get`; `None` where it is another kind of expression.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            ExpressionKind::Name(name) => Some(name.clone()),
            ExpressionKind::Member { object, name, .. } => Some(format!("{}.{name}", object.dotted()?)),
            _ => None,
        }
    }
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// Python's `None`, JavaScript's `null`.
    Null,
    /// JavaScript's `undefined`.
    Undefined,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A string.
    Text(String),
    /// A string with expressions in it.
    Format(Vec<Piece>),
    /// A regular expression literal with its flags.
    Regex(String, String),
    /// A list, tuple, set or array.
    Sequence(SequenceKind, Vec<Expression>),
    /// `*x` or `...x` in a call or a sequence.
    Spread(Box<Expression>),
    /// A dictionary or object; no key where another one is spread into it.
    Map(Vec<(Option<Expression>, Expression)>),
    /// A variable, function, class or module by name.
    Name(String),
    /// `object.name`.
    Member {
        /// What has it.
        object: Box<Expression>,
        /// The attribute.
        name: String,
        /// Whether nothing is asked of a missing object: `?.`.
        optional: bool,
    },
    /// `object[index]`.
    Index {
        /// What has it.
        object: Box<Expression>,
        /// The key or number.
        index: Box<Expression>,
        /// Whether nothing is asked of a missing object: `?.[`.
        optional: bool,
    },
    /// `object[start:end]`.
    Slice {
        /// The sequence or text.
        object: Box<Expression>,
        /// The first item; the first of all where absent.
        start: Option<Box<Expression>>,
        /// The item after the last; to the end where absent.
        end: Option<Box<Expression>>,
    },
    /// A call.
    Call(Box<Call>),
    /// `not x`.
    Not(Box<Expression>),
    /// `-x`.
    Negative(Box<Expression>),
    /// Operands of which the deciding one is the value.
    Logical(Logical, Vec<Expression>),
    /// `a == b`, and chains of comparisons.
    Compare(Box<Expression>, Vec<(Comparison, Expression)>),
    /// `a if test else b`, `test ? a : b`.
    Conditional(Box<Conditional>),
    /// Arithmetic, of which only a few operators are followed.
    Binary(Arithmetic, Box<Expression>, Box<Expression>),
    /// A function without a name.
    Function(Arc<Function>),
    /// `[element for target in iterable if test]`.
    Comprehension(Box<Comprehension>),
    /// An assignment that is an expression.
    Assign(Box<Expression>, Box<Expression>),
    /// The module that `require("x")` or `import("x")` loads.
    Import(String),
    /// JavaScript's `typeof x`.
    TypeOf(Box<Expression>),
    /// A block with a value, or a `match` or `if` with branches that are blocks.
    Block(Vec<Statement>),
    /// Something that is not followed, and why, as the end of a sentence.
    Opaque(String),
}

/// A part of a string with expressions in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text.
    Text(String),
    /// The text of a value.
    Value(Expression),
}

/// What a sequence is; they compare differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SequenceKind {
    /// A list or array.
    List,
    /// A tuple.
    Tuple,
    /// A set.
    Set,
}

/// Operators that evaluate no more operands than they need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Logical {
    /// The first false one.
    And,
    /// The first true one.
    Or,
    /// The first that is neither null nor undefined.
    Coalesce,
}

/// Comparisons of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal values.
    Equal,
    /// Other values.
    NotEqual,
    /// JavaScript's `==`, which converts.
    LooseEqual,
    /// JavaScript's `!=`, which converts.
    LooseNotEqual,
    /// The same object.
    Is,
    /// Another object.
    IsNot,
    /// Contained in the right side.
    In,
    /// Not contained in the right side.
    NotIn,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
}

/// Arithmetic that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`, which joins texts and lists too.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `%`, which formats texts in Python.
    Modulo,
    /// `/`, which joins paths in Python.
    Divide,
    /// `|`, the union of sets and dictionaries.
    Union,
}

/// A call of a function, method or class.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Expression,
    /// Arguments by position.
    pub arguments: Vec<Expression>,
    /// Arguments by name; no name where a dictionary is spread.
    pub keywords: Vec<(Option<String>, Expression)>,
    /// Whether nothing is called where the callee is missing: `?.(`.
    pub optional: bool,
}

/// Two values and what chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// What chooses.
    pub test: Expression,
    /// The value where it is true.
    pub then: Expression,
    /// The value where it is not.
    pub otherwise: Expression,
}

/// A sequence made of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Comprehension {
    /// What it makes: a sequence, or a dictionary where there is a key.
    pub kind: SequenceKind,
    /// The key of each entry of a dictionary.
    pub key: Option<Expression>,
    /// Each element.
    pub element: Expression,
    /// The loops, outermost first: target, iterable, conditions.
    pub loops: Vec<(Expression, Expression, Vec<Expression>)>,
}
