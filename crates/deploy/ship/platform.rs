//! Which provider serves a target.

use std::cell::RefCell;
use std::rc::Rc;

use crate::command_runner::CommandRunner;
use crate::config::{ProviderKind, Target};
use crate::plan::staged::{self, Staged};
use crate::plan::{Plan, Step};
use crate::provider::Provider;
use crate::provider::cloud_run::{self, CloudRun};
use crate::provider::command::{self, Commands};
use crate::provider::compose::{self, Compose};
use crate::provider::simulator::{Manner, Simulator, World};

/// Whether this version can do everything that the target asks for. Nothing is ever left out in silence.
pub(super) fn possible(target: &Target) -> Result<(), String> {
    match target.provider {
        ProviderKind::Simulator => simulated(target).map(drop),
        ProviderKind::Command | ProviderKind::Terraform | ProviderKind::Compose => Ok(()),
        ProviderKind::CloudRun => match target.services.iter().find(|service| service.image.is_none()) {
            Some(service) => {
                Err(format!("the service `{}` of `{}` needs an `image`", service.name, target.name))
            }
            None => Ok(()),
        },
    }
}

/// The steps forward and back.
pub(super) fn steps(target: &Target, no_cache: bool) -> (Vec<Step>, Vec<Step>) {
    match target.provider {
        ProviderKind::CloudRun => cloud_run::steps(target, no_cache),
        ProviderKind::Compose => compose::steps(target, no_cache),
        ProviderKind::Command | ProviderKind::Terraform => command::steps(target),
        ProviderKind::Simulator => {
            let target = with_service(target);
            let staged = Staged { builds: true, confirms: false, commands: &|_, _| Vec::new() };
            (staged::steps(&target, &staged), staged::undo(&target, &staged))
        }
    }
}

/// A simulated target need not name services.
fn with_service(target: &Target) -> Target {
    let mut target = target.clone();
    if target.services.is_empty() {
        target.services.push(crate::config::Service::named("app"));
    }
    target
}

/// The provider itself.
pub(super) fn provider(target: &Target, plan: &Plan, runner: CommandRunner) -> Box<dyn Provider> {
    match target.provider {
        ProviderKind::Simulator => {
            let target = with_service(target);
            let world = World::with(target.services.iter().map(|service| service.name.as_str()));
            let manners = simulated(&target).unwrap_or_default();
            let script = Box::new(move |step: &Step, times: usize| {
                let asked = manners.iter().find(|(state, _)| *state == step.state.to_string());
                asked.filter(|_| times == 0).map_or(Manner::Ok, |(_, manner)| *manner)
            });
            Box::new(Simulator::new(Rc::new(RefCell::new(world)), &plan.mark(), script).helped(runner))
        }
        ProviderKind::CloudRun => Box::new(CloudRun::new(target, plan, runner)),
        ProviderKind::Compose => Box::new(Compose::new(target, plan, runner)),
        _ => {
            let marks = [plan.commit.clone(), plan.id.clone()];
            Box::new(Commands::new(target, &plan.commit, marks, runner))
        }
    }
}

/// How the simulator answers, by the name of a state.
fn simulated(target: &Target) -> Result<Vec<(String, Manner)>, String> {
    let one = |(state, manner): (&String, &String)| {
        let known = Manner::ALL.iter().find(|(name, _)| name == manner);
        let names: Vec<&str> = Manner::ALL.iter().map(|(name, _)| *name).collect();
        let wrong = || format!("`replies.{state}` is `{manner}`, which is none of {}", names.join(", "));
        known.map(|(_, manner)| (state.to_uppercase(), *manner)).ok_or_else(wrong)
    };
    target.replies.iter().map(one).collect()
}
