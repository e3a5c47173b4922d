//! Variables that a platform sets itself and refuses to take.

use facts::{CommandFlag, Facts, Role, Setting, SettingSource, TerraformResource};
use serde::Deserialize;
use source::Place;

use crate::Fault;
use crate::check::Check;
use crate::platform::reserved::{RESERVED, Reserved};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// The platforms that are judged: `cloud-run`, `aws-lambda`.
    #[serde(default)]
    platforms: Vec<String>,
}

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        let rows =
            || RESERVED.iter().filter(|row| self.platforms.iter().any(|platform| platform == row.platform));
        let of_cloud_run = || rows().filter(|row| row.platform == CLOUD_RUN);
        let settings =
            facts.settings.iter().filter(|setting| gives_cloud_run(setting)).filter_map(|setting| {
                let row = of_cloud_run().find(|row| row.name == setting.key)?;
                (!is_in_table(setting) || is_handed_over(setting, facts)).then_some(())?;
                (setting.role != Role::SharedHost || !is_of_one_container(row)).then_some(())?;
                Some(fault(row, &setting.at).in_environment(setting.scope.environment.as_deref()))
            });
        let modules = facts.judged_modules();
        let services =
            modules.flat_map(|module| &module.resources).filter(|resource| is_service(&resource.kind));
        let resources = services.flat_map(|service| {
            let is_alone = images(service) < 2;
            let rows = of_cloud_run().filter(move |row| is_alone || !is_of_one_container(row));
            let rows: Vec<&Reserved> = rows.collect();
            names(service).filter_map(move |(name, at)| {
                rows.iter().find(|row| row.name == name).map(|row| fault(row, at))
            })
        });
        let of_lambda: Vec<&Reserved> = rows().filter(|row| row.platform == LAMBDA).collect();
        let functions = facts
            .judged_modules()
            .flat_map(|module| &module.resources)
            .filter(|resource| resource.kind == "aws_lambda_function")
            .flat_map(|function| given_to_function(function, &of_lambda));
        resources.chain(settings).chain(functions).collect()
    }
}

const CLOUD_RUN: &str = "cloud-run";
const LAMBDA: &str = "aws-lambda";

/// The reserved ones among the variables of a function.
fn given_to_function(function: &TerraformResource, rows: &[&Reserved]) -> Vec<Fault> {
    let given = function.attributes.iter().filter_map(|attribute| {
        let name = attribute.path.strip_prefix("environment.variables.")?;
        Some((rows.iter().find(|row| row.name == name)?, &attribute.at))
    });
    given.map(|(row, at)| fault(row, at)).collect()
}

/// Whether a variable is that of the container alone which requests reach; one beside it may be given its own.
fn is_of_one_container(row: &Reserved) -> bool {
    row.name == "PORT"
}

fn images(service: &TerraformResource) -> usize {
    service.attributes.iter().filter(|attribute| attribute.path.ends_with("containers.image")).count()
}

/// A flag of a deploy command, or a variable in a service's YAML.
fn gives_cloud_run(setting: &Setting) -> bool {
    let within = |test: fn(&str) -> bool| setting.within.iter().any(|name| test(name));
    match setting.source {
        SettingSource::Script => is_in_table(setting) || within(is_env_flag),
        SettingSource::Yaml => {
            within(|name| name == "serving.knative.dev/v1") && within(|name| name == "env")
        }
        _ => false,
    }
}

fn is_env_flag(name: &str) -> bool {
    matches!(name, "--set-env-vars" | "--update-env-vars")
}

/// An entry of a dictionary of a deploy script, which is for one service.
fn is_in_table(setting: &Setting) -> bool {
    setting.source == SettingSource::Script
        && setting.scope.service.is_some()
        && !setting.within.iter().any(|name| name.starts_with('-'))
}

/// Whether the same script hands its tables to Cloud Run as they stand.
fn is_handed_over(setting: &Setting, facts: &Facts) -> bool {
    let mut calls = facts.cloud_run_deploys.iter().filter(|call| call.at.path == setting.at.path);
    calls.any(|call| {
        let joins = |flag: &CommandFlag| is_env_flag(&flag.name) && flag.value.is_none();
        call.flags.iter().any(joins) && !call.spoken_of.contains(&setting.key)
    })
}

/// Jobs are given no port, and may have a variable of that name.
fn is_service(kind: &str) -> bool {
    matches!(kind, "google_cloud_run_service" | "google_cloud_run_v2_service")
}

fn names(service: &TerraformResource) -> impl Iterator<Item = (&str, &Place)> {
    let names = service.attributes.iter().filter(|attribute| attribute.path.ends_with("containers.env.name"));
    names.filter_map(|attribute| Some((attribute.value.as_deref()?, &attribute.at)))
}

fn fault(row: &Reserved, at: &Place) -> Fault {
    let message = format!(
        "`{}` is set by {} itself and may not be given: the deployment is refused ({}); {}",
        row.name, row.people, row.source, row.instead
    );
    Fault::new(row.name, at.clone(), message)
}
