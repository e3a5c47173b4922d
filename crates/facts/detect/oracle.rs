//! Questions that the variables leave open: each run of a program answers them in one way, and all ways are tried.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use source::Place;

use super::value::Value;

/// An open question.
pub(super) struct Question {
    /// What is asked about which value: two with the same key are one question.
    pub(super) key: u64,
    /// Why it is open, as a clause.
    pub(super) reason: String,
    /// Where.
    pub(super) place: Place,
    /// Whether it asks only if a variable is set that the deployment does not set.
    pub(super) is_presence: bool,
    /// What a term turns out to be with an answer.
    pub(super) follows: Vec<(bool, u64, Value)>,
}

/// One open question and the answer of this run.
#[derive(Clone)]
pub(super) struct Decision {
    pub(super) question: Rc<Question>,
    pub(super) answer: bool,
}

/// The answers of one run: first those that are prescribed, then always "no".
#[derive(Default)]
pub(super) struct Oracle {
    script: Vec<bool>,
    /// Where in `taken` the script begins.
    start: usize,
    pub(super) taken: Vec<Decision>,
    /// A number for the answers up to each of `taken`.
    paths: Vec<u64>,
    known: HashMap<u64, bool>,
    known_log: Vec<u64>,
    assumed: HashMap<u64, Value>,
    assumed_log: Vec<(u64, Option<Value>)>,
}

/// Where an inquiry began, to go back to.
pub(super) struct Inquiry {
    script: Vec<bool>,
    start: usize,
    taken: usize,
    known: usize,
    assumed: usize,
}

/// How much has been asked and noted at one moment.
#[derive(Clone, Copy)]
pub(super) struct SoFar {
    taken: usize,
    known: usize,
}

/// What a part of a run has asked, and the answers that were noted.
pub(super) struct Told {
    decisions: Vec<Decision>,
    noted: Vec<(u64, bool)>,
}

/// The key of a question about the value with this term.
pub(super) fn key_of(term: u64, asked: &str) -> u64 {
    let mut hash = DefaultHasher::new();
    (term, asked).hash(&mut hash);
    hash.finish()
}

impl Oracle {
    /// A run that answers as `script` says, as long as that goes.
    pub(super) fn following(script: Vec<bool>) -> Self {
        Self { script, ..Self::default() }
    }

    /// The answer to a question, where it has been asked before: one question has one answer in a run.
    pub(super) fn known(&self, key: u64) -> Option<bool> {
        self.known.get(&key).copied()
    }

    /// The answer to a question.
    pub(super) fn ask(&mut self, question: &Rc<Question>) -> bool {
        if let Some(answer) = self.known(question.key) {
            return answer;
        }
        let answer = self.answer_after(0);
        let mut path = DefaultHasher::new();
        (self.path(), question.key, answer).hash(&mut path);
        self.paths.push(path.finish());
        self.taken.push(Decision { question: Rc::clone(question), answer });
        self.note(question.key, answer);
        for (_, term, value) in question.follows.iter().filter(|(with, ..)| *with == answer) {
            let before = self.assumed.insert(*term, value.clone());
            self.assumed_log.push((*term, before));
        }
        answer
    }

    /// The answer to the next new question but so many.
    fn answer_after(&self, others: usize) -> bool {
        self.script.get(self.taken.len() - self.start + others).copied().unwrap_or(false)
    }

    /// A number for all answers that were given.
    pub(super) fn path(&self) -> u64 {
        self.paths.last().copied().unwrap_or_default()
    }

    /// What has been asked and noted so far.
    pub(super) fn so_far(&self) -> SoFar {
        SoFar { taken: self.taken.len(), known: self.known_log.len() }
    }

    /// What has been asked since, and the answers that were noted.
    pub(super) fn told_since(&self, before: SoFar) -> Told {
        let noted = self.known_log.get(before.known..).unwrap_or(&[]).iter();
        Told {
            decisions: self.taken.get(before.taken..).unwrap_or(&[]).to_vec(),
            noted: noted.filter_map(|key| Some((*key, self.known(*key)?))).collect(),
        }
    }

    /// Whether this run would be told the same.
    pub(super) fn tells(&self, told: &Told) -> bool {
        let mut decisions = told.decisions.iter().enumerate();
        decisions.all(|(at, decision)| {
            self.known(decision.question.key).is_none() && self.answer_after(at) == decision.answer
        })
    }

    /// Asks all of it again.
    pub(super) fn tell(&mut self, told: &Told) {
        for decision in &told.decisions {
            self.ask(&decision.question);
        }
        for (key, answer) in &told.noted {
            self.note(*key, *answer);
        }
    }

    /// Notes an answer that follows from another one.
    pub(super) fn note(&mut self, key: u64, answer: bool) {
        if let std::collections::hash_map::Entry::Vacant(unknown) = self.known.entry(key) {
            unknown.insert(answer);
            self.known_log.push(key);
        }
    }

    /// What a term has been found to be.
    pub(super) fn assumed(&self, term: u64) -> Option<&Value> {
        self.assumed.get(&term)
    }

    /// What the next run has to answer; `None` where all ways have been tried.
    pub(super) fn next_script(&self) -> Option<Vec<bool>> {
        let own = self.taken.get(self.start..).unwrap_or(&[]);
        let last = own.iter().rposition(|decision| !decision.answer)?;
        let mut script: Vec<bool> = own.iter().take(last).map(|decision| decision.answer).collect();
        script.push(true);
        Some(script)
    }

    /// Begins to ask on the side: what comes is answered "no", or as [`Self::follow`] says.
    pub(super) fn begin(&mut self) -> Inquiry {
        let taken = self.taken.len();
        Inquiry {
            script: std::mem::take(&mut self.script),
            start: std::mem::replace(&mut self.start, taken),
            taken,
            known: self.known_log.len(),
            assumed: self.assumed_log.len(),
        }
    }

    /// What has been asked since `inquiry` began.
    pub(super) fn asked_since(&self, inquiry: &Inquiry) -> &[Decision] {
        self.taken.get(inquiry.taken..).unwrap_or(&[])
    }

    /// Forgets what was asked since `inquiry` began, and answers as `script` says from here.
    pub(super) fn follow(&mut self, inquiry: &Inquiry, script: Vec<bool>) {
        self.taken.truncate(inquiry.taken);
        self.paths.truncate(inquiry.taken);
        for key in self.known_log.drain(inquiry.known..) {
            self.known.remove(&key);
        }
        for (term, before) in self.assumed_log.drain(inquiry.assumed..).rev() {
            match before {
                Some(value) => self.assumed.insert(term, value),
                None => self.assumed.remove(&term),
            };
        }
        self.script = script;
    }

    /// Goes on as before `inquiry` began.
    pub(super) fn end(&mut self, inquiry: Inquiry) {
        self.script = inquiry.script;
        self.start = inquiry.start;
    }
}
