//! Dockerfiles, as the parser, the linter and the shell lexer of `BuildKit` read them.

mod parse;
mod shell_words;
mod stages;

use serde_json::Value;
use source::LineIndex;
use syntax::Spanned;
use syntax::dockerfile::expand::expand_heredoc;
use syntax::dockerfile::scope::{Scope, visit_scopes};
use syntax::dockerfile::{Dockerfile, Instruction, Kind, parse};

use super::case::{Answer, field, items, number, same, text};
use super::{Column, Suite};

pub(super) const SUITES: &[Suite] = &[
    Suite {
        name: "dockerfile_parse",
        judge: parse::dockerfile,
        least: 0.99,
        columns: &[Column { name: "undefined_variables", judge: lint, least: 0.99 }],
    },
    Suite { name: "dockerfile_lint_upstream", judge: lint_upstream, least: 0.98, columns: &[] },
    Suite { name: "dockerfile_shell_words", judge: shell_words::shell_words, least: 0.98, columns: &[] },
];

/// A warning about a variable: the rule, the line, the name.
type Undefined = (String, u64, String);

/// The variables that the linter calls undefined, with the line of their instruction.
fn undefined(dockerfile: &Dockerfile) -> Vec<Undefined> {
    let mut found = Vec::new();
    visit_scopes(dockerfile, &|_| None, &mut |index, scope| {
        let instruction = &dockerfile.instructions[index];
        let in_from = matches!(instruction.kind, Kind::From { .. });
        let rule = if in_from { "UndefinedArgInFrom" } else { "UndefinedVar" };
        for name in unmatched(instruction, scope) {
            if scope.variable(&name).is_none() {
                found.push((rule.to_owned(), u64::from(instruction.line), name));
            }
        }
    });
    found.sort();
    found.dedup();
    found
}

/// The names in an instruction's words and here-documents that nothing sets.
fn unmatched(instruction: &Instruction, scope: &Scope) -> Vec<String> {
    if instruction.stage.is_none() {
        return Vec::new();
    }
    let words = words(instruction).into_iter();
    let in_words = words.filter_map(|word| Some(scope.expand(&word.value).ok()?.unmatched));
    let lookup = |name: &str| scope.value(name).map(str::to_owned);
    let is_copy = matches!(instruction.kind, Kind::Copy { .. } | Kind::Add { .. });
    let heredocs = instruction.heredocs.iter().filter(|heredoc| heredoc.expand && is_copy);
    let in_heredocs =
        heredocs.filter_map(|heredoc| Some(expand_heredoc(&heredoc.content, &lookup).ok()?.unmatched));
    in_words.chain(in_heredocs).flatten().collect()
}

/// The words of an instruction in which variables are replaced.
fn words(instruction: &Instruction) -> Vec<&Spanned<String>> {
    match &instruction.kind {
        Kind::From { base, platform, .. } => [Some(base), platform.as_ref()].into_iter().flatten().collect(),
        Kind::Env(pairs) | Kind::Label(pairs) => {
            pairs.iter().flat_map(|pair| [Some(&pair.key), pair.value.as_ref()]).flatten().collect()
        }
        Kind::Arg(pairs) => pairs.iter().filter_map(|pair| pair.value.as_ref()).collect(),
        Kind::Copy { sources, destination, .. } | Kind::Add { sources, destination, .. } => {
            let flags = ["chown", "chmod", "checksum"].iter().filter_map(|name| instruction.flag_value(name));
            sources.iter().chain([destination]).chain(flags).collect()
        }
        Kind::Workdir(word) | Kind::User(word) | Kind::Stopsignal(word) => vec![word],
        Kind::Volume(paths) => paths.iter().collect(),
        _ => Vec::new(),
    }
}

/// The warnings about variables among all of the linter's; others ask nothing of this reader.
fn wanted(
    warnings: &Value,
    line_of: impl Fn(&Value) -> Result<u64, String>,
) -> Result<Vec<Undefined>, String> {
    let about_variables = items(warnings).filter_map(|warning| {
        Some((warning, warning["rule"].as_str().filter(|rule| rule.starts_with("Undefined"))?))
    });
    let mut wanted = about_variables
        .map(|(warning, rule)| {
            let name =
                text(warning, "detail")?.split('\'').nth(1).ok_or("a warning that names no variable")?;
            Ok((rule.to_owned(), line_of(warning)?, name.trim_start_matches('$').to_owned()))
        })
        .collect::<Result<Vec<_>, String>>()?;
    wanted.sort();
    Ok(wanted)
}

/// What the linter says of variables, where it ran.
fn lint(case: &Value) -> Result<Answer, String> {
    let is_linted =
        case["stages"].is_array() && case["lint_build_error"].is_null() && case["lint_unavailable"].is_null();
    if !is_linted {
        return Ok(Answer::NotAsked);
    }
    let line =
        |warning: &Value| warning["lines"][0].as_u64().ok_or_else(|| "a warning without a line".to_owned());
    let have = undefined(&parse(text(case, "dockerfile")?).tree);
    same("undefined", have, wanted(&case["lint"], line)?).map(|()| Answer::Agrees)
}

/// The linter's own tests: where the file is wrong, and which variables are undefined.
fn lint_upstream(case: &Value) -> Result<Answer, String> {
    let dockerfile = text(case, "dockerfile")?;
    let parsed = parse(dockerfile);
    let index = LineIndex::new(dockerfile);
    let have = parsed.errors.iter().map(|error| u64::from(index.line(error.span.start)));
    let build_error = field(case, "build_error")?;
    let is_syntax = build_error.as_str().is_some_and(|error| error.contains("parse error"));
    let want = if is_syntax { vec![number(case, "build_error_line")?] } else { Vec::new() };
    same("lines of errors", have.collect(), want)?;
    if build_error.is_null() {
        let want = wanted(field(case, "warnings")?, |warning| number(warning, "line"))?;
        same("undefined", undefined(&parsed.tree), want)?;
    }
    Ok(Answer::Agrees)
}
