//! Plans without the secrets that their commands hold, and with them again.

use source::redact::{self, REDACTED};

use super::{Act, Plan, Step};
use crate::config::Argv;

impl Plan {
    /// The plan without the secrets in its commands: what is printed, saved, compared, named by and written down. The id of
    /// the tree stands for the words that are left out.
    #[must_use]
    pub fn shown(&self) -> Self {
        let of = |steps: &[Step]| steps.iter().map(shown).collect();
        let reason = redact::sentence(&self.reason).into_owned();
        Self { steps: of(&self.steps), undo: of(&self.undo), reason, ..self.clone() }
    }

    /// The same plan with the words of the configuration, whose steps these are, where a secret was left out.
    ///
    /// # Errors
    /// The configuration has no command that looks like it.
    pub(crate) fn completed(mut self, steps: &[Step], undo: &[Step]) -> Result<Self, String> {
        let back: Vec<Step> = undo.iter().filter(|step| step.act != Act::Unstage).cloned().collect();
        let forward = if self.is_rollback() { &back } else { steps };
        complete(&mut self.steps, forward)?;
        complete(&mut self.undo, undo)?;
        Ok(self)
    }
}

fn shown(step: &Step) -> Step {
    let commands = step.commands.iter().map(|argv| redact::words(argv)).collect();
    Step { commands, ..step.clone() }
}

fn complete(steps: &mut [Step], configured: &[Step]) -> Result<(), String> {
    for (index, step) in steps.iter_mut().enumerate() {
        for (number, argv) in step.commands.iter_mut().enumerate() {
            if !argv.iter().any(|word| word.contains(REDACTED)) {
                continue;
            }
            let own: Option<&Argv> = configured.get(index).and_then(|step| step.commands.get(number));
            let own = own.filter(|own| redact::words(own) == *argv).ok_or_else(|| {
                format!(
                    "a secret was left out of the command `{}`, and the commit has no such command",
                    argv.join(" ")
                )
            })?;
            argv.clone_from(own);
        }
    }
    Ok(())
}
