//! Expressions.

use std::collections::HashSet;
use std::rc::Rc;

use syntax::decision::{
    Comprehension, Expression, ExpressionKind as Kind, Language, Logical, Piece, SequenceKind, Statement,
    StatementKind,
};

use super::machine::{Eval, Machine};
use super::program::Resolved;
use super::receivers;
use super::schemas;
use super::scope::Frame;
use super::value::{Closure, Value};

impl Machine<'_> {
    /// A value to be looked at.
    pub(super) fn expression(&mut self, frame: &Frame, expression: &Expression) -> Eval<Value> {
        let value = self.handed(frame, expression)?;
        Ok(self.settled(value))
    }

    /// A value to be handed on: a variable that may be set is not asked for yet.
    pub(super) fn handed(&mut self, frame: &Frame, expression: &Expression) -> Eval<Value> {
        let span = expression.span;
        self.step(frame, span)?;
        Ok(match &expression.kind {
            Kind::Null => Value::None,
            Kind::Undefined => Value::Undefined,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Integer(value) => Value::Integer(*value),
            Kind::Float(value) => Value::Float(*value),
            Kind::Text(text) => Value::text(text),
            Kind::Format(pieces) => self.format(frame, pieces)?,
            Kind::Regex(pattern, flags) => self.regex(frame, span, pattern, flags),
            Kind::Sequence(kind, items) => {
                let items = self.spread(frame, items)?;
                match items {
                    Ok(items) => {
                        let items = items.into_iter().map(|item| self.settled(item)).collect();
                        Self::sequence_of(*kind, items)
                    }
                    Err(unknown) => unknown,
                }
            }
            Kind::Spread(inner) => self.expression(frame, inner)?,
            Kind::Map(entries) => self.map(frame, entries)?,
            Kind::Name(name) => self.name(frame, name, span)?,
            Kind::Member { object, name, optional } => {
                let Some(object) = self.chained(frame, object, *optional)? else {
                    return Ok(Value::Undefined);
                };
                let value = self.member(frame, span, object, name)?;
                self.ended = false;
                self.kept(value)
            }
            Kind::Index { object, index, optional } => {
                let Some(object) = self.chained(frame, object, *optional)? else {
                    return Ok(Value::Undefined);
                };
                let index = self.expression(frame, index)?;
                let value = self.index(frame, span, &object, &index)?;
                self.ended = false;
                self.kept(value)
            }
            Kind::Slice { object, start, end } => {
                let object = self.expression(frame, object)?;
                let start = start.as_ref().map(|start| self.expression(frame, start)).transpose()?;
                let end = end.as_ref().map(|end| self.expression(frame, end)).transpose()?;
                self.slice(frame, span, &object, start, end)
            }
            Kind::Call(call) => {
                let value = self.call_expression(frame, span, call)?;
                self.kept(value)
            }
            Kind::Not(inner) => {
                let value = self.expression(frame, inner)?;
                Value::Bool(!self.truth(frame, &value))
            }
            Kind::Negative(inner) => match self.expression(frame, inner)? {
                Value::Integer(number) => Value::Integer(number.wrapping_neg()),
                Value::Float(number) => Value::Float(-number),
                _ => self.unknown(frame, span, "a negative value of this kind is not followed"),
            },
            Kind::Logical(operator, operands) => self.logical(frame, *operator, operands)?,
            Kind::Compare(first, rest) => self.comparisons(frame, span, first, rest)?,
            Kind::Conditional(parts) => {
                let test = self.expression(frame, &parts.test)?;
                let chosen = if self.truth(frame, &test) {
                    self.branch = Some(frame.module.loaded.place(parts.test.span));
                    &parts.then
                } else {
                    &parts.otherwise
                };
                self.handed(frame, chosen)?
            }
            Kind::Binary(operator, left, right) => {
                let left = self.expression(frame, left)?;
                let right = self.expression(frame, right)?;
                self.arithmetic(frame, span, *operator, left, right)?
            }
            Kind::Function(function) => Value::Function(Rc::new(Closure {
                function: std::sync::Arc::clone(function),
                module: Rc::clone(&frame.module),
                scope: frame.scope.clone(),
                class: std::cell::RefCell::new(frame.class.clone()),
                receiver: frame.receiver.clone().filter(|_| !receivers::has_its_own(function)),
                role: receivers::role_of(function),
                wrapped_by: None,
            })),
            Kind::Comprehension(parts) => self.comprehension(frame, parts)?,
            Kind::Assign(target, value) => {
                let value = self.handed(frame, value)?;
                self.assign_around(frame, target, value.clone())?;
                value
            }
            Kind::Import(module) => self.loaded_module(frame, module)?,
            Kind::TypeOf(inner) => {
                let value = self.expression(frame, inner)?;
                self.type_of(&value)
            }
            Kind::Block(body) => self.valued_block(frame, body)?,
            Kind::Opaque(reason) => self.unknown(frame, span, format!("{reason} is not followed")),
        })
    }

    /// The module that `require("x")` gives.
    fn loaded_module(&mut self, frame: &Frame, module: &str) -> Eval<Value> {
        let loaded = std::sync::Arc::clone(&frame.module.loaded);
        match self.program.resolve(&loaded, module, 0) {
            Resolved::External => Ok(Value::external(module)),
            found => self.module_value(found, module),
        }
    }

    /// A block whose last statement is its value.
    fn valued_block(&mut self, frame: &Frame, body: &[Statement]) -> Eval<Value> {
        let inner = Self::inner(frame);
        let Some((last, before)) = body.split_last() else { return Ok(Value::None) };
        self.block(&inner, before)?;
        self.valued(&inner, last)
    }

    /// A statement as a value: that of the branch which is taken.
    fn valued(&mut self, frame: &Frame, statement: &Statement) -> Eval<Value> {
        self.step(frame, statement.span)?;
        match &statement.kind {
            StatementKind::Expression(value) => self.handed(frame, value),
            StatementKind::Block(body) => self.valued_block(frame, body),
            StatementKind::If(branches, otherwise) => {
                for (test, body) in branches {
                    let value = self.expression(frame, test)?;
                    if self.truth(frame, &value) {
                        self.branch = Some(frame.module.loaded.place(test.span));
                        return self.valued_block(frame, body);
                    }
                }
                self.valued_block(frame, otherwise)
            }
            StatementKind::Match(subject, cases) => match self.chosen_case(frame, subject, cases)? {
                Some((inner, case)) => self.valued_block(&inner, &case.body),
                None => Ok(Value::None),
            },
            _ => self.statement(frame, statement).map(|()| Value::None),
        }
    }

    fn format(&mut self, frame: &Frame, pieces: &[Piece]) -> Eval<Value> {
        let mut text = String::new();
        let mut values = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => {
                    text.push_str(part);
                    values.push(Value::text(part));
                }
                Piece::Value(expression) => {
                    let value = self.expression(frame, expression)?;
                    let part = self.text_of(frame, expression.span, &value)?;
                    if let Value::Text(part) = &part {
                        text.push_str(part);
                    }
                    values.push(part);
                }
            }
        }
        let parts: Vec<&Value> = values.iter().collect();
        Ok(self.derived("format", &parts, true).unwrap_or_else(|| Value::text(text)))
    }

    /// Items with the spread ones in place; the unknown that keeps them from being known.
    pub(super) fn spread(&mut self, frame: &Frame, items: &[Expression]) -> Eval<Result<Vec<Value>, Value>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.handed(frame, item)?;
            if matches!(item.kind, Kind::Spread(_)) {
                match self.items(frame, item.span, &value)? {
                    Ok(inner) => values.extend(inner),
                    Err(unknown) => return Ok(Err(Value::Unknown(unknown))),
                }
            } else {
                values.push(value);
            }
        }
        Ok(Ok(values))
    }

    /// A sequence; of equal items a set holds the first.
    pub(super) fn sequence_of(kind: SequenceKind, items: Vec<Value>) -> Value {
        if kind != SequenceKind::Set {
            return Value::sequence(kind, items);
        }
        let mut distinct: Vec<Value> = Vec::new();
        for item in items {
            if !distinct.iter().any(|other| Self::same(Language::Python, other, &item) == Some(true)) {
                distinct.push(item);
            }
        }
        Value::sequence(kind, distinct)
    }

    fn map(&mut self, frame: &Frame, entries: &[(Option<Expression>, Expression)]) -> Eval<Value> {
        let mut made: Vec<(Value, Value)> = Vec::new();
        // A key that is written for the first time needs no comparison with all others.
        let mut written: HashSet<&str> = HashSet::new();
        for (key, value) in entries {
            if let Some(text) = key.as_ref().and_then(Expression::text)
                && made.len() == written.len()
                && written.insert(text)
            {
                let value = self.handed(frame, value)?;
                made.push((Value::text(text), value));
                continue;
            }
            let Some(key) = key else {
                let spread = self.expression(frame, value)?;
                match spread {
                    Value::Map(inner) if !schemas::is_marked(&inner.borrow()) => {
                        for (key, value) in self.read_entries(frame, value.span, &inner)? {
                            put(&mut made, key, value);
                        }
                    }
                    Value::Environ => {
                        return Ok(self.unknown(
                            frame,
                            value.span,
                            "a copy of all variables is not followed",
                        ));
                    }
                    _ => return Ok(self.unknown(frame, value.span, "what is spread here is not followed")),
                }
                continue;
            };
            let key = self.expression(frame, key)?;
            let value = self.handed(frame, value)?;
            put(&mut made, key, value);
        }
        Ok(Value::map(made))
    }

    fn logical(&mut self, frame: &Frame, operator: Logical, operands: &[Expression]) -> Eval<Value> {
        let mut value = Value::nothing(frame.language());
        for (index, operand) in operands.iter().enumerate() {
            if index + 1 == operands.len() {
                value = self.handed(frame, operand)?;
                break;
            }
            value = self.expression(frame, operand)?;
            let decides = match operator {
                Logical::And => !self.truth(frame, &value),
                Logical::Or => self.truth(frame, &value),
                Logical::Coalesce => !self.is_nothing(&value),
            };
            if decides {
                self.branch = Some(frame.module.loaded.place(operand.span));
                break;
            }
        }
        Ok(self.kept(value))
    }

    fn comprehension(&mut self, frame: &Frame, parts: &Comprehension) -> Eval<Value> {
        let inner = Self::inner(frame);
        let mut keys = Vec::new();
        let mut values = Vec::new();
        let ended = self.comprehended(&inner, parts, 0, &mut keys, &mut values)?;
        if let Some(unknown) = ended {
            return Ok(unknown);
        }
        if parts.key.is_none() {
            return Ok(Self::sequence_of(parts.kind, values));
        }
        let mut entries = Vec::new();
        keys.into_iter().zip(values).for_each(|(key, value)| put(&mut entries, key, value));
        Ok(Value::map(entries))
    }

    /// One loop of a comprehension and those inside it; the unknown that ends it.
    fn comprehended(
        &mut self,
        frame: &Frame,
        parts: &Comprehension,
        level: usize,
        keys: &mut Vec<Value>,
        values: &mut Vec<Value>,
    ) -> Eval<Option<Value>> {
        let Some((target, iterable, tests)) = parts.loops.get(level) else {
            if let Some(key) = &parts.key {
                keys.push(self.expression(frame, key)?);
            }
            values.push(self.expression(frame, &parts.element)?);
            return Ok(None);
        };
        let iterated = self.expression(frame, iterable)?;
        let items = match self.items(frame, iterable.span, &iterated)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Some(Value::Unknown(unknown))),
        };
        for item in items {
            self.assign_here(frame, target, item)?;
            let mut wanted = true;
            for test in tests {
                let value = self.expression(frame, test)?;
                wanted = wanted && self.truth(frame, &value);
            }
            if wanted && let Some(unknown) = self.comprehended(frame, parts, level + 1, keys, values)? {
                return Ok(Some(unknown));
            }
        }
        Ok(None)
    }

    /// What stands before `.name`, `[index]` or `(..)`; `None` where a `?.` in the chain ends it.
    pub(super) fn chained(
        &mut self,
        frame: &Frame,
        before: &Expression,
        optional: bool,
    ) -> Eval<Option<Value>> {
        let value = self.expression(frame, before)?;
        let is_chain = matches!(before.kind, Kind::Member { .. } | Kind::Index { .. } | Kind::Call(_));
        self.ended = (is_chain && self.ended) || (optional && self.is_nothing(&value));
        Ok((!self.ended).then_some(value))
    }

    /// Assigns in an expression: in Python around comprehensions.
    fn assign_around(&mut self, frame: &Frame, target: &Expression, value: Value) -> Eval<()> {
        let Kind::Name(name) = &target.kind else { return self.assign(frame, target, value) };
        let mut at = frame.scope.clone();
        while let Some(scope) = at.clone() {
            let is_block = scope.function.is_none() && !scope.is_class;
            if !is_block || scope.names.borrow().contains_key(name) {
                break;
            }
            at.clone_from(&scope.parent);
        }
        let around = Frame { scope: at, ..frame.clone() };
        if around.scope.is_none() && frame.scope.is_none() {
            self.bind_here(frame, name, value);
        } else {
            self.bind(&around, name, value);
        }
        Ok(())
    }
}

/// Sets an entry; one with an equal key is replaced in its place.
pub(super) fn put(entries: &mut Vec<(Value, Value)>, key: Value, value: Value) {
    let same = |other: &Value| Machine::same(Language::Python, other, &key) == Some(true);
    match entries.iter_mut().find(|(other, _)| same(other)) {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}
