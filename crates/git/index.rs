//! The files of the index: what would be committed now.

use source::{EntryKind, IgnoredAbove, ReadError, Tree, Walk, ignored_above};

use crate::batch::Batch;
use crate::command::{GitError, git, items, text};
use crate::objects::{Blob, Objects};
use crate::repository::Repository;

/// The file without bytes, by SHA-1 and by SHA-256. What is only meant to be added stands in the index as such a file.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];

/// The files of the index below one directory.
#[derive(Debug)]
pub struct Index {
    objects: Objects,
    unmerged: Vec<String>,
    ignored_above: Vec<IgnoredAbove>,
}

impl Index {
    /// Reads the list of files.
    ///
    /// # Errors
    /// git gave no answer.
    pub fn open(repository: &Repository) -> Result<Self, GitError> {
        let folder = repository.folder();
        let ignored_above = ignored_above(folder);
        let mut index = Self { objects: Objects::default(), unmerged: Vec::new(), ignored_above };
        index.objects.stores.push(Batch::start(folder)?);
        let output = git(folder, &["ls-files", "-s", "-z"], b"", &[0])?;
        let mut found = Vec::new();
        for item in items(&output) {
            index.add(&text(item), &mut found)?;
        }
        index.unmerged.dedup();
        if found.iter().any(|(_, blob)| EMPTY.iter().any(|id| blob.id == *id)) {
            let intended = repository.intended()?;
            found.retain(|(path, _)| !intended.contains(path));
        }
        for ((path, mut blob), size) in found.iter().cloned().zip(sizes(repository, &found)?) {
            blob.size = size;
            index.objects.insert(path, blob);
        }
        Ok(index)
    }

    /// Files with a merge conflict; the index holds no single content of them.
    #[must_use]
    pub fn unmerged(&self) -> &[String] {
        &self.unmerged
    }

    fn add(&mut self, item: &str, found: &mut Vec<(String, Blob)>) -> Result<(), GitError> {
        let garbled = || GitError::Garbled { what: "ls-files" };
        let (head, path) = item.split_once('\t').ok_or_else(garbled)?;
        let mut words = head.split(' ');
        let (Some(mode), Some(id), Some(stage)) = (words.next(), words.next(), words.next()) else {
            return Err(garbled());
        };
        let mode = u32::from_str_radix(mode, 8).map_err(|_| garbled())?;
        if stage != "0" {
            self.unmerged.push(path.to_owned());
        } else if mode == 0o160_000 {
            self.objects.insert_directory(path);
        } else {
            found.push((path.to_owned(), Blob { id: id.to_owned(), mode, size: 0, store: 0 }));
        }
        Ok(())
    }
}

/// The sizes in bytes of blobs, in their order.
fn sizes(repository: &Repository, blobs: &[(String, Blob)]) -> Result<Vec<u64>, GitError> {
    let asked: String = blobs.iter().flat_map(|(_, blob)| [blob.id.as_str(), "\n"]).collect();
    let arguments = ["cat-file", "--batch-check=%(objectsize)"];
    let output = git(repository.folder(), &arguments, asked.as_bytes(), &[0])?;
    // An object that is missing has no size; reading it tells so.
    let sizes: Vec<u64> = text(&output).lines().map(|line| line.parse().unwrap_or(0)).collect();
    if sizes.len() == blobs.len() { Ok(sizes) } else { Err(GitError::Garbled { what: "cat-file" }) }
}

impl Tree for Index {
    fn walk(&self, enter: &(dyn Fn(&str) -> bool + Sync)) -> Walk {
        self.objects.walk(enter)
    }

    fn kind(&self, path: &str) -> Option<EntryKind> {
        self.objects.kind(path)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
        self.objects.read(path, limit)
    }

    fn link_target(&self, path: &str) -> Option<String> {
        self.objects.link_target(path)
    }

    fn size(&self, path: &str) -> Option<u64> {
        self.objects.size(path)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.objects.mode(path)
    }

    fn ignored_above(&self) -> Vec<IgnoredAbove> {
        self.ignored_above.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Trial;

    #[test]
    fn what_was_read_ahead_is_each_files_own() {
        let texts: Vec<(String, String)> =
            (0..200).map(|number| (format!("m{number:03}.py"), "x\n".repeat(number % 7 * 2_000))).collect();
        let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (&**path, &**text)).collect();
        let trial = Trial::with(&files);
        let index = Index::open(&trial.repository()).unwrap();
        for (path, text) in texts.iter().chain(texts.iter().rev()) {
            assert_eq!(index.read(path, 99_999).unwrap(), text.as_bytes(), "{path}");
        }
    }

    #[test]
    fn the_files_are_those_that_are_staged() {
        let trial = Trial::with(&[("a", "old"), ("b/c", "x")]);
        trial.write("a", "staged");
        trial.git(&["add", "a"]);
        trial.write("a", "not staged");
        trial.git(&["rm", "-q", "b/c"]);
        let index = Index::open(&trial.repository()).unwrap();
        assert_eq!(index.read("a", 99).unwrap(), b"staged");
        assert_eq!(index.size("a"), Some(6));
        assert_eq!(index.kind("b"), None);
    }

    /// A commit does not hold what is only meant to be added, be it there or gone; a file without bytes it does.
    #[test]
    fn what_is_only_meant_to_be_added_is_not_there() {
        let trial = Trial::with(&[("below/old", "")]);
        for (path, text) in [("below/new", "x"), ("below/gone", "x"), ("below/empty", ""), ("below/was", "x")]
        {
            trial.write(path, text);
        }
        trial.git(&["add", "below/was"]);
        trial.commit();
        trial.git(&["rm", "-q", "--cached", "below/was"]);
        trial.git(&["reset", "-q", "--", "below/new", "below/gone", "below/empty"]);
        trial.git(&["rm", "-q", "--cached", "--ignore-unmatch", "below/new", "below/gone"]);
        trial.git(&["add", "below/empty"]);
        trial.git(&["add", "-N", "below/new", "below/gone", "below/was"]);
        std::fs::remove_file(trial.path().join("below/gone")).unwrap();
        let below = Repository::open(&trial.path().join("below")).unwrap();
        let index = Index::open(&below).unwrap();
        let names: Vec<String> = index.walk(&|_| true).entries.into_iter().map(|entry| entry.path).collect();
        assert_eq!(names, ["empty", "old"]);
    }
}
