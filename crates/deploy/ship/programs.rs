//! Whether everything that a plan runs is there, asked before anything is done: a program that is missed in the middle
//! leaves users between two versions.

use source::Tree;

use super::candidate::Candidate;
use crate::Plan;

impl Candidate<'_> {
    /// Looks for every program of the gate and of a plan, forward and back: in the commit where its name has a `/`, else
    /// on `PATH`.
    ///
    /// # Errors
    /// The first that cannot be run, and what to do.
    pub(super) fn has_programs(&self, plan: &Plan) -> Result<(), String> {
        self.has_all(&self.gate.commands, plan)
    }

    /// The same for the way back, which asks no gate.
    ///
    /// # Errors
    /// As for the way there.
    pub(super) fn has_programs_of_way_back(&self, plan: &Plan) -> Result<(), String> {
        self.has_all(&[], plan)
    }

    fn has_all(&self, gate: &[Vec<String>], plan: &Plan) -> Result<(), String> {
        let steps = plan.steps.iter().chain(&plan.undo).flat_map(|step| &step.commands);
        let asks_by_curl =
            self.asked().any(|url| url.starts_with("https://")).then(|| vec!["curl".to_owned()]);
        let mut programs = self.opened.programs();
        for argv in gate.iter().chain(steps).chain(&asks_by_curl) {
            let name = argv.first().map_or("", String::as_str);
            if name.contains('/') {
                self.holds_program(name)?;
            } else {
                programs.find(name, self.opened.repository.top())?;
            }
        }
        Ok(())
    }

    /// The addresses that are asked how a version is.
    fn asked(&self) -> impl Iterator<Item = &str> {
        let own = self.target.services.iter().filter_map(|service| service.health.as_ref());
        self.target.health.iter().chain(own).filter_map(|health| health.url.as_deref())
    }

    /// Whether the commit holds a program under this path, by the words of the snapshot's own search.
    fn holds_program(&self, name: &str) -> Result<(), String> {
        let inside = source::join("", name).ok_or_else(|| format!("`{name}` leads out of the repository"))?;
        match self.commit.mode(&inside) {
            None => Err(format!("`{name}` is not a file of the commit that is deployed")),
            Some(mode) if mode & 0o111 == 0 => Err(format!(
                "`{name}` is not executable in the commit; run `git update-index --chmod=+x {name}`"
            )),
            Some(_) => Ok(()),
        }
    }
}
