//! The report for code scanning: SARIF 2.1.0, within the limits of GitHub.
//!
//! A finding's `partialFingerprints` hold its own fingerprint, which stays the same when lines move. GitHub's own
//! `primaryLocationLineHash` is left to its uploader, which warns of any value but the one that it computes.

mod model;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use facts::Problem;
use lint::{Finding, Fix, Location as Found, Outcome, Rule, Severity, Verdict};
use source::{LineIndex, MAX_CONFIG_BYTES, decode, redact};

use self::model::{
    ArtifactChange, ArtifactLocation, Configuration, Content, Descriptor, Driver, Invocation, Level,
    Location, Log, Message, Multiformat, Notification, PhysicalLocation, Properties, Region, Replacement,
    Result, Run, Tool,
};
use crate::Surroundings;

/// The most results that GitHub takes of one run; the gravest are kept.
const MOST_RESULTS: usize = 25_000;

/// The most places that GitHub takes of one result, the primary one included.
const MOST_LOCATIONS: usize = 1_000;

/// How much evidence a result's message names; the other places are still related locations.
const MOST_IN_MESSAGE: usize = 10;

/// Writes the findings as one run of a SARIF 2.1.0 log. Suppressed findings are left out; problems are notifications of
/// the invocation.
pub fn sarif(outcome: &Outcome, around: &Surroundings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kept = gravest(&outcome.findings);
    let rules = rules(&kept, around);
    let mut texts = Texts { around, known: BTreeMap::new() };
    let results = kept.iter().map(|finding| result(finding, &rules, &mut texts)).collect();
    let mut notifications: Vec<Notification> =
        outcome.problems.iter().map(|problem| notification(problem, around)).collect();
    notifications.extend(left_out(outcome.findings.len() - kept.len()));
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "shipworthy",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: rules.iter().map(|rule| descriptor(rule)).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: outcome.verdict != Verdict::Unsure,
                exit_code: outcome.verdict.exit_code(),
                exit_code_description: outcome.verdict.name(),
                tool_execution_notifications: notifications,
            }],
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The findings that fit into one run, in their order.
fn gravest(findings: &[Finding]) -> Vec<&Finding> {
    let mut kept: Vec<&Finding> = findings.iter().collect();
    if kept.len() > MOST_RESULTS {
        kept.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        kept.truncate(MOST_RESULTS);
        kept.sort_by(|one, other| one.order().cmp(&other.order()));
    }
    kept
}

fn left_out(count: usize) -> Option<Notification> {
    let text =
        format!("{count} milder findings are left out, since code hosts take {MOST_RESULTS} of one run");
    (count > 0).then(|| Notification {
        level: Level::Warning,
        message: Message { text },
        locations: Vec::new(),
    })
}

/// The rules that findings speak of, in byte order of their ids.
fn rules<'r>(findings: &[&Finding], around: &Surroundings<'r>) -> Vec<&'r Rule> {
    let speaks = |rule: &&Rule| findings.iter().any(|finding| finding.rule == rule.id());
    around.registry.rules().iter().filter(speaks).collect()
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    let markdown = rule.prose().trim();
    Descriptor {
        id: rule.id(),
        short_description: Content { text: &rule.head.title },
        full_description: Content { text: first_paragraph(markdown).unwrap_or(&rule.head.title) },
        help: Multiformat { text: markdown, markdown },
        default_configuration: Configuration { level: level(rule.head.severity) },
        properties: Properties {
            tags: vec![&rule.family],
            problem_severity: match rule.head.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    }
}

/// The first paragraph below a heading.
fn first_paragraph(markdown: &str) -> Option<&str> {
    markdown.split("\n\n").map(str::trim).find(|part| !part.is_empty() && !part.starts_with('#'))
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    }
}

fn result<'o>(finding: &'o Finding, rules: &[&Rule], texts: &mut Texts<'_, '_>) -> Result<'o> {
    let around = texts.around;
    let evidence = finding.because.iter().take(MOST_LOCATIONS - 1).zip(1..);
    let related = evidence.map(|(because, id)| {
        let mut location = location(&because.at, around);
        location.id = Some(id);
        location.message = Some(Message { text: redact::sentence(&because.message).into_owned() });
        location
    });
    Result {
        rule_id: &finding.rule,
        rule_index: rules.iter().position(|rule| rule.id() == finding.rule),
        level: level(finding.severity),
        message: Message { text: message(finding) },
        locations: [location(&finding.at, around)],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([("shipworthy/v1", finding.fingerprint.as_str())]),
        fixes: finding.fix.iter().filter_map(|fix| texts.fix(fix)).collect(),
    }
}

/// What is wrong, and the evidence with links to the related locations: GitHub shows those alone that a message links.
fn message(finding: &Finding) -> String {
    let mut text = redact::sentence(&finding.message).into_owned();
    for (because, id) in finding.because.iter().zip(1..=MOST_IN_MESSAGE) {
        let place = format!("{}:{}", because.at.place.path, because.at.start.line);
        // Writing to a string does not fail.
        let _ = write!(text, "\n[{}]({id}): {}", in_link(&place), redact::sentence(&because.message));
    }
    text
}

/// A text inside the brackets of a link.
fn in_link(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn location(at: &Found, around: &Surroundings<'_>) -> Location {
    let region = Region {
        start_line: at.start.line,
        start_column: at.start.column,
        end_line: at.end.line,
        end_column: at.end.column,
    };
    located(&at.place.path, region, around)
}

fn located(path: &str, region: Region, around: &Surroundings<'_>) -> Location {
    let artifact_location = ArtifactLocation { uri: uri(&around.below_top(path)), uri_base_id: "%SRCROOT%" };
    Location { id: None, physical_location: PhysicalLocation { artifact_location, region }, message: None }
}

/// A relative path as the reference of a URI.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn notification(problem: &Problem, around: &Surroundings<'_>) -> Notification {
    let whole = Region { start_line: problem.line, start_column: 1, end_line: problem.line, end_column: 1 };
    let place = (!problem.path.is_empty()).then(|| located(&problem.path, whole, around));
    Notification {
        level: if problem.blocking { Level::Error } else { Level::Note },
        message: Message { text: redact::sentence(&problem.message).into_owned() },
        locations: place.into_iter().collect(),
    }
}

/// The files that fixes change: SARIF counts in lines and columns where an edit counts in bytes.
struct Texts<'s, 'r> {
    around: &'s Surroundings<'r>,
    known: BTreeMap<String, Option<(String, LineIndex)>>,
}

impl Texts<'_, '_> {
    /// `None` where a file cannot be read again.
    fn fix(&mut self, fix: &Fix) -> Option<model::Fix> {
        let mut changes: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
        for edit in &fix.edits {
            let (text, index) = self.text(&edit.path)?;
            let start = index.line_column(text, edit.span.start);
            let end = index.line_column(text, edit.span.end);
            let deleted_region = Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            };
            let inserted_content = Message { text: redact::sentence(&edit.text).into_owned() };
            changes.entry(&edit.path).or_default().push(Replacement { deleted_region, inserted_content });
        }
        let artifact_changes = changes.into_iter().map(|(path, replacements)| ArtifactChange {
            artifact_location: ArtifactLocation {
                uri: uri(&self.around.below_top(path)),
                uri_base_id: "%SRCROOT%",
            },
            replacements,
        });
        Some(model::Fix {
            description: Message { text: redact::sentence(&fix.title).into_owned() },
            artifact_changes: artifact_changes.collect(),
        })
    }

    fn text(&mut self, path: &str) -> Option<(&str, &LineIndex)> {
        let tree = self.around.tree;
        let read = || {
            let text = decode(tree.read(path, MAX_CONFIG_BYTES).ok()?).ok()?;
            let index = LineIndex::new(&text);
            Some((text, index))
        };
        let known = self.known.entry(path.to_owned()).or_insert_with(read);
        known.as_ref().map(|(text, index)| (text.as_str(), index))
    }
}
