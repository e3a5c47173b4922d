//! Values in which a loopback address, or the name of the host, leads to a neighbour, as another file says.

use std::collections::{BTreeMap, BTreeSet};

use source::{directory_of, file_name};

use super::Part;
use crate::collect::{compose, config_maps, kustomize, tasks};
use crate::inventory::Inventory;
use crate::record::UseKind;
use crate::{Role, SettingSource};

/// Who has neighbours.
#[derive(Default)]
pub(super) struct Neighbours {
    /// By directory, the ConfigMaps that pods of several containers take variables from.
    config_maps: BTreeMap<String, BTreeSet<String>>,
    /// By env file, the hosts that the services of Compose files which use it are given addresses of.
    hosts_of_file: BTreeMap<String, Vec<String>>,
    /// The same by the directory of the Compose file, whose variables may be filled in from any env file there.
    hosts_beside: BTreeMap<String, Vec<String>>,
    /// Names of env files that containers of tasks with several are given.
    files_of_tasks: BTreeSet<String>,
}

impl Neighbours {
    pub(super) fn of(files: &BTreeMap<String, Part>, inventory: &Inventory<'_>) -> Self {
        let mut all = Self { files_of_tasks: tasks::env_files(inventory), ..Self::default() };
        for (path, part) in files {
            let directory = directory_of(path);
            if !part.record.config_maps.is_empty() {
                let taken = all.config_maps.entry(directory.to_owned()).or_default();
                taken.extend(part.record.config_maps.iter().cloned());
            }
            for service in part.record.compose_services.iter().filter(|one| !one.extra_hosts.is_empty()) {
                let hosts = &service.extra_hosts;
                all.hosts_beside.entry(directory.to_owned()).or_default().extend(hosts.iter().cloned());
                let used = part.record.uses.iter().filter(|used| {
                    matches!(&used.what, UseKind::EnvFile { service: Some(name), .. } if *name == service.name)
                });
                for used in used {
                    all.hosts_of_file.entry(used.path.clone()).or_default().extend(hosts.iter().cloned());
                }
            }
        }
        all
    }

    /// Gives the values of a file that lead to neighbours their role.
    pub(super) fn mark(&self, path: &str, part: &mut Part) {
        let settings = &mut part.record.settings;
        if kustomize::is_one(path) {
            // What it makes is taken by workloads of other folders.
            self.config_maps.values().for_each(|taken| config_maps::share_host(settings, taken));
        }
        if let Some(taken) = self.config_maps.get(directory_of(path)) {
            config_maps::share_host(settings, taken);
        }
        if self.files_of_tasks.contains(file_name(path)) {
            let values = settings
                .iter_mut()
                .filter(|one| one.source == SettingSource::EnvFile && one.role == Role::Value);
            values.for_each(|one| one.role = Role::SharedHost);
        }
        let hosts = [self.hosts_of_file.get(path), self.hosts_beside.get(directory_of(path))];
        for hosts in hosts.into_iter().flatten() {
            let leads_there = |value: &str| compose::names_a_host(hosts, value);
            settings
                .iter_mut()
                .filter(|one| one.source == SettingSource::EnvFile && leads_there(&one.value))
                .for_each(|one| one.role = Role::SharedHost);
        }
    }
}
