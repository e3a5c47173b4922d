//! Build arguments that the Dockerfile does not take.

use std::collections::BTreeMap;

use syntax::dockerfile::Kind;

use super::ReadDockerfile;
use crate::container::UntakenArgument;
use crate::record::{Use, UseKind};

/// Arguments that no ARG has to declare. Sources:
/// <https://docs.docker.com/reference/dockerfile/#predefined-args>,
/// <https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args>.
const PREDEFINED: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "SOURCE_DATE_EPOCH"];

/// Those that a build gives and its Dockerfile does not speak of at all.
pub(super) fn untaken(dockerfiles: &BTreeMap<String, ReadDockerfile>, uses: &[Use]) -> Vec<UntakenArgument> {
    let mut found = Vec::new();
    for used in uses {
        let UseKind::Build(build) = &used.what else { continue };
        let Some(read) = dockerfiles.get(&used.path) else { continue };
        let is_given = |name: &str| build.argument_names.iter().any(|(given, _)| given == name);
        let declared = arguments(read);
        for (name, at) in &build.argument_names {
            if is_predefined(name) || !is_name(name) || speaks_of(&read.document.text, name) {
                continue;
            }
            let open = declared.iter().filter(|(declared, _)| !is_given(declared)).cloned();
            found.push(UntakenArgument {
                name: name.clone(),
                at: at.clone(),
                dockerfile: used.path.clone(),
                open: open.collect(),
            });
        }
    }
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found.dedup();
    found
}

/// Whether a name stands in a text, and not as a part of a longer one.
fn speaks_of(text: &str, name: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').any(|word| word == name)
}

/// The arguments that a Dockerfile declares, and whether each has a default.
fn arguments(read: &ReadDockerfile) -> Vec<(String, bool)> {
    let instructions = read.parsed.tree.instructions.iter();
    let pairs = instructions.filter_map(|instruction| match &instruction.kind {
        Kind::Arg(pairs) => Some(pairs),
        _ => None,
    });
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for pair in pairs.flatten() {
        *found.entry(pair.key.value.clone()).or_default() |= pair.value.is_some();
    }
    found.into_iter().collect()
}

fn is_predefined(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    PREDEFINED.contains(&upper.as_str())
        || ["BUILDKIT_", "TARGET", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"]
            .iter()
            .any(|start| upper.starts_with(start))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
