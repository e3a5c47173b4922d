//! `services.*`.

use super::deploy::{DEPLOY, DEVELOP, GPUS};
use super::shapes::{
    COMMAND, COUNT, DISTINCT, EXTRA_HOSTS, GRANTS, ONE_OR_MORE, OPTIONS, PAIRS, QUANTITY, STRING, STRINGS,
    SWITCH, ULIMITS, of, of_any, of_names, only,
};
use super::types::{BOOL, NULL, NUMBER, TEXT};
use super::{Object, Others, Shape};

pub(super) const SERVICE: Object = of(&[
    ("annotations", PAIRS),
    ("attach", SWITCH),
    ("blkio_config", Shape::Object(&BLKIO)),
    ("build", Shape::Either(&[STRING, Shape::Object(&BUILD)])),
    ("cap_add", DISTINCT),
    ("cap_drop", DISTINCT),
    ("cgroup", Shape::Word(&["host", "private"])),
    ("cgroup_parent", STRING),
    ("command", COMMAND),
    ("configs", GRANTS),
    ("container_name", Shape::Text(has_container_name, "a name of at least two letters and digits")),
    ("cpu_count", Shape::Bounded(0, i128::MAX)),
    ("cpu_percent", Shape::Bounded(0, 100)),
    ("cpu_period", QUANTITY),
    ("cpu_quota", QUANTITY),
    ("cpu_rt_period", QUANTITY),
    ("cpu_rt_runtime", QUANTITY),
    ("cpu_shares", QUANTITY),
    ("cpus", QUANTITY),
    ("cpuset", STRING),
    ("credential_spec", Shape::Object(&of(&[("config", STRING), ("file", STRING), ("registry", STRING)]))),
    ("depends_on", Shape::Either(&[DISTINCT, Shape::Object(&of_names(&Shape::Object(&DEPENDENCY)))])),
    ("deploy", Shape::Object(&DEPLOY)),
    ("develop", Shape::Object(&DEVELOP)),
    ("device_cgroup_rules", DISTINCT),
    ("devices", Shape::List(&Shape::Either(&[STRING, Shape::Object(&DEVICE)]))),
    ("dns", ONE_OR_MORE),
    ("dns_opt", DISTINCT),
    ("dns_search", ONE_OR_MORE),
    ("domainname", STRING),
    ("entrypoint", COMMAND),
    ("env_file", Shape::Either(&[STRING, Shape::List(&Shape::Either(&[STRING, Shape::Object(&ENV_FILE)]))])),
    ("environment", PAIRS),
    // Coolify's own, which it takes out before Compose reads the file: https://coolify.io/docs/knowledge-base/docker/compose
    ("exclude_from_hc", SWITCH),
    ("expose", Shape::Set(&QUANTITY)),
    ("extends", Shape::Either(&[STRING, Shape::Object(&EXTENDS)])),
    ("external_links", DISTINCT),
    ("extra_hosts", EXTRA_HOSTS),
    ("gpus", GPUS),
    ("group_add", Shape::Set(&QUANTITY)),
    ("healthcheck", Shape::Object(&HEALTHCHECK)),
    ("hostname", STRING),
    ("image", STRING),
    ("init", SWITCH),
    ("ipc", STRING),
    ("isolation", STRING),
    ("label_file", Shape::Either(&[STRING, STRINGS])),
    ("labels", PAIRS),
    ("links", DISTINCT),
    ("logging", Shape::Object(&of(&[("driver", STRING), ("options", LOG_OPTIONS)]))),
    ("mac_address", STRING),
    ("mem_limit", QUANTITY),
    ("mem_reservation", COUNT),
    ("mem_swappiness", COUNT),
    ("memswap_limit", QUANTITY),
    ("models", Shape::Either(&[DISTINCT, Shape::Object(&MODELS)])),
    ("network_mode", STRING),
    ("networks", Shape::Either(&[DISTINCT, Shape::Object(&of_names(&Shape::Object(&NETWORK)))])),
    ("oom_kill_disable", SWITCH),
    ("oom_score_adj", Shape::Bounded(-1000, 1000)),
    ("pid", Shape::Scalar(TEXT | NULL)),
    ("pids_limit", QUANTITY),
    ("platform", STRING),
    ("ports", Shape::Set(&Shape::Either(&[QUANTITY, Shape::Object(&PORT)]))),
    ("post_start", Shape::List(&Shape::Object(&HOOK))),
    ("pre_start", Shape::List(&Shape::Object(&PRE_START))),
    ("pre_stop", Shape::List(&Shape::Object(&HOOK))),
    ("privileged", SWITCH),
    ("profiles", DISTINCT),
    ("provider", Shape::Object(&PROVIDER)),
    ("pull_policy", Shape::Text(has_pull_policy, "`always`, `never`, `missing`, `build` or `every_…`")),
    ("pull_refresh_after", STRING),
    ("read_only", SWITCH),
    ("restart", STRING),
    ("runtime", STRING),
    ("scale", COUNT),
    ("secrets", GRANTS),
    ("security_opt", DISTINCT),
    ("shm_size", QUANTITY),
    ("stdin_open", SWITCH),
    ("stop_grace_period", STRING),
    ("stop_signal", STRING),
    ("storage_opt", Shape::Object(&Object { others: Others::Unchecked, ..of(&[]) })),
    ("sysctls", PAIRS),
    ("tmpfs", ONE_OR_MORE),
    ("tty", SWITCH),
    ("ulimits", ULIMITS),
    ("use_api_socket", Shape::Scalar(BOOL)),
    ("user", STRING),
    ("userns_mode", STRING),
    ("uts", STRING),
    ("volumes", Shape::Set(&Shape::Either(&[STRING, Shape::Object(&VOLUME)]))),
    ("volumes_from", DISTINCT),
    ("working_dir", STRING),
]);

const BUILD: Object = of(&[
    ("additional_contexts", PAIRS),
    ("args", PAIRS),
    ("cache_from", STRINGS),
    ("cache_to", STRINGS),
    ("context", STRING),
    ("dockerfile", STRING),
    ("dockerfile_inline", STRING),
    ("entitlements", STRINGS),
    ("extra_hosts", EXTRA_HOSTS),
    ("isolation", STRING),
    ("labels", PAIRS),
    ("network", STRING),
    ("no_cache", SWITCH),
    ("no_cache_filter", ONE_OR_MORE),
    ("platforms", STRINGS),
    ("privileged", SWITCH),
    ("provenance", SWITCH),
    ("pull", SWITCH),
    ("sbom", SWITCH),
    ("secrets", GRANTS),
    ("shm_size", COUNT),
    ("ssh", PAIRS),
    ("tags", STRINGS),
    ("target", STRING),
    ("ulimits", ULIMITS),
]);

const BLKIO: Object = only(&[
    ("device_read_bps", BLKIO_RATES),
    ("device_read_iops", BLKIO_RATES),
    ("device_write_bps", BLKIO_RATES),
    ("device_write_iops", BLKIO_RATES),
    ("weight", COUNT),
    ("weight_device", Shape::List(&Shape::Object(&only(&[("path", STRING), ("weight", COUNT)])))),
]);

const BLKIO_RATES: Shape = Shape::List(&Shape::Object(&only(&[("path", STRING), ("rate", COUNT)])));

const DEPENDENCY: Object = Object {
    required: &["condition"],
    ..of(&[
        ("restart", SWITCH),
        ("required", Shape::Scalar(BOOL)),
        ("condition", Shape::Word(&["service_started", "service_healthy", "service_completed_successfully"])),
    ])
};

const DEVICE: Object = Object {
    required: &["source"],
    ..of(&[("source", STRING), ("target", STRING), ("permissions", STRING)])
};

const ENV_FILE: Object =
    Object { required: &["path"], ..only(&[("path", STRING), ("format", STRING), ("required", SWITCH)]) };

const EXTENDS: Object = Object { required: &["service"], ..only(&[("service", STRING), ("file", STRING)]) };

const HEALTHCHECK: Object = of(&[
    ("disable", SWITCH),
    ("interval", STRING),
    ("retries", QUANTITY),
    ("start_interval", STRING),
    ("start_period", STRING),
    ("test", Shape::Either(&[STRING, STRINGS])),
    ("timeout", STRING),
]);

pub(super) const HOOK: Object = Object {
    required: &["command"],
    ..of(&[
        ("command", COMMAND),
        ("user", STRING),
        ("privileged", SWITCH),
        ("working_dir", STRING),
        ("environment", PAIRS),
    ])
};

const PRE_START: Object = of(&[
    ("command", COMMAND),
    ("image", STRING),
    ("user", STRING),
    ("privileged", SWITCH),
    ("working_dir", STRING),
    ("environment", PAIRS),
    ("per_replica", SWITCH),
]);

const LOG_OPTIONS: Shape = Shape::Object(&of_any(&Shape::Scalar(TEXT | NUMBER | NULL)));

const MODELS: Object = Object { others: Others::OpenNames(&Shape::Object(&MODEL)), ..of(&[]) };

const MODEL: Object = Object { may_be_null: true, ..of(&[("endpoint_var", STRING), ("model_var", STRING)]) };

const NETWORK: Object = Object {
    may_be_null: true,
    ..of(&[
        ("aliases", DISTINCT),
        ("driver_opts", OPTIONS),
        ("gw_priority", Shape::Scalar(NUMBER)),
        ("interface_name", STRING),
        ("ipv4_address", STRING),
        ("ipv6_address", STRING),
        ("link_local_ips", DISTINCT),
        ("mac_address", STRING),
        ("priority", Shape::Scalar(NUMBER)),
    ])
};

const PORT: Object = of(&[
    ("name", STRING),
    ("mode", STRING),
    ("host_ip", STRING),
    ("target", COUNT),
    ("published", COUNT),
    ("protocol", STRING),
    ("app_protocol", STRING),
]);

const PROVIDER: Object = Object {
    required: &["type"],
    ..of(&[("type", STRING), ("options", Shape::Object(&of_any(&PROVIDER_OPTION)))])
};

const PROVIDER_OPTION: Shape =
    Shape::Either(&[Shape::Scalar(TEXT | NUMBER | BOOL), Shape::List(&Shape::Scalar(TEXT | NUMBER | BOOL))]);

const VOLUME: Object = Object {
    required: &["type"],
    ..of(&[
        ("type", Shape::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
        ("source", STRING),
        ("target", STRING),
        ("read_only", SWITCH),
        ("consistency", STRING),
        // Coolify's own as well.
        ("content", STRING),
        ("is_directory", SWITCH),
        ("bind", Shape::Object(&BIND)),
        ("volume", Shape::Object(&of(&[("labels", PAIRS), ("nocopy", SWITCH), ("subpath", STRING)]))),
        ("tmpfs", Shape::Object(&of(&[("size", Shape::Bounded(0, i128::MAX)), ("mode", QUANTITY)]))),
        ("image", Shape::Object(&of(&[("subpath", STRING)]))),
    ])
};

const BIND: Object = of(&[
    ("propagation", STRING),
    ("create_host_path", SWITCH),
    ("recursive", Shape::Word(&["enabled", "disabled", "writable", "readonly"])),
    ("selinux", Shape::Word(&["z", "Z"])),
]);

/// The specification's pattern is not anchored: `[a-zA-Z0-9][a-zA-Z0-9_.-]+` anywhere.
fn has_container_name(text: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_alphanumeric();
    let is_rest = |byte: u8| is_start(byte) || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes().windows(2).any(|pair| matches!(pair, [a, b] if is_start(*a) && is_rest(*b)))
}

/// Not anchored either.
fn has_pull_policy(text: &str) -> bool {
    let words = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    let is_interval = |(at, _): (usize, &str)| {
        let rest = text.get(at + "every_".len()..).unwrap_or("");
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest.as_bytes().get(digits).is_some_and(|unit| b"wdhms".contains(unit))
    };
    words.iter().any(|word| text.contains(word)) || text.match_indices("every_").any(is_interval)
}
