//! Numbers that a shell compares as texts.

use facts::{Facts, StringCompare};

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.string_compares.iter().map(fault).collect()
}

fn fault(compare: &StringCompare) -> Fault {
    let StringCompare { operator, number, .. } = compare;
    let right = if operator == ">" { "-gt" } else { "-lt" };
    if compare.is_redirect {
        let message = format!(
            "in `[ … ]` a `{operator} {number}` is a redirection to a file named {number}, so the test is true whatever \
             the value: what it guards cannot fail; write {right} {number}"
        );
        return Fault::new(format!("{operator} {number}"), compare.at.clone(), message);
    }
    let message = format!(
        "`{operator} {number}` in `[[ … ]]` compares texts: 10 comes before {number} if that begins with a greater \
         digit, and 9 after 10; write {right} {number}, or awk where the values have fractions"
    );
    Fault::new(format!("{operator} {number}"), compare.at.clone(), message).at_most(Severity::Warning)
}
