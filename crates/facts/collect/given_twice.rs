//! Variables that a description of a container states twice: manifests, Terraform's resources, tasks of Amazon ECS.

use source::Place;
use syntax::Spanned;
use syntax::hcl::{self, Block, Body, Constant, Expression, ObjectItem};
use syntax::yaml::{NodeKind, View};

use crate::Scope;
use crate::collect::pods::pod;
use crate::given_twice::{ContainerPlatform, GivenAs, GivenTwice};
use crate::record::Document;

/// One statement of a variable.
struct Given {
    variable: String,
    by: GivenAs,
    at: Place,
}

/// The variables that containers of a manifest state twice.
#[must_use]
pub(crate) fn of_manifest(document: &Document, root: View<'_>) -> Vec<GivenTwice> {
    let Some(spec) = pod(root).and_then(|pod| pod.get("spec")) else { return Vec::new() };
    let platform =
        if is_of_cloud_run(root) { ContainerPlatform::CloudRun } else { ContainerPlatform::Kubernetes };
    let lists = ["containers", "initContainers"].into_iter().filter_map(|key| spec.get(key));
    let containers = lists.flat_map(|list| list.items());
    let given = |container: View<'_>| -> Vec<Given> {
        let variables = container.get("env").map(|list| list.items()).unwrap_or_default();
        variables.into_iter().filter_map(|variable| of_entry(document, variable)).collect()
    };
    containers.flat_map(|container| repeated(&given(container), platform)).collect()
}

/// Whether Cloud Run reads a manifest, and not Knative in a cluster of one's own: annotations and labels tell.
fn is_of_cloud_run(root: View<'_>) -> bool {
    const OWN: [&str; 2] = ["run.googleapis.com/", "cloud.googleapis.com/"];
    let described = [root.get("metadata"), pod(root).and_then(|pod| pod.get("metadata"))];
    let maps = described
        .into_iter()
        .flatten()
        .flat_map(|metadata| ["annotations", "labels"].into_iter().filter_map(move |key| metadata.get(key)));
    let mut keys = maps.flat_map(|map| map.entries());
    keys.any(|(key, _)| key.as_str().is_some_and(|key| OWN.iter().any(|own| key.starts_with(own))))
}

/// `- name: X` with `value:` or `valueFrom:`.
fn of_entry(document: &Document, variable: View<'_>) -> Option<Given> {
    let name = variable.get("name")?;
    let by = if variable.path(&["valueFrom", "secretKeyRef"]).is_some() {
        GivenAs::Secret
    } else if variable.get("valueFrom").is_some() {
        GivenAs::Other
    } else {
        let value = variable.get("value");
        let is_template = value.is_some_and(|value| matches!(value.node().kind, NodeKind::Template(_)));
        let text = value.map_or(Some(""), |value| value.as_str());
        GivenAs::Value(text.filter(|_| !is_template).map(str::to_owned))
    };
    Some(Given { variable: name.as_str()?.to_owned(), by, at: document.place(name.node().inner) })
}

/// The variables that containers of Terraform's resources state twice.
#[must_use]
pub(crate) fn of_terraform(document: &Document, body: &Body) -> Vec<GivenTwice> {
    let resources = body.blocks_of("resource").filter_map(|block| Some((block, block.labels.first()?)));
    let mut found = Vec::new();
    for (block, kind) in resources {
        let kind = kind.value.as_str();
        if kind.starts_with("google_cloud_run_") {
            of_blocks(document, &block.body, ContainerPlatform::CloudRun, &mut found);
        } else if kind.starts_with("kubernetes_") {
            of_blocks(document, &block.body, ContainerPlatform::Kubernetes, &mut found);
        } else if kind == "aws_ecs_task_definition" {
            found.extend(of_containers(document, block));
        }
    }
    found
}

/// The `env` blocks beside each other in a body, and those of the blocks inside it.
fn of_blocks(document: &Document, body: &Body, platform: ContainerPlatform, found: &mut Vec<GivenTwice>) {
    let given = body.blocks_of("env").filter_map(|env| {
        let (variable, at) = text_of(document, &env.body.attribute("name")?.value)?;
        let references = || env.body.blocks.iter().flat_map(|source| &source.body.blocks);
        let by = if references().any(|inner| inner.kind.value == "secret_key_ref") {
            GivenAs::Secret
        } else if let Some(value) = env.body.attribute("value") {
            GivenAs::Value(text_of(document, &value.value).map(|(text, _)| text))
        } else if env.body.blocks.is_empty() {
            GivenAs::Value(Some(String::new()))
        } else {
            GivenAs::Other
        };
        Some(Given { variable, by, at })
    });
    found.extend(repeated(&given.collect::<Vec<_>>(), platform));
    for inner in &body.blocks {
        of_blocks(document, &inner.body, platform, found);
    }
}

/// `container_definitions = jsonencode([{ environment = [...], secrets = [...] }])`.
fn of_containers(document: &Document, block: &Block) -> Vec<GivenTwice> {
    let Some(definitions) = block.body.attribute("container_definitions") else { return Vec::new() };
    let Expression::Call(call) = &definitions.value.value else { return Vec::new() };
    let list = call.arguments.first().filter(|_| call.name.value == "jsonencode");
    let Some(Expression::Array(containers)) = list.map(|list| &list.value) else { return Vec::new() };
    let given = |container: &Spanned<Expression>| {
        let Expression::Object(items) = &container.value else { return Vec::<Given>::new() };
        let variables = objects(items, "environment").filter_map(|variable| {
            let (name, at) = text_of(document, attribute(variable, "name")?)?;
            let value = attribute(variable, "value").and_then(|value| text_of(document, value));
            Some(Given { variable: name, by: GivenAs::Value(value.map(|(text, _)| text)), at })
        });
        let secrets = objects(items, "secrets").filter_map(|secret| {
            let (variable, at) = text_of(document, attribute(secret, "name")?)?;
            Some(Given { variable, by: GivenAs::Secret, at })
        });
        variables.chain(secrets).collect()
    };
    containers.iter().flat_map(|container| repeated(&given(container), ContainerPlatform::Ecs)).collect()
}

/// The objects of a list that an object has under a key.
fn objects<'e>(items: &'e [ObjectItem], key: &str) -> impl Iterator<Item = &'e [ObjectItem]> {
    let list = match attribute(items, key).map(|list| &list.value) {
        Some(Expression::Array(list)) => list.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|item| match &item.value {
        Expression::Object(items) => Some(items.as_slice()),
        _ => None,
    })
}

fn attribute<'e>(items: &'e [ObjectItem], key: &str) -> Option<&'e Spanned<Expression>> {
    items.iter().find(|item| item.name() == Some(key)).map(|item| &item.value)
}

/// A constant text with its place.
fn text_of(document: &Document, value: &Spanned<Expression>) -> Option<(String, Place)> {
    let span = match &value.value {
        Expression::String(text) => text.span,
        _ => value.span,
    };
    match hcl::constant(&value.value, &|_| None)? {
        Constant::String(text) => Some((text, document.place(span))),
        _ => None,
    }
}

/// The variables that one container states twice in a task definition of Amazon ECS, in JSON.
#[must_use]
pub(crate) fn of_task(document: &Document, root: View<'_>) -> Vec<GivenTwice> {
    let containers = root.get("containerDefinitions").map(|list| list.items()).unwrap_or_default();
    let given = |container: View<'_>| -> Vec<Given> {
        let list = |key: &str| container.get(key).map(|list| list.items()).unwrap_or_default();
        let secrets = list("secrets")
            .into_iter()
            .filter_map(|secret| Some(Given { by: GivenAs::Secret, ..of_entry(document, secret)? }));
        let variables = list("environment").into_iter();
        variables.filter_map(|variable| of_entry(document, variable)).chain(secrets).collect()
    };
    containers.into_iter().flat_map(|one| repeated(&given(one), ContainerPlatform::Ecs)).collect()
}

/// The variables with several statements. One that is made of its own former value is meant: `$(PATH):/opt/bin`.
fn repeated(given: &[Given], platform: ContainerPlatform) -> Vec<GivenTwice> {
    let mut found: Vec<GivenTwice> = Vec::new();
    for (index, last) in given.iter().enumerate() {
        let same = |other: &&Given| other.variable == last.variable;
        let is_last = !given.iter().skip(index + 1).any(|other| same(&other));
        let Some(first) = given.iter().take(index).find(same).filter(|_| is_last) else { continue };
        let builds_on_it =
            matches!(&last.by, GivenAs::Value(Some(text)) if text.contains(&format!("$({})", last.variable)));
        if builds_on_it || last.variable.contains(['$', '{']) {
            continue;
        }
        found.push(GivenTwice {
            variable: last.variable.clone(),
            platform,
            first: first.by.clone(),
            first_at: first.at.clone(),
            last: last.by.clone(),
            last_at: last.at.clone(),
            scope: Scope::default(),
        });
    }
    found
}
