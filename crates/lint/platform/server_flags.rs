//! The flags of servers and workers that containers start, in releases of the last years.

use crate::nearest::nearest;

/// A program and what it takes.
struct Program {
    /// Its names.
    name: &'static str,
    /// Its long flags, without their dashes.
    flags: &'static [&'static str],
    /// Whether a beginning stands for the one flag that has it, as for programs of Python's argparse.
    abbreviates: bool,
    /// Subcommands of which one must be named; any where none stands here.
    subcommands: &'static [&'static str],
    /// Where the flags are listed.
    source: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "gunicorn",
        flags: GUNICORN,
        abbreviates: true,
        subcommands: &[],
        source: "https://docs.gunicorn.org/en/stable/settings.html",
    },
    Program {
        name: "uvicorn",
        flags: UVICORN,
        abbreviates: false,
        subcommands: &[],
        source: "https://www.uvicorn.org/settings/",
    },
    Program {
        name: "hypercorn",
        flags: HYPERCORN,
        abbreviates: true,
        subcommands: &[],
        source: "https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html",
    },
    Program {
        name: "celery",
        flags: CELERY,
        abbreviates: false,
        subcommands: &["worker", "beat"],
        source: "https://docs.celeryq.dev/en/stable/reference/cli.html",
    },
    Program {
        name: "alembic",
        flags: ALEMBIC,
        abbreviates: true,
        subcommands: &[],
        source: "https://alembic.sqlalchemy.org/en/latest/api/commands.html",
    },
];

/// A flag that a program does not have.
pub(crate) struct Unknown {
    /// The program.
    pub(crate) program: &'static str,
    /// The flag that was meant, without its dashes.
    pub(crate) meant: &'static str,
    /// Where the flags are listed.
    pub(crate) source: &'static str,
}

/// The unknown flags of a command that is one program with its arguments, by index. A flag that is like none may be of a
/// newer release and is passed over.
pub(crate) fn unknown(words: &[&str]) -> Vec<(usize, Unknown)> {
    let Some((at, program)) = started(words) else { return Vec::new() };
    let arguments = words.iter().enumerate().skip(at + 1);
    let is_asked =
        program.subcommands.is_empty() || words.iter().any(|word| program.subcommands.contains(word));
    let flags = arguments.take_while(|(_, word)| **word != "--").filter(|_| is_asked);
    let unknown = flags.filter_map(|(index, word)| {
        let meant = meant(program, word)?;
        Some((index, Unknown { program: program.name, meant, source: program.source }))
    });
    unknown.collect()
}

/// The program that a command starts, behind words that only hand it on.
fn started(words: &[&str]) -> Option<(usize, &'static Program)> {
    let is_handed_on = |word: &str| {
        word.starts_with('-')
            || word
                .split_once('=')
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            || HAND_ON.contains(&word.rsplit('/').next().unwrap_or(word))
    };
    let at = words.iter().position(|word| !is_handed_on(word))?;
    let name = words.get(at)?.rsplit('/').next()?;
    PROGRAMS.iter().find(|program| program.name == name).map(|program| (at, program))
}

/// Words before a program that start it.
const HAND_ON: &[&str] = &[
    "bash",
    "ddtrace-run",
    "dumb-init",
    "env",
    "exec",
    "newrelic-admin",
    "opentelemetry-instrument",
    "pipenv",
    "poetry",
    "python",
    "python3",
    "run",
    "run-program",
    "sh",
    "tini",
    "uv",
];

fn meant(program: &Program, word: &str) -> Option<&'static str> {
    let name = word.strip_prefix("--")?.split('=').next()?;
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let is_known = |flag: &str| flag == name || program.abbreviates && flag.starts_with(name);
    if name.is_empty() || !is_plain || program.flags.iter().any(|flag| is_known(flag)) {
        return None;
    }
    let letters = |flag: &str| flag.replace(['-', '_'], "");
    let same = program.flags.iter().find(|flag| letters(flag) == letters(name)).copied();
    let like = program.flags.iter().copied().filter(|flag| flag.len().abs_diff(name.len()) <= 1);
    same.or_else(|| nearest(name, like))
}

/// Those of gunicorn 19 to 25.
const GUNICORN: &[&str] = &[
    "access-logfile",
    "access-logformat",
    "asgi-disconnect-grace-period",
    "asgi-lifespan",
    "asgi-loop",
    "backlog",
    "bind",
    "ca-certs",
    "capture-output",
    "casefold-http-method",
    "cert-reqs",
    "certfile",
    "chdir",
    "check-config",
    "ciphers",
    "config",
    "control-socket",
    "control-socket-mode",
    "daemon",
    "debug",
    "dirty-app",
    "dirty-graceful-timeout",
    "dirty-threads",
    "dirty-timeout",
    "dirty-workers",
    "disable-redirect-access-to-syslog",
    "django-settings",
    "do-handshake-on-connect",
    "dogstatsd-tags",
    "enable-backlog-metric",
    "enable-stdio-inheritance",
    "env",
    "error-logfile",
    "forwarded-allow-ips",
    "forwarder-headers",
    "graceful-timeout",
    "group",
    "header-map",
    "help",
    "http-parser",
    "http-protocols",
    "http2-cleartext",
    "http2-initial-window-size",
    "http2-max-concurrent-streams",
    "http2-max-frame-size",
    "http2-max-header-list-size",
    "initgroups",
    "keep-alive",
    "keyfile",
    "limit-request-field_size",
    "limit-request-fields",
    "limit-request-line",
    "log-config",
    "log-config-json",
    "log-file",
    "log-level",
    "log-syslog",
    "log-syslog-facility",
    "log-syslog-prefix",
    "log-syslog-to",
    "logger-class",
    "max-requests",
    "max-requests-jitter",
    "name",
    "no-control-socket",
    "no-sendfile",
    "paste",
    "paste-global",
    "paster",
    "permit-obsolete-folding",
    "permit-unconventional-http-method",
    "permit-unconventional-http-version",
    "pid",
    "preload",
    "print-config",
    "protocol",
    "proxy-allow-from",
    "proxy-protocol",
    "pythonpath",
    "reload",
    "reload-engine",
    "reload-extra-file",
    "reuse-port",
    "root-path",
    "settings",
    "spew",
    "ssl-version",
    "statsd-host",
    "statsd-prefix",
    "strip-header-spaces",
    "suppress-ragged-eofs",
    "threads",
    "timeout",
    "umask",
    "user",
    "uwsgi-allow-from",
    "version",
    "websocket-max-message-size",
    "worker-class",
    "worker-connections",
    "worker-tmp-dir",
    "workers",
];

/// Those of uvicorn 0.11 and later.
const UVICORN: &[&str] = &[
    "access-log",
    "app-dir",
    "backlog",
    "date-header",
    "debug",
    "env-file",
    "factory",
    "fd",
    "forwarded-allow-ips",
    "h11-max-incomplete-event-size",
    "header",
    "help",
    "host",
    "http",
    "http2",
    "interface",
    "lifespan",
    "limit-concurrency",
    "limit-max-requests",
    "limit-max-requests-jitter",
    "log-config",
    "log-level",
    "loop",
    "no-access-log",
    "no-date-header",
    "no-factory",
    "no-proxy-headers",
    "no-reload",
    "no-reset-contextvars",
    "no-server-header",
    "no-use-colors",
    "port",
    "proxy-headers",
    "reload",
    "reload-delay",
    "reload-dir",
    "reload-exclude",
    "reload-include",
    "reset-contextvars",
    "root-path",
    "server-header",
    "ssl-ca-certs",
    "ssl-cert-reqs",
    "ssl-certfile",
    "ssl-ciphers",
    "ssl-keyfile",
    "ssl-keyfile-password",
    "ssl-version",
    "timeout-graceful-shutdown",
    "timeout-keep-alive",
    "timeout-worker-healthcheck",
    "uds",
    "use-colors",
    "version",
    "workers",
    "ws",
    "ws-max-queue",
    "ws-max-size",
    "ws-per-message-deflate",
    "ws-ping-interval",
    "ws-ping-timeout",
];

/// Those of hypercorn 0.11 and later.
const HYPERCORN: &[&str] = &[
    "access-log",
    "access-logfile",
    "access-logformat",
    "backlog",
    "bind",
    "ca-certs",
    "cert-reqs",
    "certfile",
    "ciphers",
    "config",
    "daemon",
    "debug",
    "error-log",
    "error-logfile",
    "graceful-timeout",
    "group",
    "help",
    "insecure-bind",
    "keep-alive",
    "keyfile",
    "keyfile-password",
    "log-config",
    "log-file",
    "log-level",
    "max-requests",
    "max-requests-jitter",
    "pid",
    "quic-bind",
    "read-timeout",
    "reload",
    "root-path",
    "server-name",
    "statsd-host",
    "statsd-prefix",
    "umask",
    "user",
    "verify-mode",
    "websocket-ping-interval",
    "worker-class",
    "workers",
];

/// Those of `celery worker` and `celery beat` with the program's own, from celery 4 on.
const CELERY: &[&str] = &[
    "app",
    "autoreload",
    "autoscale",
    "beat",
    "broker",
    "concurrency",
    "config",
    "detach",
    "disable-prefetch",
    "discard",
    "enable-remote-control",
    "events",
    "exclude-queues",
    "executable",
    "gid",
    "heartbeat",
    "heartbeat-interval",
    "help",
    "hostname",
    "include",
    "loader",
    "logfile",
    "loglevel",
    "max-interval",
    "max-memory-per-child",
    "max-tasks-per-child",
    "maxmemperchild",
    "maxtasksperchild",
    "no-color",
    "no-enable-remote-control",
    "no-execv",
    "optimization",
    "pidfile",
    "pool",
    "pool-start-method",
    "prefetch-multiplier",
    "purge",
    "python",
    "queues",
    "quiet",
    "result-backend",
    "schedule",
    "schedule-filename",
    "scheduler",
    "skip-checks",
    "soft-time-limit",
    "statedb",
    "task-events",
    "time-limit",
    "uid",
    "umask",
    "version",
    "without-gossip",
    "without-heartbeat",
    "without-mingle",
    "workdir",
];

/// Those of all commands of alembic.
const ALEMBIC: &[&str] = &[
    "autogenerate",
    "branch-label",
    "check-heads",
    "config",
    "depends-on",
    "file",
    "head",
    "head-only",
    "help",
    "indicate-current",
    "message",
    "name",
    "package",
    "purge",
    "quiet",
    "raiseerr",
    "range",
    "resolve-dependencies",
    "rev-id",
    "rev-range",
    "splice",
    "sql",
    "tag",
    "template",
    "verbose",
    "version",
    "version-path",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_is_nearly_one_is_told_from_a_new_one_and_an_abbreviation() {
        let unknown = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            unknown(&words).into_iter().map(|(index, unknown)| (index, unknown.meant)).collect::<Vec<_>>()
        };
        for (text, found) in [
            ("gunicorn app:app --keepalive 5", &[(2, "keep-alive")][..]),
            ("gunicorn app:app --keep 5 --worker-class=x --quantum 3", &[]),
            ("exec /venv/bin/python -m uvicorn a:b --proxy-header", &[(5, "proxy-headers")]),
            ("uvicorn a:b --no-access-log --loop uvloop", &[]),
            ("celery -A app worker --log-level=info", &[(4, "loglevel")]),
            ("celery -A app flower --log-level=info", &[]),
            ("PORT=1 poetry run hypercorn a:b --keepalive 5", &[(5, "keep-alive")]),
            ("wrapper gunicorn --keepalive 5", &[]),
            ("uvicorn a:b -- --proxy-header", &[]),
        ] {
            assert_eq!(unknown(text), found, "{text}");
        }
    }
}
