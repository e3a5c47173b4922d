//! The few places where this crate touches the disk, with the rights that its files have.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The bytes of a file.
#[expect(clippy::disallowed_methods, reason = "the program's own files below .git, and what a step wrote")]
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// What stands in a directory, in the order of names.
#[expect(clippy::disallowed_methods, reason = "the program's own files below .git")]
pub(crate) fn list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

/// Makes a directory that only its owner may enter, and those above it.
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    set_mode(path, 0o700)
}

/// Opens a file for adding to its end; only its owner may read it.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a whole file that only its owner may read; a kill leaves the old or the new one.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    source::Beside::write(path, bytes, None)?.take_its_place()
}

/// Makes sure that a directory's entries survive a loss of power.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    #[expect(clippy::disallowed_methods, reason = "a directory of the program's own")]
    File::open(path)?.sync_all()
}

/// Sets the permission bits, where the system has them.
#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Sets the permission bits, where the system has them.
#[cfg(not(unix))]
pub(crate) fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["plan.new", "plan.json"] {
            fs::write(at(name), "of the user").unwrap();
        }
        write_private(&at("plan.json"), b"new").unwrap();
        assert_eq!(read(&at("plan.json")).unwrap(), b"new");
        assert_eq!(read(&at("plan.new")).unwrap(), b"of the user");
        assert_eq!(list(folder.path()).unwrap().len(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(at("plan.json").metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
