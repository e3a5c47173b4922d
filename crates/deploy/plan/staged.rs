//! The steps for platforms that can run a version before it has users: stage all, check all, then promote one after the
//! other, and back in the opposite order.

use super::{Act, Step};
use crate::State;
use crate::config::{Argv, Rollback, Service, Target};

/// The commands with which a platform does an act for a service.
pub(crate) type Commands<'c> = dyn Fn(Act, &Service) -> Vec<Argv> + 'c;

/// What a platform needs to be told.
pub(crate) struct Staged<'s> {
    /// Whether images are built here.
    pub(crate) builds: bool,
    /// Whether the health of what users see can be asked for.
    pub(crate) confirms: bool,
    /// The commands of each act.
    pub(crate) commands: &'s Commands<'s>,
}

/// Steps forward.
pub(crate) fn steps(target: &Target, staged: &Staged<'_>) -> Vec<Step> {
    let mut steps = each(target, State::Recorded, Act::Record, staged);
    steps.extend(super::infra::steps(target));
    if staged.builds {
        steps.extend(each(target, State::Built, Act::Build, staged));
        steps.extend(each(target, State::Pushed, Act::Push, staged));
    }
    steps.extend(super::migrations(target));
    steps.extend(each(target, State::Staged, Act::Stage, staged));
    steps.extend(each(target, State::Healthy, Act::Check, staged));
    steps.extend(super::smoke(target));
    for share in &target.canary {
        steps.extend(each(target, State::Canary, Act::Shift(*share), staged));
    }
    steps.extend(each(target, State::Promoted, Act::Shift(100), staged));
    if staged.confirms {
        steps.extend(each(target, State::Promoted, Act::Confirm, staged));
    }
    if !target.soak.is_zero() {
        steps.extend(each(target, State::Settled, Act::Settle, staged));
    }
    steps
}

/// Steps back.
pub(crate) fn undo(target: &Target, staged: &Staged<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if target.rollback == Rollback::Auto {
        steps.extend(each(target, State::RollingBack, Act::Restore, staged));
    }
    steps.extend(each(target, State::Unstaging, Act::Unstage, staged));
    steps.reverse();
    steps.sort_by_key(|step| step.act != Act::Restore);
    steps
}

fn each(target: &Target, state: State, act: Act, staged: &Staged<'_>) -> Vec<Step> {
    let step = |service: &Service| {
        Step::new(state, Some(&service.name), act).running((staged.commands)(act, service))
    };
    target.services.iter().map(step).collect()
}
