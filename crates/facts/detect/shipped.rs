//! Which files a deployment's program finds: what its image takes from the tree, and where it lies.

use std::sync::Arc;

use source::{MAX_CONFIG_BYTES, file_name, join};
use syntax::dockerignore::Builder;

use crate::context::Context;
use crate::image::{CopyStatus, Image};
use crate::inventory::Inventory;
use crate::layout::Layout;
use crate::record::{Use, UseKind};
use crate::{Deployment, Facts};

/// The images of which a deployment runs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shipped {
    images: Vec<Shipment>,
}

/// What one image takes from the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shipment {
    dockerfile: Arc<str>,
    context: String,
    builder: Builder,
    /// Absolute in the container, without the first `/`.
    workdir: String,
    layout: Layout,
}

impl Shipped {
    /// What is shipped for a deployment; `None` where no file tells, or where folders of the host lie over it.
    pub(super) fn of(facts: &Facts, uses: &[Use], deployment: &Deployment) -> Option<Arc<Self>> {
        let is_described_by = |path: &str| deployment.descriptions.iter().any(|own| *own.at.path == *path);
        let is_mounted = |used: &Use| {
            matches!(&used.what, UseKind::Bind { service, .. } if *service == deployment.service)
                && is_described_by(&used.at.path)
        };
        let of_service = |image: &&Image| image.is_for(&deployment.service);
        let images: Option<Vec<Shipment>> =
            facts.images.iter().filter(of_service).map(Shipment::of).collect();
        let images = images.filter(|images| !images.is_empty() && !uses.iter().any(is_mounted))?;
        Some(Arc::new(Self { images }))
    }

    /// Whether one of the images may hold an env file at this path, relative to the folder that its program starts in.
    pub(super) fn may_hold(&self, inventory: &Inventory<'_>, path: &str) -> bool {
        self.images.iter().any(|image| image.may_hold(inventory, path))
    }
}

impl Shipment {
    /// What an image takes; `None` where that is not known.
    fn of(image: &Image) -> Option<Self> {
        let is_open =
            |status: &CopyStatus| matches!(status, CopyStatus::Unknown | CopyStatus::WholeContext { .. });
        let is_known = image.copies.iter().all(|copied| copied.from.is_some() || !is_open(&copied.status));
        let builder = image.builder.parse().ok().filter(|_| is_known && image.context_is_certain)?;
        Some(Self {
            dockerfile: Arc::clone(&image.dockerfile),
            context: image.context.clone(),
            builder,
            workdir: image.workdir.clone(),
            layout: image.layout.clone(),
        })
    }

    fn may_hold(&self, inventory: &Inventory<'_>, path: &str) -> bool {
        let Some(container) = join(&self.workdir, path) else { return true };
        if self.may_make(inventory, file_name(path)) {
            return true;
        }
        let mut sources = self.layout.sources(&container).peekable();
        if sources.peek().is_none() {
            return false;
        }
        // Folders are taken with what lies in them when the image is built, whether git knows it or not.
        let context = Context::new(inventory, &self.context, &self.dockerfile, self.builder);
        sources.any(|source| context.exclusion(&source).is_none())
    }

    /// Whether a RUN instruction may write a file of this name: the Dockerfile names it.
    fn may_make(&self, inventory: &Inventory<'_>, name: &str) -> bool {
        let text = inventory.tree().read(&self.dockerfile, MAX_CONFIG_BYTES);
        text.is_ok_and(|text| memchr::memmem::find(&text, name.as_bytes()).is_some())
    }
}
