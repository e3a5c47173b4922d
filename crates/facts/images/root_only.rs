//! Lines of ignore files that leave out `node_modules` at the root of the context alone, where the package lies in a folder
//! below it: in a `.dockerignore` a name without a slash does not match in every folder, as it does in a `.gitignore`.

use source::join;

use crate::context::Context;
use crate::image::{CopyStatus, Image};
use crate::inventory::Inventory;
use crate::model::RootOnlyLine;

const INSTALLED: &str = "node_modules";

/// The line of a context's ignore file, and the first COPY that brings the folder of a package after its manifest.
pub(super) fn root_only<'m>(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    mut images: impl Iterator<Item = &'m Image>,
) -> Option<RootOnlyLine> {
    let inside = |path: &str| join(&context.directory, path);
    let line = context.exclusion(&inside(INSTALLED)?)?;
    if line.pattern.trim_end_matches('/') != INSTALLED || inventory.is_file(&inside("package.json")?) {
        return None;
    }
    let (folder, copied_at) = images.find_map(|image| {
        let present =
            image.copies.iter().filter(|one| one.from.is_none() && one.status == CopyStatus::Present);
        present.clone().find_map(|copied| {
            let folder = copied.source.trim_matches('/');
            let manifest = format!("{folder}/package");
            let is_manifest_before = || {
                present.clone().any(|other| {
                    other.source.starts_with(&manifest) && other.at.span.start < copied.at.span.start
                })
            };
            let has_package = inventory.is_file(&inside(&format!("{folder}/package.json"))?);
            let is_sent = context.exclusion(&inside(&format!("{folder}/{INSTALLED}"))?).is_none();
            (!folder.is_empty() && has_package && is_sent && is_manifest_before())
                .then(|| (folder.to_owned(), copied.at.clone()))
        })
    })?;
    Some(RootOnlyLine { at: line.by, pattern: line.pattern, folder, copied_at })
}
