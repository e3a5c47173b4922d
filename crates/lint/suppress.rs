//! Findings that somebody allowed, and allowances that are wrong themselves.
//!
//! A finding is allowed by a comment at its primary place, `# shipworthy: allow(ID) reason`, or by an `[[allow]]` entry
//! of the configuration. Rules that are not ignorable cannot be allowed, and an entry past its last day allows nothing.

mod comment;

use std::collections::BTreeMap;

use source::Place;

use crate::config::{Allow, Note};
use crate::finding::{Finding, Suppressed};
use crate::nearest::did_you_mean;
use crate::{Config, Date, Fault, Registry};

pub(crate) use comment::{Comment, can_hold, comments};

/// What a run knows about its rules.
pub(crate) struct Judge<'r> {
    pub(crate) registry: &'r Registry,
    /// Whether a rule of this name took part in the run.
    pub(crate) ran: &'r dyn Fn(&str) -> bool,
    pub(crate) today: Date,
}

/// Findings parted into those that stay and those that are allowed.
#[derive(Default)]
pub(crate) struct Parted {
    pub(crate) kept: Vec<Finding>,
    pub(crate) suppressed: Vec<Suppressed>,
    /// What is wrong with the allowances.
    pub(crate) notes: Vec<Note>,
}

/// One allowance, whichever way it was written.
struct Allowance<'a> {
    rule: &'a str,
    /// Where it names the rule.
    at: &'a Place,
    reason: &'a str,
    until: Option<Date>,
    /// What identifies it beside others of the same file.
    subject: String,
    covers: Box<dyn Fn(&Finding) -> bool + 'a>,
}

/// Parts the findings, and judges the allowances themselves.
pub(crate) fn part(
    findings: Vec<Finding>,
    comments: &[Comment],
    config: &Config,
    judge: &Judge<'_>,
) -> Parted {
    let allowances: Vec<Allowance<'_>> =
        comments.iter().map(of_comment).chain(config.allow.iter().map(of_entry)).collect();
    let mut by_rule: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, allowance) in allowances.iter().enumerate() {
        by_rule.entry(allowance.rule).or_default().push(at);
    }
    let mut used = vec![false; allowances.len()];
    let mut parted = Parted::default();
    for finding in findings {
        let of_rule = by_rule.get(finding.rule.as_str()).into_iter().flatten().copied();
        let allowed = of_rule.into_iter().find(|at| judge.allows(&allowances[*at], &finding));
        let Some(at) = allowed else {
            parted.kept.push(finding);
            continue;
        };
        used[at] = true;
        let reason = allowances[at].reason.to_owned();
        let until = allowances[at].until.map(|day| day.to_string());
        parted.suppressed.push(Suppressed { finding, reason, until });
    }
    let judged = allowances.iter().zip(used);
    parted.notes = judged.flat_map(|(allowance, used)| judge.notes(allowance, used)).collect();
    parted
}

fn of_comment(comment: &Comment) -> Allowance<'_> {
    Allowance {
        rule: &comment.rule,
        at: &comment.at,
        reason: &comment.reason,
        until: None,
        subject: comment.rule.clone(),
        covers: Box::new(|finding| comment.covers(finding)),
    }
}

fn of_entry(entry: &Allow) -> Allowance<'_> {
    let path = entry.path.as_ref().map_or("", |pattern| pattern.text.as_str());
    let subject = entry.subject.as_deref().unwrap_or("");
    Allowance {
        rule: &entry.rule.text,
        at: &entry.rule.at,
        reason: &entry.reason,
        until: entry.until,
        subject: format!("{} {path} {subject}", entry.rule.text).trim_end().to_owned(),
        covers: Box::new(|finding| {
            entry.path.as_ref().is_none_or(|pattern| pattern.matches(&finding.at.place.path))
                && entry.subject.as_ref().is_none_or(|subject| *subject == finding.subject)
        }),
    }
}

impl Judge<'_> {
    fn is_ignorable(&self, rule: &str) -> bool {
        self.registry.get(rule).is_some_and(|rule| rule.head.ignorable)
    }

    fn is_expired(&self, allowance: &Allowance<'_>) -> bool {
        allowance.until.is_some_and(|last| last < self.today)
    }

    fn allows(&self, allowance: &Allowance<'_>, finding: &Finding) -> bool {
        allowance.rule == finding.rule
            && self.is_ignorable(&finding.rule)
            && !self.is_expired(allowance)
            && (allowance.covers)(finding)
    }

    /// What is wrong with an allowance.
    fn notes(&self, allowance: &Allowance<'_>, used: bool) -> Vec<Note> {
        let rule = allowance.rule;
        let note = |name, message: String| Note {
            rule: name,
            fault: Fault::new(allowance.subject.clone(), allowance.at.clone(), message),
        };
        if self.registry.get(rule).is_none() {
            let hint = did_you_mean(rule, self.registry.ids());
            return vec![note(
                "allow-unknown-rule",
                format!("there is no rule named `{rule}` to allow.{hint}"),
            )];
        }
        if !self.is_ignorable(rule) {
            let message = format!("findings of `{rule}` cannot be allowed, so this has no effect");
            return vec![note("allow-refused", message)];
        }
        let mut notes = Vec::new();
        if let Some(last) = allowance.until.filter(|_| self.is_expired(allowance)) {
            notes.push(note("allow-expired", format!("this allowance of `{rule}` ended after {last}")));
        } else if !used && (self.ran)(rule) {
            notes.push(note(
                "allow-unused",
                format!("`{rule}` reports nothing here any more; remove this allowance"),
            ));
        }
        if allowance.reason.is_empty() {
            notes.push(note("allow-without-reason", format!("add a reason after `allow({rule})`")));
        }
        notes
    }
}
