//! Findings: faults with their rule, severity, columns and identity.

use sha2::{Digest, Sha256};
use source::{LineColumn, Place};

use crate::{Fix, Severity};

/// A fault as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How grave it is here.
    pub severity: Severity,
    /// The primary place.
    pub at: Location,
    /// What is at fault, by a name that stays the same when lines move.
    pub subject: String,
    /// What is wrong and what follows from it.
    pub message: String,
    /// The environment that breaks.
    pub environment: Option<String>,
    /// The other places that make it a fault, the most telling first.
    pub because: Vec<Because>,
    /// A repair.
    pub fix: Option<Fix>,
    /// The identity: stable when lines move.
    pub fingerprint: String,
}

impl Finding {
    /// The order of every output: path, line, column, rule, subject.
    #[must_use]
    pub fn order(&self) -> impl Ord + '_ {
        (
            &*self.at.place.path,
            self.at.start,
            self.rule.as_str(),
            self.subject.as_str(),
            self.message.as_str(),
        )
    }
}

/// A place with the lines and columns that people and editors count in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The place in bytes.
    pub place: Place,
    /// Of its first character.
    pub start: LineColumn,
    /// After its last character.
    pub end: LineColumn,
}

/// Another place that makes a finding a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Where.
    pub at: Location,
    /// What stands there, and why it matters.
    pub message: String,
}

/// A finding that somebody allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// What was allowed.
    pub finding: Finding,
    /// Why, in that person's words; empty where no reason was given.
    pub reason: String,
    /// The last day of the allowance, as `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// A finding that a fix has repaired in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The rule's id.
    pub rule: String,
    /// The file of the finding.
    pub path: String,
    /// 1-based line of the finding before the repair.
    pub line: u32,
    /// What was done.
    pub title: String,
}

/// The identity of a finding: SHA-256 in hexadecimal over rule, path and subject, each with its length in front, so
/// that no two triples give the same bytes.
#[must_use]
pub fn fingerprint(rule: &str, path: &str, subject: &str) -> String {
    let mut hash = Sha256::new();
    for part in [rule, path, subject] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
        hex
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use source::Span;

    pub(crate) fn finding(rule: &str, path: &str, line: u32, severity: Severity) -> Finding {
        let start = LineColumn { line, column: 1 };
        let place = Place { path: path.into(), line, span: Span::at(0) };
        Finding {
            rule: rule.to_owned(),
            severity,
            at: Location { place, start, end: start },
            subject: "subject".to_owned(),
            message: "message".to_owned(),
            environment: None,
            because: Vec::new(),
            fix: None,
            fingerprint: fingerprint(rule, path, "subject"),
        }
    }

    #[test]
    fn a_fingerprint_is_hexadecimal_and_keeps_its_parts_apart() {
        let one = fingerprint("ab", "c", "d");
        assert_eq!(one.len(), 64);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, fingerprint("a", "bc", "d"));
        assert_eq!(one, fingerprint("ab", "c", "d"));
    }
}
