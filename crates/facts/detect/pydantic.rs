//! What pydantic does to fields beside filling them: sources other than the environment, and validators.
//!
//! Sources: <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>, <https://docs.pydantic.dev/latest/concepts/validators/>.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use source::Span;
use syntax::decision::{Expression, ExpressionKind, Function};

use super::journal::Slot;
use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::{Class, ClassKind, Closure, FunctionRole, Value};

/// Types whose fields are read from one variable each, whatever delimiter is set.
const PLAIN: &[&str] = &["str", "bool", "int", "float"];

impl Machine<'_> {
    /// An option of `model_config`, or of the class `Config`.
    pub(super) fn option_of(class: &Rc<Class>, name: &str) -> Option<Value> {
        match Self::member_of_class(class, "model_config") {
            Some(Value::Map(options)) => {
                let options = options.borrow();
                options.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone())
            }
            _ => match Self::member_of_class(class, "Config") {
                Some(Value::Class(config)) if config.kind == ClassKind::Plain => {
                    Self::member_of_class(&config, name)
                }
                _ => None,
            },
        }
    }

    /// Why a field that no variable sets may have another value than its default.
    pub(super) fn other_source(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        annotation: Option<&str>,
    ) -> Option<&'static str> {
        // Elsewhere the variable may be set to anything already.
        if !self.variables.complete {
            return None;
        }
        if Self::option_of(class, "secrets_dir").is_some_and(|folder| !matches!(folder, Value::None)) {
            return Some("settings of this class may be in a folder of secrets");
        }
        let is_nested = Self::option_of(class, "env_nested_delimiter").is_some();
        if is_nested && annotation.is_none_or(|kind| !PLAIN.contains(&kind)) {
            return Some("parts of this field have variables of their own");
        }
        let files = match Self::option_of(class, "env_file") {
            Some(Value::Sequence(_, files)) => files.borrow().clone(),
            Some(file) => vec![file],
            None => Vec::new(),
        };
        let may_be_there = |file: &Value| match file {
            Value::None => false,
            file => !matches!(self.is_there(frame, span, super::paths::shown(file)), Value::Bool(false)),
        };
        files.iter().any(may_be_there).then_some("settings of this class may be in an env file")
    }

    /// The value of a field after the functions that validate it.
    pub(super) fn validated(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        field: &str,
        value: Value,
    ) -> Eval<Value> {
        let mut value = value;
        for function in validators(class, &["field_validator", "validator"], Some(field)) {
            // With what else is validated, or by a function around the others.
            if function.function.parameters.len() != 2 {
                return Ok(self.unknown(frame, span, format!("what validates `{field}` is not followed")));
            }
            let bound = Self::bound(plain(&function, FunctionRole::OfClass), &Value::Class(Rc::clone(class)));
            value = refused(frame, span, self.call(frame, span, bound, vec![value], Vec::new()))?;
        }
        Ok(value)
    }

    /// Does what validates an object as a whole.
    pub(super) fn validate_whole(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        made: &Value,
    ) -> Eval<()> {
        let Value::Instance(instance) = made else { return Ok(()) };
        let whole = validators(class, &["model_validator", "root_validator"], None);
        let fills = Self::member_of_class(class, "model_post_init").is_some();
        if whole.is_empty() && !fills {
            return Ok(());
        }
        let are_followed = !fills && whole.iter().all(|validator| follows_object(&validator.function));
        if !are_followed {
            let names: Vec<String> =
                super::classes::all_fields(class).into_iter().map(|(name, _)| name).collect();
            for name in names {
                let value =
                    self.unknown(frame, span, format!("what validates `{}` is not followed", class.name));
                self.put(Slot::Field(Rc::clone(instance), name), value);
            }
            return Ok(());
        }
        for function in whole {
            let bound = Self::bound(plain(&function, FunctionRole::Plain), made);
            refused(frame, span, self.call(frame, span, bound, Vec::new(), Vec::new()))?;
        }
        Ok(())
    }
}

/// Whether it gets the object when its fields are there.
fn follows_object(function: &Function) -> bool {
    let is_after = |decorator: &Expression| {
        matches!(&decorator.kind, ExpressionKind::Call(call)
            if call.keywords.iter().any(|(name, value)| name.as_deref() == Some("mode") && value.text() == Some("after")))
    };
    function.parameters.len() == 1 && function.decorators.iter().any(is_after)
}

/// What pydantic makes of a validator's end.
fn refused(frame: &Frame, span: Span, ended: Eval<Value>) -> Eval<Value> {
    match ended {
        Err(Flow::Raise(raised)) if raised.classes.iter().any(|class| REFUSES.contains(&class.as_str())) => {
            Machine::raise(frame, span, "ValidationError", "a validator refuses this value")
        }
        ended => ended,
    }
}

/// Exceptions with which a validator refuses a value.
const REFUSES: &[&str] = &["ValueError", "AssertionError"];

/// The functions of a class and of those above it that one of these decorators marks, for one field where it is told; as
/// they are written.
fn validators(class: &Rc<Class>, decorators: &[&str], field: Option<&str>) -> Vec<Rc<Closure>> {
    let mut found: Vec<Rc<Closure>> = Vec::new();
    for base in &class.bases {
        if let Value::Class(base) = base {
            found.extend(validators(base, decorators, field));
        }
    }
    let marks = |decorator: &Expression| {
        let ExpressionKind::Call(call) = &decorator.kind else {
            return field.is_none() && is_named(decorator, decorators);
        };
        let mut names = call.arguments.iter().filter_map(Expression::text);
        is_named(&call.callee, decorators)
            && field.is_none_or(|field| names.any(|name| name == field || name == "*"))
    };
    let members = class.members.borrow();
    let mut own: Vec<Rc<Closure>> = members
        .values()
        .filter_map(|member| match member {
            Value::Function(closure) if closure.function.decorators.iter().any(marks) => {
                Some(Rc::clone(closure))
            }
            _ => None,
        })
        .collect();
    own.sort_by_key(|closure| closure.function.span.start);
    found.extend(own);
    found
}

/// The function itself, as pydantic calls it.
fn plain(closure: &Closure, role: FunctionRole) -> Value {
    Value::Function(Rc::new(Closure {
        function: Arc::clone(&closure.function),
        module: Rc::clone(&closure.module),
        scope: closure.scope.clone(),
        class: RefCell::new(closure.class.borrow().clone()),
        receiver: None,
        role,
        wrapped_by: None,
    }))
}

fn is_named(decorator: &Expression, names: &[&str]) -> bool {
    decorator.dotted().is_some_and(|name| names.contains(&name.rsplit('.').next().unwrap_or_default()))
}
