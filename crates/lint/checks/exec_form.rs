//! Variables in a command that no shell reads.

use facts::Facts;

use super::{NoPolicy, policy};
use crate::Fault;
use crate::check::{Check, CheckContext};

struct ExecForm;

pub(super) fn build(table: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    policy::<NoPolicy>(table)?;
    Ok(Box::new(ExecForm))
}

impl Check for ExecForm {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let fault = |found: &facts::LiteralVariable| {
            let message = format!(
                "`{}` is given to `{}` as it stands: no shell reads a command in JSON form, so the program gets the \
                 text and not the value; write [\"sh\", \"-c\", \"exec …\"]",
                found.word, found.program
            );
            Fault::new(found.word.clone(), found.at.clone(), message)
        };
        facts.literal_variables.iter().map(fault).collect()
    }
}
