//! `JUnit` XML: a test case for each finding, valid for the schemas of Ant and of Jenkins.
//!
//! What holds the deployment back is a failure, what was not judged an error, and all else skipped: a pipeline that reads
//! the report comes to the same end as one that reads the exit code.

use std::io::{self, Write};

use facts::Problem;
use lint::{Finding, Outcome};
use source::redact;

use crate::Surroundings;

/// The schema of Ant wants a time, and outputs hold none.
const NO_TIME: &str = "1970-01-01T00:00:00";

/// Writes findings and problems as one test suite; one passing test case where there are none.
pub fn junit(outcome: &Outcome, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let of_findings = outcome.findings.iter().map(|finding| of_finding(finding, around));
    let mut cases: Vec<Case> = of_findings.chain(outcome.problems.iter().map(of_problem)).collect();
    if cases.is_empty() {
        cases.push(Case {
            class: "shipworthy".to_owned(),
            name: outcome.verdict.name().to_owned(),
            end: End::Passed,
        });
    }
    let count = |is: fn(&End) -> bool| cases.iter().filter(|case| is(&case.end)).count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    writeln!(
        out,
        "  <testsuite name=\"shipworthy\" package=\"shipworthy\" id=\"0\" tests=\"{}\" failures=\"{}\" errors=\"{}\" \
         skipped=\"{}\" time=\"0\" timestamp=\"{NO_TIME}\" hostname=\"localhost\">",
        cases.len(),
        count(|end| matches!(end, End::Failed { .. })),
        count(|end| matches!(end, End::NotJudged(_))),
        count(|end| matches!(end, End::Skipped(_))),
    )?;
    writeln!(out, "    <properties/>")?;
    for case in &cases {
        write_case(case, out)?;
    }
    writeln!(out, "    <system-out/>")?;
    writeln!(out, "    <system-err/>")?;
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

struct Case {
    class: String,
    name: String,
    end: End,
}

enum End {
    Passed,
    Failed { rule: String, message: String },
    NotJudged(String),
    Skipped(String),
}

fn of_finding(finding: &Finding, around: &Surroundings<'_>) -> Case {
    let message = redact::sentence(&finding.message).into_owned();
    let end = if finding.severity >= around.fail_on {
        End::Failed { rule: finding.rule.clone(), message: message + &because(finding) }
    } else {
        End::Skipped(format!("{}: {message}", finding.severity))
    };
    let place = format!("{}:{}", finding.at.place.path, finding.at.start.line);
    Case { class: finding.rule.clone(), name: place, end }
}

fn because(finding: &Finding) -> String {
    let lines = finding.because.iter().map(|because| {
        let at = &because.at;
        format!("\n{}:{}: {}", at.place.path, at.start.line, redact::sentence(&because.message))
    });
    lines.collect()
}

fn of_problem(problem: &Problem) -> Case {
    let message = redact::sentence(&problem.message).into_owned();
    let name = match &*problem.path {
        "" => "the run as a whole".to_owned(),
        path => format!("{path}:{}", problem.line),
    };
    let (class, end) = if problem.blocking {
        ("not-judged", End::NotJudged(message))
    } else {
        ("note", End::Skipped(message))
    };
    Case { class: class.to_owned(), name, end }
}

fn write_case(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
        escaped(&case.class),
        escaped(&case.name)
    )?;
    match &case.end {
        End::Passed => return writeln!(out, "/>"),
        End::Failed { rule, message } => {
            let first = message.lines().next().unwrap_or("");
            write!(out, "><failure type=\"{}\" message=\"{}\">", escaped(rule), escaped(first))?;
            write!(out, "{}</failure>", escaped(message))?;
        }
        End::NotJudged(message) => {
            write!(out, "><error type=\"not-judged\" message=\"{0}\">{0}</error>", escaped(message))?;
        }
        End::Skipped(message) => write!(out, "><skipped message=\"{}\"/>", escaped(message))?,
    }
    writeln!(out, "</testcase>")
}

/// A text inside of XML, in an attribute or out of one; letters that XML 1.0 does not have are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}
