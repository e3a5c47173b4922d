//! Secrets that a called workflow reads and its caller does not hand over.

use std::collections::BTreeMap;

use facts::{Facts, WorkflowCall, WorkflowFile};
use source::{Place, file_name};

use crate::{Fault, Severity};

/// So many workflows may call each other in a row, which is more than the platform allows.
const MOST_LEVELS: u32 = 10;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let calls = facts.workflow_files.iter().flat_map(|file| &file.calls);
    calls.flat_map(|call| faults(call, facts)).collect()
}

fn faults(call: &WorkflowCall, facts: &Facts) -> Vec<Fault> {
    // `inherit` hands over all there are.
    let (Some(given), Some(file)) = (&call.secrets, called(call, facts)) else { return Vec::new() };
    let is_given = |name: &str| given.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let lacking = wanted(file, facts, MOST_LEVELS).into_iter().filter(|(name, _)| !is_given(name));
    lacking
        .map(|(name, read)| {
            let message = format!(
                "`{}` reads the secret `{name}`, and this call does not hand it over. A called workflow has only what \
                 its caller gives it, so the value is empty. Hand over all of them with `inherit`, or declare and hand over `{name}`",
                file_name(&call.path)
            );
            Fault::new(format!("{} {name}", call.job), call.at.clone(), message)
                .at_most(Severity::Warning)
                .because(read.clone(), "it is read here")
        })
        .collect()
}

fn called<'f>(call: &WorkflowCall, facts: &'f Facts) -> Option<&'f WorkflowFile> {
    facts.workflow_files.iter().find(|file| *file.at.path == *call.path)
}

/// The secrets that a workflow reads when it is called, itself or in what it hands everything on to, and that it does
/// not declare: what is declared and not required may be left out.
fn wanted<'f>(file: &'f WorkflowFile, facts: &'f Facts, levels: u32) -> BTreeMap<&'f str, &'f Place> {
    let Some(takes) = &file.takes else { return BTreeMap::new() };
    let mut wanted = BTreeMap::new();
    for (name, at) in file.secrets.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("GITHUB_TOKEN")) {
        wanted.entry(name.as_str()).or_insert(at);
    }
    let hands_on = file.calls.iter().filter(|call| call.secrets.is_none() && levels > 0);
    for inner in hands_on.filter_map(|call| called(call, facts)) {
        for (name, at) in self::wanted(inner, facts, levels - 1) {
            wanted.entry(name).or_insert(at);
        }
    }
    wanted.retain(|name, _| !takes.secrets.iter().any(|taken| taken.name.eq_ignore_ascii_case(name)));
    wanted
}
