//! The hook manifests.

use serde_yaml::Value;

use crate::support::root;

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn both_manifests_are_regular_files_with_the_same_bytes() {
    let seen = root().join(".pre-commit-hooks.yaml");
    let shown = root().join("pre-commit-hooks.yaml");
    for path in [&seen, &shown] {
        assert!(path.symlink_metadata().unwrap().is_file(), "{}", path.display());
    }
    assert_eq!(std::fs::read(seen).unwrap(), std::fs::read(shown).unwrap());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn every_hook_sees_the_whole_repository_at_every_commit() {
    let text = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    let hooks: Vec<Value> = serde_yaml::from_str(&text).unwrap();
    assert!(!hooks.is_empty());
    for hook in hooks {
        assert_eq!(hook["language"], "rust", "{hook:?}");
        assert_eq!(hook["pass_filenames"], false, "{hook:?}");
        assert_eq!(hook["require_serial"], true, "{hook:?}");
        assert_eq!(hook["always_run"], true, "{hook:?}");
    }
}
