//! Classes, their instances and attributes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use source::Span;
use syntax::decision::{self, ExpressionKind, Language};

use super::exceptions::is_exception;
use super::journal::Slot;
use super::machine::{Eval, Machine};
use super::scope::{Frame, Scope};
use super::value::{Class, ClassKind, Closure, FunctionRole, Instance, Value};

impl Machine<'_> {
    /// A class where it is defined.
    pub(super) fn class(&mut self, frame: &Frame, definition: &decision::Class) -> Eval<Value> {
        let mut bases = Vec::new();
        for base in &definition.bases {
            bases.push(self.expression(frame, base)?);
        }
        let decorated = |name: &str| {
            definition.decorators.iter().any(|decorator| {
                let callee = match &decorator.kind {
                    ExpressionKind::Call(call) => &call.callee,
                    _ => decorator,
                };
                callee.dotted().is_some_and(|dotted| dotted.rsplit('.').next() == Some(name))
            })
        };
        let kind = if decorated("dataclass") { ClassKind::Dataclass } else { kind_of(&bases) };
        let class = Rc::new(Class {
            name: definition.name.clone(),
            bases,
            members: RefCell::default(),
            fields: RefCell::default(),
            types: RefCell::default(),
            kind,
            order: RefCell::default(),
        });
        self.note_class(&class);
        let scope = Scope::of_class(frame.scope.clone());
        self.note_scope(&scope);
        let inner = Frame { scope: Some(Rc::clone(&scope)), class: Some(Rc::clone(&class)), ..frame.clone() };
        self.block(&inner, &definition.body)?;
        let names = decision::bound_names(&definition.body);
        let members = scope.names.borrow().clone();
        if kind == ClassKind::Enumeration {
            let order = enumerated_in_order(&definition.body);
            class.order.borrow_mut().clone_from(&order);
            for name in order {
                if let Some(value) = members.get(&name) {
                    let value = self.settled(value.clone());
                    let member = enumeration_member(&class, &name, value);
                    class.members.borrow_mut().insert(name, member);
                }
            }
        }
        for name in names {
            let known = class.members.borrow().contains_key(&name);
            if let Some(value) = members.get(&name).filter(|_| !known) {
                class.members.borrow_mut().insert(name.clone(), value.clone());
            }
        }
        Ok(Value::Class(class))
    }

    /// An instance with nothing set.
    pub(super) fn bare_instance(class: &Rc<Class>, waits: bool) -> Value {
        Value::Instance(Rc::new(Instance {
            class: Rc::clone(class),
            fields: RefCell::default(),
            waits: Cell::new(waits),
        }))
    }

    /// What calling a class makes.
    pub(super) fn instantiate(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Eval<Value> {
        match class.kind {
            ClassKind::Enumeration => return self.member_by_value(frame, span, class, &arguments),
            ClassKind::Dataclass | ClassKind::Model | ClassKind::Settings => {
                let made = Self::bare_instance(class, false);
                self.fill_fields(frame, span, class, &made, arguments, keywords)?;
                if let Some(method) = Self::member_of_class(class, "__post_init__") {
                    let method = Self::bound(method, &made);
                    self.call(frame, span, method, Vec::new(), Vec::new())?;
                }
                return Ok(made);
            }
            ClassKind::Plain | ClassKind::Exception => {}
        }
        let made = match Self::member_of_class(class, "__new__") {
            Some(method) => {
                let mut with_class = vec![Value::Class(Rc::clone(class))];
                with_class.extend(arguments.iter().cloned());
                self.call(frame, span, method, with_class, keywords.clone())?
            }
            None => Self::bare_instance(class, false),
        };
        let initializer = if frame.language() == Language::JavaScript { "constructor" } else { "__init__" };
        if matches!(&made, Value::Instance(instance) if Rc::ptr_eq(&instance.class, class))
            && let Some(method) = Self::member_of_class(class, initializer)
        {
            let method = Self::bound(method, &made);
            self.call(frame, span, method, arguments, keywords)?;
        }
        Ok(made)
    }

    /// `Environment("staging")`.
    pub(super) fn member_by_value(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        arguments: &[Value],
    ) -> Eval<Value> {
        let Some(wanted) = arguments.first() else {
            return Self::raise(frame, span, "TypeError", "a value is missing");
        };
        for name in class.order.borrow().clone() {
            let member = class.members.borrow().get(&name).cloned();
            let Some(member) = member else { continue };
            let value = Self::enumerated(&member).unwrap_or(Value::None);
            if matches!(wanted, Value::Instance(_))
                && Self::same(Language::Python, &member, wanted) == Some(true)
            {
                return Ok(member);
            }
            if self.equal(frame, wanted, &value) {
                return Ok(member);
            }
        }
        if let Some(method) = Self::member_of_class(class, "_missing_") {
            let method = Self::bound(method, &Value::Class(Rc::clone(class)));
            let found = self.call(frame, span, method, vec![wanted.clone()], Vec::new())?;
            if !matches!(found, Value::None) {
                return Ok(found);
            }
        }
        Self::raise(frame, span, "ValueError", "is no member of the enumeration")
    }

    /// Fields of dataclasses and pydantic models.
    pub(super) fn fill_fields(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        made: &Value,
        arguments: Vec<Value>,
        keywords: Vec<(String, Value)>,
    ) -> Eval<()> {
        let Value::Instance(instance) = made else { return Ok(()) };
        let fields = all_fields(class);
        let mut given: BTreeMap<String, Value> = keywords.into_iter().collect();
        let is_left_out = |name: &str| class.kind == ClassKind::Dataclass && is_left_to_program(class, name);
        for ((name, _), value) in fields.iter().filter(|(name, _)| !is_left_out(name)).zip(arguments) {
            given.insert(name.clone(), value);
        }
        for (name, annotation) in fields {
            if is_left_out(&name) && !has_default(class, &name) {
                continue;
            }
            let given = given.remove(&name);
            // Models do not validate their defaults, settings do.
            let is_validated =
                class.kind == ClassKind::Settings || class.kind == ClassKind::Model && given.is_some();
            let (value, is_set) = match given {
                Some(value) => (value, false),
                None if class.kind == ClassKind::Settings => {
                    self.setting(frame, span, class, &name, annotation.as_deref())?
                }
                None => (self.field_default(frame, span, class, &name)?, false),
            };
            let value = if is_validated {
                // The text of a variable becomes what the field is; what a program gives is that.
                let kind = if is_set { annotation.as_deref() } else { None };
                self.validated(frame, span, class, (&name, kind, is_set), value)?
            } else {
                value
            };
            self.put(Slot::Field(Rc::clone(instance), name), value);
        }
        if class.kind == ClassKind::Dataclass {
            Ok(())
        } else {
            self.validate_whole(frame, span, class, made)
        }
    }

    /// The default of a field, `field(default=..)` and `Field(..)` looked through.
    pub(super) fn field_default(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        name: &str,
    ) -> Eval<Value> {
        match Self::member_of_class(class, name) {
            Some(Value::Map(options)) if is_field(&options.borrow()) => {
                let options = options.borrow().clone();
                let option = |wanted: &str| {
                    options
                        .iter()
                        .find(|(key, _)| key.as_text() == Some(wanted))
                        .map(|(_, value)| value.clone())
                };
                if let Some(factory) = option("default_factory") {
                    return self.call(frame, span, factory, Vec::new(), Vec::new());
                }
                match option("default") {
                    Some(default) => Ok(default),
                    None => Self::raise(frame, span, refusal(class), "a field has no value"),
                }
            }
            Some(default) => Ok(default),
            None => Self::raise(frame, span, refusal(class), "a field has no value"),
        }
    }

    /// A member of a class, those of its bases included.
    pub(super) fn member_of_class(class: &Rc<Class>, name: &str) -> Option<Value> {
        if let Some(member) = class.members.borrow().get(name) {
            return Some(member.clone());
        }
        class.bases.iter().find_map(|base| match base {
            Value::Class(base) => Self::member_of_class(base, name),
            _ => None,
        })
    }

    /// Whether all bases of a class are in this repository.
    pub(super) fn is_closed(class: &Class) -> bool {
        class.bases.iter().all(|base| match base {
            Value::Class(base) => Self::is_closed(base),
            Value::External(name) => {
                matches!(
                    &**name,
                    "object"
                        | "builtins.object"
                        | "abc.ABC"
                        | "enum.Enum"
                        | "builtins.str"
                        | "enum.StrEnum"
                        | "typing.NamedTuple"
                        | "builtins.Exception"
                        | "typing.Protocol"
                )
            }
            _ => false,
        })
    }

    /// A function of a class with its first parameter given.
    pub(super) fn bound(member: Value, receiver: &Value) -> Value {
        let Value::Function(closure) = &member else { return member };
        let receiver = match (closure.role, receiver) {
            (FunctionRole::Static, _) => return member,
            (FunctionRole::OfClass, Value::Instance(instance)) => Value::Class(Rc::clone(&instance.class)),
            _ => receiver.clone(),
        };
        Value::Function(Rc::new(Closure {
            function: std::sync::Arc::clone(&closure.function),
            module: Rc::clone(&closure.module),
            scope: closure.scope.clone(),
            class: RefCell::new(closure.class.borrow().clone()),
            receiver: Some(receiver),
            role: closure.role,
            wrapped_by: closure.wrapped_by.clone(),
        }))
    }

    /// The value of a member of an enumeration.
    pub(super) fn enumerated(value: &Value) -> Option<Value> {
        match value {
            Value::Instance(instance) if instance.class.kind == ClassKind::Enumeration => {
                instance.fields.borrow().get("value").cloned()
            }
            _ => None,
        }
    }

    /// Whether members of an enumeration are texts themselves.
    pub(super) fn is_text_enumeration(class: &Class) -> bool {
        class.kind == ClassKind::Enumeration
            && class.bases.iter().any(|base| match base {
                Value::External(name) => matches!(&**name, "builtins.str" | "enum.StrEnum" | "builtins.int"),
                Value::Class(base) => Self::is_text_enumeration(base),
                _ => false,
            })
    }
}

fn kind_of(bases: &[Value]) -> ClassKind {
    for base in bases {
        let kind = match base {
            Value::Class(base) => base.kind,
            Value::External(name) => match name.rsplit('.').next().unwrap_or(name) {
                "Enum" | "StrEnum" | "IntEnum" => ClassKind::Enumeration,
                "BaseSettings" => ClassKind::Settings,
                "BaseModel" => ClassKind::Model,
                "NamedTuple" => ClassKind::Dataclass,
                last if is_exception(last) => ClassKind::Exception,
                _ => ClassKind::Plain,
            },
            _ => ClassKind::Plain,
        };
        if kind != ClassKind::Plain {
            return kind;
        }
    }
    ClassKind::Plain
}

fn enumerated_in_order(body: &[decision::Statement]) -> Vec<String> {
    let mut order = Vec::new();
    for statement in body {
        let target = match &statement.kind {
            decision::StatementKind::Assign(targets, _) => targets.first(),
            decision::StatementKind::Declare { target, value: Some(_), .. } => Some(target),
            _ => None,
        };
        if let Some(decision::Expression { kind: ExpressionKind::Name(name), .. }) = target
            && !name.starts_with('_')
        {
            order.push(name.clone());
        }
    }
    order
}

fn enumeration_member(class: &Rc<Class>, name: &str, value: Value) -> Value {
    let fields = BTreeMap::from([("name".to_owned(), Value::text(name)), ("value".to_owned(), value)]);
    Value::Instance(Rc::new(Instance {
        class: Rc::clone(class),
        fields: RefCell::new(fields),
        waits: Cell::new(false),
    }))
}

/// What is raised where a field has no value.
fn refusal(class: &Class) -> &'static str {
    if class.kind == ClassKind::Dataclass { "TypeError" } else { "ValidationError" }
}

/// An option of the `field(..)` or `Field(..)` of a field.
fn option_of_field(class: &Rc<Class>, field: &str, option: &str) -> Option<Value> {
    let Some(Value::Map(options)) = Machine::member_of_class(class, field) else { return None };
    let options = options.borrow();
    let is_wanted = |(key, _): &&(Value, Value)| key.as_text() == Some(option);
    options.iter().filter(|_| is_field(&options)).find(is_wanted).map(|(_, value)| value.clone())
}

/// Whether a field of a dataclass is none of its parameters: the program itself sets it.
fn is_left_to_program(class: &Rc<Class>, field: &str) -> bool {
    matches!(option_of_field(class, field, "init"), Some(Value::Bool(false)))
}

fn has_default(class: &Rc<Class>, field: &str) -> bool {
    ["default", "default_factory"].iter().any(|option| option_of_field(class, field, option).is_some())
}

/// The parameters of a dataclass that have no default.
pub(super) fn required_fields(class: &Rc<Class>) -> Vec<String> {
    let is_required = |name: &String| match Machine::member_of_class(class, name) {
        Some(Value::Map(options)) if is_field(&options.borrow()) => {
            !is_left_to_program(class, name) && !has_default(class, name)
        }
        default => default.is_none(),
    };
    all_fields(class).into_iter().map(|(name, _)| name).filter(is_required).collect()
}

/// Fields of the bases first.
pub(super) fn all_fields(class: &Class) -> Vec<(String, Option<String>)> {
    let mut fields: Vec<(String, Option<String>)> = Vec::new();
    for base in &class.bases {
        if let Value::Class(base) = base {
            fields.extend(all_fields(base));
        }
    }
    for field in class.fields.borrow().iter() {
        let class_variable = field.1.as_deref().is_some_and(|annotation| annotation.contains("ClassVar"));
        if field.0 == "model_config" || class_variable {
            continue;
        }
        match fields.iter_mut().find(|(name, _)| *name == field.0) {
            Some(known) => known.1.clone_from(&field.1),
            None => fields.push(field.clone()),
        }
    }
    fields
}

/// Whether every field of a struct has a value of its own.
pub(super) fn is_bare_struct(class: &Class) -> bool {
    let members = class.members.borrow();
    all_fields(class).iter().all(|(name, _)| members.contains_key(name))
}

/// The mark of what `field(..)` and `Field(..)` give.
pub(super) const FIELD: &str = "$field";

pub(super) fn is_field(options: &[(Value, Value)]) -> bool {
    options.first().is_some_and(|(key, _)| key.as_text() == Some(FIELD))
}
