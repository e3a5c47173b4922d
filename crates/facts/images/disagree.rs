//! Files that an image needs, and that not every builder that builds it is sent.

use std::collections::BTreeMap;

use crate::Disagreement;
use crate::context::{Context, ContextKey};
use crate::image::Image;
use crate::inventory::Inventory;

/// The differences between the builders that build the same Dockerfile with the same context.
pub(super) fn disagreements(
    inventory: &Inventory<'_>,
    images: &[Image],
    contexts: &BTreeMap<ContextKey, Context<'_>>,
) -> Vec<Disagreement> {
    let mut builds: BTreeMap<(&str, &str), Vec<&Image>> = BTreeMap::new();
    for image in images {
        builds.entry((&image.dockerfile, &image.context)).or_default().push(image);
    }
    let mut found = Vec::new();
    for images in builds.into_values().filter(|images| images.len() > 1) {
        let context = |image: &Image| {
            let builder = image.builder.parse().ok()?;
            contexts.get(&Context::key(inventory, &image.context, &image.dockerfile, builder))
        };
        let seen: Vec<_> = images.iter().filter_map(|image| Some((*image, context(image)?))).collect();
        found.extend(
            seen.iter().flat_map(|(image, _)| &image.needs).filter_map(|path| differing(path, &seen)),
        );
    }
    found.sort_by(|one: &Disagreement, other| {
        (&one.dockerfile, &one.path).cmp(&(&other.dockerfile, &other.path))
    });
    found.dedup_by(|one, other| one.dockerfile == other.dockerfile && one.path == other.path);
    found
}

fn differing(path: &std::sync::Arc<str>, seen: &[(&Image, &Context<'_>)]) -> Option<Disagreement> {
    let reasons: Vec<_> = seen.iter().map(|(image, context)| (*image, context.exclusion(path))).collect();
    let (without, exclusion) =
        reasons.iter().find_map(|(image, reason)| reason.as_ref().map(|reason| (*image, reason)))?;
    let (with, _) = reasons.iter().find(|(_, reason)| reason.is_none())?;
    Some(Disagreement {
        dockerfile: without.dockerfile.clone(),
        context: without.context.clone(),
        path: path.clone(),
        by: exclusion.by.clone(),
        pattern: exclusion.pattern.clone(),
        left_out_by: without.builder,
        sent_by: with.builder,
        reinclude: None,
        built_by: without.built_by.first().into_iter().chain(with.built_by.first()).cloned().collect(),
    })
}
