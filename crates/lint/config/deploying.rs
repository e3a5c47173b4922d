//! The keys of `[gate]` and `[target.*]`. What they mean is for `deploy`, which refuses what it does not understand; here a
//! key that nobody reads is told early, and by name.

use toml::de::{DeTable, DeValue};

use super::reader::{Reader, Value};

/// The keys that `deploy` knows, by section.
pub mod keys {
    /// `[gate]`.
    pub const GATE: &[&str] = &[
        "fail_on",
        "scope",
        "require_up_to_date",
        "allow_dirty",
        "baseline",
        "never_override",
        "commands",
        "receipt",
    ];
    /// `[gate.receipt]`.
    pub const RECEIPT: &[&str] = &["ci_required", "allowed_signers", "max_age"];
    /// `[target.NAME]`, for all providers together.
    pub const TARGET: &[&str] = &[
        "provider",
        "environment",
        "allow_dirty",
        "project",
        "region",
        "secret_versions",
        "strategy",
        "lock",
        "rollback",
        "timeout",
        "rollback_timeout",
        "migrate",
        "smoke",
        "deploy",
        "observe",
        "env",
        "pass_env",
        "health",
        "service",
        "infra",
        "file",
        "client",
        "switch",
        "blue",
        "green",
        "replies",
        "validate",
        "extends",
        "service_name",
        "database",
        "redis_db",
        "ttl",
        "refuse_redis_collision",
        "allow_load",
    ];
    /// Of [`TARGET`], what the design knows and this version refuses to skip.
    pub const LATER: &[&str] = &[
        "validate",
        "extends",
        "service_name",
        "database",
        "redis_db",
        "ttl",
        "refuse_redis_collision",
        "allow_load",
    ];
    /// `strategy` as a table.
    pub const STRATEGY: &[&str] = &["kind", "canary", "soak"];
    /// `lock`.
    pub const LOCK: &[&str] = &["kind", "remote", "ttl"];
    /// `health`.
    pub const HEALTH: &[&str] = &["url", "path", "within", "commit_field", "deadline", "consecutive"];
    /// `[[target.NAME.service]]`.
    pub const SERVICE: &[&str] =
        &["name", "service", "image", "after", "request_timeout", "health", "secrets", "env", "port"];
    /// `[[target.NAME.infra]]`.
    pub const INFRA: &[&str] = &["kind", "dir", "var_file", "protected", "rollback"];
}

/// Tells unknown keys of `[gate]`.
pub(super) fn gate(value: &Value<'_>, reader: &mut Reader<'_>) {
    for (key, value) in known(reader, "gate", value, keys::GATE) {
        if key == "receipt" {
            known(reader, "gate.receipt", value, keys::RECEIPT);
        }
    }
}

/// Tells unknown keys of every `[target.*]`.
pub(super) fn targets(value: &Value<'_>, reader: &mut Reader<'_>) {
    for (name, value) in reader.table("target", value).into_iter().flatten() {
        target(&format!("target.{}", name.get_ref()), value, reader);
    }
}

fn target(section: &str, value: &Value<'_>, reader: &mut Reader<'_>) {
    for (key, value) in known(reader, section, value, keys::TARGET) {
        let inner = format!("{section}.{key}");
        match key {
            "strategy" => drop(known(reader, &inner, value, keys::STRATEGY)),
            "lock" => drop(known(reader, &inner, value, keys::LOCK)),
            "health" => drop(known(reader, &inner, value, keys::HEALTH)),
            "infra" => {
                for item in items(value) {
                    known(reader, &inner, item, keys::INFRA);
                }
            }
            "service" => {
                for item in items(value) {
                    service(&inner, item, reader);
                }
            }
            _ => {}
        }
    }
}

fn service(section: &str, value: &Value<'_>, reader: &mut Reader<'_>) {
    for (key, value) in known(reader, section, value, keys::SERVICE) {
        if key == "health" {
            known(reader, &format!("{section}.health"), value, keys::HEALTH);
        }
    }
}

/// The entries of a table, once the unknown ones are told; nothing where it is written in another form.
fn known<'d>(
    reader: &mut Reader<'_>,
    section: &str,
    value: &'d Value<'d>,
    keys: &[&str],
) -> Vec<(&'d str, &'d Value<'d>)> {
    let DeValue::Table(table) = value.get_ref() else { return Vec::new() };
    let table: &DeTable<'_> = table;
    for (key, _) in table.iter().filter(|(key, _)| !keys.contains(&key.get_ref().as_ref())) {
        reader.unknown_key(section, key, keys);
    }
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect()
}

fn items<'d>(value: &'d Value<'d>) -> &'d [Value<'d>] {
    match value.get_ref() {
        DeValue::Array(items) => items,
        _ => &[],
    }
}
