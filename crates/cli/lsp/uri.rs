//! Addresses of files, as editors write them.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;

const SCHEME: &str = "file://";

/// The path of a `file:` address; `None` for any other.
pub(super) fn to_path(address: &str) -> Option<PathBuf> {
    let path = address.strip_prefix(SCHEME)?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let decoded = decoded(path)?;
    // `file:///C:/x` is `C:\x`.
    let has_drive = decoded.get(2..3) == Some(":") && cfg!(windows);
    let path = if has_drive { decoded.trim_start_matches('/') } else { &decoded };
    decoded.starts_with('/').then(|| PathBuf::from(path))
}

/// The address of a file; `None` where its path is not UTF-8.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    let mut address = String::from(SCHEME);
    if !path.starts_with('/') {
        address.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    Uri::from_str(&address).ok()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_as_it_went() {
        for path in ["/srv/a b/ä#?%.env", "/"] {
            let address = of_path(Path::new(path)).unwrap();
            assert_eq!(to_path(address.as_str()).unwrap(), Path::new(path));
        }
        assert_eq!(to_path("file://localhost/a%20b").unwrap(), Path::new("/a b"));
        for address in ["untitled:1", "https://a/b", "file://host/a", "file:///%zz", "file:///a%2"] {
            assert!(to_path(address).is_none(), "{address}");
        }
    }
}
