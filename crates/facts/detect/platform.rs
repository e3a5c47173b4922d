//! Variables that platforms set by themselves, as data: each row names its source.

use std::collections::BTreeSet;

use super::names::words_of;
use crate::Deployment;

/// What a platform gives a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// The name of the service.
    Service,
    /// Always this.
    Value(&'static str),
    /// Something that no file tells.
    Something,
}

/// A variable of a platform.
pub(super) struct Provided {
    /// Its name.
    pub(super) variable: &'static str,
    /// Who sets it.
    pub(super) platform: &'static str,
    /// To what.
    pub(super) value: Given,
    /// The document that says so.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the reader of the table"))]
    pub(super) source: &'static str,
}

/// Cloud Run services.
pub(super) const CLOUD_RUN: &str = "Cloud Run";
/// Cloud Run jobs.
pub(super) const CLOUD_RUN_JOBS: &str = "Cloud Run jobs";
/// Kubernetes.
pub(super) const KUBERNETES: &str = "Kubernetes";

const fn row(platform: &'static str, variable: &'static str, value: Given, source: &'static str) -> Provided {
    Provided { variable, platform, value, source }
}

const RUN: &str = "https://cloud.google.com/run/docs/container-contract";
const ENGINE: &str = "https://cloud.google.com/appengine/docs/standard/python3/runtime";
const SERVICE: &str =
    "https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables";
const VERCEL: &str = "https://vercel.com/docs/environment-variables/system-environment-variables";
const RAILWAY: &str = "https://docs.railway.com/reference/variables";
const LAMBDA: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
const PYTEST: &str = "https://docs.pytest.org/en/stable/reference/reference.html#environment-variables";
const ACTIONS: &str = "https://docs.github.com/en/actions/reference/workflows-and-actions/variables";

/// The variables of all platforms that are known.
pub(super) const PROVIDED: &[Provided] = &[
    row(CLOUD_RUN, "K_SERVICE", Given::Service, RUN),
    row(CLOUD_RUN, "K_REVISION", Given::Something, RUN),
    row(CLOUD_RUN, "K_CONFIGURATION", Given::Service, RUN),
    row(CLOUD_RUN, "PORT", Given::Something, RUN),
    row(CLOUD_RUN_JOBS, "CLOUD_RUN_JOB", Given::Service, RUN),
    row(CLOUD_RUN_JOBS, "CLOUD_RUN_EXECUTION", Given::Something, RUN),
    row("App Engine", "GAE_ENV", Given::Value("standard"), ENGINE),
    row("App Engine", "GAE_SERVICE", Given::Service, ENGINE),
    row("App Engine", "GAE_APPLICATION", Given::Something, ENGINE),
    row("App Engine", "GAE_VERSION", Given::Something, ENGINE),
    row("App Engine", "GAE_INSTANCE", Given::Something, ENGINE),
    row(KUBERNETES, "KUBERNETES_SERVICE_HOST", Given::Something, SERVICE),
    row(KUBERNETES, "KUBERNETES_SERVICE_PORT", Given::Something, SERVICE),
    row("Vercel", "VERCEL", Given::Value("1"), VERCEL),
    row("Vercel", "VERCEL_ENV", Given::Something, VERCEL),
    row("Vercel", "VERCEL_URL", Given::Something, VERCEL),
    row("Railway", "RAILWAY_ENVIRONMENT_NAME", Given::Something, RAILWAY),
    row("Railway", "RAILWAY_ENVIRONMENT", Given::Something, RAILWAY),
    row("Railway", "RAILWAY_SERVICE_NAME", Given::Service, RAILWAY),
    row("Railway", "RAILWAY_PROJECT_ID", Given::Something, RAILWAY),
    row(
        "Heroku",
        "DYNO",
        Given::Something,
        "https://devcenter.heroku.com/articles/dynos#local-environment-variables",
    ),
    row("Render", "RENDER", Given::Value("true"), "https://render.com/docs/environment-variables"),
    row("Fly.io", "FLY_APP_NAME", Given::Service, "https://fly.io/docs/machines/runtime-environment/"),
    row("AWS Lambda", "AWS_LAMBDA_FUNCTION_NAME", Given::Service, LAMBDA),
    row("AWS Lambda", "AWS_EXECUTION_ENV", Given::Something, LAMBDA),
    row(
        "Azure App Service",
        "WEBSITE_SITE_NAME",
        Given::Service,
        "https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings",
    ),
    row(
        "Azure Functions",
        "AZURE_FUNCTIONS_ENVIRONMENT",
        Given::Something,
        "https://learn.microsoft.com/en-us/azure/azure-functions/functions-app-settings",
    ),
    row("pytest", "PYTEST_CURRENT_TEST", Given::Something, PYTEST),
    row("pytest", "PYTEST_VERSION", Given::Something, PYTEST),
    row("Jest", "JEST_WORKER_ID", Given::Something, "https://jestjs.io/docs/environment-variables"),
    row("GitHub Actions", "CI", Given::Value("true"), ACTIONS),
    row("GitHub Actions", "GITHUB_ACTIONS", Given::Value("true"), ACTIONS),
    row("GitHub Actions", "GITHUB_WORKFLOW", Given::Something, ACTIONS),
];

/// Words of names that ask one platform, with the platforms that they may stand for.
const ASKED: &[(&[&str], &[&str])] = &[
    (&["cloud", "run"], &[CLOUD_RUN, CLOUD_RUN_JOBS]),
    (&["app", "engine"], &["App Engine"]),
    (&["aws"], &["AWS Lambda"]),
    (&["lambda"], &["AWS Lambda"]),
    (&["azure"], &["Azure App Service", "Azure Functions"]),
    (&["vercel"], &["Vercel"]),
    (&["railway"], &["Railway"]),
    (&["heroku"], &["Heroku"]),
    (&["kubernetes"], &[KUBERNETES]),
];

/// What runs tests and builds, and nothing that is deployed.
pub(super) const RUNNERS: &[&str] = &["pytest", "Jest", "GitHub Actions"];

/// The platforms that run a deployment, as far as its variables tell.
pub(super) fn platforms(deployment: &Deployment) -> BTreeSet<&'static str> {
    let given = |name: &str| deployment.variables.contains_key(name) || deployment.hidden.contains(name);
    let own = PROVIDED.iter().filter(|row| Some(row.platform) == deployment.platform || given(row.variable));
    own.map(|row| row.platform).filter(|platform| !RUNNERS.contains(platform)).collect()
}

/// Whether a detector asks by its name a platform on which a deployment does not run: `get_aws_environment`.
pub(super) fn asks_another(name: &str, deployment: &Deployment) -> bool {
    let words = words_of(name.rsplit('.').next().unwrap_or(name));
    let asked = |wanted: &[&str]| words.windows(wanted.len()).any(|part| part.iter().eq(wanted));
    let Some((_, asked)) = ASKED.iter().find(|(wanted, _)| asked(wanted)) else { return false };
    let own = platforms(deployment);
    (deployment.complete || !own.is_empty()) && !asked.iter().any(|platform| own.contains(platform))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_a_name_of_its_own() {
        for (index, row) in PROVIDED.iter().enumerate() {
            assert!(row.source.starts_with("https://"), "{}", row.variable);
            assert!(
                PROVIDED.iter().skip(index + 1).all(|other| other.variable != row.variable),
                "{}",
                row.variable
            );
        }
    }
}
