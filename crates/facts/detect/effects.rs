//! Statements of JavaScript modules that change what a name stands for without binding it: `init();`, `state.name = x`.

use std::collections::{BTreeMap, BTreeSet};

use syntax::decision::{Call, Expression, ExpressionKind as Kind, Function, Statement, StatementKind};

/// Methods that call what they are given at once.
const CALLS_AT_ONCE: &[&str] =
    &["forEach", "map", "filter", "find", "some", "every", "reduce", "then", "catch", "finally"];

/// What a statement changes of its module.
#[derive(Debug, Clone, Default)]
pub(super) struct Changed {
    pub(super) names: BTreeSet<String>,
    /// Whether it sets variables of the process.
    pub(super) environ: bool,
}

/// What each statement of a module changes, itself and by the functions of the module that it calls.
pub(super) fn changes(body: &[Statement]) -> Vec<Changed> {
    let functions = functions_of(body);
    let kept = kept_objects(body);
    let known: BTreeMap<&str, Walker<'_>> = functions
        .iter()
        .map(|(name, function)| {
            let mut walker = Walker::new(&kept);
            walker.function(function);
            (*name, walker)
        })
        .collect();
    let of_statement = |statement: &Statement| {
        if matches!(statement.kind, StatementKind::Function(_) | StatementKind::Class(_)) {
            return Changed::default();
        }
        let mut walker = Walker::new(&kept);
        walker.statement(statement);
        let mut changed = walker.changed;
        let mut waiting: Vec<&str> = walker.calls.into_iter().collect();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if let Some(called) = known.get(name).filter(|_| seen.insert(name)) {
                changed.names.extend(called.changed.names.iter().cloned());
                changed.environ |= called.changed.environ;
                waiting.extend(&called.calls);
            }
        }
        changed
    };
    body.iter().map(of_statement).collect()
}

/// The functions that a module gives a name.
fn functions_of(body: &[Statement]) -> BTreeMap<&str, &Function> {
    let named = body.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Function(function) => Some((function.name.as_str(), &**function)),
        StatementKind::Declare { target, value: Some(value), .. } => match (&target.kind, &value.kind) {
            (Kind::Name(name), Kind::Function(function)) => Some((name.as_str(), &**function)),
            _ => None,
        },
        _ => None,
    });
    named.collect()
}

/// The names of objects that the module makes itself: a method that is called on one may change it.
fn kept_objects(body: &[Statement]) -> BTreeSet<&str> {
    let classes: BTreeSet<&str> = body
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Class(class) => Some(class.name.as_str()),
            _ => None,
        })
        .collect();
    let is_made = |value: &Expression| match &value.kind {
        Kind::Map(_) | Kind::Sequence(..) => true,
        Kind::Call(call) => match &call.callee.kind {
            Kind::Name(name) => classes.contains(name.as_str()) || matches!(name.as_str(), "Map" | "Set"),
            _ => false,
        },
        _ => false,
    };
    let declared = body.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Declare { target, value: Some(value), .. } if is_made(value) => match &target.kind {
            Kind::Name(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    });
    declared.chain(classes.iter().copied()).collect()
}

struct Walker<'s> {
    kept: &'s BTreeSet<&'s str>,
    changed: Changed,
    calls: BTreeSet<&'s str>,
}

impl<'s> Walker<'s> {
    fn new(kept: &'s BTreeSet<&'s str>) -> Self {
        Self { kept, changed: Changed::default(), calls: BTreeSet::new() }
    }

    /// What a call of a function changes around it.
    fn function(&mut self, function: &'s Function) {
        let before = std::mem::take(&mut self.changed.names);
        self.block(&function.body);
        let mut own: BTreeSet<String> =
            function.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        declared(&function.body, &mut own);
        self.changed.names.retain(|name| !own.contains(name));
        self.changed.names.extend(before);
    }

    fn block(&mut self, body: &'s [Statement]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'s Statement) {
        match &statement.kind {
            StatementKind::Assign(targets, value) => {
                targets.iter().for_each(|target| self.target(target));
                self.expression(value);
            }
            StatementKind::Update(target, _, value) => {
                self.target(target);
                self.expression(value);
            }
            StatementKind::Delete(targets) => targets.iter().for_each(|target| self.target(target)),
            StatementKind::Declare { value: Some(value), .. }
            | StatementKind::Expression(value)
            | StatementKind::Return(Some(value))
            | StatementKind::Raise(Some(value)) => self.expression(value),
            StatementKind::If(branches, otherwise) => {
                for (test, body) in branches {
                    self.expression(test);
                    self.block(body);
                }
                self.block(otherwise);
            }
            StatementKind::Match(subject, cases) => {
                self.expression(subject);
                cases.iter().for_each(|case| self.block(&case.body));
            }
            StatementKind::For { iterable, body, .. } => {
                self.expression(iterable);
                self.block(body);
            }
            StatementKind::While(test, body) => {
                self.expression(test);
                self.block(body);
            }
            StatementKind::Try(parts) => {
                self.block(&parts.body);
                parts.handlers.iter().for_each(|handler| self.block(&handler.body));
                self.block(&parts.finally);
            }
            StatementKind::Block(body) => self.block(body),
            // One that is defined inside another is called there.
            StatementKind::Function(function) => self.function(function),
            _ => {}
        }
    }

    /// What is assigned, or in which object.
    fn target(&mut self, target: &Expression) {
        match &target.kind {
            Kind::Name(name) => {
                self.changed.names.insert(name.clone());
            }
            Kind::Member { object, .. } | Kind::Index { object, .. } => {
                let object = object.dotted();
                let is_environ = object.as_deref() == Some("process.env");
                self.changed.environ |= is_environ || target.dotted().as_deref() == Some("process.env");
                match root(target) {
                    Some("process" | "this") | None => {}
                    Some(name) => {
                        self.changed.names.insert(name.to_owned());
                    }
                }
            }
            Kind::Sequence(_, items) => items.iter().for_each(|item| self.target(item)),
            Kind::Map(entries) => entries.iter().for_each(|(_, value)| self.target(value)),
            Kind::Spread(inner) | Kind::Assign(inner, _) => self.target(inner),
            _ => {}
        }
    }

    fn expression(&mut self, expression: &'s Expression) {
        match &expression.kind {
            Kind::Assign(target, value) => {
                self.target(target);
                self.expression(value);
            }
            Kind::Call(call) => self.call(call),
            Kind::Not(inner)
            | Kind::Negative(inner)
            | Kind::Spread(inner)
            | Kind::TypeOf(inner)
            | Kind::Member { object: inner, .. } => self.expression(inner),
            Kind::Index { object, index, .. } => {
                self.expression(object);
                self.expression(index);
            }
            Kind::Logical(_, operands) | Kind::Sequence(_, operands) => {
                operands.iter().for_each(|operand| self.expression(operand));
            }
            Kind::Compare(first, rest) => {
                self.expression(first);
                rest.iter().for_each(|(_, operand)| self.expression(operand));
            }
            Kind::Conditional(parts) => {
                self.expression(&parts.test);
                self.expression(&parts.then);
                self.expression(&parts.otherwise);
            }
            Kind::Binary(_, left, right) => {
                self.expression(left);
                self.expression(right);
            }
            Kind::Map(entries) => entries.iter().for_each(|(_, value)| self.expression(value)),
            _ => {}
        }
    }

    fn call(&mut self, call: &'s Call) {
        let mut is_at_once = false;
        match &call.callee.kind {
            Kind::Name(name) => {
                self.calls.insert(name);
            }
            Kind::Function(function) => self.function(function),
            Kind::Member { object, name, .. } => {
                is_at_once = CALLS_AT_ONCE.contains(&name.as_str());
                if object.dotted().as_deref() == Some("Object") {
                    if let Some(first) = call.arguments.first() {
                        self.given(first);
                    }
                } else if let Some(name) = root(object).filter(|name| self.kept.contains(name)) {
                    self.changed.names.insert(name.to_owned());
                }
                self.expression(object);
            }
            _ => self.expression(&call.callee),
        }
        for argument in &call.arguments {
            match &argument.kind {
                Kind::Function(function) if is_at_once => self.function(function),
                _ => self.expression(argument),
            }
        }
    }

    /// What `Object.assign` and the like are given to change.
    fn given(&mut self, first: &Expression) {
        match first.dotted().as_deref() {
            Some("process.env") => self.changed.environ = true,
            Some(_) => {
                self.changed.names.extend(root(first).map(str::to_owned));
            }
            None => {}
        }
    }
}

/// The name that a chain of members begins with.
fn root(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Name(name) => Some(name),
        Kind::Member { object, .. } | Kind::Index { object, .. } => root(object),
        _ => None,
    }
}

/// The names that a body declares itself.
fn declared(body: &[Statement], into: &mut BTreeSet<String>) {
    syntax::decision::walk_functions(body, &mut |statement| match &statement.kind {
        StatementKind::Declare { target, .. } | StatementKind::For { target, .. } => names_of(target, into),
        StatementKind::Function(function) => {
            into.insert(function.name.clone());
        }
        _ => {}
    });
}

fn names_of(target: &Expression, into: &mut BTreeSet<String>) {
    match &target.kind {
        Kind::Name(name) => {
            into.insert(name.clone());
        }
        Kind::Sequence(_, items) => items.iter().for_each(|item| names_of(item, into)),
        Kind::Map(entries) => entries.iter().for_each(|(_, value)| names_of(value, into)),
        Kind::Spread(inner) | Kind::Assign(inner, _) => names_of(inner, into),
        _ => {}
    }
}
