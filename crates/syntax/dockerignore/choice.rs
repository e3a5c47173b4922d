//! Which ignore file a builder picks.

use super::Builder;

/// What a builder does about its ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It reads this file.
    File(String),
    /// It finds none and leaves nothing out.
    Nothing,
    /// It stops, because a directory bears the file's name.
    Stops(String),
}

/// The ignore files that `builder` looks for, best first, relative to the repository. Both arguments are relative to
/// the repository; the context `""` or `"."` is the repository itself. The first that exists is the only one read,
/// even when it is empty.
#[must_use]
pub fn ignore_file_candidates(dockerfile: &str, context: &str, builder: Builder) -> Vec<String> {
    let _ = (dockerfile, context, builder);
    Vec::new()
}

/// The first candidate that exists, `kind` telling whether a path is a file (`Some(false)`), a directory
/// (`Some(true)`) or nothing.
#[must_use]
pub fn choose_ignore_file(
    dockerfile: &str,
    context: &str,
    builder: Builder,
    is_dir: impl Fn(&str) -> Option<bool>,
) -> Choice {
    let _ = (dockerfile, context, builder, is_dir("").is_some());
    Choice::Nothing
}

/// The `.gcloudignore` that gcloud writes where there is none but a `.git` or a `.gitignore`. Without either it
/// leaves nothing out.
#[must_use]
pub fn generated_gcloudignore(has_gitignore: bool) -> String {
    let _ = has_gitignore;
    String::new()
}
