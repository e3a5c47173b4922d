//! Calls as they are written, and the functions that they run.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Call, ExpressionKind as Kind, Language};

use super::builtins::LOGGER;
use super::loggers;
use super::machine::{Eval, Flow, Machine};
use super::recalls::{Beginning, Called};
use super::scope::{Frame, Scope};
use super::value::{Closure, Value};

impl Machine<'_> {
    pub(super) fn call_expression(&mut self, frame: &Frame, span: Span, call: &Call) -> Eval<Value> {
        if loggers::gives_one(call) {
            return Ok(Value::external(LOGGER));
        }
        if let Some(value) = self.super_call(frame, span, call)? {
            return Ok(value);
        }
        let Some(callee) = self.chained(frame, &call.callee, call.optional)? else {
            return Ok(Value::Undefined);
        };
        let Some((arguments, keywords)) = self.arguments(frame, call)? else {
            return Ok(self.unknown(frame, span, "the arguments of this call are not followed"));
        };
        let value = self.call(frame, span, callee, arguments, keywords)?;
        self.ended = false;
        Ok(value)
    }

    /// The arguments of a call; `None` where they cannot be told.
    #[expect(clippy::type_complexity, reason = "positions and names, as every call has them")]
    fn arguments(&mut self, frame: &Frame, call: &Call) -> Eval<Option<(Vec<Value>, Vec<(String, Value)>)>> {
        let Ok(arguments) = self.spread(frame, &call.arguments)? else { return Ok(None) };
        let mut keywords = Vec::new();
        for (name, value) in &call.keywords {
            let value = self.handed(frame, value)?;
            match (name, &value) {
                (Some(name), _) => keywords.push((name.clone(), value)),
                (None, Value::Map(entries)) => {
                    for (key, value) in self.entries_of(entries) {
                        let Some(key) = key.as_text() else { return Ok(None) };
                        keywords.push((key.to_owned(), value));
                    }
                }
                (None, _) => return Ok(None),
            }
        }
        Ok(Some((arguments, keywords)))
    }

    /// `super()` and what is called on it.
    fn super_call(&mut self, frame: &Frame, span: Span, call: &Call) -> Eval<Option<Value>> {
        let Kind::Member { object, name, .. } = &call.callee.kind else { return Ok(None) };
        let is_super = match &object.kind {
            Kind::Call(inner) => matches!(&inner.callee.kind, Kind::Name(name) if name == "super"),
            Kind::Name(name) => name == "super" && frame.language() == Language::JavaScript,
            _ => false,
        };
        if !is_super {
            return Ok(None);
        }
        let Some((arguments, keywords)) = self.arguments(frame, call)? else {
            return Ok(Some(self.unknown(frame, span, "the arguments of this call are not followed")));
        };
        if let ("__new__", Some(Value::Class(class))) = (name.as_str(), arguments.first()) {
            return Ok(Some(Self::bare_instance(class, false)));
        }
        let (Some(class), Some(receiver)) = (frame.class.clone(), frame.receiver.clone()) else {
            return Ok(Some(self.unknown(frame, span, "`super()` is not followed here")));
        };
        for base in &class.bases {
            let Value::Class(base) = base else { continue };
            if let Some(method) = Self::member_of_class(base, name) {
                let method = Self::bound(method, &receiver);
                return self.call(frame, span, method, arguments, keywords).map(Some);
            }
        }
        // What `object` and library classes do when an instance is made sets nothing that is followed.
        let is_setup = matches!(name.as_str(), "__init__" | "__init_subclass__" | "__setattr__");
        Ok(Some(if is_setup {
            Value::None
        } else {
            self.unknown(frame, span, format!("`{name}` of a base class is not in this repository"))
        }))
    }

    /// Calls a function with its arguments bound.
    pub(super) fn call_closure(
        &mut self,
        frame: &Frame,
        span: Span,
        closure: &Rc<Closure>,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Eval<Value> {
        if let Some(wrapper) = &closure.wrapped_by {
            let reason = format!("`{wrapper}` wraps `{}` and is not followed", closure.function.name);
            return Ok(self.unknown(frame, span, reason));
        }
        if let Some(reason) = closure.function.opaque {
            return Ok(self.unknown(frame, span, format!("{reason} is not followed")));
        }
        match self.begin_call(Called::new(closure, &arguments, &keywords)) {
            Beginning::Done(ended) => ended,
            Beginning::Begun(begun) => {
                let ended = self.run_closure(frame, span, closure, arguments, keywords);
                self.end_call(*begun, &ended);
                ended
            }
            Beginning::Unnoted => self.run_closure(frame, span, closure, arguments, keywords),
        }
    }

    fn run_closure(
        &mut self,
        frame: &Frame,
        span: Span,
        closure: &Rc<Closure>,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Eval<Value> {
        let scope = Scope::new(Some(std::sync::Arc::clone(&closure.function)), closure.scope.clone());
        let inner = Frame {
            module: Rc::clone(&closure.module),
            scope: Some(Rc::clone(&scope)),
            class: closure.class.borrow().clone(),
            receiver: closure.receiver.clone(),
        };
        self.deeper(frame, span, |machine| {
            machine.prepare(&closure.module)?;
            if let Err(unknown) = machine.bind_arguments(&inner, closure, span, arguments, keywords)? {
                return Ok(unknown);
            }
            let ended = machine.body(&inner, closure);
            // A function or class that was defined in here holds the scope.
            let holds = |value: &Value| matches!(value, Value::Function(_) | Value::Class(_));
            if Rc::strong_count(&scope) > 2 && scope.names.borrow().values().any(holds) {
                machine.note_scope(&scope);
            }
            ended
        })
    }

    /// What the body of a function gives. That of the function whose answer is asked for is not taken as one: which
    /// way it goes is the answer.
    fn body(&mut self, inner: &Frame, closure: &Rc<Closure>) -> Eval<Value> {
        let mut run = |machine: &mut Self| match machine.block(inner, &closure.function.body) {
            Ok(()) => Ok(Value::nothing(inner.language())),
            Err(Flow::Return(value, at)) => {
                machine.returned = Some(at);
                Ok(value)
            }
            Err(flow) => Err(flow),
        };
        if self.is_outermost() {
            return run(self);
        }
        let site = std::sync::Arc::as_ptr(&closure.function).addr();
        self.as_one(inner, closure.function.span, site, &mut run)
    }
}
