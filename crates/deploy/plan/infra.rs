//! The steps for Terraform: what would change is found out and judged first, and exactly that is done.

use super::{Act, Step};
use crate::State;
use crate::config::{Argv, Infra, Target};

/// Two steps for each configuration.
pub(crate) fn steps(target: &Target) -> Vec<Step> {
    let both = |(index, infra): (usize, &Infra)| {
        let name = format!("infra-{}", index + 1);
        let apply = Step::new(State::Infra, Some(&name), Act::Apply).running(vec![apply_command()]);
        [
            Step::new(State::Infra, Some(&name), Act::Prepare).running(prepare_commands(infra)),
            Step { irreversible: true, ..apply },
        ]
    };
    target.infra.iter().enumerate().flat_map(both).collect()
}

fn prepare_commands(infra: &Infra) -> Vec<Argv> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Argv>();
    let mut plan = words(&[
        "terraform",
        "plan",
        "-input=false",
        "-no-color",
        "-detailed-exitcode",
        "-lock-timeout=60s",
        "-out=<plan>",
    ]);
    plan.extend(infra.var_file.iter().map(|file| format!("-var-file={file}")));
    vec![
        words(&["terraform", "init", "-input=false", "-no-color", "-lockfile=readonly"]),
        plan,
        words(&["terraform", "show", "-json", "-no-color", "<plan>"]),
    ]
}

fn apply_command() -> Argv {
    ["terraform", "apply", "-input=false", "-no-color", "-lock-timeout=60s", "<plan>"]
        .map(str::to_owned)
        .to_vec()
}
