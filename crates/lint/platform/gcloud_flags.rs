//! The flags of the `gcloud run` commands that change services and jobs.
//!
//! Source of every row: what [`source`] names.

use facts::CloudRunCommand;

use crate::nearest::nearest;

/// Where the list stands.
const SOURCE: &str = "https://cloud.google.com/sdk/gcloud/reference/run/deploy";

/// Every flag of `gcloud run deploy`, without its dashes and without `no-`.
const FLAGS: &[&str] = &[
    "access-token-file",
    "account",
    "add-cloudsql-instances",
    "add-custom-audiences",
    "add-volume",
    "add-volume-mount",
    "allow-unauthenticated",
    "args",
    "async",
    "automatic-updates",
    "base-image",
    "billing-project",
    "binary-authorization",
    "breakglass",
    "build-env-vars-file",
    "build-service-account",
    "build-worker-pool",
    "clear-base-image",
    "clear-binary-authorization",
    "clear-build-env-vars",
    "clear-build-service-account",
    "clear-build-worker-pool",
    "clear-cloudsql-instances",
    "clear-config-maps",
    "clear-custom-audiences",
    "clear-encryption-key-shutdown-hours",
    "clear-env-vars",
    "clear-key",
    "clear-labels",
    "clear-network",
    "clear-network-tags",
    "clear-post-key-revocation-action-type",
    "clear-secrets",
    "clear-volume-mounts",
    "clear-volumes",
    "clear-vpc-connector",
    "cluster",
    "cluster-location",
    "command",
    "concurrency",
    "configuration",
    "connectivity",
    "container",
    "context",
    "cpu",
    "cpu-boost",
    "cpu-throttling",
    "default-url",
    "depends-on",
    "deploy-health-check",
    "description",
    "domain",
    "encryption-key-shutdown-hours",
    "env-vars-file",
    "execution-environment",
    "flags-file",
    "flatten",
    "format",
    "function",
    "gpu",
    "gpu-type",
    "gpu-zonal-redundancy",
    "help",
    "iap",
    "image",
    "impersonate-service-account",
    "ingress",
    "invoker-iam-check",
    "key",
    "kubeconfig",
    "labels",
    "liveness-probe",
    "log-http",
    "max",
    "max-instances",
    "memory",
    "mesh",
    "min",
    "min-instances",
    "namespace",
    "network",
    "network-tags",
    "platform",
    "port",
    "post-key-revocation-action-type",
    "project",
    "quiet",
    "readiness-probe",
    "region",
    "remove-build-env-vars",
    "remove-cloudsql-instances",
    "remove-config-maps",
    "remove-containers",
    "remove-custom-audiences",
    "remove-env-vars",
    "remove-labels",
    "remove-secrets",
    "remove-volume",
    "remove-volume-mount",
    "revision-suffix",
    "scaling",
    "service-account",
    "service-max-instances",
    "service-min-instances",
    "session-affinity",
    "set-build-env-vars",
    "set-cloudsql-instances",
    "set-config-maps",
    "set-custom-audiences",
    "set-env-vars",
    "set-secrets",
    "source",
    "startup-probe",
    "subnet",
    "tag",
    "timeout",
    "trace-token",
    "traffic",
    "update-build-env-vars",
    "update-config-maps",
    "update-env-vars",
    "update-labels",
    "update-secrets",
    "use-http2",
    "user-output-enabled",
    "verbosity",
    "vpc-connector",
    "vpc-egress",
];

/// Flags that the commands for services have besides those of `deploy`, also in alpha and beta.
const SERVICE_FLAGS: &[&str] = &[
    "dry-run",
    "endpoint-mode",
    "functional-type",
    "grace-period",
    "identity-certificate",
    "identity-type",
    "max-surge",
    "public",
    "scaling-concurrency-target",
    "scaling-cpu-target",
    "ssh",
];

/// Flags that the commands for jobs have besides those of `deploy`, also in alpha and beta.
const JOB_FLAGS: &[&str] = &[
    "delay-execution",
    "execute-now",
    "max-retries",
    "parallelism",
    "sandbox-launcher",
    "task-timeout",
    "tasks",
    "wait",
    "workdir",
];

/// Flags of `deploy` that `services update` does not have, and what to do instead.
const NOT_FOR_UPDATE: &[(&str, &str)] = &[
    (
        "allow-unauthenticated",
        "who may call a service is told by `gcloud run services add-iam-policy-binding`",
    ),
    ("source", "only `gcloud run deploy` builds"),
];

/// Flags of services that jobs do not have, and what to do instead.
const NOT_FOR_JOBS: &[(&str, &str)] = &[
    ("allow-unauthenticated", "nobody calls a job, so leave it out"),
    ("concurrency", "a job serves no requests; `--parallelism` says how many tasks run at once"),
    ("cpu-boost", "it is for services"),
    ("cpu-throttling", "it is for services"),
    ("ingress", "nobody calls a job, so leave it out"),
    ("max-instances", "`--parallelism` says how many tasks run at once"),
    ("min-instances", "a job has no instances that wait"),
    ("port", "a job listens nowhere, so leave it out"),
    ("session-affinity", "it is for services"),
    ("timeout", "it is `--task-timeout` here"),
    ("traffic", "a job serves no requests, so leave it out"),
];

/// Flags of other commands for jobs that `execute` does not have: it overrides a few things for one execution.
const NOT_FOR_EXECUTE: &[(&str, &str)] = &[
    ("image", "give it to `gcloud run jobs update` before"),
    ("memory", "give it to `gcloud run jobs update` before"),
    ("cpu", "give it to `gcloud run jobs update` before"),
    ("service-account", "give it to `gcloud run jobs update` before"),
    ("set-env-vars", "it is `--update-env-vars` here"),
    ("set-secrets", "give it to `gcloud run jobs update` before"),
];

/// Where the flags of a command are listed.
pub(crate) const fn source(command: CloudRunCommand) -> &'static str {
    match command {
        CloudRunCommand::Deploy => SOURCE,
        CloudRunCommand::ServicesUpdate => {
            "https://cloud.google.com/sdk/gcloud/reference/run/services/update"
        }
        CloudRunCommand::JobsCreate => "https://cloud.google.com/sdk/gcloud/reference/run/jobs/create",
        CloudRunCommand::JobsDeploy => "https://cloud.google.com/sdk/gcloud/reference/run/jobs/deploy",
        CloudRunCommand::JobsUpdate => "https://cloud.google.com/sdk/gcloud/reference/run/jobs/update",
        CloudRunCommand::JobsExecute => "https://cloud.google.com/sdk/gcloud/reference/run/jobs/execute",
    }
}

/// What to do instead of a flag that exists, and not for this command.
pub(crate) fn of_another_command(command: CloudRunCommand, flag: &str) -> Option<&'static str> {
    let tables: &[&[(&str, &'static str)]] = match command {
        CloudRunCommand::Deploy => &[],
        CloudRunCommand::ServicesUpdate => &[NOT_FOR_UPDATE],
        CloudRunCommand::JobsCreate | CloudRunCommand::JobsDeploy | CloudRunCommand::JobsUpdate => {
            &[NOT_FOR_JOBS]
        }
        CloudRunCommand::JobsExecute => &[NOT_FOR_JOBS, NOT_FOR_EXECUTE],
    };
    let name = plain(flag)?;
    tables.iter().copied().flatten().find(|(known, _)| *known == name).map(|(_, instead)| *instead)
}

/// A flag without its dashes and without `no-`.
fn plain(flag: &str) -> Option<&str> {
    let name = flag.strip_prefix("--")?;
    Some(name.strip_prefix("no-").unwrap_or(name))
}

/// What was meant by a flag that does not exist: one that differs in a letter or two, or in the verb before it.
/// `None` for a flag that exists, and for one that is like none, which a newer release may know.
pub(crate) fn meant(command: CloudRunCommand, flag: &str) -> Option<&'static str> {
    let more = match command {
        CloudRunCommand::Deploy | CloudRunCommand::ServicesUpdate => SERVICE_FLAGS,
        _ => JOB_FLAGS,
    };
    let name = plain(flag)?;
    if FLAGS.iter().chain(more).any(|known| *known == name) {
        return None;
    }
    let verbs = ["set-", "add-", "update-"];
    let bare = verbs.iter().find_map(|verb| name.strip_prefix(verb));
    let same = |known: &&str| {
        bare.is_some_and(|bare| *known == bare)
            || verbs.iter().any(|verb| known.strip_prefix(verb) == Some(name))
    };
    let known = || FLAGS.iter().chain(more).copied();
    let other_verb = known().find(|known| same(known));
    other_verb.or_else(|| nearest(name, known().filter(|known| known.len().abs_diff(name.len()) <= 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_is_nearly_one_is_told_from_a_new_one() {
        let of_deploy = |flag: &str| meant(CloudRunCommand::Deploy, flag);
        assert_eq!(of_deploy("--set-labels"), Some("labels"));
        assert_eq!(of_deploy("--memroy"), Some("memory"));
        assert_eq!(of_deploy("--env-vars"), Some("set-env-vars"));
        assert_eq!(
            (of_deploy("--no-cpu-throttling"), of_deploy("--quantum-cores"), of_deploy("--set-secrets")),
            (None, None, None)
        );
        assert_eq!(meant(CloudRunCommand::JobsUpdate, "--task-timout"), Some("task-timeout"));
    }

    #[test]
    fn each_command_has_flags_of_its_own() {
        let is_foreign = |command, flag: &str| of_another_command(command, flag).is_some();
        assert!(is_foreign(CloudRunCommand::ServicesUpdate, "--allow-unauthenticated"));
        assert!(is_foreign(CloudRunCommand::JobsDeploy, "--timeout"));
        assert!(is_foreign(CloudRunCommand::JobsExecute, "--set-env-vars"));
        assert!(!is_foreign(CloudRunCommand::JobsDeploy, "--set-env-vars"));
        assert!(!is_foreign(CloudRunCommand::Deploy, "--allow-unauthenticated"));
    }
}
