//! The configuration as the collection of facts sees it.

use facts::{Declared, DeclaredDeployment, DeclaredEnvironment, DeclaredService};

use super::{Config, Deploy, Environment, Service, Written};
use crate::pattern;

pub(super) fn of(config: &Config) -> Declared {
    Declared {
        exclude: pattern::set(&config.exclude),
        environments: config
            .environments
            .iter()
            .map(|(name, one)| (name.clone(), environment(one)))
            .collect(),
        services: config.services.iter().map(|(name, one)| (name.clone(), service(one))).collect(),
        dialect: None,
    }
}

fn environment(environment: &Environment) -> DeclaredEnvironment {
    DeclaredEnvironment {
        files: pattern::set(&environment.files),
        file_patterns: environment.files.iter().map(|pattern| pattern.text.clone()).collect(),
        deployed: environment.deployed,
        hosts: environment.hosts.clone(),
        variables: environment.variables.clone(),
    }
}

fn service(service: &Service) -> DeclaredService {
    let text = |written: &Option<Written>| written.as_ref().map(|written| written.text.clone());
    DeclaredService {
        paths: pattern::set(&service.paths),
        path_patterns: service.paths.iter().map(|pattern| pattern.text.clone()).collect(),
        dockerfile: text(&service.dockerfile),
        context: text(&service.context),
        builder: service.builder.clone(),
        deploy: service.deploy.iter().map(|(name, one)| (name.clone(), deployment(one))).collect(),
    }
}

fn deployment(deploy: &Deploy) -> DeclaredDeployment {
    DeclaredDeployment {
        variables: deploy.variables.clone(),
        complete: deploy.complete,
        url: deploy.url.clone(),
    }
}
