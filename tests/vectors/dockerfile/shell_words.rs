//! Words of a Dockerfile: quotes, escapes and variables.

use serde_json::Value;
use syntax::dockerfile::expand::{expand, expand_words};

use super::super::case::{Answer, field, same, text};

/// A row of one of the lexer's tests upstream.
pub(super) fn shell_words(case: &Value) -> Result<Answer, String> {
    match text(case, "func")? {
        // Their rows do not say what is expected.
        "TestShellParserMandatoryEnvVars" => Ok(Answer::NotAsked),
        "TestConvertShellPatternToRegex" => refused_pattern(text(case, "case")?),
        "TestProcessWithMatches" => with_matches(field(case, "case")?),
        "envVarTest" => line_of_env_var_test(text(case, "case")?),
        "wordsTest" => line_of_words_test(text(case, "case")?),
        other => Err(format!("`{other}` is no test that is known here")),
    }
    .map_err(|why| format!("{why}, in {}", case["case"]))
}

/// A pattern that the builder refuses.
fn refused_pattern(pattern: &str) -> Result<Answer, String> {
    let refused = expand(&format!("${{A#{pattern}}}"), '\\', &|_| Some(String::new())).is_err();
    same("is refused", refused, true).map(|()| Answer::Agrees)
}

fn with_matches(row: &Value) -> Result<Answer, String> {
    let lookup = |name: &str| row["envs"].get(name)?.as_str().map(str::to_owned);
    let names = |value: &Value| -> Vec<String> {
        let mut names: Vec<_> =
            value.as_object().into_iter().flat_map(|names| names.keys().cloned()).collect();
        names.sort();
        names
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    match expand(text(row, "input")?, '\\', &lookup) {
        Err(error) => same(&error.message, true, row["expectedErr"] == true)?,
        Ok(done) => {
            same("text", done.text.as_str(), text(row, "expected")?)?;
            same("matched", sorted(done.matched), names(&row["matches"]))?;
            same("unmatched", sorted(done.unmatched), names(&row["unmatched"]))?;
        }
    }
    Ok(Answer::Agrees)
}

/// `platform | word | result`, platform being A(ll), U(nix) or W(indows), where names have no case.
fn line_of_env_var_test(line: &str) -> Result<Answer, String> {
    let parts: Vec<_> = line.split('|').map(str::trim).collect();
    let [platform, word, want] = parts.as_slice() else { return Err("has not three parts".to_owned()) };
    let variables = [("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")];
    let same_name = |one: &str, other: &str| {
        if *platform == "W" { one.eq_ignore_ascii_case(other) } else { one == other }
    };
    let lookup = |name: &str| {
        variables.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| (*value).to_owned())
    };
    let have = expand(word, '\\', &lookup).map_or("error".to_owned(), |done| done.text);
    same("text", have.as_str(), *want).map(|()| Answer::Agrees)
}

/// `text | words`, or `ENV name=value`: as the file upstream sets each name once, all are set from the start.
fn line_of_words_test(line: &str) -> Result<Answer, String> {
    let Some((words, want)) = line.split_once('|') else { return Ok(Answer::NotAsked) };
    let variables = [("hi", "hi"), ("space", "abc  def"), ("leading", "  ab c"), ("trailing", "ab c   ")];
    let lookup =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let have = expand_words(words.trim(), '\\', &lookup).map_or("error".to_owned(), |words| words.join(","));
    same("words", have.trim(), want.trim()).map(|()| Answer::Agrees)
}
