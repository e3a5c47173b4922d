//! What builders send of a directory, and which ignore file they read.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;
use syntax::dockerignore::{
    Builder, Choice, Matcher, Pattern, Presence, Row, choose_ignore_file, parse, parse_as, select,
};

use super::case::{Answer, field, items, same, strings, text, texts};
use super::{Column, Suite};

pub(super) const SUITES: &[Suite] = &[
    Suite {
        name: "dockerignore_contexts",
        judge: context_of_buildkit,
        least: 0.99,
        columns: &[
            Column { name: "buildkit", judge: context_of_buildkit, least: 0.99 },
            Column {
                name: "real.buildkit",
                judge: |case| real(case, "buildkit", Builder::Buildkit),
                least: 0.99,
            },
            Column {
                name: "real.buildah",
                judge: |case| real(case, "buildah", Builder::Buildah),
                least: 0.99,
            },
            Column {
                name: "real.legacy_docker_files",
                judge: |case| real(case, "legacy_docker_files", Builder::Legacy),
                least: 0.99,
            },
            Column {
                name: "gcloudignore_files",
                judge: |case| context(case, case.get("gcloudignore_files"), Builder::Gcloud),
                least: 0.99,
            },
        ],
    },
    Suite { name: "dockerignore_upstream_tables", judge: table_of_upstream, least: 0.98, columns: &[] },
    Suite { name: "dockerignore_selection", judge: selection, least: 0.98, columns: &[] },
];

/// The entries of a case's tree, directories above files included, in byte order.
fn entries(case: &Value) -> Result<Vec<(String, bool)>, String> {
    let mut entries = BTreeSet::new();
    for path in texts(case, "tree")? {
        let (path, is_dir) = path.strip_suffix('/').map_or((path.as_str(), false), |path| (path, true));
        let above = path.match_indices('/').map(|(at, _)| (path[..at].to_owned(), true));
        entries.extend(above.chain([(path.to_owned(), is_dir)]));
    }
    Ok(entries.into_iter().collect())
}

fn shown(path: &str, is_dir: bool) -> String {
    format!("{path}{}", if is_dir { "/" } else { "" })
}

fn sent(row: &Row<'_>) -> bool {
    matches!(row.presence, Presence::Included | Presence::OnlyParent)
}

/// The patterns of a case's ignore file, compiled; `None` where the builder refuses one of them.
fn matcher(case: &Value, builder: Builder) -> Result<Option<Matcher>, String> {
    let file = parse_as(text(case, "ignore")?, builder);
    let matcher = Matcher::new(&file.tree, builder);
    let fails = builder.stops_on_bad_pattern() && !(file.errors.is_empty() && matcher.errors.is_empty());
    Ok((!fails).then_some(matcher.tree))
}

/// All that the library of `BuildKit` says: the patterns as it cleans them, what is sent, and what decided.
fn context_of_buildkit(case: &Value) -> Result<Answer, String> {
    let matcher = matcher(case, Builder::Buildkit)?;
    same("is refused", matcher.is_none(), !field(case, "error")?.is_null())?;
    let Some(matcher) = matcher else { return Ok(Answer::Agrees) };
    if let Some(wanted) = strings(field(case, "patterns")?) {
        let file = parse(text(case, "ignore")?).tree;
        let written =
            |pattern: &Pattern| format!("{}{}", if pattern.negated { "!" } else { "" }, pattern.cleaned);
        same("patterns", file.patterns.iter().map(written).collect(), wanted)?;
    }
    let entries = entries(case)?;
    let rows = select(&matcher, entries.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
    let in_context = rows.iter().filter(|row| sent(row)).map(|row| shown(row.path, row.is_dir));
    same("sent", in_context.collect::<BTreeSet<_>>(), texts(case, "in_context")?.into_iter().collect())?;
    let only_parents = rows.iter().filter(|row| row.presence == Presence::OnlyParent);
    let only_parents: BTreeSet<String> = only_parents.map(|row| row.path.to_owned()).collect();
    let wanted = texts(case, "dir_kept_only_as_parent")?;
    let wanted = wanted.iter().map(|path| path.trim_end_matches('/').to_owned()).collect();
    same("only parents", &only_parents, &wanted)?;
    let reasons = field(case, "excluded")?.as_object().ok_or("`excluded` of the case is no object")?;
    for (path, is_dir) in &entries {
        let decision = matcher.explain(path, *is_dir);
        match reasons.get(&shown(path, *is_dir)) {
            Some(why) => {
                let have = (decision.by.map(|by| by as u64), matcher.decided_at(path, *is_dir));
                same(path, have, (why["by_index"].as_u64(), why["at"].as_str()))?;
                same(path, decision.excluded, true)?;
            }
            None => same(path, decision.excluded, only_parents.contains(path))?,
        }
    }
    Ok(Answer::Agrees)
}

/// What a real build or upload took; some cases were not given to one.
fn real(case: &Value, column: &str, builder: Builder) -> Result<Answer, String> {
    match case.get("real") {
        None => Ok(Answer::NotAsked),
        Some(real) => context(case, Some(field(real, column)?), builder),
    }
}

/// Compares what a builder sends with `wanted`: null where the build fails, `"same"`, or paths.
fn context(case: &Value, wanted: Option<&Value>, builder: Builder) -> Result<Answer, String> {
    let Some(wanted) = wanted else { return Ok(Answer::NotAsked) };
    let stops = parse(text(case, "ignore")?).tree.transport_error(builder).is_some();
    let matcher = matcher(case, builder)?.filter(|_| !stops);
    if wanted.is_null() {
        return same("is refused", matcher.is_none(), true).map(|()| Answer::Agrees);
    }
    let wanted = match wanted.as_str() {
        Some("same") => texts(case, "in_context")?,
        _ => strings(wanted).ok_or("the answer is no list of paths")?,
    };
    let matcher = matcher.ok_or("is refused")?;
    let entries = entries(case)?;
    let rows = select(&matcher, entries.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
    let sent = rows.iter().filter(|row| sent(row)).map(|row| shown(row.path, row.is_dir));
    // The lists of real builds hold neither the Dockerfile nor the ignore file, and some hold no directories.
    let with_directories = wanted.iter().any(|path| path.ends_with('/'));
    let counted = |path: &String| {
        (with_directories || !path.ends_with('/'))
            && !["Dockerfile", ".dockerignore"].contains(&path.as_str())
    };
    let (sent, wanted) = (sent.filter(counted), wanted.into_iter().filter(counted));
    same("sent", sent.collect::<BTreeSet<_>>(), wanted.collect()).map(|()| Answer::Agrees)
}

/// A row of the tables that the matching library is tested with.
fn table_of_upstream(case: &Value) -> Result<Answer, String> {
    if case["kind"] == "compile" {
        return compiled(case);
    }
    let file = parse(&texts(case, "patterns")?.join("\n")).tree;
    let matcher = Matcher::new(&file, Builder::Buildkit);
    if case["bad_pattern"] == true {
        return same("is refused", !matcher.errors.is_empty(), true).map(|()| Answer::Agrees);
    }
    same("errors", matcher.errors, Vec::new())?;
    // The tables ask for `dir/` too, whose parent `dir` a walk decides first.
    let excluded = matcher.tree.explain(text(case, "path")?, false).excluded;
    same("excluded", Some(excluded), field(case, "excluded")?.as_bool()).map(|()| Answer::Agrees)
}

/// What a pattern is compiled to: paths made from it must be decided as that says.
fn compiled(case: &Value) -> Result<Answer, String> {
    let pattern = text(case, "pattern")?;
    let expression = text(case, "compiledRegexp")?;
    let matches: Box<dyn Fn(&str) -> bool> = match text(field(case, "matchType")?, "$ident")? {
        "exactMatch" => Box::new(|path| path == pattern),
        "prefixMatch" => Box::new(|path| path.starts_with(pattern.trim_end_matches("**"))),
        "suffixMatch" => {
            let suffix = pattern.trim_start_matches("**");
            Box::new(move |path| path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path))
        }
        "regexpMatch" => {
            let regex = Regex::new(expression).map_err(|error| error.to_string())?;
            Box::new(move |path| regex.is_match(path))
        }
        other => return Err(format!("`{other}` is no form of a pattern that is known here")),
    };
    let matcher = Matcher::new(&parse(pattern).tree, Builder::Buildkit);
    same("errors", matcher.errors, Vec::new())?;
    for path in paths_like(pattern) {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let wanted = above.chain([path.as_str()]).any(&matches);
        same(&path, matcher.tree.explain(&path, false).excluded, wanted)?;
    }
    Ok(Answer::Agrees)
}

/// Paths that a pattern matches, or nearly.
fn paths_like(pattern: &str) -> BTreeSet<String> {
    let fillings = ["", "x", ".x", "x/y", "x/", "/x", "/"];
    let filled = fillings.iter().flat_map(|one| fillings.iter().map(move |other| (one, other)));
    let paths = filled.flat_map(|(one, other)| {
        let path = pattern.replacen("**/", one, 1).replacen("**", one, 1).replace(['*', '?'], other);
        ["", "x", "x/"].into_iter().flat_map(move |around| {
            [format!("{around}{path}"), format!("{path}{}", around.chars().rev().collect::<String>())]
        })
    });
    paths.filter(|path| path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")).collect()
}

/// Which ignore file is read.
fn selection(case: &Value) -> Result<Answer, String> {
    let (dockerfile, context) = (text(case, "dockerfile")?, text(case, "context")?);
    let exists = |path: &str| {
        let is_file = case["files"].get(path).or_else(|| case["symlinks"].get(path)).is_some();
        if is_file { Some(false) } else { items(&case["dirs"]).any(|dir| dir == path).then_some(true) }
    };
    for (builder, column) in [(Builder::Buildkit, "buildkit_uses"), (Builder::Buildah, "buildah_uses")] {
        let wanted = field(case, column)?.as_str().map(|said| said.split([' ', ':']).next().unwrap_or(said));
        let chosen = match choose_ignore_file(dockerfile, context, builder, exists) {
            Choice::Nothing => None,
            Choice::Stops(_) => Some("error".to_owned()),
            Choice::File(path) => Some(case["symlinks"][&path].as_str().map_or(path.clone(), str::to_owned)),
        };
        same(column, chosen.as_deref(), wanted)?;
    }
    Ok(Answer::Agrees)
}
