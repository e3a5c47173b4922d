//! The built-in rules: data only, one Markdown file a rule.

/// Every built-in rule as `(family/id, text)`, in byte order. A new rule is one file and one line here.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("context/context-excludes-import", include_str!("context/context-excludes-import.md")),
    ("context/copy-source-excluded", include_str!("context/copy-source-excluded.md")),
    ("context/copy-source-missing", include_str!("context/copy-source-missing.md")),
    (
        "environment/platform-variable-as-environment",
        include_str!("environment/platform-variable-as-environment.md"),
    ),
];
