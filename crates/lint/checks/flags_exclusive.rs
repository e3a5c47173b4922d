//! Flags of one deploy command of which it takes one alone.

use facts::{CloudRunDeploy, CommandFlag, Facts, Given};
use serde::Deserialize;

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The groups of flags; of each group a command may use one alternative.
    #[serde(default)]
    groups: Vec<Group>,
    /// Where the command says so.
    #[serde(default)]
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Each is a list of flags that go together.
    alternatives: Vec<Vec<String>>,
}

impl Group {
    /// Which alternative a flag belongs to.
    fn alternative(&self, flag: &CommandFlag) -> Option<usize> {
        self.alternatives.iter().position(|flags| flags.contains(&flag.name))
    }
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let pairs = self.groups.iter().flat_map(|group| {
            let calls = facts.cloud_run_deploys.iter().chain(&facts.cloud_run_changes);
            calls.filter_map(move |deploy| self.in_command(group, deploy))
        });
        pairs.collect()
    }
}

impl Policy {
    /// The first flag of a command that cannot stand beside an earlier one. What follows `--container` is for that
    /// container alone.
    fn in_command(&self, group: &Group, deploy: &CloudRunDeploy) -> Option<Fault> {
        let mut containers = deploy.flags.split(|flag| flag.name == "--container");
        let (earlier, flag) = containers.find_map(|flags| clash(group, flags))?;
        let message = format!(
            "`{}` and `{}` cannot be given together: gcloud ends with \"At most one of ... can be specified\" and nothing \
             is deployed; give what both hold in one of them ({})",
            flag.name, earlier.name, self.source
        );
        let fault = Fault::new(format!("{} with {}", flag.name, earlier.name), flag.at.clone(), message)
            .because(earlier.at.clone(), "the other one is given here")
            .in_environment(deploy.environment.as_deref());
        let is_certain = |flag: &CommandFlag| matches!(flag.given, Given::Always | Given::Added);
        let is_told = |flag: &CommandFlag| flag.given != Given::Sometimes;
        let meet_always = is_certain(earlier) && is_told(flag) || is_told(earlier) && is_certain(flag);
        Some(if meet_always { fault } else { fault.at_most(Severity::Warning) })
    }
}

fn clash<'f>(group: &Group, flags: &'f [CommandFlag]) -> Option<(&'f CommandFlag, &'f CommandFlag)> {
    let own: Vec<(usize, &CommandFlag)> =
        flags.iter().filter_map(|flag| Some((group.alternative(flag)?, flag))).collect();
    let mut pairs = own.iter().enumerate().flat_map(|(index, (alternative, flag))| {
        let before = own.iter().take(index);
        before.map(move |(other, earlier)| (other != alternative, *earlier, *flag))
    });
    pairs.find_map(|(differs, earlier, flag)| {
        (differs && !earlier.excludes(flag) && !are_for_others(earlier, flag)).then_some((earlier, flag))
    })
}

/// Whether the two are given for services of different names.
fn are_for_others(one: &CommandFlag, other: &CommandFlag) -> bool {
    match (&one.given, &other.given) {
        (Given::For(some), Given::For(others)) => some.iter().all(|name| !others.contains(name)),
        _ => false,
    }
}
