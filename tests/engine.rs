//! Build contexts against a real engine: `FROM scratch` and `COPY . /` give what `context list` says.

use std::path::Path;

use crate::support::{folder, shipworthy, tool, write};

/// Files of every context; each has a letter that tells it.
const FILES: &[&str] = &[
    ".env",
    "README.md",
    "a+b.txt",
    "app/__init__.py",
    "app/main.py",
    "app/monitoring/__init__.py",
    "app/monitoring/deep/alerts.yaml",
    "app/services/monitoring/report.py",
    "caret",
    "docs/README.md",
    "docs/guide/start.md",
    "monitoring.py",
    "monitoring/dashboard.json",
    "node_modules/left/index.js",
    "src/a/b/c/d.txt",
    "src/a/keep.txt",
    "test_main.py",
];

/// Ignore files, with the traps of the format.
const IGNORE_FILES: [&str; 20] = [
    "",
    "**/monitoring/\n",
    "**/monitoring/\n!app/\n",
    "**/monitoring/\n!app/monitoring/\n",
    "**/monitoring\n!**/*.py\n",
    "monitoring\n",
    "*\n!app/main.py\n",
    "*\n!app\napp/services\n",
    "**\n!src/a/keep.txt\n",
    "docs/README.md\n!docs\n",
    "*.md\n!README.md\n",
    "**/*.md\n!docs/guide\n",
    "  app  \r\n# app/main.py\r\n #comment\r\n",
    "app/*\n!app/m*\n",
    "src/**/d.txt\n",
    "src/*/b\n!src/a/b/c\n",
    "[!a]*\n",
    "^car*\na+b.txt\n",
    "**/node_modules\n.env*\ntest_*\n",
    "/docs\n./src\napp/../README.md\n",
];

/// What every container has that was not copied into it.
const OF_EVERY_CONTAINER: &[&str] = &[".dockerenv", "dev/", "etc/", "proc/", "sys/"];

#[test]
fn the_engine_is_sent_what_the_list_says() {
    let here = folder(&[]);
    let asked =
        tool("docker", here.path(), &["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]);
    let Some(versions) = asked.filter(|output| output.status.success()) else {
        println!("skipped: no docker on PATH with an engine that answers");
        return;
    };
    let versions = String::from_utf8_lossy(&versions.stdout).trim().to_owned();
    let major: u32 = versions.split('.').next().and_then(|major| major.parse().ok()).unwrap();
    // The client of the classic builder decides what is sent.
    let builder = if major < 23 { "docker20" } else { "legacy" };
    let differing: Vec<String> =
        IGNORE_FILES.iter().filter_map(|ignore| difference(ignore, builder)).collect();
    assert!(differing.is_empty(), "client and engine {versions}:\n{}", differing.join("\n"));
    println!("{} contexts of client and engine {versions} are those of {builder}", IGNORE_FILES.len());
}

/// How the engine and the list differ; nothing where they agree.
fn difference(ignore: &str, builder: &str) -> Option<String> {
    let context =
        folder(&[("Dockerfile", b"FROM scratch\nCOPY . /\n"), (".dockerignore", ignore.as_bytes())]);
    for path in FILES {
        write(context.path(), path, path.as_bytes());
    }
    let listed = shipworthy(context.path(), &["context", "list", ".", "--builder", builder]);
    let listed: Vec<String> = String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect();
    let sent = sent(context.path(), ignore);
    (listed != sent).then(|| format!("{ignore:?}\n  engine {sent:?}\n  list   {listed:?}"))
}

/// The files of an image that is built of the context, without those of every container; image and container are
/// removed.
fn sent(context: &Path, ignore: &str) -> Vec<String> {
    let run = |program: &str, arguments: &[&str]| {
        let output = tool(program, context, arguments).unwrap();
        assert!(output.status.success(), "{ignore:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let image = run("env", &["DOCKER_BUILDKIT=0", "docker", "build", "--no-cache", "-q", "."]);
    let container = run("docker", &["create", &image, "nothing"]);
    let archive = folder(&[]);
    let path = archive.path().join("files.tar");
    run("docker", &["export", "-o", path.to_str().unwrap(), &container]);
    run("docker", &["rm", &container]);
    run("docker", &["rmi", &image]);
    let names = run("tar", &["-tf", path.to_str().unwrap()]);
    let is_own =
        |name: &&str| !name.ends_with('/') && !OF_EVERY_CONTAINER.iter().any(|other| name.starts_with(other));
    let mut names: Vec<String> = names.lines().filter(is_own).map(str::to_owned).collect();
    names.sort();
    names
}
