//! Loops.

use std::collections::HashSet;
use std::rc::Rc;

use source::Span;
use syntax::decision::{Expression, Language, Statement, bound_names};

use super::journal::{Content, Slot, SlotKey};
use super::machine::{Eval, Flow, Machine};
use super::scope::Frame;
use super::value::{Unknown, Value};

/// Rounds of a `while` that are followed.
const MAX_ROUNDS: usize = 200;

/// Steps that a round with an item that is not known may take.
const STEPS_OF_A_ROUND: u32 = 1_500;

/// How one round of a loop ends that does not leave the function.
#[derive(PartialEq, Eq)]
enum Round {
    Over,
    Broken,
}

impl Machine<'_> {
    pub(super) fn looped(
        &mut self,
        frame: &Frame,
        target: &Expression,
        iterable: &Expression,
        body: &[Statement],
        otherwise: &[Statement],
    ) -> Eval<()> {
        let value = self.expression(frame, iterable)?;
        let items = match self.items(frame, iterable.span, &value)? {
            Ok(items) => items,
            Err(unknown) => {
                if otherwise.is_empty() && self.passes_by(frame, target, &unknown, body) {
                    return Ok(());
                }
                let is_broken = self.decide(&unknown, "has items")
                    && self.last_round(frame, target, &unknown, body)? == Round::Broken;
                return if is_broken { Ok(()) } else { self.block(frame, otherwise) };
            }
        };
        for item in items {
            if self.round(frame, target, item, body)? == Round::Broken {
                return Ok(());
            }
        }
        self.block(frame, otherwise)
    }

    pub(super) fn repeated(
        &mut self,
        frame: &Frame,
        span: Span,
        test: &Expression,
        body: &[Statement],
    ) -> Eval<()> {
        let mut waits = false;
        for _ in 0..MAX_ROUNDS {
            let asked = self.oracle.taken.len();
            let value = self.expression(frame, test)?;
            // Rounds that leave nothing behind are all the same: the loop ends when it does.
            if !self.truth(frame, &value) || waits && self.oracle.taken.len() > asked {
                return Ok(());
            }
            let mark = self.journal.mark();
            match self.branch_body(frame, body) {
                Err(Flow::Break) => return Ok(()),
                Ok(()) | Err(Flow::Continue) => {}
                Err(flow) => return Err(flow),
            }
            waits = self.is_unchanged_since(mark);
        }
        match self.unknown(frame, span, format!("a loop goes on for more than {MAX_ROUNDS} rounds")) {
            Value::Unknown(unknown) => Err(Flow::Stop(unknown)),
            _ => Ok(()),
        }
    }

    /// One round of a loop.
    fn round(&mut self, frame: &Frame, target: &Expression, item: Value, body: &[Statement]) -> Eval<Round> {
        let inner;
        let frame = match frame.language() {
            Language::Python => frame,
            Language::JavaScript | Language::Rust => {
                inner = Self::inner(frame);
                &inner
            }
        };
        self.assign(frame, target, item)?;
        match self.block(frame, body) {
            Err(Flow::Break) => Ok(Round::Broken),
            Ok(()) | Err(Flow::Continue) => Ok(Round::Over),
            Err(flow) => Err(flow),
        }
    }

    /// The last of the rounds over items that are not known: nothing is known of what the rounds before it bind. Where
    /// they may change more than names, nothing further can be said.
    fn last_round(
        &mut self,
        frame: &Frame,
        target: &Expression,
        unknown: &Rc<Unknown>,
        body: &[Statement],
    ) -> Eval<Round> {
        if self.endless.contains(&body.as_ptr().addr()) {
            return Err(Flow::Stop(Rc::clone(unknown)));
        }
        let bound = self.bind_anything(frame, target, unknown, body, &[])?;
        let mark = self.journal.mark();
        let item = self.any_item(frame, target.span, unknown);
        let ended = self.within_limit(|machine| machine.round(frame, target, item, body));
        let lasts = self.changed_since(mark).any(|(slot, before)| lasts(slot, before, &bound));
        match ended {
            Some(ended) if !lasts => ended,
            _ => Err(Flow::Stop(Rc::clone(unknown))),
        }
    }

    /// Whether all rounds over items that are not known end alike and leave nothing behind but names, of which nothing is
    /// known then: what they ask is no question.
    fn passes_by(
        &mut self,
        frame: &Frame,
        target: &Expression,
        unknown: &Rc<Unknown>,
        body: &[Statement],
    ) -> bool {
        let site = body.as_ptr().addr();
        if self.takes_apart || self.endless.contains(&site) {
            return false;
        }
        let texts = self.texts_among(frame, bound_names(body));
        // A text stays one if every round leaves one where it has found one.
        let passes = !texts.is_empty() && self.all_pass(frame, target, unknown, body, &texts) == Some(true);
        if passes {
            return true;
        }
        let passed = self.all_pass(frame, target, unknown, body, &[]);
        if passed.is_none() && !self.is_spent() {
            self.endless.insert(site);
        }
        passed == Some(true)
    }

    /// Those of some names that are texts.
    fn texts_among(&self, frame: &Frame, names: Vec<String>) -> Vec<String> {
        names.into_iter().filter(|name| self.is_text(frame, name)).collect()
    }

    /// Whether a name of the innermost scope is a text.
    fn is_text(&self, frame: &Frame, name: &str) -> bool {
        let value = frame.scope.as_ref().and_then(|scope| scope.names.borrow().get(name).cloned());
        value.is_some_and(|value| self.is_text_value(&value))
    }

    fn is_text_value(&self, value: &Value) -> bool {
        match self.kept(value.clone()) {
            Value::Text(_) => true,
            Value::Unknown(unknown) => unknown.is_text,
            Value::Open(open) => self.is_text_value(&open.default),
            Value::Either(either) => self.is_text_value(&either.no) && self.is_text_value(&either.yes),
            _ => false,
        }
    }

    /// Whether all rounds pass that leave texts in the names that are `texts`; `None` where nothing can be said of them.
    /// Where they pass the names are bound, else nothing is left of it.
    fn all_pass(
        &mut self,
        frame: &Frame,
        target: &Expression,
        unknown: &Rc<Unknown>,
        body: &[Statement],
        texts: &[String],
    ) -> Option<bool> {
        let mark = self.journal.mark();
        let Ok(bound) = self.bind_anything(frame, target, unknown, body, texts) else { return Some(false) };
        let item = self.any_item(frame, target.span, unknown);
        let mut round = |machine: &mut Self| {
            let ended = machine.round(frame, target, item.clone(), body)?;
            let stay = texts.iter().all(|name| machine.is_text(frame, name));
            Ok(Value::Bool(ended == Round::Over && stay))
        };
        let is_quiet = |slot: &Slot, before: &Content| !lasts(slot, before, &bound);
        let passed = self.within_limit(|machine| machine.passes_quietly(&mut round, &is_quiet));
        let passed = passed.and_then(Result::ok);
        if passed != Some(true) {
            self.take_back(mark);
        }
        passed
    }

    /// Binds all names that a loop binds to what is not known, but that it is a text; which these are.
    fn bind_anything(
        &mut self,
        frame: &Frame,
        target: &Expression,
        unknown: &Rc<Unknown>,
        body: &[Statement],
        texts: &[String],
    ) -> Eval<HashSet<SlotKey>> {
        let mark = self.journal.mark();
        let anything = |machine: &mut Self| machine.unknown(frame, target.span, unknown.reason.as_str());
        let before = anything(self);
        self.assign(frame, target, before)?;
        for name in bound_names(body) {
            let before = match anything(self) {
                Value::Unknown(any) if texts.contains(&name) => {
                    Value::Unknown(Rc::new(Unknown { is_text: true, ..(*any).clone() }))
                }
                any => any,
            };
            self.bind(frame, &name, before);
        }
        Ok(self.changed_since(mark).map(|(slot, _)| slot.key()).collect())
    }

    /// What a round with an item that is not known comes to; `None` where that takes too many steps.
    fn within_limit<T>(&mut self, work: impl FnOnce(&mut Self) -> Eval<T>) -> Option<Eval<T>> {
        let outer = self.max_steps;
        self.max_steps = outer.min(self.steps.saturating_add(STEPS_OF_A_ROUND));
        let limited_from = std::mem::replace(&mut self.limited_from, self.pieces.len());
        self.unknown_rounds += 1;
        let ended = work(self);
        self.unknown_rounds -= 1;
        self.limited_from = limited_from;
        let is_spent = self.is_spent();
        self.max_steps = outer;
        (!is_spent).then_some(ended)
    }
}

/// Whether the next round meets what a round does to a slot, besides to those that are bound.
fn lasts(slot: &Slot, before: &Content, bound: &HashSet<SlotKey>) -> bool {
    let is_load = matches!(slot, Slot::Ran(..) | Slot::Waits(_));
    let is_new = matches!(before, Content::Value(None)) && !matches!(slot, Slot::Variable(_));
    !is_load && !is_new && !bound.contains(&slot.key())
}
