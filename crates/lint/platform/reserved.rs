//! Names of variables that a platform keeps for itself.

/// One reserved variable.
#[derive(Debug)]
pub(crate) struct Reserved {
    /// Its name.
    pub(crate) name: &'static str,
    /// The platform, as policies name it.
    pub(crate) platform: &'static str,
    /// The platform, for people.
    pub(crate) people: &'static str,
    /// What to do instead.
    pub(crate) instead: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// Every reserved variable.
pub(crate) const RESERVED: &[Reserved] = &[
    cloud_run("PORT", "set the container's port instead, and listen on $PORT"),
    cloud_run("K_SERVICE", "drop it"),
    cloud_run("K_REVISION", "drop it"),
    cloud_run("K_CONFIGURATION", "drop it"),
    lambda("_HANDLER"),
    lambda("_X_AMZN_TRACE_ID"),
    lambda("AWS_ACCESS_KEY"),
    lambda("AWS_ACCESS_KEY_ID"),
    lambda("AWS_DEFAULT_REGION"),
    lambda("AWS_EXECUTION_ENV"),
    lambda("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    lambda("AWS_LAMBDA_FUNCTION_NAME"),
    lambda("AWS_LAMBDA_FUNCTION_VERSION"),
    lambda("AWS_LAMBDA_INITIALIZATION_TYPE"),
    lambda("AWS_LAMBDA_LOG_GROUP_NAME"),
    lambda("AWS_LAMBDA_LOG_STREAM_NAME"),
    lambda("AWS_LAMBDA_RUNTIME_API"),
    lambda("AWS_REGION"),
    lambda("AWS_SECRET_ACCESS_KEY"),
    lambda("AWS_SESSION_TOKEN"),
    lambda("LAMBDA_RUNTIME_DIR"),
    lambda("LAMBDA_TASK_ROOT"),
];

const fn lambda(name: &'static str) -> Reserved {
    Reserved {
        name,
        platform: "aws-lambda",
        people: "AWS Lambda",
        instead: "drop it, or give your own value under another name",
        source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime",
    }
}

const fn cloud_run(name: &'static str, instead: &'static str) -> Reserved {
    Reserved {
        name,
        platform: "cloud-run",
        people: "Cloud Run",
        instead,
        source: "https://cloud.google.com/run/docs/configuring/services/overview-environment-variables",
    }
}
