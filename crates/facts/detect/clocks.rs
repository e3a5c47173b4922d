//! Clocks: they stand still until something outside is called, or something that may have run long before.

use source::Span;

use super::machine::Machine;
use super::scope::Frame;
use super::value::{Value, term_of};

/// Functions that read a clock, in seconds.
pub(super) const CLOCKS: &[&str] = &["time.time", "time.monotonic", "time.perf_counter"];

impl Machine<'_> {
    /// What a clock shows: a number, the same as long as it stands still. When a module is loaded or an object that is
    /// not made by the program is set up no file tells, so what is read there is the same as nothing else.
    pub(super) fn reading(&mut self, frame: &Frame, span: Span, clock: &str) -> Value {
        let value = self.unknown_number(frame, span, format!("`{clock}` is not followed"));
        let Value::Unknown(unknown) = &value else { return value };
        if self.is_loading() {
            return value;
        }
        let at = i64::try_from(self.moment).unwrap_or(i64::MAX);
        let term = term_of(clock, &[&Value::Integer(at)]);
        self.readings.insert(term);
        let reading = super::value::Unknown { term, truth: term, ..(**unknown).clone() };
        Value::Unknown(std::rc::Rc::new(reading))
    }

    /// Notes that time passes: how much is not known.
    pub(super) const fn time_passes(&mut self) {
        self.moment += 1;
    }

    /// The seconds between two readings of a clock that has stood still; `None` where they are no such readings.
    pub(super) fn stood_still(&self, later: &Value, earlier: &Value) -> Option<Value> {
        let (later, earlier) = (later.as_unknown()?, earlier.as_unknown()?);
        (later.term == earlier.term && self.readings.contains(&later.term)).then_some(Value::Float(0.0))
    }
}
