//! Modules that the code of an image imports and that stand nowhere in the tree.

use source::{MAX_CODE_BYTES, directory_of, file_name};
use syntax::dockerfile::Kind;

use super::absent::{is_made, may_be_made, mounted, names};
use super::plan::Planned;
use super::unmet::{Site, may_be_installed};
use super::{ReadDockerfile, brought, made_elsewhere};
use crate::How;
use crate::context::Context;
use crate::image::{Language, Link, Nowhere, Phase};
use crate::imports::{self, File, Reached};
use crate::inventory::Inventory;
use crate::record::{Document, Use};

/// Words of commands that write modules, or compile some.
const GENERATORS: &[&str] = &[
    "codegen",
    "cython",
    "build_ext",
    "datamodel",
    "ffi",
    "generat",
    "grpc_tools",
    "maturin",
    "openapi",
    "prisma",
    "protoc",
    "pyo3",
    "setuptools-rust",
    "swagger",
    "sqlc",
    "thrift",
];

/// What code says that looks modules up in other ways than by their folders.
const OTHER_WAYS: &[&[u8]] =
    &[b"sys.path", b"sys.modules", b"meta_path", b"path_hooks", b"addsitedir", b"extend_path"];

/// What starts a program, or builds it.
pub(super) struct Started<'s> {
    pub(super) language: Language,
    pub(super) phase: Phase,
    pub(super) command: &'s str,
    /// What leads from the command to its code.
    pub(super) links: &'s [Link],
    /// The file that is run as the program, in the container.
    pub(super) main: Option<&'s str>,
}

/// The modules that the files of a program import when it starts, and that are not there.
pub(super) fn of_program(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    program: &dyn imports::Language,
    reached: &[Reached],
    started: &Started<'_>,
) -> Vec<Nowhere> {
    let mut found = Vec::new();
    for from in reached.iter().filter(|reached| reached.how == How::TopLevel && reached.is_copied) {
        if context.exclusion(&from.path).is_some() {
            continue;
        }
        let is_program = started.main == Some(from.container.as_str());
        let file = File { container: &from.container, path: &from.path, is_program };
        found.extend(program.nowhere(inventory, file).into_iter().map(|nowhere| Nowhere {
            path: nowhere.path,
            similar: nowhere.similar,
            namespace: nowhere.namespace,
            language: started.language,
            phase: started.phase,
            command: started.command.to_owned(),
            chain: started.links.iter().chain(&from.chain).cloned().chain([nowhere.link]).collect(),
        }));
    }
    // Only where one is missing is it asked whether the program finds modules in its own way.
    if !found.is_empty() && reached.iter().any(|reached| looks_elsewhere(inventory, &reached.path)) {
        found.clear();
    }
    found
}

fn looks_elsewhere(inventory: &Inventory<'_>, path: &str) -> bool {
    let Ok(bytes) = inventory.tree().read(path, MAX_CODE_BYTES) else { return true };
    OTHER_WAYS.iter().any(|way| memchr::memmem::find(&bytes, way).is_some())
}

/// Those of them that nothing brings into the image: no command makes one, nobody mounts one.
pub(super) fn certain(
    site: &Site<'_>,
    plan: &Planned,
    (uses, mut found): (&[Use], Vec<Nowhere>),
) -> Vec<Nowhere> {
    let (inventory, read, built) = (site.inventory, site.read, site.built);
    if found.is_empty() || !brought::is_tree_alone(inventory, read, plan, built) || generates(read) {
        return Vec::new();
    }
    let mounted = mounted(inventory, plan, uses);
    found.retain(|one| {
        let name = file_name(&one.path);
        let stem = name.trim_end_matches(".py");
        let container = built.layout.location(inventory, directory_of(&one.path)).unwrap_or_default();
        !is_made(read, name)
            && !may_be_made(read, stem)
            && ![name, stem].iter().any(|name| brought::is_named_by_script(inventory, read, built, name))
            && !brought::is_named_at_start(inventory, built, name)
            && !is_named_by_project(inventory, name)
            && !one.namespace.as_ref().is_some_and(|package| may_be_installed(site, package))
            && !plan.build.made.iter().any(|made| made_elsewhere::is_same(made, &one.path))
            && !mounted.iter().any(|target| source::is_within(&container, target))
    });
    found.sort_by(|one, other| {
        let key = |one: &Nowhere| one.chain.last().map(|link| link.at.clone());
        key(one).cmp(&key(other)).then(one.chain.len().cmp(&other.chain.len()))
    });
    found.dedup_by(|one, other| one.chain.last() == other.chain.last());
    found
}

/// Whether the description of a Python project names a file, which its build may write.
fn is_named_by_project(inventory: &Inventory<'_>, name: &str) -> bool {
    let is_description = |path: &str| matches!(file_name(path), "pyproject.toml" | "setup.cfg" | "setup.py");
    let mut descriptions = inventory.entries().iter().filter(|entry| is_description(&entry.path));
    descriptions.any(|entry| {
        let read = Document::read(inventory.tree(), &entry.path);
        read.is_ok_and(|document| names(&document.text, name))
    })
}

/// Whether a command of the Dockerfile may write modules.
fn generates(read: &ReadDockerfile) -> bool {
    read.parsed.tree.instructions.iter().any(|instruction| {
        let text = read.document.slice(instruction.span);
        matches!(instruction.kind, Kind::Run(_) | Kind::Onbuild(_))
            && GENERATORS.iter().any(|word| text.contains(word))
    })
}
