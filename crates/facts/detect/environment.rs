//! Reads of the process's variables.

use std::rc::Rc;

use source::{Place, Span};

use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::{Class, Open, Unknown, Value, term_of};
use super::variables::Known;

impl Machine<'_> {
    /// Whether a variable is set; `None` where the deployment does not say.
    fn is_known_set(&mut self, name: &str) -> Option<bool> {
        self.marks.reads.insert(name.to_owned());
        if let Some(value) = self.set.get(name).cloned() {
            return Some(self.present(value).is_some());
        }
        match self.variables.get(name) {
            Known::Value(_) | Known::Hidden => Some(true),
            Known::Absent => Some(false),
            Known::Open => None,
        }
    }

    /// Whether a variable is set: an open question where the deployment does not say.
    pub(super) fn is_set(&mut self, frame: &Frame, span: Span, name: &str) -> bool {
        self.is_known_set(name).unwrap_or_else(|| {
            let place = frame.module.loaded.place(span);
            self.is_found_set(&Open { name: name.to_owned(), default: Value::None, place })
        })
    }

    /// Answers the question whether a variable is set.
    pub(super) fn is_found_set(&mut self, open: &Open) -> bool {
        let term = term_of("set", &[&Value::text(&open.name)]);
        self.ask_presence(term, "is set", open.reason(), &open.place)
    }

    /// What an open variable holds where it is set.
    pub(super) fn value_of_set(open: &Open) -> Value {
        let term = term_of("variable", &[&Value::text(&open.name)]);
        let (reason, place) = (open.reason(), open.place.clone());
        Value::Unknown(Rc::new(Unknown { reason, place, term, truth: term, is_text: true, is_number: false }))
    }

    /// The value of a variable, or what the language has in its place.
    pub(super) fn read_variable(&mut self, frame: &Frame, span: Span, name: &str) -> Value {
        self.read_or(frame, span, name, &Value::nothing(frame.language()))
    }

    /// The value of a variable, or a default.
    pub(super) fn read_or(&mut self, frame: &Frame, span: Span, name: &str, default: &Value) -> Value {
        self.marks.reads.insert(name.to_owned());
        if let Some(value) = self.set.get(name) {
            return self.kept(value.clone().or(default));
        }
        self.as_given(&frame.module.loaded.place(span), name).or(default)
    }

    /// What the deployment gives a variable: nothing at all where it does not set it.
    pub(super) fn as_given(&self, at: &Place, name: &str) -> Value {
        let place = at.clone();
        match self.variables.get(name) {
            Known::Value(value) => return Value::text(value),
            Known::Absent => return Value::Absent,
            Known::Open => {
                let default = self.set_by_framework(at, name).unwrap_or(Value::Absent);
                return Value::Open(Rc::new(Open { name: name.to_owned(), default, place }));
            }
            Known::Hidden => {}
        }
        let term = term_of("variable", &[&Value::text(name)]);
        if let Some(known) = self.oracle.assumed(term) {
            return known.clone();
        }
        let reason = format!("the value of `{name}` is in no file");
        Value::Unknown(Rc::new(Unknown { reason, place, term, truth: term, is_text: true, is_number: false }))
    }

    /// Ends where variables of the process are changed and it is not known which.
    pub(super) fn any_variable(&mut self, frame: &Frame, span: Span) -> Eval<()> {
        match self.unknown(frame, span, "which variables are set here is not followed") {
            Value::Unknown(unknown) => Err(Flow::Stop(unknown)),
            _ => Ok(()),
        }
    }

    /// `environ.get(name, default)`.
    pub(super) fn get_variable(&mut self, frame: &Frame, span: Span, arguments: &[Value]) -> Value {
        let default = arguments.get(1).cloned().unwrap_or(Value::None);
        match arguments.first().map(|name| self.settled(name.clone())) {
            Some(Value::Text(name)) => {
                let name = name.to_string();
                self.read_or(frame, span, &name, &default)
            }
            Some(name @ Value::Unknown(_)) => {
                let is_text = default.as_text().is_some();
                let derived = self.derived("variable named", &[&name, &default], is_text);
                derived.unwrap_or(Value::None)
            }
            _ => self.unknown(frame, span, "the name of a variable is not followed"),
        }
    }

    /// A field of pydantic settings: its variable as it is set, or its default; and whether it is the variable.
    pub(super) fn setting(
        &mut self,
        frame: &Frame,
        span: Span,
        class: &Rc<Class>,
        field: &str,
        annotation: Option<&str>,
    ) -> Eval<(Value, bool)> {
        if Self::member_of_class(class, "settings_customise_sources").is_some() {
            // The environment may be one of them.
            self.marks.reads.insert(self.spelled(field));
            return Ok((
                self.unknown(frame, span, "settings of this class have sources of their own"),
                false,
            ));
        }
        let own = format!("{}{field}", Self::prefix(class));
        let Some(mut names) = Self::aliases(class, field) else {
            self.marks.reads.insert(self.spelled(&own));
            return Ok((
                self.unknown(frame, span, format!("the aliases of `{field}` are not followed")),
                false,
            ));
        };
        let mut or_by_name = None;
        if names.is_empty() {
            names.push(own);
        } else if ["populate_by_name", "validate_by_name"]
            .iter()
            .any(|option| matches!(Self::option_of(class, option), Some(Value::Bool(true))))
        {
            or_by_name = Some(own);
        }
        let has = |option: &str| matches!(Self::option_of(class, option), Some(Value::Bool(true)));
        let (is_exact, ignores_empty) = (has("case_sensitive"), has("env_ignore_empty"));
        for name in names {
            // Names are compared without regard to case; the deployments write them in upper case.
            let spelled = if is_exact { name } else { self.spelled(&name) };
            if !self.is_set(frame, span, &spelled) {
                continue;
            }
            let value = self.read_variable(frame, span, &spelled);
            let value = self.settled(value);
            // An empty variable may count as none.
            if ignores_empty && !self.truth(frame, &value) {
                continue;
            }
            return Ok((value, true));
        }
        if let Some(own) = or_by_name
            && self.is_set(frame, span, &self.spelled(&own))
        {
            let reason =
                format!("whether `{own}` counts beside its aliases depends on the library's version");
            return Ok((self.unknown(frame, span, reason), false));
        }
        if let Some(reason) = self.other_source(frame, span, class, annotation) {
            return Ok((self.unknown(frame, span, reason), false));
        }
        Ok((self.field_default(frame, span, class, field)?, false))
    }

    /// The spelling in which a deployment sets a variable, upper case where none does.
    fn spelled(&self, name: &str) -> String {
        let known = self.variables.known.keys().chain(&self.variables.hidden);
        let mut same = known.filter(|known| known.eq_ignore_ascii_case(name));
        same.next().cloned().unwrap_or_else(|| name.to_ascii_uppercase())
    }

    /// The variables that a field names, in order; `None` where they are not followed.
    fn aliases(class: &Rc<Class>, field: &str) -> Option<Vec<String>> {
        let Some(Value::Map(options)) = Self::member_of_class(class, field) else { return Some(Vec::new()) };
        if !super::classes::is_field(&options.borrow()) {
            return Some(Vec::new());
        }
        let options = options.borrow();
        for wanted in ["validation_alias", "env", "alias"] {
            let found = options.iter().find(|(key, _)| key.as_text() == Some(wanted));
            match found.map(|(_, value)| value) {
                Some(Value::Text(name)) => return Some(vec![name.to_string()]),
                Some(Value::Sequence(_, names)) => {
                    return names.borrow().iter().map(|name| name.as_text().map(str::to_owned)).collect();
                }
                None | Some(Value::None) => {}
                Some(_) => return None,
            }
        }
        Some(Vec::new())
    }

    /// `env_prefix` of a settings class.
    fn prefix(class: &Rc<Class>) -> String {
        let prefix = Self::option_of(class, "env_prefix");
        prefix.and_then(|prefix| prefix.as_text().map(str::to_owned)).unwrap_or_default()
    }

    /// A text as the type of its field.
    pub(super) fn converted(
        &mut self,
        frame: &Frame,
        span: Span,
        value: Value,
        annotation: Option<&str>,
    ) -> Eval<Value> {
        const REFUSED: &str = "no value of this kind";
        let kind = annotation.map_or("", |annotation| annotation.trim_end_matches("| None").trim());
        let kind = kind.strip_prefix("Optional[").and_then(|kind| kind.strip_suffix(']')).unwrap_or(kind);
        Ok(match (kind, &value) {
            ("str" | "", _) => value,
            ("bool", Value::Text(text)) => match text.to_lowercase().as_str() {
                "1" | "true" | "t" | "yes" | "y" | "on" => Value::Bool(true),
                "0" | "false" | "f" | "no" | "n" | "off" => Value::Bool(false),
                _ => return Self::raise(frame, span, "ValidationError", REFUSED),
            },
            ("int", Value::Text(text)) => match text.trim().parse() {
                Ok(number) => Value::Integer(number),
                Err(_) => self.unknown(frame, span, "whether this is a whole number is not followed"),
            },
            (kind, Value::Text(text)) if kind.starts_with("Literal[") => {
                if kind.contains(&format!("\"{text}\"")) || kind.contains(&format!("'{text}'")) {
                    value
                } else {
                    return Self::raise(frame, span, "ValidationError", REFUSED);
                }
            }
            _ => self
                .derived("convert", &[&value], false)
                .unwrap_or_else(|| self.unknown(frame, span, "how this field is converted is not followed")),
        })
    }
}
