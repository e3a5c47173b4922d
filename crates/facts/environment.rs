//! Environments: their canonical names, and which one a file speaks of.

use source::tokens;

/// The canonical names of environments, each with the words that mean it.
const NAMES: &[(&str, &[&str])] = &[
    ("production", &["production", "prod", "prd", "live"]),
    ("staging", &["staging", "stage", "stg"]),
    ("preview", &["preview"]),
    ("uat", &["uat"]),
    ("qa", &["qa"]),
    ("preproduction", &["preproduction", "preprod"]),
    ("development", &["development", "develop", "dev", "devcontainer", "codespace", "codespaces", "gitpod"]),
    ("local", &["local", "localhost"]),
    ("test", &["test", "testing", "tests"]),
    ("ci", &["ci"]),
    ("sandbox", &["sandbox"]),
    ("demo", &["demo"]),
    ("example", &["example", "sample", "template"]),
];

/// The canonical name of an environment that is deployed: `prod` and `live` are production, `stg` is staging.
#[must_use]
pub fn canonical(word: &str) -> Option<&'static str> {
    let means = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    NAMES.iter().find(|(_, words)| means(words)).map(|(name, _)| *name)
}

/// Every word that means an environment, in lower case.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    NAMES.iter().flat_map(|(_, words)| words.iter().copied())
}

/// Whether an environment of this canonical name is deployed unless the configuration says otherwise.
#[must_use]
pub fn is_deployed(canonical: &str) -> bool {
    !matches!(canonical, "development" | "local" | "test" | "ci" | "example" | "sandbox" | "demo")
}

/// The environments that the whole words of a path name, nearest to the file name first: `.env.staging`,
/// `environments/staging/main.tf`, `terraform-gcp-staging/`.
#[must_use]
pub fn named_by_path(path: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for part in path.rsplit('/') {
        for word in tokens(part) {
            if let Some(name) = canonical(&word)
                && !found.contains(&name)
            {
                found.push(name);
            }
        }
        // The nearest name decides: `staging/production-notes/x` is about notes on production.
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// The one environment that the whole words of a name say: `backend-staging`, `acme-prod`.
#[must_use]
pub fn named_by_words(name: &str) -> Option<&'static str> {
    only(tokens(name).filter_map(|word| canonical(&word)))
}

/// The name, if all are equal; else `None`.
pub(crate) fn only<'n>(mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let first = names.next()?;
    names.all(|other| other == first).then_some(first)
}

/// Keys whose value names the environment of the file that sets them.
#[must_use]
pub fn is_marker(key: &str) -> bool {
    matches!(
        key.to_ascii_lowercase().as_str(),
        "environment"
            | "env"
            | "app_env"
            | "deployment_environment"
            | "deploy_env"
            | "node_env"
            | "rails_env"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_the_path_name_environments() {
        assert_eq!(named_by_path(".env.staging"), ["staging"]);
        assert_eq!(named_by_path("terraform-gcp-staging/main.tf"), ["staging"]);
        assert_eq!(named_by_path("config/prod.tfvars"), ["production"]);
        assert_eq!(named_by_path("restaging/product-catalog.yaml"), [] as [&str; 0]);
        assert_eq!(named_by_path("environments/staging/local.env"), ["local"]);
    }
}
