//! The shortest form of a path, as Go's `filepath.Clean` gives it on Unix.

/// `path` without empty parts, `.` and resolvable `..`; `.` where nothing remains.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            // The root's parent is the root.
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn paths_become_short() {
        for (path, short) in [
            ("", "."),
            ("./", "."),
            ("//", "/"),
            ("/../a", "/a"),
            ("../a/..", ".."),
            ("../../a", "../../a"),
            ("app/../README.md", "README.md"),
            ("a//b/./c/", "a/b/c"),
            ("a/../../b", "../b"),
            ("!a/..", "."),
        ] {
            assert_eq!(clean(path), short, "{path}");
        }
    }
}
