//! Statements, and the functions and classes that they define.

use std::sync::Arc;

use source::Span;

use super::{Arithmetic, Expression};

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
        /// The type as written, of at most 400 bytes.
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
