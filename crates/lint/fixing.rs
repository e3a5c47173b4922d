//! Tries repairs on an overlay of the tree, and keeps those that hold what they promise.
//!
//! A repair is kept if its finding is gone or milder afterwards and no error and no problem has come. All repairs of a
//! round are tried together; only where that fails is it found out which ones are to blame, by halves.

use std::collections::{BTreeMap, BTreeSet};

use source::{MAX_CONFIG_BYTES, Overlay, ReadError, Tree};

use crate::{Edit, Finding, Fix, Fixed, Outcome, Safety, Severity};

/// After as many rounds the rest is left for the next run.
const MOST_ROUNDS: usize = 10;

/// What came of the repairs.
#[derive(Debug)]
pub struct Repaired {
    /// The changed files, in path order.
    pub files: Vec<ChangedFile>,
    /// What was repaired, in the order of path, line, rule.
    pub made: Vec<Made>,
    /// Repairs that did not hold what they promise and are not part of `files`.
    pub dropped: Vec<Dropped>,
    /// Whether repairs are left that another run would make.
    pub is_unfinished: bool,
}

/// A repair that is part of the changed files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it repaired.
    pub fixed: Fixed,
    /// The files that it changes.
    pub files: BTreeSet<String>,
}

/// A file with other content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Relative to the root.
    pub path: String,
    /// The bytes that were judged.
    pub before: Vec<u8>,
    /// The bytes with all repairs.
    pub after: Vec<u8>,
}

/// A repair that was tried and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The finding that stays.
    pub finding: Finding,
    /// Why, as the end of a sentence.
    pub why: String,
}

/// Repairs what `is_wanted` answers for and a fix of at least `least` can repair. `judge` judges a tree by all rules,
/// whatever the run was asked for, so that no repair brings a fault that nobody looked for.
pub fn repair(
    tree: &dyn Tree,
    judge: &dyn Fn(&dyn Tree) -> Outcome,
    is_wanted: &dyn Fn(&Finding) -> bool,
    least: Safety,
) -> Repaired {
    let mut texts = Texts { tree, changed: BTreeMap::new() };
    let mut repaired =
        Repaired { files: Vec::new(), made: Vec::new(), dropped: Vec::new(), is_unfinished: false };
    let mut dropped: BTreeSet<String> = BTreeSet::new();
    let mut before = judge(tree);
    for _ in 0..MOST_ROUNDS {
        let offered = before.findings.iter().filter(|finding| is_wanted(finding)).filter_map(Repair::of);
        let offered = offered.filter(|one| one.fix.safety >= least && !dropped.contains(&one.key()));
        let (batch, waiting) = without_overlap(offered.collect());
        repaired.is_unfinished = !batch.is_empty();
        if batch.is_empty() {
            break;
        }
        let mut round = Round { texts: &texts, judge, before: &before, kept: None, refused: Vec::new() };
        round.settle(&batch);
        let Round { kept, refused, .. } = round;
        for (repair, why) in refused {
            dropped.insert(repair.key());
            repaired.dropped.push(Dropped { finding: repair.finding.clone(), why });
        }
        let Some(Trial { repairs, changed, outcome }) = kept else {
            // What was refused may have stood in the way of what waits.
            if waiting == 0 {
                repaired.is_unfinished = false;
                break;
            }
            continue;
        };
        repaired.made.extend(repairs.iter().map(Repair::made));
        texts.changed = changed;
        before = outcome;
    }
    repaired.made.sort_by(|one, other| {
        let (one, other) = (&one.fixed, &other.fixed);
        (&one.path, one.line, &one.rule).cmp(&(&other.path, other.line, &other.rule))
    });
    repaired.files = texts.files();
    repaired
}

/// A finding with its fix.
#[derive(Debug, Clone, Copy)]
struct Repair<'o> {
    finding: &'o Finding,
    fix: &'o Fix,
}

impl<'o> Repair<'o> {
    fn of(finding: &'o Finding) -> Option<Self> {
        let fix = finding.fix.as_ref().filter(|fix| fix.safety > Safety::Shown && !fix.edits.is_empty())?;
        Some(Self { finding, fix })
    }

    /// What it is, wherever lines have moved.
    fn key(&self) -> String {
        format!("{} {}", self.finding.fingerprint, self.fix.title)
    }

    fn made(&self) -> Made {
        let fixed = Fixed {
            rule: self.finding.rule.clone(),
            path: self.finding.at.place.path.to_string(),
            line: self.finding.at.start.line,
            title: self.fix.title.clone(),
        };
        Made { fixed, files: self.fix.edits.iter().map(|edit| edit.path.clone()).collect() }
    }
}

/// The repairs that can be made at once, and how many have to wait. Two that change the same bytes in the same way are
/// one change.
fn without_overlap(offered: Vec<Repair<'_>>) -> (Vec<Repair<'_>>, usize) {
    let mut taken: BTreeSet<&Edit> = BTreeSet::new();
    let all = offered.len();
    let mut chosen = Vec::new();
    for repair in offered {
        let is_free = |edit: &Edit| taken.contains(edit) || taken.iter().all(|other| !collide(edit, other));
        if repair.fix.edits.iter().all(is_free) {
            taken.extend(&repair.fix.edits);
            chosen.push(repair);
        }
    }
    let waiting = all - chosen.len();
    (chosen, waiting)
}

/// Whether two edits cannot be made at once. Edits that touch each other wait as well: the order would matter.
fn collide(one: &Edit, other: &Edit) -> bool {
    one.path == other.path && one.span.start <= other.span.end && other.span.start <= one.span.end
}

/// Files as the rounds before have left them.
struct Texts<'t> {
    tree: &'t dyn Tree,
    changed: BTreeMap<String, Vec<u8>>,
}

impl Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.changed
            .get(path)
            .map_or_else(|| self.tree.read(path, MAX_CONFIG_BYTES), |bytes| Ok(bytes.clone()))
    }

    /// All changed files with these repairs made; `None` where an edit lies outside of its file.
    fn with(&self, repairs: &[Repair<'_>]) -> Option<BTreeMap<String, Vec<u8>>> {
        let edits: BTreeSet<&Edit> = repairs.iter().flat_map(|repair| &repair.fix.edits).collect();
        let mut changed = self.changed.clone();
        // From the end to the start, so that the places of the edits before stay what they are.
        for edit in edits.into_iter().rev() {
            let mut bytes = match changed.remove(&edit.path) {
                Some(bytes) => bytes,
                None => self.read(&edit.path).ok()?,
            };
            let span = edit.span.start..edit.span.end;
            bytes.get(span.clone())?;
            bytes.splice(span, edit.text.bytes());
            changed.insert(edit.path.clone(), bytes);
        }
        Some(changed)
    }

    fn files(self) -> Vec<ChangedFile> {
        let Self { tree, changed } = self;
        let files = changed.into_iter().filter_map(|(path, after)| {
            let before = tree.read(&path, MAX_CONFIG_BYTES).ok()?;
            (before != after).then_some(ChangedFile { path, before, after })
        });
        files.collect()
    }
}

/// Repairs that were tried together and hold what they promise.
struct Trial<'o> {
    repairs: Vec<Repair<'o>>,
    changed: BTreeMap<String, Vec<u8>>,
    outcome: Outcome,
}

struct Round<'r, 'o> {
    texts: &'r Texts<'r>,
    judge: &'r dyn Fn(&dyn Tree) -> Outcome,
    before: &'o Outcome,
    kept: Option<Trial<'o>>,
    refused: Vec<(Repair<'o>, String)>,
}

impl<'o> Round<'_, 'o> {
    /// Tries a batch on top of what is kept, and its halves where that fails.
    fn settle(&mut self, batch: &[Repair<'o>]) {
        let why = match self.trial(batch) {
            Ok(trial) => {
                self.kept = Some(trial);
                return;
            }
            Err(why) => why,
        };
        if let [single] = batch {
            self.refused.push((*single, why));
            return;
        }
        let (first, second) = batch.split_at(batch.len() / 2);
        self.settle(first);
        self.settle(second);
    }

    fn trial(&self, batch: &[Repair<'o>]) -> Result<Trial<'o>, String> {
        let kept = self.kept.iter().flat_map(|trial| trial.repairs.iter().copied());
        let repairs: Vec<Repair<'o>> = kept.chain(batch.iter().copied()).collect();
        let changed = self.texts.with(&repairs).ok_or("the file cannot be changed there")?;
        let mut overlay = Overlay::new(self.texts.tree);
        for (path, bytes) in &changed {
            overlay.insert(path, bytes.clone());
        }
        let outcome = (self.judge)(&overlay);
        match self.objection(&repairs, &outcome) {
            Some(why) => Err(why),
            None => Ok(Trial { repairs, changed, outcome }),
        }
    }

    /// Why these repairs do not hold what they promise.
    fn objection(&self, repairs: &[Repair<'_>], after: &Outcome) -> Option<String> {
        for Repair { finding, .. } in repairs {
            let as_grave = |outcome: &Outcome| {
                let same = |other: &&Finding| {
                    other.fingerprint == finding.fingerprint && other.severity >= finding.severity
                };
                outcome.findings.iter().filter(same).count()
            };
            let same = |other: &&Repair<'_>| {
                other.finding.fingerprint == finding.fingerprint && other.finding.severity >= finding.severity
            };
            let repaired = repairs.iter().filter(same).count();
            if as_grave(after) + repaired > as_grave(self.before) {
                return Some("the fault would still be there".to_owned());
            }
        }
        let known = errors(self.before);
        let new_error = errors(after)
            .into_iter()
            .find(|(print, (count, _))| known.get(print).is_none_or(|(before, _)| count > before));
        if let Some((_, (_, error))) = new_error {
            return Some(format!(
                "it would bring `{}` at {}:{}",
                error.rule, error.at.place.path, error.at.start.line
            ));
        }
        // A line may have moved; what is said of which file stays.
        let new_problem = after.problems.iter().find(|problem| {
            let is_same =
                |known: &&facts::Problem| known.path == problem.path && known.message == problem.message;
            !self.before.problems.iter().any(|known| is_same(&known))
        });
        new_problem
            .map(|problem| format!("it would bring a problem to {}: {}", problem.path, problem.message))
    }
}

/// The errors by fingerprint: how many, and one of them.
fn errors(outcome: &Outcome) -> BTreeMap<&str, (usize, &Finding)> {
    let mut errors: BTreeMap<&str, (usize, &Finding)> = BTreeMap::new();
    for finding in outcome.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        errors.entry(&finding.fingerprint).or_insert((0, finding)).0 += 1;
    }
    errors
}

#[cfg(test)]
#[path = "fixing_tests.rs"]
mod tests;
