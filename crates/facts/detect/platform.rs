//! Variables that platforms set by themselves, as data: each row names its source.

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
/// Kubernetes.
pub(super) const KUBERNETES: &str = "Kubernetes";

const fn row(platform: &'static str, variable: &'static str, value: Given, source: &'static str) -> Provided {
    Provided { variable, platform, value, source }
}

const RUN: &str = "Cloud Run: Container runtime contract, environment variables";
const ENGINE: &str = "App Engine: Python 3 runtime environment, environment variables";
const SERVICE: &str = "Kubernetes: Service, discovering services by environment variables";
const VERCEL: &str = "Vercel: System environment variables";
const RAILWAY: &str = "Railway: Variables reference, provided variables";
const LAMBDA: &str = "AWS Lambda: Defined runtime environment variables";
const PYTEST: &str = "pytest: Environment variables";
const ACTIONS: &str = "GitHub Actions: Variables reference, default environment variables";

/// The variables of all platforms that are known.
pub(super) const PROVIDED: &[Provided] = &[
    row(CLOUD_RUN, "K_SERVICE", Given::Service, RUN),
    row(CLOUD_RUN, "K_REVISION", Given::Something, RUN),
    row(CLOUD_RUN, "K_CONFIGURATION", Given::Service, RUN),
    row(CLOUD_RUN, "PORT", Given::Something, RUN),
    row("Cloud Run jobs", "CLOUD_RUN_JOB", Given::Service, RUN),
    row("Cloud Run jobs", "CLOUD_RUN_EXECUTION", Given::Something, RUN),
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
    row("Heroku", "DYNO", Given::Something, "Heroku: Dynos, local environment variables"),
    row("Render", "RENDER", Given::Value("true"), "Render: Default environment variables"),
    row("Fly.io", "FLY_APP_NAME", Given::Service, "Fly.io: The machine runtime environment"),
    row("AWS Lambda", "AWS_LAMBDA_FUNCTION_NAME", Given::Service, LAMBDA),
    row("AWS Lambda", "AWS_EXECUTION_ENV", Given::Something, LAMBDA),
    row("Azure App Service", "WEBSITE_SITE_NAME", Given::Service, "Azure App Service: Environment variables"),
    row("Azure Functions", "AZURE_FUNCTIONS_ENVIRONMENT", Given::Something, "Azure Functions: App settings"),
    row("pytest", "PYTEST_CURRENT_TEST", Given::Something, PYTEST),
    row("pytest", "PYTEST_VERSION", Given::Something, PYTEST),
    row("GitHub Actions", "GITHUB_ACTIONS", Given::Value("true"), ACTIONS),
    row("GitHub Actions", "GITHUB_WORKFLOW", Given::Something, ACTIONS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_a_name_of_its_own() {
        for (index, row) in PROVIDED.iter().enumerate() {
            assert!(row.source.contains(':'), "{}", row.variable);
            assert!(
                PROVIDED.iter().skip(index + 1).all(|other| other.variable != row.variable),
                "{}",
                row.variable
            );
        }
    }
}
