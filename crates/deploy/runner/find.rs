//! Which file a program's name stands for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Finds programs: each name once, so that it cannot become another one on the way.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    path: OsString,
    forbidden: PathBuf,
    found: BTreeMap<(PathBuf, String), PathBuf>,
}

impl Programs {
    /// Looks in the directories of `path` (as `PATH` writes them), but never below `forbidden`: the work tree, whose
    /// files nobody has judged.
    #[must_use]
    pub(crate) fn new(path: OsString, forbidden: &Path) -> Self {
        let forbidden = forbidden.canonicalize().unwrap_or_else(|_| forbidden.to_owned());
        Self { path, forbidden, found: BTreeMap::new() }
    }

    /// The file of a program. A bare name is looked for through `PATH`, a path with `/` in `folder`, the snapshot.
    ///
    /// # Errors
    /// It is not there, cannot be executed, or lies in the work tree.
    pub(crate) fn find(&mut self, name: &str, folder: &Path) -> Result<PathBuf, String> {
        let key = (folder.to_owned(), name.to_owned());
        if let Some(found) = self.found.get(&key) {
            return Ok(found.clone());
        }
        let found = if name.contains('/') { Self::in_snapshot(name, folder)? } else { self.on_path(name)? };
        self.found.insert(key, found.clone());
        Ok(found)
    }

    fn in_snapshot(name: &str, folder: &Path) -> Result<PathBuf, String> {
        if is_absolute(name) {
            return Err(absolute(name));
        }
        let inside = source::join("", name).ok_or_else(|| format!("`{name}` leads out of the repository"))?;
        let file = folder.join(inside);
        if !file.is_file() {
            return Err(format!("`{name}` is not a file of the commit that is deployed"));
        }
        if !is_executable(&file) {
            return Err(format!(
                "`{name}` is not executable in the commit; run `git update-index --chmod=+x {name}`"
            ));
        }
        Ok(file)
    }

    fn on_path(&self, name: &str) -> Result<PathBuf, String> {
        // A relative entry would mean the current directory, whatever that is.
        let directories = std::env::split_paths(&self.path).filter(|directory| directory.is_absolute());
        let mut files = directories.map(|directory| directory.join(name)).filter(|file| is_executable(file));
        let file = files.next().ok_or_else(|| format!("there is no program `{name}` on PATH"))?;
        self.trusted(name, &file)
    }

    fn trusted(&self, name: &str, file: &Path) -> Result<PathBuf, String> {
        let real = file.canonicalize().map_err(|error| format!("`{name}`: {error}"))?;
        if real.starts_with(&self.forbidden) || file.starts_with(&self.forbidden) {
            return Err(format!(
                "`{name}` is found at {}, inside the work tree, whose files nobody has judged; take that directory out of \
                 PATH, or name the file by its path in the repository",
                file.display()
            ));
        }
        // The path that was found, not what a link leads to: some programs look at their own name.
        Ok(file.to_owned())
    }
}

/// Whether the name of a program is a path that no commit holds.
#[must_use]
pub(crate) fn is_absolute(name: &str) -> bool {
    name.starts_with('/') || Path::new(name).is_absolute()
}

/// What is wrong with such a name, and what to write.
pub(crate) fn absolute(name: &str) -> String {
    format!(
        "`{name}` is an absolute path, whose bytes nobody has judged; name a file of the commit by its path in the \
         repository, or a program of the machine without a folder, to be found on PATH"
    )
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_program_of_the_work_tree_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, other) = (folder.path().join("tree"), folder.path().join("bin"));
        program(&tree.join("bin/gcloud"));
        program(&other.join("gcloud"));
        std::os::unix::fs::symlink(tree.join("bin/gcloud"), other.join("linked")).unwrap();
        // A relative directory counts from wherever the program was started.
        let elsewhere = folder.path().join("elsewhere");
        program(&elsewhere.join("gcloud"));
        let up = "../".repeat(std::env::current_dir().unwrap().components().count() - 1);
        let relative = Path::new(&up).join(elsewhere.strip_prefix("/").unwrap());
        assert!(is_executable(&relative.join("gcloud")));
        let find = |first: &Path, name: &str| {
            let path = std::env::join_paths([Path::new(""), &relative, first, &other]).unwrap();
            Programs::new(path, &tree).find(name, Path::new("/nowhere"))
        };
        assert!(find(&tree.join("bin"), "gcloud").unwrap_err().contains("inside the work tree"));
        assert!(find(&other, "linked").unwrap_err().contains("inside the work tree"));
        assert_eq!(find(&other, "gcloud").unwrap(), other.join("gcloud"));
        assert!(find(&other, "no-such-program").is_err());
    }

    #[test]
    fn a_program_with_a_slash_is_one_of_the_snapshot() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("snapshot");
        program(&snapshot.join("scripts/ship.sh"));
        std::fs::write(snapshot.join("data"), "").unwrap();
        let mut programs = Programs::new(OsString::new(), &folder.path().join("tree"));
        assert_eq!(programs.find("./scripts/ship.sh", &snapshot).unwrap(), snapshot.join("scripts/ship.sh"));
        assert!(programs.find("./data", &snapshot).unwrap_err().contains("chmod"));
        assert!(programs.find("../tree/x", &snapshot).is_err());
        let outside = folder.path().join("outside.sh");
        program(&outside);
        let refused = programs.find(&outside.display().to_string(), &snapshot).unwrap_err();
        assert!(refused.contains("absolute path"), "{refused}");
        assert!(programs.find("scripts/none", &snapshot).is_err());
    }
}
