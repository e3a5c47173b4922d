//! The deployments that a repository describes, with the variables that each is given.

mod companions;
mod kubernetes;
mod layers;
mod terraform;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use source::{Place, directory_of, file_name, has_word, is_test};

use super::platform::{CLOUD_RUN, CLOUD_RUN_JOBS, Given, KUBERNETES, PROVIDED, RUNNERS, platforms};
use super::variables::Variables;
use crate::collect::commands::is_preview_service;
use crate::collect::dockerfile::IN_A_BUILD;
use crate::environment::canonical;
use crate::image::Image;
use crate::record::{Use, UseKind};
use crate::{Declared, Deployment, Description, Facts, Scope, Setting, SettingSource};

/// Flags that name all variables of a service.
const SETS_ALL: &str = "--set-env-vars";

/// The deployments that the configuration declares, then those that the files describe, the first of each id.
pub(crate) fn deployments(facts: &Facts, declared: &Declared, uses: &[Use]) -> Vec<Deployment> {
    let mut deployments = declared_ones(declared);
    let mut found: BTreeMap<Key, Found> = BTreeMap::new();
    collect_settings(facts, uses, &mut found);
    collect_loading(facts, &mut found);
    terraform::collect_resources(facts, &mut found);
    kubernetes::collect_taken(facts, &mut found);
    collect_secrets(facts, &mut found);
    drop_stray(uses, &mut found);
    let described: Vec<Deployment> = with_ids(found)
        .into_par_iter()
        .map(|(id, one)| one.completed(facts, declared, uses).into_deployment(id))
        .collect();
    for one in described {
        match deployments.iter_mut().find(|known| known.id == one.id) {
            Some(known) => known.add_described(one),
            None => deployments.push(one),
        }
    }
    deployments.sort_by(|one, other| one.id.cmp(&other.id));
    deployments
}

fn declared_ones(declared: &Declared) -> Vec<Deployment> {
    let mut deployments = Vec::new();
    for (service, known) in &declared.services {
        for (environment, deploy) in &known.deploy {
            let mut variables = declared
                .environments
                .get(environment)
                .map(|known| known.variables.clone())
                .unwrap_or_default();
            variables.extend(deploy.variables.clone());
            deployments.push(Deployment {
                id: format!("{service}@{environment}"),
                service: service.clone(),
                environment: Some(environment.clone()),
                variables,
                hidden: BTreeSet::new(),
                platform: None,
                complete: deploy.complete,
                may_be_set: BTreeSet::new(),
                at: Place::file("shipworthy.toml"),
                descriptions: Vec::new(),
            });
        }
    }
    deployments
}

impl Deployment {
    /// Adds what files give a declared deployment. What the configuration says wins, and is all there is where it says so.
    fn add_described(&mut self, described: Self) {
        if self.complete {
            return;
        }
        for (name, value) in described.variables {
            self.variables.entry(name).or_insert(value);
        }
        let declared = &self.variables;
        self.hidden.extend(described.hidden.into_iter().filter(|name| !declared.contains_key(name)));
        self.may_be_set.extend(described.may_be_set.into_iter().filter(|name| !declared.contains_key(name)));
        self.platform = self.platform.or(described.platform);
    }
}

/// What is deployed: service and environment, and whether Compose starts it, whose containers are not those that a
/// platform runs under the same name.
type Key = (String, Option<String>, bool);

/// Each deployment with its id; what Compose starts beside a deployment of the same name has its file's name too.
fn with_ids(found: BTreeMap<Key, Found>) -> Vec<(String, Found)> {
    let keys: BTreeSet<Key> = found.keys().cloned().collect();
    let id = |(service, environment, is_composed): &Key, one: &Found| {
        let id = format!("{service}@{}", environment.as_deref().unwrap_or("?"));
        let beside = *is_composed && keys.contains(&(service.clone(), environment.clone(), false));
        if beside { format!("{id} ({})", one.at.path) } else { id }
    };
    found.into_iter().map(|(key, one)| (id(&key, &one), one)).collect()
}

/// Drops what only env files describe that no tool loads by their names and nothing in the repository loads, where other
/// files say what is deployed in the same environment.
fn drop_stray(uses: &[Use], found: &mut BTreeMap<Key, Found>) {
    let is_env_file = |one: &Found| one.by_file.values().all(|own| own.source == SettingSource::EnvFile);
    let described: BTreeSet<Option<String>> =
        found.values().filter(|one| !is_env_file(one)).map(|one| one.environment.clone()).collect();
    let is_loaded = |path: &str| uses.iter().any(|used| *used.path == *path) || has_usual_name(path);
    found.retain(|_, one| {
        !is_env_file(one)
            || !described.contains(&one.environment)
            || one.by_file.keys().any(|path| is_loaded(path))
    });
}

/// Whether libraries load an env file by its name: `.env`, `.env.staging`, `.env.production.local`.
fn has_usual_name(path: &str) -> bool {
    let Some(rest) = file_name(path).strip_prefix(".env") else { return false };
    let rest = rest.strip_suffix(".local").unwrap_or(rest);
    rest.is_empty() || rest.strip_prefix('.').is_some_and(|mode| canonical(mode).is_some())
}

/// A deployment that files describe.
struct Found {
    service: String,
    environment: Option<String>,
    variables: BTreeMap<String, String>,
    hidden: BTreeSet<String>,
    /// What one of its containers is given, and perhaps not the one that runs the code.
    may_be_set: BTreeSet<String>,
    platform: Option<&'static str>,
    complete: bool,
    at: Place,
    /// What each file gives, by its path.
    by_file: BTreeMap<Arc<str>, Description>,
    /// The Compose files that are started with its own and stand before it, in their order.
    layers: Vec<String>,
}

fn collect_settings(facts: &Facts, uses: &[Use], found: &mut BTreeMap<Key, Found>) {
    let names = workload_names(facts);
    let jobs = jobs(facts);
    let loaded: BTreeSet<&str> = uses
        .iter()
        .filter(|used| matches!(used.what, UseKind::EnvFile { .. }))
        .map(|used| &*used.path)
        .collect();
    for group in facts.settings.chunk_by(are_given_together) {
        let Some(first) = group.first().filter(|first| first.scope.deployed) else { continue };
        let Some((service, platform, complete)) = owner(first, &names, &loaded) else { continue };
        let is_job = jobs.contains(&(&*first.at.path, &service));
        let platform = platform.map(|platform| if is_job { CLOUD_RUN_JOBS } else { platform });
        let environment = first.scope.environment.clone();
        let key = (service.clone(), environment.clone(), first.source == SettingSource::Compose);
        let Found {
            by_file,
            variables,
            hidden,
            may_be_set,
            complete: is_complete,
            platform: known_platform,
            ..
        } = found.entry(key).or_insert_with(|| Found {
            platform,
            complete,
            ..Found::new(service, environment, &first.at)
        });
        let own = by_file
            .entry(Arc::clone(&first.at.path))
            .or_insert_with(|| described(&first.at, first.source, complete));
        // The containers of one pod have variables of their own, and which of them runs the code is not told.
        let is_further_container = first.source == SettingSource::Yaml && !own.given.is_empty();
        own.complete &= complete;
        *is_complete &= complete;
        *known_platform = known_platform.or(platform);
        for Setting { key, value, .. } in group {
            own.given.insert(key.clone());
            if value.is_empty() {
                own.empty.insert(key.clone());
            }
            // What an expression gives is not known before it runs.
            let is_composed = first.source == SettingSource::Compose && value.contains('$');
            if is_composed
                || ["${", "$(", "{{"].iter().any(|sign| value.contains(sign))
                || value.starts_with('$')
            {
                hidden.insert(key.clone());
            } else if !is_further_container {
                variables.entry(key.clone()).or_insert_with(|| value.clone());
            } else if variables.get(key).is_none_or(|known| known != value) {
                variables.remove(key);
                may_be_set.insert(key.clone());
            }
        }
    }
}

/// The jobs of Cloud Run that commands make or change, with the file of the command.
fn jobs(facts: &Facts) -> BTreeSet<(&str, &String)> {
    let calls = facts.cloud_run_changes.iter().filter(|call| call.command.is_of_job());
    calls.filter_map(|call| Some((&*call.at.path, call.service.as_ref()?))).collect()
}

/// Whether two settings of one file are given to the same thing.
fn are_given_together(one: &Setting, next: &Setting) -> bool {
    one.at.path == next.at.path
        && one.source == next.source
        && one.scope == next.scope
        && one.within == next.within
}

/// The service that a setting is given to, its platform, and whether nothing else is given to it.
fn owner(
    setting: &Setting,
    names: &BTreeMap<&str, Vec<&str>>,
    loaded: &BTreeSet<&str>,
) -> Option<(String, Option<&'static str>, bool)> {
    match setting.source {
        SettingSource::Script | SettingSource::Workflow => {
            let all = setting.within.iter().any(|flag| flag == SETS_ALL);
            Some((setting.scope.service.clone()?, Some(CLOUD_RUN), all))
        }
        SettingSource::Compose => Some((setting.scope.service.clone()?, None, true)),
        SettingSource::Yaml => workload(names, setting),
        // What tests load describes no deployment.
        SettingSource::EnvFile if is_for_tests(&setting.at.path) && !loaded.contains(&*setting.at.path) => {
            None
        }
        SettingSource::EnvFile => Some((env_file_owner(&setting.at.path), None, false)),
        _ => None,
    }
}

/// Services of Compose that are built here and set no variable by themselves: they take them from env files, or have none.
fn collect_loading(facts: &Facts, found: &mut BTreeMap<Key, Found>) {
    let loading = facts
        .compose_services
        .iter()
        .filter(|service| service.scope.deployed && service.dockerfile.is_some());
    for service in loading {
        let environment = service.scope.environment.clone();
        let key = (service.name.clone(), environment.clone(), true);
        let one = found.entry(key).or_insert_with(|| Found {
            complete: service.given.is_some() || !service.env_files.is_empty(),
            ..Found::new(service.name.clone(), environment, &service.at)
        });
        one.by_file
            .entry(Arc::clone(&service.at.path))
            .or_insert_with(|| described(&service.at, SettingSource::Compose, true));
    }
}

fn described(at: &Place, source: SettingSource, complete: bool) -> Description {
    Description {
        at: at.clone(),
        source,
        given: BTreeSet::new(),
        empty: BTreeSet::new(),
        complete,
        gives_others: false,
    }
}

/// The names of the workloads in each YAML file.
fn workload_names(facts: &Facts) -> BTreeMap<&str, Vec<&str>> {
    let with_pods = kubernetes::workloads(facts);
    let mut names = with_pods.clone();
    for setting in facts.settings.iter().filter(|setting| {
        setting.source == SettingSource::Yaml
            && setting.key == "name"
            && setting.within.len() == 2
            && setting.within.last().is_some_and(|map| map == "metadata")
            && !with_pods.contains_key(&*setting.at.path)
    }) {
        names.entry(&setting.at.path).or_default().push(&setting.value);
    }
    names
}

/// The workload that a YAML file describes: `env:` of its containers.
fn workload(
    names: &BTreeMap<&str, Vec<&str>>,
    setting: &Setting,
) -> Option<(String, Option<&'static str>, bool)> {
    // What prepares a pod has ended when the program starts.
    let is_before = setting.within.iter().any(|map| map == "initContainers");
    if is_before || setting.within.last().is_none_or(|map| map != "env") {
        return None;
    }
    let version = setting.within.first()?;
    let platform = if version.starts_with("serving.knative.dev") { CLOUD_RUN } else { KUBERNETES };
    // Of several workloads in one file it is not known which one this belongs to.
    let [name] = names.get(&*setting.at.path)?.as_slice() else { return None };
    Some(((*name).to_owned(), Some(platform), platform == CLOUD_RUN))
}

/// Whether an env file's own name says that tests load it: `.env.staging.e2e`.
fn is_for_tests(path: &str) -> bool {
    is_test(file_name(path)) || has_word(file_name(path), &["ci"])
}

/// The folder that holds an env file stands for the service.
fn env_file_owner(path: &str) -> String {
    let folder = directory_of(path);
    let name = file_name(folder);
    if name.is_empty() { "app".to_owned() } else { name.to_owned() }
}

fn collect_secrets(facts: &Facts, found: &mut BTreeMap<Key, Found>) {
    let known: BTreeSet<String> = found.values().map(|one| one.service.clone()).collect();
    for secret in &facts.secrets {
        let Some(variable) = &secret.variable else { continue };
        for ((.., is_composed), one) in &mut *found {
            // A service that nothing else describes may go by another name elsewhere.
            let service = secret.scope.service.as_ref().filter(|service| known.contains(*service));
            let same_service = service.is_none_or(|service| *service == one.service);
            let is_script = secret.source == SettingSource::Script;
            // A script's list of secrets is for whatever service the script deploys.
            let same_environment = secret.scope.environment == one.environment
                || is_script && secret.scope.environment.is_none();
            let is_any = is_script && secret.scope.service.is_none() && !is_composed;
            let near = secret.at.path == one.at.path || is_any;
            if same_service && same_environment && near {
                one.hidden.insert(variable.clone());
            }
            let by_script = is_script && service.is_none();
            for own in one.by_file.values_mut().filter(|_| same_service && same_environment) {
                if secret.at.path == own.at.path || by_script && own.source == SettingSource::Script {
                    own.given.insert(variable.clone());
                    own.empty.remove(variable);
                }
            }
        }
    }
}

impl Found {
    fn new(service: String, environment: Option<String>, at: &Place) -> Self {
        Self {
            service,
            environment,
            variables: BTreeMap::new(),
            hidden: BTreeSet::new(),
            may_be_set: BTreeSet::new(),
            platform: None,
            complete: false,
            at: at.clone(),
            by_file: BTreeMap::new(),
            layers: Vec::new(),
        }
    }

    /// With what else is given to it than its own files say.
    fn completed(mut self, facts: &Facts, declared: &Declared, uses: &[Use]) -> Self {
        self.add_unowned(facts);
        if self.by_file.values().any(|own| own.source == SettingSource::Compose) {
            self.add_layers(facts, uses);
        }
        self.add_env_files(facts, uses);
        self.add_companions(facts, uses);
        self.add_image(facts);
        if let Some(declared) = self.environment.as_ref().and_then(|name| declared.environments.get(name)) {
            for (name, value) in &declared.variables {
                self.variables.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        self.add_platform();
        self
    }

    /// Variables that a script gives to no service by name: those that it adds to the list of whatever it deploys.
    fn add_unowned(&mut self, facts: &Facts) {
        let is_for_all = |scope: &Scope| {
            scope.service.is_none() && (scope.environment.is_none() || scope.environment == self.environment)
        };
        for (path, own) in &mut self.by_file {
            let of_script = facts.settings_in(path).iter().filter(|one| one.source == SettingSource::Script);
            let added = of_script.filter(|setting| is_for_all(&setting.scope));
            own.given.extend(added.map(|setting| setting.key.clone()));
        }
    }

    /// Env files that a Compose service loads: what `environment:` does not set.
    fn add_env_files(&mut self, facts: &Facts, uses: &[Use]) {
        let mut from_files: BTreeMap<&String, &String> = BTreeMap::new();
        let files = self.layers.iter().map(String::as_str).chain([&*self.at.path]);
        let loading = files.flat_map(|file| uses.iter().filter(move |used| *used.at.path == *file));
        for used in loading {
            let UseKind::EnvFile { service, .. } = &used.what else { continue };
            if service.as_ref().is_some_and(|service| *service != self.service) {
                continue;
            }
            let lines = facts.settings_in(&used.path);
            if lines.is_empty() || facts.written_env_files.contains(&used.path) {
                // Not in the repository, or not all of it: what it sets is not known.
                self.complete = false;
            }
            // A later file wins over an earlier one.
            from_files.extend(lines.iter().map(|setting| (&setting.key, &setting.value)));
        }
        for (key, value) in from_files {
            if self.variables.contains_key(key) || self.hidden.contains(key) {
                continue;
            }
            // Compose fills in what stands for a variable.
            if value.contains('$') {
                self.hidden.insert(key.clone());
            } else {
                self.variables.insert(key.clone(), value.clone());
            }
        }
        for (path, own) in &mut self.by_file {
            own.add_env_files(&self.service, facts, uses);
            let loads_untold = facts.compose_services.iter().any(|service| {
                !service.untold_env_files.is_empty()
                    && service.name == self.service
                    && service.at.path == *path
            });
            if loads_untold {
                (own.complete, own.gives_others, self.complete) = (false, true, false);
            }
            own.gives_others |= facts.unnamed_variables.iter().any(|more| {
                more.path == *path && more.service.as_ref().is_none_or(|service| *service == self.service)
            });
        }
    }

    /// What the image of the service sets. Of several that may run, each is one by itself: what they do not agree on is
    /// set to something, and not known to what.
    fn add_image(&mut self, facts: &Facts) {
        let images: Vec<BTreeMap<&str, &str>> =
            self.dockerfiles(facts).into_iter().map(|path| set_by_image(facts, path)).collect();
        let names: BTreeSet<&str> = images.iter().flat_map(|image| image.keys().copied()).collect();
        for name in names {
            let values: BTreeSet<Option<&str>> =
                images.iter().map(|image| image.get(name).copied()).collect();
            match values.first() {
                Some(Some(only)) if values.len() == 1 && !only.contains('$') => {
                    self.variables.entry(name.to_owned()).or_insert_with(|| (*only).to_owned());
                }
                _ if self.variables.contains_key(name) => {}
                _ => {
                    self.hidden.insert(name.to_owned());
                }
            }
        }
    }

    /// The Dockerfiles that the service may be built from: those that its own files build, those of its environment,
    /// else all that are for it.
    fn dockerfiles<'f>(&self, facts: &'f Facts) -> BTreeSet<&'f str> {
        let of_service = |image: &&Image| image.is_for(&self.service);
        let images: Vec<&Image> = facts.images.iter().filter(of_service).collect();
        let is_built_here =
            |image: &Image| image.built_by.iter().any(|at| self.by_file.contains_key(&at.path));
        let is_of_environment =
            |image: &Image| image.scope.environment.is_some() && image.scope.environment == self.environment;
        let chosen = |holds: &dyn Fn(&Image) -> bool| -> BTreeSet<&'f str> {
            images.iter().filter(|image| holds(image)).map(|image| &*image.dockerfile).collect()
        };
        [chosen(&is_built_here), chosen(&is_of_environment)]
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_else(|| chosen(&|_| true))
    }

    fn add_platform(&mut self) {
        for row in PROVIDED.iter().filter(|row| Some(row.platform) == self.platform) {
            if self.variables.contains_key(row.variable) || self.hidden.contains(row.variable) {
                continue;
            }
            match row.value {
                // The number of the pull request stands behind it.
                Given::Service if is_preview_service(&self.service) => {
                    self.hidden.insert(row.variable.to_owned());
                }
                Given::Service => {
                    self.variables.insert(row.variable.to_owned(), self.service.clone());
                }
                Given::Value(value) => {
                    self.variables.insert(row.variable.to_owned(), value.to_owned());
                }
                Given::Something => {
                    self.hidden.insert(row.variable.to_owned());
                }
            }
        }
    }

    fn into_deployment(self, id: String) -> Deployment {
        let Self {
            service, environment, variables, hidden, may_be_set, platform, complete, at, by_file, ..
        } = self;
        let descriptions = by_file.into_values().collect();
        Deployment {
            id,
            service,
            environment,
            variables,
            hidden,
            platform,
            complete,
            may_be_set,
            at,
            descriptions,
        }
    }
}

/// What the last stage of a Dockerfile sets; of a variable that is set again the last value.
fn set_by_image<'f>(facts: &'f Facts, dockerfile: &str) -> BTreeMap<&'f str, &'f str> {
    let is_of_container = |setting: &&Setting| {
        setting.source == SettingSource::DockerfileEnv && !setting.within.iter().any(|map| map == IN_A_BUILD)
    };
    let set = facts.settings_in(dockerfile).iter().filter(is_of_container);
    set.map(|setting| (setting.key.as_str(), setting.value.as_str())).collect()
}

impl Description {
    /// What the env files set that this file loads for the service.
    fn add_env_files(&mut self, service: &str, facts: &Facts, uses: &[Use]) {
        for used in uses.iter().filter(|used| used.at.path == self.at.path) {
            let UseKind::EnvFile { service: loaded_by, .. } = &used.what else { continue };
            if loaded_by.as_ref().is_some_and(|loaded_by| loaded_by != service) {
                continue;
            }
            let before = self.given.len();
            self.given.extend(facts.settings_in(&used.path).iter().map(|setting| setting.key.clone()));
            // Of a file that is not in the repository, or not all of it, it is not known what it sets.
            let is_there =
                self.given.len() > before || facts.files.iter().any(|file| *file.path == *used.path);
            let is_known = is_there && !facts.written_env_files.contains(&used.path);
            self.complete &= is_known;
            self.gives_others |= !is_known;
        }
    }
}

impl Variables {
    /// The variables of a deployment. Those that only other platforms set are absent.
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let given = |name: &str| deployment.variables.contains_key(name) || deployment.hidden.contains(name);
        let platforms = platforms(deployment);
        let is_foreign = |platform: &str| {
            RUNNERS.contains(&platform) || (!platforms.is_empty() && !platforms.contains(platform))
        };
        let absent = PROVIDED
            .iter()
            .filter(|row| is_foreign(row.platform) && !given(row.variable))
            .map(|row| row.variable.to_owned());
        Self {
            known: deployment.variables.clone(),
            hidden: deployment.hidden.clone(),
            absent: absent.collect(),
            environment: None,
            complete: deployment.complete,
            may_be_set: deployment.may_be_set.clone(),
            shipped: None,
        }
    }
}
