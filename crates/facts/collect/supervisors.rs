//! Programs that start several others in one container, which then find each other at its loopback address.

use crate::images::ReadDockerfile;

/// Programs by the words that install, configure or start them.
const SUPERVISORS: &[&str] = &[
    "circusd",
    "goreman",
    "honcho",
    "monit",
    "multirun",
    "overmind",
    "process-compose",
    "runit",
    "runsvdir",
    "s6-overlay",
    "s6-svscan",
    "supervisor",
    "supervisord",
    "supervisord.conf",
    "svscan",
];

/// Whether one of these stages has such a program.
pub(crate) fn has_supervisor(read: &ReadDockerfile, stages: &[usize]) -> bool {
    let mut instructions = stages.iter().flat_map(|stage| read.parsed.tree.instructions_of(*stage));
    instructions.any(|(_, instruction)| names_one(read.document.slice(instruction.span)))
}

fn names_one(instruction: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    instruction.split(|letter| !is_part(letter)).any(|word| SUPERVISORS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::names_one;

    #[test]
    fn a_supervisor_is_told_by_a_whole_word() {
        assert!(names_one("RUN apt-get install -y nginx supervisor && rm -rf /var/lib/apt/lists/*"));
        assert!(names_one("CMD [\"/usr/bin/supervisord\", \"-n\"]"));
        assert!(!names_one("RUN pip install monitoring supervisor-client"));
    }
}
