//! Calls of workflows that give what the called one does not take, or leave out what it needs.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Access, AskedPermission, Facts, Parameter, Takes, WorkflowCall, WorkflowFile};
use source::Place;

use crate::Fault;
use crate::nearest::did_you_mean;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let files = &facts.workflow_files;
    let called = |call: &WorkflowCall| files.iter().find(|file| *file.at.path == *call.path);
    let calls = files.iter().flat_map(|file| &file.calls);
    let mut asked: BTreeMap<&str, Vec<&AskedPermission>> = BTreeMap::new();
    let mut found = Vec::new();
    for (call, file) in calls.filter_map(|call| Some((call, called(call)?))) {
        let asked = asked.entry(&file.at.path).or_insert_with(|| asked_once(file));
        found.extend(faults(call, file, asked));
    }
    found
}

/// What the jobs of a workflow ask their tokens to be allowed, each matter and access once.
fn asked_once(file: &WorkflowFile) -> Vec<&AskedPermission> {
    let mut told = BTreeSet::new();
    // To read the repository's description every token is allowed.
    let asked = file.permissions.iter().filter(|asked| asked.matter != "metadata");
    asked.filter(|asked| told.insert((&asked.matter, asked.access == Access::Write))).collect()
}

const REFUSED: &str = "the platform refuses the calling workflow, and none of its jobs runs";

fn faults(call: &WorkflowCall, file: &WorkflowFile, asked: &[&AskedPermission]) -> Vec<Fault> {
    let Some(takes) = &file.takes else {
        let message = format!(
            "`{}` cannot be called: it has no `workflow_call` under `on:`, so {REFUSED}",
            source::file_name(&call.path)
        );
        let fault = Fault::new(call.job.clone(), call.at.clone(), message);
        return vec![fault.because(file.at.clone(), "what starts it is told here")];
    };
    let Takes { inputs, secrets, .. } = takes;
    let mut found = judged(call, file, "input", &call.inputs, inputs);
    if let Some(given) = &call.secrets {
        found.extend(judged(call, file, "secret", given, secrets));
    }
    found.extend(exceeded(call, asked));
    found
}

/// What the jobs of the called workflow ask their tokens to be allowed, and the calling job is not; each matter once.
fn exceeded(call: &WorkflowCall, asked: &[&AskedPermission]) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for asked in asked {
        let Some(granted) = call.granted.access(&asked.matter).filter(|granted| *granted < asked.access)
        else {
            continue;
        };
        let matter = &asked.matter;
        let subject = format!("{} {matter}", call.job);
        if found.iter().any(|fault| fault.subject == subject) {
            continue;
        }
        let message = format!(
            "the job `{}` of `{}` asks to {} `{matter}`, and this call has {}: {REFUSED}. Allow it under the `permissions:` of this \
             job, beside what else it needs",
            asked.job,
            source::file_name(&call.path),
            if asked.access == Access::Write { "write" } else { "read" },
            if granted == Access::None { "no right to it" } else { "the right to read it alone" },
        );
        found.push(
            Fault::new(subject, call.at.clone(), message).because(asked.at.clone(), "it is asked for here"),
        );
    }
    found
}

fn judged(
    call: &WorkflowCall,
    file: &WorkflowFile,
    kind: &str,
    given: &[(String, Place)],
    taken: &[Parameter],
) -> Vec<Fault> {
    let name = source::file_name(&call.path);
    let unknown =
        given.iter().filter(|(given, _)| !taken.iter().any(|one| one.name.eq_ignore_ascii_case(given)));
    let unknown = unknown.map(|(given, at)| {
        let hint = did_you_mean(given, taken.iter().map(|one| one.name.as_str()));
        let message = format!("`{name}` takes no {kind} `{given}`: {REFUSED}.{hint}");
        Fault::new(format!("{} {given}", call.job), at.clone(), message)
    });
    let is_given = |one: &Parameter| given.iter().any(|(given, _)| given.eq_ignore_ascii_case(&one.name));
    let lacking = taken.iter().filter(|one| one.is_required && !is_given(one)).map(|one| {
        let message =
            format!("`{name}` needs the {kind} `{}`, which this call does not give: {REFUSED}", one.name);
        Fault::new(format!("{} {}", call.job, one.name), call.at.clone(), message)
    });
    let declared = format!("what `{name}` takes is declared here");
    unknown.chain(lacking).map(|fault| fault.because(file.at.clone(), declared.clone())).collect()
}
