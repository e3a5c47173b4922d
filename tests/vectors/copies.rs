//! What COPY and ADD bring into an image, or why the build fails.

use std::collections::BTreeSet;

use facts::{Builder, image_files};
use serde_json::Value;
use source::Memory;

use super::case::{Answer, field, flag, same, text, texts};
use super::{Column, Suite};

pub(super) const SUITES: &[Suite] = &[Suite {
    name: "dockerfile_copy_real_builds",
    judge: |case| build(case, "buildkit", Builder::Buildkit),
    least: 0.95,
    columns: &[
        Column { name: "buildkit", judge: |case| build(case, "buildkit", Builder::Buildkit), least: 0.95 },
        Column { name: "buildah", judge: |case| build(case, "buildah", Builder::Buildah), least: 0.9 },
    ],
}];

fn build(case: &Value, column: &str, builder: Builder) -> Result<Answer, String> {
    let built = image_files(&context(case)?, "Dockerfile", builder);
    let succeeds = flag(case, &format!("{column}_ok"))?;
    match built {
        Err(_) if !succeeds => Ok(Answer::Agrees),
        Err(why) => Err(format!("fails: {why}")),
        Ok(_) if !succeeds => Err(format!("does not fail: {}", case["buildkit_error"])),
        Ok(files) => {
            let entries = texts(case, &format!("{column}_rootfs"))?;
            same("files", files.into_iter().collect(), wanted(&entries)).map(|()| Answer::Agrees)
        }
    }
}

/// The files and links of a listing: `BuildKit`'s rows are `- PATH` and `l PATH -> TARGET`, those of directories end
/// in `/`.
fn wanted(entries: &[String]) -> BTreeSet<String> {
    let paths = entries.iter().filter(|entry| !entry.ends_with('/')).map(|entry| {
        let link = entry.strip_prefix("l ").and_then(|link| link.split(" -> ").next());
        link.or_else(|| entry.strip_prefix("- ")).unwrap_or(entry).to_owned()
    });
    paths.collect()
}

/// The case's tree with its Dockerfile and ignore file.
fn context(case: &Value) -> Result<Memory, String> {
    let mut tree = Memory::new();
    for path in texts(case, "tree")? {
        match path.strip_suffix('/') {
            Some(directory) => tree.insert_directory(directory),
            None => tree.insert(&path, ""),
        }
    }
    let links = field(case, "symlinks")?.as_object().ok_or("`symlinks` of the case is no object")?;
    for (path, target) in links {
        tree.insert_link(path, target.as_str().ok_or("a link of the case leads nowhere")?);
    }
    tree.insert("Dockerfile", text(case, "dockerfile")?);
    let ignore = text(case, "ignore")?;
    if !ignore.is_empty() {
        tree.insert(".dockerignore", ignore);
    }
    Ok(tree)
}
