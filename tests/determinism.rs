//! The same tree gives the same bytes, whatever the number of threads.

use crate::support::{root, shipworthy};

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let tree = root().join("fixtures/monitoring-outage/tree");
    let path = tree.to_str().unwrap();
    for command in [
        vec!["check", path, "--format", "json"],
        vec!["check", path],
        vec!["facts", path, "--format", "json"],
    ] {
        let first = shipworthy(&tree, &command).stdout;
        assert!(!first.is_empty(), "{command:?}");
        assert_eq!(shipworthy(&tree, &command).stdout, first, "{command:?} twice");
        for threads in ["1", "2", "7"] {
            let with_threads = [&command[..], &["--threads", threads]].concat();
            assert_eq!(shipworthy(&tree, &with_threads).stdout, first, "{with_threads:?}");
        }
    }
}
