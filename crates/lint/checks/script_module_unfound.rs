//! Modules that scripts do not find, since Python looks into the folder of the script and not into the one around it.

use facts::{Facts, UnfoundModule};
use source::{directory_of, file_name};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.unfound_modules.iter().map(fault).collect()
}

fn fault(found: &UnfoundModule) -> Fault {
    let UnfoundModule { module, meant, script, .. } = found;
    let folder = directory_of(script);
    let started = script.trim_end_matches(".py").replace('/', ".");
    let message = format!(
        "`{module}` is not found where `{}` is started by its path: Python looks into `{folder}` for `{}`, and not into the \
         folder around it, so the script ends with ModuleNotFoundError. Start it as `python -m {started}`, or set PYTHONPATH",
        file_name(script),
        file_name(folder),
    );
    Fault::new(format!("{module} of {script}"), found.at.clone(), message)
        .because(found.started_at.clone(), "the script is started here")
        .because(source::Place::file(meant), "this file is meant")
}
