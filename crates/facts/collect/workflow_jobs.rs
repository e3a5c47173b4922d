//! Jobs of a workflow: what they wait for, and what their expressions can read.

use std::collections::{BTreeMap, BTreeSet};

use source::Span;
use syntax::yaml::View;

use crate::collect::workflow_steps::steps;

/// The inputs that a workflow can be given, in lower case; `None` where it is not told what starts it.
pub(super) fn inputs(root: View<'_>) -> Option<BTreeSet<String>> {
    let triggers = root.get("on")?;
    let of_one = |trigger: &str| triggers.path(&[trigger, "inputs"]).map(keys).unwrap_or_default();
    Some(of_one("workflow_dispatch").into_iter().chain(of_one("workflow_call")).collect())
}

/// The inputs that are booleans wherever they are declared, in lower case. Those of `workflow_dispatch` are texts in
/// `github.event.inputs` alone.
pub(super) fn boolean_inputs(root: View<'_>) -> BTreeSet<String> {
    let (mut booleans, mut others) = (BTreeSet::new(), BTreeSet::new());
    for trigger in ["workflow_dispatch", "workflow_call"] {
        let inputs = root.path(&["on", trigger, "inputs"]).map(|inputs| inputs.entries());
        for (name, input) in inputs.unwrap_or_default() {
            let name = name.as_str().unwrap_or("").to_ascii_lowercase();
            let kind = input.get("type").and_then(|kind| kind.as_str());
            if kind == Some("boolean") {
                booleans.insert(name)
            } else {
                others.insert(name)
            };
        }
    }
    booleans.retain(|name| !others.contains(name));
    booleans
}

/// A job with what its expressions can read.
pub(super) struct Job<'v> {
    /// Its key.
    pub(super) name: &'v str,
    /// Where that stands.
    pub(super) name_span: Span,
    /// All of it.
    pub(super) view: View<'v>,
    /// The jobs that it waits for, with the places of their names.
    pub(super) needs: Vec<(&'v str, Span)>,
    /// The ids of its steps in lower case, by position: names are read without regard to case.
    pub(super) ids: BTreeMap<String, usize>,
    /// The keys of its matrix in lower case; `None` where an expression makes it.
    pub(super) matrix: Option<BTreeSet<String>>,
    /// The names of its outputs in lower case; `None` where another workflow gives them.
    pub(super) outputs: Option<BTreeSet<String>>,
}

impl<'v> Job<'v> {
    pub(super) fn new(name: &'v str, name_span: Span, view: View<'v>) -> Self {
        let named = |needed: View<'v>| Some((needed.as_str()?, needed.node().inner));
        let needs = view.get("needs");
        let needs = match needs.map(|needs| needs.items()) {
            Some(items) if !items.is_empty() => items.into_iter().filter_map(named).collect(),
            _ => needs.into_iter().filter_map(named).collect(),
        };
        let steps = steps(view);
        let ids = steps.iter().enumerate();
        let ids = ids.filter_map(|(at, step)| Some((step.get("id")?.as_str()?.to_ascii_lowercase(), at)));
        let outputs = view.get("outputs").map(|outputs| keys(outputs)).unwrap_or_default();
        Self {
            name,
            name_span,
            view,
            needs,
            ids: ids.collect(),
            matrix: matrix(view),
            outputs: view.get("uses").is_none().then_some(outputs),
        }
    }
}

fn keys(map: View<'_>) -> BTreeSet<String> {
    map.entries().into_iter().filter_map(|(key, _)| Some(key.as_str()?.to_ascii_lowercase())).collect()
}

/// The axes of a matrix and the keys of `include`; none without a matrix.
fn matrix(job: View<'_>) -> Option<BTreeSet<String>> {
    let strategy = job.get("strategy");
    let Some(matrix) = strategy.and_then(|strategy| strategy.get("matrix")) else {
        // An expression may make the whole strategy.
        return strategy.is_none_or(|strategy| strategy.as_str().is_none()).then(BTreeSet::new);
    };
    if matrix.as_str().is_some() {
        return None;
    }
    let mut known = keys(matrix);
    if known.remove("include") {
        let include = matrix.get("include")?;
        if include.as_str().is_some() {
            return None;
        }
        for item in include.items() {
            if item.as_str().is_some() {
                return None;
            }
            known.extend(keys(item));
        }
    }
    known.remove("exclude");
    Some(known)
}
