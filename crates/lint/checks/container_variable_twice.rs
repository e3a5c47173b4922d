//! Variables that the description of one container states twice.

use facts::{ContainerPlatform, Facts, GivenAs, GivenTwice};

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let aside = |path: &str| {
        facts
            .modules
            .iter()
            .any(|module| module.is_set_aside && source::directory_of(path) == module.directory)
    };
    let given = facts.given_twice.iter().filter(|given| given.scope.deployed && !aside(&given.last_at.path));
    given.filter_map(fault).collect()
}

fn fault(given: &GivenTwice) -> Option<Fault> {
    let (consequence, severity) = consequence(given)?;
    let message = format!(
        "the container is given `{}` here, {}, and {} before: {consequence}. Keep one of the two",
        given.variable,
        told(&given.last),
        told(&given.first),
    );
    let fault = Fault::new(given.variable.clone(), given.last_at.clone(), message)
        .in_environment(given.scope.environment.as_deref())
        .because(given.first_at.clone(), format!("`{}` is given here before", given.variable));
    Some(fault.at_most(severity))
}

/// What comes of it; `None` where both statements say the same and the platform takes them.
///
/// Sources: Kubernetes, <https://github.com/kubernetes/kubernetes/issues/58477>; ECS answers "Duplicate secret names found" and
/// "The secret name must be unique and not shared with any new or existing environment variables".
fn consequence(given: &GivenTwice) -> Option<(&'static str, Severity)> {
    let has_secret = [&given.first, &given.last].contains(&&GivenAs::Secret);
    let is_mixed = has_secret && given.first != given.last;
    let is_known_to_differ = match (&given.first, &given.last) {
        (GivenAs::Value(first), GivenAs::Value(last)) => first.is_none() || first != last,
        _ => true,
    };
    Some(match given.platform {
        ContainerPlatform::CloudRun if is_mixed => (
            "Cloud Run takes a variable either as a literal or from a secret and refuses the revision",
            Severity::Error,
        ),
        ContainerPlatform::Ecs if has_secret => (
            "Amazon ECS refuses the task definition, in which the name of a secret may stand once and for no other variable",
            Severity::Error,
        ),
        _ if !is_known_to_differ => return None,
        ContainerPlatform::CloudRun | ContainerPlatform::Ecs => {
            ("the program reads one of the two, and no file says which", Severity::Warning)
        }
        ContainerPlatform::Kubernetes => (
            "the last one holds until `kubectl apply` merges the list by name, which may drop both when one of them goes",
            Severity::Warning,
        ),
    })
}

fn told(given: &GivenAs) -> &'static str {
    match given {
        GivenAs::Value(_) => "as a value",
        GivenAs::Secret => "from a secret",
        GivenAs::Other => "from something else",
    }
}
