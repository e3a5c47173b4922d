//! Files with secrets that an image takes from its context.

use std::sync::Arc;

use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, Span, is_illustration, is_within};
use syntax::dockerignore::exact_pattern;

use super::certificates::self_signed;
use crate::context::Context;
use crate::image::{Held, HeldKind};
use crate::inventory::Inventory;
use crate::record::Document;
use crate::stages::Built;

/// The files of the built stage that can hold secrets. Illustrations and tests are passed over.
pub(super) fn held(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    built: &Built,
    needs: &[Arc<str>],
) -> Vec<Held> {
    let mut found = Vec::new();
    let sources: Vec<(&str, &source::Place)> = built
        .copies
        .iter()
        .filter(|copied| copied.from.is_none())
        .map(|copied| (copied.source.as_str(), &copied.at))
        .collect();
    let mut directories: Vec<&str> = built.layout.directories().map(|(_, directory)| directory).collect();
    directories.sort_unstable();
    directories.dedup();
    for directory in directories {
        for entry in inventory.below(directory).iter().filter(|entry| entry.kind == EntryKind::File) {
            let path = entry.path.as_str();
            let Some(kind) = kind_by_name(path).filter(|_| !is_illustration(path)) else { continue };
            if found.iter().any(|held: &Held| *held.path == *path)
                || context.exclusion(path).is_some()
                || !holds(inventory, path, kind)
            {
                continue;
            }
            let brings = |source: &str| {
                let whole = source::join(&context.directory, source).unwrap_or_default();
                is_within(path, &whole)
            };
            let Some((_, at)) = sources.iter().find(|(source, _)| brings(source)) else { continue };
            let is_needed = needs.iter().any(|needed| **needed == *path);
            let ignore = if is_needed { None } else { ignoring(inventory, context, path) };
            let certificate = (kind == HeldKind::PrivateKey).then(|| self_signed(inventory, path)).flatten();
            found.push(Held {
                path: Arc::from(path),
                kind,
                self_signed: certificate.map(Arc::from),
                copied_at: (*at).clone(),
                ignore,
            });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn kind_by_name(path: &str) -> Option<HeldKind> {
    let name = source::file_name(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if FileKind::of(path) == FileKind::EnvFile {
        return Some(HeldKind::EnvFile);
    }
    if name.ends_with(".tfstate") || name.ends_with(".tfstate.backup") {
        return Some(HeldKind::TerraformState);
    }
    // Made for a developer's machine, and as good as public.
    let is_for_show = source::tokens(&name)
        .any(|word| matches!(word.as_str(), "localhost" | "snakeoil" | "selfsigned" | "dummy" | "fake"));
    if is_for_show {
        return None;
    }
    let is_key =
        matches!(ending, "pem" | "key") || matches!(name.as_str(), "id_rsa" | "id_ecdsa" | "id_ed25519");
    let is_account = ending == "json"
        && source::tokens(&name).any(|word| {
            matches!(
                word.as_str(),
                "credentials" | "credential" | "key" | "keyfile" | "account" | "sa" | "serviceaccount"
            )
        });
    (is_key || is_account).then_some(HeldKind::PrivateKey)
}

/// Whether the file holds what its name says. A certificate is public, and an encrypted key opens nothing by itself.
fn holds(inventory: &Inventory<'_>, path: &str, kind: HeldKind) -> bool {
    if kind == HeldKind::EnvFile {
        return true;
    }
    let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
    let has = |sign: &[u8]| memmem::find(&bytes, sign).is_some();
    match kind {
        HeldKind::PrivateKey => {
            has(b"PRIVATE KEY-----") && !has(b"ENCRYPTED PRIVATE KEY") && !has(b"Proc-Type: 4,ENCRYPTED")
        }
        _ => has(b"\"resources\""),
    }
}

/// The line that leaves out this file alone, at the end of the ignore file: the last one that matches decides.
fn ignoring(inventory: &Inventory<'_>, context: &Context<'_>, path: &str) -> Option<(source::Place, String)> {
    let inside = match context.directory.as_str() {
        "" => path,
        directory => path.strip_prefix(directory)?.strip_prefix('/')?,
    };
    let file = context.ignore_file()?;
    let text = Document::read(inventory.tree(), &file).ok()?;
    let end = if text.text.contains("\r\n") { "\r\n" } else { "\n" };
    let starts_line = text.text.is_empty() || text.text.ends_with('\n');
    let before = if starts_line { "" } else { end };
    let at = text.place(Span::at(text.text.len()));
    Some((at, format!("{before}{}{end}", exact_pattern(inside))))
}
