//! Variables that platforms set by themselves.

/// A variable that is there wherever a platform runs the program, whatever the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlatformVariable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who sets it.
    pub(crate) platform: &'static str,
    /// The address of the document that says so.
    pub(crate) source: &'static str,
}

/// Cloud Run's contract with services and jobs.
const RUN: &str = "https://cloud.google.com/run/docs/container-contract";

/// Variables whose value may name an environment (`VERCEL_ENV`, `RAILWAY_ENVIRONMENT_NAME`) are here as well: their
/// presence says as little.
const VARIABLES: &[PlatformVariable] = &[
    of("K_SERVICE", "Cloud Run", RUN),
    of("K_REVISION", "Cloud Run", RUN),
    of("K_CONFIGURATION", "Cloud Run", RUN),
    of("CLOUD_RUN_JOB", "Cloud Run", RUN),
    of("CLOUD_RUN_EXECUTION", "Cloud Run", RUN),
    of("GAE_ENV", "App Engine", "https://cloud.google.com/appengine/docs/standard/python3/runtime"),
    of("GAE_SERVICE", "App Engine", "https://cloud.google.com/appengine/docs/standard/python3/runtime"),
    of("GAE_APPLICATION", "App Engine", "https://cloud.google.com/appengine/docs/standard/python3/runtime"),
    of("FUNCTION_TARGET", "Cloud Functions", "https://cloud.google.com/functions/docs/configuring/env-var"),
    of(
        "KUBERNETES_SERVICE_HOST",
        "Kubernetes",
        "https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables",
    ),
    of(
        "KUBERNETES_PORT",
        "Kubernetes",
        "https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables",
    ),
    of("VERCEL", "Vercel", "https://vercel.com/docs/environment-variables/system-environment-variables"),
    of("VERCEL_ENV", "Vercel", "https://vercel.com/docs/environment-variables/system-environment-variables"),
    of("VERCEL_URL", "Vercel", "https://vercel.com/docs/environment-variables/system-environment-variables"),
    of("RAILWAY_ENVIRONMENT", "Railway", "https://docs.railway.com/reference/variables"),
    of("RAILWAY_ENVIRONMENT_NAME", "Railway", "https://docs.railway.com/reference/variables"),
    of("RAILWAY_PROJECT_ID", "Railway", "https://docs.railway.com/reference/variables"),
    of("RAILWAY_SERVICE_ID", "Railway", "https://docs.railway.com/reference/variables"),
    of("RAILWAY_SERVICE_NAME", "Railway", "https://docs.railway.com/reference/variables"),
    of("RENDER", "Render", "https://render.com/docs/environment-variables"),
    of("RENDER_SERVICE_ID", "Render", "https://render.com/docs/environment-variables"),
    of("FLY_APP_NAME", "Fly.io", "https://fly.io/docs/machines/runtime-environment/"),
    of("FLY_REGION", "Fly.io", "https://fly.io/docs/machines/runtime-environment/"),
    of("DYNO", "Heroku", "https://devcenter.heroku.com/articles/dynos#local-environment-variables"),
    of(
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS Lambda",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    ),
    of("AWS_EXECUTION_ENV", "AWS", "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"),
    of(
        "ECS_CONTAINER_METADATA_URI",
        "Amazon ECS",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v3.html",
    ),
    of(
        "ECS_CONTAINER_METADATA_URI_V4",
        "Amazon ECS",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html",
    ),
    of(
        "WEBSITE_SITE_NAME",
        "Azure App Service",
        "https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings",
    ),
    of(
        "WEBSITE_INSTANCE_ID",
        "Azure App Service",
        "https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings",
    ),
    of(
        "CONTAINER_APP_NAME",
        "Azure Container Apps",
        "https://learn.microsoft.com/en-us/azure/container-apps/environment-variables",
    ),
    of("NETLIFY", "Netlify", "https://docs.netlify.com/configure-builds/environment-variables/"),
    of(
        "CF_PAGES",
        "Cloudflare Pages",
        "https://developers.cloudflare.com/pages/configuration/build-configuration/",
    ),
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
            assert!(row.source.starts_with("https://"), "{}", row.name);
            assert!(VARIABLES.iter().skip(index + 1).all(|other| other.name != row.name), "{}", row.name);
        }
    }
}
