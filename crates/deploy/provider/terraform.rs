//! Terraform: the plan is made once, judged, and exactly that plan is applied.
//!
//! Facts of Terraform 1.11, by running it: `plan -detailed-exitcode` answers 0 for no change, 2 for changes; a failing
//! `check` block stops nothing by itself; `show -json` tells values of sensitive variables, so it is never kept; a saved
//! plan that is applied twice is refused as stale.

use globset::Glob;
use serde_json::{Map, Value, json};

use super::{Effect, Known, Reply, known};
use crate::command_runner::CommandRunner;
use crate::config::{Argv, Infra, Target};
use crate::files;
use crate::hash::sha256;
use crate::plan::{Act, Step};

/// Finds out what would change, or changes it.
pub(crate) fn act(target: &Target, step: &Step, so_far: &Known, runner: &mut CommandRunner) -> Reply {
    let Some((infra, at)) = of_step(target, step) else { return Reply::failed("no such infrastructure") };
    let place = Place::new(infra, at, runner);
    match step.act {
        Act::Prepare => prepare(infra, step, &place, runner),
        _ => apply(step, &place, so_far, runner),
    }
}

/// Whether what a step should have changed is as planned.
pub(crate) fn effect(target: &Target, step: &Step, runner: &mut CommandRunner) -> Effect {
    let Some((infra, at)) = of_step(target, step).filter(|_| step.act == Act::Apply) else {
        return Effect::Unseen;
    };
    let place = Place::new(infra, at, runner);
    match drift(infra, &place, runner) {
        Ok(()) => Effect::There(Map::new()),
        Err(why) => Effect::Unknown(why),
    }
}

fn of_step<'t>(target: &'t Target, step: &Step) -> Option<(&'t Infra, usize)> {
    let number: usize = step.service_name().strip_prefix("infra-")?.parse().ok()?;
    target.infra.get(number.checked_sub(1)?).map(|infra| (infra, number))
}

/// Where one configuration and its plan are.
struct Place {
    folder: std::path::PathBuf,
    plan: std::path::PathBuf,
}

impl Place {
    fn new(infra: &Infra, number: usize, runner: &mut CommandRunner) -> Self {
        let data = runner.out().join(format!("infra-{number}"));
        // The snapshot is read-only, and what Terraform downloads is no part of it.
        runner.set("TF_DATA_DIR", &data.display().to_string());
        runner.set("TF_IN_AUTOMATION", "1");
        runner.set("CHECKPOINT_DISABLE", "1");
        let plan = runner.out().join(format!("infra-{number}.tfplan"));
        Self { folder: runner.folder().join(&infra.dir), plan }
    }

    fn filled(&self, argv: &Argv) -> Argv {
        let plan = self.plan.display().to_string();
        argv.iter().map(|word| word.replace("<plan>", &plan)).collect()
    }
}

fn prepare(infra: &Infra, step: &Step, place: &Place, runner: &mut CommandRunner) -> Reply {
    let mut reply = Reply::default();
    let [init, plan, show] = step.commands.as_slice() else {
        return Reply::failed("the plan is not of this version");
    };
    for (argv, changes_are_fine) in [(init, false), (plan, true)] {
        let argv = place.filled(argv);
        let mut answer = runner.run_in(&argv, &place.folder);
        if let Ok(output) = &mut answer
            && changes_are_fine
            && output.code == Some(2)
        {
            output.code = Some(0);
        }
        if !runner.note(&mut reply, &argv, answer) {
            return reply;
        }
    }
    let argv = place.filled(show);
    match runner.run_in(&argv, &place.folder) {
        Ok(output) if output.succeeded() => {
            reply.argv.push(argv);
            let judged =
                serde_json::from_slice(&output.out).map_err(|_| "the plan cannot be read".to_owned());
            match judged.and_then(|shown: Value| judge(&shown, &infra.protected)) {
                Ok(changes) => {
                    let digest = files::read(&place.plan).map(|bytes| sha256(&bytes)).unwrap_or_default();
                    reply.observed.insert("tfplan".to_owned(), json!(digest));
                    reply.observed.insert("changes".to_owned(), json!(changes));
                }
                Err(why) => reply.trouble = Some(why),
            }
        }
        _ => reply.trouble = Some("the saved plan cannot be shown".to_owned()),
    }
    reply
}

/// What a plan would change, unless it must not.
fn judge(shown: &Value, protected: &[String]) -> Result<Vec<String>, String> {
    if shown.get("errored").and_then(Value::as_bool) == Some(true) {
        return Err("the plan has errors".to_owned());
    }
    let list = |key: &str| shown.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for check in list("checks") {
        let status = check.get("status").and_then(Value::as_str).unwrap_or("unknown");
        if matches!(status, "fail" | "error") {
            let name = check.pointer("/address/to_display").and_then(Value::as_str).unwrap_or("a check");
            return Err(format!("{name} does not hold; Terraform would go on all the same"));
        }
    }
    let mut changes = Vec::new();
    for change in list("resource_changes") {
        let address = change.get("address").and_then(Value::as_str).unwrap_or("?");
        let actions: Vec<&str> = change
            .pointer("/change/actions")
            .and_then(Value::as_array)
            .map_or(Vec::new(), |all| all.iter().filter_map(Value::as_str).collect());
        if actions.iter().all(|action| matches!(*action, "no-op" | "read")) {
            continue;
        }
        let is_protected = |pattern: &String| {
            Glob::new(pattern).map_or(true, |glob| glob.compile_matcher().is_match(address))
        };
        if actions.contains(&"delete") && protected.iter().any(is_protected) {
            return Err(format!("{address} is protected, and the plan would {} it", actions.join(" and ")));
        }
        changes.push(format!("{} {address}", actions.join("+")));
    }
    Ok(changes)
}

fn apply(step: &Step, place: &Place, so_far: &Known, runner: &mut CommandRunner) -> Reply {
    let recorded = known(so_far, step.service_name(), "tfplan").and_then(Value::as_str).unwrap_or("");
    let present = files::read(&place.plan).map(|bytes| sha256(&bytes)).unwrap_or_default();
    if recorded.is_empty() || recorded != present {
        return Reply::failed("the saved plan is not the one that was judged");
    }
    let mut reply = Reply::default();
    for argv in &step.commands {
        let argv = place.filled(argv);
        let answer = runner.run_in(&argv, &place.folder);
        if !runner.note(&mut reply, &argv, answer) {
            return reply;
        }
    }
    reply
}

/// Whether nothing differs from the configuration any more.
fn drift(infra: &Infra, place: &Place, runner: &mut CommandRunner) -> Result<(), String> {
    let mut argv: Argv =
        ["terraform", "plan", "-input=false", "-no-color", "-detailed-exitcode", "-lock-timeout=60s"]
            .map(str::to_owned)
            .to_vec();
    argv.extend(infra.var_file.iter().map(|file| format!("-var-file={file}")));
    match runner.run_in(&argv, &place.folder).map(|output| output.code) {
        Ok(Some(0)) => Ok(()),
        Ok(Some(2)) => {
            Err("the infrastructure is not as planned after all; deploy again to plan anew".to_owned())
        }
        _ => Err("Terraform does not tell how the infrastructure is".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(address: &str, actions: &[&str]) -> Value {
        json!({ "address": address, "change": { "actions": actions } })
    }

    #[test]
    fn what_must_not_happen_is_refused() {
        let protected = vec!["google_sql_database_instance.*".to_owned()];
        let plan = |changes: Vec<Value>| json!({ "resource_changes": changes });
        let sql = "google_sql_database_instance.main";
        assert!(judge(&plan(vec![change(sql, &["delete", "create"])]), &protected).is_err());
        assert!(judge(&plan(vec![change(sql, &["delete"])]), &protected).is_err());
        assert_eq!(
            judge(&plan(vec![change(sql, &["update"])]), &protected).unwrap(),
            [format!("update {sql}")]
        );
        assert_eq!(judge(&plan(vec![change("x.y", &["no-op"])]), &protected).unwrap(), Vec::<String>::new());
        let failing = json!({ "checks": [{ "address": { "to_display": "check.size" }, "status": "fail" }] });
        assert!(judge(&failing, &[]).unwrap_err().contains("check.size"));
        assert!(judge(&json!({ "errored": true }), &[]).is_err());
    }
}
