//! What a whole run says.

use facts::Problem;
use serde::Serialize;

use crate::{Finding, Severity};

/// What a whole run says; the same for every output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing that was asked for breaks the deployment.
    Clear,
    /// At least one finding holds the deployment back.
    Held,
    /// Nothing was found, but not everything could be judged.
    Unsure,
}

impl Verdict {
    /// Findings of `fail_on` or graver hold, also where there are problems; blocking problems alone leave unsure.
    #[must_use]
    pub fn decide(findings: &[Finding], problems: &[Problem], fail_on: Severity) -> Self {
        if findings.iter().any(|finding| finding.severity >= fail_on) {
            Self::Held
        } else if problems.iter().any(|problem| problem.blocking) {
            Self::Unsure
        } else {
            Self::Clear
        }
    }

    /// The exit code of the process: 0, 1 or 2.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Held => 1,
            Self::Unsure => 2,
        }
    }

    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Held => "held",
            Self::Unsure => "unsure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::finding;

    fn problem(blocking: bool) -> Problem {
        Problem { path: "a".into(), line: 1, message: "m".to_owned(), blocking }
    }

    #[test]
    fn errors_win_over_blocking_problems() {
        let error = [finding("r", "p", 1, Severity::Error)];
        assert_eq!(Verdict::decide(&error, &[problem(true)], Severity::Error), Verdict::Held);
        assert_eq!(Verdict::decide(&[], &[problem(true)], Severity::Error), Verdict::Unsure);
        assert_eq!(Verdict::decide(&[], &[problem(false)], Severity::Error), Verdict::Clear);
    }

    #[test]
    fn what_holds_is_a_choice() {
        let warning = [finding("r", "p", 1, Severity::Warning)];
        assert_eq!(Verdict::decide(&warning, &[], Severity::Error), Verdict::Clear);
        assert_eq!(Verdict::decide(&warning, &[], Severity::Warning), Verdict::Held);
        assert_eq!(Verdict::decide(&warning, &[], Severity::Info), Verdict::Held);
    }
}
