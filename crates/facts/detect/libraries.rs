//! Libraries that read variables: `decouple`, `environs`, `django-environ`.
//!
//! All look at the variables of the process first, then at a file beside the program, then at a default. What reads is
//! something of a library whose name tells which library it is, and for which variables it has types of its own.
//!
//! Sources: <https://github.com/HBNetwork/python-decouple>, <https://github.com/sloria/environs>,
//! <https://django-environ.readthedocs.io/en/latest/>.

use source::Span;

use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::Value;
use super::variables::is_environment_variable;

/// What reads for `environs`, and for `django-environ`.
const ENVIRONS: &str = "$environs";
const DJANGO: &str = "$django-environ:";

/// One read: the variable, its default, what makes something of its text, and what is raised where nothing is set.
struct Read<'r> {
    name: &'r Value,
    default: Option<&'r Value>,
    cast: Option<&'r Value>,
    raises: &'static str,
}

impl Machine<'_> {
    /// A call of such a library; `None` where it is none, or not followed.
    pub(super) fn library_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        let named =
            |wanted: &str| keywords.iter().find(|(keyword, _)| keyword == wanted).map(|(_, value)| value);
        let only = |known: &[&str]| keywords.iter().all(|(keyword, _)| known.contains(&&**keyword));
        let Some(first) = arguments.first() else { return Ok(made(name, keywords)) };
        let by_position = arguments.get(1);
        let read = if name == "decouple.config" {
            if !only(&["default", "cast"]) || arguments.len() > 3 {
                return Ok(None);
            }
            let (default, cast) = (named("default").or(by_position), named("cast").or(arguments.get(2)));
            Read { name: first, default, cast, raises: "UndefinedValueError" }
        } else if let Some(method) = name.strip_prefix(ENVIRONS).or_else(|| name.strip_prefix("environs.env"))
        {
            if !only(&["default"]) || arguments.len() > 2 || !matches!(method, "" | ".str") {
                return self.other_method(frame, span, method, first.as_text());
            }
            let default = named("default").or(by_position);
            Read { name: first, default, cast: None, raises: "EnvError" }
        } else if let Some(rest) = name.strip_prefix(DJANGO) {
            let (own, method) = rest.split_once('.').unwrap_or((rest, ""));
            let has_own = first.as_text().is_some_and(|name| own.split(',').any(|one| one == name));
            let is_text =
                method.is_empty() && arguments.len() == 1 || method == "str" && arguments.len() <= 2;
            if !only(&["default"]) || !is_text || has_own {
                return self.other_method(frame, span, method, first.as_text());
            }
            let default = named("default").or(by_position);
            Read { name: first, default, cast: None, raises: "ImproperlyConfigured" }
        } else {
            return Ok(None);
        };
        self.read_by_library(frame, span, &read)
    }

    /// Another method of what reads: one that sets variables, or changes what is read, is not passed over.
    fn other_method(
        &mut self,
        frame: &Frame,
        span: Span,
        method: &str,
        first: Option<&str>,
    ) -> Eval<Option<Value>> {
        match method.trim_start_matches('.') {
            "prefixed" => match self.unknown(frame, span, "a prefix of variables is not followed") {
                Value::Unknown(unknown) => Err(Flow::Stop(unknown)),
                _ => Ok(None),
            },
            // What the file holds comes after what is set: each read looks for the file.
            "read_env" | "seal" => Ok(Some(Value::None)),
            _ => {
                self.marks.asks_for_name |= first.is_some_and(is_environment_variable);
                self.may_fail(frame, span, "a library that reads variables")?;
                Ok(Some(self.unknown(frame, span, "how this library reads this variable is not followed")))
            }
        }
    }

    fn read_by_library(&mut self, frame: &Frame, span: Span, read: &Read<'_>) -> Eval<Option<Value>> {
        let Value::Text(name) = self.settled(read.name.clone()) else { return Ok(None) };
        let is_text = match read.cast {
            None => true,
            Some(Value::External(cast)) => &**cast == "builtins.str",
            Some(_) => false,
        };
        let casts = match read.cast {
            Some(cast @ Value::Function(_)) => Some(cast),
            _ => None,
        };
        if self.variables.complete && !self.is_set(frame, span, &name) {
            let may_be_in_file = |machine: &mut Self, file: &str| {
                !matches!(machine.is_there(frame, span, file), Value::Bool(false))
            };
            if may_be_in_file(self, ".env") || may_be_in_file(self, "settings.ini") {
                return Ok(Some(self.unknown(frame, span, format!("`{name}` may be in an env file"))));
            }
        }
        let value = match read.default {
            Some(default) => self.read_or(frame, span, &name, default),
            None if self.is_set(frame, span, &name) => self.read_variable(frame, span, &name),
            None => return Self::raise(frame, span, read.raises, &name),
        };
        Ok(Some(match casts {
            Some(cast) => self.call(frame, span, cast.clone(), vec![value], Vec::new())?,
            None if is_text => value,
            None => {
                let value = self.settled(value);
                self.derived("cast", &[&value], false).unwrap_or_else(|| {
                    self.unknown(frame, span, "how this setting is converted is not followed")
                })
            }
        }))
    }
}

/// What reads, where it is made.
fn made(name: &str, keywords: &[(String, Value)]) -> Option<Value> {
    match name {
        "environs.Env" if keywords.iter().all(|(keyword, _)| keyword == "eager") => {
            Some(Value::external(ENVIRONS))
        }
        "environ.Env" | "environ.FileAwareEnv" => {
            let own: Vec<&str> = keywords.iter().map(|(keyword, _)| keyword.as_str()).collect();
            Some(Value::external(format!("{DJANGO}{}", own.join(","))))
        }
        _ if name == format!("{ENVIRONS}.read_env") || name == format!("{ENVIRONS}.seal") => {
            Some(Value::None)
        }
        _ if name.starts_with(DJANGO) && name.ends_with(".read_env") || name == "environ.Env.read_env" => {
            Some(Value::None)
        }
        _ => None,
    }
}
