//! What each deployment gives its program, and which code that program is.

use std::collections::{BTreeMap, BTreeSet};

use facts::image::Image;
use facts::{Deployment, Description, Facts, SettingSource};
use source::tokens;

/// One way in which a deployment is described, with what that gives it.
pub(in crate::checks) struct Service<'f> {
    pub(in crate::checks) deployment: &'f Deployment,
    /// The file that describes it.
    pub(in crate::checks) description: &'f Description,
    /// Whether it may have variables that no file names: from before, or set where it starts.
    pub(in crate::checks) may_keep_more: bool,
    /// Variables by name.
    pub(in crate::checks) given: BTreeSet<&'f str>,
    /// The files of its program.
    pub(in crate::checks) code: BTreeSet<&'f str>,
}

impl Service<'_> {
    /// Whether it is given a variable with a value that is not empty.
    pub(in crate::checks) fn has(&self, name: &str) -> bool {
        self.given.contains(name) && !self.description.empty.contains(name)
    }
}

/// The deployments that files describe as such; an env file alone says nothing of what else is set.
pub(in crate::checks) struct Given<'f> {
    pub(in crate::checks) services: Vec<Service<'f>>,
}

impl<'f> Given<'f> {
    pub(in crate::checks) fn of(facts: &'f Facts) -> Self {
        let mut images: BTreeMap<&str, Vec<&Image>> = BTreeMap::new();
        for image in &facts.images {
            if let Some(service) = &image.scope.service {
                images.entry(service).or_default().push(image);
            }
        }
        let mut by_name: BTreeMap<&str, Vec<&Image>> = BTreeMap::new();
        for image in &facts.images {
            for service in &image.run_by {
                by_name.entry(service).or_default().push(image);
            }
        }
        let mut of_image: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| setting.source == SettingSource::DockerfileEnv)
        {
            of_image.entry(&setting.at.path).or_default().push(&setting.key);
        }
        let described = facts.deployments.iter().flat_map(|deployment| {
            let of_files = deployment.descriptions.iter().filter(|own| own.source != SettingSource::EnvFile);
            of_files.map(move |own| (deployment, own))
        });
        let services = described.map(|(deployment, description)| {
            let of_service = built_for(&deployment.service, &images);
            let by_image = by_name.get(deployment.service.as_str()).filter(|_| of_service.is_empty());
            let built = by_image.map_or(of_service, Vec::as_slice);
            // A command that deploys an image leaves the secrets that the service was given before.
            let may_keep_more = by_image.is_some() && description.source == SettingSource::Script
                || built.iter().any(|image| image.sets.is_none());
            let set_at_start = built.iter().flat_map(|image| image.sets.iter().flatten());
            let set_by_image =
                built.iter().filter_map(|image| of_image.get(&*image.dockerfile)).flatten().copied();
            // What the platform and the configuration set is set however the service is started.
            let everywhere =
                deployment.variables.keys().chain(&deployment.hidden).filter(|name| {
                    !deployment.descriptions.iter().any(|own| own.given.contains(name.as_str()))
                });
            let own = description.given.iter().chain(everywhere).map(String::as_str);
            Service {
                deployment,
                description,
                may_keep_more,
                given: own.chain(set_by_image).chain(set_at_start.map(String::as_str)).collect(),
                code: built.iter().flat_map(|image| image.needs.iter().map(|path| &**path)).collect(),
            }
        });
        Self { services: services.collect() }
    }

    /// Whether there are deployments and every one is given this variable.
    pub(in crate::checks) fn everywhere(&self, name: &str) -> bool {
        !self.services.is_empty() && self.services.iter().all(|service| service.given.contains(name))
    }
}

/// The images of a service; of one that is deployed under a longer name (`acme-backend-staging`) those of the only
/// service whose words are all in that name.
fn built_for<'i, 'f>(service: &str, images: &'i BTreeMap<&str, Vec<&'f Image>>) -> &'i [&'f Image] {
    if let Some(own) = images.get(service) {
        return own;
    }
    let words: BTreeSet<String> = tokens(service).collect();
    let mut fitting = images.iter().filter(|(name, _)| tokens(name).all(|word| words.contains(&word)));
    match (fitting.next(), fitting.next()) {
        (Some((_, only)), None) => only,
        _ => &[],
    }
}
