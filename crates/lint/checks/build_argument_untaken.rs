//! Build arguments that the Dockerfile does not take.

use facts::{Facts, SettingSource, UntakenArgument};
use source::is_illustration;

use crate::Fault;
use crate::nearest::nearest;

/// What the names of variables begin with that bundlers write into the code for browsers.
const BAKED: &[&str] = &[
    "EXPO_PUBLIC_",
    "GATSBY_",
    "NEXT_PUBLIC_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "REACT_APP_",
    "VITE_",
    "VUE_APP_",
];

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.untaken_arguments.iter();
    judged.filter(|found| !is_illustration(&found.at.path)).filter_map(|found| fault(found, facts)).collect()
}

/// Builders pass over an argument that nobody takes, and one may well be given to several Dockerfiles: it is a slip where
/// another name was meant, or where the code that is built reads it.
fn fault(found: &UntakenArgument, facts: &Facts) -> Option<Fault> {
    let UntakenArgument { name, dockerfile, .. } = found;
    let meant = meant(found);
    if meant.is_none() && !is_baked_in(name, facts) {
        return None;
    }
    let given =
        format!("`{name}` is given to the build, and {dockerfile} has no ARG of that name, so it is dropped");
    let message = match meant {
        Some(meant) => format!("{given} and `{meant}` is empty or has its default; did you mean `{meant}`?"),
        None => format!(
            "{given} and the code that is built finds no value; declare ARG {name} before the RUN that builds"
        ),
    };
    Some(Fault::new(format!("{dockerfile} {name}"), found.at.clone(), message))
}

/// The declared argument that is meant. One with a default may well be left alone: only a letter or two tell.
fn meant(found: &UntakenArgument) -> Option<&str> {
    let name = found.name.as_str();
    let is_slip =
        |other: &str| other.len().abs_diff(name.len()) <= 1 && !other.contains(name) && !name.contains(other);
    let open = found.open.iter().filter(|(other, has_default)| !has_default || is_slip(other));
    nearest(name, open.map(|(other, _)| other.as_str()))
}

/// Whether code reads a variable that is fixed when it is built, and no env file gives it.
fn is_baked_in(name: &str, facts: &Facts) -> bool {
    BAKED.iter().any(|start| name.starts_with(start))
        && facts.env_reads.iter().any(|read| read.name == name)
        && !facts
            .settings
            .iter()
            .any(|setting| setting.key == name && setting.source == SettingSource::EnvFile)
}
