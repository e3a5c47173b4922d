//! The built-in rules: data only, one Markdown file a rule.

/// Every built-in rule as `(family/id, text)`, in byte order. A new rule is one file and one line here.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("context/context-excludes-import", include_str!("context/context-excludes-import.md")),
    ("context/copy-source-excluded", include_str!("context/copy-source-excluded.md")),
    ("context/copy-source-missing", include_str!("context/copy-source-missing.md")),
    ("context/dockerfile-missing", include_str!("context/dockerfile-missing.md")),
    ("environment/detector-wrong", include_str!("environment/detector-wrong.md")),
    ("environment/detectors-disagree", include_str!("environment/detectors-disagree.md")),
    ("environment/environment-default-open", include_str!("environment/environment-default-open.md")),
    (
        "environment/platform-variable-as-environment",
        include_str!("environment/platform-variable-as-environment.md"),
    ),
    ("environment/substring-environment", include_str!("environment/substring-environment.md")),
    ("environment/test-marker-wins", include_str!("environment/test-marker-wins.md")),
    ("placeholder/placeholder-unprocessed", include_str!("placeholder/placeholder-unprocessed.md")),
    ("placeholder/placeholder-value", include_str!("placeholder/placeholder-value.md")),
    ("secret/secret-missing-affix", include_str!("secret/secret-missing-affix.md")),
    ("shipworthy/allow-expired", include_str!("shipworthy/allow-expired.md")),
    ("shipworthy/allow-refused", include_str!("shipworthy/allow-refused.md")),
    ("shipworthy/allow-unknown-rule", include_str!("shipworthy/allow-unknown-rule.md")),
    ("shipworthy/allow-unused", include_str!("shipworthy/allow-unused.md")),
    ("shipworthy/allow-without-reason", include_str!("shipworthy/allow-without-reason.md")),
    ("shipworthy/config-unknown-key", include_str!("shipworthy/config-unknown-key.md")),
    ("shipworthy/config-unknown-rule", include_str!("shipworthy/config-unknown-rule.md")),
    ("shipworthy/config-unmatched", include_str!("shipworthy/config-unmatched.md")),
    ("timeout/timeout-over-platform-limit", include_str!("timeout/timeout-over-platform-limit.md")),
    ("timeout/timeout-policy", include_str!("timeout/timeout-policy.md")),
    ("timeout/websocket-timeout-too-short", include_str!("timeout/websocket-timeout-too-short.md")),
    ("url/localhost-url", include_str!("url/localhost-url.md")),
];
