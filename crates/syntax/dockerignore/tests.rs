use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn matcher(text: &str, builder: Builder) -> Matcher {
    Matcher::new(&parse_as(text, builder).tree, builder).tree
}

/// The files of `tree` that are sent.
fn sent<'p>(text: &str, builder: Builder, tree: &'p [(String, bool)]) -> Vec<&'p str> {
    let rows = select(&matcher(text, builder), tree.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
    rows.iter().filter(|row| row.presence == Presence::Included && !row.is_dir).map(|row| row.path).collect()
}

/// The files and the directories above them, in byte order.
fn tree<S: AsRef<str>>(files: &[S]) -> Vec<(String, bool)> {
    let mut entries = BTreeSet::new();
    for file in files.iter().map(AsRef::as_ref) {
        entries.insert((file.to_owned(), false));
        entries.extend(file.match_indices('/').map(|(at, _)| (file[..at].to_owned(), true)));
    }
    // A path that is a file and a directory is a directory.
    let directories: BTreeSet<String> =
        entries.iter().filter(|entry| entry.1).map(|entry| entry.0.clone()).collect();
    entries.into_iter().filter(|(path, is_dir)| *is_dir || !directories.contains(path)).collect()
}

#[test]
fn a_late_reinclusion_of_a_directory_divides_the_builders() {
    let tree = tree(&["backend/app/main.py", "backend/app/monitoring/__init__.py", "other"]);
    let text = "**/monitoring/\n**/__init__.py\n!backend/\n";
    for (builder, files) in [
        (Builder::Buildkit, 2),
        (Builder::Legacy, 2),
        (Builder::Docker20, 3),
        (Builder::Buildah, 3),
        (Builder::Kaniko, 3),
        (Builder::Gcloud, 2),
    ] {
        assert_eq!(sent(text, builder, &tree).len(), files, "{builder}");
    }
}

#[test]
fn wildcards_after_a_bang_reach_only_where_the_builder_looks() {
    let tree = tree(&["a/x.py", "a/x.txt", "b.py"]);
    for (builder, files) in [
        (Builder::Buildkit, vec!["a/x.py", "b.py"]),
        (Builder::Kaniko, vec!["a/x.py", "b.py"]),
        (Builder::Legacy, vec!["b.py"]),
        (Builder::Docker20, vec!["b.py"]),
        (Builder::Buildah, vec!["b.py"]),
        (Builder::Gcloud, vec!["b.py"]),
    ] {
        assert_eq!(sent("**\n!**/*.py\n", builder, &tree), files, "{builder}");
    }
}

#[test]
fn directories_that_only_hold_what_is_sent_are_told_apart() {
    let matcher = matcher("*\n!app/api/main.py\n", Builder::Buildkit);
    let tree = tree(&["app/api/main.py", "app/api/other.py", "app-old/main.py", "docs/a"]);
    let rows = select(&matcher, tree.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
    let shown: Vec<_> = rows.iter().map(|row| (row.path, row.presence)).collect();
    assert_eq!(
        shown,
        [
            ("app", Presence::OnlyParent),
            ("app-old", Presence::Pruned),
            ("app/api", Presence::OnlyParent),
            ("app/api/main.py", Presence::Included),
            ("app/api/other.py", Presence::Excluded),
            ("docs", Presence::Pruned),
        ]
    );
}

#[test]
fn only_directories_that_may_hold_something_are_looked_into() {
    for (text, directory, looked_into) in [
        ("**/node_modules\n!backend/**\n", "node_modules", false),
        ("**/node_modules\n!backend/*/keep/**\n", "backend/node_modules", true),
        ("node_modules\n!*.md\n", "node_modules", false),
        ("node_modules\n!**/*.md\n", "node_modules", true),
        ("!node_modules/keep\nnode_modules\n", "node_modules", false),
    ] {
        let matcher = matcher(text, Builder::Buildkit);
        let decision = matcher.explain(directory, true);
        assert!(decision.excluded);
        assert_eq!(matcher.may_reinclude_below(directory, &decision), looked_into, "{text}");
    }
}

#[test]
fn a_refused_pattern_is_told_with_its_line_and_what_to_write() {
    for builder in [Builder::Buildkit, Builder::Legacy, Builder::Docker20, Builder::Buildah] {
        let text = "ok\n[abc\nfoo\\\n!\n[z-a]\n";
        let compiled = Matcher::new(&parse_as(text, builder).tree, builder);
        let starts: Vec<_> = compiled.errors.iter().map(|error| error.span.start).collect();
        assert_eq!(starts, [3, 8, 13, 15], "{builder}");
        assert!(compiled.tree.explain("ok", false).excluded);
    }
    assert!(Matcher::new(&parse("![z-a]\nok").tree, Builder::Buildkit).errors.is_empty());
    assert!(!matcher("ok\n[\n", Builder::Kaniko).explain("ok", false).excluded);
}

#[test]
fn hostile_patterns_cost_little() {
    for line in ["[^a]*", "\\pL{50}*", "a{900}*", "[", "**/a/**/a/**/a/**/b"] {
        let matcher = Matcher::new(&parse(&format!("{line}\n").repeat(5_000)).tree, Builder::Buildkit);
        assert!(matcher.errors.len() <= 1_001);
        let path = "a/".repeat(2_000) + "c";
        let _ = matcher.tree.decide(&matcher.tree.root(), &path, false);
    }
}

#[test]
fn builders_have_names() {
    for builder in Builder::ALL {
        assert_eq!(builder.name().parse(), Ok(builder));
    }
    let error = "docker".parse::<Builder>().unwrap_err().to_string();
    assert!(error.contains("`docker`") && error.contains("buildkit, legacy"));
}

fn a_pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[abc]{1,2}",
        2 => Just("*".to_owned()),
        2 => Just("**".to_owned()),
        1 => "[ab*?]{1,3}",
        1 => "\\[[a-c^!]{1,2}\\]|\\\\[ab*d]|[+|(){}^$.-]{1,2}",
    ];
    ("(!|! |)/?", prop::collection::vec(part, 1..4), "/?")
        .prop_map(|(start, parts, end)| start + &parts.join("/") + &end)
}

fn patterns() -> impl Strategy<Value = String> {
    prop::collection::vec(a_pattern(), 1..6).prop_map(|patterns| patterns.join("\n"))
}

fn some_files() -> impl Strategy<Value = Vec<String>> {
    let path = prop::collection::vec("[abc]{1,2}|[ab][+|.^-]", 1..5).prop_map(|parts| parts.join("/"));
    prop::collection::vec(path, 1..12)
}

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn why_and_list_never_disagree(text in patterns(), files in some_files()) {
        let tree = tree(&files);
        for builder in Builder::ALL {
            let matcher = matcher(&text, builder);
            let rows = select(&matcher, tree.iter().map(|(path, is_dir)| (path.as_str(), *is_dir)));
            let mut rows = rows.iter().peekable();
            for (path, is_dir) in &tree {
                let decision = matcher.explain(path, *is_dir);
                match rows.next_if(|row| row.path == path) {
                    Some(row) => {
                        let excluded = row.presence != Presence::Included;
                        prop_assert_eq!(excluded, decision.excluded, "{} {}", builder, path);
                        prop_assert_eq!(row.by, decision.by, "{} {}", builder, path);
                    }
                    None => prop_assert!(decision.excluded, "{} {} was not looked at", builder, path),
                }
                let reasons = matcher.overridden_by(path, *is_dir);
                prop_assert!(decision.excluded || reasons.is_empty());
                prop_assert_eq!(matcher.decided_at(path, *is_dir).is_some(), decision.by.is_some());
            }
            prop_assert!(rows.next().is_none());
        }
    }

    #[test]
    fn a_list_without_directories_sends_the_same_files(text in patterns(), files in some_files()) {
        let tree = tree(&files);
        let files: Vec<_> = tree.iter().filter(|(_, is_dir)| !is_dir).cloned().collect();
        for builder in Builder::ALL {
            prop_assert_eq!(sent(&text, builder, &tree), sent(&text, builder, &files));
        }
    }

    #[test]
    fn a_bang_with_the_path_brings_any_file_back(text in patterns(), file in "[abc]{1,2}(/[abc]{1,2}){0,3}") {
        let text = format!("{text}\n!{}\n", exact_pattern(&file));
        for builder in Builder::ALL.into_iter().filter(|builder| *builder != Builder::Gcloud) {
            prop_assert!(!matcher(&text, builder).explain(&file, false).excluded, "{}", builder);
        }
    }

    #[test]
    fn any_text_can_be_matched(text in "(?s).{0,40}", path in "(?s).{0,20}") {
        for builder in Builder::ALL {
            let compiled = Matcher::new(&parse_as(&text, builder).tree, builder);
            for error in &compiled.errors {
                prop_assert!(text.get(error.span.start..error.span.end).is_some());
            }
            let _ = compiled.tree.overridden_by(&path, false);
            let _ = select(&compiled.tree, [(path.as_str(), false), (path.as_str(), true)]);
        }
    }
}
