//! Variables of a Compose file that its env files do not have.

use std::collections::{BTreeMap, BTreeSet};

use facts::environment::is_deployed;
use facts::{ComposeVariable, Facts, Setting, SettingSource};
use serde::Deserialize;
use source::{directory_of, file_name};

use crate::check::{Check, CheckContext};
use crate::nearest::nearest;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    /// Variables that shells and Compose itself set; a name that ends in `*` is a beginning.
    provided: Vec<String>,
    /// Which part of a file's variables its env files must have before the rest counts as forgotten, from 0 to 1.
    share: f64,
    /// The same for a file that is not known to be deployed and has a `.env` beside it.
    share_of_env: f64,
    /// How many of its variables that `.env` must have.
    least_of_env: usize,
}

pub(super) fn build(policy: &toml::Table, _: CheckContext<'_>) -> Result<Box<dyn Check>, String> {
    Ok(Box::new(super::policy::<Policy>(policy)?))
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let mut by_file: BTreeMap<&str, Vec<&ComposeVariable>> = BTreeMap::new();
        for variable in &facts.compose_variables {
            by_file.entry(&variable.at.path).or_default().push(variable);
        }
        if by_file.is_empty() {
            return Vec::new();
        }
        let elsewhere = by_jobs_and_scripts(facts);
        let judged = by_file.into_iter();
        judged.flat_map(|(path, variables)| self.of_file(facts, path, &variables, &elsewhere)).collect()
    }
}

impl Policy {
    /// `elsewhere`: what else may set a variable.
    fn of_file(
        &self,
        facts: &Facts,
        path: &str,
        variables: &[&ComposeVariable],
        elsewhere: &BTreeSet<&str>,
    ) -> Vec<Fault> {
        let is_deployed = variables.iter().any(|variable| variable.scope.deployed);
        let known = in_env_files(facts, path, is_deployed);
        let mut names: BTreeMap<&str, &ComposeVariable> = BTreeMap::new();
        for variable in variables.iter().filter(|variable| !self.is_provided(&variable.name)) {
            names.entry(&variable.name).or_insert(variable);
        }
        let is_known = |name: &str| known.contains_key(name) || elsewhere.contains(name);
        let (with, without): (Vec<&str>, Vec<&str>) = names.keys().partition(|name| is_known(name));
        #[expect(clippy::cast_precision_loss, reason = "a file names few variables")]
        let share = with.len() as f64 / (with.len() + without.len()).max(1) as f64;
        let Some(shown) = with.iter().find_map(|name| known.get(name)) else { return Vec::new() };
        let (share_asked, least) =
            if is_deployed { (self.share, 1) } else { (self.share_of_env, self.least_of_env) };
        if share < share_asked || with.len() < least {
            return Vec::new();
        }
        let forgotten = without.iter().filter_map(|name| names.get(name));
        forgotten.map(|variable| fault(variable, shown, known.keys().copied())).collect()
    }

    fn is_provided(&self, name: &str) -> bool {
        self.provided.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == known,
        })
    }
}

/// What the env files beside a Compose file set. Compose reads the `.env` of the project; which one that is for a deployed
/// file the one who starts it says, and a template tells what it holds.
fn in_env_files<'f>(facts: &'f Facts, path: &str, is_deployed: bool) -> BTreeMap<&'f str, &'f Setting> {
    let folder = directory_of(path);
    let beside = facts.settings.iter().filter(|setting| {
        let file = &setting.at.path;
        setting.source == SettingSource::EnvFile
            && directory_of(file) == folder
            && (is_deployed || file_name(file) == ".env")
    });
    let mut known: BTreeMap<&str, &Setting> = BTreeMap::new();
    for setting in beside {
        known.entry(&setting.key).or_insert(setting);
    }
    known
}

/// What a job or a script sets, which may start the services with its own variables; one that tests starts others.
fn by_jobs_and_scripts(facts: &Facts) -> BTreeSet<&str> {
    let set = facts.settings.iter().filter(|setting| match setting.source {
        SettingSource::Script => true,
        SettingSource::Workflow => setting.scope.environment.as_deref().is_none_or(is_deployed),
        _ => false,
    });
    set.map(|setting| setting.key.as_str()).collect()
}

fn fault<'n>(variable: &ComposeVariable, shown: &Setting, known: impl Iterator<Item = &'n str>) -> Fault {
    let name = &variable.name;
    let meant = nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    let message = format!(
        "`{name}` has no default, and the env files beside this one do not have it: unless something else sets \
        it, Compose warns and puts an empty string in its place{meant}"
    );
    Fault::new(name.clone(), variable.at.clone(), message)
        .in_environment(variable.scope.environment.as_deref())
        .at_most(Severity::Warning)
        .because(shown.at.clone(), format!("other variables of the file are set here, as `{}`", shown.key))
}
