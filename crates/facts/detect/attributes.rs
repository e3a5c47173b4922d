//! Attributes of objects, classes and modules.

use std::rc::Rc;

use source::Span;
use syntax::decision::{self, Language, ParameterKind};

use super::classes::is_field;
use super::journal::{Content, Slot};
use super::machine::{Eval, Machine};
use super::program::Resolved;
use super::scope::Frame;
use super::value::{Class, ClassKind, Closure, FunctionRole, Instance, Value};

impl Machine<'_> {
    /// The method of an object, bound to it.
    pub(super) fn method_of(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
    ) -> Eval<Option<Value>> {
        match object {
            Value::Instance(instance) => {
                let member = Self::member_of_class(&instance.class, name);
                Ok(member.map(|member| Self::bound(member, object)))
            }
            other => self.member(frame, span, other.clone(), name).map(Some),
        }
    }

    /// `object.name`.
    pub(super) fn member(&mut self, frame: &Frame, span: Span, object: Value, name: &str) -> Eval<Value> {
        let object = self.settled(object);
        match &object {
            Value::Instance(instance) => self.attribute(frame, span, &object, instance, name),
            Value::Class(class) => self.class_attribute(frame, span, class, name),
            Value::Module(module) => {
                if let Some(value) = self.global(module, name)? {
                    return Ok(value);
                }
                let path = module.loaded.path.to_string();
                if name == "__name__" {
                    return Ok(Value::text(path));
                }
                let found = self.program.submodule(source::directory_of(&path), name);
                if path.ends_with("__init__.py") && !matches!(found, Resolved::External) {
                    return self.module_value(found, name);
                }
                Ok(self.unknown(frame, span, format!("`{name}` of {path} is not followed")))
            }
            Value::Package(folder) => {
                let found = self.program.submodule(folder, name);
                self.module_value(found, &format!("{folder}.{name}"))
            }
            Value::External(module) if &**module == BUNDLER => Ok(self.of_bundler(frame, span, name)),
            Value::External(module) => Ok(external_member(module, name)),
            Value::Variant(..) => match self.method_of_variant(frame, span, &object, name)? {
                Some(method) => Ok(method),
                None => Ok(Value::Method(Rc::new((object.clone(), name.to_owned())))),
            },
            Value::Exception(exception) if name == "args" => {
                Ok(Value::sequence(decision::SequenceKind::Tuple, vec![exception.1.clone()]))
            }
            Value::Environ if frame.language() == Language::JavaScript => {
                match self.written_in(frame, span, name) {
                    Some(value) => Ok(value),
                    None => Ok(self.read_variable(frame, span, name)),
                }
            }
            Value::None | Value::Undefined => {
                let class = if frame.language() == Language::Python { "AttributeError" } else { "TypeError" };
                Self::raise(frame, span, class, name)
            }
            Value::Map(entries)
                if super::schemas::is_schema(&entries.borrow())
                    && frame.language() == Language::JavaScript =>
            {
                Ok(Value::Method(Rc::new((object.clone(), name.to_owned()))))
            }
            Value::Map(_) if frame.language() == Language::JavaScript => {
                let found = self.index(frame, span, &object, &Value::text(name))?;
                Ok(match found {
                    Value::Undefined if is_object_method(name) => {
                        Value::Method(Rc::new((object.clone(), name.to_owned())))
                    }
                    found => found,
                })
            }
            Value::Text(text) if name == "length" => {
                Ok(Value::Integer(i64::try_from(text.encode_utf16().count()).unwrap_or(0)))
            }
            Value::Sequence(_, items) if name == "length" => {
                Ok(Value::Integer(i64::try_from(items.borrow().len()).unwrap_or(0)))
            }
            Value::Function(closure) if name == "__name__" => Ok(Value::text(&closure.function.name)),
            Value::Unknown(unknown) if !unknown.is_text => {
                let operation = format!(".{name}");
                // A method's call is derived from the object and the arguments.
                let member = self.derived(&operation, &[&object], false);
                Ok(member.unwrap_or_else(|| Value::Method(Rc::new((object.clone(), name.to_owned())))))
            }
            _ => Ok(Value::Method(Rc::new((object.clone(), name.to_owned())))),
        }
    }

    fn attribute(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        instance: &Rc<Instance>,
        name: &str,
    ) -> Eval<Value> {
        if let Some(value) = self.own_attribute(instance, name) {
            return Ok(value);
        }
        if name == "__class__" {
            return Ok(Value::Class(Rc::clone(&instance.class)));
        }
        let member = Self::member_of_class(&instance.class, name);
        if instance.class.kind == ClassKind::Dataclass
            && !instance.waits.get()
            && matches!(&member, Some(Value::Map(options)) if is_field(&options.borrow()))
        {
            // It is set later than it is asked for.
            return Self::raise(frame, span, "AttributeError", name);
        }
        if let Some(member) = member {
            // What is no function may be set anew for each object.
            if !matches!(member, Value::Function(_)) && instance.waits.get() {
                self.wake(frame, span, object, instance)?;
                if let Some(value) = self.own_attribute(instance, name) {
                    return Ok(value);
                }
            }
            return self.read_member(frame, span, member, object);
        }
        if instance.waits.get() {
            self.wake(frame, span, object, instance)?;
            if let Some(value) = self.own_attribute(instance, name) {
                return Ok(value);
            }
        }
        if let Some(method) = Self::member_of_class(&instance.class, "__getattr__") {
            let method = Self::bound(method, object);
            return self.call(frame, span, method, vec![Value::text(name)], Vec::new());
        }
        if Self::is_text_enumeration(&instance.class)
            && let Some(value) = instance.fields.borrow().get("value").cloned()
        {
            return self.member(frame, span, value, name);
        }
        match frame.language() {
            Language::JavaScript => return Ok(Value::Undefined),
            Language::Rust => return Ok(Value::Method(Rc::new((object.clone(), name.to_owned())))),
            Language::Python => {}
        }
        if name == "__dict__" && (Self::is_closed(&instance.class) || instance.class.kind != ClassKind::Plain)
        {
            return Ok(self.fields_as_map(instance));
        }
        if Self::is_closed(&instance.class) {
            return Self::raise(frame, span, "AttributeError", name);
        }
        Ok(self.unknown(frame, span, format!("`{name}` comes from a class outside this repository")))
    }

    /// `__dict__`: a dictionary of the fields, by way of which they are not changed.
    fn fields_as_map(&mut self, instance: &Rc<Instance>) -> Value {
        let fields = instance.fields.borrow();
        let entries = fields.iter().map(|(name, value)| (Value::text(name), value.clone())).collect();
        drop(fields);
        let map = Value::map(entries);
        if let Value::Map(entries) = &map {
            self.journal.views.push((Rc::clone(instance), Rc::clone(entries)));
        }
        map
    }

    fn own_attribute(&mut self, instance: &Rc<Instance>, name: &str) -> Option<Value> {
        let value = instance.fields.borrow().get(name).cloned()?;
        self.present(value)
    }

    /// Sets up an object whose `__init__` is still to run.
    pub(super) fn wake(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        instance: &Rc<Instance>,
    ) -> Eval<()> {
        self.write(Slot::Waits(Rc::clone(instance)), Content::Flag(false));
        // It was made at some time before.
        self.time_passes();
        let made = self.initialize(frame, span, object, instance);
        self.time_passes();
        made
    }

    /// Runs `__init__` of an object that was not made by the program, with nothing known of its parameters.
    fn initialize(&mut self, frame: &Frame, span: Span, object: &Value, instance: &Rc<Instance>) -> Eval<()> {
        if instance.class.kind == ClassKind::Dataclass && frame.language() == Language::Python {
            return self.fill_with_anything(frame, span, object, &Rc::clone(&instance.class));
        }
        if matches!(instance.class.kind, ClassKind::Settings | ClassKind::Model | ClassKind::Dataclass) {
            let class = Rc::clone(&instance.class);
            return self.fill_fields(frame, span, &class, object, Vec::new(), Vec::new());
        }
        let initializer = if frame.language() == Language::JavaScript { "constructor" } else { "__init__" };
        let Some(method) = Self::member_of_class(&instance.class, initializer) else { return Ok(()) };
        let Value::Function(closure) = Self::bound(method, object) else { return Ok(()) };
        let (arguments, keywords) = self.open_arguments(&closure);
        self.call_closure(frame, span, &closure, arguments, keywords).map(drop)
    }

    /// Sets up an object of a dataclass, with nothing known of the fields that have no default.
    fn fill_with_anything(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        class: &Rc<Class>,
    ) -> Eval<()> {
        let required: Vec<String> = super::classes::required_fields(class);
        let mut given = Vec::new();
        for name in required {
            let reason = format!("`{name}` is a field of `{}`", class.name);
            given.push((name, self.unknown(frame, span, reason)));
        }
        self.fill_fields(frame, span, class, object, Vec::new(), given)?;
        let Some(method) = Self::member_of_class(class, "__post_init__") else { return Ok(()) };
        let method = Self::bound(method, object);
        self.call(frame, span, method, Vec::new(), Vec::new()).map(drop)
    }

    /// Arguments of which nothing is known, for the parameters that have no default.
    pub(super) fn open_arguments(&mut self, closure: &Closure) -> (Vec<Value>, Vec<(String, Value)>) {
        let skipped = usize::from(closure.takes_receiver());
        let mut arguments = Vec::new();
        let mut keywords = Vec::new();
        let name = closure.function.name.clone();
        for parameter in closure.function.parameters.iter().skip(skipped) {
            if parameter.default.is_some() {
                continue;
            }
            let reason = format!("`{}` is a parameter of `{name}`", parameter.name);
            let span = closure.function.span;
            let home = Frame::of_module(Rc::clone(&closure.module));
            match parameter.kind {
                ParameterKind::Plain => arguments.push(self.unknown(&home, span, reason)),
                ParameterKind::Named => {
                    keywords.push((parameter.name.clone(), self.unknown(&home, span, reason)));
                }
                ParameterKind::Rest | ParameterKind::NamedRest => {}
            }
        }
        (arguments, keywords)
    }

    fn class_attribute(&mut self, frame: &Frame, span: Span, class: &Rc<Class>, name: &str) -> Eval<Value> {
        match Self::member_of_class(class, name) {
            Some(member) => match &member {
                Value::Function(closure) if closure.role == FunctionRole::OfClass => {
                    Ok(Self::bound(member, &Value::Class(Rc::clone(class))))
                }
                _ => Ok(member),
            },
            None if name == "__name__" => Ok(Value::text(&class.name)),
            None if class.kind == ClassKind::Enumeration && name == "__members__" => {
                let members = class.members.borrow();
                let entries = class.order.borrow();
                let entries =
                    entries.iter().filter_map(|name| Some((Value::text(name), members.get(name)?.clone())));
                Ok(Value::map(entries.collect()))
            }
            None if matches!(name, "__new__" | "model_validate" | "parse_obj") => {
                Ok(self.unknown(frame, span, format!("`{name}` of `{}` is not followed", class.name)))
            }
            None if frame.language() == Language::JavaScript => Ok(Value::Undefined),
            None if frame.language() == Language::Rust && name == "default" => {
                match Self::member_of_class(class, "$default") {
                    Some(derived) => Ok(derived),
                    None => Ok(self.unknown(
                        frame,
                        span,
                        format!("the default of `{}` is not followed", class.name),
                    )),
                }
            }
            None if frame.language() == Language::Rust => {
                Ok(self.unknown(frame, span, format!("`{}::{name}` is not followed", class.name)))
            }
            None if Self::is_closed(class) => Self::raise(frame, span, "AttributeError", name),
            None => {
                Ok(self.unknown(frame, span, format!("`{name}` comes from a class outside this repository")))
            }
        }
    }

    fn of_bundler(&mut self, frame: &Frame, span: Span, name: &str) -> Value {
        if BUNDLED.contains(&name) {
            let reason = format!("`{name}` is decided by the bundler when it builds");
            return self.unknown_of_process(frame, span, reason, ("bundled", &[&Value::text(name)]));
        }
        self.of_bundled(frame, span, name)
    }

    /// What an attribute of an object gives: a property is called, a method is bound.
    fn read_member(&mut self, frame: &Frame, span: Span, member: Value, object: &Value) -> Eval<Value> {
        match &member {
            Value::Function(closure) if closure.role == FunctionRole::Property => {
                let bound = Self::bound(member, object);
                self.call(frame, span, bound, Vec::new(), Vec::new())
            }
            Value::Function(_) => Ok(Self::bound(member, object)),
            _ => Ok(member),
        }
    }
}

/// What a bundler puts in the place of variables.
const BUNDLER: &str = "import.meta.env";

/// Names in it that are no variables: the bundler decides them when it builds.
/// Source: <https://vite.dev/guide/env-and-mode#built-in-constants>.
const BUNDLED: &[&str] = &["MODE", "PROD", "DEV", "SSR", "BASE_URL"];

/// Attributes of libraries that stand for something known.
fn external_member(module: &str, name: &str) -> Value {
    match (module, name) {
        ("os", "environ") | ("process" | "node:process" | "Bun", "env") => Value::Environ,
        ("import.meta", "env") => Value::external(BUNDLER),
        ("process" | "node:process", "default") | ("globalThis" | "global", "process") => {
            Value::external("process")
        }
        _ => Value::external(format!("{module}.{name}")),
    }
}

fn is_object_method(name: &str) -> bool {
    // A `Map` is a dictionary like an object here.
    matches!(
        name,
        "hasOwnProperty"
            | "toString"
            | "get"
            | "has"
            | "set"
            | "delete"
            | "keys"
            | "values"
            | "entries"
            | "forEach"
    )
}
