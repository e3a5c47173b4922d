//! Statements.

use std::rc::Rc;
use std::sync::Arc;

use source::Span;
use syntax::decision::{
    Expression, ExpressionKind, Function, Import, ImportedNames, Language, Statement, StatementKind as Kind,
};

use super::files::is_file;
use super::loggers::only_tells;
use super::machine::{Eval, Flow, Machine};
use super::program::Resolved;
use super::scope::Frame;
use super::value::{Closure, FunctionRole, Value};

impl Machine<'_> {
    pub(super) fn block(&mut self, frame: &Frame, body: &[Statement]) -> Eval<()> {
        body.iter().try_for_each(|statement| self.statement(frame, statement))
    }

    pub(super) fn statement(&mut self, frame: &Frame, statement: &Statement) -> Eval<()> {
        let span = statement.span;
        self.step(frame, span)?;
        match &statement.kind {
            Kind::Assign(targets, value) => {
                let value = self.handed(frame, value)?;
                self.probed(frame, span, &value)?;
                targets.iter().try_for_each(|target| self.assign(frame, target, value.clone()))
            }
            Kind::Declare { target, annotation, value } => {
                self.declare(frame, span, target, annotation.as_deref(), value.as_ref())
            }
            Kind::Update(target, operator, value) => {
                let old = self.expression(frame, target)?;
                let new = self.expression(frame, value)?;
                let value = self.arithmetic(frame, span, *operator, old, new)?;
                self.assign(frame, target, value)
            }
            Kind::Expression(value) if only_tells(value) => Ok(()),
            Kind::Expression(value) => self.handed(frame, value).map(drop),
            Kind::Return(value) => {
                let returned = match value {
                    Some(value) => self.handed(frame, value)?,
                    None => Value::nothing(frame.language()),
                };
                Err(Flow::Return(returned, frame.module.loaded.place(span)))
            }
            Kind::If(branches, otherwise) => {
                let site = branches.as_ptr().addr();
                let mut run =
                    |machine: &mut Self| machine.branches(frame, branches, otherwise).map(|()| Value::None);
                self.as_one(frame, span, site, &mut run).map(drop)
            }
            Kind::Match(subject, cases) => self.matched(frame, subject, cases),
            Kind::For { target, iterable, body, otherwise } => {
                self.looped(frame, target, iterable, body, otherwise)
            }
            Kind::While(test, body) => self.repeated(frame, span, test, body),
            Kind::Try(parts) => self.tried(frame, parts),
            Kind::With(items, body) => self.with(frame, items, body),
            Kind::Raise(value) => self.raised(frame, span, value.as_ref()),
            Kind::Function(function) => {
                let value = self.function(frame, function)?;
                if frame.language() == Language::Python {
                    self.bind(frame, &function.name, value);
                } else {
                    self.bind_here(frame, &function.name, value);
                }
                Ok(())
            }
            Kind::Class(class) => {
                let value = self.class(frame, class)?;
                self.bind(frame, &class.name, value);
                Ok(())
            }
            Kind::Import(import) => self.import(frame, span, import),
            Kind::Global(_) | Kind::Pass => Ok(()),
            Kind::Break => Err(Flow::Break),
            Kind::Continue => Err(Flow::Continue),
            Kind::Delete(targets) => targets.iter().try_for_each(|target| self.delete(frame, target)),
            Kind::Block(body) if frame.language() == Language::Python => self.block(frame, body),
            Kind::Block(body) => self.block(&Self::inner(frame), body),
            Kind::Opaque(reason) => {
                let value = self.unknown(frame, span, format!("{reason} is not followed"));
                match value {
                    Value::Unknown(unknown) => Err(Flow::Stop(unknown)),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Ends the run where the assignment is the one whose value is asked for.
    fn probed(&self, frame: &Frame, span: Span, value: &Value) -> Eval<()> {
        let asked =
            self.probe.as_ref().is_some_and(|(path, at)| *at == span && **path == *frame.module.loaded.path);
        if asked { Err(Flow::Probed(value.clone(), frame.module.loaded.place(span))) } else { Ok(()) }
    }

    fn declare(
        &mut self,
        frame: &Frame,
        span: Span,
        target: &Expression,
        annotation: Option<&str>,
        value: Option<&Expression>,
    ) -> Eval<()> {
        if let (ExpressionKind::Name(name), Some(scope)) = (&target.kind, &frame.scope)
            && scope.is_class
            && let Some(class) = &frame.class
        {
            class.fields.borrow_mut().push((name.clone(), annotation.map(str::to_owned)));
            if let Some(annotation) = annotation {
                self.note_type(frame, span, &Rc::clone(class), name, annotation);
            }
        }
        let Some(value) = value else {
            if let (ExpressionKind::Name(name), true) = (&target.kind, frame.language() != Language::Python) {
                self.bind_here(frame, name, Value::nothing(frame.language()));
            }
            return Ok(());
        };
        let value = self.handed(frame, value)?;
        self.probed(frame, span, &value)?;
        if frame.language() == Language::Python {
            self.assign(frame, target, value)
        } else {
            self.assign_here(frame, target, value)
        }
    }

    fn branches(
        &mut self,
        frame: &Frame,
        branches: &[(Expression, Vec<Statement>)],
        otherwise: &[Statement],
    ) -> Eval<()> {
        for (test, body) in branches {
            let value = self.expression(frame, test)?;
            if self.truth(frame, &value) {
                self.branch = Some(frame.module.loaded.place(test.span));
                return self.branch_body(frame, body);
            }
        }
        self.branch_body(frame, otherwise)
    }

    pub(super) fn branch_body(&mut self, frame: &Frame, body: &[Statement]) -> Eval<()> {
        match frame.language() {
            Language::Python => self.block(frame, body),
            Language::JavaScript | Language::Rust => self.block(&Self::inner(frame), body),
        }
    }

    /// Context managers of libraries are taken to change neither values nor the order of evaluation, but for
    /// `contextlib.suppress`.
    fn with(
        &mut self,
        frame: &Frame,
        items: &[(Expression, Option<Expression>)],
        body: &[Statement],
    ) -> Eval<()> {
        let mut suppresses = false;
        for (value, target) in items {
            suppresses |= match &value.kind {
                ExpressionKind::Call(call) => {
                    call.callee.dotted().is_some_and(|name| name.ends_with("suppress"))
                }
                _ => false,
            };
            let entered = self.expression(frame, value)?;
            if let Some(target) = target {
                let given = match &entered {
                    Value::Instance(_) => match self.method_of(frame, value.span, &entered, "__enter__")? {
                        Some(method) => self.call(frame, value.span, method, Vec::new(), Vec::new())?,
                        None => entered.clone(),
                    },
                    file if is_file(file) => entered.clone(),
                    _ => self.unknown(frame, value.span, "a context manager is not followed"),
                };
                self.assign(frame, target, given)?;
            }
        }
        if !suppresses {
            return self.block(frame, body);
        }
        self.handlers += 1;
        let result = self.block(frame, body);
        self.handlers -= 1;
        match result {
            Err(Flow::Raise(_)) => Ok(()),
            other => other,
        }
    }

    /// A function where it is defined, with its decorators.
    pub(super) fn function(&mut self, frame: &Frame, function: &Arc<Function>) -> Eval<Value> {
        let mut role = FunctionRole::Plain;
        let mut wrapped_by = None;
        let mut applied = Vec::new();
        for decorator in function.decorators.iter().rev() {
            let callee = match &decorator.kind {
                ExpressionKind::Call(call) => &call.callee,
                _ => decorator,
            };
            let name = callee.dotted().unwrap_or_default();
            match name.rsplit('.').next().unwrap_or_default() {
                "staticmethod" => role = FunctionRole::Static,
                "classmethod" => role = FunctionRole::OfClass,
                "property" | "cached_property" | "computed_field" => role = FunctionRole::Property,
                "lru_cache" | "cache" | "wraps" | "abstractmethod" | "override" | "final" | "overload"
                | "contextmanager" | "deprecated" | "no_type_check" | "setter" | "deleter" => {}
                _ => match self.expression(frame, decorator)? {
                    Value::Function(wrapper) => applied.push((Value::Function(wrapper), decorator.span)),
                    _ => wrapped_by = Some(name),
                },
            }
        }
        let mut value = Value::Function(Rc::new(Closure {
            function: Arc::clone(function),
            module: Rc::clone(&frame.module),
            scope: frame.scope.clone(),
            class: std::cell::RefCell::new(frame.class.clone()),
            receiver: None,
            role,
            wrapped_by,
        }));
        for (wrapper, span) in applied {
            value = self.call(frame, span, wrapper, vec![value], Vec::new())?;
        }
        Ok(value)
    }

    fn import(&mut self, frame: &Frame, span: Span, import: &Import) -> Eval<()> {
        let loaded = Arc::clone(&frame.module.loaded);
        match &import.names {
            ImportedNames::Module(alias) => {
                let first = import.module.split('.').next().unwrap_or(&import.module);
                let (wanted, local) = match alias {
                    Some(alias) => (import.module.as_str(), alias.as_str()),
                    None => (first, first),
                };
                let resolved = self.program.resolve(&loaded, wanted, import.level);
                self.may_be_missing(frame, span, &resolved, wanted)?;
                let value = self.module_value(resolved, wanted)?;
                self.bind(frame, local, value);
            }
            ImportedNames::Names(names) if frame.language() == Language::Rust => {
                for (name, local) in names {
                    let path = if import.module.is_empty() {
                        name.clone()
                    } else {
                        format!("{}::{name}", import.module)
                    };
                    let value = self.rust_path(frame, span, &path)?;
                    self.bind(frame, local, value);
                }
            }
            ImportedNames::Names(names) => {
                let resolved = self.program.resolve(&loaded, &import.module, import.level);
                self.may_be_missing(frame, span, &resolved, &import.module)?;
                let module = self.module_value(resolved, &import.module)?;
                for (name, local) in names {
                    let value = self.imported(frame, span, &module, name)?;
                    self.bind(frame, local, value);
                }
            }
            ImportedNames::All => {}
        }
        Ok(())
    }

    /// A library may be absent, which matters where something handles that.
    fn may_be_missing(&mut self, frame: &Frame, span: Span, resolved: &Resolved, module: &str) -> Eval<()> {
        if self.handlers == 0 || !matches!(resolved, Resolved::External) || is_always_there(module) {
            return Ok(());
        }
        let unknown = self.unknown(frame, span, format!("`{module}` is not in this repository"));
        let missing = unknown.as_unknown().is_some_and(|unknown| {
            let unknown = Rc::clone(unknown);
            self.decide(&unknown, "is missing")
        });
        if missing { Self::raise(frame, span, "ImportError", module) } else { Ok(()) }
    }

    pub(super) fn module_value(&mut self, resolved: Resolved, written: &str) -> Eval<Value> {
        Ok(match resolved {
            Resolved::File(path) => match self.module(&path) {
                Some(module) => {
                    self.prepare(&module)?;
                    Value::Module(module)
                }
                None => Value::external(written),
            },
            Resolved::Package(folder) => Value::Package(Rc::from(folder)),
            // The old interface inside the new library.
            Resolved::External if written == "pydantic.v1" => Value::external("pydantic"),
            Resolved::External => Value::external(written),
        })
    }

    /// `name` of a module, or the module of that name in a package.
    fn imported(&mut self, frame: &Frame, span: Span, module: &Value, name: &str) -> Eval<Value> {
        match module {
            Value::Module(state) => {
                if let Some(value) = self.global(state, name)? {
                    return Ok(value);
                }
                if state.language() == Language::Rust {
                    let found = self.program.resolve(&state.loaded, &format!("self::{name}"), 0);
                    return match found {
                        Resolved::External => {
                            let path = &state.loaded.path;
                            Ok(self.unknown(frame, span, format!("`{name}` of {path} is not followed")))
                        }
                        found => self.module_value(found, name),
                    };
                }
                let folder = source::directory_of(&state.loaded.path).to_owned();
                match self.program.submodule(&folder, name) {
                    Resolved::External => {
                        let path = &state.loaded.path;
                        Ok(self.unknown(frame, span, format!("`{name}` of {path} is not followed")))
                    }
                    found => self.module_value(found, name),
                }
            }
            Value::Package(folder) => {
                let found = self.program.submodule(folder, name);
                self.module_value(found, name)
            }
            other => self.member(frame, span, other.clone(), name),
        }
    }
}

/// Modules of the language itself.
fn is_always_there(module: &str) -> bool {
    super::program::STANDARD.contains(&module.split('.').next().unwrap_or(module))
}
