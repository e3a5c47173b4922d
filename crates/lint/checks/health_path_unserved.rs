//! Health checks that ask for a path which no code serves.

use facts::{Facts, UnservedPath};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    facts.unserved_paths.iter().map(fault).collect()
}

fn fault(unserved: &UnservedPath) -> Fault {
    let UnservedPath { path, at, dockerfile, framework } = unserved;
    let part = path.rsplit('/').next().unwrap_or(path);
    let message = format!(
        "the health check asks for `{path}`, and no code in the context of `{dockerfile}` holds `{part}`: the answer is 404, \
         and the container is never healthy"
    );
    Fault::new(path.clone(), at.clone(), message)
        .because(framework.clone(), "the program's routes stand in its own code")
}
