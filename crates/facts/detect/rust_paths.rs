//! Names of Rust with a path in front: `Environment::Production`, `crate::config::load`, `std::env::var`.

use std::rc::Rc;

use source::Span;
use syntax::decision::{ImportedNames, Language};

use super::classes::is_bare_struct;
use super::machine::{Eval, Machine};
use super::program::Resolved;
use super::scope::Frame;
use super::value::{Class, ClassKind, FunctionRole, Value};

/// Functions without parameters that make a value of their type from the environment, the likeliest first.
const MAKERS: &[&str] =
    &["from_env", "from_environment", "current", "detect", "load", "get", "new", "init", "default"];

impl Machine<'_> {
    /// What a path stands for.
    pub(super) fn rust_path(&mut self, frame: &Frame, span: Span, path: &str) -> Eval<Value> {
        let Some((before, last)) = path.rsplit_once("::") else { return self.rust_head(frame, span, path) };
        // A type has no values beside its variants that are written like this.
        let owner = before.rsplit("::").next().unwrap_or(before);
        if is_type_name(owner) && is_type_name(last) {
            let owner = match (&frame.class, owner) {
                (Some(class), "Self") => class.name.clone(),
                _ => owner.to_owned(),
            };
            return Ok(Value::variant(&format!("{owner}::{last}"), Vec::new()));
        }
        let loaded = std::sync::Arc::clone(&frame.module.loaded);
        if let Resolved::File(file) = self.program.resolve(&loaded, path, 0)
            && file != *loaded.path
        {
            return self.module_value(Resolved::File(file), path);
        }
        let module = self.program.resolve(&loaded, before, 0);
        if matches!(module, Resolved::File(_)) {
            let module = self.module_value(module, before)?;
            return self.rust_member(frame, span, &module, last);
        }
        let owner = self.rust_path(frame, span, before)?;
        self.rust_member(frame, span, &owner, last)
    }

    /// The first name of a path.
    fn rust_head(&mut self, frame: &Frame, span: Span, name: &str) -> Eval<Value> {
        let module = Rc::clone(&frame.module);
        match name {
            "Self" => Ok(frame.class.clone().map_or_else(|| Value::external(name), Value::Class)),
            "crate" | "self" | "super" | "std" | "core" | "alloc" => Ok(Value::external(name)),
            _ if !module.loaded.binders(name).is_empty() => self.name(frame, name, span),
            _ => match self.program.resolve(&module.loaded, name, 0) {
                found @ Resolved::File(_) => self.module_value(found, name),
                _ => Ok(self.starred_rust(frame, name)?.unwrap_or_else(|| Value::external(name))),
            },
        }
    }

    /// A name that `use a::*` may give.
    fn starred_rust(&mut self, frame: &Frame, name: &str) -> Eval<Option<Value>> {
        let loaded = std::sync::Arc::clone(&frame.module.loaded);
        for index in &loaded.stars {
            let Some(statement) = loaded.module.body.get(*index) else { continue };
            let syntax::decision::StatementKind::Import(import) = &statement.kind else { continue };
            if import.names != ImportedNames::All {
                continue;
            }
            if let Resolved::File(path) = self.program.resolve(&loaded, &import.module, 0)
                && let Some(other) = self.module(&path)
                && !Rc::ptr_eq(&other, &frame.module)
                && let Some(value) = self.global(&other, name)?
            {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn rust_member(&mut self, frame: &Frame, span: Span, owner: &Value, name: &str) -> Eval<Value> {
        match owner {
            Value::External(path) => Ok(Value::external(format!("{path}::{name}"))),
            Value::Module(module) => match self.global(module, name)? {
                Some(value) => Ok(value),
                None => {
                    let path = &module.loaded.path;
                    Ok(self.unknown(frame, span, format!("`{name}` of {path} is not followed")))
                }
            },
            other => self.member(frame, span, other.clone(), name),
        }
    }

    /// What a method is asked of that is evaluated by itself. An object of Rust that takes no parameter is made as
    /// the type makes it; others are made when they are asked for what making them sets.
    pub(super) fn object_of(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        name: &str,
    ) -> Eval<Value> {
        let is_static = matches!(
            Self::member_of_class(class, name),
            Some(Value::Function(closure)) if closure.role == FunctionRole::Static
        );
        if frame.language() == Language::Rust && !is_static {
            return self.rust_object(frame, span, class);
        }
        Ok(Self::bare_instance(class, true))
    }

    /// An object of a type that the program did not make: what a function of the type makes without being told
    /// anything, or nothing known.
    pub(super) fn rust_object(&mut self, frame: &Frame, span: Span, class: &Rc<Class>) -> Eval<Value> {
        for maker in MAKERS {
            let Some(Value::Function(closure)) = Self::member_of_class(class, maker) else { continue };
            if closure.role != FunctionRole::Static || !closure.function.parameters.is_empty() {
                continue;
            }
            let made = self.call_closure(frame, span, &closure, Vec::new(), Vec::new())?;
            return Ok(match self.settled(made) {
                Value::Variant(name, values) if matches!(&*name, "Ok" | "Some") && values.len() == 1 => {
                    values.first().cloned().unwrap_or(Value::None)
                }
                made => made,
            });
        }
        if class.kind == ClassKind::Dataclass && is_bare_struct(class) {
            return self.instantiate(frame, span, class, Vec::new(), Vec::new());
        }
        Ok(self.unknown(frame, span, format!("how a `{}` is made is not known", class.name)))
    }

    /// The method of a variant's type, bound to it.
    pub(super) fn method_of_variant(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
    ) -> Eval<Option<Value>> {
        let Value::Variant(variant, _) = object else { return Ok(None) };
        let Some((owner, _)) = variant.rsplit_once("::") else { return Ok(None) };
        let class = match &frame.class {
            Some(class) if class.name == owner => Value::Class(Rc::clone(class)),
            _ => self.rust_head(frame, span, owner)?,
        };
        let Value::Class(class) = class else { return Ok(None) };
        Ok(Self::member_of_class(&class, name).map(|method| Self::bound(method, object)))
    }
}

/// Whether a name is written like that of a type or a variant.
fn is_type_name(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
}
