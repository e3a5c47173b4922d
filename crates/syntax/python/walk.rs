//! One walk over the syntax tree, in the order of the text, that hands every place to the readers.
//!
//! The readers are `impl Walker` blocks in the files beside this one; what they need to know about the place they
//! look at (function, scopes, guards, conditions) is kept here.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, BoolOp, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use source::{LineIndex, Span};

use super::environment::{spoken_in, spoken_of};
use super::guards::Guard;
use super::literals::{MAX_NAME, Source, dotted, items_of};
use super::refusals::Held;
use super::scope::{ScopeKind, Scopes, Value};
use super::types::{DefaultValue, Module, ReadForm};

/// Names in a path of owners or functions; the outer ones of deeper nests are left away.
const MAX_PATH_PARTS: usize = 8;

/// Variables that are known to be set at one place.
const MAX_PRESENT: usize = 256;

/// Reads one tree into a [`Module`].
pub(super) struct Walker<'t> {
    pub(super) source: Source<'t>,
    pub(super) lines: &'t LineIndex,
    pub(super) scopes: Scopes,
    pub(super) module: Module,
    /// What surrounds the imports here, from the outside in, within this function.
    pub(super) guards: Vec<Guard>,
    /// Variables that the conditions around this place found set.
    pub(super) present: Vec<String>,
    /// How many `try` statements around this place catch a missing variable.
    pub(super) caught_keys: usize,
    /// How many of the enclosing `try` blocks catch the error of using `None` as a value.
    pub(super) caught_uses: usize,
    /// How many of the enclosing `try` blocks catch some error and go on.
    pub(super) caught_errors: usize,
    /// Calls whose result is used at once in a way that nothing cannot be: `get("A").lower()`, `int(get("A"))`.
    pub(super) used_at_once: HashSet<TextRange>,
    /// What is only asked whether it is empty.
    pub(super) truth_tests: HashSet<TextRange>,
    /// What names the dictionary here, from the outside in.
    pub(super) owners: Vec<String>,
    /// The innermost call around this place.
    pub(super) call: Option<Span>,
    /// The names that the conditions around this place ask for, from the outside in, within this function; `None`
    /// for one that asks for something else.
    pub(super) branches: Vec<Option<Vec<String>>>,
    /// The `if` statements around this place, each by its first byte, with the branch that is taken.
    pub(super) arms: Vec<(usize, usize)>,
    /// Classes whose fields have literal defaults.
    pub(super) record_classes: HashSet<String>,
    pub(super) frame: Frame,
    /// The environments that the name or the branch speaks of for which the expression here is evaluated.
    pub(super) spoken_of: Vec<&'static str>,
    /// What stands in for a read in an `or`, by the read's bytes, until that is recorded.
    pub(super) or_defaults: HashMap<TextRange, DefaultValue>,
    /// Items of literal lists that were recorded as reads.
    pub(super) told: HashSet<(usize, ReadForm)>,
    /// Settings classes that are made when the module is loaded, with the fields that are given to them.
    pub(super) made: Vec<(String, Vec<String>)>,
    /// Settings classes with the names of their bases.
    pub(super) settings_bases: Vec<(String, Vec<String>)>,
    names: Vec<String>,
    function_depth: usize,
}

/// What holds within one function, or within the module's own code.
#[derive(Default)]
pub(super) struct Frame {
    /// The environment that the function's name asks for: `is_staging`.
    pub(super) asks_for: Option<&'static str>,
    /// Whether an earlier branch went by an explicit value.
    pub(super) explicit: bool,
    /// How many conditions around this place compare the environment.
    pub(super) comparisons: usize,
    /// How many expressions around this place gave an explicit value the first say.
    pub(super) alternatives: usize,
    /// Whether the code here runs later than the code around it.
    pub(super) lazy: bool,
    /// Whether a statement before this one may have ended the function.
    pub(super) may_have_returned: bool,
    /// What names hold that were given a read.
    pub(super) held: Vec<Held>,
}

impl<'t> Walker<'t> {
    pub(super) fn new(source: Source<'t>, lines: &'t LineIndex) -> Self {
        Self {
            source,
            lines,
            scopes: Scopes::new(),
            module: Module::default(),
            guards: Vec::new(),
            present: Vec::new(),
            caught_keys: 0,
            caught_uses: 0,
            caught_errors: 0,
            used_at_once: HashSet::new(),
            truth_tests: HashSet::new(),
            owners: Vec::new(),
            call: None,
            branches: Vec::new(),
            arms: Vec::new(),
            record_classes: HashSet::new(),
            frame: Frame::default(),
            spoken_of: Vec::new(),
            or_defaults: HashMap::new(),
            told: HashSet::new(),
            made: Vec::new(),
            settings_bases: Vec::new(),
            names: Vec::new(),
            function_depth: 0,
        }
    }

    /// The dotted path of the enclosing function; of deep nests the inner part.
    pub(super) fn function(&self) -> Option<String> {
        self.within().filter(|_| self.function_depth > 0)
    }

    /// The same of the enclosing class or function, whichever is nearer.
    pub(super) fn within(&self) -> Option<String> {
        let inner = self.names.len().saturating_sub(MAX_PATH_PARTS);
        (!self.names.is_empty()).then(|| self.names.get(inner..).unwrap_or_default().join("."))
    }

    /// What names the dictionary here.
    pub(super) fn owner(&self) -> String {
        let inner = self.owners.len().saturating_sub(MAX_PATH_PARTS);
        self.owners.get(inner..).unwrap_or_default().join(".")
    }

    fn enter_name(&mut self, name: &str) {
        let end = name.floor_char_boundary(name.len().min(MAX_NAME));
        self.names.push(name.get(..end).unwrap_or_default().to_owned());
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        self.lines.line(span.start)
    }

    /// Runs `read` with the names in `owner` around it.
    pub(super) fn owned_by(&mut self, owner: Option<String>, read: impl FnOnce(&mut Self)) {
        let owner = owner.filter(|owner| owner.len() <= MAX_NAME);
        let pushed = owner.is_some();
        self.owners.extend(owner);
        read(self);
        if pushed {
            self.owners.pop();
        }
    }

    /// Runs `read` where a name or branch speaks of these environments.
    pub(super) fn speaking_of(&mut self, environments: Vec<&'static str>, read: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.spoken_of, environments);
        read(self);
        self.spoken_of = outer;
    }

    fn function_definition(&mut self, function: &'t ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        self.visit_parameters(&function.parameters);
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
        self.scopes.enter(ScopeKind::Function);
        for parameter in &*function.parameters {
            self.scopes.bind(parameter.name().as_str(), Value::Unknown);
        }
        self.enter_name(&function.name);
        self.function_depth += 1;
        let asks_for = super::environment::asked_by(&function.name);
        self.later(Frame { asks_for, lazy: true, ..Frame::default() }, |walker| {
            walker.visit_body(&function.body);
        });
        self.function_depth -= 1;
        self.names.pop();
        self.scopes.leave();
        let answer = self.presence_answered(function).map_or(Value::Unknown, Value::Presence);
        self.scopes.bind(&function.name, answer);
    }

    /// Reads code that runs later than the code around it: what guards that code does not guard this.
    fn later(&mut self, frame: Frame, read: impl FnOnce(&mut Self)) {
        let guards = self.guards.iter().copied().filter(|guard| *guard == Guard::TypeChecking).collect();
        let guards = std::mem::replace(&mut self.guards, guards);
        let present = std::mem::take(&mut self.present);
        let caught_keys = std::mem::take(&mut self.caught_keys);
        let caught_uses = std::mem::take(&mut self.caught_uses);
        let caught_errors = std::mem::take(&mut self.caught_errors);
        let owners = std::mem::take(&mut self.owners);
        let spoken_of = std::mem::take(&mut self.spoken_of);
        let frame = std::mem::replace(&mut self.frame, frame);
        let branches = std::mem::take(&mut self.branches);
        let arms = std::mem::take(&mut self.arms);
        read(self);
        self.branches = branches;
        self.arms = arms;
        self.spoken_of = spoken_of;
        self.guards = guards;
        self.present = present;
        self.caught_keys = caught_keys;
        self.caught_uses = caught_uses;
        self.caught_errors = caught_errors;
        self.owners = owners;
        self.frame = frame;
    }

    fn class_definition(&mut self, class: &'t ast::StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let settings = self.settings_class(class);
        self.field_defaults(class);
        self.scopes.enter(ScopeKind::Class);
        self.enter_name(&class.name);
        self.bind_presence_methods(&class.body);
        self.visit_body(&class.body);
        self.names.pop();
        self.scopes.leave();
        self.scopes.bind(&class.name, settings.map_or(Value::Unknown, Value::Settings));
    }

    fn assignment(&mut self, targets: &'t [Expr], value: &'t Expr) {
        let name = match targets {
            [target] => dotted(target),
            _ => None,
        };
        let owner = name.clone().or_else(|| targets.first().and_then(|target| self.key_path_of(target)));
        self.command_list(name.as_deref(), value);
        if items_of(value).is_some() {
            self.pair_texts(value, name.as_deref());
        }
        self.assigned_demand(targets, value);
        self.assigned_predicate(targets, value);
        self.speaking_of(spoken_by(name.as_deref()), |walker| {
            walker.owned_by(owner, |walker| walker.visit_expr(value));
        });
        for target in targets {
            self.key_store(target, value);
            self.visit_expr(target);
            self.bind_target(target, value);
        }
        self.held_read(targets, value);
    }

    fn comprehension(&mut self, generators: &'t [ast::Comprehension], items: &[&'t Expr]) {
        let known = self.present.len();
        self.scopes.enter(ScopeKind::Comprehension);
        for generator in generators {
            self.visit_expr(&generator.iter);
            self.bind_loop(&generator.target, &generator.iter);
            for condition in &generator.ifs {
                self.visit_expr(condition);
                let present = self.surely_set(condition, true);
                self.know(present);
            }
        }
        for item in items {
            self.visit_expr(item);
        }
        self.present.truncate(known);
        self.scopes.leave();
    }

    /// `and` makes what stands to its left known to what stands to its right; `or` gives it the first say.
    fn boolean(&mut self, boolean: &'t ast::ExprBoolOp) {
        if boolean.op == BoolOp::Or {
            self.or_predicate(boolean);
            self.or_default(boolean);
        }
        let known = self.present.len();
        let alternatives = self.frame.alternatives;
        for (at, value) in boolean.values.iter().enumerate() {
            let later = if boolean.op == BoolOp::And { Guard::Conditional } else { Guard::Otherwise };
            self.guarded_by((at > 0).then_some(later), |walker| walker.visit_expr(value));
            if boolean.op == BoolOp::And {
                let present = self.surely_set(value, true);
                self.know(present);
            } else if !matches!(value, Expr::If(_)) {
                self.frame.alternatives += 1;
            }
        }
        self.present.truncate(known);
        self.frame.alternatives = alternatives;
    }

    fn conditional(&mut self, conditional: &'t ast::ExprIf) {
        self.conditional_predicate(conditional);
        let branches = [&*conditional.body, &*conditional.orelse];
        let spoken_of = branches.into_iter().flat_map(spoken_in).collect();
        self.speaking_of(spoken_of, |walker| walker.visit_expr(&conditional.test));
        self.guarded_by(Some(Guard::Conditional), |walker| {
            walker.under(&conditional.test, true, |walker| walker.visit_expr(&conditional.body));
            walker.under(&conditional.test, false, |walker| walker.visit_expr(&conditional.orelse));
        });
    }

    /// Runs `read` where `test` came out as `outcome`.
    pub(super) fn under(&mut self, test: &Expr, outcome: bool, read: impl FnOnce(&mut Self)) {
        let known = self.present.len();
        let present = self.surely_set(test, outcome);
        self.know(present);
        read(self);
        self.present.truncate(known);
    }

    fn call(&mut self, call: &'t ast::ExprCall, expr: &'t Expr) {
        let callee = dotted(&call.func).unwrap_or_default();
        let around = self.call.replace(self.source.span(call.range()));
        let has_default = self.environment_call(call, expr);
        self.used_at_once.extend(used_at_once(call, &callee));
        self.import_call(call);
        self.command_call(call, &callee);
        self.record_call(call, &callee);
        self.opening_call(call, &callee);
        self.called_demand(call, &callee);
        self.added_pairs(call, &callee);
        self.settings_made(call, &callee);
        self.visit_expr(&call.func);
        self.frame.alternatives += usize::from(has_default);
        for argument in &call.arguments.args {
            self.visit_expr(argument);
        }
        for keyword in &call.arguments.keywords {
            self.environment_option(&callee, keyword);
            self.keyword_literal(&callee, keyword);
            let owner = keyword.arg.as_ref().map(ToString::to_string);
            self.speaking_of(spoken_by(owner.as_deref()), |walker| {
                walker.owned_by(owner, |walker| walker.visit_expr(&keyword.value));
            });
        }
        self.frame.alternatives -= usize::from(has_default);
        self.call = around;
    }

    /// Takes note of variables that are set here; of very many only the first.
    pub(super) fn know(&mut self, present: Vec<String>) {
        let free = MAX_PRESENT.saturating_sub(self.present.len());
        self.present.extend(present.into_iter().take(free));
    }

    fn lambda(&mut self, lambda: &'t ast::ExprLambda) {
        if let Some(parameters) = &lambda.parameters {
            self.visit_parameters(parameters);
        }
        self.scopes.enter(ScopeKind::Function);
        for parameter in lambda.parameters.iter().flat_map(|parameters| parameters.iter()) {
            self.scopes.bind(parameter.name().as_str(), Value::Unknown);
        }
        self.later(Frame { lazy: true, ..Frame::default() }, |walker| walker.visit_expr(&lambda.body));
        self.scopes.leave();
    }
}

fn spoken_by(name: Option<&str>) -> Vec<&'static str> {
    name.into_iter().flat_map(spoken_of).collect()
}

impl<'t> Visitor<'t> for Walker<'t> {
    fn visit_body(&mut self, body: &'t [Stmt]) {
        let (known, arms) = (self.present.len(), self.arms.len());
        for (at, stmt) in body.iter().enumerate() {
            self.visit_stmt(stmt);
            if let Stmt::If(branches) = stmt {
                self.refused_absence(branches);
                self.after_early_exit(branches, body.get(at + 1..).unwrap_or_default());
            }
            let set = self.set_by(stmt);
            self.know(set);
        }
        self.present.truncate(known);
        self.arms.truncate(arms);
    }

    fn visit_stmt(&mut self, stmt: &'t Stmt) {
        self.truth_of_statement(stmt);
        match stmt {
            Stmt::FunctionDef(function) => self.function_definition(function),
            Stmt::ClassDef(class) => self.class_definition(class),
            Stmt::Import(import) => self.import_statement(import),
            Stmt::ImportFrom(import) => self.import_from_statement(import),
            Stmt::Assign(assign) => self.assignment(&assign.targets, &assign.value),
            Stmt::AnnAssign(assign) => {
                self.visit_annotation(&assign.annotation);
                match &assign.value {
                    Some(value) => self.assignment(std::slice::from_ref(&assign.target), value),
                    None => self.visit_expr(&assign.target),
                }
            }
            Stmt::AugAssign(assign) => {
                self.command_addition(assign);
                let owner = dotted(&assign.target);
                self.owned_by(owner, |walker| walker.visit_expr(&assign.value));
            }
            Stmt::If(branches) => self.if_statement(branches),
            Stmt::Try(attempt) => self.try_statement(attempt),
            Stmt::With(with) => self.with_statement(with),
            Stmt::For(over) => {
                self.visit_expr(&over.iter);
                self.bind_loop(&over.target, &over.iter);
                self.visit_body(&over.body);
                self.visit_body(&over.orelse);
            }
            Stmt::While(repeated) => {
                self.visit_expr(&repeated.test);
                let guard = self.guard_of(&repeated.test, true);
                self.guarded_by(guard, |walker| walker.visit_body(&repeated.body));
                self.visit_body(&repeated.orelse);
            }
            Stmt::Match(matched) => {
                self.visit_expr(&matched.subject);
                self.guarded_by(Some(Guard::Conditional), |walker| {
                    matched.cases.iter().for_each(|case| walker.visit_match_case(case));
                });
            }
            Stmt::Raise(raise) => {
                self.raised_demand(raise);
                visitor::walk_stmt(self, stmt);
            }
            Stmt::Assert(asserted) => {
                visitor::walk_stmt(self, stmt);
                self.asserted_presence(asserted);
            }
            Stmt::Return(returned) => {
                self.frame.may_have_returned = true;
                self.returned_predicate(returned);
                let name = self.names.last().filter(|_| self.function_depth > 0).map(String::as_str);
                self.speaking_of(spoken_by(name), |walker| visitor::walk_stmt(walker, stmt));
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        self.truth_of_expression(expr);
        match expr {
            Expr::Call(call) => self.call(call, expr),
            Expr::Subscript(subscript) => {
                self.environment_index(subscript, expr);
                visitor::walk_expr(self, expr);
            }
            Expr::Compare(compare) => {
                self.environment_membership(compare);
                visitor::walk_expr(self, expr);
            }
            Expr::BoolOp(boolean) => self.boolean(boolean),
            Expr::If(conditional) => self.conditional(conditional),
            Expr::Dict(dict) => self.dictionary(dict),
            Expr::List(_) | Expr::Tuple(_) => {
                self.loose_command_list(expr);
                visitor::walk_expr(self, expr);
            }
            Expr::StringLiteral(_) | Expr::FString(_) => {
                self.address(expr);
                self.dockerfile(expr);
                visitor::walk_expr(self, expr);
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(list) => self.comprehension(&list.generators, &[&list.elt]),
            Expr::SetComp(set) => self.comprehension(&set.generators, &[&set.elt]),
            Expr::Generator(generator) => self.comprehension(&generator.generators, &[&generator.elt]),
            Expr::DictComp(dict) => {
                let items: Vec<&Expr> = dict.key.as_deref().into_iter().chain([&*dict.value]).collect();
                self.comprehension(&dict.generators, &items);
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                self.bind_target(&named.target, &named.value);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}

/// The call whose result this one uses in a way that nothing cannot be: as the owner of a method, as a number.
fn used_at_once(call: &ast::ExprCall, callee: &str) -> Option<TextRange> {
    let used = match &*call.func {
        Expr::Attribute(method) => &*method.value,
        _ if matches!(callee, "int" | "float") => call.arguments.args.first()?,
        _ => return None,
    };
    matches!(used, Expr::Call(_)).then(|| used.range())
}
