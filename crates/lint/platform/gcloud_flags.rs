//! The flags of `gcloud run deploy`.
//!
//! Source of every row: [`SOURCE`].

use crate::nearest::nearest;

/// Where the list stands.
pub(crate) const SOURCE: &str = "https://cloud.google.com/sdk/gcloud/reference/run/deploy";

/// Every flag, without its dashes and without `no-`.
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

/// What was meant by a flag that does not exist: one that differs in a letter or two, or in the verb before it.
/// `None` for a flag that exists, and for one that is like none, which a newer release may know.
pub(crate) fn meant(flag: &str) -> Option<&'static str> {
    let name = flag.strip_prefix("--")?;
    let name = name.strip_prefix("no-").unwrap_or(name);
    if FLAGS.contains(&name) {
        return None;
    }
    let verbs = ["set-", "add-", "update-"];
    let bare = verbs.iter().find_map(|verb| name.strip_prefix(verb));
    let same = |known: &&&str| {
        bare.is_some_and(|bare| **known == bare)
            || verbs.iter().any(|verb| known.strip_prefix(verb) == Some(name))
    };
    let other_verb = FLAGS.iter().find(same).copied();
    other_verb.or_else(|| {
        nearest(name, FLAGS.iter().copied().filter(|known| known.len().abs_diff(name.len()) <= 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_is_nearly_one_is_told_from_a_new_one() {
        assert_eq!(meant("--set-labels"), Some("labels"));
        assert_eq!(meant("--memroy"), Some("memory"));
        assert_eq!(meant("--env-vars"), Some("set-env-vars"));
        assert_eq!(
            (meant("--no-cpu-throttling"), meant("--quantum-cores"), meant("--set-secrets")),
            (None, None, None)
        );
    }
}
