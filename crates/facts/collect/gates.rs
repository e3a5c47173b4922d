//! Tests and checks of a workflow whose failure goes unheard.

use syntax::shell::{Command, OperatorBefore, exec_prefix_stripped};
use syntax::yaml::View;

use crate::collect::shell_text::ShellText;
use crate::workflow::SilencedGate;

/// Commands that are there to fail, by their first words.
const GATES: &[&[&str]] = &[
    &["pytest"],
    &["python", "-m", "pytest"],
    &["python3", "-m", "pytest"],
    &["tox"],
    &["npm", "test"],
    &["npm", "run", "test"],
    &["yarn", "test"],
    &["pnpm", "test"],
    &["jest"],
    &["vitest"],
    &["cargo", "test"],
    &["go", "test"],
    &["make", "test"],
    &["terraform", "validate"],
    &["shipworthy", "check"],
];

/// The gates of a step that cannot fail.
#[must_use]
pub(crate) fn silenced(step: View<'_>, shell: &ShellText<'_>) -> Vec<SilencedGate> {
    let goes_on = step.get("continue-on-error").and_then(|value| value.as_str()) == Some("true");
    if !goes_on && !shell.text.contains("||") {
        return Vec::new();
    }
    let commands = &shell.script().commands;
    let mut found = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let next = commands.get(index + 1);
        let ignored = next.is_some_and(|next| {
            next.operator_before == OperatorBefore::Or && matches!(next.name(), Some("true" | ":"))
        });
        for plain in exec_prefix_stripped(command) {
            let Some(gate) = gate(&plain).filter(|_| ignored || goes_on) else { continue };
            found.push(SilencedGate {
                gate,
                by: if ignored { "|| true" } else { "continue-on-error" },
                at: shell.place(plain.span),
            });
        }
    }
    found
}

fn gate(command: &Command) -> Option<String> {
    let is = |gate: &&&[&str]| {
        gate.iter()
            .enumerate()
            .all(|(index, word)| command.words.get(index).is_some_and(|have| have.text == *word))
    };
    GATES.iter().find(is).map(|gate| gate.join(" "))
}
