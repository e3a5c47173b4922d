//! Which directory a run is about.

use std::path::{Path, PathBuf};

use lint::config::FILE_NAME;
use source::Disk;

/// The tree of a run.
pub(crate) struct Root {
    /// The files.
    pub(crate) tree: Disk,
    /// What the person who runs it may want to know about the choice.
    pub(crate) hint: Option<String>,
}

/// Opens exactly the directory that is given; without one, the nearest that holds `shipworthy.toml` or `.git`, the
/// current directory and those above it.
pub(crate) fn open(given: Option<&Path>) -> Result<Root, String> {
    let (path, hint) = match given {
        Some(path) => (path.to_owned(), unused_configuration(path)),
        None => (nearest()?, None),
    };
    let tree = Disk::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Root { tree, hint })
}

fn nearest() -> Result<PathBuf, String> {
    let current = std::env::current_dir().map_err(|error| format!("no current directory: {error}"))?;
    let is_root = |path: &&Path| path.join(FILE_NAME).is_file() || path.join(".git").exists();
    let found = current.ancestors().find(is_root);
    Ok(found.unwrap_or(&current).to_owned())
}

/// A configuration above a given directory is not read; whoever wonders why is told.
fn unused_configuration(path: &Path) -> Option<String> {
    let real = path.canonicalize().ok()?;
    if real.join(FILE_NAME).is_file() {
        return None;
    }
    let above = real.ancestors().skip(1).find(|path| path.join(FILE_NAME).is_file())?;
    Some(format!(
        "note: {} is not used, since the root is {}",
        above.join(FILE_NAME).display(),
        path.display()
    ))
}
