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
        for _ in 0..MAX_ROUNDS {
            let value = self.expression(frame, test)?;
            if !self.truth(frame, &value) {
                return Ok(());
            }
            match self.branch_body(frame, body) {
                Err(Flow::Break) => return Ok(()),
                Ok(()) | Err(Flow::Continue) => {}
                Err(flow) => return Err(flow),
            }
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
        let mark = self.journal.mark();
        let anything = |machine: &mut Self| machine.unknown(frame, target.span, unknown.reason.as_str());
        let before = anything(self);
        self.assign(frame, target, before)?;
        for name in bound_names(body) {
            let before = anything(self);
            self.bind(frame, &name, before);
        }
        let bound: HashSet<_> = self.changed_since(mark).map(|(slot, _)| slot.key()).collect();
        let mark = self.journal.mark();
        let item = anything(self);
        let ended = self.round(frame, target, item, body);
        let lasts = self.changed_since(mark).any(|(slot, before)| lasts(slot, before, &bound));
        if lasts { Err(Flow::Stop(Rc::clone(unknown))) } else { ended }
    }
}

/// Whether the next round meets what a round does to a slot, besides to those that are bound.
fn lasts(slot: &Slot, before: &Content, bound: &HashSet<SlotKey>) -> bool {
    let is_load = matches!(slot, Slot::Ran(..) | Slot::Prepared(_) | Slot::Waits(_));
    let is_new = matches!(before, Content::Value(None)) && !matches!(slot, Slot::Variable(_));
    !is_load && !is_new && !bound.contains(&slot.key())
}
