//! The contexts that each key of a workflow reads, and the actions of its steps.

use source::{Place, Span};
use syntax::yaml::View;

use crate::collect::workflow_steps::steps;
use crate::record::{Document, Record};
use crate::workflow::{ActionUse, ContextUse};

/// Every context there is, by its name in expressions.
pub(super) const CONTEXTS: &[&str] = &[
    "github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs",
    "inputs",
];

/// Keys of a job whose values hold expressions, by the name that the platform's documents give the place.
const JOB_KEYS: &[(&str, &str)] = &[
    ("concurrency", "jobs.<job_id>.concurrency"),
    ("continue-on-error", "jobs.<job_id>.continue-on-error"),
    ("env", "jobs.<job_id>.env"),
    ("environment", "jobs.<job_id>.environment"),
    ("if", "jobs.<job_id>.if"),
    ("name", "jobs.<job_id>.name"),
    ("runs-on", "jobs.<job_id>.runs-on"),
    ("secrets", "jobs.<job_id>.secrets.<secrets_id>"),
    ("strategy", "jobs.<job_id>.strategy"),
    ("timeout-minutes", "jobs.<job_id>.timeout-minutes"),
    ("with", "jobs.<job_id>.with.<with_id>"),
];

/// Likewise of what `on.workflow_call` declares: the list, the key of each of it, and the place.
const CALL_KEYS: &[(&str, &str, &str)] = &[
    ("inputs", "default", "on.workflow_call.inputs.<inputs_id>.default"),
    ("outputs", "value", "on.workflow_call.outputs.<output_id>.value"),
];

/// Adds what one document of a workflow file reads and uses.
pub(crate) fn add(document: &Document, root: View<'_>, record: &mut Record) {
    let mut reader = Reader { document, job: None, record };
    for (key, place) in [("run-name", "run-name"), ("concurrency", "concurrency"), ("env", "env")] {
        reader.values(root.get(key), place);
    }
    for (list, key, place) in CALL_KEYS {
        let declared =
            root.path(&["on", "workflow_call", list]).map(|list| list.entries()).unwrap_or_default();
        declared.into_iter().for_each(|(_, declared)| reader.values(declared.get(key), place));
    }
    for (name, job) in root.get("jobs").map(|jobs| jobs.entries()).unwrap_or_default() {
        reader.job = name.as_str().map(str::to_owned);
        reader.job(job);
    }
}

struct Reader<'r> {
    document: &'r Document,
    job: Option<String>,
    record: &'r mut Record,
}

impl Reader<'_> {
    fn job(&mut self, job: View<'_>) {
        for (key, place) in JOB_KEYS {
            let value = job.get(key);
            // The address may read more than the name: it is asked for when the steps have run.
            let value = if *key == "environment" {
                value.map(|named| named.get("name").unwrap_or(named))
            } else {
                value
            };
            self.values(value.filter(|value| *key != "environment" || value.as_str().is_some()), place);
        }
        for step in steps(job) {
            self.values(step.get("if"), "jobs.<job_id>.steps.if");
            self.action(step);
        }
    }

    fn action(&mut self, step: View<'_>) {
        let Some(uses) = step.get("uses") else { return };
        let Some((name, version)) = uses.as_str().and_then(|text| text.split_once('@')) else { return };
        self.record.actions.push(ActionUse {
            name: name.to_owned(),
            version: version.to_owned(),
            at: self.document.place(uses.node().inner),
        });
    }

    fn values(&mut self, value: Option<View<'_>>, key: &'static str) {
        for scalar in value.map(scalars).unwrap_or_default() {
            if let Some(text) = scalar.as_str() {
                self.text(text, scalar, key);
            }
        }
    }

    fn text(&mut self, text: &str, value: View<'_>, key: &'static str) {
        let mut found: Vec<(String, String)> = expressions(text).into_iter().flat_map(contexts).collect();
        // A condition is an expression with or without the braces.
        if key.rsplit('.').next() == Some("if") {
            found.extend(contexts(text));
        }
        found.sort();
        found.dedup();
        for (context, written) in found {
            let at = place(self.document, value, &written);
            self.record.contexts.push(ContextUse { key, job: self.job.clone(), context, written, at });
        }
    }
}

/// Every scalar of a value; of one without an end none.
pub(crate) fn scalars(value: View<'_>) -> Vec<View<'_>> {
    /// So many places are looked at, which is more than any workflow has.
    const MOST: u32 = 10_000;
    let (mut open, mut found, mut left) = (vec![value], Vec::new(), MOST);
    while let Some(value) = open.pop() {
        left = left.saturating_sub(1);
        if left == 0 || value.is_endless() {
            return found;
        }
        if value.as_str().is_some() {
            found.push(value);
            continue;
        }
        open.extend(value.items());
        open.extend(value.entries().into_iter().map(|(_, value)| value));
    }
    found
}

/// Where in a value a text stands as written, else the value.
pub(crate) fn place(document: &Document, value: View<'_>, written: &str) -> Place {
    let inner = value.node().inner;
    match document.slice(inner).find(written) {
        Some(offset) => {
            let start = inner.start + offset;
            document.place(Span::new(start, start + written.len()))
        }
        None => document.place(inner),
    }
}

/// The texts between `${{` and `}}`.
pub(crate) fn expressions(text: &str) -> Vec<&str> {
    let parts = text.split("${{").skip(1);
    parts.map(|part| part.split("}}").next().unwrap_or(part)).collect()
}

/// The contexts that an expression reads, with what is read; texts in quotes are none.
pub(crate) fn contexts(expression: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // Every second piece stands in quotes; a doubled quote inside of one makes two pieces of it.
    for (index, piece) in expression.split('\'').enumerate() {
        if index % 2 == 0 {
            found.extend(paths(piece));
        }
    }
    found
}

/// What an expression reads of a context that there is none of: `secret.TOKEN`.
pub(super) fn unknown_contexts(expression: &str) -> Vec<String> {
    let pieces = expression.split('\'').step_by(2);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '*');
    let paths = pieces.flat_map(|piece| piece.split(move |letter: char| !is_part(letter)));
    let is_unknown = |path: &&str| {
        path.split_once('.').is_some_and(|(root, rest)| {
            let is_name = root.starts_with(|letter: char| letter.is_ascii_alphabetic());
            is_name && !rest.is_empty() && !CONTEXTS.contains(&root.to_ascii_lowercase().as_str())
        })
    };
    paths.filter(is_unknown).map(str::to_owned).collect()
}

fn paths(piece: &str) -> Vec<(String, String)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '*');
    let mut found = Vec::new();
    for path in piece.split(|letter: char| !is_part(letter)) {
        let Some((root, rest)) = path.split_once('.') else { continue };
        let context = root.to_ascii_lowercase();
        if CONTEXTS.contains(&context.as_str()) && !rest.is_empty() {
            found.push((context, path.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        contexts(text).into_iter().map(|(_, written)| written).collect()
    }

    #[test]
    fn what_is_no_context_is_told() {
        assert_eq!(unknown_contexts("secret.A || 'input.b' && fromJSON(inputs.c).d.e == 1.5"), ["secret.A"]);
    }

    #[test]
    fn contexts_stand_outside_of_quotes() {
        assert_eq!(of("env.A == 'env.B' && github.ref != 'it''s env.C'"), ["env.A", "github.ref"]);
        assert_eq!(of("fromJson(needs.a.outputs.b)[0] || my.env.c || environment.x"), ["needs.a.outputs.b"]);
        assert_eq!(expressions("x ${{ a }} y ${{ b"), [" a ", " b"]);
    }
}
