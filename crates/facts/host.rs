//! Programs that run on a machine as they are, without a container.

use memchr::memmem;
use source::{EntryKind, FileKind, MAX_CONFIG_BYTES, file_name, is_backup, is_illustration};

use crate::Facts;
use crate::inventory::Inventory;

/// What restarts a program of a machine.
const SUPERVISORS: [&[u8]; 4] = [b"systemctl ", b"pm2 ", b"supervisorctl ", b"monit "];

/// Whether the repository describes a program of a machine, and nothing of it a container: a unit of systemd, a
/// configuration of pm2 or supervisord, or a script or job that restarts one.
#[must_use]
pub(crate) fn runs_on_host(inventory: &Inventory<'_>, facts: &Facts) -> bool {
    let has_containers = !facts.images.is_empty()
        || !facts.compose_services.is_empty()
        || !facts.objects.is_empty()
        || !facts.cloud_run_deploys.is_empty();
    let is_setting = |path: &str| !is_illustration(path) && !is_backup(path);
    let files = inventory.entries().iter().filter(|entry| entry.kind == EntryKind::File);
    let mut files = files.map(|entry| entry.path.as_str()).filter(|path| is_setting(path));
    !has_containers && files.any(|path| describes_program(path) || restarts_program(inventory, path))
}

fn describes_program(path: &str) -> bool {
    let name = file_name(path);
    name.ends_with(".service") || name.starts_with("ecosystem.config.") || name == "supervisord.conf"
}

fn restarts_program(inventory: &Inventory<'_>, path: &str) -> bool {
    let is_read = matches!(FileKind::of(path), FileKind::Shell | FileKind::Workflow)
        || matches!(file_name(path), "Makefile" | "Procfile");
    let text = || inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
    is_read && {
        let text = text();
        SUPERVISORS.iter().any(|word| memmem::find(&text, word).is_some())
    }
}
