//! Assignments with blanks around their `=`, which run a program of the variable's name: `TAG = $(git rev-parse HEAD)`.

use syntax::shell::{BlockKind, Command, Reference, Script, Word};

/// Programs of the shell that take assignments, and end at a lone `=`. Source:
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_14>.
const DECLARATIONS: &[&str] = &["declare", "export", "local", "readonly", "typeset"];

/// The variable that such a command is meant to set.
pub(crate) fn spaced<'c>(text: &str, script: &Script, command: &'c Command) -> Option<&'c str> {
    let words = match command.name() {
        Some(name) if DECLARATIONS.contains(&name) => command.words.get(1..)?,
        _ => command.words.as_slice(),
    };
    let [name, sign, ..] = words else { return None };
    let is_sign = sign.span.of(text) == "=";
    let is_declared = words.len() < command.words.len();
    let meant = is_variable(name, text) && is_sign && is_for_sh(text);
    (meant && (is_declared || is_meant(text, script, name))).then_some(name.text.as_str())
}

/// Whether a word stands as it is and may be a variable's name.
fn is_variable(word: &Word, text: &str) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let is_name =
        word.text.chars().all(is_of_name) && !word.text.starts_with(|first: char| first.is_ascii_digit());
    is_name && word.span.of(text) == word.text
}

/// Whether a text is for a shell whose assignments have no blanks, by its first line.
fn is_for_sh(text: &str) -> bool {
    let interpreter = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    let other = |line: &str| line.contains("fish") || line.contains("csh") || !line.contains("sh");
    !interpreter.is_some_and(other)
}

/// Whether the name is that of a variable which the text reads, or looks like one, and of none of its functions.
fn is_meant(text: &str, script: &Script, word: &Word) -> bool {
    let name = word.text.as_str();
    let is_function = script.blocks.iter().any(|block| {
        block.kind == BlockKind::Function
            && block.head.iter().any(|head| head.text.trim_end_matches("()") == name)
    });
    // In arithmetic, and between double brackets, it is no program.
    let before = before(text, word.span.start);
    let is_asked = before.rsplit_once("[[").is_some_and(|(_, open)| !open.contains("]]"));
    let is_inside = is_asked || before.ends_with(['(', '[']) || text.contains("((");
    let is_loud = name.len() > 1 && name.chars().all(|letter| !letter.is_ascii_lowercase());
    let is_read = || {
        let of_name = |one: &Reference| one.name == name;
        let mut words = script.commands.iter().flat_map(crate::shell_flaws::words);
        words.any(|word| word.references.iter().any(of_name))
    };
    !is_function && !is_inside && (is_loud || is_read())
}

/// What stands before a place on its line.
fn before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or("");
    before.rsplit('\n').next().unwrap_or("").trim_end()
}
