//! The same tree gives the same bytes, whatever the number of threads.

use crate::support::{root, shipworthy};

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let tree = root().join("fixtures/monitoring-outage/tree");
    let path = tree.to_str().unwrap();
    for command in
        [&["check", path, "--format", "json"][..], &["check", path], &["facts", path, "--format", "json"]]
    {
        let first = shipworthy(&tree, command).stdout;
        assert!(!first.is_empty(), "{command:?}");
        assert!(shipworthy(&tree, command).stdout == first, "{command:?} differs when run twice");
    }
    for format in ["json", "text"] {
        let first = shipworthy(&tree, &["check", path, "--format", format]).stdout;
        for threads in ["1", "2", "7"] {
            let again = shipworthy(&tree, &["check", path, "--format", format, "--threads", threads]).stdout;
            assert!(again == first, "{format} differs with {threads} threads");
        }
    }
}
