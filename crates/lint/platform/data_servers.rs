//! The settings of data servers that containers start: which release has which.

/// A setting, and the major releases of `PostgreSQL` that have it: from the first on, before the second.
///
/// Sources: "Migration" and "Server Configuration" in the notes of each major release,
/// <https://www.postgresql.org/docs/release/>.
const POSTGRES: &[(&str, u32, u32)] = &[
    // Gone, under this name at least.
    ("checkpoint_segments", 0, 9),
    ("sql_inheritance", 0, 10),
    ("min_parallel_relation_size", 0, 10),
    ("replacement_sort_tuples", 0, 11),
    ("wal_keep_segments", 0, 13),
    ("operator_precedence_warning", 0, 14),
    ("vacuum_cleanup_index_scale_factor", 0, 14),
    ("stats_temp_directory", 0, 15),
    ("promote_trigger_file", 0, 16),
    ("vacuum_defer_cleanup_age", 0, 16),
    ("db_user_namespace", 0, 17),
    ("old_snapshot_threshold", 0, 17),
    ("trace_recovery_messages", 0, 17),
    // New.
    ("jit", 11, NEVER),
    ("max_parallel_maintenance_workers", 11, NEVER),
    ("shared_memory_type", 12, NEVER),
    ("hash_mem_multiplier", 13, NEVER),
    ("logical_decoding_work_mem", 13, NEVER),
    ("max_slot_wal_keep_size", 13, NEVER),
    ("wal_keep_size", 13, NEVER),
    ("client_connection_check_interval", 14, NEVER),
    ("compute_query_id", 14, NEVER),
    ("default_toast_compression", 14, NEVER),
    ("idle_session_timeout", 14, NEVER),
    ("track_wal_io_timing", 14, NEVER),
    ("log_startup_progress_interval", 15, NEVER),
    ("recovery_prefetch", 15, NEVER),
    ("debug_parallel_query", 16, NEVER),
    ("reserved_connections", 16, NEVER),
    ("scram_iterations", 16, NEVER),
    ("vacuum_buffer_usage_limit", 16, NEVER),
    ("allow_alter_system", 17, NEVER),
    ("summarize_wal", 17, NEVER),
    ("sync_replication_slots", 17, NEVER),
    ("transaction_timeout", 17, NEVER),
    ("io_method", 18, NEVER),
    ("io_workers", 18, NEVER),
];

/// No release without it is known.
const NEVER: u32 = u32::MAX;

/// The long options of `initdb` in any release since 9.6; a beginning stands for the one option that has it.
///
/// Source: <https://www.postgresql.org/docs/current/app-initdb.html>.
const INITDB: &[&str] = &[
    "allow-group-access",
    "auth",
    "auth-host",
    "auth-local",
    "builtin-locale",
    "data-checksums",
    "debug",
    "discard-caches",
    "encoding",
    "help",
    "icu-locale",
    "icu-rules",
    "lc-collate",
    "lc-ctype",
    "lc-messages",
    "lc-monetary",
    "lc-numeric",
    "lc-time",
    "locale",
    "locale-provider",
    "no-clean",
    "no-data-checksums",
    "no-instructions",
    "no-locale",
    "no-sync",
    "no-sync-data-files",
    "noclean",
    "nosync",
    "pgdata",
    "pwfile",
    "pwprompt",
    "set",
    "show",
    "sync-method",
    "sync-only",
    "text-search-config",
    "username",
    "version",
    "wal-segsize",
    "waldir",
    "xlogdir",
];

/// The releases of Redis whose settings are known.
const REDIS_RELEASES: std::ops::RangeInclusive<u32> = 5..=7;

/// The settings of Redis 5 to 7, with those that they take for older ones, and the options of their command line.
///
/// Source: `src/config.c` and `src/server.c` of <https://github.com/redis/redis>.
const REDIS: &str = "\
    acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min \
    active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower \
    active-defrag-threshold-upper active-expire-effort activedefrag activerehashing always-show-logo \
    aof-disable-auto-gc aof-load-truncated aof-rewrite-cpulist aof-rewrite-incremental-fsync aof-timestamp-enabled \
    aof-use-rdb-preamble aof_rewrite_cpulist appenddirname appendfilename appendfsync appendonly \
    auto-aof-rewrite-min-size auto-aof-rewrite-percentage bgsave-cpulist bgsave_cpulist bind bind-source-addr \
    bio-cpulist bio_cpulist busy-reply-threshold check-system client-default-resp client-output-buffer-limit \
    client-query-buffer-limit cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down \
    cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-hostname \
    cluster-announce-human-nodename cluster-announce-ip cluster-announce-port cluster-announce-tls-port \
    cluster-config-file cluster-enabled cluster-link-sendbuf-limit cluster-migration-barrier cluster-node-timeout \
    cluster-ping-interval cluster-port cluster-preferred-endpoint-type cluster-replica-no-failover \
    cluster-replica-validity-factor cluster-require-full-coverage cluster-slave-no-failover \
    cluster-slave-validity-factor crash-log-enabled crash-memcheck-enabled daemonize databases dbfilename dir \
    disable-thp dynamic-hz enable-debug-command enable-module-command enable-protected-configs gopher-enabled \
    hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries hash-max-ziplist-value help \
    hide-user-data-from-log hll-sparse-max-bytes hz ignore-warnings include io-threads io-threads-do-reads \
    jemalloc-bg-thread key-load-delay latency-monitor-threshold latency-tracking latency-tracking-info-percentiles \
    lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del \
    lazyfree-lazy-user-flush lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size \
    list-max-ziplist-entries list-max-ziplist-size list-max-ziplist-value loading-process-events-interval-bytes \
    loadmodule locale-collate logfile loglevel lua-enable-deprecated-api lua-replicate-commands lua-time-limit \
    masterauth masteruser max-new-connections-per-cycle max-new-tls-connections-per-cycle maxclients maxmemory \
    maxmemory-clients maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag \
    min-replicas-to-write min-slaves-max-lag min-slaves-to-write no-appendfsync-on-rewrite notify-keyspace-events \
    oom-score-adj oom-score-adj-values pidfile port proc-title-template propagation-error-behavior protected-mode \
    proto-max-bulk-len rdb-del-sync-files rdb-key-save-delay rdb-save-incremental-fsync rdbchecksum rdbcompression \
    rename-command repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-load \
    repl-diskless-sync repl-diskless-sync-delay repl-diskless-sync-max-replicas repl-ping-replica-period \
    repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port replica-announced \
    replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-priority \
    replica-read-only replica-serve-stale-data replicaof req-res-logfile requirepass sanitize-dump-payload save \
    sentinel server-cpulist server_cpulist set-max-intset-entries set-max-listpack-entries set-max-listpack-value \
    set-proc-title shutdown-on-sigint shutdown-on-sigterm shutdown-timeout slave-announce-ip slave-announce-port \
    slave-ignore-maxmemory slave-lazy-flush slave-priority slave-read-only slave-serve-stale-data slaveof \
    slowlog-log-slower-than slowlog-max-len socket-mark-id stop-writes-on-bgsave-error stream-node-max-bytes \
    stream-node-max-entries supervised syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-keepalive \
    test-memory timeout tls-auth-clients tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers \
    tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-cluster \
    tls-dh-params-file tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers tls-protocols \
    tls-replication tls-session-cache-size tls-session-cache-timeout tls-session-caching tracking-table-max-keys \
    unixsocket unixsocketperm use-exit-on-panic user version watchdog-period zset-max-listpack-entries \
    zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value";

/// A setting that a server does not have.
pub(crate) struct UnknownSetting {
    /// The setting.
    pub(crate) name: String,
    /// The server with its release: `PostgreSQL 15`.
    pub(crate) server: String,
    /// What it does then.
    pub(crate) answer: &'static str,
    /// What is known of the setting: "it is gone since a release".
    pub(crate) known: String,
}

/// The first setting in the words of a command that the server of an official image does not have, by the word's index.
pub(crate) fn unknown(image: &str, words: &[&str]) -> Vec<(usize, UnknownSetting)> {
    let Some((name, release)) = official(image) else { return Vec::new() };
    let indices = 0..words.len();
    match name {
        "postgres" if begins(words, "postgres") => {
            indices.filter_map(|at| Some((at, of_postgres(words, at, release)?))).collect()
        }
        "redis" if begins(words, "redis-server") && REDIS_RELEASES.contains(&release) => {
            indices.filter_map(|at| Some((at, of_redis(words.get(at)?, release)?))).collect()
        }
        _ => Vec::new(),
    }
}

/// The option in `POSTGRES_INITDB_ARGS` that `initdb` does not have.
pub(crate) fn unknown_of_initdb(image: &str, arguments: &str) -> Option<UnknownSetting> {
    let (_, release) = official(image).filter(|(name, _)| *name == "postgres")?;
    let options = arguments.split_whitespace().filter_map(|word| word.strip_prefix("--")?.split('=').next());
    let mut plain = options.filter(|option| is_name(option));
    let unknown = plain.find(|option| !INITDB.iter().any(|known| known.starts_with(option)))?;
    Some(UnknownSetting {
        name: format!("--{unknown}"),
        server: format!("initdb of PostgreSQL {release}"),
        answer: "unrecognized option",
        known:
            "a setting of the server is no option of initdb: it is given to the server by `-c` in the command"
                .to_owned(),
    })
}

/// The name and major release of an official image whose tag tells it: `postgres:15-alpine`.
fn official(image: &str) -> Option<(&str, u32)> {
    let image = image.trim_start_matches("docker.io/").trim_start_matches("library/");
    let (name, tag) = image.split_once(':')?;
    let major = tag.split(|letter: char| !letter.is_ascii_digit()).next()?;
    Some((name, major.parse().ok()?))
}

/// Whether the words start the program, or are options that the image hands to it.
fn begins(words: &[&str], program: &str) -> bool {
    words.contains(&program) || words.first().is_some_and(|first| first.starts_with('-'))
}

/// `-c name=value`, `-cname=value`, `--name=value`.
fn of_postgres(words: &[&str], at: usize, release: u32) -> Option<UnknownSetting> {
    let word = words.get(at)?;
    let follows_c = at.checked_sub(1).and_then(|before| words.get(before)) == Some(&"-c");
    let given = word.strip_prefix("--").or_else(|| word.strip_prefix("-c").filter(|rest| !rest.is_empty()));
    let (name, _) = given.or_else(|| follows_c.then_some(*word))?.split_once('=')?;
    let name = name.trim_matches(['"', '\'']).replace('-', "_").to_ascii_lowercase();
    let (_, since, until) = POSTGRES.iter().find(|(known, _, _)| *known == name)?;
    let known = if release < *since {
        format!("it came with PostgreSQL {since}")
    } else if release >= *until {
        // 9.5 is the release that lost it, of which the tag tells 9 alone.
        let gone = if *until == 9 { "9.5".to_owned() } else { until.to_string() };
        format!("it is gone since PostgreSQL {gone}")
    } else {
        return None;
    };
    let is_old = release == 9 && *until == 9;
    (!is_old).then(|| UnknownSetting {
        name,
        server: format!("PostgreSQL {release}"),
        answer: "FATAL: unrecognized configuration parameter",
        known,
    })
}

fn of_redis(word: &str, release: u32) -> Option<UnknownSetting> {
    let name = word.strip_prefix("--").filter(|name| is_name(name))?;
    let is_known = REDIS.split_whitespace().any(|known| known.eq_ignore_ascii_case(name));
    (!is_known).then(|| UnknownSetting {
        name: format!("--{name}"),
        server: format!("Redis {release}"),
        answer: "FATAL CONFIG FILE ERROR: Bad directive or wrong number of arguments",
        known: "no release has it".to_owned(),
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(image: &str, command: &str) -> Vec<String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        unknown(image, &words).into_iter().map(|(_, unknown)| unknown.name).collect()
    }

    #[test]
    fn a_release_has_its_own_settings() {
        assert_eq!(
            found("postgres:15-alpine", "postgres -c fsync=off -c checkpoint_segments=32"),
            ["checkpoint_segments"]
        );
        assert_eq!(found("postgres:12", "postgres --wal-keep-size=1GB"), ["wal_keep_size"]);
        assert_eq!(found("postgres:13", "-c wal_keep_segments=8"), ["wal_keep_segments"]);
        for (image, command) in [
            ("postgres:12", "postgres -c wal_keep_segments=8"),
            ("postgres:9.4", "postgres -c checkpoint_segments=32"),
            ("postgres:latest", "postgres -c checkpoint_segments=32"),
            ("example/postgres:15", "postgres -c checkpoint_segments=32"),
            ("postgres:15", "pg_isready -c checkpoint_segments=32"),
            ("postgres:15", "postgres -c pg_stat_statements.track=all -c shared_buffers=1GB"),
        ] {
            assert_eq!(found(image, command), [""; 0], "{command}");
        }
    }

    #[test]
    fn redis_reads_the_options_that_its_file_has() {
        assert_eq!(found("redis:7-alpine", "redis-server --maxmemory 1gb --no-such yes"), ["--no-such"]);
        assert_eq!(
            found("redis:6.2", "redis-server /etc/redis.conf --save 60 1 --requirepass x --slaveof a 1"),
            [""; 0]
        );
        assert_eq!(found("redis:8", "redis-server --no-such yes"), [""; 0]);
    }

    #[test]
    fn initdb_takes_beginnings_of_its_options() {
        let of = |arguments| unknown_of_initdb("postgres:15", arguments).map(|unknown| unknown.name);
        assert_eq!(of("--data-checksums --wal-level=minimal").as_deref(), Some("--wal-level"));
        assert_eq!(of("--enc=UTF8 --lc-collate C -A md5"), None);
    }
}
