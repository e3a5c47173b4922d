//! What pydantic does to fields beside filling them: sources other than the environment, and validators.
//!
//! Sources: <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>, <https://docs.pydantic.dev/latest/concepts/validators/>.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use source::Span;
use syntax::decision::{Arithmetic, Expression, ExpressionKind, Function, SequenceKind, StatementKind};

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
        (field, kind, is_set): (&str, Option<&str>, bool),
        value: Value,
    ) -> Eval<Value> {
        let all = validators(class, &["field_validator", "validator"], Some(field));
        // With what else is validated, or by a function around the others.
        if all.iter().any(|function| function.function.parameters.len() != 2) {
            return Ok(self.unknown(frame, span, format!("what validates `{field}` is not followed")));
        }
        let (before, after): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| comes_before(&one.function));
        let mut value = value;
        for function in before {
            value = self.validated_by(frame, span, class, &function, value)?;
        }
        value = match type_of(class, field) {
            Some(kind) => self.of_type(frame, span, class, &kind, value)?,
            None if is_set => self.converted(frame, span, value, kind)?,
            None => value,
        };
        for function in after {
            value = self.validated_by(frame, span, class, &function, value)?;
        }
        Ok(value)
    }

    fn validated_by(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        function: &Closure,
        value: Value,
    ) -> Eval<Value> {
        let bound = Self::bound(plain(function, FunctionRole::OfClass), &Value::Class(Rc::clone(class)));
        refused(frame, span, self.call(frame, span, bound, vec![value], Vec::new()))
    }

    /// A value as the member of an enumeration, or as one of the values that are allowed.
    fn of_type(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        kind: &Value,
        value: Value,
    ) -> Eval<Value> {
        let Value::Text(text) = &value else {
            return Ok(match &value {
                Value::Unknown(_) => self.derived("convert", &[&value], false).unwrap_or(value),
                _ => value,
            });
        };
        let made = match kind {
            Value::Sequence(_, allowed) if allowed.borrow().iter().any(|one| one.as_text() == Some(text)) => {
                return Ok(value);
            }
            Value::Class(kind) => match self.member_by_value(frame, span, kind, std::slice::from_ref(&value))
            {
                Ok(member) => member,
                Err(Flow::Raise(_)) => {
                    return Self::raise(frame, span, "ValidationError", "no member has this value");
                }
                Err(flow) => return Err(flow),
            },
            _ => return Self::raise(frame, span, "ValidationError", "this value is not allowed"),
        };
        let only_value = matches!(Self::option_of(class, "use_enum_values"), Some(Value::Bool(true)));
        Ok(Self::enumerated(&made).filter(|_| only_value).unwrap_or(made))
    }

    /// Notes what the type of a field is, where pydantic converts to it.
    pub(super) fn note_type(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Class,
        field: &str,
        annotation: &str,
    ) {
        if !matches!(class.kind, ClassKind::Settings | ClassKind::Model) {
            return;
        }
        let Some(annotation) = written_type(annotation, span) else { return };
        let Some(kind) = self.type_meant(frame, &annotation, 0) else { return };
        class.types.borrow_mut().insert(field.to_owned(), kind);
    }

    /// What an annotation means: an enumeration whose values are texts, or a tuple of texts that are allowed.
    fn type_meant(&mut self, frame: &Frame, annotation: &Expression, depth: usize) -> Option<Value> {
        match &annotation.kind {
            ExpressionKind::Binary(Arithmetic::Union, left, right) => match (&left.kind, &right.kind) {
                (_, ExpressionKind::Null) => self.type_meant(frame, left, depth),
                (ExpressionKind::Null, _) => self.type_meant(frame, right, depth),
                _ => None,
            },
            ExpressionKind::Index { object, index, .. } => {
                let name = object.dotted()?;
                match name.rsplit('.').next()? {
                    "Optional" => self.type_meant(frame, index, depth),
                    "Literal" => {
                        let all = match &index.kind {
                            ExpressionKind::Sequence(_, all) => all.as_slice(),
                            _ => std::slice::from_ref(&**index),
                        };
                        let texts: Option<Vec<Value>> =
                            all.iter().map(|one| Some(Value::text(one.text()?))).collect();
                        Some(Value::sequence(SequenceKind::Tuple, texts?))
                    }
                    _ => None,
                }
            }
            ExpressionKind::Name(name) => {
                let loaded = Arc::clone(&frame.module.loaded);
                // Another name for a type.
                if let [index] = loaded.binders(name)
                    && let Some(StatementKind::Assign(_, value)) =
                        loaded.module.body.get(*index).map(|statement| &statement.kind)
                    && depth < 2
                {
                    return self.type_meant(frame, value, depth + 1);
                }
                self.enumeration(frame, annotation)
            }
            ExpressionKind::Member { .. } => self.enumeration(frame, annotation),
            _ => None,
        }
    }

    fn enumeration(&mut self, frame: &Frame, annotation: &Expression) -> Option<Value> {
        let name = annotation.dotted()?;
        // Names of types that are none of the repository's own.
        if matches!(&*name, "str" | "bool" | "int" | "float" | "bytes" | "list" | "dict" | "set" | "tuple") {
            return None;
        }
        let Ok(Value::Class(kind)) = self.expression(frame, annotation) else { return None };
        let is_text = |member: &String| {
            let member = kind.members.borrow().get(member).cloned();
            member.and_then(|member| Self::enumerated(&member)).is_some_and(|value| value.as_text().is_some())
        };
        let are_texts = kind.kind == ClassKind::Enumeration && kind.order.borrow().iter().all(is_text);
        are_texts.then(|| Value::Class(kind))
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

/// A type as an expression: a name, or texts that are allowed; `None` for what is neither.
fn written_type(written: &str, span: Span) -> Option<Expression> {
    let mut kind = written.trim();
    loop {
        let inner = kind
            .strip_suffix("| None")
            .or_else(|| kind.strip_prefix("None |"))
            .or_else(|| in_brackets(kind, "Optional"))
            .or_else(|| quoted(kind));
        match inner {
            Some(inner) => kind = inner.trim(),
            None => break,
        }
    }
    if let Some(allowed) = in_brackets(kind, "Literal") {
        let one =
            |text: &str| Some(Expression::new(ExpressionKind::Text(quoted(text.trim())?.to_owned()), span));
        let all = allowed.trim().trim_end_matches(',').split(',').map(one).collect::<Option<Vec<_>>>()?;
        let object = Box::new(Expression::new(ExpressionKind::Name("Literal".to_owned()), span));
        let index = Box::new(Expression::new(ExpressionKind::Sequence(SequenceKind::Tuple, all), span));
        return Some(Expression::new(ExpressionKind::Index { object, index, optional: false }, span));
    }
    let is_name =
        |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let mut parts = kind.split('.');
    let first = parts.next().filter(|part| is_name(part))?;
    let first = Expression::new(ExpressionKind::Name(first.to_owned()), span);
    parts.try_fold(first, |object, name| {
        let member =
            ExpressionKind::Member { object: Box::new(object), name: name.to_owned(), optional: false };
        is_name(name).then(|| Expression::new(member, span))
    })
}

/// What stands between the brackets of `Name[..]`.
fn in_brackets<'w>(written: &'w str, name: &str) -> Option<&'w str> {
    let (before, inside) = written.strip_suffix(']')?.split_once('[')?;
    (before.rsplit('.').next() == Some(name)).then_some(inside)
}

/// What stands between quotes, where nothing in it means anything else.
fn quoted(written: &str) -> Option<&str> {
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inside = written.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains([quote, '\\'])).then_some(inside)
}

/// The type of a field, where it is one that is noted.
fn type_of(class: &Class, field: &str) -> Option<Value> {
    if let Some(own) = class.types.borrow().get(field) {
        return Some(own.clone());
    }
    if class.fields.borrow().iter().any(|(name, _)| name == field) {
        return None;
    }
    class.bases.iter().find_map(|base| match base {
        Value::Class(base) => type_of(base, field),
        _ => None,
    })
}

/// Whether it gets a value before it is what the field is.
fn comes_before(function: &Function) -> bool {
    let says_so = |decorator: &Expression| {
        let ExpressionKind::Call(call) = &decorator.kind else { return false };
        call.keywords.iter().any(|(name, value)| match name.as_deref() {
            Some("mode") => value.text() == Some("before"),
            Some("pre") => value.kind == ExpressionKind::Bool(true),
            _ => false,
        })
    };
    function.decorators.iter().any(says_so)
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
