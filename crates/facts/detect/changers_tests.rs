//! What a module does to its own names and to the variables of the process, beside binding names.

use source::Memory;

use super::Answer;
use crate::{Declared, DeclaredDeployment, DeclaredService, Facts, collect};

/// The facts of these files with one deployment that sets `ENVIRONMENT` to `staging` and nothing else.
fn facts(files: &[(&str, &str)]) -> Facts {
    let tree: Memory = files.iter().copied().collect();
    let deployment = DeclaredDeployment {
        variables: [("ENVIRONMENT".to_owned(), "staging".to_owned())].into(),
        complete: true,
        ..DeclaredDeployment::default()
    };
    let deployments = [("staging".to_owned(), deployment)].into();
    let service = DeclaredService { deployments, ..DeclaredService::default() };
    let services = [("web".to_owned(), service)].into();
    collect(&tree, &Declared { services, ..Declared::default() })
}

fn answer(code: &str, name: &str) -> Option<Answer> {
    let facts = facts(&[("app.py", code)]);
    let cell = facts.cells.iter().find(|cell| cell.detector == format!("app.py::{name}"))?;
    Some(cell.answer.clone())
}

fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.to_owned()))
}
