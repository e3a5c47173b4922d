//! Source of languages whose imports are not followed, left out beside source that is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use source::{EntryKind, directory_of, has_word, is_backup, is_illustration, is_test, is_within, join};

use crate::code::ending;
use crate::context::Context;
use crate::image::{Copied, ExcludedSource};
use crate::inventory::Inventory;

/// Endings of the files of such languages.
const LANGUAGES: &[(&str, &str)] = &[
    ("c", "C"),
    ("cc", "C++"),
    ("cpp", "C++"),
    ("cs", "C#"),
    ("dart", "Dart"),
    ("ex", "Elixir"),
    ("fs", "F#"),
    ("go", "Go"),
    ("java", "Java"),
    ("kt", "Kotlin"),
    ("php", "PHP"),
    ("rb", "Ruby"),
    ("scala", "Scala"),
    ("swift", "Swift"),
];

/// For each language and line of the ignore file the source that it leaves out of what COPY takes, where other source of
/// that language is sent. Tests, examples and foreign code are no part of a program.
pub(super) fn excluded_source(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    copies: &[Copied],
) -> Vec<ExcludedSource> {
    let from_context = copies.iter().filter(|copied| copied.from.is_none());
    let mut directories: Vec<String> =
        from_context.filter_map(|copied| join(&context.directory, &copied.source)).collect();
    directories.sort();
    directories.dedup();
    let mut sent: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: BTreeMap<(&str, u32), ExcludedSource> = BTreeMap::new();
    let mut seen: Vec<&str> = Vec::new();
    for directory in directories.iter().filter(|directory| inventory.is_directory(directory)) {
        if seen.iter().any(|outer| is_within(directory, outer)) {
            continue;
        }
        seen.push(directory);
        for entry in inventory.below(directory).iter().filter(|entry| entry.kind == EntryKind::File) {
            let path = entry.path.as_str();
            let Some((_, language)) = LANGUAGES.iter().find(|(known, _)| *known == ending(path)) else {
                continue;
            };
            match context.exclusion(path) {
                None => *sent.entry(language).or_default() += 1,
                Some(_) if is_no_program(path) => {}
                Some(exclusion) => {
                    let line = exclusion.by.line;
                    let known = found.entry((language, line)).or_insert_with(|| ExcludedSource {
                        language,
                        example: Arc::from(path),
                        count: 0,
                        by: exclusion.by,
                        pattern: exclusion.pattern,
                    });
                    known.count += 1;
                }
            }
        }
    }
    found.into_values().filter(|found| sent.contains_key(found.language)).collect()
}

/// Whether a file is a test, an example, a tool, or somebody else's.
fn is_no_program(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "testdata",
        "integration",
        "mock",
        "fixtures",
        "example",
        "examples",
        "docs",
        "doc",
        "vendor",
        "third",
        "tools",
        "tool",
        "scripts",
        "bench",
        "benchmarks",
        "hack",
        "build",
        "bin",
        "obj",
        "target",
        "out",
        "dist",
        "generated",
        "gen",
        "tmp",
        "temp",
        "cmake",
        "rakelib",
    ];
    is_backup(path)
        || is_illustration(path)
        || has_word(directory_of(path), WORDS)
        || is_test(path)
        || source::file_name(path).contains("Test")
}
