//! Compose files that are read from another folder than their own.

use std::collections::{BTreeMap, BTreeSet};

use source::{directory_of, join, relative};

use crate::record::{ProjectDirectory, Seen, Use, UseKind};

/// Takes what Compose files name from the folder that commands read them from; where commands differ, from any.
pub(super) fn apply<'d>(directories: impl Iterator<Item = &'d ProjectDirectory>, uses: &mut [Use]) {
    let mut of_file: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in directories {
        of_file.entry(&one.file).or_default().insert(&one.directory);
    }
    for used in uses {
        let Some(found) = of_file.get(&*used.at.path) else { continue };
        let is_read_alone = found.len() == 1 && found.contains(directory_of(&used.at.path));
        if let (true, UseKind::Build(build)) = (is_read_alone, &mut used.what) {
            build.seen = Seen::FromOwnFolder;
        }
        if is_read_alone {
            continue;
        }
        let mut found = found.iter();
        match (found.next(), found.next()) {
            (Some(directory), None) => rebase(used, directory),
            _ => used.may_be_from_elsewhere(),
        }
    }
}

fn rebase(used: &mut Use, directory: &str) {
    let own = directory_of(&used.at.path).to_owned();
    let moved = |path: &str| join(directory, &relative(&own, path));
    match &mut used.what {
        UseKind::Build(build) => {
            if let (Some(path), Some(context)) = (moved(&used.path), moved(&build.context)) {
                used.path = path;
                build.context = context;
            }
        }
        UseKind::EnvFile { .. } | UseKind::Bind { .. } | UseKind::Config => {
            if let Some(path) = moved(&used.path) {
                used.path = path;
            }
        }
        _ => {}
    }
}
