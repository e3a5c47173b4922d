//! Paths that health checks ask, and whether any code speaks of them.

use memchr::memmem;
use source::{Entry, EntryKind, FileKind, MAX_CODE_BYTES, Place, directory_of, file_name, is_backup};

use crate::collect::ports::path_of;
use crate::compose_service::Stated;
use crate::container::image_name;
use crate::image::Image;
use crate::inventory::Inventory;
use crate::ports::{AskedPath, UnservedPath};
use crate::{Facts, TerraformResource};

/// Modules of web frameworks in which every path stands in the program's own code.
const FRAMEWORKS: &[&str] =
    &["fastapi", "flask", "starlette", "sanic", "bottle", "aiohttp", "express", "fastify", "koa"];

/// Last parts of paths that frameworks and their plugins serve by themselves.
const SERVED_ANYWAY: &[&str] =
    &["docs", "redoc", "openapi.json", "metrics", "graphql", "favicon.ico", "robots.txt"];

/// The most files that are looked into for one path; of more nothing is said.
const MOST_FILES: usize = 5_000;

/// The paths that the health checks of images ask and whose last part stands in no code of their context. A part is
/// searched for as plain text, so that no way to write a route is missed: what speaks of it may serve it.
#[must_use]
pub(crate) fn unserved(inventory: &Inventory<'_>, facts: &Facts) -> Vec<UnservedPath> {
    let own = facts
        .dockerfile_ports
        .iter()
        .filter_map(|ports| Some((ports.dockerfile.as_str(), ports.health_path.as_ref()?)));
    let composed = facts.compose_services.iter();
    let composed =
        composed.filter_map(|service| Some((service.dockerfile.as_deref()?, service.health_path.as_ref()?)));
    let in_terraform = terraform_paths(facts);
    let of_platforms = facts.asked_paths.iter().chain(&in_terraform);
    let of_platforms =
        of_platforms.filter_map(|asked| Some((dockerfile_of(facts, &asked.image)?, &asked.path)));
    let mut found: Vec<UnservedPath> = own
        .chain(composed)
        .chain(of_platforms)
        .filter_map(|(dockerfile, asked)| {
            let part = asked.value.rsplit('/').next()?;
            if part.is_empty() || SERVED_ANYWAY.contains(&part) {
                return None;
            }
            let images: Vec<&Image> =
                facts.images.iter().filter(|image| *image.dockerfile == *dockerfile).collect();
            let framework = images.iter().find_map(|image| framework(facts, image))?;
            let is_served = images.iter().any(|image| speaks_of(inventory, image, part));
            (!is_served).then(|| UnservedPath {
                path: asked.value.clone(),
                at: asked.at.clone(),
                dockerfile: dockerfile.to_owned(),
                framework,
            })
        })
        .collect();
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found.dedup();
    found
}

/// The paths that the probes of Cloud Run's services ask, as Terraform describes them.
fn terraform_paths(facts: &Facts) -> Vec<AskedPath> {
    const PROBES: [&str; 2] = ["startup_probe", "liveness_probe"];
    let resources = facts.judged_modules().flat_map(|module| &module.resources);
    let services = resources.filter(|resource| resource.kind == "google_cloud_run_v2_service");
    let of_service = |resource: &TerraformResource| {
        let image = resource.attribute("template.containers.image");
        let image = image.and_then(|image| image.value.clone().or_else(|| image.template.clone()));
        // Of several containers each has an image of its own.
        let containers = resource.attributes.iter();
        let count = containers.filter(|attribute| attribute.path == "template.containers.image").count();
        let asked = PROBES.iter().filter_map(|probe| {
            let path = resource.attribute(&format!("template.containers.{probe}.http_get.path"))?;
            let value = path_of(path.value.as_deref()?)?;
            let path = Stated { value, at: path.at.clone() };
            Some(AskedPath { image: image.clone().filter(|_| count == 1)?, path })
        });
        asked.collect::<Vec<_>>()
    };
    services.flat_map(of_service).collect()
}

/// The only Dockerfile whose folder or service has the name of an image: `eu.gcr.io/acme/api:1` of `api/Dockerfile`.
fn dockerfile_of<'f>(facts: &'f Facts, image: &str) -> Option<&'f str> {
    let whole = image_name(image);
    // Without a registry of one's own an image with an owner may be anybody's.
    let is_of_hub = whole.split_once('/').is_some_and(|(first, _)| !first.contains(['.', ':', '$', '{']));
    let name = file_name(whole);
    if is_of_hub || name.is_empty() || name.contains(['$', '{', '<', '%']) {
        return None;
    }
    let is_one = |built: &&Image| {
        built.scope.service.as_deref() == Some(name)
            || file_name(directory_of(&built.dockerfile)) == name
            || file_name(&built.context) == name
    };
    let mut fitting: Vec<&str> = facts.images.iter().filter(is_one).map(|built| &*built.dockerfile).collect();
    fitting.sort_unstable();
    fitting.dedup();
    if let [only] = fitting.as_slice() { Some(*only) } else { None }
}

/// Where the code that an image starts imports a web framework.
fn framework(facts: &Facts, image: &Image) -> Option<Place> {
    if image.entry.is_empty() || !image.context_is_certain {
        return None;
    }
    image.needs.iter().find_map(|path| {
        let start = facts.imports.partition_point(|import| *import.at.path < **path);
        let own = facts.imports.get(start..)?.iter().take_while(|import| import.at.path == *path);
        let mut of_framework = own.filter(|import| {
            let package = import.module.split(['.', '/']).next().unwrap_or("");
            FRAMEWORKS.contains(&package)
        });
        of_framework.next().map(|import| import.at.clone())
    })
}

/// Whether the name or the text of any code below the context holds these words, or there is too much code to tell.
fn speaks_of(inventory: &Inventory<'_>, image: &Image, part: &str) -> bool {
    let is_code = |entry: &&Entry| {
        let kind = FileKind::of(&entry.path);
        let may_serve = matches!(kind, FileKind::Python | FileKind::TypeScript)
            || kind == FileKind::Other && has_ending(&entry.path, &["conf", "template", "caddyfile", "ini"]);
        entry.kind == EntryKind::File && may_serve && !is_backup(&entry.path)
    };
    let files: Vec<&str> =
        inventory.below(&image.context).iter().filter(is_code).map(|entry| entry.path.as_str()).collect();
    let needed = image.needs.iter().map(|path| &**path);
    let finder = memmem::Finder::new(part);
    let holds = |path: &str| {
        path.contains(part)
            || inventory.tree().read(path, MAX_CODE_BYTES).map_or(true, |text| finder.find(&text).is_some())
    };
    files.len() > MOST_FILES || needed.clone().any(holds) || files.into_iter().any(holds)
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit(['.', '/']).next().unwrap_or("").to_ascii_lowercase();
    endings.contains(&ending.as_str())
}
