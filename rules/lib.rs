//! The built-in rules: data only, one Markdown file a rule.

/// Every built-in rule as `(family/id, text)`, in byte order. A new rule is one file and one line here.
pub const BUILT_IN: &[(&str, &str)] = &[];
