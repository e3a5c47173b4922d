//! Files that others name and that are not there.

use facts::{Facts, MissingFile, MissingKind};
use serde::Deserialize;

use super::policy;
use crate::{Check, CheckContext, Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What is looked for: `dockerfile`.
    #[serde(default)]
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Dockerfile,
}

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(policy::<Policy>(table)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let asked = |file: &&MissingFile| match file.kind {
            MissingKind::Dockerfile => self.kinds.contains(&Kind::Dockerfile),
        };
        facts.missing.iter().filter(asked).map(fault).collect()
    }
}

fn fault(file: &MissingFile) -> Fault {
    let path = &file.path;
    let message = match (&file.similar, file.generated) {
        (_, true) => {
            format!("`{path}` is not there; .gitignore matches it, so it has to be made before this build")
        }
        (Some(similar), false) => {
            format!("the Dockerfile `{path}` does not exist, so this build fails; did you mean `{similar}`?")
        }
        (None, false) => format!("the Dockerfile `{path}` does not exist, so this build fails"),
    };
    let fault =
        Fault::new(path.clone(), file.at.clone(), message).in_environment(file.scope.environment.as_deref());
    if file.generated { fault.at_most(Severity::Info) } else { fault }
}
