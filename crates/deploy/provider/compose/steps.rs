//! The steps of a Compose target. Users are moved for the project as a whole.

use crate::State;
use crate::config::{Argv, Rollback, Service, Target};
use crate::plan::{Act, Step, infra, migrations, smoke};

/// Steps forward and back.
pub(crate) fn steps(target: &Target, no_cache: bool) -> (Vec<Step>, Vec<Step>) {
    let whole = |state, act| Step::new(state, None, act);
    let each = |state, act, commands: &dyn Fn(&Service) -> Vec<Argv>| -> Vec<Step> {
        let step = |service: &Service| Step::new(state, Some(&service.name), act).running(commands(service));
        target.services.iter().map(step).collect()
    };
    let mut record = vec![compose(target, &["version"], false)];
    record.extend(target.observe.clone());
    let mut steps = vec![whole(State::Recorded, Act::Record).running(record)];
    steps.extend(infra::steps(target));
    steps.extend(each(State::Built, Act::Build, &|service| vec![build(service, no_cache)]));
    steps.extend(migrations(target));
    let up =
        |service: &Service| vec![compose(target, &["up", "--detach", "--no-build", &service.service], true)];
    steps.extend(each(State::Staged, Act::Stage, &up));
    steps.extend(each(State::Healthy, Act::Check, &|_| Vec::new()));
    steps.extend(smoke(target));
    steps.push(whole(State::Promoted, Act::Shift(100)).running(target.switch.clone()));
    let confirm = |state| target.health.as_ref().map(|_| whole(state, Act::Confirm));
    steps.extend(confirm(State::Promoted));
    steps.extend((!target.soak.is_zero()).then(|| whole(State::Settled, Act::Settle)));
    let mut undo = Vec::new();
    if target.rollback == Rollback::Auto {
        undo.push(whole(State::RollingBack, Act::Restore).running(target.switch.clone()));
        undo.extend(confirm(State::RollingBack));
    }
    undo.push(whole(State::Unstaging, Act::Unstage).running(vec![compose(target, &["down"], true)]));
    (steps, undo)
}

/// A command of the Compose client; `<project>` and `<images>` are filled in when it runs.
fn compose(target: &Target, rest: &[&str], in_project: bool) -> Argv {
    let mut argv: Argv = target.client.split(' ').map(str::to_owned).collect();
    if in_project {
        let file = target.file.as_deref().unwrap_or("compose.yaml");
        let names = ["--project-name", "<project>", "--file", file, "--file", "<images>"];
        argv.extend(names.map(str::to_owned));
    }
    argv.extend(rest.iter().map(|word| (*word).to_owned()));
    argv
}

fn build(service: &Service, no_cache: bool) -> Argv {
    let mut argv = vec!["docker".to_owned(), "build".to_owned(), "--iidfile=<image>".to_owned()];
    argv.extend(no_cache.then(|| "--no-cache".to_owned()));
    argv.extend(service.dockerfile.iter().map(|file| format!("--file={file}")));
    argv.push(service.context.clone());
    argv
}
