//! The machines that evaluate the detectors of some files: one for each set of variables, which keeps the modules that
//! it has loaded.

use super::machine::Machine;
use super::program::Program;
use super::variables::Variables;

/// Machines that are kept.
const MAX_MACHINES: usize = 24;

/// One machine for each set of variables.
pub(super) struct Machines<'p> {
    program: &'p Program<'p>,
    made: Vec<Machine<'p>>,
    steps_of_loads: u32,
}

impl<'p> Machines<'p> {
    /// Machines that may each take so many steps to load modules.
    pub(super) const fn new(program: &'p Program<'p>, steps_of_loads: u32) -> Self {
        Self { program, made: Vec::new(), steps_of_loads }
    }

    /// The machine for these variables.
    pub(super) fn of(&mut self, variables: &Variables) -> Option<&mut Machine<'p>> {
        let known = self.made.iter().position(|machine| machine.variables == *variables);
        let machine = known.map(|at| self.made.remove(at));
        if machine.is_none() && self.made.len() >= MAX_MACHINES {
            // The one that has not been used for longest.
            self.made.remove(0);
        }
        let new = || Machine::new(self.program, variables.clone(), self.steps_of_loads);
        self.made.push(machine.unwrap_or_else(new));
        self.made.last_mut()
    }
}
