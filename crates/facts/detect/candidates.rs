//! What may be a detector, before it is known what it answers.

use source::Span;
use syntax::decision::{
    Expression, ExpressionKind, Function, Language, ParameterKind, Statement, StatementKind,
    walk_expressions, walk_functions,
};

use super::names::{Asks, asks};
use super::program::Loaded;
use crate::environment::canonical;

/// Something that is evaluated.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) what: Subject,
    /// The name with its class or function.
    pub(super) name: String,
    /// Where its name stands.
    pub(super) span: Span,
    pub(super) asks: Asks,
    /// Whether it is a literal of a class: a default in settings, which the environment fills, and in any other class a
    /// constant.
    pub(super) is_literal: bool,
}

/// What is evaluated.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A function or constant of the module.
    Global(String),
    /// A property of an object that the module makes: `config.env`.
    Entry(String, String),
    /// A method, property or attribute of a class.
    Member(String, String),
    /// An assignment inside a function of the module or a method of a class.
    Assigned(Option<String>, String, Span),
}

/// Everything in a module that may be a detector.
pub(super) fn candidates(loaded: &Loaded) -> Vec<Candidate> {
    let language = loaded.module.language;
    let mut found = Vec::new();
    walk_functions(&loaded.module.body, &mut |statement| match &statement.kind {
        StatementKind::Function(function) => function_candidates(None, function, &mut found),
        StatementKind::Class(class) => {
            walk_functions(&class.body, &mut |member| match &member.kind {
                StatementKind::Function(function) => {
                    function_candidates(Some(&class.name), function, &mut found);
                }
                _ => {
                    for (name, span, value) in assigned(member) {
                        found.extend(constant(Some(&class.name), &name, span, value));
                    }
                }
            });
        }
        _ => {
            for (name, span, value) in assigned(statement) {
                found.extend(constant(None, &name, span, value));
                if let Some(value) = value.filter(|_| language == Language::JavaScript) {
                    entries(&name, value, &mut found);
                }
            }
            if language == Language::JavaScript
                && let Some((name, span, value)) = given_anew(statement)
            {
                found.extend(constant(None, &name, span, Some(value)));
            }
        }
    });
    if language == Language::Python {
        given_in_branches(&loaded.module.body, &mut found);
    }
    // Of several definitions of one name the last one counts.
    let mut distinct: Vec<Candidate> = Vec::new();
    for candidate in found {
        match distinct.iter_mut().find(|known| known.name == candidate.name) {
            Some(known) => *known = candidate,
            None => distinct.push(candidate),
        }
    }
    distinct
}

fn function_candidates(class: Option<&str>, function: &Function, found: &mut Vec<Candidate>) {
    let name = match class {
        Some(class) => format!("{class}.{}", function.name),
        None => function.name.clone(),
    };
    let by_name = asks(&function.name);
    let asked = by_name.or_else(|| answers_with_names(&function.body).then_some(Asks::Name));
    if let Some(asked) = asked.filter(|_| takes_nothing(class.is_some(), function)) {
        let what = match class {
            Some(class) => Subject::Member(class.to_owned(), function.name.clone()),
            None => Subject::Global(function.name.clone()),
        };
        found.push(Candidate {
            what,
            name: name.clone(),
            span: function.span,
            asks: asked,
            is_literal: false,
        });
    }
    let is_maker = class.is_some() && matches!(&*function.name, "__init__" | "__post_init__");
    walk_functions(&function.body, &mut |statement| {
        for (variable, span, value) in assigned(statement) {
            let is_made = is_maker && is_test_of_own(&function.body, statement, span, value);
            let Some(asked) = asks(&variable).filter(|_| is_made || value.is_some_and(reads_a_variable))
            else {
                continue;
            };
            found.push(Candidate {
                what: Subject::Assigned(class.map(str::to_owned), function.name.clone(), statement.span),
                name: format!("{name}.{variable}"),
                span,
                asks: asked,
                is_literal: false,
            });
        }
    });
}

/// Whether an attribute of the object that is made gets the answer to a test of another one that is read from a variable:
/// `self.is_production = self.env == "x"`.
fn is_test_of_own(body: &[Statement], statement: &Statement, span: Span, value: Option<&Expression>) -> bool {
    let mut read: Vec<String> = Vec::new();
    walk_functions(body, &mut |statement| {
        let all = assigned(statement).into_iter();
        read.extend(all.filter(|(_, _, value)| value.is_some_and(reads_a_variable)).map(|(name, ..)| name));
    });
    let mut asks = false;
    walk_expressions(statement, &mut |one| {
        asks |= one.span != span
            && matches!(&one.kind, ExpressionKind::Member { object, name, .. }
                if object.dotted().as_deref() == Some("self") && read.contains(name));
    });
    let targets = match &statement.kind {
        StatementKind::Assign(targets, _) => targets.as_slice(),
        StatementKind::Declare { target, .. } => std::slice::from_ref(target),
        _ => &[],
    };
    let is_own =
        |target: &Expression| target.span == span && matches!(target.kind, ExpressionKind::Member { .. });
    asks && targets.iter().any(is_own)
        && value.is_some_and(|value| {
            matches!(
                value.kind,
                ExpressionKind::Compare(..) | ExpressionKind::Logical(..) | ExpressionKind::Not(_)
            )
        })
}

/// Names of a module that get literals in branches, which decide what they are.
fn given_in_branches(body: &[Statement], found: &mut Vec<Candidate>) {
    for whole in body {
        walk_functions(std::slice::from_ref(whole), &mut |statement| {
            if std::ptr::eq(whole, statement) {
                return;
            }
            for (name, span, _) in
                assigned(statement).into_iter().filter(|(_, _, value)| value.is_some_and(is_plain))
            {
                let Some(asked) = asks(&name).filter(|_| !found.iter().any(|known| known.name == name))
                else {
                    continue;
                };
                let what = Subject::Global(name.clone());
                found.push(Candidate { what, name, span, asks: asked, is_literal: false });
            }
        });
    }
}

/// A constant whose value is more than a literal.
fn constant(class: Option<&str>, name: &str, span: Span, value: Option<&Expression>) -> Option<Candidate> {
    if let Some(Expression { kind: ExpressionKind::Function(function), .. }) = value {
        let asked = asks(name).or_else(|| answers_with_names(&function.body).then_some(Asks::Name))?;
        let is_free = class.is_none() && takes_nothing(false, function);
        return is_free.then(|| Candidate {
            what: Subject::Global(name.to_owned()),
            name: name.to_owned(),
            span,
            asks: asked,
            is_literal: false,
        });
    }
    let asked = asks(name)?;
    // A field without a value is one of pydantic.
    let is_literal = value.is_some_and(is_plain);
    if is_literal && class.is_none() {
        return None;
    }
    Some(match class {
        Some(class) => Candidate {
            what: Subject::Member(class.to_owned(), name.to_owned()),
            name: format!("{class}.{name}"),
            span,
            asks: asked,
            is_literal,
        },
        None => Candidate {
            what: Subject::Global(name.to_owned()),
            name: name.to_owned(),
            span,
            asks: asked,
            is_literal,
        },
    })
}

/// The properties of an object of JavaScript that read a variable themselves: what is only handed on is found where it is
/// made.
fn entries(object: &str, value: &Expression, found: &mut Vec<Candidate>) {
    let ExpressionKind::Map(all) = &value.kind else { return };
    for (key, value) in all {
        let Some(key) = key.as_ref() else { continue };
        let Some(name) = key.text() else { continue };
        let is_own = match &value.kind {
            ExpressionKind::Function(function) => takes_nothing(false, function),
            _ => reads_a_variable(value),
        };
        if let Some(asks) = asks(name).filter(|_| is_own) {
            found.push(Candidate {
                what: Subject::Entry(object.to_owned(), name.to_owned()),
                name: format!("{object}.{name}"),
                span: key.span,
                asks,
                is_literal: false,
            });
        }
    }
}

/// A name of a JavaScript module that an expression gives another value: `if (x) name = y;`.
fn given_anew(statement: &Statement) -> Option<(String, Span, &Expression)> {
    let StatementKind::Expression(Expression { kind: ExpressionKind::Assign(target, value), .. }) =
        &statement.kind
    else {
        return None;
    };
    match &target.kind {
        ExpressionKind::Name(name) => Some((name.clone(), target.span, &**value)),
        _ => None,
    }
}

fn is_plain(value: &Expression) -> bool {
    matches!(
        value.kind,
        ExpressionKind::Text(_)
            | ExpressionKind::Bool(_)
            | ExpressionKind::Null
            | ExpressionKind::Undefined
            | ExpressionKind::Integer(_)
            | ExpressionKind::Sequence(..)
            | ExpressionKind::Map(_)
            | ExpressionKind::Import(_)
    )
}

/// The names that a statement assigns one value: name, place, value.
pub(super) fn assigned(statement: &Statement) -> Vec<(String, Span, Option<&Expression>)> {
    let named = |target: &Expression| match &target.kind {
        ExpressionKind::Name(name) => Some((name.clone(), target.span)),
        ExpressionKind::Member { object, name, .. } => {
            let own =
                matches!(&object.kind, ExpressionKind::Name(object) if object == "self" || object == "this");
            own.then(|| (name.clone(), target.span))
        }
        _ => None,
    };
    match &statement.kind {
        StatementKind::Assign(targets, value) => {
            targets.iter().filter_map(named).map(|(name, span)| (name, span, Some(value))).collect()
        }
        StatementKind::Declare { target, value, .. } => {
            named(target).map(|(name, span)| (name, span, value.as_ref())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a function can be called without saying anything.
fn takes_nothing(is_method: bool, function: &Function) -> bool {
    let is_static = function
        .decorators
        .iter()
        .any(|decorator| decorator.dotted().is_some_and(|name| name.ends_with("staticmethod")));
    let skipped = usize::from(
        is_method
            && !is_static
            && function
                .parameters
                .first()
                .is_some_and(|first| matches!(first.name.as_str(), "self" | "cls" | "mcs")),
    );
    function.parameters.iter().skip(skipped).all(|parameter| {
        parameter.default.is_some()
            || matches!(parameter.kind, ParameterKind::Rest | ParameterKind::NamedRest)
    })
}

/// Whether a body returns the names of two environments or more.
fn answers_with_names(body: &[Statement]) -> bool {
    let named = |value: &Expression| {
        // A variant of an enumeration: `Environment::Production`.
        let variant = || value.dotted().and_then(|path| Some(path.rsplit_once("::")?.1.to_owned()));
        value.text().map(str::to_owned).or_else(variant)
    };
    let mut names: Vec<&str> = Vec::new();
    walk_functions(body, &mut |statement| {
        if let StatementKind::Return(Some(value)) = &statement.kind
            && let Some(name) = named(value).and_then(|name| canonical(&name))
            && !names.contains(&name)
        {
            names.push(name);
        }
    });
    names.len() >= 2
}

/// Whether an expression reads a variable that it names: `os.environ["X"]`, `env.get("X")`, `process.env.X`.
fn reads_a_variable(value: &Expression) -> bool {
    let is_variable = |text: &str| {
        text.len() >= 2
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    match &value.kind {
        ExpressionKind::Call(call) => {
            call.arguments.first().and_then(Expression::text).is_some_and(is_variable)
                || reads_a_variable(&call.callee)
                || call.arguments.iter().any(reads_a_variable)
        }
        ExpressionKind::Index { object, index, .. } => {
            index.text().is_some_and(is_variable) || reads_a_variable(object)
        }
        ExpressionKind::Member { object, name, .. } => {
            (is_variable(name) && object.dotted().is_some_and(|name| name.ends_with("env")))
                || reads_a_variable(object)
        }
        ExpressionKind::Logical(_, operands) => operands.iter().any(reads_a_variable),
        ExpressionKind::Compare(first, rest) => {
            reads_a_variable(first) || rest.iter().any(|(_, operand)| reads_a_variable(operand))
        }
        ExpressionKind::Conditional(parts) => {
            reads_a_variable(&parts.test)
                || reads_a_variable(&parts.then)
                || reads_a_variable(&parts.otherwise)
        }
        ExpressionKind::Not(inner) => reads_a_variable(inner),
        ExpressionKind::Binary(_, left, right) => reads_a_variable(left) || reads_a_variable(right),
        _ => false,
    }
}
