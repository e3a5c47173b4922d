//! The reader against `BuildKit`'s own answers.

use serde_json::Value;
use source::LineIndex;

use super::expand::{expand, expand_heredoc, expand_words};
use super::scope::{Scope, visit_scopes};
use super::{Command, Dockerfile, Heredoc, Instruction, Kind, Pair, parse};
use crate::{Parsed, Spanned};

/// The cases of a file; `None` where no folder is given.
#[expect(clippy::disallowed_methods, reason = "the cases lie outside the repository")]
fn cases(name: &str) -> Option<Vec<Value>> {
    let Some(folder) = std::env::var_os("SHIPWORTHY_VECTORS") else {
        println!("{name}: skipped");
        return None;
    };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join(format!("{name}.jsonl"))).unwrap();
    Some(text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Counts the cases in which `check` finds no difference; at least `least` of a hundred must be so.
fn judge(name: &str, cases: &[&Value], least: usize, check: impl Fn(&Value) -> Vec<String>) {
    let missed: Vec<_> =
        cases.iter().map(|case| (case, check(case))).filter(|(_, wrong)| !wrong.is_empty()).collect();
    println!("{name}: {} of {}", cases.len() - missed.len(), cases.len());
    for (case, wrong) in &missed {
        println!("  {} {}", case["id"], wrong.join("\n    "));
    }
    assert!((cases.len() - missed.len()) * 100 >= least * cases.len(), "{name} fell below {least} %");
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn values(words: &[Spanned<String>]) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

/// What is not the same.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    #[expect(clippy::needless_pass_by_value, reason = "most are made for the call")]
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, have: T, want: T) {
        if have != want {
            self.0.push(format!("{what}: {have:?}, not {want:?}"));
        }
    }
}

#[test]
fn dockerfile_parse() {
    let Some(cases) = cases("dockerfile_parse") else { return };
    judge("dockerfile_parse", &cases.iter().collect::<Vec<_>>(), 100, |case| {
        let text = case["dockerfile"].as_str().unwrap();
        let parsed = parse(text);
        let mut wrong = Differences::default();
        errors(case, text, &parsed, &mut wrong);
        if case["ast"].is_array() {
            tree(case, text, &parsed.tree, &mut wrong);
        }
        if case["stages"].is_array() {
            stages(case, &parsed.tree, &mut wrong);
        }
        wrong.0
    });
}

fn errors(case: &Value, text: &str, parsed: &Parsed<Dockerfile>, wrong: &mut Differences) {
    let index = LineIndex::new(text);
    let lines: Vec<u64> = parsed.errors.iter().map(|error| u64::from(index.line(error.span.start))).collect();
    let want = case["parse_error"].as_str().or_else(|| case["instruction_error"].as_str());
    // Two faults that the builder meets only after it has parsed.
    let later = ["variable expansion is not supported for --from", "contains no stages"];
    let built = case["lint_build_error"].as_str().unwrap_or("");
    if want.is_none() && later.iter().any(|message| built.contains(message)) {
        return wrong.same(built, parsed.errors.is_empty(), false);
    }
    let Some(message) = want else {
        let told: Vec<_> = parsed.errors.iter().map(|error| error.message.as_str()).collect();
        return wrong.same("errors", told, Vec::new());
    };
    let line = case["error_lines"][0].as_u64().unwrap();
    // The builder counts one line less for what it finds before it has counted the line.
    let line = if line == 0 || message.contains("directive") { line + 1 } else { line };
    wrong.same(message, lines.contains(&line), true);
}

fn tree(case: &Value, text: &str, have: &Dockerfile, wrong: &mut Differences) {
    wrong.same("escape", have.escape.to_string(), case["escape"].as_str().unwrap().to_owned());
    let syntax = have.directives.iter().find(|directive| directive.name.value == "syntax");
    let syntax = syntax.map(|directive| directive.value.value.split(' ').next().unwrap().to_owned());
    wrong.same("syntax", syntax.as_deref(), case["syntax"].as_str());
    let blank = have.instructions.iter().filter(|instruction| instruction.empty_continuation).count();
    wrong.same("empty continuations", blank, case["parse_warnings"].as_array().map_or(0, Vec::len));
    let want = case["ast"].as_array().unwrap();
    wrong.same("instructions", have.instructions.len(), want.len());
    for (have, want) in have.instructions.iter().zip(want) {
        let at = format!("line {} ", have.line);
        wrong.same(&at, u64::from(have.line), want["start"].as_u64().unwrap());
        wrong.same(&format!("{at}end"), u64::from(have.end_line), want["end"].as_u64().unwrap());
        wrong.same(&format!("{at}comments"), values(&have.comments), strings(&want["prev_comments"]));
        heredocs(&at, have, want, wrong);
        instruction(&at, text, have, want, wrong);
    }
}

fn heredocs(at: &str, have: &Instruction, want: &Value, wrong: &mut Differences) {
    let inner = if let Kind::Onbuild(inner) = &have.kind { inner } else { have };
    let shape = |heredoc: &Heredoc| {
        (heredoc.name.value.clone(), u64::from(heredoc.fd), heredoc.expand, heredoc.strip_tabs)
    };
    let want = want["heredocs"].as_array();
    let shapes = want.into_iter().flatten().map(|want| {
        let flag = |name: &str| want[name].as_bool().unwrap();
        let fd = want["FileDescriptor"].as_u64().unwrap();
        (want["Name"].as_str().unwrap().to_owned(), fd, flag("Expand"), flag("Chomp"))
    });
    wrong.same(
        &format!("{at}heredocs"),
        inner.heredocs.iter().map(shape).collect(),
        shapes.collect::<Vec<_>>(),
    );
    for (have, want) in inner.heredocs.iter().zip(want.into_iter().flatten()) {
        let content = want["Content"].as_str().unwrap();
        let arrives = |line: &str| {
            if have.strip_tabs { line.trim_start_matches('\t').to_owned() } else { line.to_owned() }
        };
        let content: String = content.split_inclusive('\n').map(arrives).collect();
        wrong.same(&format!("{at}content"), &have.content, &content);
    }
}

fn instruction(at: &str, text: &str, have: &Instruction, want: &Value, wrong: &mut Differences) {
    let keyword = want["cmd"].as_str().unwrap();
    wrong.same(at, have.keyword.span.of(text), keyword);
    wrong.same(at, have.keyword.value.as_str(), &keyword.to_uppercase());
    let flags = have.flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("--{}={}", flag.name.value, value.value),
        None => format!("--{}", flag.name.value),
    });
    wrong.same(&format!("{at}flags"), flags.collect(), strings(&want["flags"]));
    if let Kind::Onbuild(inner) = &have.kind {
        instruction(at, text, inner, &want["onbuild"], wrong);
    } else if have.kind != Kind::Unknown {
        let (args, json) = arguments(&have.kind);
        let mut want_args = strings(&want["args"]);
        match have.kind {
            Kind::Copy { .. } | Kind::Add { .. } => {
                let destination = want_args.pop();
                want_args.retain(|word| super::heredoc::operator(word) == Ok(None));
                want_args.extend(destination);
            }
            Kind::From { .. } if want_args.len() == 3 => want_args[2] = want_args[2].to_lowercase(),
            Kind::From { .. } => want_args.truncate(1),
            Kind::Volume(_) => want_args.iter_mut().for_each(|path| *path = path.trim().to_owned()),
            _ => {}
        }
        if let Kind::From { name: Some(_), .. } = have.kind {
            want_args.remove(1);
        }
        wrong.same(&format!("{at}args"), args, want_args);
        if let Some(json) = json {
            wrong.same(&format!("{at}json"), json, want["json"].as_bool().unwrap_or(false));
        }
    }
}

/// The arguments as the builder's parser lists them, and whether they were JSON where that shows.
fn arguments(kind: &Kind) -> (Vec<String>, Option<bool>) {
    let command = |command: &Command| match command {
        Command::Exec(words) => (values(words), Some(true)),
        Command::Shell(text) if text.value.is_empty() => (Vec::new(), Some(false)),
        Command::Shell(text) => (vec![text.value.clone()], Some(false)),
    };
    let copied = |sources: &[Spanned<String>], destination: &Spanned<String>| {
        (values(sources).into_iter().chain([destination.value.clone()]).collect(), None)
    };
    let named = |pairs: &[Pair]| {
        let parts = |pair: &Pair| {
            let delimiter = if pair.legacy { "" } else { "=" };
            [pair.key.value.clone(), pair.value.as_ref().unwrap().value.clone(), delimiter.to_owned()]
        };
        (pairs.iter().flat_map(parts).collect(), None)
    };
    match kind {
        Kind::From { base, name, .. } => {
            ([Some(base), name.as_ref()].into_iter().flatten().map(|word| word.value.clone()).collect(), None)
        }
        Kind::Arg(pairs) => {
            let argument = |pair: &Pair| match &pair.value {
                Some(value) => format!("{}={}", pair.key.value, value.value),
                None => pair.key.value.clone(),
            };
            (pairs.iter().map(argument).collect(), None)
        }
        Kind::Env(pairs) | Kind::Label(pairs) => named(pairs),
        Kind::Copy { sources, destination, .. } | Kind::Add { sources, destination, .. } => {
            copied(sources, destination)
        }
        Kind::Run(it) | Kind::Cmd(it) | Kind::Entrypoint(it) => command(it),
        Kind::Healthcheck(None) => (vec!["NONE".to_owned()], None),
        Kind::Healthcheck(Some(check)) => {
            let (mut words, json) = command(&check.command);
            words.insert(0, "CMD".to_owned());
            (words, json)
        }
        Kind::Workdir(text) | Kind::User(text) | Kind::Stopsignal(text) | Kind::Maintainer(text) => {
            (vec![text.value.clone()], None)
        }
        Kind::Expose(words) | Kind::Volume(words) | Kind::Shell(words) => (values(words), None),
        Kind::Onbuild(_) | Kind::Unknown => (Vec::new(), None),
    }
}

fn stages(case: &Value, have: &Dockerfile, wrong: &mut Differences) {
    let want = case["stages"].as_array().unwrap();
    wrong.same("stages", have.stages.len(), want.len());
    for (stage, want) in have.stages.iter().zip(want) {
        let at = format!("stage {} ", stage.index);
        let text =
            |word: &Option<Spanned<String>>| word.as_ref().map_or(String::new(), |word| word.value.clone());
        let parts = [text(&stage.name), stage.base.value.clone(), text(&stage.platform)];
        wrong.same(
            &at,
            parts,
            ["Name", "Base", "Platform"].map(|name| want[name].as_str().unwrap().to_owned()),
        );
        wrong.same(&at, u64::from(stage.line), want["Start"].as_u64().unwrap());
        let commands: Vec<_> = have.instructions_of(stage.index).skip(1).map(|(_, it)| it).collect();
        let want_commands: Vec<_> = want["Cmds"].as_array().into_iter().flatten().collect();
        wrong.same(&format!("{at}commands"), commands.len(), want_commands.len());
        for (have, want) in commands.into_iter().zip(want_commands) {
            command(&format!("line {} ", have.line), have, &want["value"], wrong);
        }
    }
    let outside = have.instructions.iter().filter(|it| it.stage.is_none());
    let have: Vec<_> = outside.flat_map(|it| arguments(&it.kind).0).collect();
    let want =
        case["meta_args"].as_array().into_iter().flatten().flat_map(|arg| arg["Args"].as_array().unwrap());
    let want = want.map(|arg| match arg["Value"].as_str() {
        Some(value) => format!("{}={value}", arg["Key"].as_str().unwrap()),
        None => arg["Key"].as_str().unwrap().to_owned(),
    });
    wrong.same("meta args", have, want.collect());
}

/// What the parser's list of arguments does not already show.
fn command(at: &str, have: &Instruction, want: &Value, wrong: &mut Differences) {
    let flag = |name: &str| have.flag_value(name).map_or("", |value| &value.value).to_owned();
    let text = |name: &str| want[name].as_str().unwrap_or_default().to_owned();
    match &have.kind {
        Kind::Copy { .. } | Kind::Add { .. } => {
            for name in ["From", "Chown", "Chmod", "Checksum"] {
                wrong.same(&format!("{at}{name}"), flag(&name.to_lowercase()), text(name));
            }
            let excluded = have.flags.iter().filter(|flag| flag.name.value == "exclude");
            let excluded = excluded.map(|flag| flag.value.as_ref().unwrap().value.clone()).collect();
            wrong.same(&format!("{at}exclude"), excluded, strings(&want["ExcludePatterns"]));
            let parents = have.flag("parents").is_some();
            wrong.same(&format!("{at}parents"), parents, want["Parents"].as_bool().unwrap_or(false));
            let contents = want["SourceContents"].as_array().into_iter().flatten();
            let contents = contents.map(|content| content["Data"].as_str().unwrap().to_owned());
            let have = have.heredocs.iter().map(|heredoc| heredoc.content.clone());
            wrong.same(&format!("{at}contents"), have.collect::<Vec<_>>(), contents.collect());
        }
        Kind::Healthcheck(Some(check)) => {
            let settings = [&check.interval, &check.timeout, &check.start_period, &check.start_interval].map(
                |setting| {
                    setting.as_ref().map_or(0, |setting| u64::try_from(setting.value.as_nanos()).unwrap())
                },
            );
            let names = ["Interval", "Timeout", "StartPeriod", "StartInterval"];
            wrong.same(at, settings, names.map(|name| want["Health"][name].as_u64().unwrap_or(0)));
            let retries = check.retries.as_ref().map_or(0, |retries| u64::from(retries.value));
            wrong.same(at, retries, want["Health"]["Retries"].as_u64().unwrap_or(0));
        }
        Kind::Onbuild(inner) => {
            let expression = text("Expression");
            let keyword = expression.split_whitespace().next().unwrap_or("").to_uppercase();
            wrong.same(at, &inner.keyword.value, &keyword);
        }
        _ => {}
    }
}

/// The variables that `BuildKit` calls undefined, with the line of their instruction.
fn undefined(dockerfile: &Dockerfile) -> Vec<(String, u64, String)> {
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

fn unmatched(instruction: &Instruction, scope: &Scope) -> Vec<String> {
    if instruction.stage.is_none() {
        return Vec::new();
    }
    let mut words: Vec<&str> = Vec::new();
    match &instruction.kind {
        Kind::From { base, platform, .. } => {
            words.extend([Some(base), platform.as_ref()].into_iter().flatten().map(text));
        }
        Kind::Env(pairs) | Kind::Label(pairs) => {
            words.extend(
                pairs.iter().flat_map(|pair| [Some(&pair.key), pair.value.as_ref()]).flatten().map(text),
            );
        }
        Kind::Arg(pairs) => words.extend(pairs.iter().filter_map(|pair| pair.value.as_ref()).map(text)),
        Kind::Copy { sources, destination, .. } | Kind::Add { sources, destination, .. } => {
            words.extend(sources.iter().chain([destination]).map(text));
            words.extend(
                ["chown", "chmod", "checksum"]
                    .iter()
                    .filter_map(|name| instruction.flag_value(name))
                    .map(text),
            );
        }
        Kind::Workdir(word) | Kind::User(word) | Kind::Stopsignal(word) => words.push(text(word)),
        Kind::Volume(paths) => words.extend(paths.iter().map(text)),
        _ => {}
    }
    let in_words = words.into_iter().filter_map(|word| Some(scope.expand(word).ok()?.unmatched));
    let lookup = |name: &str| scope.value(name).map(str::to_owned);
    let is_copy = matches!(instruction.kind, Kind::Copy { .. } | Kind::Add { .. });
    let heredocs = instruction.heredocs.iter().filter(|heredoc| heredoc.expand && is_copy);
    let in_heredocs =
        heredocs.filter_map(|heredoc| Some(expand_heredoc(&heredoc.content, &lookup).ok()?.unmatched));
    in_words.chain(in_heredocs).flatten().collect()
}

fn text(word: &Spanned<String>) -> &str {
    &word.value
}

/// The findings of a rule that this reader can answer.
fn wanted(warnings: &Value, line_of: impl Fn(&Value) -> u64) -> Vec<(String, u64, String)> {
    let mut wanted: Vec<_> = warnings
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|warning| {
            let rule = warning["rule"].as_str().filter(|rule| rule.starts_with("Undefined"))?;
            let name = warning["detail"].as_str().unwrap().split('\'').nth(1).unwrap();
            Some((rule.to_owned(), line_of(warning), name.trim_start_matches('$').to_owned()))
        })
        .collect();
    wanted.sort();
    wanted
}

#[test]
fn undefined_variables() {
    let Some(cases) = cases("dockerfile_parse") else { return };
    let answered = |case: &&Value| case["stages"].is_array() && case["lint_build_error"].is_null();
    let linted: Vec<_> =
        cases.iter().filter(answered).filter(|case| case["lint_unavailable"].is_null()).collect();
    judge("dockerfile_parse lint Undefined*", &linted, 100, |case| {
        let mut wrong = Differences::default();
        let have = undefined(&parse(case["dockerfile"].as_str().unwrap()).tree);
        wrong.same("undefined", have, wanted(&case["lint"], |warning| warning["lines"][0].as_u64().unwrap()));
        wrong.0
    });
}

#[test]
fn dockerfile_lint_upstream() {
    let Some(cases) = cases("dockerfile_lint_upstream") else { return };
    judge("dockerfile_lint_upstream", &cases.iter().collect::<Vec<_>>(), 100, |case| {
        let text = case["dockerfile"].as_str().unwrap();
        let parsed = parse(text);
        let mut wrong = Differences::default();
        let index = LineIndex::new(text);
        let have: Vec<_> =
            parsed.errors.iter().map(|error| u64::from(index.line(error.span.start))).collect();
        let is_syntax = case["build_error"].as_str().is_some_and(|error| error.contains("parse error"));
        let want = if is_syntax { vec![case["build_error_line"].as_u64().unwrap()] } else { Vec::new() };
        wrong.same("errors", have, want);
        if case["build_error"].is_null() {
            let want = wanted(&case["warnings"], |warning| warning["line"].as_u64().unwrap());
            wrong.same("undefined", undefined(&parsed.tree), want);
        }
        wrong.0
    });
}

#[test]
fn dockerfile_shell_words() {
    let Some(cases) = cases("dockerfile_shell_words") else { return };
    let said = |case: &Value| case["func"] != "TestShellParserMandatoryEnvVars";
    let (cases, silent): (Vec<_>, Vec<_>) = cases.iter().partition(|case| said(case));
    println!("dockerfile_shell_words: {} cases hold no expectation", silent.len());
    judge("dockerfile_shell_words", &cases, 100, |case| {
        let mut wrong = Differences::default();
        match case["func"].as_str().unwrap() {
            "TestConvertShellPatternToRegex" => pattern(case, &mut wrong),
            "TestProcessWithMatches" => with_matches(&case["case"], &mut wrong),
            "envVarTest" => line_of_env_var_test(case["case"].as_str().unwrap(), &mut wrong),
            "wordsTest" => line_of_words_test(case["case"].as_str().unwrap(), &mut wrong),
            other => wrong.0.push(other.to_owned()),
        }
        wrong.0
    });
}

/// A pattern that the builder refuses.
fn pattern(case: &Value, wrong: &mut Differences) {
    let word = format!("${{A#{}}}", case["case"].as_str().unwrap());
    wrong.same(&word, expand(&word, '\\', &|_| Some(String::new())).is_err(), true);
}

fn with_matches(case: &Value, wrong: &mut Differences) {
    let lookup = |name: &str| case["envs"].get(name)?.as_str().map(str::to_owned);
    let names =
        |value: &Value| value.as_object().map(|names| names.keys().cloned().collect()).unwrap_or_default();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    match expand(case["input"].as_str().unwrap(), '\\', &lookup) {
        Err(error) => wrong.same(&error.message, true, case["expectedErr"] == true),
        Ok(done) => {
            wrong.same("text", Some(done.text.as_str()), case["expected"].as_str());
            wrong.same("matched", sorted(done.matched), sorted(names(&case["matches"])));
            wrong.same("unmatched", sorted(done.unmatched), sorted(names(&case["unmatched"])));
        }
    }
}

/// `platform | word | result`, platform being A(ll), U(nix) or W(indows), where names have no case.
fn line_of_env_var_test(line: &str, wrong: &mut Differences) {
    let parts: Vec<_> = line.split('|').map(str::trim).collect();
    let variables = [("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")];
    let same =
        |one: &str, other: &str| if parts[0] == "W" { one.eq_ignore_ascii_case(other) } else { one == other };
    let lookup =
        |name: &str| variables.iter().find(|(key, _)| same(key, name)).map(|(_, value)| (*value).to_owned());
    let have = expand(parts[1], '\\', &lookup).map_or("error".to_owned(), |done| done.text);
    wrong.same(line, have.as_str(), parts[2]);
}

/// `text | words`, or `ENV name=value`: as the file upstream sets each name once, all are set from the start.
fn line_of_words_test(line: &str, wrong: &mut Differences) {
    let Some((text, want)) = line.split_once('|') else { return };
    let variables = [("hi", "hi"), ("space", "abc  def"), ("leading", "  ab c"), ("trailing", "ab c   ")];
    let lookup =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let have = expand_words(text.trim(), '\\', &lookup).map_or("error".to_owned(), |words| words.join(","));
    wrong.same(line, have.trim(), want.trim());
}
