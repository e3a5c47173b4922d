//! The values that an evaluation meets.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use source::Place;
use syntax::decision::{self, Language, SequenceKind};

use super::copies::Copy;
use super::oracle::Question;
use super::scope::{ModuleState, Scope};

/// A value of the evaluated program.
#[derive(Clone)]
pub(super) enum Value {
    /// `None`, `null`.
    None,
    /// JavaScript's `undefined`.
    Undefined,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Rc<str>),
    Sequence(SequenceKind, Rc<RefCell<Vec<Value>>>),
    /// Entries in the order in which they were added.
    Map(Rc<RefCell<Vec<(Value, Value)>>>),
    Function(Rc<Closure>),
    Class(Rc<Class>),
    Instance(Rc<Instance>),
    /// A module of the repository.
    Module(Rc<ModuleState>),
    /// A package of the repository without a file of its own, by its folder.
    Package(Rc<str>),
    /// Something of a library or of the language, by its dotted name.
    External(Rc<str>),
    /// The variables of the process.
    Environ,
    /// A copy of them.
    Copy(Rc<Copy>),
    /// A method of a value that is built in.
    Method(Rc<(Value, String)>),
    /// A regular expression.
    Regex(Rc<regex::Regex>),
    /// The groups of a match.
    Match(Rc<Vec<Option<String>>>),
    /// An exception of the language, by its class, with its message.
    Exception(Rc<(String, Value)>),
    /// A variant of Rust's `Option` or `Result`, or of an enumeration, with what it holds.
    Variant(Rc<str>, Rc<Vec<Value>>),
    /// A variable that may be set: whether it is becomes a question when something looks at the value.
    Open(Rc<Open>),
    /// One of two values: which is a question when something looks at it.
    Either(Rc<Either>),
    /// Nothing at all, in place of an entry, an attribute or a variable that may be there.
    Absent,
    Unknown(Rc<Unknown>),
}

/// The value of a variable of which it is not known whether it is set.
#[derive(Clone)]
pub(super) struct Open {
    /// The variable.
    pub(super) name: String,
    /// What stands in its place where it is not set.
    pub(super) default: Value,
    /// Where it is read.
    pub(super) place: Place,
}

impl Open {
    /// Why it is not known, as a clause.
    pub(super) fn reason(&self) -> String {
        format!("`{}` may be set where no file tells", self.name)
    }

    /// As something of which nothing is known.
    fn as_unknown(&self) -> Rc<Unknown> {
        let term = term_of("open", &[&Value::text(&self.name), &self.default]);
        let (reason, place) = (self.reason(), self.place.clone());
        Rc::new(Unknown { reason, place, term, truth: term, is_text: false, is_number: false })
    }
}

/// Two values, and the question that tells which.
pub(super) struct Either {
    pub(super) question: Rc<Question>,
    pub(super) no: Value,
    pub(super) yes: Value,
    /// The conditions that led to each.
    pub(super) branches: [Option<Place>; 2],
    term: u64,
    may_be_absent: bool,
}

impl Either {
    pub(super) fn new(question: Rc<Question>, no: Value, yes: Value, branches: [Option<Place>; 2]) -> Self {
        let mut hash = DefaultHasher::new();
        (question.key, no.term(), yes.term()).hash(&mut hash);
        let may_be_absent = no.may_be_absent() || yes.may_be_absent();
        Self { question, no, yes, branches, term: hash.finish(), may_be_absent }
    }

    /// As something of which nothing is known.
    fn as_unknown(&self) -> Rc<Unknown> {
        let (reason, place) = (self.question.reason.clone(), self.question.place.clone());
        Rc::new(Unknown {
            reason,
            place,
            term: self.term,
            truth: self.term,
            is_text: false,
            is_number: false,
        })
    }
}

/// Something that is not known, and why.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    /// Why, as a clause: "`PR_NUMBER` may be set".
    pub(super) reason: String,
    /// Where it comes from.
    pub(super) place: Place,
    /// What it is made of: two with the same term are the same value.
    pub(super) term: u64,
    /// The term of what is true or false with it: a text in lower case is empty where the text is.
    pub(super) truth: u64,
    /// Whether it is known to be a text.
    pub(super) is_text: bool,
    /// Whether it is known to be a finite number.
    pub(super) is_number: bool,
}

impl Unknown {
    /// Something that may be anything.
    pub(super) const fn of_anything(reason: String, place: Place, term: u64) -> Self {
        Self { reason, place, term, truth: term, is_text: false, is_number: false }
    }
}

/// A function with the names around it.
pub(super) struct Closure {
    pub(super) function: Arc<decision::Function>,
    pub(super) module: Rc<ModuleState>,
    pub(super) scope: Option<Rc<Scope>>,
    /// The class whose body defines it.
    pub(super) class: RefCell<Option<Rc<Class>>>,
    /// What its first parameter gets.
    pub(super) receiver: Option<Value>,
    pub(super) role: FunctionRole,
    /// Why its answer is not the body's: a decorator that is not known.
    pub(super) wrapped_by: Option<String>,
}

impl Closure {
    /// Whether its first parameter is the object it was asked of.
    pub(super) fn takes_receiver(&self) -> bool {
        let is_method = match self.module.language() {
            Language::Python => !self.function.name.is_empty(),
            Language::JavaScript => false,
            Language::Rust => self.function.parameters.first().is_some_and(|first| first.name == "self"),
        };
        is_method && self.receiver.is_some() && self.role != FunctionRole::Static
    }
}

/// How a function in a class body is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FunctionRole {
    Plain,
    Static,
    OfClass,
    Property,
}

/// A class.
pub(super) struct Class {
    pub(super) name: String,
    pub(super) bases: Vec<Value>,
    pub(super) members: RefCell<BTreeMap<String, Value>>,
    /// Annotated names in order, with their types.
    pub(super) fields: RefCell<Vec<(String, Option<String>)>>,
    /// What the types of fields are, where pydantic converts to them: enumerations, and tuples of what is allowed.
    pub(super) types: RefCell<BTreeMap<String, Value>>,
    pub(super) kind: ClassKind,
    /// The names of the members of an enumeration, in order.
    pub(super) order: RefCell<Vec<String>>,
}

/// What making an instance of a class means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassKind {
    Plain,
    /// Members are instances with a name and a value.
    Enumeration,
    /// Fields are given by name or position.
    Dataclass,
    /// Fields are given by name: pydantic.
    Model,
    /// Fields that are not given are read from the environment: pydantic settings.
    Settings,
    /// An exception.
    Exception,
}

/// An object.
pub(super) struct Instance {
    pub(super) class: Rc<Class>,
    pub(super) fields: RefCell<BTreeMap<String, Value>>,
    /// Whether `__init__` is still to run, when something asks for an attribute.
    pub(super) waits: Cell<bool>,
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Rc::from(text.as_ref()))
    }

    pub(super) fn list(items: Vec<Value>) -> Self {
        Self::sequence(SequenceKind::List, items)
    }

    pub(super) fn sequence(kind: SequenceKind, items: Vec<Value>) -> Self {
        Self::Sequence(kind, Rc::new(RefCell::new(items)))
    }

    pub(super) fn map(entries: Vec<(Value, Value)>) -> Self {
        Self::Map(Rc::new(RefCell::new(entries)))
    }

    pub(super) fn external(name: impl AsRef<str>) -> Self {
        Self::External(Rc::from(name.as_ref()))
    }

    pub(super) fn variant(name: &str, values: Vec<Value>) -> Self {
        Self::Variant(Rc::from(name), Rc::new(values))
    }

    /// What stands for nothing in a language.
    pub(super) const fn nothing(language: Language) -> Self {
        match language {
            Language::JavaScript => Self::Undefined,
            Language::Python | Language::Rust => Self::None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_unknown(&self) -> Option<&Rc<Unknown>> {
        match self {
            Self::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Whether it holds nothing that is not known, itself and its items.
    pub(super) fn is_known(&self) -> bool {
        self.first_unknown(4).is_none()
    }

    /// The first thing in it that is not known.
    pub(super) fn first_unknown(&self, depth: usize) -> Option<Rc<Unknown>> {
        if depth == 0 {
            return None;
        }
        match self {
            Self::Unknown(unknown) => Some(Rc::clone(unknown)),
            Self::Open(open) => Some(open.as_unknown()),
            Self::Either(either) => Some(either.as_unknown()),
            Self::Sequence(_, items) => items.borrow().iter().find_map(|item| item.first_unknown(depth - 1)),
            Self::Map(entries) => entries.borrow().iter().find_map(|(key, value)| {
                key.first_unknown(depth - 1).or_else(|| value.first_unknown(depth - 1))
            }),
            Self::Variant(_, values) => values.iter().find_map(|value| value.first_unknown(depth - 1)),
            _ => None,
        }
    }

    /// Whether it is the same value, or the same object.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None)
            | (Self::Undefined, Self::Undefined)
            | (Self::Absent, Self::Absent)
            | (Self::Environ, Self::Environ) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one.to_bits() == other.to_bits(),
            (Self::Text(one), Self::Text(other))
            | (Self::Package(one), Self::Package(other))
            | (Self::External(one), Self::External(other)) => one == other,
            (Self::Sequence(_, one), Self::Sequence(_, other)) => Rc::ptr_eq(one, other),
            (Self::Map(one), Self::Map(other)) => Rc::ptr_eq(one, other),
            (Self::Function(one), Self::Function(other)) => Rc::ptr_eq(one, other),
            (Self::Class(one), Self::Class(other)) => Rc::ptr_eq(one, other),
            (Self::Instance(one), Self::Instance(other)) => Rc::ptr_eq(one, other),
            (Self::Module(one), Self::Module(other)) => Rc::ptr_eq(one, other),
            (Self::Copy(one), Self::Copy(other)) => Rc::ptr_eq(one, other),
            (Self::Variant(one, held), Self::Variant(other, too)) => {
                one == other
                    && held.len() == too.len()
                    && held.iter().zip(too.iter()).all(|(one, other)| one.is_same(other))
            }
            (Self::Open(one), Self::Open(other)) => {
                one.name == other.name && one.default.is_same(&other.default)
            }
            (Self::Either(one), Self::Either(other)) => {
                Rc::ptr_eq(one, other)
                    || one.question.key == other.question.key
                        && one.no.is_same(&other.no)
                        && one.yes.is_same(&other.yes)
            }
            (Self::Unknown(one), Self::Unknown(other)) => one.term == other.term,
            _ => false,
        }
    }

    /// Whether it may stand for nothing at all.
    pub(super) fn may_be_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Open(open) => open.default.may_be_absent(),
            Self::Either(either) => either.may_be_absent,
            _ => false,
        }
    }

    /// The value, or another one where it stands for nothing at all.
    pub(super) fn or(self, other: &Self) -> Self {
        match &self {
            Self::Absent => other.clone(),
            Self::Open(open) if open.default.may_be_absent() => {
                let default = open.default.clone().or(other);
                Self::Open(Rc::new(Open { default, ..(**open).clone() }))
            }
            Self::Either(either) if either.may_be_absent => {
                let (no, yes) = (either.no.clone().or(other), either.yes.clone().or(other));
                let (question, branches) = (Rc::clone(&either.question), either.branches.clone());
                Self::Either(Rc::new(Either::new(question, no, yes, branches)))
            }
            _ => self,
        }
    }

    /// A number that is equal for equal values, as far as terms of unknown ones need it.
    pub(super) fn term(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        match self {
            Self::None => "none".hash(&mut hash),
            Self::Undefined => "undefined".hash(&mut hash),
            Self::Bool(value) => value.hash(&mut hash),
            Self::Integer(value) => ("integer", value).hash(&mut hash),
            Self::Float(value) => ("float", value.to_bits()).hash(&mut hash),
            Self::Text(text) => ("text", text).hash(&mut hash),
            Self::Unknown(unknown) => return unknown.term,
            Self::Open(open) => return open.as_unknown().term,
            Self::Either(either) => return either.term,
            Self::Absent => "absent".hash(&mut hash),
            Self::Sequence(_, items) => {
                for item in items.borrow().iter().take(64) {
                    match item {
                        Self::Sequence(..) | Self::Map(_) => "nested".hash(&mut hash),
                        item => item.term().hash(&mut hash),
                    }
                }
            }
            Self::External(name) => ("external", name).hash(&mut hash),
            Self::Variant(name, values) => {
                ("variant", variant_name(name)).hash(&mut hash);
                values.iter().for_each(|value| value.term().hash(&mut hash));
            }
            Self::Environ => "environ".hash(&mut hash),
            Self::Instance(instance) => std::ptr::from_ref(&**instance).addr().hash(&mut hash),
            _ => "other".hash(&mut hash),
        }
        hash.finish()
    }

    /// What it is, for reasons.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::None | Self::Undefined | Self::Absent => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::Sequence(..) => "a sequence",
            Self::Map(_) | Self::Copy(_) => "a dictionary",
            Self::Function(_) | Self::Method(_) => "a function",
            Self::Class(_) => "a class",
            Self::Instance(_) | Self::Variant(..) => "an object",
            Self::Module(_) | Self::Package(_) => "a module",
            Self::External(_) => "something of a library",
            Self::Environ => "the environment",
            Self::Regex(_) | Self::Match(_) => "a regular expression",
            Self::Exception(_) => "an exception",
            Self::Unknown(_) | Self::Open(_) | Self::Either(_) => "unknown",
        }
    }
}

/// The name of a variant without its type.
pub(super) fn variant_name(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// A number for what an operation makes of values.
pub(super) fn term_of(operation: &str, parts: &[&Value]) -> u64 {
    let mut hash = DefaultHasher::new();
    operation.hash(&mut hash);
    for part in parts {
        part.term().hash(&mut hash);
    }
    hash.finish()
}
