//! Secrets that a build is given as arguments and writes into the history of the image.

use facts::{BuildArgument, Facts};
use serde::Deserialize;
use source::{is_backup, is_illustration, redact, tokens};

use crate::Fault;
use crate::check::{Check, CheckContext};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Words of a name that say its value is no secret, whatever else the name says.
    except_words: Vec<String>,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let arguments = facts.build_arguments.iter();
        arguments.filter(|argument| self.is_secret(argument)).map(fault).collect()
    }
}

impl Policy {
    fn is_secret(&self, argument: &BuildArgument) -> bool {
        let path = &argument.at.path;
        redact::is_secret_name(&argument.name)
            && !tokens(&argument.name).any(|word| self.except_words.contains(&word))
            && !is_backup(path)
            && !is_illustration(path)
    }
}

fn fault(argument: &BuildArgument) -> Fault {
    let name = &argument.name;
    let message = format!(
        "the secret `{name}` is an argument of the last stage: every RUN after it is written into the history of the image \
         with its value, and whoever can pull the image can read it; use `RUN --mount=type=secret,id={name}`"
    );
    Fault::new(name.clone(), argument.at.clone(), message)
        .because(argument.run.clone(), "the first command that runs with it")
}
