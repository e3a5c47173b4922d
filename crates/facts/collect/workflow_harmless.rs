//! Whether it does harm that a value of an expression is empty: what reads it, and what it does with it.

use syntax::yaml::View;

use crate::record::Document;

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

/// Inputs of actions whose being empty is as if they were not given.
const OPTIONAL: [&str; 14] = [
    "annotations",
    "builder",
    "cache-from",
    "cache-to",
    "fetch-depth",
    "go-version",
    "java-version",
    "labels",
    "node-version",
    "platforms",
    "python-version",
    "ref",
    "restore-keys",
    "submodules",
];

/// Inputs that hold the text of a message for people.
const MESSAGES: [&str; 9] = [
    "body",
    "custom_payload",
    "description",
    "message",
    "payload",
    "slack-message",
    "status",
    "text",
    "title",
];

/// What actions that only tell people something have in their names.
const TELLERS: [&str; 7] = ["discord", "mail", "mattermost", "notify", "slack", "teams", "telegram"];

/// Whether an input of an action may be empty, or a part of it, and the step does what it is for.
pub(super) fn is_input_without_weight(step: View<'_>, name: &str, value: &str) -> bool {
    let action = step.get("uses").and_then(|uses| uses.as_str()).unwrap_or("").to_ascii_lowercase();
    let is_of_cache = action.starts_with("actions/cache");
    let is_part_of_key = is_of_cache && name == "key" && !is_nothing_but_expressions(value);
    OPTIONAL.contains(&name)
        || is_part_of_key
        || MESSAGES.contains(&name)
            && (runs_after_failure(step) || TELLERS.iter().any(|teller| action.contains(teller)))
}

fn is_nothing_but_expressions(value: &str) -> bool {
    let mut parts = value.split("${{");
    let first = parts.next().unwrap_or("");
    first.trim().is_empty()
        && parts.all(|part| part.split_once("}}").is_none_or(|(_, rest)| rest.trim().is_empty()))
}

/// Whether a step only runs where one before it has failed.
fn runs_after_failure(step: View<'_>) -> bool {
    let condition = step.get("if").and_then(|condition| condition.as_str()).unwrap_or("");
    let others = ["!failure()", "always()", "success()"];
    condition.contains("failure()") && !others.iter().any(|other| condition.contains(other))
}

/// Whether nothing reads an output of a job: neither a job of the workflow nor, by way of its outputs, who calls it.
pub(super) fn is_unread(workflow: &str, job: &str, output: &str) -> bool {
    let text = workflow.to_ascii_lowercase();
    let (job, output) = (job.to_ascii_lowercase(), output.to_ascii_lowercase());
    // All of them are handed on as a whole, or by a name that is put together.
    let whole = ["(needs)", "{needs}", "needs }", "needs[", "outputs[", "jobs["];
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '*');
    let reads = |path: &str| {
        let mut parts = path.split('.').skip_while(|part| !matches!(*part, "needs" | "jobs")).skip(1);
        let is = |part: Option<&str>, name: &str| part.is_none_or(|part| part == name || part == "*");
        path.contains('.')
            && is(parts.next(), &job)
            && is(parts.next(), "outputs")
            && is(parts.next(), &output)
    };
    let mut paths = text.split(|letter| !is_part(letter)).map(|path| path.trim_end_matches('.'));
    let is_read = paths.any(|path| (path.contains("needs.") || path.contains("jobs.")) && reads(path));
    !is_read && !whole.iter().any(|sign| text.contains(sign))
}

/// Whether a job reads what its environment may hold; one without a name has no secrets and no variables of its own.
pub(super) fn needs_environment(document: &Document, job: View<'_>) -> bool {
    // The token is the run's own.
    let text = document.slice(job.node().span).replace("secrets.GITHUB_TOKEN", "");
    ["secrets.", "secrets[", "(secrets", "vars.", "vars[", "(vars"].iter().any(|sign| text.contains(sign))
}

/// Whether all that a condition does with a value is to ask whether no cache was found: `steps.x.outputs.cache-hit != 'true'`.
pub(super) fn is_unfound_cache(condition: &str, written: &str) -> bool {
    let asks = |rest: &str| {
        rest.trim_start().strip_prefix("!=").is_some_and(|other| other.trim_start().starts_with("'true'"))
    };
    written.to_ascii_lowercase().ends_with(".outputs.cache-hit") && condition.split(written).skip(1).all(asks)
}

/// Whether every result of the jobs that are waited for is asked for with a `!` before it: without any, that holds.
pub(super) fn is_negated(condition: &str) -> bool {
    let parts = condition.split("&&").flat_map(|part| part.split("||"));
    let mut asking = parts.filter(|part| part.contains("needs.*"));
    let is_before = |letter: char| letter.is_whitespace() || matches!(letter, '(' | '$' | '{');
    asking.all(|part| part.trim_start_matches(is_before).starts_with('!'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_read_by_its_whole_name() {
        for other in [
            "outputs:\n  tag: x",
            "needs: [build]",
            "(needs.build.result) needs.*.result",
            "needs.a.outputs.tag",
        ] {
            assert!(is_unread(other, "build", "tag"), "{other}");
        }
        for read in [
            "needs.Build.outputs.tag",
            "jobs.build.outputs.tag",
            "toJSON(needs)",
            "needs['build']",
            "toJSON(needs.build.outputs)",
            "needs.*.outputs.tag",
        ] {
            assert!(!is_unread(read, "build", "tag"), "{read}");
        }
    }

    #[test]
    fn a_negated_question_holds_without_an_answer() {
        assert!(is_negated("always() && !contains(needs.*.result, 'failure')"));
        assert!(is_negated("${{ (!contains(needs.*.result, 'failure')) }}"));
        assert!(!is_negated("contains(needs.*.result, 'failure')"));
        assert!(!is_negated("!contains(needs.*.result, 'a') && contains(needs.*.result, 'b')"));
    }

    #[test]
    fn a_cache_that_was_not_found_is_asked_for() {
        let written = "steps.deps.outputs.cache-hit";
        assert!(is_unfound_cache("steps.deps.outputs.cache-hit != 'true'", written));
        assert!(!is_unfound_cache("steps.deps.outputs.cache-hit == 'true'", written));
        assert!(!is_unfound_cache("steps.deps.outputs.hit != 'true'", "steps.deps.outputs.hit"));
    }

    #[test]
    fn a_key_of_expressions_alone_may_be_empty() {
        assert!(is_nothing_but_expressions("${{ a }} ${{ b }}"));
        assert!(
            !is_nothing_but_expressions("x-${{ a }}") && !is_nothing_but_expressions("${{ a }}-${{ b }}")
        );
    }
}
