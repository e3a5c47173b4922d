//! Variables of a script that hold one text from beginning to end.

use std::collections::BTreeMap;

use source::Span;
use syntax::shell::{AssignmentValue, Block, Command, OperatorBefore, Script};

use crate::collect::commands::Word;
use crate::environment::{named_by_words, only};

/// Name to value of the variables that a script assigns once, to a literal text, and whatever happens before.
pub(crate) fn constants(script: &Script) -> BTreeMap<String, String> {
    let is_certain = |span: Span| {
        let around = |block: &Block| block.span.start <= span.start && span.end <= block.span.end;
        let own = script
            .commands
            .iter()
            .find(|command| command.span.start <= span.start && span.end <= command.span.end);
        let follows =
            |command: &Command| matches!(command.operator_before, OperatorBefore::And | OperatorBefore::Or);
        !script.blocks.iter().any(around) && !own.is_some_and(follows)
    };
    let mut values: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (assignment, _) in script.assignments() {
        let is_certain = is_certain(assignment.span) && !assignment.append;
        let value = match assignment.value {
            AssignmentValue::Word(word) if word.literal && is_certain => Some(word.text),
            _ => None,
        };
        let entry = values.entry(assignment.name.value);
        entry.and_modify(|known| *known = None).or_insert(value);
    }
    values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The environment that constants say in what a command deploys, or in the project that it deploys to:
/// `--project "$PROJECT"`, `deploy "api-$STAGE"`.
pub(crate) fn spoken(words: &[Word], constants: &BTreeMap<String, String>) -> Option<&'static str> {
    let is_flag = |text: &str| text.starts_with('-') && !text.contains('=');
    let before = std::iter::once("").chain(words.iter().map(Word::text));
    let named = words.iter().map(Word::text).zip(before).filter(|(text, before)| {
        let is_project = *before == "--project" || text.starts_with("--project=");
        text.contains('$') && (is_project || !text.starts_with('-') && !is_flag(before))
    });
    only(named.filter_map(|(text, _)| named_by_words(&filled(text, constants)?)))
}

/// A text with its variables replaced; `None` where one of them is no constant.
fn filled(text: &str, constants: &BTreeMap<String, String>) -> Option<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut parts = text.split('$');
    let mut filled = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(inside) => inside.split_once('}')?,
            None => part.split_at(part.find(|letter| !is_name(letter)).unwrap_or(part.len())),
        };
        filled.push_str(constants.get(name)?);
        filled.push_str(rest);
    }
    Some(filled)
}
