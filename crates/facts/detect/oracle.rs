//! Questions that the variables leave open: each run of a program answers them in one way, and all ways are tried.

use std::collections::{BTreeMap, HashMap};

use source::Place;

use super::value::Value;

/// One open question and the answer of this run.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) answer: bool,
    /// Why it is open, as a clause.
    pub(super) reason: String,
    /// Where.
    pub(super) place: Place,
    /// Whether it asks only if a variable is set that the deployment does not set.
    pub(super) is_presence: bool,
}

/// The answers of one run: first those that are prescribed, then always "no".
#[derive(Default)]
pub(super) struct Oracle {
    script: Vec<bool>,
    pub(super) taken: Vec<Decision>,
    known: HashMap<(u64, String), bool>,
    assumed: BTreeMap<u64, Value>,
}

impl Oracle {
    /// A run that answers as `script` says, as long as that goes.
    pub(super) fn following(script: Vec<bool>) -> Self {
        Self { script, ..Self::default() }
    }

    /// The answer to `question` about the value with this term. One question has one answer in a run.
    pub(super) fn decide(
        &mut self,
        term: u64,
        question: &str,
        is_presence: bool,
        reason: &str,
        place: &Place,
    ) -> bool {
        if let Some(answer) = self.known.get(&(term, question.to_owned())) {
            return *answer;
        }
        let answer = self.script.get(self.taken.len()).copied().unwrap_or(false);
        self.taken.push(Decision { answer, reason: reason.to_owned(), place: place.clone(), is_presence });
        self.known.insert((term, question.to_owned()), answer);
        answer
    }

    /// Notes an answer that follows from another one.
    pub(super) fn note(&mut self, term: u64, question: &str, answer: bool) {
        self.known.entry((term, question.to_owned())).or_insert(answer);
    }

    /// Makes a value that was found equal to another one known for the rest of the run.
    pub(super) fn assume(&mut self, term: u64, value: Value) {
        self.assumed.insert(term, value);
    }

    /// What a term has been found to be.
    pub(super) fn assumed(&self, term: u64) -> Option<&Value> {
        self.assumed.get(&term)
    }

    /// What the next run has to answer; `None` where all ways have been tried.
    pub(super) fn next_script(&self) -> Option<Vec<bool>> {
        let last = self.taken.iter().rposition(|decision| !decision.answer)?;
        let mut script: Vec<bool> = self.taken.iter().take(last).map(|decision| decision.answer).collect();
        script.push(true);
        Some(script)
    }
}
