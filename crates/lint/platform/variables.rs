//! Variables that platforms set by themselves.

/// A variable that is there wherever a platform runs the program, whatever the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlatformVariable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who sets it.
    pub(crate) platform: &'static str,
    /// The document that says so.
    pub(crate) source: &'static str,
}

/// Variables whose value may name an environment (`VERCEL_ENV`, `RAILWAY_ENVIRONMENT_NAME`) are here as well: their
/// presence says as little.
const VARIABLES: &[PlatformVariable] = &[
    of("K_SERVICE", "Cloud Run", "Cloud Run: Container runtime contract, environment variables"),
    of("K_REVISION", "Cloud Run", "Cloud Run: Container runtime contract, environment variables"),
    of("K_CONFIGURATION", "Cloud Run", "Cloud Run: Container runtime contract, environment variables"),
    of("CLOUD_RUN_JOB", "Cloud Run", "Cloud Run: Container runtime contract, environment variables for jobs"),
    of(
        "CLOUD_RUN_EXECUTION",
        "Cloud Run",
        "Cloud Run: Container runtime contract, environment variables for jobs",
    ),
    of("GAE_ENV", "App Engine", "App Engine: Python 3 runtime environment, environment variables"),
    of("GAE_SERVICE", "App Engine", "App Engine: Python 3 runtime environment, environment variables"),
    of("GAE_APPLICATION", "App Engine", "App Engine: Python 3 runtime environment, environment variables"),
    of(
        "FUNCTION_TARGET",
        "Cloud Functions",
        "Cloud Run functions: Configure environment variables, runtime variables",
    ),
    of(
        "KUBERNETES_SERVICE_HOST",
        "Kubernetes",
        "Kubernetes: Service, discovering services by environment variables",
    ),
    of("KUBERNETES_PORT", "Kubernetes", "Kubernetes: Service, discovering services by environment variables"),
    of("VERCEL", "Vercel", "Vercel: System environment variables"),
    of("VERCEL_ENV", "Vercel", "Vercel: System environment variables"),
    of("VERCEL_URL", "Vercel", "Vercel: System environment variables"),
    of("RAILWAY_ENVIRONMENT", "Railway", "Railway: Variables reference, provided variables"),
    of("RAILWAY_ENVIRONMENT_NAME", "Railway", "Railway: Variables reference, provided variables"),
    of("RAILWAY_PROJECT_ID", "Railway", "Railway: Variables reference, provided variables"),
    of("RAILWAY_SERVICE_ID", "Railway", "Railway: Variables reference, provided variables"),
    of("RAILWAY_SERVICE_NAME", "Railway", "Railway: Variables reference, provided variables"),
    of("RENDER", "Render", "Render: Default environment variables"),
    of("RENDER_SERVICE_ID", "Render", "Render: Default environment variables"),
    of("FLY_APP_NAME", "Fly.io", "Fly.io: The machine runtime environment"),
    of("FLY_REGION", "Fly.io", "Fly.io: The machine runtime environment"),
    of("DYNO", "Heroku", "Heroku: Dynos, local environment variables"),
    of("AWS_LAMBDA_FUNCTION_NAME", "AWS Lambda", "AWS Lambda: Defined runtime environment variables"),
    of("AWS_EXECUTION_ENV", "AWS", "AWS Lambda: Defined runtime environment variables"),
    of("ECS_CONTAINER_METADATA_URI", "Amazon ECS", "Amazon ECS: Container metadata endpoint"),
    of("ECS_CONTAINER_METADATA_URI_V4", "Amazon ECS", "Amazon ECS: Container metadata endpoint version 4"),
    of(
        "WEBSITE_SITE_NAME",
        "Azure App Service",
        "Azure App Service: Environment variables and app settings reference",
    ),
    of(
        "WEBSITE_INSTANCE_ID",
        "Azure App Service",
        "Azure App Service: Environment variables and app settings reference",
    ),
    of(
        "CONTAINER_APP_NAME",
        "Azure Container Apps",
        "Azure Container Apps: Manage environment variables, built-in",
    ),
    of("NETLIFY", "Netlify", "Netlify: Build environment variables"),
    of("CF_PAGES", "Cloudflare Pages", "Cloudflare Pages: Build configuration, environment variables"),
];

const fn of(name: &'static str, platform: &'static str, source: &'static str) -> PlatformVariable {
    PlatformVariable { name, platform, source }
}

/// The platform's variable of this name.
pub(crate) fn variable(name: &str) -> Option<&'static PlatformVariable> {
    VARIABLES.iter().find(|variable| variable.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_a_name_of_its_own() {
        for (index, row) in VARIABLES.iter().enumerate() {
            assert!(row.source.contains(':'), "{}", row.name);
            assert!(VARIABLES.iter().skip(index + 1).all(|other| other.name != row.name), "{}", row.name);
        }
    }
}
