//! Cloud SQL sockets that a service is told of and not given.

use std::collections::BTreeSet;

use facts::{
    CloudRunDeploy, CommandFlag, Facts, Setting, SettingSource, TerraformAttribute, TerraformResource,
};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    let resources = modules.flat_map(|module| &module.resources).filter_map(unattached);
    let commands = facts.cloud_run_deploys.iter().filter_map(|deploy| missing(deploy, facts));
    commands.chain(resources).chain(in_yaml(facts)).collect()
}

/// Where the sockets of attached instances are.
const SOCKETS: &str = "/cloudsql/";

/// The annotation that attaches instances.
const ANNOTATION: &str = "run.googleapis.com/cloudsql-instances";

/// A service or job in Terraform that is told of a socket and attaches nothing.
fn unattached(resource: &TerraformResource) -> Option<Fault> {
    let what = match resource.kind.as_str() {
        "google_cloud_run_service" => lacks_annotation(resource),
        "google_cloud_run_v2_service" | "google_cloud_run_v2_job" => lacks_volume(resource),
        _ => None,
    }?;
    if has_proxy(resource) {
        return None;
    }
    let told = resource.attributes.iter().find(|attribute| {
        attribute.path.ends_with("containers.env.value")
            && written(attribute).is_some_and(|value| value.contains(SOCKETS))
    })?;
    let message = format!(
        "this variable leads to a Cloud SQL socket, and `{}` attaches no instance: there is no such socket in the \
         container, and every connection fails; {what} (Cloud SQL documentation, Connect from Cloud Run)",
        resource.name
    );
    let subject = format!("{}.{}", resource.kind, resource.name);
    Some(
        Fault::new(subject, told.at.clone(), message)
            .because(resource.at.clone(), "the service that is given it"),
    )
}

/// Whether a container beside the program may open sockets, as a proxy does.
pub(super) fn has_proxy(resource: &TerraformResource) -> bool {
    let mut images =
        resource.attributes.iter().filter(|attribute| attribute.path.ends_with("containers.image"));
    images.any(|image| written(image).is_some_and(|image| image.contains("proxy")))
}

fn written(attribute: &TerraformAttribute) -> Option<&str> {
    attribute.value.as_deref().or(attribute.template.as_deref())
}

/// What a service of the first kind lacks; `None` where it has it or where the annotations are not told.
fn lacks_annotation(resource: &TerraformResource) -> Option<String> {
    let mut annotations =
        resource.attributes.iter().filter(|attribute| attribute.path.contains("metadata.annotations"));
    let is_told = annotations.all(|attribute| {
        !attribute.path.ends_with(ANNOTATION)
            && (attribute.is_object || !attribute.path.ends_with("annotations"))
    });
    (is_told && !has_dynamic_blocks(resource))
        .then(|| format!("set the annotation `{ANNOTATION}` of the template"))
}

/// What a service or job of the second kind lacks: it takes a volume and its mount.
fn lacks_volume(resource: &TerraformResource) -> Option<String> {
    let has = |part: &str| resource.attributes.iter().any(|attribute| attribute.path.contains(part));
    match (has("volumes.cloud_sql_instance."), has("containers.volume_mounts.")) {
        _ if has_dynamic_blocks(resource) => None,
        (true, true) => None,
        (true, false) => Some("mount the volume at `/cloudsql` in the container".to_owned()),
        (false, _) => {
            Some("add `volumes { cloud_sql_instance { ... } }` and mount it at `/cloudsql`".to_owned())
        }
    }
}

/// Whether some of its blocks are made when Terraform runs.
fn has_dynamic_blocks(resource: &TerraformResource) -> bool {
    resource.attributes.iter().any(|attribute| attribute.path.split('.').any(|part| part == "dynamic"))
}

/// The YAML of a service that is told of a socket, in files without the annotation.
fn in_yaml(facts: &Facts) -> Vec<Fault> {
    let of_service = |setting: &&Setting| {
        setting.source == SettingSource::Yaml
            && !setting.is_template
            && setting.within.iter().any(|name| name == "serving.knative.dev/v1")
    };
    let settings: Vec<&Setting> = facts.settings.iter().filter(of_service).collect();
    let attached: BTreeSet<&str> = facts
        .settings
        .iter()
        .filter(|setting| {
            setting.key == ANNOTATION || setting.key == "image" && setting.value.contains("proxy")
        })
        .map(|setting| &*setting.at.path)
        .collect();
    // A file with the annotation and no image is laid over another one beside or above it.
    let runs = |path: &str| facts.settings_in(path).iter().any(|setting| setting.key == "image");
    let overlays: Vec<&str> = attached.iter().filter(|path| !runs(path)).map(|path| top(path)).collect();
    let told = settings.iter().filter(|setting| {
        setting.within.iter().any(|name| name == "env")
            && setting.value.contains(SOCKETS)
            && !attached.contains(&*setting.at.path)
            && !overlays.contains(&top(&setting.at.path))
    });
    let fault = |setting: &&Setting| {
        let message = format!(
            "`{}` leads to a Cloud SQL socket, and the service attaches no instance: there is no such socket in the \
             container, and every connection fails; set the annotation `{ANNOTATION}` of the template (Cloud SQL \
             documentation, Connect from Cloud Run)",
            setting.key
        );
        Fault::new(setting.key.clone(), setting.at.clone(), message)
            .in_environment(setting.scope.environment.as_deref())
    };
    told.map(fault).collect()
}

/// The outermost folder of a path.
fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn missing(deploy: &CloudRunDeploy, facts: &Facts) -> Option<Fault> {
    let attaches = deploy.flags.iter().any(|flag| flag.name.ends_with("-cloudsql-instances"));
    if attaches || !deploy.is_whole {
        return None;
    }
    let gives = |flag: &&CommandFlag| flag.name.ends_with("-env-vars");
    let here = |setting: &&Setting| {
        let at = &setting.at;
        setting.value.contains(SOCKETS)
            && deploy
                .flags
                .iter()
                .filter(gives)
                .any(|flag| flag.at.path == at.path && flag.at.line == at.line)
    };
    let setting = facts.settings.iter().find(here)?;
    let message = format!(
        "`{}` leads to a Cloud SQL socket, and the command attaches no instance: there is no such socket in the \
         container unless an earlier deployment attached it, and every connection fails; add --add-cloudsql-instances \
         (Cloud SQL documentation, Connect from Cloud Run)",
        setting.key
    );
    Some(
        Fault::new(setting.key.clone(), setting.at.clone(), message)
            .because(deploy.at.clone(), "the command that deploys")
            .in_environment(deploy.environment.as_deref()),
    )
}
