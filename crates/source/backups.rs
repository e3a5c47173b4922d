//! Files that nobody deploys: backups, archives, reports, copies of other people's code.

use crate::{directory_of, file_name, has_word, tokens};

/// Whether the path lies among backups, archives, generated reports or copies of other people's code: such a file is
/// never the primary place of a finding on a value, but stays part of the tree.
#[must_use]
pub fn is_backup(path: &str) -> bool {
    const ENDINGS: &[&str] = &["bak", "backup", "old", "orig", "save", "tmp", "disabled"];
    let name = file_name(path);
    is_in_backups(path)
        || is_vendored(path)
        || name.ends_with('~')
        || name.split('.').skip(1).any(|part| has_word(part, ENDINGS))
}

/// Whether a directory above is one of backups: `backups`, `old-scripts`, `deploy_bak`. A program may be about backups or
/// reports too: `services/reports`, `backup-worker`.
fn is_in_backups(path: &str) -> bool {
    const LEFT_BEHIND: &[&str] = &["archived", "bak", "deprecated", "old"];
    const WORDS: &[&str] = &["archive", "archives", "backup", "backups", "generated", "report", "reports"];
    const HOMES: &[&str] =
        &["apps", "functions", "lambdas", "microservices", "packages", "service", "services"];
    const PROGRAMS: &[&str] = &[
        "agent",
        "api",
        "app",
        "backend",
        "bot",
        "controller",
        "cron",
        "exporter",
        "frontend",
        "function",
        "generator",
        "handler",
        "job",
        "jobs",
        "lambda",
        "mailer",
        "manager",
        "operator",
        "processor",
        "runner",
        "scheduler",
        "server",
        "service",
        "ui",
        "web",
        "worker",
    ];
    let mut above = "";
    directory_of(path).split('/').any(|name| {
        let parent = std::mem::replace(&mut above, name);
        let is_about =
            |words: &[&str]| tokens(name).next().is_some_and(|first| words.contains(&first.as_str()));
        let is_program = has_word(parent, HOMES) || has_word(name, PROGRAMS) && is_about(WORDS);
        has_word(name, LEFT_BEHIND) || has_word(name, WORDS) && !is_program
    })
}

/// Whether a package manager or a person put the file here from elsewhere. `vendor` alone may be a part of a shop; the
/// host name below it is Go's.
fn is_vendored(path: &str) -> bool {
    const DIRECTORIES: &[&str] =
        &["node_modules", "bower_components", "site-packages", "third_party", "third-party"];
    let mut parts = directory_of(path).split('/').peekable();
    while let Some(part) = parts.next() {
        let of_go = part == "vendor" && parts.peek().is_some_and(|next| next.contains('.'));
        if of_go || DIRECTORIES.contains(&part) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_backup;

    #[test]
    fn what_lies_among_backups() {
        assert!(is_backup("backups/2024/.env.staging"));
        assert!(is_backup("vendor/github.com/someone/something/docker-compose.yml"));
        assert!(!is_backup("apps/vendor/docker-compose.yml"));
        assert!(is_backup("config/.env.staging.bak"));
        assert!(!is_backup("services/reporting/.env"));
        assert!(!is_backup("services/reports/docker-compose.production.yml"));
        assert!(!is_backup("backup-worker/.env.production"));
        assert!(is_backup("services/deprecated/api/.env.production"));
        assert!(is_backup("api-backup-2024/.env.production"));
        assert!(is_backup("backend_old/.env.production"));
        assert!(is_backup("services/api/old/.env.production"));
        assert!(is_backup("deploy_backup_2024/.env.production"));
    }
}
