//! `env:` of workflows at its three levels: workflow, job and step. The nearer one wins.

use std::collections::BTreeSet;

use syntax::yaml::View;

use crate::collect::workflow_steps::steps;
use crate::environment::{is_deployed, only};
use crate::record::Document;
use crate::{Role, Scope, Setting, SettingSource};

/// A job of a workflow with the environment that it is for.
pub(crate) type Job<'v> = (View<'v>, Option<&'static str>);

/// The variables that a workflow sets. Those that every nearer level sets anew reach nothing and are left out.
#[must_use]
pub(crate) fn variables(document: &Document, root: View<'_>, jobs: &[Job<'_>]) -> Vec<Setting> {
    let mut found = Vec::new();
    for (key, value) in pairs(root) {
        let readers = jobs.iter().filter(|(job, _)| !sets(*job, key));
        let environments: Vec<Option<&str>> = readers.map(|(_, environment)| *environment).collect();
        // What jobs for several environments read belongs to none.
        let every = environments.iter().all(Option::is_some);
        let environment = only(environments.iter().flatten().copied()).filter(|_| every);
        if !environments.is_empty() {
            found.extend(setting(document, "env", key, value, environment));
        }
    }
    for (job, environment) in jobs {
        let steps = steps(*job);
        for (key, value) in pairs(*job) {
            if steps.is_empty() || !steps.iter().all(|step| sets(*step, key)) {
                found.extend(setting(document, "jobs.env", key, value, *environment));
            }
        }
        let of_steps = steps.into_iter().flat_map(pairs);
        found.extend(
            of_steps.filter_map(|(key, value)| setting(document, "jobs.steps.env", key, value, *environment)),
        );
    }
    // The readers of one key may be many.
    let mut seen = BTreeSet::new();
    found.retain(|setting| seen.insert((setting.at.span.start, setting.key.clone())));
    found
}

/// The entries of `env:`.
fn pairs(level: View<'_>) -> Vec<(&str, View<'_>)> {
    let entries = level.get("env").map(|env| env.entries()).unwrap_or_default();
    entries.into_iter().filter_map(|(key, value)| Some((key.as_str()?, value))).collect()
}

fn sets(level: View<'_>, key: &str) -> bool {
    level.path(&["env", key]).is_some()
}

fn setting(
    document: &Document,
    level: &str,
    key: &str,
    value: View<'_>,
    environment: Option<&str>,
) -> Option<Setting> {
    let text = value.as_str()?;
    let node = value.node();
    let role = match Role::of_host_key(key, text) {
        // The services of the job, and proxies that a step starts, answer at the machine's own address.
        Role::Value => Role::SharedHost,
        role => role,
    };
    Some(Setting {
        key: key.to_owned(),
        within: level.split('.').map(str::to_owned).collect(),
        value: text.to_owned(),
        raw: document.slice(node.span).to_owned(),
        at: document.place(node.inner),
        scope: Scope {
            environment: environment.map(str::to_owned),
            service: None,
            deployed: environment.is_some_and(is_deployed),
        },
        source: SettingSource::Workflow,
        dialect: None,
        role,
        expands_variables: true,
        is_template: text.contains("${{"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::workflow::record;

    #[test]
    fn the_nearer_level_wins_and_the_job_tells_the_environment() {
        let text = "\
env:
  REGION: us
  URL: https://shared.example.ai
  BOTH: a
jobs:
  deploy-staging:
    env: {URL: https://staging.example.ai, TAG: x}
    steps:
      - run: ./deploy
        env: {TAG: one}
      - run: ./check
        env: {TAG: two}
  deploy-production:
    env: {REGION: eu}
    steps:
      - run: ./deploy
";
        let document = Document::new(".github/workflows/deploy.yml", text.to_owned());
        let (record, _) = record(&document);
        let told: Vec<_> = record
            .settings
            .iter()
            .map(|one| (one.key.as_str(), one.value.as_str(), one.scope.environment.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("REGION", "us", Some("staging")),
                ("URL", "https://shared.example.ai", Some("production")),
                ("BOTH", "a", None),
                ("URL", "https://staging.example.ai", Some("staging")),
                ("TAG", "one", Some("staging")),
                ("TAG", "two", Some("staging")),
                ("REGION", "eu", Some("production")),
            ]
        );
    }
}
