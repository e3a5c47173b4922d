//! The parser's tree: instructions, flags, arguments, here-documents, and where the file is wrong.

use serde_json::Value;
use source::LineIndex;
use syntax::dockerfile::{Command, Dockerfile, Heredoc, Instruction, Kind, Pair, parse};
use syntax::{Parsed, Spanned};

use super::super::case::{Answer, field, flag, items, number, same, text, texts};
use super::stages;

/// A whole Dockerfile.
pub(super) fn dockerfile(case: &Value) -> Result<Answer, String> {
    let written = text(case, "dockerfile")?;
    let parsed = parse(written);
    errors(case, written, &parsed)?;
    if field(case, "ast")?.is_array() {
        tree(case, written, &parsed.tree)?;
    }
    if case["stages"].is_array() {
        stages::stages(case, &parsed.tree)?;
    }
    Ok(Answer::Agrees)
}

pub(super) fn values(words: &[Spanned<String>]) -> Vec<String> {
    words.iter().map(|word| word.value.clone()).collect()
}

/// The strings of a list that is left out where it is empty.
pub(super) fn listed(case: &Value, name: &str) -> Result<Vec<String>, String> {
    if case[name].is_null() { Ok(Vec::new()) } else { texts(case, name) }
}

fn errors(case: &Value, written: &str, parsed: &Parsed<Dockerfile>) -> Result<(), String> {
    // Two faults that the builder meets only after it has parsed.
    let later = ["variable expansion is not supported for --from", "contains no stages"];
    let built = case["lint_build_error"].as_str().unwrap_or("");
    let Some(message) = case["parse_error"].as_str().or_else(|| case["instruction_error"].as_str()) else {
        if later.iter().any(|message| built.contains(message)) {
            return same(built, parsed.errors.is_empty(), false);
        }
        let told = parsed.errors.iter().map(|error| error.message.as_str());
        return same("errors", told.collect(), Vec::<&str>::new());
    };
    let index = LineIndex::new(written);
    let lines: Vec<u64> = parsed.errors.iter().map(|error| u64::from(index.line(error.span.start))).collect();
    let line = case["error_lines"][0].as_u64().ok_or("the case does not say where the error is")?;
    // The builder counts one line less for what it finds before it has counted the line.
    let line = if line == 0 || message.contains("directive") { line + 1 } else { line };
    if lines.contains(&line) { Ok(()) } else { Err(format!("errors on {lines:?}, not on {line}: {message}")) }
}

fn tree(case: &Value, written: &str, have: &Dockerfile) -> Result<(), String> {
    same("escape", have.escape.to_string().as_str(), text(case, "escape")?)?;
    let syntax = have.directives.iter().find(|directive| directive.name.value == "syntax");
    let syntax = syntax.and_then(|directive| directive.value.value.split(' ').next());
    same("syntax", syntax, case["syntax"].as_str())?;
    let blank = have.instructions.iter().filter(|instruction| instruction.empty_continuation).count();
    same("empty continuations", blank, items(&case["parse_warnings"]).count())?;
    let want: Vec<_> = items(&case["ast"]).collect();
    same("instructions", have.instructions.len(), want.len())?;
    for (have, want) in have.instructions.iter().zip(want) {
        let at = format!("line {} ", have.line);
        same(&at, u64::from(have.line), number(want, "start")?)?;
        same(&format!("{at}end"), u64::from(have.end_line), number(want, "end")?)?;
        same(&format!("{at}comments"), values(&have.comments), listed(want, "prev_comments")?)?;
        heredocs(&at, have, want)?;
        instruction(&at, written, have, want)?;
    }
    Ok(())
}

/// The instruction that an `ONBUILD` keeps for later, or the instruction itself.
fn innermost(instruction: &Instruction) -> &Instruction {
    if let Kind::Onbuild(inner) = &instruction.kind { inner } else { instruction }
}

fn heredocs(at: &str, have: &Instruction, want: &Value) -> Result<(), String> {
    let have = &innermost(have).heredocs;
    let want: Vec<_> = items(&want["heredocs"]).collect();
    same(&format!("{at}heredocs"), have.len(), want.len())?;
    for (have, want) in have.iter().zip(want) {
        let shape = (have.name.value.as_str(), u64::from(have.fd), have.expand, have.strip_tabs);
        let chomps = flag(want, "Chomp")?;
        let wanted = (text(want, "Name")?, number(want, "FileDescriptor")?, flag(want, "Expand")?, chomps);
        same(&format!("{at}heredoc"), shape, wanted)?;
        let arrives =
            |line: &str| if chomps { line.trim_start_matches('\t').to_owned() } else { line.to_owned() };
        let content: String = text(want, "Content")?.split_inclusive('\n').map(arrives).collect();
        same(&format!("{at}content"), &have.content, &content)?;
    }
    Ok(())
}

fn instruction(at: &str, written: &str, have: &Instruction, want: &Value) -> Result<(), String> {
    let keyword = text(want, "cmd")?;
    same(at, have.keyword.span.of(written), keyword)?;
    same(at, have.keyword.value.as_str(), &keyword.to_uppercase())?;
    let flags = have.flags.iter().map(|flag| match &flag.value {
        Some(value) => format!("--{}={}", flag.name.value, value.value),
        None => format!("--{}", flag.name.value),
    });
    same(&format!("{at}flags"), flags.collect(), listed(want, "flags")?)?;
    if let Kind::Onbuild(inner) = &have.kind {
        return instruction(at, written, inner, field(want, "onbuild")?);
    }
    if have.kind == Kind::Unknown {
        return Ok(());
    }
    let (args, json) = arguments(&have.kind);
    same(&format!("{at}args"), args, wanted_arguments(have, written, listed(want, "args")?))?;
    let wanted_json = want["json"].as_bool().unwrap_or(false);
    json.map_or(Ok(()), |json| same(&format!("{at}json"), json, wanted_json))
}

/// The parser's list of arguments, as the instruction then understands them.
fn wanted_arguments(have: &Instruction, written: &str, mut want: Vec<String>) -> Vec<String> {
    match &have.kind {
        Kind::Copy { .. } | Kind::Add { .. } => {
            let heredocs: Vec<_> =
                have.heredocs.iter().map(|heredoc| heredoc.name.span.of(written)).collect();
            let destination = want.pop();
            want.retain(|word| !heredocs.contains(&word.as_str()));
            want.extend(destination);
        }
        Kind::From { name, .. } => {
            if name.is_some() && want.len() == 3 {
                want.remove(1);
                want[1] = want[1].to_lowercase();
            } else {
                want.truncate(1);
            }
        }
        Kind::Volume(_) => want.iter_mut().for_each(|path| *path = path.trim().to_owned()),
        _ => {}
    }
    want
}

/// The arguments as the builder's parser lists them, and whether they were JSON where that shows.
pub(super) fn arguments(kind: &Kind) -> (Vec<String>, Option<bool>) {
    match kind {
        Kind::From { base, name, .. } => {
            ([Some(base), name.as_ref()].into_iter().flatten().map(|word| word.value.clone()).collect(), None)
        }
        Kind::Arg(pairs) => (pairs.iter().map(argument).collect(), None),
        Kind::Env(pairs) | Kind::Label(pairs) => (pairs.iter().flat_map(parts).collect(), None),
        Kind::Copy { sources, destination, .. } | Kind::Add { sources, destination, .. } => {
            (values(sources).into_iter().chain([destination.value.clone()]).collect(), None)
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

fn command(command: &Command) -> (Vec<String>, Option<bool>) {
    match command {
        Command::Exec(words) => (values(words), Some(true)),
        Command::Shell(text) if text.value.is_empty() => (Vec::new(), Some(false)),
        Command::Shell(text) => (vec![text.value.clone()], Some(false)),
    }
}

fn argument(pair: &Pair) -> String {
    match &pair.value {
        Some(value) => format!("{}={}", pair.key.value, value.value),
        None => pair.key.value.clone(),
    }
}

/// Name, value and what stands between them.
fn parts(pair: &Pair) -> [String; 3] {
    let delimiter = if pair.legacy { "" } else { "=" };
    let value = pair.value.as_ref().map(|value| value.value.clone());
    [pair.key.value.clone(), value.unwrap_or_default(), delimiter.to_owned()]
}

/// The text of a here-document as it is handed on.
pub(super) fn contents(heredocs: &[Heredoc]) -> Vec<String> {
    heredocs.iter().map(|heredoc| heredoc.content.clone()).collect()
}
