//! The stages and what their instructions say beyond the list of arguments.

use serde_json::Value;
use syntax::Spanned;
use syntax::dockerfile::{Dockerfile, Healthcheck, Instruction, Kind};

use super::super::case::{field, items, number, same, text};
use super::parse::{arguments, contents, listed};

/// Compares the stages and the arguments before the first of them.
pub(super) fn stages(case: &Value, have: &Dockerfile) -> Result<(), String> {
    let want: Vec<_> = items(&case["stages"]).collect();
    same("stages", have.stages.len(), want.len())?;
    for (stage, want) in have.stages.iter().zip(want) {
        let at = format!("stage {} ", stage.index);
        let said =
            |word: &Option<Spanned<String>>| word.as_ref().map_or(String::new(), |word| word.value.clone());
        let parts = [said(&stage.name), stage.base.value.clone(), said(&stage.platform)];
        same(
            &at,
            parts,
            [text(want, "Name")?, text(want, "Base")?, text(want, "Platform")?].map(str::to_owned),
        )?;
        same(&at, u64::from(stage.line), number(want, "Start")?)?;
        let commands: Vec<_> = have.instructions_of(stage.index).skip(1).map(|(_, it)| it).collect();
        let wanted: Vec<_> = items(&want["Cmds"]).collect();
        same(&format!("{at}commands"), commands.len(), wanted.len())?;
        for (have, want) in commands.into_iter().zip(wanted) {
            command(&format!("line {} ", have.line), have, field(want, "value")?)?;
        }
    }
    let outside = have.instructions.iter().filter(|it| it.stage.is_none());
    let want = items(&case["meta_args"]).flat_map(|arg| items(&arg["Args"])).map(meta_argument);
    let want = want.collect::<Result<Vec<_>, _>>()?;
    same("meta args", outside.flat_map(|it| arguments(&it.kind).0).collect(), want)
}

fn meta_argument(argument: &Value) -> Result<String, String> {
    let key = text(argument, "Key")?;
    Ok(argument["Value"].as_str().map_or(key.to_owned(), |value| format!("{key}={value}")))
}

fn command(at: &str, have: &Instruction, want: &Value) -> Result<(), String> {
    match &have.kind {
        Kind::Copy { .. } | Kind::Add { .. } => copied(at, have, want),
        Kind::Healthcheck(Some(check)) => health(at, check, field(want, "Health")?),
        Kind::Onbuild(inner) => {
            let keyword = text(want, "Expression")?.split_whitespace().next().unwrap_or("").to_uppercase();
            same(at, &inner.keyword.value, &keyword)
        }
        _ => Ok(()),
    }
}

fn copied(at: &str, have: &Instruction, want: &Value) -> Result<(), String> {
    for name in ["From", "Chown", "Chmod", "Checksum"] {
        let flag = have.flag_value(&name.to_lowercase()).map_or("", |value| &value.value);
        same(&format!("{at}{name}"), flag, want[name].as_str().unwrap_or(""))?;
    }
    let excluded = have.flags.iter().filter(|flag| flag.name.value == "exclude");
    let excluded = excluded.filter_map(|flag| Some(flag.value.as_ref()?.value.clone())).collect();
    same(&format!("{at}exclude"), excluded, listed(want, "ExcludePatterns")?)?;
    let parents = have.flag("parents").is_some();
    same(&format!("{at}parents"), parents, want["Parents"].as_bool().unwrap_or(false))?;
    let wanted = items(&want["SourceContents"]).map(|content| text(content, "Data").map(str::to_owned));
    same(&format!("{at}contents"), contents(&have.heredocs), wanted.collect::<Result<_, _>>()?)
}

fn health(at: &str, have: &Healthcheck, want: &Value) -> Result<(), String> {
    let settings = [
        ("Interval", &have.interval),
        ("Timeout", &have.timeout),
        ("StartPeriod", &have.start_period),
        ("StartInterval", &have.start_interval),
    ];
    for (name, setting) in settings {
        let nanoseconds = setting.as_ref().map_or(0, |setting| setting.value.as_nanos());
        same(&format!("{at}{name}"), nanoseconds, u128::from(want[name].as_u64().unwrap_or(0)))?;
    }
    let retries = have.retries.as_ref().map_or(0, |retries| u64::from(retries.value));
    same(at, retries, want["Retries"].as_u64().unwrap_or(0))
}
