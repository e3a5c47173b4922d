//! Which image a workload of Kubernetes or a service of Terraform runs.

use syntax::hcl::{self, Block, Body, Constant};
use syntax::yaml::View;

use crate::collect::pods;
use crate::record::Document;
use crate::run_command::RunCommand;
use crate::run_image::{ImageName, RunImage, Source};

/// The image of a workload's only container, where that starts what the image does by itself.
#[must_use]
pub(crate) fn of_workload(document: &Document, root: View<'_>) -> Option<RunImage> {
    let service = root.path(&["metadata", "name"])?.as_str().filter(|name| !name.contains(['$', '{']))?;
    let containers = pods::containers(root);
    let [container] = containers.as_slice() else { return None };
    if container.get("command").is_some() || container.get("args").is_some() {
        return None;
    }
    let name = ImageName::of(&document.path, container.get("image")?.as_str()?)?;
    Some(RunImage { service: service.to_owned(), what: Source::Image(name) })
}

/// The commands that the containers of a workload are started with.
#[must_use]
pub(crate) fn commands_of_workload(document: &Document, root: View<'_>) -> Vec<RunCommand> {
    pods::containers(root).into_iter().filter_map(|container| command_of(document, container)).collect()
}

fn command_of(document: &Document, container: View<'_>) -> Option<RunCommand> {
    let image = ImageName::of(&document.path, container.get("image")?.as_str()?)?;
    let words = |key: &str| -> Option<Vec<String>> {
        let items = container.get(key)?.items();
        items.iter().map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let first = container.get("command").or_else(|| container.get("args"))?.items().into_iter().next()?;
    let mounts = container.get("volumeMounts").map(|mounts| mounts.items()).unwrap_or_default();
    let paths = mounts.iter().filter_map(|mount| mount.get("mountPath")?.as_str());
    let command = RunCommand {
        image: Source::Image(image),
        build: None,
        entrypoint: words("command"),
        arguments: words("args"),
        directory: container.get("workingDir").and_then(|folder| folder.as_str()).map(str::to_owned),
        mounted: paths.map(str::to_owned).collect(),
        is_alternative: false,
        at: document.place(first.node().inner),
    };
    let is_read = command.entrypoint.is_some() || container.get("command").is_none();
    command.told().filter(|_| is_read)
}

/// The images of the Cloud Run services that a file of Terraform describes, each of one container.
#[must_use]
pub(crate) fn of_terraform(document: &Document, body: &Body) -> Vec<RunImage> {
    let services = body.blocks.iter().filter(|block| {
        let kind = block.labels.first().map_or("", |label| label.value.as_str());
        block.kind.value == "resource"
            && matches!(kind, "google_cloud_run_v2_service" | "google_cloud_run_service")
    });
    services.filter_map(|service| of_resource(document, service)).collect()
}

fn of_resource(document: &Document, resource: &Block) -> Option<RunImage> {
    let name = hcl::constant(&resource.body.attribute("name")?.value.value, &|_| None);
    let Some(Constant::String(service)) = name else { return None };
    let template = only(&resource.body, "template")?;
    let pod = only(template, "spec").unwrap_or(template);
    let container = only(pod, "containers")?;
    if container.attribute("command").is_some() || container.attribute("args").is_some() {
        return None;
    }
    let written = document.slice(container.attribute("image")?.value.span);
    let text = written.strip_prefix('"')?.strip_suffix('"')?;
    Some(RunImage { service, what: Source::Image(ImageName::of(&document.path, text)?) })
}

/// The body of the only block of a kind.
fn only<'b>(body: &'b Body, kind: &str) -> Option<&'b Body> {
    let mut blocks = body.blocks.iter().filter(|block| block.kind.value == kind);
    let first = blocks.next()?;
    blocks.next().is_none().then_some(&first.body)
}
