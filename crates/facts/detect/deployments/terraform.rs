//! Services and jobs of Cloud Run as Terraform describes them: one resource is one deployment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Found, Key};
use crate::detect::platform::{CLOUD_RUN, CLOUD_RUN_JOBS, Given, PROVIDED};
use crate::terraform::{TerraformAttribute, TerraformResource};
use crate::{Description, Facts, Scope, SettingSource};

/// Kinds of resources, the blocks that hold their containers, and what runs them.
/// Source: <https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloud_run_v2_service>.
const KINDS: &[(&str, &str, &str)] = &[
    ("google_cloud_run_service", "template.spec.containers.", CLOUD_RUN),
    ("google_cloud_run_v2_service", "template.containers.", CLOUD_RUN),
    ("google_cloud_run_v2_job", "template.template.containers.", CLOUD_RUN_JOBS),
];

/// One `env` block: the variable, and its value where it is a literal.
#[derive(Default)]
struct Entry<'r> {
    /// Where the block starts.
    block: Option<usize>,
    name: Option<&'r TerraformAttribute>,
    value: Option<&'r str>,
    has_value: bool,
}

pub(super) fn collect_resources(facts: &Facts, found: &mut BTreeMap<Key, Found>) {
    for resource in facts.judged_modules().flat_map(|module| &module.resources) {
        let Some((_, containers, platform)) = KINDS.iter().find(|(kind, ..)| *kind == resource.kind) else {
            continue;
        };
        let images = format!("{containers}image");
        let count = resource.attributes.iter().filter(|attribute| attribute.path == images).count();
        let is_left_out =
            resource.attribute("count").is_some_and(|count| count.value.as_deref() == Some("0"));
        // Of several containers it is not known which one runs what.
        if count <= 1 && !is_left_out {
            add(facts, resource, containers, platform, found);
        }
    }
}

fn add(
    facts: &Facts,
    resource: &TerraformResource,
    containers: &str,
    platform: &'static str,
    found: &mut BTreeMap<Key, Found>,
) {
    let scope = scope_of(facts, resource);
    if scope.is_some_and(|scope| !scope.deployed) {
        return;
    }
    let entries = entries(resource, &format!("{containers}env."));
    // What is given nothing here is made here, and deployed with its variables by somebody else.
    if entries.is_empty() {
        return;
    }
    let is_named = entries.iter().all(|entry| entry.name.is_some_and(|name| literal(name).is_some()));
    let complete = is_named && !has_more(resource, containers);
    let (service, is_whole_name) = service_of(resource);
    let environment = scope.and_then(|scope| scope.environment.clone());
    let key = (service.clone(), environment.clone(), false);
    let one = found.entry(key).or_insert_with(|| Found {
        platform: Some(platform),
        complete,
        ..Found::new(service.clone(), environment, &resource.at)
    });
    one.complete &= complete;
    one.platform = one.platform.or(Some(platform));
    if !is_whole_name {
        let named_after =
            PROVIDED.iter().filter(|row| row.platform == platform && row.value == Given::Service);
        one.hidden.extend(named_after.map(|row| row.variable.to_owned()));
    }
    let own = one.by_file.entry(Arc::clone(&resource.at.path)).or_insert_with(|| Description {
        at: resource.at.clone(),
        source: SettingSource::Terraform,
        given: BTreeSet::new(),
        empty: BTreeSet::new(),
        complete,
        gives_others: !complete,
    });
    own.complete &= complete;
    own.gives_others |= !complete;
    for entry in entries {
        let Some(name) = entry.name.and_then(literal) else { continue };
        own.given.insert(name.to_owned());
        if entry.value == Some("") {
            own.empty.insert(name.to_owned());
        }
        match (entry.value, one.variables.get(name)) {
            (Some(value), None) => {
                one.variables.insert(name.to_owned(), value.to_owned());
            }
            (Some(value), Some(known)) if value == known => {}
            // Which of two values holds is not known.
            _ => {
                one.variables.remove(name);
                one.hidden.insert(name.to_owned());
            }
        }
    }
}

/// The environment of a resource: that of what stands in it, else of its file.
fn scope_of<'f>(facts: &'f Facts, resource: &TerraformResource) -> Option<&'f Scope> {
    let settings = facts.settings_in(&resource.at.path);
    let is_inside = |within: &[String]| {
        matches!(within, [block, kind, name, ..]
            if block == "resource" && *kind == resource.kind && *name == resource.name)
    };
    let inside = settings.iter().find(|setting| is_inside(&setting.within));
    inside.or_else(|| settings.first()).map(|setting| &setting.scope)
}

/// A value that stands there as it is.
fn literal(attribute: &TerraformAttribute) -> Option<&str> {
    attribute.value.as_deref().filter(|_| attribute.references.is_empty())
}

/// The `env` blocks of a resource, in order.
fn entries<'r>(resource: &'r TerraformResource, within: &str) -> Vec<Entry<'r>> {
    let mut entries: Vec<Entry<'r>> = Vec::new();
    let depth = within.matches('.').count().saturating_sub(1);
    for attribute in &resource.attributes {
        let Some(key) = attribute.path.strip_prefix(within) else { continue };
        let is_name = key == "name";
        // `value`, or the first attribute of what it is taken from.
        let is_value = key == "value" || key.ends_with(".secret") || key.ends_with("secret_key_ref.name");
        if !is_name && !is_value {
            continue;
        }
        let block = attribute.blocks.get(depth).copied();
        if entries.last().is_none_or(|entry| entry.block != block) {
            entries.push(Entry { block, ..Entry::default() });
        }
        let Some(entry) = entries.last_mut() else { continue };
        if is_name {
            entry.name = Some(attribute);
        } else if !entry.has_value {
            entry.has_value = true;
            entry.value = literal(attribute).filter(|_| key == "value");
        }
    }
    entries
}

/// Whether a resource may be given variables that it does not name.
fn has_more(resource: &TerraformResource, containers: &str) -> bool {
    let is_dynamic = |path: &str| {
        path.starts_with(&format!("{containers}dynamic.")) || path.contains("dynamic.content.env")
    };
    let leaves_variables = |path: &String| {
        let last = path.rsplit('.').next().unwrap_or(path);
        matches!(last.split('[').next(), Some("env" | "containers" | "spec" | "template" | "all"))
    };
    resource.attributes.iter().any(|attribute| {
        is_dynamic(&attribute.path)
            || attribute.path == "lifecycle.ignore_changes"
                && attribute.references.iter().any(leaves_variables)
    })
}

/// The name of what runs, and whether it is known as a whole: `api-${var.environment}` is `api`.
fn service_of(resource: &TerraformResource) -> (String, bool) {
    let name = resource.attribute("name");
    if let Some(whole) = name.and_then(literal) {
        return (whole.to_owned(), true);
    }
    let written = name.and_then(|name| name.template.as_deref());
    let parts =
        written.into_iter().flat_map(|written| written.split("${")).enumerate().map(|(at, part)| match at {
            0 => part,
            _ => part.split_once('}').map_or("", |(_, rest)| rest),
        });
    let mut parts = parts.map(|part| part.trim_matches('-')).filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (Some(only), None) => (only.to_owned(), false),
        _ => (resource.name.clone(), false),
    }
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, Deployment, collect};

    const SERVICE: &str = "resource \"google_cloud_run_v2_service\" \"api\" {\n  name = \"api\"\n  template {\n    \
                           containers {\n      image = \"eu.gcr.io/acme/api\"\n      env {\n        value = \"staging\"\n        \
                           name  = \"ENVIRONMENT\"\n      }\n      env {\n        name = \"KEY\"\n        value_source {\n          \
                           secret_key_ref {\n            secret  = \"key-staging\"\n            version = \"1\"\n          }\n        \
                           }\n      }\n      env {\n        name  = \"HOST\"\n        value = var.host\n      }\n    }\n  }\n}\n";

    fn deployed(text: &str) -> Vec<Deployment> {
        let tree: Memory = [("environments/staging/main.tf", text)].into_iter().collect();
        collect(&tree, &Declared::default()).deployments
    }

    #[test]
    fn a_resource_is_a_deployment_with_all_that_it_names() {
        let found = deployed(SERVICE);
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.id.as_str(), one.complete), ("api@staging", true));
        assert_eq!(one.variables.get("ENVIRONMENT").map(String::as_str), Some("staging"));
        assert_eq!(one.variables.get("K_SERVICE").map(String::as_str), Some("api"));
        assert!(one.hidden.contains("KEY") && one.hidden.contains("HOST"));
    }

    #[test]
    fn a_variable_without_a_value_takes_none_of_its_neighbour() {
        let empty =
            "      env {\n        name = \"EMPTY\"\n      }\n      env {\n        value = \"staging\"";
        let found = deployed(&SERVICE.replacen("      env {\n        value = \"staging\"", empty, 1));
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(one.variables.get("ENVIRONMENT").map(String::as_str), Some("staging"));
        assert!(!one.variables.contains_key("EMPTY"));
    }

    #[test]
    fn what_is_named_elsewhere_keeps_it_from_being_all() {
        let dynamic = SERVICE.replace(
            "      env {\n        name  = \"HOST\"",
            "      dynamic \"env\" {\n        name  = \"HOST\"",
        );
        let ignored = SERVICE.replace(
            "  template {\n",
            "  lifecycle {\n    ignore_changes = [template[0].containers[0].env]\n  }\n  template {\n",
        );
        let image = ignored.replace(".env]", ".image]");
        let complete = |text: &str| deployed(text).iter().map(|one| one.complete).collect::<Vec<_>>();
        assert_eq!(
            (complete(&dynamic), complete(&ignored), complete(&image)),
            (vec![false], vec![false], vec![true])
        );
        let none = SERVICE.replace("  name = \"api\"\n", "  name = \"api\"\n  count = 0\n");
        assert_eq!(complete(&none), [false; 0]);
        let (skeleton, _) = SERVICE.split_once("      env {").unwrap();
        assert_eq!(complete(&format!("{skeleton}    }}\n  }}\n}}\n")), [false; 0]);
    }

    #[test]
    fn a_name_that_is_put_together_is_known_in_part() {
        let found =
            deployed(&SERVICE.replace("\"api\"\n  template", "\"web-${var.environment}\"\n  template"));
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((one.id.as_str(), one.variables.get("K_SERVICE")), ("web@staging", None));
        assert!(one.hidden.contains("K_SERVICE"));
    }
}
