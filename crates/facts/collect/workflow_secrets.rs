//! The secrets that the jobs of a workflow read.

use source::{Span, file_name};
use syntax::yaml::{NodeKind, View};

use crate::environment::named_by_words;
use crate::record::Document;
use crate::workflow::WorkflowSecret;

/// Values of one job that are looked at.
const MOST: u32 = 10_000;

/// `secrets.NAME` in the values of a job, for the environment that the job or the workflow's file speaks of.
#[must_use]
pub(crate) fn of_job(document: &Document, job: View<'_>, environment: Option<&str>) -> Vec<WorkflowSecret> {
    let environment = environment.or_else(|| named_by_words(file_name(&document.path)));
    let mut found = Vec::new();
    let mut open = vec![job];
    let mut left = MOST;
    while let Some(value) = open.pop() {
        left = left.saturating_sub(1);
        if left == 0 || value.is_endless() {
            break;
        }
        match &value.node().kind {
            NodeKind::Mapping(_) => open.extend(value.entries().into_iter().map(|(_, value)| value)),
            NodeKind::Sequence(_) => open.extend(value.items()),
            NodeKind::Scalar { .. } | NodeKind::Template(_) => {
                let inner = value.node().inner;
                found.extend(names(document.slice(inner)).into_iter().map(|(at, name)| {
                    let start = inner.start + at;
                    let span = Span::new(start, start + name.len());
                    WorkflowSecret {
                        name: name.to_owned(),
                        environment: environment.map(str::to_owned),
                        job: job.line(),
                        at: document.place(span),
                    }
                }));
            }
            _ => {}
        }
    }
    found
}

/// The names after `secrets.` within `${{ }}`, with where they start.
fn names(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("${{") {
        let end = text.get(start..).and_then(|rest| rest.find("}}")).map_or(text.len(), |at| start + at);
        let Some(expression) = text.get(start..end) else { continue };
        for (at, word) in expression.match_indices("secrets.") {
            let from = start + at + word.len();
            let rest = text.get(from..end).unwrap_or("");
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            if let Some(name) = rest.get(..length).filter(|name| !name.is_empty()) {
                found.push((from, name));
            }
        }
    }
    found
}
