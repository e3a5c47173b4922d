//! `--shard i/n`: one of several runs that together say what one run says.
//!
//! Faults lie between files, so every run reads the whole repository, and each reports the findings of its own deploy
//! units: directories that hold a Dockerfile or a Compose file, or that are the context of an image, and the root for
//! all else. A unit is never divided.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use facts::Facts;
use source::{FileKind, directory_of};

/// One of several runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    number: usize,
    /// How many there are, at least 1.
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if number >= 1 && number <= of => Ok(Self { number, of }),
            _ => Err(format!("`{text}` is no shard; write one like 1/4, the first of four")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.of)
    }
}

/// The deploy units of a repository, of which a shard has some.
#[derive(Debug)]
pub struct Units {
    /// Directories relative to the root, `""` among them, in byte order.
    directories: Vec<String>,
    shard: Shard,
}

impl Units {
    /// The units of a repository, as a shard sees them.
    #[must_use]
    pub fn of(facts: &Facts, shard: Shard) -> Self {
        let holds_unit = |kind| matches!(kind, FileKind::Dockerfile | FileKind::Compose);
        let files =
            facts.files.iter().filter(|file| holds_unit(file.kind)).map(|file| directory_of(&file.path));
        let contexts = facts.images.iter().map(|image| image.context.as_str());
        let found: BTreeSet<&str> = files.chain(contexts).chain([""]).collect();
        Self { directories: found.into_iter().map(str::to_owned).collect(), shard }
    }

    /// Whether no unit is left for this shard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shard.number > self.directories.len()
    }

    /// How many units the repository has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.directories.len()
    }

    /// Whether the file at `path` belongs to a unit of this shard.
    #[must_use]
    pub fn hold(&self, path: &str) -> bool {
        let mut directory = directory_of(path);
        loop {
            if let Ok(at) = self.directories.binary_search_by(|unit| unit.as_str().cmp(directory)) {
                return at % self.shard.of == self.shard.number - 1;
            }
            directory = directory_of(directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_belongs_to_exactly_one_shard() {
        let directories: Vec<String> = ["", "a", "a/b", "c"].map(str::to_owned).into();
        for of in 1..=5 {
            for path in ["x", "a/x", "a/b/c/x", "c/d", "d/e"] {
                let holders = (1..=of).filter(|number| {
                    let shard = Shard { number: *number, of };
                    Units { directories: directories.clone(), shard }.hold(path)
                });
                assert_eq!(holders.count(), 1, "{path} of {of}");
            }
        }
    }

    #[test]
    fn a_shard_counts_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, of: 3 }));
        for text in ["0/2", "3/2", "1", "a/b", "1/0"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
