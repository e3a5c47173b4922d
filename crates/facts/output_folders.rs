//! Folders whose names say that tools write them.

/// Folders that builds and generators write.
const OUTPUTS: &[&str] = &["build", "dist", "generated", "out", "output", "rendered", "target", "tmp"];

/// Whether a folder of this name is one that tools write.
pub(crate) fn is_output(folder: &str) -> bool {
    OUTPUTS.contains(&folder)
}
