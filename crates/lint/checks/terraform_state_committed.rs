//! Terraform's state among the files of the repository.

use facts::Facts;
use source::{Place, directory_of};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    // A state beside no configuration is data of something else.
    let of_module = facts.state_files.iter().filter(|path| facts.module(directory_of(path)).is_some());
    let fault = |path: &std::sync::Arc<str>| {
        let message = "Terraform's state lies in the repository: it holds every value that the resources have, \
                       passwords among them, in plain text; and who applies with an older copy of it makes again, or \
                       destroys, what others have made since. Move it to a backend, and drop it with `git \
                       rm --cached`";
        Fault::new("state", Place::file(path), message)
    };
    of_module.map(fault).collect()
}
