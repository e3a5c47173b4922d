//! Decisions: the part of a program that can be evaluated without running it.
//!
//! One form for every language, and no language in it but the [`Language`] that says what counts as true and how names
//! are looked up. What a lowering cannot express is [`ExpressionKind::Opaque`] with the reason, never left out.

mod bound;

use std::sync::Arc;

use source::Span;

pub use bound::{bound_names, walk_functions};

/// Levels of one expression or of nested blocks that a lowering follows; deeper ones are opaque.
pub const MAX_DEPTH: usize = 120;

/// The language a decision was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// Python 3.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Rust.
    Rust,
}

impl Language {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Rust => "rust",
        }
    }
}

/// The statements of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// What decides truthiness, methods and lookups.
    pub language: Language,
    /// The statements, in the order of the text.
    pub body: Vec<Statement>,
}

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

/// A statement and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

impl Statement {
    /// A statement at `span`.
    #[must_use]
    pub const fn new(kind: StatementKind, span: Span) -> Self {
        Self { kind, span }
    }
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// Targets that all get one value.
    Assign(Vec<Expression>, Expression),
    /// `name: type = value`, `const name = value`.
    Declare {
        /// The name, or what else gets the value.
        target: Expression,
        /// The type as written, of at most 80 bytes.
        annotation: Option<String>,
        /// The value, where there is one.
        value: Option<Expression>,
    },
    /// `x += y`.
    Update(Expression, Arithmetic, Expression),
    /// An expression for its effect.
    Expression(Expression),
    /// The answer of a function.
    Return(Option<Expression>),
    /// Branches in order, and what holds where none of them does.
    If(Vec<(Expression, Vec<Statement>)>, Vec<Statement>),
    /// The first matching case.
    Match(Expression, Vec<Case>),
    /// A loop over items, with what follows where it was not left early.
    For {
        /// Gets each item.
        target: Expression,
        /// The items.
        iterable: Expression,
        /// For each item.
        body: Vec<Statement>,
        /// Where the loop was not left early.
        otherwise: Vec<Statement>,
    },
    /// A loop with a condition.
    While(Expression, Vec<Statement>),
    /// Statements whose exceptions are handled.
    Try(Box<Try>),
    /// Statements under context managers: each value and what gets it.
    With(Vec<(Expression, Option<Expression>)>, Vec<Statement>),
    /// An exception.
    Raise(Option<Expression>),
    /// A named function.
    Function(Arc<Function>),
    /// A class.
    Class(Arc<Class>),
    /// Names from other modules.
    Import(Import),
    /// Names of the module that this function sets.
    Global(Vec<String>),
    /// Ends the loop.
    Break,
    /// Goes on with the next item.
    Continue,
    /// Takes names or entries away.
    Delete(Vec<Expression>),
    /// Nothing.
    Pass,
    /// A block with names of its own.
    Block(Vec<Statement>),
    /// Something that is not followed, and why, as the end of a sentence.
    Opaque(String),
}

/// One case of a `match` or `switch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What the subject must be.
    pub pattern: Pattern,
    /// What must hold as well.
    pub guard: Option<Expression>,
    /// What then happens.
    pub body: Vec<Statement>,
}

/// What a subject is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Anything.
    Any,
    /// Anything, which gets a name.
    Bind(String),
    /// An equal value.
    Value(Expression),
    /// One of several.
    Or(Vec<Pattern>),
    /// A pattern whose subject gets a name.
    As(Box<Pattern>, String),
    /// A sequence of as many items.
    Sequence(Vec<Pattern>),
    /// A variant by its last name, with what it holds: `Ok(value)`, `Some("x")`.
    Variant(String, Vec<Pattern>),
    /// Something that is not followed, and why.
    Opaque(String),
}

/// `try` with its handlers.
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    /// What may fail.
    pub body: Vec<Statement>,
    /// What handles a failure, in order.
    pub handlers: Vec<Handler>,
    /// What follows where nothing failed.
    pub otherwise: Vec<Statement>,
    /// What follows in any case.
    pub finally: Vec<Statement>,
}

/// A handler of exceptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Handler {
    /// The class or tuple of classes it handles; everything where absent.
    pub of: Option<Expression>,
    /// The name that the exception gets.
    pub name: Option<String>,
    /// What happens.
    pub body: Vec<Statement>,
}

/// A function, method or lambda.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name; empty for one without.
    pub name: String,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
    /// What wraps it, outermost first.
    pub decorators: Vec<Expression>,
    /// Its statements.
    pub body: Vec<Statement>,
    /// The names that belong to it, sorted.
    pub locals: Vec<String>,
    /// Why a call of it gives no answer that can be followed.
    pub opaque: Option<&'static str>,
    /// Where its name stands; the whole of one without.
    pub span: Span,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; empty where a pattern takes it apart.
    pub name: String,
    /// The pattern that takes it apart.
    pub target: Option<Expression>,
    /// Its value where a call gives none.
    pub default: Option<Expression>,
    /// How calls give it.
    pub kind: ParameterKind,
}

/// How calls give a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// By position or name.
    Plain,
    /// By name alone.
    Named,
    /// All further positions.
    Rest,
    /// All further names.
    NamedRest,
}

/// A class.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// What it inherits from.
    pub bases: Vec<Expression>,
    /// What wraps it, outermost first.
    pub decorators: Vec<Expression>,
    /// Its statements.
    pub body: Vec<Statement>,
    /// Where its name stands.
    pub span: Span,
}

/// Names that another module gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The module as written, without leading dots in Python.
    pub module: String,
    /// Python's leading dots.
    pub level: u32,
    /// What is taken from it.
    pub names: ImportedNames,
}

/// What an import binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportedNames {
    /// The module itself: `import a.b`, `import a.b as c`, `import * as c from "a"`.
    Module(Option<String>),
    /// Names of it, and what each is called here.
    Names(Vec<(String, String)>),
    /// All of them.
    All,
}
