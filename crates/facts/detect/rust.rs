//! What Rust programs ask of their library.

use std::rc::Rc;

use source::Span;

use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::Value;

impl Machine<'_> {
    pub(super) fn rust_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let name = &name.replace('.', "::");
        let last = name.rsplit("::").next().unwrap_or(name);
        Ok(Some(match (last, arguments) {
            ("Some" | "Ok" | "Err", [value]) => Value::variant(last, vec![value.clone()]),
            ("var" | "var_os", [Value::Text(variable)]) if is_env(name) => {
                let variable = variable.to_string();
                let (present, absent) = if last == "var" { ("Ok", "Err") } else { ("Some", "None") };
                if self.is_set(frame, span, &variable) {
                    let value = self.read_variable(frame, span, &variable);
                    Value::variant(present, vec![value])
                } else if absent == "Err" {
                    Value::variant(absent, vec![Value::variant("VarError::NotPresent", Vec::new())])
                } else {
                    Value::variant(absent, Vec::new())
                }
            }
            ("new", [function @ Value::Function(_)]) if is_lazy(name) => {
                self.call(frame, span, function.clone(), Vec::new(), Vec::new())?
            }
            ("new", []) if name.contains("Once") => Value::external(ONCE),
            ("get_or_init", [function]) if name.starts_with(ONCE) => {
                self.call(frame, span, function.clone(), Vec::new(), Vec::new())?
            }
            ("from_str", [Value::Text(text)]) => match read_literal(name, text) {
                Some(value) => value,
                None => return Ok(None),
            },
            ("fmt", [value, into @ Value::Sequence(..)]) => {
                let text = self.text_of(frame, span, value)?;
                self.call_method(frame, span, into, "write_str", &[text], &[])?
            }
            ("from" | "new", [value])
                if ["String", "Arc", "Box", "Rc", "Cow"].iter().any(|one| name.contains(one)) =>
            {
                value.clone()
            }
            ("new", []) if name.contains("String") => Value::text(""),
            _ => return Ok(None),
        }))
    }

    pub(super) fn variant_method(
        &mut self,
        frame: &Frame,
        span: Span,
        object: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let Value::Variant(variant, values) = object else { return Ok(None) };
        let (variant, values) = (Rc::clone(variant), Rc::clone(values));
        let present = matches!(&*variant, "Some" | "Ok");
        let value = || values.first().cloned().unwrap_or(Value::None);
        let first = || arguments.first().cloned().unwrap_or(Value::None);
        let none = || Value::variant("None", Vec::new());
        let leaves = matches!(&*variant, "None" | "Err");
        Ok(Some(match name {
            "?" if present => value(),
            "?" if leaves => return Err(Flow::Return(object.clone(), frame.module.loaded.place(span))),
            _ if !present && !leaves && !is_conversion(name) => return Ok(None),
            "unwrap" | "expect" | "unwrap_or_else" if present => value(),
            "unwrap" | "expect" => return Self::raise(frame, span, "panic", "nothing to unwrap"),
            "unwrap_or" => {
                if present {
                    value()
                } else {
                    first()
                }
            }
            "unwrap_or_default" => {
                if present {
                    value()
                } else {
                    match arguments.first() {
                        Some(default) => self.call(frame, span, default.clone(), Vec::new(), Vec::new())?,
                        None => return Ok(None),
                    }
                }
            }
            "or_else" if present => object.clone(),
            "unwrap_or_else" | "or_else" => {
                let given = if &*variant == "Err" { vec![value()] } else { Vec::new() };
                self.call(frame, span, first(), given, Vec::new())?
            }
            "is_ok" | "is_some" => Value::Bool(present),
            "is_err" | "is_none" => Value::Bool(!present),
            "ok" => {
                if present {
                    Value::variant("Some", vec![value()])
                } else {
                    none()
                }
            }
            "as_deref" | "as_ref" | "as_str" | "clone" | "cloned" | "copied" | "as_mut" | "to_owned" => {
                object.clone()
            }
            "map" if present => {
                let made = self.call(frame, span, first(), vec![value()], Vec::new())?;
                Value::variant(&variant, vec![made])
            }
            "and_then" if present => self.call(frame, span, first(), vec![value()], Vec::new())?,
            "map" | "and_then" | "map_err" | "filter" if !present => object.clone(),
            "map_err" => object.clone(),
            "filter" => {
                let kept = self.call(frame, span, first(), vec![value()], Vec::new())?;
                if self.truth(frame, &kept) { object.clone() } else { none() }
            }
            "map_or" => {
                if present {
                    let made = arguments.get(1).cloned().unwrap_or(Value::None);
                    self.call(frame, span, made, vec![value()], Vec::new())?
                } else {
                    first()
                }
            }
            "is_some_and" | "is_ok_and" => {
                if present {
                    self.call(frame, span, first(), vec![value()], Vec::new())?
                } else {
                    Value::Bool(false)
                }
            }
            "is_none_or" => {
                if present {
                    self.call(frame, span, first(), vec![value()], Vec::new())?
                } else {
                    Value::Bool(true)
                }
            }
            "or" => {
                if present {
                    object.clone()
                } else {
                    first()
                }
            }
            "ok_or" | "ok_or_else" | "context" if present => Value::variant("Ok", vec![value()]),
            "ok_or" => Value::variant("Err", vec![first()]),
            "ok_or_else" => {
                let error = self.call(frame, span, first(), Vec::new(), Vec::new())?;
                Value::variant("Err", vec![error])
            }
            // What is added to an error is one, whatever it says.
            "context" | "with_context" if present => Value::variant("Ok", vec![value()]),
            "context" | "with_context" => Value::variant("Err", vec![Value::external("Error")]),
            "to_string" if values.is_empty() => return Ok(None),
            _ => return Ok(None),
        }))
    }
}

impl Machine<'_> {
    /// The text that `to_string` gives, written by the `fmt` of the type; `None` where that is not followed.
    pub(super) fn displayed(&mut self, frame: &Frame, span: Span, object: &Value) -> Eval<Option<Value>> {
        let method = match object {
            Value::Instance(instance) => {
                Self::member_of_class(&instance.class, "fmt").map(|method| Self::bound(method, object))
            }
            Value::Variant(..) => self.method_of_variant(frame, span, object, "fmt")?,
            _ => None,
        };
        let Some(method) = method else { return Ok(None) };
        let pieces = Value::list(Vec::new());
        let ended = self.call(frame, span, method, vec![pieces.clone()], Vec::new())?;
        let ended = self.settled(ended);
        let Value::Sequence(_, pieces) = &pieces else { return Ok(None) };
        if !matches!(&ended, Value::Variant(name, _) if &**name == "Ok") {
            return Ok(None);
        }
        let pieces = pieces.borrow().clone();
        let parts: Vec<&Value> = pieces.iter().collect();
        let known: Option<String> = pieces.iter().map(Value::as_text).collect();
        Ok(self.derived("format", &parts, true).or_else(|| known.map(Value::text)))
    }
}

/// What `"true".parse::<bool>()` and the like give.
fn read_literal(name: &str, text: &str) -> Option<Value> {
    let read = match name.split("::").next()? {
        "bool" => text.parse().ok().map(Value::Bool),
        "i64" => text.parse().ok().map(Value::Integer),
        "f64" => text.parse().ok().map(Value::Float),
        _ => return None,
    };
    Some(match read {
        Some(value) => Value::variant("Ok", vec![value]),
        None => Value::variant("Err", vec![Value::external("ParseError")]),
    })
}

fn is_conversion(name: &str) -> bool {
    matches!(name, "as_deref" | "as_ref" | "clone" | "cloned" | "copied" | "as_mut" | "to_owned")
}

fn is_env(name: &str) -> bool {
    let owner = name.rsplit_once("::").map_or("", |(owner, _)| owner);
    matches!(owner, "" | "env" | "std::env" | "dotenvy" | "dotenv")
}

fn is_lazy(name: &str) -> bool {
    ["Lazy::", "LazyLock::", "LazyCell::"].iter().any(|owner| name.contains(owner))
}

/// What `OnceLock::new()` gives: a place for a value that is made when it is first asked for.
pub(super) const ONCE: &str = "$once";
