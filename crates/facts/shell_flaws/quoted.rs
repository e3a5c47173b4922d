//! Variables between single quotes, which no shell fills in: `curl -H 'X-Api-Key: $API_KEY'`.
//!
//! Only where the text is sent or written as it stands, and the script itself gives the variable its value.

use source::{FileKind, Span, file_name};
use syntax::shell::{Command, Word};

use super::{Bound, ShellFlaw, ShellFlawKind};
use crate::collect::shell_text::ShellText;

/// Options of curl that take a text. Source: <https://curl.se/docs/manpage.html>.
const OF_CURL: &[&str] = &[
    "--data",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--form",
    "--header",
    "--json",
    "--user",
    "-F",
    "-H",
    "-d",
    "-u",
];

/// The first such variable of each command.
pub(super) fn variables(shell: &ShellText<'_>, bound: &Bound<'_>) -> Vec<ShellFlaw> {
    let found = shell.script().commands.iter().filter_map(|command| {
        let mut names = texts(command).into_iter().flat_map(|word| names(word, &shell.text));
        let (name, span) = names.find(|(name, _)| is_meant(shell, bound, command, name))?;
        Some(ShellFlaw {
            kind: ShellFlawKind::Quoted,
            name: name.to_owned(),
            written: span.of(&shell.text).to_owned(),
            at: shell.place(span),
            because: None,
        })
    });
    found.collect()
}

/// The arguments of a command that no other shell reads.
fn texts(command: &Command) -> Vec<&Word> {
    let after = |options: &[&str]| {
        let pairs = command.words.windows(2).filter_map(|pair| match pair {
            [option, value] => options.contains(&option.text.as_str()).then_some(value),
            _ => None,
        });
        pairs.collect()
    };
    match command.name().map_or("", file_name) {
        "curl" => after(OF_CURL),
        "jq" | "yq" => command.words.iter().skip(1).collect(),
        "kubectl" if command.words.iter().any(|word| word.text == "patch") => after(&["-p", "--patch"]),
        _ => Vec::new(),
    }
}

/// The variables of environments in a word that stands between single quotes as a whole, each with its place.
fn names<'t>(word: &Word, text: &'t str) -> Vec<(&'t str, Span)> {
    let written = word.span.of(text);
    let inside = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let Some(inside) = inside.filter(|inside| !inside.contains('\'')) else { return Vec::new() };
    let found = inside.match_indices('$').filter_map(|(at, _)| {
        let rest = inside.get(at + 1..)?;
        let bare = rest.strip_prefix('{').unwrap_or(rest);
        let is_of_name =
            |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let end = bare.find(|letter| !is_of_name(letter)).unwrap_or(bare.len());
        let (name, after) = bare.split_at(end);
        let is_whole = if rest.starts_with('{') {
            after.starts_with('}')
        } else {
            !after.starts_with(|letter: char| letter.is_ascii_lowercase())
        };
        let before = inside.get(..at)?;
        let is_escaped = before.ends_with(['\\', '$']) || before.trim_end().ends_with(" as");
        let is_name = name.len() > 1 && name.starts_with(|letter: char| letter.is_ascii_uppercase());
        let start = word.span.start + 1 + at;
        let length = 1 + name.len() + if rest.starts_with('{') { 2 } else { 0 };
        (is_whole && is_name && !is_escaped).then(|| (name, Span::new(start, start + length)))
    });
    found.collect()
}

/// Whether the script, or the workflow around it, sets the variable, and the program itself is not given it by this name.
fn is_meant(shell: &ShellText<'_>, bound: &Bound<'_>, command: &Command, name: &str) -> bool {
    let is_given = command.words.iter().any(|word| word.text == name);
    let is_of_workflow = FileKind::of(&shell.document.path) == FileKind::Workflow
        && shell
            .document
            .text
            .lines()
            .any(|line| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(": ")));
    !matches!(name, "ARGS" | "ENV") && !is_given && (bound.has(name) || is_of_workflow)
}

#[cfg(test)]
mod tests {
    use super::variables;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;
    use crate::shell_flaws::Bound;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new("deploy.sh", format!("API_KEY=$(cat key)\n{text}"));
        let shell = ShellText::of_file(&document);
        let found = variables(&shell, &Bound::of(&shell.text, shell.script()));
        found.into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn single_quotes_keep_a_variable() {
        for text in [
            "curl -H 'X-Key: ${API_KEY}' https://example.ai",
            "curl -H 'X-Key: ${API_KEY}' -d '{\"a\": \"${API_KEY}\"}' https://example.ai",
            "yq -i '.key = \"${API_KEY}\"' values.yaml",
            "A=\"$(jq '.key = \"${API_KEY}\"' a.json)\"",
            "kubectl -n a patch deployment b -p '{\"a\": \"${API_KEY}\"}'",
        ] {
            assert_eq!(told(text), ["${API_KEY}"], "{text}");
        }
        for text in [
            "curl -H \"X-Key: $API_KEY\" -d '{\"a\": \"'\"$API_KEY\"'\"}' https://example.ai",
            "curl -d '{\"query\": \"query($ID: Int) { a(id: $ID) }\"}' https://example.ai",
            "jq --arg API_KEY \"$API_KEY\" '.key = $API_KEY' a.json",
            "jq '.key as $API_KEY | $ENV.API_KEY' a.json",
            "bash -c 'curl -H \"X-Key: $API_KEY\" https://example.ai'",
            "eval \"curl -H 'X-Key: $API_KEY' https://example.ai\"",
            "echo '$API_KEY'; envsubst '$API_KEY'",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
