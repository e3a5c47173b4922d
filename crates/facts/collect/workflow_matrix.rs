//! The values that a matrix gives each run of a job.

use std::collections::BTreeMap;

use source::Span;
use syntax::yaml::View;

/// What `matrix.NAME` is in one run, by the path behind `matrix.`, with the place of the value.
pub(super) type Run = BTreeMap<String, (String, Span)>;

/// The runs whose values are written out: the entries of `include`, or the values of the only axis. Of several axes, or
/// where an expression makes them, none.
pub(super) fn runs(job: View<'_>) -> Vec<Run> {
    let Some(matrix) = job.path(&["strategy", "matrix"]) else { return Vec::new() };
    let axes: Vec<(&str, View<'_>)> = matrix
        .entries()
        .into_iter()
        .filter_map(|(key, value)| Some((key.as_str()?, value)))
        .filter(|(key, _)| *key != "exclude")
        .collect();
    let [(name, values)] = axes.as_slice() else { return Vec::new() };
    let items = values.items().into_iter();
    let prefix = if *name == "include" { "" } else { *name };
    items.map(|item| run(prefix, item)).filter(|run| !run.is_empty()).collect()
}

fn run(prefix: &str, item: View<'_>) -> Run {
    let mut found = Run::new();
    if let Some(text) = item.as_str() {
        found.insert(prefix.to_owned(), (text.to_owned(), item.node().inner));
    }
    for (key, value) in item.entries() {
        if let (Some(key), Some(text)) = (key.as_str(), value.as_str()) {
            let path = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
            found.insert(path, (text.to_owned(), value.node().inner));
        }
    }
    found.retain(|_, (text, _)| !text.contains("${{"));
    found
}

/// The text with the values of a run filled in, and the place of the last of them; `None` where it reads none, or one that
/// is not known.
pub(super) fn filled(text: &str, run: &Run) -> Option<(String, Span)> {
    let (mut found, mut rest, mut at) = (String::new(), text, None);
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after.split_once("}}")?;
        let (value, span) = run.get(expression.trim().strip_prefix("matrix.")?)?;
        found.extend([before, value]);
        (rest, at) = (behind, Some(*span));
    }
    found.push_str(rest);
    Some((found, at?))
}

#[cfg(test)]
mod tests {
    use syntax::yaml::{self, Budget};

    use super::{filled, runs};

    #[test]
    fn each_run_has_its_values() {
        for (matrix, text, expected) in [
            (
                "{include: [{file: a/Dockerfile, tag: x}, {file: b}]}",
                "${{ matrix.file }}",
                &["a/Dockerfile", "b"][..],
            ),
            ("{image: [{dir: a}, {dir: b}]}", "./${{matrix.image.dir}}/x", &["./a/x", "./b/x"]),
            ("{name: [a, '${{ inputs.b }}']}", "${{ matrix.name }}", &["a"]),
            ("{name: [a], other: [b]}", "${{ matrix.name }}", &[]),
            ("{name: [a]}", "${{ matrix.name }}-${{ github.sha }}", &[]),
        ] {
            let text_of_job = format!("strategy:\n  matrix: {matrix}\n");
            let parsed = yaml::parse(&text_of_job);
            let budget = Budget::default();
            let runs = runs(parsed.tree.documents[0].view(&budget));
            let found: Vec<String> = runs.iter().filter_map(|run| Some(filled(text, run)?.0)).collect();
            assert_eq!(found, expected, "{matrix}");
        }
    }
}
