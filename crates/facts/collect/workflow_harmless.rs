//! Whether it does harm that a value of an expression is empty: what a script does with it.

/// Words of commands that run programs of the repository, which read variables that the step does not name.
const OWN: [&str; 12] =
    ["make", "npm", "pnpm", "yarn", "bun", "python", "node", "compose", "cargo", "task", "just", "TF_"];

/// Whether the commands of a step read a variable: they name it, or run programs of the repository.
pub(super) fn may_read(commands: &str, variable: &str) -> bool {
    let runs_own = commands.contains(['/', '@']) || OWN.iter().any(|word| commands.contains(word));
    runs_own || commands.contains(variable)
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
    const CONDITIONS: [&str; 6] = ["if ", "elif ", "case ", "while ", "[ ", "[[ "];
    let end = ["; then", " in ", "; do", " && ", " || "].iter().filter_map(|end| line.find(end)).min();
    let behind = end.and_then(|end| line.get(end..)).unwrap_or("");
    CONDITIONS.iter().any(|start| line.starts_with(start)) && !behind.contains(written)
}

/// Whether a line sets a variable of the shell that the script gives a default: `TAG="${{ inputs.tag }}"`, `${TAG:-latest}`.
fn has_default(text: &str, line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name);
    let is_name =
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name && text.contains(&format!("${{{name}:-"))
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
