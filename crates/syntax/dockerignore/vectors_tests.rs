//! Conformance with the real builders: the judged cases of the folder that `SHIPWORTHY_VECTORS` names.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::*;

/// The cases of a file, or nothing where the folder is not there.
fn cases(name: &str) -> Vec<Value> {
    let Ok(folder) = std::env::var("SHIPWORTHY_VECTORS") else {
        println!("{name}: skipped");
        return Vec::new();
    };
    #[expect(clippy::disallowed_methods, reason = "a test reads its cases")]
    let text = std::fs::read_to_string(Path::new(&folder).join(name).with_extension("jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|case: &Value| case["_meta"].is_null())
        .collect()
}

/// Prints the count and the missed ids, and holds the count to `at_least`.
fn judge(name: &str, judged: &[(String, bool)], at_least: usize) {
    if judged.is_empty() {
        return;
    }
    let met = judged.iter().filter(|(_, met)| *met).count();
    println!("{name}: {met} of {}", judged.len());
    for (id, _) in judged.iter().filter(|(_, met)| !met) {
        println!("  missed {id}");
    }
    assert!(met >= at_least.min(judged.len()), "{name}: {met} is less than {at_least}");
}

fn id(case: &Value) -> String {
    case["id"].as_str().unwrap().to_owned()
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// The entries of a case's tree, directories above files included, in byte order.
fn entries(case: &Value) -> Vec<(String, bool)> {
    let mut entries = BTreeSet::new();
    for path in strings(&case["tree"]) {
        let (path, is_dir) = path.strip_suffix('/').map_or((path.as_str(), false), |path| (path, true));
        for (at, _) in path.match_indices('/') {
            entries.insert((path[..at].to_owned(), true));
        }
        entries.insert((path.to_owned(), is_dir));
    }
    entries.into_iter().collect()
}

fn shown(path: &str, is_dir: bool) -> String {
    format!("{path}{}", if is_dir { "/" } else { "" })
}

/// What the builder sends, directories ending in `/`; `None` where the build fails.
fn sent(case: &Value, builder: Builder) -> Option<Vec<String>> {
    let file = parse_as(case["ignore"].as_str().unwrap(), builder);
    let matcher = Matcher::new(&file.tree, builder);
    let fails = builder.stops_on_bad_pattern() && !(file.errors.is_empty() && matcher.errors.is_empty());
    if fails {
        return None;
    }
    let entries = entries(case);
    let rows = select(&matcher.tree, entries.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
    let sent = rows.iter().filter(|row| matches!(row.presence, Presence::Included | Presence::OnlyParent));
    Some(sent.map(|row| shown(row.path, row.is_dir)).collect())
}

fn sorted(mut paths: Vec<String>) -> Vec<String> {
    paths.sort();
    paths
}

#[test]
fn contexts_of_buildkit() {
    let met = |case: &Value| {
        let sent = sent(case, Builder::Buildkit);
        if !case["error"].is_null() {
            return sent.is_none();
        }
        let file = parse(case["ignore"].as_str().unwrap()).tree;
        let bang =
            |pattern: &Pattern| format!("{}{}", if pattern.negated { "!" } else { "" }, pattern.cleaned);
        let patterns: Vec<String> = file.patterns.iter().map(bang).collect();
        let matcher = Matcher::new(&file, Builder::Buildkit).tree;
        let entries = entries(case);
        let rows = select(&matcher, entries.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
        let only_parents = rows.iter().filter(|row| row.presence == Presence::OnlyParent);
        let only_parents: BTreeSet<String> = only_parents.map(|row| shown(row.path, true)).collect();
        let reasons = case["excluded"].as_object().unwrap();
        let reasons_agree = entries.iter().all(|(path, is_dir)| {
            let decision = matcher.explain(path, *is_dir);
            let name = shown(path, *is_dir);
            match reasons.get(&name) {
                Some(why) => {
                    decision.excluded
                        && decision.by.map(|by| by as u64) == why["by_index"].as_u64()
                        && matcher.decided_at(path, *is_dir) == why["at"].as_str()
                }
                None => decision.excluded == only_parents.contains(&name),
            }
        });
        let expected = strings(&case["dir_kept_only_as_parent"]);
        let expected: BTreeSet<String> =
            expected.iter().map(|path| shown(path.trim_end_matches('/'), true)).collect();
        (case["patterns"].is_null() || patterns == strings(&case["patterns"]))
            && sent.map(sorted) == Some(sorted(strings(&case["in_context"])))
            && only_parents == expected
            && reasons_agree
    };
    let judged: Vec<_> = cases("dockerignore_contexts").iter().map(|case| (id(case), met(case))).collect();
    judge("dockerignore_contexts buildkit", &judged, 517);
}

/// Compares a column of lists with what a builder sends. The real builds' lists hold neither a Dockerfile nor
/// the ignore file.
fn judge_column(name: &str, builder: Builder, column: impl Fn(&Value) -> Option<Value>, at_least: usize) {
    let met = |case: &Value| {
        let expected = column(case)?;
        let unsendable = parse(case["ignore"].as_str().unwrap()).tree.transport_error(builder).is_some();
        let sent = if unsendable { None } else { sent(case, builder) };
        if expected.is_null() {
            return Some(sent.is_none());
        }
        let expected = match expected.as_str() {
            Some("same") => strings(&case["in_context"]),
            _ => strings(&expected),
        };
        let with_directories = expected.iter().any(|path| path.ends_with('/'));
        let counted = |path: &String| {
            (with_directories || !path.ends_with('/'))
                && !["Dockerfile", ".dockerignore"].contains(&path.as_str())
        };
        let keep = |paths: Vec<String>| sorted(paths.into_iter().filter(counted).collect());
        let (sent, expected) = (keep(sent.unwrap_or_default()), keep(expected));
        Some(sent == expected)
    };
    let cases = cases("dockerignore_contexts");
    let judged: Vec<_> = cases.iter().filter_map(|case| Some((id(case), met(case)?))).collect();
    judge(&format!("dockerignore_contexts {name}"), &judged, at_least);
}

#[test]
fn contexts_of_real_builds() {
    let real = |column: &'static str| move |case: &Value| case.get("real").map(|real| real[column].clone());
    judge_column("real.buildkit", Builder::Buildkit, real("buildkit"), 208);
    judge_column("real.buildah", Builder::Buildah, real("buildah"), 208);
    judge_column("real.legacy_docker_files", Builder::Legacy, real("legacy_docker_files"), 208);
    judge_column("gcloudignore_files", Builder::Gcloud, |case| case.get("gcloudignore_files").cloned(), 208);
}

#[test]
fn tables_of_the_upstream_tests() {
    let met = |case: &Value| {
        if case["kind"] == "compile" {
            let form = glob::form(case["pattern"].as_str().unwrap(), glob::Dialect::Moby);
            let (name, expression) = match &form {
                glob::Form::Exact => ("exactMatch", ""),
                glob::Form::Prefix => ("prefixMatch", ""),
                glob::Form::Suffix => ("suffixMatch", ""),
                glob::Form::Regexp(expression) => ("regexpMatch", expression.as_str()),
            };
            return case["matchType"]["$ident"] == name && case["compiledRegexp"] == expression;
        }
        let file = parse(&strings(&case["patterns"]).join("\n")).tree;
        let matcher = Matcher::new(&file, Builder::Buildkit);
        if case["bad_pattern"] == true {
            return !matcher.errors.is_empty();
        }
        // The tables ask for `dir/` too, whose parent `dir` a walk decides first.
        let excluded = matcher.tree.explain(case["path"].as_str().unwrap(), false).excluded;
        matcher.errors.is_empty() && case["excluded"] == excluded
    };
    let judged: Vec<_> =
        cases("dockerignore_upstream_tables").iter().map(|case| (id(case), met(case))).collect();
    judge("dockerignore_upstream_tables", &judged, 104);
}

#[test]
fn selections() {
    let met = |case: &Value| {
        let exists = |path: &str| {
            let in_list =
                |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|item| item == path));
            let is_link = case["symlinks"].get(path).is_some();
            let is_file = is_link || case["files"].get(path).is_some();
            if is_file { Some(false) } else { in_list(&case["dirs"]).then_some(true) }
        };
        let agrees = |builder, column: &str| {
            let (dockerfile, context) =
                (case["dockerfile"].as_str().unwrap(), case["context"].as_str().unwrap());
            match choose_ignore_file(dockerfile, context, builder, exists) {
                Choice::Nothing => case[column].is_null(),
                Choice::Stops(_) => case[column].as_str().is_some_and(|column| column.starts_with("error")),
                Choice::File(path) => {
                    let target = case["symlinks"][&path].as_str().unwrap_or(&path).to_owned();
                    case[column].as_str().is_some_and(|column| column.split(' ').next() == Some(&target))
                }
            }
        };
        agrees(Builder::Buildkit, "buildkit_uses") && agrees(Builder::Buildah, "buildah_uses")
    };
    let judged: Vec<_> = cases("dockerignore_selection").iter().map(|case| (id(case), met(case))).collect();
    judge("dockerignore_selection", &judged, 7);
}
