//! Schemas of zod, and what they make of the variables of the process: <https://zod.dev/api>.

use std::cell::RefCell;
use std::rc::Rc;

use source::Span;

use super::expressions::put;
use super::journal::Entries;
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::Value;

/// The mark of a schema and of what one has parsed.
const MARK: &str = "$zod";

/// Methods of a schema that change nothing of a value which it takes.
const CHECKS: &[&str] = &[
    "describe",
    "brand",
    "readonly",
    "strict",
    "strip",
    "min",
    "max",
    "length",
    "nonempty",
    "regex",
    "email",
    "url",
    "uuid",
    "startsWith",
    "endsWith",
    "includes",
    "refine",
    "superRefine",
    "meta",
    "register",
    "check",
];

type Kept = Rc<RefCell<Entries>>;

/// Whether a dictionary is a schema, or what one has parsed.
pub(super) fn is_marked(entries: &Entries) -> bool {
    entries.first().is_some_and(|(key, _)| key.as_text() == Some(MARK))
}

/// Whether a dictionary is a schema.
pub(super) fn is_schema(entries: &Entries) -> bool {
    is_marked(entries) && entries.first().is_some_and(|(_, kind)| kind.as_text() != Some("parsed"))
}

fn option(entries: &Kept, name: &str) -> Option<Value> {
    let entries = entries.borrow();
    entries.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value.clone())
}

fn is_kind(entries: &Kept, kind: &str) -> bool {
    option(entries, MARK).is_some_and(|of| of.as_text() == Some(kind))
}

fn marked(kind: &str, options: Vec<(&str, Value)>) -> Value {
    let mut entries = vec![(Value::text(MARK), Value::text(kind))];
    entries.extend(options.into_iter().map(|(name, value)| (Value::text(name), value)));
    Value::map(entries)
}

impl Machine<'_> {
    /// What a function of zod or of `@t3-oss/env` makes; `None` for other functions.
    pub(super) fn schema_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let arguments: Vec<Value> = arguments.iter().map(|value| self.settled(value.clone())).collect();
        if name.starts_with("@t3-oss/env-") && name.ends_with(".createEnv") {
            let [Value::Map(options)] = arguments.as_slice() else { return None };
            return Some(self.created_env(frame, span, options));
        }
        let (library, function) = name.split_once('.')?;
        if !matches!(library, "zod" | "zod/v3" | "zod/v4") {
            return None;
        }
        let function =
            function.strip_prefix("z.").or_else(|| function.strip_prefix("default.")).unwrap_or(function);
        Some(match (function, arguments.as_slice()) {
            ("object" | "strictObject" | "looseObject", [fields @ Value::Map(_), ..]) => {
                marked("object", vec![("fields", fields.clone())])
            }
            ("enum", [options @ Value::Sequence(..), ..]) => {
                marked("enum", vec![("options", options.clone())])
            }
            ("enum" | "nativeEnum", [Value::Map(members), ..]) => {
                let values = self.entries_of(members).into_iter().map(|(_, value)| value).collect();
                marked("enum", vec![("options", Value::list(values))])
            }
            ("literal", [value]) => marked("enum", vec![("options", Value::list(vec![value.clone()]))]),
            ("string" | "coerce.string" | "url" | "email", _) => marked("text", Vec::new()),
            _ => marked("other", Vec::new()),
        })
    }

    /// A method of a schema; `None` where it is not followed.
    pub(super) fn schema_method(
        &mut self,
        frame: &Frame,
        span: Span,
        schema: &Kept,
        name: &str,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let with = |name: &str, value: Value| {
            let mut entries = schema.borrow().clone();
            put(&mut entries, Value::text(name), value);
            Value::map(entries)
        };
        let of = |source: &Value| {
            let fields = option(schema, "fields").unwrap_or(Value::Undefined);
            marked("parsed", vec![("fields", fields), ("source", source.clone())])
        };
        Ok(Some(match (name, arguments) {
            ("default" | "prefault", [value]) => with("default", value.clone()),
            ("catch", [value]) => with("catch", value.clone()),
            ("optional" | "nullish", []) => with("optional", Value::Bool(true)),
            ("nullable", []) => Value::Map(Rc::clone(schema)),
            (check, _) if CHECKS.contains(&check) => Value::Map(Rc::clone(schema)),
            ("parse", [source]) if is_kind(schema, "object") => of(source),
            ("parse", [value]) => self.as_schema_says(frame, span, schema, value.clone())?,
            ("safeParse", [source]) if is_kind(schema, "object") => {
                let success = self.fits(frame, span, schema, source)?;
                Value::map(vec![(Value::text("success"), success), (Value::text("data"), of(source))])
            }
            ("extend" | "merge", [Value::Map(more)]) => {
                let more = option(more, "fields").unwrap_or_else(|| Value::Map(Rc::clone(more)));
                let (Some(Value::Map(own)), Value::Map(more)) = (option(schema, "fields"), more) else {
                    return Ok(None);
                };
                let mut fields = own.borrow().clone();
                for (key, value) in self.entries_of(&more) {
                    put(&mut fields, key, value);
                }
                with("fields", Value::map(fields))
            }
            // What else is done to a value is not followed, and what stands for none of it is.
            _ => with(MARK, Value::text("other")),
        }))
    }

    /// Whether all fields fit: of few fields that is found out.
    fn fits(&mut self, frame: &Frame, span: Span, schema: &Kept, source: &Value) -> Eval<Value> {
        const MAX_FIELDS: usize = 8;
        let Some(Value::Map(fields)) = option(schema, "fields") else {
            return Ok(self.unknown(frame, span, "whether this fits is not followed"));
        };
        let fields = self.entries_of(&fields);
        if fields.len() > MAX_FIELDS {
            return Ok(self.unknown(frame, span, "whether all of this fits is not followed"));
        }
        for (name, field) in fields {
            let Value::Map(field) = self.settled(field) else { continue };
            let raw = self.index(frame, span, source, &name)?;
            match self.as_schema_says(frame, span, &field, raw) {
                Ok(_) => {}
                Err(super::machine::Flow::Raise(_)) => return Ok(Value::Bool(false)),
                Err(other) => return Err(other),
            }
        }
        Ok(Value::Bool(true))
    }

    /// A field of what a schema has parsed. That the others fit is taken for granted: the program stops otherwise.
    pub(super) fn parsed_field(
        &mut self,
        frame: &Frame,
        span: Span,
        parsed: &Kept,
        name: &Value,
    ) -> Eval<Value> {
        let Some(key) = name.as_text().filter(|_| is_kind(parsed, "parsed")) else {
            return Ok(self.unknown(frame, span, "this part of a schema is not followed"));
        };
        let field = match option(parsed, "fields") {
            Some(Value::Map(fields)) => option(&fields, key),
            _ => None,
        };
        let Some(field) = field else {
            return Ok(self.unknown(frame, span, format!("`{key}` is in no schema here")));
        };
        let source = option(parsed, "source").unwrap_or(Value::Undefined);
        let raw = self.index(frame, span, &source, name)?;
        let raw = self.settled(raw);
        let drops_empty = option(parsed, "empty").is_some_and(|empty| self.truth(frame, &empty));
        let raw = if drops_empty && !self.truth(frame, &raw) { Value::Undefined } else { raw };
        match self.settled(field) {
            Value::Map(field) if is_marked(&field.borrow()) => self.as_schema_says(frame, span, &field, raw),
            _ => Ok(self.not_followed(frame, span, &raw)),
        }
    }

    fn as_schema_says(&mut self, frame: &Frame, span: Span, schema: &Kept, raw: Value) -> Eval<Value> {
        let raw = self.settled(raw);
        if matches!(raw, Value::Undefined) {
            if let Some(default) = option(schema, "default").or_else(|| option(schema, "catch")) {
                return match &default {
                    Value::Function(_) => self.call(frame, span, default, Vec::new(), Vec::new()),
                    _ => Ok(default),
                };
            }
            if option(schema, "optional").is_some() {
                return Ok(Value::Undefined);
            }
            if is_kind(schema, "other") {
                return Ok(self.not_followed(frame, span, &raw));
            }
            return Self::raise(frame, span, "ZodError", "a variable is missing");
        }
        if is_kind(schema, "text") {
            return Ok(raw);
        }
        let Some(Value::Sequence(_, options)) = option(schema, "options").filter(|_| is_kind(schema, "enum"))
        else {
            return Ok(self.not_followed(frame, span, &raw));
        };
        let options = options.borrow().clone();
        for one in options {
            if self.equal(frame, &raw, &one) {
                return Ok(one);
            }
        }
        match option(schema, "catch") {
            Some(caught) => Ok(caught),
            None => Self::raise(frame, span, "ZodError", "a value that the schema refuses"),
        }
    }

    fn not_followed(&mut self, frame: &Frame, span: Span, raw: &Value) -> Value {
        let derived = self.derived("schema", &[raw], false);
        derived
            .unwrap_or_else(|| self.unknown(frame, span, "what this schema makes of a value is not followed"))
    }

    /// `createEnv({ server: {..}, runtimeEnv: process.env })`: <https://env.t3.gg/docs/customization>.
    fn created_env(&mut self, frame: &Frame, span: Span, options: &Kept) -> Value {
        let sources = ["runtimeEnv", "runtimeEnvStrict"].into_iter().find_map(|name| option(options, name));
        let Some(source) = sources else {
            return self.unknown(frame, span, "where these variables come from is not followed");
        };
        let source = self.settled(source);
        if let Some(skips) = option(options, "skipValidation")
            && self.truth(frame, &skips)
        {
            return source;
        }
        let mut fields = Vec::new();
        for part in ["server", "client", "shared"] {
            let Some(part) = option(options, part) else { continue };
            let Value::Map(part) = self.settled(part) else { continue };
            for (key, value) in self.entries_of(&part) {
                put(&mut fields, key, value);
            }
        }
        let empty = option(options, "emptyStringAsUndefined").unwrap_or(Value::Bool(false));
        marked("parsed", vec![("fields", Value::map(fields)), ("source", source), ("empty", empty)])
    }
}
