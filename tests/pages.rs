//! The page of `shipworthy env`, in a real browser.

use crate::support::{root, shipworthy, tool, write};

/// The page as the browser has it after its script ran; `None` without a browser.
fn shown(page: &[u8], fragment: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "page.html", page);
    let address = format!("file://{}/page.html#{fragment}", folder.path().display());
    let profile = format!("--user-data-dir={}/profile", folder.path().display());
    let arguments = ["--headless", "--no-sandbox", "--disable-gpu", &profile, "--dump-dom", &address];
    let output = tool("chromium", folder.path(), &arguments)?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_filter_hides_all_other_variables() {
    let tree = root().join("fixtures/monitoring-outage/tree");
    let page = shipworthy(&tree, &["env", ".", "--format", "html"]).stdout;
    let Some(shown) = shown(&page, "filter=backend-production%20redis_url") else {
        println!("skipped: no chromium");
        return;
    };
    let rows: Vec<&str> = shown.split("<tr ").skip(1).collect();
    assert!(rows.len() > 10, "{shown}");
    let visible: Vec<&&str> = rows.iter().filter(|row| !row.contains("hidden=\"\"")).collect();
    assert_eq!(visible.len(), 1, "{visible:?}");
    assert!(visible[0].contains("<code>REDIS_URL</code>"), "{visible:?}");
    assert!(visible[0].contains("href=\"deploy/backend-production.yaml#L16\""), "{visible:?}");
}
