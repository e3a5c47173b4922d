//! Files that Git LFS keeps beside the object store (specification v1).

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Longer files are no pointers (specification: under 1024 bytes).
const MAX_POINTER_BYTES: usize = 1024;

/// So much of a file is hashed at a time.
const PART_BYTES: usize = 64 << 10;

/// What stands in the commit in place of a large file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// SHA-256 of the file in hexadecimal.
    id: String,
}

/// Reads a pointer; `None` for any other file.
pub(crate) fn pointer(bytes: &[u8]) -> Option<Pointer> {
    if bytes.len() >= MAX_POINTER_BYTES {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    let version = lines.next()?.strip_prefix("version ")?;
    if !version.starts_with("https://git-lfs.github.com/spec/v1") {
        return None;
    }
    let id = lines.find_map(|line| line.strip_prefix("oid sha256:"))?;
    let shaped = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    shaped.then(|| Pointer { id: id.to_owned() })
}

/// Where the file is kept, once its bytes are those that the pointer promises.
pub(crate) fn find(common_dir: &Path, pointer: &Pointer) -> Result<PathBuf, String> {
    let id = &pointer.id;
    let (first, second) = (id.get(..2).unwrap_or(""), id.get(2..4).unwrap_or(""));
    let file = common_dir.join("lfs/objects").join(first).join(second).join(id);
    if !file.is_file() {
        return Err("is a Git LFS file that is not fetched; run `git lfs fetch`".to_owned());
    }
    verify(&file).map(|()| file).map_err(|error| error.to_string())
}

/// Whether a kept file has the digest that is its name, with a part of it in memory at a time: models have gigabytes.
fn verify(file: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a part of git's store that git itself does not read")]
    let mut opened = std::fs::File::open(file)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0_u8; PART_BYTES]);
    loop {
        match opened.read(&mut part)? {
            0 => return is_named(file, &hex(&hash.finalize())),
            count => hash.update(part.get(..count).unwrap_or(&[])),
        }
    }
}

fn is_named(file: &Path, digest: &str) -> io::Result<()> {
    let named = file.file_name().is_some_and(|name| name.to_string_lossy() == digest);
    let wrong = || io::Error::other("is not the Git LFS file that the commit means: its digest differs");
    named.then_some(()).ok_or_else(wrong)
}

/// The bytes of a kept file, whose name is their digest.
pub(crate) fn read(file: &Path) -> io::Result<Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "a part of git's store that git itself does not read")]
    let bytes = std::fs::read(file)?;
    is_named(file, &digest(&bytes)).map(|()| bytes)
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_many_parts_is_known_by_its_digest() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![7; 3 * PART_BYTES + 1];
        let file = folder.path().join(digest(&bytes));
        std::fs::write(&file, &bytes).unwrap();
        assert!(verify(&file).is_ok());
        bytes[2 * PART_BYTES] = 8;
        std::fs::write(&file, &bytes).unwrap();
        assert!(verify(&file).is_err());
    }
}
