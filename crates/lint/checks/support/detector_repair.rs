//! Repairs of the conditions of detectors, told with what is answered before and after.

use facts::{Answer, Facts, RepairedCell};
use source::Place;

use crate::{Edit, Fix, Safety};

/// Changed answers that a title holds.
const MOST_SHOWN: usize = 4;

/// The repair of the condition at `at`, as an instruction `what`.
pub(in crate::checks) fn of(facts: &Facts, at: &Place, what: &str) -> Option<Fix> {
    let repair = facts.repairs.iter().find(|repair| repair.at == *at)?;
    let edit = Edit { path: at.path.to_string(), span: repair.span, text: repair.text.clone() };
    let title = format!("{what}: {}", table(&repair.table));
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![edit] })
}

/// What is answered otherwise, and how many answers stay.
fn table(cells: &[RepairedCell]) -> String {
    let (same, changed): (Vec<&RepairedCell>, Vec<&RepairedCell>) =
        cells.iter().partition(|cell| cell.after.as_ref() == Some(&cell.before));
    let mut rows: Vec<String> = changed.iter().take(MOST_SHOWN).map(|cell| row(cell)).collect();
    if changed.len() > MOST_SHOWN {
        rows.push(format!("{} more answers change", changed.len() - MOST_SHOWN));
    }
    match same.len() {
        0 => {}
        1 => rows.push("one answer stays".to_owned()),
        stay => rows.push(format!("{stay} answers stay")),
    }
    rows.join("; ")
}

fn row(cell: &RepairedCell) -> String {
    let RepairedCell { detector, deployment, before, after } = cell;
    match after {
        Some(Answer::Unknown { .. }) => {
            format!("{deployment} gets what no file tells, not `{}`", before.shown())
        }
        Some(after) => {
            format!("{deployment} gets `{}` from `{detector}`, not `{}`", after.shown(), before.shown())
        }
        None => format!(
            "`{detector}` asks for no variable any more in {deployment}, and answered `{}`",
            before.shown()
        ),
    }
}
