//! Targets of assignments, and the patterns of `match`.

use std::rc::Rc;

use syntax::decision::{Case, Expression, ExpressionKind as Kind, Language, Pattern, SequenceKind};

use super::expressions::put;
use super::journal::Slot;
use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::{Value, variant_name};

impl Machine<'_> {
    /// Gives a target a value.
    pub(super) fn assign(&mut self, frame: &Frame, target: &Expression, value: Value) -> Eval<()> {
        match &target.kind {
            Kind::Name(name) => self.bind_after(frame, name, value),
            Kind::Member { object, name, .. } => {
                let object = self.expression(frame, object)?;
                if matches!(&object, Value::External(of) if &**of == "process") && name == "env" {
                    return self.any_variable(frame, target.span);
                }
                self.set_member(&object, name, value);
                Ok(())
            }
            Kind::Index { object, index, .. } => {
                let object = self.expression(frame, object)?;
                let index = self.expression(frame, index)?;
                if matches!(object, Value::Environ) {
                    let name = self.settled(index);
                    let Value::Text(_) = &name else { return self.any_variable(frame, target.span) };
                    self.set_item(&object, name, value);
                    return Ok(());
                }
                self.set_item(&object, index, value);
                Ok(())
            }
            _ => self.unpack(frame, target, value, false),
        }
    }

    /// Gives a target a value in the innermost scope: declarations and loops of comprehensions.
    pub(super) fn assign_here(&mut self, frame: &Frame, target: &Expression, value: Value) -> Eval<()> {
        match &target.kind {
            Kind::Name(name) => {
                self.bind_here(frame, name, value);
                Ok(())
            }
            _ => self.unpack(frame, target, value, true),
        }
    }

    fn unpack(&mut self, frame: &Frame, target: &Expression, value: Value, here: bool) -> Eval<()> {
        let value = self.settled(value);
        let one = |machine: &mut Self, target: &Expression, value: Value| {
            if here {
                machine.assign_here(frame, target, value)
            } else {
                machine.assign(frame, target, value)
            }
        };
        match &target.kind {
            Kind::Sequence(_, targets) => {
                let items = match self.items(frame, target.span, &value)? {
                    Ok(items) if items.len() == targets.len() => items,
                    _ => {
                        let unknown =
                            self.unknown(frame, target.span, "what is taken apart here is not followed");
                        vec![unknown; targets.len()]
                    }
                };
                targets.iter().zip(items).try_for_each(|(target, item)| {
                    let is_rest = matches!(target.kind, Kind::Spread(_));
                    let item = if is_rest {
                        self.unknown(frame, target.span, "the rest of a sequence is not followed")
                    } else {
                        item
                    };
                    one(self, target, item)
                })
            }
            // `const { A, B: b = "x" } = process.env`
            Kind::Map(entries) => entries.iter().try_for_each(|(key, target)| {
                let Some(key) = key else {
                    let rest = self.unknown(frame, target.span, "the rest of an object is not followed");
                    return one(self, target, rest);
                };
                let key = self.expression(frame, key)?;
                let item = self.index(frame, target.span, &value, &key)?;
                one(self, target, item)
            }),
            // A default in a pattern.
            Kind::Assign(target, default) => {
                let value = if matches!(self.settled(value.clone()), Value::Undefined) {
                    self.expression(frame, default)?
                } else {
                    value
                };
                one(self, target, value)
            }
            Kind::Spread(inner) => one(self, inner, value),
            _ => Ok(()),
        }
    }

    fn set_member(&mut self, object: &Value, name: &str, value: Value) {
        match object {
            Value::Instance(instance) => {
                self.put(Slot::Field(Rc::clone(instance), name.to_owned()), value);
            }
            Value::Class(class) => {
                self.put(Slot::Member(Rc::clone(class), name.to_owned()), value);
            }
            Value::Module(module) => {
                self.put(Slot::Global(Rc::clone(module), name.to_owned()), value);
            }
            Value::Environ | Value::Map(_) => self.set_item(object, Value::text(name), value),
            _ => {}
        }
    }

    pub(super) fn set_item(&mut self, object: &Value, index: Value, value: Value) {
        match (object, &index) {
            (Value::Environ, Value::Text(name)) => {
                self.put(Slot::Variable(name.to_string()), value);
            }
            (Value::Copy(copy), _) => self.set_in_copy(copy, index, value),
            (Value::Map(entries), _) => {
                self.touch(Slot::Entries(Rc::clone(entries)));
                put(&mut entries.borrow_mut(), index, value);
            }
            (Value::Sequence(_, items), Value::Integer(at)) => {
                if let Ok(place) = usize::try_from(*at) {
                    self.touch(Slot::Items(Rc::clone(items)));
                    let mut items = items.borrow_mut();
                    if let Some(item) = items.get_mut(place) {
                        *item = value;
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn delete(&mut self, frame: &Frame, target: &Expression) -> Eval<()> {
        match &target.kind {
            Kind::Index { object, index, .. } => {
                let object = self.expression(frame, object)?;
                let index = self.expression(frame, index)?;
                self.remove_item(&object, &index);
            }
            Kind::Member { object, name, .. } => {
                let object = self.expression(frame, object)?;
                self.remove_item(&object, &Value::text(name));
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn remove_item(&mut self, object: &Value, index: &Value) -> Option<Value> {
        match (object, index) {
            (Value::Copy(copy), _) => {
                self.set_in_copy(copy, index.clone(), Value::Absent);
                None
            }
            (Value::Environ, Value::Text(name)) => {
                self.put(Slot::Variable(name.to_string()), Value::Absent);
                None
            }
            (Value::Map(entries), _) => {
                self.touch(Slot::Entries(Rc::clone(entries)));
                let is_same =
                    |(key, _): &(Value, Value)| Self::same(Language::Python, key, index) == Some(true);
                let at = entries.borrow().iter().position(is_same)?;
                let removed = entries.borrow_mut().remove(at).1;
                self.present(removed)
            }
            _ => None,
        }
    }

    pub(super) fn matched(&mut self, frame: &Frame, subject: &Expression, cases: &[Case]) -> Eval<()> {
        let Some((inner, case)) = self.chosen_case(frame, subject, cases)? else { return Ok(()) };
        match self.block(&inner, &case.body) {
            Err(Flow::Break) if frame.language() == Language::JavaScript => Ok(()),
            other => other,
        }
    }

    /// The first case that fits, and the scope in which its names are bound.
    pub(super) fn chosen_case<'c>(
        &mut self,
        frame: &Frame,
        subject: &Expression,
        cases: &'c [Case],
    ) -> Eval<Option<(Frame, &'c Case)>> {
        let value = self.expression(frame, subject)?;
        for case in cases {
            let inner = if frame.language() == Language::Python { frame.clone() } else { Self::inner(frame) };
            if !self.matches(&inner, subject, &case.pattern, &value)? {
                continue;
            }
            if let Some(guard) = &case.guard {
                let guard = self.expression(&inner, guard)?;
                if !self.truth(&inner, &guard) {
                    continue;
                }
            }
            let first = case.body.first().map_or(subject.span, |statement| statement.span);
            self.branch = Some(frame.module.loaded.place(first));
            return Ok(Some((inner, case)));
        }
        Ok(None)
    }

    fn matches(&mut self, frame: &Frame, at: &Expression, pattern: &Pattern, value: &Value) -> Eval<bool> {
        Ok(match pattern {
            Pattern::Any => true,
            Pattern::Bind(name) => {
                self.bind_pattern(frame, name, value.clone());
                true
            }
            Pattern::Value(expression) => {
                let expected = self.expression(frame, expression)?;
                self.equal(frame, value, &expected)
            }
            Pattern::Or(all) => {
                for one in all {
                    if self.matches(frame, at, one, value)? {
                        return Ok(true);
                    }
                }
                false
            }
            Pattern::As(inner, name) => {
                let matched = self.matches(frame, at, inner, value)?;
                if matched {
                    self.bind_pattern(frame, name, value.clone());
                }
                matched
            }
            Pattern::Sequence(patterns) => match value {
                Value::Sequence(kind, items) if *kind != SequenceKind::Set => {
                    let items = Rc::clone(items).borrow().clone();
                    if items.len() != patterns.len() {
                        return Ok(false);
                    }
                    for (pattern, item) in patterns.iter().zip(&items) {
                        if !self.matches(frame, at, pattern, item)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                _ => self.undecided_match(frame, at, value),
            },
            Pattern::Variant(name, patterns) => match value {
                Value::Variant(own, values) => {
                    if variant_name(own) != name || values.len() != patterns.len() {
                        return Ok(false);
                    }
                    let values = Rc::clone(values);
                    for (pattern, value) in patterns.iter().zip(values.iter()) {
                        if !self.matches(frame, at, pattern, value)? {
                            return Ok(false);
                        }
                    }
                    true
                }
                _ => self.undecided_match(frame, at, value),
            },
            Pattern::Opaque(reason) => {
                let unknown = self.unknown(frame, at.span, format!("{reason} is not followed"));
                self.truth(frame, &unknown)
            }
        })
    }

    fn bind_pattern(&mut self, frame: &Frame, name: &str, value: Value) {
        if frame.language() == Language::Python {
            self.bind(frame, name, value);
        } else {
            self.bind_here(frame, name, value);
        }
    }

    fn undecided_match(&mut self, frame: &Frame, at: &Expression, value: &Value) -> bool {
        match value {
            Value::Unknown(_) => {
                let unknown = self.unknown(frame, at.span, "the form of this value is not known");
                self.truth(frame, &unknown)
            }
            _ => false,
        }
    }
}
