//! Exceptions: what raises them and what handles them.

use std::rc::Rc;

use source::Span;
use syntax::decision::{Expression, Language, Try};

use super::machine::{Eval, Flow, Machine, Raised};
use super::scope::Frame;
use super::value::{Class, Value};

/// The classes above Python's own exceptions, `Exception` left out.
const ABOVE: &[(&str, &[&str])] = &[
    ("KeyError", &["LookupError"]),
    ("IndexError", &["LookupError"]),
    ("UnboundLocalError", &["NameError"]),
    ("ModuleNotFoundError", &["ImportError"]),
    ("FileNotFoundError", &["OSError", "IOError", "EnvironmentError"]),
    ("PermissionError", &["OSError", "IOError", "EnvironmentError"]),
    ("ConnectionError", &["OSError", "IOError", "EnvironmentError"]),
    ("TimeoutError", &["OSError", "IOError", "EnvironmentError"]),
    ("OSError", &["IOError", "EnvironmentError"]),
    ("NotImplementedError", &["RuntimeError"]),
    ("RecursionError", &["RuntimeError"]),
    ("UnicodeDecodeError", &["UnicodeError", "ValueError"]),
    ("JSONDecodeError", &["ValueError"]),
    ("ZeroDivisionError", &["ArithmeticError"]),
    ("OverflowError", &["ArithmeticError"]),
];

/// Exceptions that `except Exception` lets through.
const NOT_ORDINARY: &[&str] = &["SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException"];

/// Whether a name of Python's own is an exception.
pub(super) fn is_exception(name: &str) -> bool {
    name == "Exception"
        || NOT_ORDINARY.contains(&name)
        || name.ends_with("Error")
        || matches!(name, "StopIteration" | "Warning" | "EnvironmentError")
}

impl Machine<'_> {
    /// Raises an exception of the language.
    pub(super) fn raise<T>(frame: &Frame, span: Span, class: &str, message: &str) -> Eval<T> {
        let value = Value::Exception(Rc::new((class.to_owned(), Value::text(message))));
        Err(Flow::Raise(Raised { classes: classes_of(class), value, place: frame.module.loaded.place(span) }))
    }

    pub(super) fn raised(&mut self, frame: &Frame, span: Span, value: Option<&Expression>) -> Eval<()> {
        let place = frame.module.loaded.place(span);
        let value = match (value, self.handling.last()) {
            (Some(value), _) => self.expression(frame, value)?,
            // `raise` alone raises the same again.
            (None, Some((classes, value))) => {
                return Err(Flow::Raise(Raised { classes: classes.clone(), value: value.clone(), place }));
            }
            (None, None) => return Self::raise(frame, span, "RuntimeError", "no exception to raise again"),
        };
        // A class is raised as an instance of itself.
        let classes = raised_classes(&value);
        Err(Flow::Raise(Raised { classes, value, place }))
    }

    /// A call that leads out of the repository may fail, which matters where something handles that.
    pub(super) fn may_fail(&mut self, frame: &Frame, span: Span, callee: &str) -> Eval<()> {
        if self.handlers == 0 {
            return Ok(());
        }
        let unknown = self.unknown(frame, span, format!("whether `{callee}` fails is not known"));
        let fails = unknown.as_unknown().map(Rc::clone).is_some_and(|unknown| self.decide(&unknown, "fails"));
        if !fails {
            return Ok(());
        }
        Err(Flow::Raise(Raised {
            classes: Vec::new(),
            value: unknown,
            place: frame.module.loaded.place(span),
        }))
    }

    pub(super) fn tried(&mut self, frame: &Frame, parts: &Try) -> Eval<()> {
        let handled = u32::from(!parts.handlers.is_empty());
        self.handlers += handled;
        let result = self.block(frame, &parts.body);
        self.handlers -= handled;
        let result = match result {
            Err(Flow::Raise(raised)) => self.handle(frame, parts, raised),
            Ok(()) => self.block(frame, &parts.otherwise),
            other => other,
        };
        if matches!(result, Err(Flow::Stop(_) | Flow::Probed(..))) {
            return result;
        }
        // What the last block decides wins.
        self.block(frame, &parts.finally)?;
        result
    }

    fn handle(&mut self, frame: &Frame, parts: &Try, raised: Raised) -> Eval<()> {
        for handler in &parts.handlers {
            let handles = match &handler.of {
                None => true,
                Some(class) => {
                    let class = self.expression(frame, class)?;
                    self.handles(&class, &raised)
                }
            };
            if !handles {
                continue;
            }
            self.branch = Some(raised.place.clone());
            if let Some(name) = &handler.name {
                if frame.language() == Language::Python {
                    self.bind(frame, name, raised.value.clone());
                } else {
                    self.bind_here(frame, name, raised.value.clone());
                }
            }
            self.handling.push((raised.classes, raised.value));
            let result = self.block(frame, &handler.body);
            self.handling.pop();
            return result;
        }
        Err(Flow::Raise(raised))
    }

    fn handles(&mut self, class: &Value, raised: &Raised) -> bool {
        let names = match class {
            Value::Sequence(_, items) => {
                let items = Rc::clone(items).borrow().clone();
                return items.iter().any(|class| self.handles(class, raised));
            }
            Value::External(name) => last(name).to_owned(),
            Value::Class(class) => class.name.clone(),
            _ => String::new(),
        };
        match names.as_str() {
            "BaseException" => true,
            "Exception" => raised.classes.first().is_none_or(|class| !NOT_ORDINARY.contains(&class.as_str())),
            name if !raised.classes.is_empty() => raised.classes.iter().any(|class| class == name),
            name => {
                let unknown = raised.value.as_unknown().map(Rc::clone);
                unknown.is_none_or(|unknown| self.decide(&unknown, &format!("is handled as {name}")))
            }
        }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn classes_of(class: &str) -> Vec<String> {
    let above = ABOVE.iter().find(|(name, _)| *name == class).map_or(&[][..], |(_, above)| above);
    let mut classes = vec![class.to_owned()];
    classes.extend(above.iter().map(|name| (*name).to_owned()));
    if !NOT_ORDINARY.contains(&class) && class != "Exception" {
        classes.push("Exception".to_owned());
    }
    classes
}

fn classes_above(class: &Class) -> Vec<String> {
    let mut classes = vec![class.name.clone()];
    for base in &class.bases {
        match base {
            Value::Class(base) => classes.extend(classes_above(base)),
            Value::External(name) => classes.extend(classes_of(last(name))),
            _ => {}
        }
    }
    classes
}

fn raised_classes(value: &Value) -> Vec<String> {
    match value {
        Value::Exception(exception) => classes_of(&exception.0),
        Value::External(name) => classes_of(last(name)),
        Value::Class(class) => classes_above(class),
        Value::Instance(instance) => classes_above(&instance.class),
        _ => Vec::new(),
    }
}
