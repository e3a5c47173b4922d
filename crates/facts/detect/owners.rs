//! Which deployments run the code of a file.

use std::collections::BTreeSet;

use source::{FileKind, join};

use crate::image::Image;
use crate::record::is_code;
use crate::{Declared, Deployment, Facts};

/// Whether a deployment runs the code of one file; later ones are the surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runs {
    /// Its image does not hold it.
    No,
    /// No file tells.
    Perhaps,
    /// Its image holds the file, or the configuration says so.
    Yes,
}

/// What is known of the code that each deployment runs.
pub(super) struct Owners<'o> {
    declared: &'o Declared,
    facts: &'o Facts,
    /// Whether there is one service only, which then runs whatever there is.
    is_alone: bool,
}

impl<'o> Owners<'o> {
    pub(super) fn new(declared: &'o Declared, facts: &'o Facts) -> Self {
        let services: BTreeSet<&str> =
            facts.deployments.iter().map(|deployment| deployment.service.as_str()).collect();
        Self { declared, facts, is_alone: services.len() <= 1 }
    }

    /// Whether `deployment` runs the file at `path`.
    pub(super) fn runs(&self, deployment: &Deployment, path: &str) -> Runs {
        let mut by_path =
            self.declared.services.iter().filter(|(_, service)| service.paths.is_match(path)).peekable();
        if by_path.peek().is_some() {
            let named = by_path.any(|(name, _)| *name == deployment.service);
            return if named { Runs::Yes } else { Runs::No };
        }
        let images = &self.facts.images;
        let mut own = images.iter().filter(|image| image.is_for(&deployment.service)).peekable();
        if own.peek().is_some() {
            return own.map(|image| holds(image, path)).max().unwrap_or(Runs::No);
        }
        let is_declared = self.declared.services.contains_key(&deployment.service);
        match FileKind::of(&deployment.at.path) {
            _ if is_declared => Runs::Yes,
            // A service that is not built here runs the image of somebody else.
            FileKind::Compose => Runs::No,
            _ if self.is_alone => Runs::Yes,
            _ => Runs::Perhaps,
        }
    }
}

/// Whether an image holds a file, and its program can load it: a Python module beside a program of Node does not run.
fn holds(image: &Image, path: &str) -> Runs {
    // What comes from another stage came into that one first, and is listed there.
    let mut sent = image.copies.iter().filter(|copied| copied.from.is_none());
    if !sent.any(|copied| covers(&image.context, &copied.source, path)) {
        return Runs::No;
    }
    let kind = FileKind::of(path);
    let mut languages = image.needs.iter().map(|needed| FileKind::of(needed)).filter(|kind| is_code(*kind));
    match languages.next() {
        Some(first) if first != kind && languages.all(|other| other != kind) => Runs::No,
        _ => Runs::Yes,
    }
}

/// Whether a source of COPY holds a file; what is before a wildcard stands for the whole.
fn covers(context: &str, source: &str, path: &str) -> bool {
    let plain = source.split(['*', '?', '[']).next().unwrap_or_default();
    let Some(copied) = join(context, plain.trim_end_matches('/')) else { return false };
    copied.is_empty()
        || path == copied
        || path.strip_prefix(&*copied).is_some_and(|rest| rest.starts_with('/') || plain != source)
}
