//! Statements of a module that change what its names stand for without binding them: calls of functions with `global`,
//! and what is put into objects that names stand for.

use std::collections::{BTreeMap, BTreeSet};

use syntax::decision::{
    Call, Expression, ExpressionKind as Kind, Function, ImportedNames, Language, Module, Statement,
    StatementKind, walk_expressions, walk_functions,
};

use super::program::writes_environ;
use super::value::Value;

/// Functions inside functions that are looked into.
const MAX_DEPTH: usize = 8;

/// A statement that changes what a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Changer {
    /// Which one it is.
    pub(super) index: usize,
    /// Whether it changes the object alone that the name stands for.
    pub(super) is_inside: bool,
}

/// The statements of a module that change something.
#[derive(Default)]
pub(super) struct Changers {
    by_name: BTreeMap<String, Vec<Changer>>,
    /// Those that set variables of the process by way of functions.
    pub(super) environ: Vec<usize>,
}

impl Changers {
    /// The statements that change what a name stands for, in order.
    pub(super) fn of(&self, name: &str) -> &[Changer] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// All of a module.
    pub(super) fn new(module: &Module) -> Self {
        if module.language != Language::Python {
            return Self::default();
        }
        let names = Names::new(module);
        let mut by_name: BTreeMap<String, BTreeSet<Changer>> = BTreeMap::new();
        let mut environ = Vec::new();
        for (index, statement) in module.body.iter().enumerate().filter(|(_, one)| !is_for_scripts(one)) {
            let effects = names.effects(std::slice::from_ref(statement), None, &mut Vec::new());
            for name in effects.rebound {
                by_name.entry(name).or_default().insert(Changer { index, is_inside: false });
            }
            for name in effects.inside.iter().flat_map(|name| names.same_as(name)) {
                by_name.entry(name).or_default().insert(Changer { index, is_inside: true });
            }
            if effects.environ {
                environ.push(index);
            }
        }
        let by_name = by_name.into_iter().map(|(name, all)| (name, all.into_iter().collect())).collect();
        Self { by_name, environ }
    }
}

/// Whether something can be put into a value.
pub(super) const fn is_changeable(value: &Value) -> bool {
    matches!(
        value,
        Value::Map(_)
            | Value::Sequence(..)
            | Value::Instance(_)
            | Value::Class(_)
            | Value::Module(_)
            | Value::Copy(_)
            | Value::Either(_)
    )
}

/// `if __name__ == "__main__":`
fn is_for_scripts(statement: &Statement) -> bool {
    let mut asks = false;
    if let StatementKind::If(..) = &statement.kind {
        walk_expressions(statement, &mut |one| {
            asks |= matches!(&one.kind, Kind::Name(name) if name == "__name__");
        });
    }
    asks
}

/// What running statements may change.
#[derive(Default)]
struct Effects {
    /// Names of the module that get another value.
    rebound: BTreeSet<String>,
    /// Names of the module whose objects change.
    inside: BTreeSet<String>,
    /// Parameters whose objects change, by position.
    parameters: BTreeSet<usize>,
    environ: bool,
}

impl Effects {
    fn add(&mut self, other: Self) {
        self.rebound.extend(other.rebound);
        self.inside.extend(other.inside);
        self.parameters.extend(other.parameters);
        self.environ |= other.environ;
    }
}

/// What the names of a module are.
struct Names<'m> {
    functions: BTreeMap<&'m str, Vec<&'m Function>>,
    /// Functions that run where a class is called.
    made_by: BTreeMap<&'m str, Vec<&'m Function>>,
    /// What is imported, with the module it comes from.
    imported: BTreeMap<&'m str, &'m str>,
    /// Names that may stand for one object.
    same: Vec<(String, String)>,
}

impl<'m> Names<'m> {
    fn new(module: &'m Module) -> Self {
        let mut names = Self {
            functions: BTreeMap::new(),
            made_by: BTreeMap::new(),
            imported: BTreeMap::new(),
            same: Vec::new(),
        };
        walk_functions(&module.body, &mut |statement| match &statement.kind {
            StatementKind::Function(function) => {
                names.functions.entry(&function.name).or_default().push(function);
            }
            StatementKind::Class(class) => walk_functions(&class.body, &mut |member| {
                if let StatementKind::Function(function) = &member.kind {
                    if matches!(&*function.name, "__init__" | "__new__" | "__post_init__") {
                        names.made_by.entry(&class.name).or_default().push(function);
                    }
                    names.functions.entry(&function.name).or_default().push(function);
                }
            }),
            StatementKind::Import(import) => {
                if let ImportedNames::Names(all) = &import.names {
                    names.imported.extend(all.iter().map(|(_, local)| (&**local, &*import.module)));
                }
            }
            _ => {}
        });
        let mut same = Vec::new();
        walk_functions(&module.body, &mut |statement| {
            let (targets, value) = match &statement.kind {
                StatementKind::Assign(targets, value) => (targets.iter().collect::<Vec<_>>(), value),
                StatementKind::Declare { target, value: Some(value), .. } => (vec![target], value),
                _ => return,
            };
            for one in targets.into_iter().flat_map(|target| names.roots(target)) {
                same.extend(names.held(value).into_iter().map(|other| (one.clone(), other)));
            }
        });
        names.same = same;
        names
    }

    /// The names that may stand for the object that this one stands for, or hold it.
    fn same_as(&self, name: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([name.to_owned()]);
        loop {
            let before = all.len();
            for (one, other) in &self.same {
                if all.contains(one) || all.contains(other) {
                    all.extend([one.clone(), other.clone()]);
                }
            }
            if all.len() == before {
                return all;
            }
        }
    }

    /// The names whose objects a value is or holds.
    fn held(&self, value: &Expression) -> Vec<String> {
        match &value.kind {
            Kind::Sequence(_, items) => items.iter().flat_map(|item| self.held(item)).collect(),
            Kind::Map(entries) => entries.iter().flat_map(|(_, value)| self.held(value)).collect(),
            Kind::Logical(_, operands) => operands.iter().flat_map(|one| self.held(one)).collect(),
            _ => self.roots(value),
        }
    }

    /// The names by which an expression comes to an object.
    fn roots(&self, expression: &Expression) -> Vec<String> {
        match &expression.kind {
            Kind::Name(name) => vec![name.clone()],
            Kind::Member { object, .. } | Kind::Index { object, .. } => self.roots(object),
            // What a function of the module gives.
            Kind::Call(call) => {
                let Kind::Name(name) = &call.callee.kind else { return self.roots(&call.callee) };
                let mut found = Vec::new();
                for function in self.functions.get(&**name).into_iter().flatten() {
                    walk_functions(&function.body, &mut |statement| {
                        if let StatementKind::Return(Some(value)) = &statement.kind
                            && let Some(name) = root(value)
                            && !is_local(function, name)
                        {
                            found.push(name.to_owned());
                        }
                    });
                }
                found
            }
            _ => Vec::new(),
        }
    }

    /// What running these statements changes, at the top of the module or in a function.
    fn effects(
        &self,
        body: &'m [Statement],
        within: Option<&'m Function>,
        callers: &mut Vec<*const Function>,
    ) -> Effects {
        let mut effects = Effects::default();
        walk_functions(body, &mut |statement| {
            if let (StatementKind::Global(names), Some(_)) = (&statement.kind, within) {
                effects.rebound.extend(names.iter().cloned());
            }
            for target in changed_by(statement) {
                self.change(target, within, &mut effects);
            }
            // At the top of a module they are known as such.
            effects.environ |= within.is_some() && writes_environ(statement);
            let whole = match &statement.kind {
                StatementKind::Expression(value) => Some(value),
                _ => None,
            };
            walk_expressions(statement, &mut |expression| {
                if let Kind::Call(call) = &expression.kind {
                    let is_whole = whole.is_some_and(|whole| std::ptr::eq(whole, expression));
                    self.call(call, is_whole, within, &mut effects, callers);
                }
            });
        });
        effects
    }

    /// Notes that the object is changed to which an expression comes.
    fn change(&self, expression: &Expression, within: Option<&Function>, effects: &mut Effects) {
        for name in self.roots(expression) {
            match within.filter(|function| is_local(function, &name)) {
                Some(function) => {
                    let at = function.parameters.iter().position(|parameter| parameter.name == name);
                    effects.parameters.extend(at);
                }
                None => {
                    effects.inside.insert(name);
                }
            }
        }
    }

    fn call(
        &self,
        call: &'m Call,
        is_whole: bool,
        within: Option<&'m Function>,
        effects: &mut Effects,
        callers: &mut Vec<*const Function>,
    ) {
        let none = Vec::new();
        let (called, object, skipped) = match &call.callee.kind {
            Kind::Name(name) => match self.made_by.get(&**name) {
                Some(made_by) => (made_by, None, 1),
                None => (self.functions.get(&**name).unwrap_or(&none), None, 0),
            },
            Kind::Member { object, name, .. } => {
                (self.functions.get(&**name).unwrap_or(&none), Some(&**object), 1)
            }
            _ => return,
        };
        for function in called {
            let address = std::ptr::from_ref(*function);
            if callers.contains(&address) || callers.len() >= MAX_DEPTH {
                continue;
            }
            callers.push(address);
            let own = self.effects(&function.body, Some(function), callers);
            callers.pop();
            for at in &own.parameters {
                let given = match (object, at.checked_sub(skipped)) {
                    (object, None) => object,
                    (_, Some(at)) => call.arguments.get(at),
                };
                let name = function.parameters.get(*at).map(|parameter| &parameter.name);
                let named = call.keywords.iter().find(|(known, _)| known.as_ref() == name);
                for one in given.into_iter().chain(named.map(|(_, value)| value)) {
                    self.change(one, within, effects);
                }
            }
            effects.add(Effects { parameters: BTreeSet::new(), ..own });
        }
        match &call.callee.kind {
            Kind::Name(name) if matches!(&**name, "setattr" | "delattr") => {
                if let Some(object) = call.arguments.first() {
                    self.change(object, within, effects);
                }
            }
            // What comes from elsewhere may change what it is given, and what comes from there.
            Kind::Name(name) if is_whole && called.is_empty() => {
                let Some(home) = self.imported.get(&**name) else { return };
                for given in call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value)) {
                    self.change(given, within, effects);
                }
                let beside = self.imported.iter().filter(|(other, from)| *from == home && **other != &**name);
                effects.inside.extend(beside.map(|(other, _)| (*other).to_owned()));
            }
            Kind::Member { object, name, .. }
                if called.is_empty() && (is_whole || CHANGE.contains(&&**name)) =>
            {
                self.change(object, within, effects);
            }
            _ => {}
        }
    }
}

/// Methods that change an object and give something as well.
const CHANGE: &[&str] = &["pop", "popitem", "setdefault"];

/// What a statement itself puts something into.
fn changed_by(statement: &Statement) -> Vec<&Expression> {
    let targets: Vec<&Expression> = match &statement.kind {
        StatementKind::Assign(targets, _) | StatementKind::Delete(targets) => targets.iter().collect(),
        StatementKind::Declare { target, value: Some(_), .. }
        | StatementKind::Update(target, ..)
        | StatementKind::For { target, .. } => vec![target],
        StatementKind::With(items, _) => items.iter().filter_map(|(_, target)| target.as_ref()).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    let mut left = targets;
    while let Some(target) = left.pop() {
        match &target.kind {
            Kind::Member { object, .. } | Kind::Index { object, .. } | Kind::Slice { object, .. } => {
                found.push(&**object);
            }
            Kind::Sequence(_, items) => left.extend(items),
            Kind::Spread(inner) => left.push(inner),
            _ => {}
        }
    }
    found
}

/// The name with which an expression begins.
fn root(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Name(name) => Some(name),
        Kind::Member { object, .. } | Kind::Index { object, .. } => root(object),
        _ => None,
    }
}

fn is_local(function: &Function, name: &str) -> bool {
    function.locals.binary_search_by(|local| local.as_str().cmp(name)).is_ok()
}
