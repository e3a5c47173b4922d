//! Calls of `gcloud run deploy`, as one list of words or put together over several statements.

use std::collections::BTreeSet;

use source::Span;
use syntax::python;

use crate::cloud_run::{CloudRunCommand, CloudRunDeploy, CommandFlag, FieldValue, Given};
use crate::collect::commands::Word;
use crate::record::Document;

/// The call that a list of words makes, where it is one.
#[must_use]
pub(crate) fn deploy(words: &[Word], environment: Option<&str>) -> Option<CloudRunDeploy> {
    let (command, run, length) = command(words)?;
    // Before `run` stand the program and options of it alone.
    let before = words.get(..run)?;
    let program = before.first()?;
    let is_gcloud = program
        .text
        .as_deref()
        .is_none_or(|text| text.rsplit('/').next().is_some_and(|name| name.starts_with("gcloud")));
    let only_options = before
        .iter()
        .skip(1)
        .all(|word| matches!(word.text.as_deref(), Some("alpha" | "beta")) || is_option(word));
    if !is_gcloud || !only_options {
        return None;
    }
    let rest = words.get(run + length..)?;
    let service = rest
        .first()
        .and_then(|word| word.text.clone())
        .filter(|name| !name.starts_with('-') && !name.contains(['$', '{']));
    Some(CloudRunDeploy {
        command,
        service,
        at: words.get(run + length - 1)?.at.clone(),
        flags: flags(rest),
        is_whole: is_whole(words, words.get(run + length - 1)?.text()),
        is_assembled: false,
        fields: Vec::new(),
        environment: environment.map(str::to_owned),
        spoken_of: BTreeSet::new(),
    })
}

/// The command that the words hold, where it begins and how many words it has.
fn command(words: &[Word]) -> Option<(CloudRunCommand, usize, usize)> {
    CloudRunCommand::ALL.into_iter().find_map(|(command, names)| {
        let is_it = |window: &[Word]| window.iter().zip(names).all(|(word, name)| is(word, name));
        let at = words.windows(names.len()).position(is_it)?;
        Some((command, at, names.len()))
    })
}

fn is(word: &Word, text: &str) -> bool {
    word.text.as_deref() == Some(text)
}

fn is_option(word: &Word) -> bool {
    word.text.as_deref().is_some_and(|text| text.starts_with('-'))
}

/// Whether no word may stand for several flags: `$OPTIONS` where no flag before it takes it as its value. What follows the
/// command's last word is a name.
fn is_whole(words: &[Word], last: &str) -> bool {
    words.windows(2).all(|pair| {
        let [before, word] = pair else { return true };
        let text = word.text.as_deref().unwrap_or("");
        let takes = is_option(before) && !before.text.as_deref().unwrap_or("").contains('=');
        let is_bare = text.starts_with('$') && !text.starts_with("${{") && !text.contains(['/', ':', '.']);
        takes || !is_bare || is(before, last)
    })
}

/// The flags of a list of words with their values.
fn flags(words: &[Word]) -> Vec<CommandFlag> {
    let mut flags = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let Some(text) = word.text.as_deref().filter(|text| text.starts_with("--") && text.len() > 2) else {
            continue;
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => {
                let next = words.get(index + 1).and_then(|next| next.text.clone());
                (text, next.filter(|next| !next.starts_with("--")))
            }
        };
        let value = value.filter(|value| !value.contains(['$', '{', '`']));
        let at = word.at.clone();
        flags.push(CommandFlag { name: name.to_owned(), value, at, given: Given::Always, arms: Vec::new() });
    }
    flags
}

/// The calls of a program: what is added to a list in the same function counts to it.
#[must_use]
pub(crate) fn deploys_of_program(
    document: &Document,
    module: &python::Module,
    lists: &[Vec<Word>],
    environment: Option<&str>,
) -> Vec<CloudRunDeploy> {
    let mut deploys: Vec<(CloudRunDeploy, &python::CommandWords)> = Vec::new();
    for (command, words) in module.commands.iter().zip(lists) {
        if let Some(mut found) = deploy(words, environment) {
            found.is_assembled = true;
            deploys.push((found, command));
        } else if command.continues {
            let same = |(_, base): &&mut (CloudRunDeploy, &python::CommandWords)| {
                base.function == command.function && base.target.is_some() && base.target == command.target
            };
            if let Some((deploy, _)) = deploys.iter_mut().rev().find(same) {
                let given = match &command.branch {
                    branch if branch.is_conditional => Given::Sometimes,
                    branch if branch.names.is_empty() => Given::Added,
                    branch => Given::For(branch.names.clone()),
                };
                let added = flags(words).into_iter();
                let arms = &command.branch.arms;
                deploy.flags.extend(added.map(|flag| CommandFlag {
                    given: given.clone(),
                    arms: arms.clone(),
                    ..flag
                }));
            }
        }
    }
    let spoken_of = spoken_of(document, module).unwrap_or_default();
    let known = deploys.into_iter().map(|(deploy, _)| CloudRunDeploy {
        fields: fields(document, module, &deploy.flags),
        spoken_of: spoken_of.clone(),
        ..deploy
    });
    known.collect()
}

/// Keys of dictionaries that stand in quotes somewhere else as well: `variables.pop("PORT")`.
fn spoken_of(document: &Document, module: &python::Module) -> Option<BTreeSet<String>> {
    let keys: BTreeSet<&str> = module.dict_entries.iter().map(|entry| entry.key.value.as_str()).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let own: BTreeSet<usize> = module.dict_entries.iter().map(|entry| entry.key.span.start).collect();
    let text = document.text.as_bytes();
    let is_quoted = |hit: &aho_corasick::Match| {
        let before = hit.start().checked_sub(1).and_then(|at| text.get(at));
        matches!(before, Some(b'"' | b'\'')) && before == text.get(hit.end())
    };
    let search = aho_corasick::AhoCorasick::new(&keys).ok()?;
    let hits = search.find_overlapping_iter(text).filter(is_quoted);
    let elsewhere = hits.filter(|hit| !own.contains(&hit.start()) && !own.contains(&(hit.start() - 1)));
    Some(elsewhere.filter_map(|hit| keys.get(hit.pattern().as_usize())).map(|&key| key.to_owned()).collect())
}

/// Values of keyword arguments that are named like a flag of the call.
fn fields(document: &Document, module: &python::Module, flags: &[CommandFlag]) -> Vec<FieldValue> {
    let is_flag = |name: &str| {
        let flag = format!("--{}", name.replace('_', "-"));
        flags.iter().any(|known| known.name == flag && known.value.is_none())
    };
    let mut record = String::new();
    let mut found = Vec::new();
    for keyword in &module.keyword_literals {
        let name = keyword.name.value.as_str();
        let texts = keyword.values.iter().filter_map(|value| Some((text(&value.value)?, value.span)));
        if name == "name" {
            record = texts.map(|(text, _)| text).next().unwrap_or_default();
            found.extend(defaults(document, module, keyword.call, &record, &is_flag));
            continue;
        }
        if !is_flag(name) && name != "dockerfile" {
            continue;
        }
        for (value, span) in texts {
            found.push(FieldValue {
                record: record.clone(),
                field: name.to_owned(),
                value,
                is_alternative: keyword.values.len() > 1,
                at: document.place(span),
            });
        }
    }
    found
}

/// What a record has by the defaults of its class.
fn defaults(
    document: &Document,
    module: &python::Module,
    call: Span,
    record: &str,
    is_flag: &dyn Fn(&str) -> bool,
) -> Vec<FieldValue> {
    let Some(made) = module.record_calls.iter().find(|made| made.call == call) else { return Vec::new() };
    let left = module.field_defaults.iter().filter(|field| {
        field.class == made.class && is_flag(&field.name) && !made.given.contains(&field.name)
    });
    let values = left.filter_map(|field| {
        Some(FieldValue {
            record: record.to_owned(),
            field: field.name.clone(),
            value: text(&field.value.value)?,
            is_alternative: false,
            at: document.place(field.value.span),
        })
    });
    values.collect()
}

fn text(literal: &python::Literal) -> Option<String> {
    match literal {
        python::Literal::Text(text) if !text.template => Some(text.value.clone()),
        python::Literal::Number(number) => Some(number.clone()),
        _ => None,
    }
}
