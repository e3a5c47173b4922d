//! Pieces of a program whose ways come together again: what they leave behind becomes values that wait for the answer to
//! a question, and whoever looks at none of them asks nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use source::{Place, Span};

use super::journal::{Content, Entries, Mark, Slot};
use super::machine::{Eval, Flow, Machine};
use super::oracle::{Decision, Inquiry, Question, key_of};
use super::scope::Frame;
use super::value::{Either, Unknown, Value};

/// Ways through one piece.
const MAX_LEAVES: usize = 24;
/// How often a piece is tried whose ways do not come together.
const MAX_FAILURES: u8 = 1;
/// How often a piece begins anew because a module was loaded in one of its ways.
const MAX_RESTARTS: usize = 6;

/// How often pieces of a program, by their address, did not come together.
pub(super) type Failures = HashMap<usize, u8>;

/// One way through a piece.
struct Leaf {
    taken: Vec<Decision>,
    end: Eval<Value>,
    branch: Option<Place>,
    returned: Option<Place>,
    changes: Vec<(Slot, Content)>,
}

/// Why a piece is done again.
enum Again {
    /// Its ways do not come together.
    Apart,
    /// This belongs before it.
    After(Vec<Slot>),
    /// Nothing further can be said.
    Never(Rc<Unknown>),
}

impl Machine<'_> {
    /// Does the piece of the program at the address `site`; where its ways come together, without deciding for one.
    pub(super) fn as_one(
        &mut self,
        frame: &Frame,
        span: Span,
        site: usize,
        work: &mut dyn FnMut(&mut Self) -> Eval<Value>,
    ) -> Eval<Value> {
        for _ in 0..MAX_RESTARTS {
            if self.takes_apart
                || self.failures.borrow().get(&site).is_some_and(|failures| *failures >= MAX_FAILURES)
            {
                break;
            }
            self.pieces.push(site);
            let tried = self.tried_as_one(frame, span, work);
            self.pieces.pop();
            match tried {
                Ok(result) => return result,
                Err(Again::Never(unknown)) => return Err(Flow::Stop(unknown)),
                Err(Again::Apart) => {
                    *self.failures.borrow_mut().entry(site).or_default() += 1;
                    break;
                }
                Err(Again::After(slots)) => {
                    if !self.done_before(frame, span, &slots) {
                        self.failures.borrow_mut().insert(site, MAX_FAILURES);
                        break;
                    }
                }
            }
        }
        work(self)
    }

    fn tried_as_one(
        &mut self,
        frame: &Frame,
        span: Span,
        work: &mut dyn FnMut(&mut Self) -> Eval<Value>,
    ) -> Result<Eval<Value>, Again> {
        let inquiry = self.oracle.begin();
        let mark = self.journal.mark();
        let (branch, returned) = (self.branch.clone(), self.returned.clone());
        let moment = self.moment;
        let result = work(self);
        if self.oracle.asked_since(&inquiry).is_empty() {
            self.finish(inquiry);
            return Ok(result);
        }
        let leaves = self.leaves(&inquiry, (mark, moment), result, work);
        self.take_back(mark);
        self.oracle.follow(&inquiry, Vec::new());
        self.finish(inquiry);
        (self.branch, self.returned) = (branch, returned);
        let ends = ends(leaves?)?;
        let at = frame.module.loaded.place(span);
        let contents: Option<Vec<_>> = ends.iter().map(|leaves| self.come_together(&at, leaves)).collect();
        let contents = contents.ok_or(Again::Apart)?;
        self.journal.past.goes_on("joins", key_of_ends(&ends));
        let reached = self.reached(&ends);
        let (Some(leaves), Some(contents)) =
            (ends.into_iter().nth(reached), contents.into_iter().nth(reached))
        else {
            return Err(Again::Apart);
        };
        for (slot, content) in contents {
            self.write(slot, content);
        }
        Ok(self.ended_as(leaves))
    }

    /// Which of several ends is reached: one question for all that would tell.
    fn reached(&mut self, ends: &[Vec<Leaf>]) -> usize {
        let first = ends.first().and_then(|leaves| leaves.first());
        let key = key_of_ends(ends);
        for (at, end) in ends.iter().enumerate().skip(1) {
            let other = end.first().or(first);
            let told = first.zip(other).and_then(|(first, other)| {
                let mut both = first.taken.iter().zip(&other.taken);
                both.find(|(one, other)| one.answer != other.answer).map(|(one, _)| one)
            });
            let Some(told) = told else { continue };
            let is_presence =
                first.is_some_and(|first| first.taken.iter().all(|decision| decision.question.is_presence));
            let question = Question {
                key: key_of(key, &at.to_string()),
                reason: told.question.reason.clone(),
                place: told.question.place.clone(),
                is_presence,
                follows: Vec::new(),
            };
            if self.oracle.ask(&Rc::new(question)) {
                return at;
            }
        }
        0
    }

    /// How ways end that end alike.
    fn ended_as(&mut self, leaves: Vec<Leaf>) -> Eval<Value> {
        if let Some(first) = leaves.first() {
            self.branch.clone_from(&first.branch);
            self.returned.clone_from(&first.returned);
        }
        let values: Vec<Option<Value>> = leaves
            .iter()
            .map(|leaf| match &leaf.end {
                Ok(value) | Err(Flow::Return(value, _)) => Some(value.clone()),
                Err(_) => None,
            })
            .collect();
        let value = choice(&leaves, &values, 0);
        match (leaves.into_iter().next().map(|leaf| leaf.end), value) {
            (Some(Err(Flow::Return(_, at))), Some(value)) => Err(Flow::Return(value, at)),
            (Some(Err(flow)), _) => Err(flow),
            (_, value) => Ok(value.unwrap_or(Value::None)),
        }
    }

    /// Whether all ways through a piece give `True` and change nothing but what may be. Nothing is left of them.
    pub(super) fn passes_quietly(
        &mut self,
        work: &mut dyn FnMut(&mut Self) -> Eval<Value>,
        may_change: &dyn Fn(&Slot, &Content) -> bool,
    ) -> Eval<bool> {
        let inquiry = self.oracle.begin();
        let mark = self.journal.mark();
        let (branch, returned) = (self.branch.clone(), self.returned.clone());
        let moment = self.moment;
        let mut is_quiet = true;
        let mut watched = |machine: &mut Self| {
            let ended = work(machine);
            is_quiet &= matches!(&ended, Ok(Value::Bool(true)))
                && machine.changed_since(mark).all(|(slot, before)| may_change(slot, before));
            ended
        };
        let result = watched(self);
        let leaves = self.leaves(&inquiry, (mark, moment), result, &mut watched);
        self.take_back(mark);
        self.oracle.follow(&inquiry, Vec::new());
        self.finish(inquiry);
        (self.branch, self.returned) = (branch, returned);
        match leaves {
            Err(Again::Never(unknown)) => Err(Flow::Stop(unknown)),
            leaves => Ok(leaves.is_ok() && is_quiet),
        }
    }

    fn finish(&mut self, inquiry: Inquiry) {
        self.oracle.end(inquiry);
    }

    /// All ways, the first of which has led to `result`. Each begins where the journal was, and the clock; after them
    /// it is as late as after the longest.
    fn leaves(
        &mut self,
        inquiry: &Inquiry,
        (mark, moment): (Mark, u64),
        result: Eval<Value>,
        work: &mut dyn FnMut(&mut Self) -> Eval<Value>,
    ) -> Result<Vec<Leaf>, Again> {
        let mut leaves = Vec::new();
        let mut result = result;
        let mut latest = self.moment;
        loop {
            latest = latest.max(self.moment);
            // One of many rounds of a loop cannot be told from the others.
            if let (Err(Flow::Stop(unknown)), true) = (&result, self.unknown_rounds > 0) {
                return Err(Again::Never(Rc::clone(unknown)));
            }
            if matches!(result, Err(Flow::Probed(..))) || self.is_spent() {
                // What is around this leads there too, as far as the limit reaches.
                let mut failures = self.failures.borrow_mut();
                self.pieces.iter().skip(self.limited_from).for_each(|site| {
                    failures.insert(*site, MAX_FAILURES);
                });
                return Err(Again::Apart);
            }
            if self.pieces.last().is_some_and(|site| self.failures.borrow().contains_key(site)) {
                return Err(Again::Apart);
            }
            let changes = self.changes_since(mark);
            let loads: Vec<Slot> =
                changes.iter().filter(|(slot, _)| is_load(slot)).map(|(slot, _)| slot.clone()).collect();
            if !loads.is_empty() {
                return Err(Again::After(loads));
            }
            let taken = self.oracle.asked_since(inquiry).to_vec();
            let (branch, returned) = (self.branch.clone(), self.returned.clone());
            leaves.push(Leaf { taken, end: result, branch, returned, changes });
            let Some(next) = self.oracle.next_script() else {
                self.moment = latest;
                return Ok(leaves);
            };
            if leaves.len() >= MAX_LEAVES {
                return Err(Again::Apart);
            }
            self.take_back(mark);
            self.oracle.follow(inquiry, next);
            self.moment = moment;
            result = work(self);
        }
    }

    /// Does what a program does once, whoever needs it first: modules are loaded, objects are set up.
    fn done_before(&mut self, frame: &Frame, span: Span, slots: &[Slot]) -> bool {
        let mark = self.journal.mark();
        let done = slots.iter().try_for_each(|slot| match slot {
            Slot::Ran(module, index) => self.run_top_level(module, *index),
            Slot::Waits(instance) => {
                let object = Value::Instance(Rc::clone(instance));
                self.wake(frame, span, &object, instance)
            }
            _ => Ok(()),
        });
        if done.is_err() {
            self.take_back(mark);
        }
        done.is_ok()
    }

    /// What is in the slots after all ways; `None` where that cannot be said in one.
    fn come_together(&self, at: &Place, leaves: &[Leaf]) -> Option<Vec<(Slot, Content)>> {
        // Where nothing further can be said nobody looks at what is left behind.
        if leaves.iter().all(|leaf| matches!(leaf.end, Err(Flow::Stop(_)))) {
            return Some(Vec::new());
        }
        let mut slots: Vec<(Slot, Vec<Option<&Content>>)> = Vec::new();
        let mut known = HashMap::new();
        for (at, leaf) in leaves.iter().enumerate() {
            for (slot, content) in &leaf.changes {
                let index = *known.entry(slot.key()).or_insert_with(|| {
                    slots.push((slot.clone(), vec![None; leaves.len()]));
                    slots.len() - 1
                });
                *slots.get_mut(index)?.1.get_mut(at)? = Some(content);
            }
        }
        slots
            .into_iter()
            .map(|(slot, contents)| {
                let content = self.one_content(at, leaves, &slot, &contents)?;
                Some((slot, content))
            })
            .collect()
    }

    fn one_content(
        &self,
        at: &Place,
        leaves: &[Leaf],
        slot: &Slot,
        contents: &[Option<&Content>],
    ) -> Option<Content> {
        let unchanged = self.content(slot);
        let of_each = || contents.iter().map(|content| content.unwrap_or(&unchanged));
        Some(match &unchanged {
            Content::Value(before) => {
                let absent = match slot {
                    Slot::Field(..) => Some(Value::Absent),
                    Slot::Variable(name) => Some(self.as_given(at, name)),
                    // Who asks for a name that nothing has bound fails anyway.
                    _ => None,
                };
                let values: Vec<Option<Value>> = contents
                    .iter()
                    .map(|content| match content {
                        Some(Content::Value(value)) => value.clone().or_else(|| absent.clone()),
                        _ => before.clone().or_else(|| absent.clone()),
                    })
                    .collect();
                Content::Value(choice(leaves, &values, 0))
            }
            Content::Items(_) => {
                let of_each: Vec<&[Value]> = of_each().filter_map(Content::items).collect();
                let length = of_each.iter().map(|items| items.len()).max()?;
                let item = |at: usize| {
                    let values: Vec<Option<Value>> = of_each
                        .iter()
                        .map(|items| Some(items.get(at).cloned().unwrap_or(Value::Absent)))
                        .collect();
                    choice(leaves, &values, 0)
                };
                Content::Items((0..length).map(item).collect::<Option<_>>()?)
            }
            Content::Entries(_) => {
                let of_each: Vec<&Entries> = of_each().filter_map(Content::entries).collect();
                Content::Entries(one_map(leaves, &of_each)?)
            }
            Content::Flag(_) => return None,
        })
    }
}

impl Content {
    fn items(&self) -> Option<&[Value]> {
        match self {
            Self::Items(items) => Some(items),
            _ => None,
        }
    }

    const fn entries(&self) -> Option<&Entries> {
        match self {
            Self::Entries(entries) => Some(entries),
            _ => None,
        }
    }
}

const fn is_load(slot: &Slot) -> bool {
    matches!(slot, Slot::Ran(..) | Slot::Waits(_))
}

/// Ways that end alike, together; in the order of their first. Where no two do, nothing is gained.
fn ends(leaves: Vec<Leaf>) -> Result<Vec<Vec<Leaf>>, Again> {
    let all = leaves.len();
    let mut ends: Vec<Vec<Leaf>> = Vec::new();
    for leaf in leaves {
        let alike = |end: &&mut Vec<Leaf>| end.first().is_some_and(|first| end_alike(&first.end, &leaf.end));
        match ends.iter_mut().find(alike) {
            Some(end) => end.push(leaf),
            None => ends.push(vec![leaf]),
        }
    }
    if ends.len() > 1 && ends.len() == all { Err(Again::Apart) } else { Ok(ends) }
}

/// A number for the questions that lead to each end.
fn key_of_ends(ends: &[Vec<Leaf>]) -> u64 {
    let mut hash = DefaultHasher::new();
    for (index, leaf) in ends.iter().enumerate().flat_map(|(at, end)| end.iter().map(move |leaf| (at, leaf)))
    {
        index.hash(&mut hash);
        leaf.taken.iter().for_each(|decision| (decision.question.key, decision.answer).hash(&mut hash));
    }
    hash.finish()
}

fn end_alike(one: &Eval<Value>, other: &Eval<Value>) -> bool {
    match (one, other) {
        (Ok(_), Ok(_))
        | (Err(Flow::Return(..)), Err(Flow::Return(..)))
        | (Err(Flow::Break), Err(Flow::Break))
        | (Err(Flow::Continue), Err(Flow::Continue))
        | (Err(Flow::Stop(_)), Err(Flow::Stop(_))) => true,
        (Err(Flow::Raise(one)), Err(Flow::Raise(other))) => {
            !one.classes.is_empty() && one.classes == other.classes
        }
        _ => false,
    }
}

/// One dictionary for those of all ways; `None` where keys are not known or their order differs.
fn one_map(leaves: &[Leaf], of_each: &[&Entries]) -> Option<Entries> {
    let mut keys: Vec<&Value> = Vec::new();
    for entries in of_each {
        let mut from = 0;
        for (key, _) in *entries {
            if !key.is_known() {
                return None;
            }
            match keys.iter().position(|known| known.is_same(key)) {
                Some(at) if at < from => return None,
                Some(at) => from = at + 1,
                None => {
                    keys.push(key);
                    from = keys.len();
                }
            }
        }
    }
    let entry = |key: &Value| {
        let values: Vec<Option<Value>> = of_each
            .iter()
            .map(|entries| {
                let found = entries.iter().find(|(other, _)| other.is_same(key));
                Some(found.map_or(Value::Absent, |(_, value)| value.clone()))
            })
            .collect();
        Some((key.clone(), choice(leaves, &values, 0)?))
    };
    keys.into_iter().map(entry).collect()
}

/// The value that each way gives, behind the questions that tell them apart; `None` stands for any.
fn choice(leaves: &[Leaf], values: &[Option<Value>], depth: usize) -> Option<Value> {
    let (first, rest) = leaves.split_first()?;
    if rest.is_empty() {
        return values.first()?.clone();
    }
    let decision = first.taken.get(depth)?;
    let is_no = |leaf: &Leaf| leaf.taken.get(depth).is_some_and(|decision| !decision.answer);
    let at = leaves.partition_point(is_no);
    let (no_leaves, yes_leaves) = leaves.split_at_checked(at)?;
    let (no_values, yes_values) = values.split_at_checked(at)?;
    let no = choice(no_leaves, no_values, depth + 1);
    let yes = choice(yes_leaves, yes_values, depth + 1);
    match (no, yes) {
        (Some(no), Some(yes)) if no.is_same(&yes) => Some(no),
        (Some(no), Some(yes)) => {
            let branch = |leaves: &[Leaf]| leaves.first().and_then(|leaf| leaf.branch.clone());
            let branches = [branch(no_leaves), branch(yes_leaves)];
            Some(Value::Either(Rc::new(Either::new(Rc::clone(&decision.question), no, yes, branches))))
        }
        (one, other) => one.or(other),
    }
}
