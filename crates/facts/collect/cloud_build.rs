//! Cloud Build configurations: the images that their steps build.

use syntax::yaml::{self, Budget, View};

use crate::collect::commands::{Command, Word};
use crate::environment::named_by_path;
use crate::record::{Document, Record};

/// Whether the text can be a Cloud Build configuration.
#[must_use]
pub(crate) fn may_be(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("steps:") && has("args:") && (has("cloud-builders") || has("kaniko"))
}

/// The facts of a Cloud Build configuration.
#[must_use]
pub(crate) fn record(document: &Document) -> Record {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut record = Record::default();
    let named = named_by_path(&document.path);
    let environment = if let [only] = named.as_slice() { Some(*only) } else { None };
    for part in &parsed.tree.documents {
        let steps = part.view(&budget).get("steps");
        for step in steps.map(|steps| steps.items()).unwrap_or_default() {
            let words = words(document, step);
            // The sources are uploaded from the folder of the call, which is the root as a rule.
            Command { words: &words, folder: "", environment }.add_to(&mut record);
        }
    }
    record.problems.extend(document.problems(&parsed.errors));
    record
}

/// The words of a step, with the program that its builder image runs.
fn words(document: &Document, step: View<'_>) -> Vec<Word> {
    let Some(name) = step.get("name") else { return Vec::new() };
    let program =
        name.as_str().unwrap_or("").rsplit('/').next().unwrap_or("").split([':', '@']).next().unwrap_or("");
    let program = match program {
        "executor" | "kaniko" => "kaniko",
        other => other,
    };
    let mut words =
        vec![Word { text: Some(program.to_owned()), at: document.place(name.span()), is_verbatim: false }];
    for argument in step.get("args").map(|args| args.items()).unwrap_or_default() {
        let inner = argument.node().inner;
        let text = argument.as_str().map(str::to_owned);
        let is_verbatim = text.as_deref() == Some(document.slice(inner));
        words.push(Word { text, at: document.place(inner), is_verbatim });
    }
    words
}
