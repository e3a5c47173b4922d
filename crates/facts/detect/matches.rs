//! What regular expressions find in texts that are not known: matches, of which only that they are some is known.
//!
//! Such a match is something of a library; its methods fail for none.

use std::rc::Rc;

use source::Span;

use super::journal::{Content, Slot};
use super::machine::{Eval, Machine};
use super::scope::Frame;
use super::value::{Closure, Unknown, Value};

/// The name of a match.
const MATCH: &str = "$match";

impl Machine<'_> {
    /// Notes that a value is what `re.finditer` gives.
    pub(super) fn note_matches(&mut self, value: &Value) {
        self.finds.extend(value.as_unknown().map(|unknown| unknown.term));
    }

    /// One of many items that are not known.
    pub(super) fn any_item(&mut self, frame: &Frame, span: Span, unknown: &Unknown) -> Value {
        if self.finds.contains(&unknown.term) {
            return Value::external(MATCH);
        }
        self.unknown(frame, span, unknown.reason.as_str())
    }

    /// A method of a match; `None` where it is none.
    pub(super) fn match_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let method = name.strip_prefix(MATCH)?.strip_prefix('.')?;
        let value = self.unknown(frame, span, "what is found in this text is not known");
        let Value::Unknown(unknown) = &value else { return Some(value) };
        // A group may take no part; the whole always does.
        let is_whole = method == "group" && matches!(arguments, [] | [Value::Integer(0)]);
        Some(Value::Unknown(Rc::new(Unknown { is_text: is_whole, ..(**unknown).clone() })))
    }

    /// `re.sub(pattern, function, text)` of a text that is not known, where the function only reads and gives a text:
    /// a text.
    pub(super) fn substituted_by_function(
        &mut self,
        frame: &Frame,
        span: Span,
        arguments: &[Value],
    ) -> Eval<Option<Value>> {
        let [pattern, Value::Function(function), text] = arguments else { return Ok(None) };
        let is_text = text.as_unknown().is_some_and(|unknown| unknown.is_text);
        if !is_text || !self.is_pattern(pattern) || !self.only_reads(frame, span, function)? {
            return Ok(None);
        }
        let value = self.unknown(frame, span, "`re.sub` is not followed");
        let Value::Unknown(unknown) = &value else { return Ok(None) };
        Ok(Some(Value::Unknown(Rc::new(Unknown { is_text: true, ..(**unknown).clone() }))))
    }

    /// Whether a function gives a text for every match, and changes nothing.
    fn only_reads(&mut self, frame: &Frame, span: Span, function: &Rc<Closure>) -> Eval<bool> {
        let mut call = |machine: &mut Self| {
            let found = vec![Value::external(MATCH)];
            let value = machine.call_closure(frame, span, function, found, Vec::new())?;
            let value = machine.settled(value);
            let is_text = value.as_text().is_some() || value.as_unknown().is_some_and(|value| value.is_text);
            Ok(Value::Bool(is_text))
        };
        // It binds names of its own.
        let is_own =
            |slot: &Slot, before: &Content| matches!((slot, before), (Slot::Name(..), Content::Value(None)));
        self.passes_quietly(&mut call, &is_own)
    }
}
