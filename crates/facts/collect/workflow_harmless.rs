//! Whether it does harm that a value of an expression is empty: what a script does with it.

/// Commands that read no variables but those which their words name.
const READ_NOTHING: [&str; 34] = [
    "[", "[[", "basename", "case", "cat", "cd", "cp", "cut", "date", "dirname", "done", "echo", "elif",
    "else", "esac", "exit", "export", "false", "fi", "grep", "head", "if", "jq", "ls", "mkdir", "mv",
    "printf", "rm", "sed", "set", "sleep", "test", "then", "true",
];

/// Tools that read, of the variables which their words do not name, those that begin so.
const TOOLS: [(&str, &[&str]); 8] = [
    ("aws", &["AWS_"]),
    ("az", &["AZURE_"]),
    ("docker", &["BUILDKIT_", "BUILDX_", "COMPOSE_", "DOCKER_"]),
    ("gcloud", &["CLOUDSDK_", "GOOGLE_"]),
    ("gh", &["GH_", "GITHUB_"]),
    ("git", &["GIT_"]),
    ("helm", &["HELM_", "KUBE"]),
    ("kubectl", &["KUBE"]),
];

/// Whether the commands of a step may read a variable: they name it, or run a program that may.
pub(super) fn may_read(commands: &str, variable: &str) -> bool {
    let parts = commands.split(['\n', ';', '|', '&', '(', ')']);
    let first_words = parts.filter_map(|part| part.split_whitespace().find(|word| *word != "!"));
    let runs_others = first_words.filter(|word| !word.starts_with('#') && !word.contains('=')).any(|word| {
        match TOOLS.iter().find(|(tool, _)| *tool == word) {
            Some((_, own)) => own.iter().any(|beginning| variable.starts_with(beginning)),
            None => !READ_NOTHING.contains(&word),
        }
    });
    // Compose fills a file in with any variable.
    runs_others || commands.contains("compose") || commands.contains(variable)
}

/// Whether all that a script does with a value is to print it, to ask for it, or to take another one where it is empty.
pub(super) fn is_only_shown_or_asked(text: &str, written: &str) -> bool {
    let mut lines = text.lines().filter(|line| line.contains(written)).map(str::trim).peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            let is_shown = line.starts_with("echo ") && !line.contains(['>', '|', ';', '&', '`']);
            is_shown || is_asked(line, written) || has_default(text, line)
        })
}

/// Whether a line of a script reads a value in its condition alone: `if [ -n "${{ inputs.tag }}" ]; then`.
fn is_asked(line: &str, written: &str) -> bool {
    let tested = ["if ", "elif ", "while "].iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line);
    let tested = tested.trim_start().trim_start_matches("! ");
    let is_test = ["case ", "[ ", "[[ ", "test "].iter().any(|start| tested.starts_with(start));
    let end = ["; then", " in ", "; do", " && ", " || "].iter().filter_map(|end| line.find(end)).min();
    let behind = end.and_then(|end| line.get(end..)).unwrap_or("");
    is_test && !behind.contains(written)
}

/// Whether a line sets a variable of the shell that the script gives a default wherever it reads it:
/// `TAG="${{ inputs.tag }}"`, `${TAG:-latest}`.
fn has_default(text: &str, line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name);
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let with_default = text.matches(&format!("${{{name}:-")).count();
    let reads = text.matches(&format!("${name}")).count() + text.matches(&format!("${{{name}")).count();
    is_name && with_default > 0 && with_default == reads
}

/// Whether a literal stands in for what is read: `steps.python.outputs.version || '3.11'`.
pub(super) fn falls_back_on_literal(text: &str, written: &str) -> bool {
    let mut after = text.split(written).skip(1).map(str::trim_start).peekable();
    after.peek().is_some()
        && after.all(|rest| {
            let fallback = rest.strip_prefix("||").map_or("", str::trim_start);
            fallback.starts_with('\'') && !fallback.starts_with("''")
        })
}
