//! Programs that run on a machine as they are, without a container.

use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, file_name, is_backup, is_illustration};

use crate::Facts;
use crate::inventory::Inventory;

/// What restarts a program of a machine.
const RESTARTS: [&[u8]; 6] = [
    b"systemctl restart",
    b"systemctl reload",
    b"pm2 restart",
    b"pm2 reload",
    b"pm2 start",
    b"supervisorctl restart",
];

/// What brings its files there; tests restart programs of the machine that they run on.
const TRANSFERS: [&[u8]; 4] = [b"ssh ", b"rsync ", b"scp ", b"git pull"];

/// Files that describe a program of a platform with containers or functions, which machines beside it do not change.
const OF_PLATFORMS: [&str; 10] = [
    "Chart.yaml",
    "app.yaml",
    "fly.toml",
    "netlify.toml",
    "railway.json",
    "railway.toml",
    "render.yaml",
    "serverless.yaml",
    "serverless.yml",
    "vercel.json",
];

/// Words in kinds of Terraform's resources that run containers or functions.
const CONTAINERS: [&str; 6] = ["cloud_run", "_ecs_", "container", "kubernetes", "lambda", "nomad"];

/// Whether the repository describes a program of a machine, and nothing of it a container: a unit of systemd, a
/// configuration of pm2 or supervisord, or a script or job that brings files there and restarts one.
#[must_use]
pub(crate) fn runs_on_host(inventory: &Inventory<'_>, facts: &Facts) -> bool {
    let mut resources = facts.modules.iter().flat_map(|module| &module.resources);
    let has_containers = resources.any(|resource| CONTAINERS.iter().any(|word| resource.kind.contains(word)))
        || !facts.images.is_empty()
        || !facts.compose_services.is_empty()
        || !facts.objects.is_empty()
        || !facts.cloud_run_deploys.is_empty();
    let is_setting = |path: &str| !is_illustration(path) && !is_backup(path);
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut files = files.map(|entry| entry.path.as_str()).filter(|path| is_setting(path));
    let is_elsewhere = files.clone().any(|path| OF_PLATFORMS.contains(&file_name(path)));
    !has_containers
        && !is_elsewhere
        && files.any(|path| describes_program(path) || restarts_program(inventory, path))
}

fn describes_program(path: &str) -> bool {
    let name = file_name(path);
    name.ends_with(".service") || name.starts_with("ecosystem.config.") || name == "supervisord.conf"
}

fn restarts_program(inventory: &Inventory<'_>, path: &str) -> bool {
    let is_read = matches!(FileKind::of(path), FileKind::Shell | FileKind::Workflow)
        || matches!(file_name(path), "Makefile" | "Procfile");
    is_read && {
        let text = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
        let has = |words: &[&[u8]]| words.iter().any(|word| memmem::find(&text, word).is_some());
        has(&RESTARTS) && has(&TRANSFERS)
    }
}
