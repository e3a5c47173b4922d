//! Variables that a workflow itself gives its steps as literals: `env:` of the workflow, the job and the step.

use std::collections::BTreeMap;

use syntax::yaml::View;

use crate::collect::commands::Word;
use crate::record::Document;

/// Literal variables of a step by name; the nearest `env:` wins. What the file sets otherwise as well is left out.
pub(super) fn literals(
    document: &Document,
    (root, job): (View<'_>, View<'_>),
    step: View<'_>,
) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for (name, value) in
        [root, job, step].into_iter().filter_map(|level| level.get("env")).flat_map(|env| env.entries())
    {
        let Some(name) = name.as_str() else { continue };
        match value.as_str().filter(|value| !value.contains(['$', '\n'])) {
            Some(value) => known.insert(name.to_owned(), value.to_owned()),
            None => known.remove(name),
        };
    }
    known.retain(|name, _| !document.text.contains(&format!("{name}=")));
    known
}

/// The words of a command with these variables filled in.
pub(super) fn filled(words: Vec<Word>, known: &BTreeMap<String, String>) -> Vec<Word> {
    if known.is_empty() {
        return words;
    }
    let fill = |word: Word| match word.text.as_deref().and_then(|text| filled_text(text, known)) {
        Some(text) => Word { text: Some(text), is_verbatim: false, ..word },
        None => word,
    };
    words.into_iter().map(fill).collect()
}

/// The text with the variables filled in; `None` where it has none of them.
fn filled_text(text: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let (mut found, mut rest) = (String::new(), text);
    let mut has_any = false;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        found.push_str(before);
        let (value, length) = match reference(from) {
            Some((name, length)) => (known.get(name), length),
            None => (None, 1),
        };
        has_any |= value.is_some();
        found.push_str(value.map_or_else(|| from.get(..length).unwrap_or("$"), String::as_str));
        rest = from.get(length..).unwrap_or("");
    }
    found.push_str(rest);
    has_any.then_some(found)
}

/// The variable that a text begins with, and how many bytes it takes: `$NAME`, `${NAME}`, `${{ env.NAME }}`.
fn reference(text: &str) -> Option<(&str, usize)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if let Some(inside) = text.strip_prefix("${{") {
        let (expression, _) = inside.split_once("}}")?;
        let name = expression.trim().strip_prefix("env.").filter(|name| name.chars().all(is_part))?;
        return Some((name, expression.len() + 5));
    }
    if let Some(inside) = text.strip_prefix("${") {
        let (name, _) = inside.split_once('}')?;
        return name.chars().all(is_part).then_some((name, name.len() + 3));
    }
    let name = text.strip_prefix('$')?;
    let end = name.find(|letter| !is_part(letter)).unwrap_or(name.len());
    (end > 0).then(|| (name.get(..end).unwrap_or(""), end + 1))
}

#[cfg(test)]
mod tests {
    use super::filled_text;

    #[test]
    fn every_form_of_a_variable_is_filled_in() {
        let known = [("FOLDER".to_owned(), "web/".to_owned())].into();
        let filled = |text: &str| filled_text(text, &known);
        assert_eq!(filled("${{ env.FOLDER }}Dockerfile").as_deref(), Some("web/Dockerfile"));
        assert_eq!(filled("$FOLDER:${FOLDER}$").as_deref(), Some("web/:web/$"));
        assert_eq!(filled("${FOLDER}$OTHER").as_deref(), Some("web/$OTHER"));
        assert_eq!(filled("${FOLDER:-x} $OTHER ${{ matrix.FOLDER }}"), None);
    }
}
