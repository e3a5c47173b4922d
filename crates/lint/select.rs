//! What of the rules and environments a run is asked for.

use std::collections::BTreeSet;

use facts::environment::{canonical, is_deployed};
use facts::{Facts, Problem};
use source::FileKind;

use crate::nearest::did_you_mean;
use crate::{Config, Finding, Options, Registry};

/// The environments that `--env` names, by canonical name.
pub(crate) fn environments(options: &Options) -> Vec<String> {
    options
        .environments
        .iter()
        .map(|name| canonical(name).map_or_else(|| name.clone(), str::to_owned))
        .collect()
}

/// Whether a run is asked for a finding: by its rule, and by its environment where it has one.
pub fn wanted(options: &Options) -> impl Fn(&Finding) -> bool {
    let environments = environments(options);
    move |finding| {
        let of_environment = |name: &String| environments.is_empty() || environments.contains(name);
        (options.rules.is_empty() || options.rules.contains(&finding.rule))
            && finding.environment.as_ref().is_none_or(of_environment)
    }
}

/// What was asked for by name and does not exist, each with the nearest name that does.
#[must_use]
pub fn unknown_names(options: &Options, facts: &Facts, config: &Config, registry: &Registry) -> Vec<String> {
    let rules = options.rules.iter().filter(|id| registry.get(id).is_none());
    let rules = rules.map(|id| format!("there is no rule named `{id}`.{}", did_you_mean(id, registry.ids())));
    let known = known_environments(facts, config);
    let environments = environments(options).into_iter().filter(|name| !known.contains(name.as_str()));
    let environments = environments.map(|name| {
        let hint = did_you_mean(&name, known.iter().copied());
        let listed = known.iter().copied().collect::<Vec<_>>().join(", ");
        let listed = if listed.is_empty() { "none".to_owned() } else { listed };
        format!("no file belongs to an environment named `{name}`; there are: {listed}.{hint}")
    });
    rules.chain(environments).collect()
}

fn known_environments<'f>(facts: &'f Facts, config: &'f Config) -> BTreeSet<&'f str> {
    let of_files = facts.files.iter().flat_map(|file| &file.environments);
    of_files.chain(&facts.environments).chain(config.environments.keys()).map(String::as_str).collect()
}

/// What a run has to say about its own reach: nothing to judge, or no environment known.
pub(crate) fn reach(facts: &Facts) -> Option<Problem> {
    let known = |kind| !matches!(kind, FileKind::Other | FileKind::Shipworthy);
    // What code answers in a deployment is something to judge, whatever language it is written in.
    if !facts.files.iter().any(|file| known(file.kind)) && facts.cells.is_empty() {
        let message = "nothing to judge: there is no Dockerfile, ignore file, Compose file, env file, Terraform, \
                       deployment YAML or workflow here";
        return Some(whole(message.to_owned(), true));
    }
    let of_files = facts.files.iter().flat_map(|file| &file.environments);
    if !facts.environments.is_empty() || of_files.into_iter().any(|name| is_deployed(name)) {
        return None;
    }
    let consequence = if facts.settings.iter().any(|setting| setting.scope.deployed) {
        "findings on values are warnings at most"
    } else {
        "the rules on values judged nothing"
    };
    let message = format!(
        "no deployed environment was recognised, so {consequence}; name its files in shipworthy.toml, for example: \
         [environment.staging] files = [\"config/staging/**\"]"
    );
    Some(whole(message, false))
}

/// A problem of the run as a whole.
pub(crate) fn whole(message: String, blocking: bool) -> Problem {
    Problem { path: "".into(), line: 1, message, blocking }
}
