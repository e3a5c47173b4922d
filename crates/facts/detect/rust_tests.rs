//! What Rust gives, where it is asked for in a deployment of staging.

use source::Memory;

use super::Answer;
use crate::{Declared, collect};

const STAGING: (&str, &str) = (
    "service.yaml",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        \
     - name: web\n          env:\n            - name: ENVIRONMENT\n              value: staging\n            \
     - name: EMPTY\n              value: ''\n",
);

fn answer(code: &str, name: &str) -> Option<Answer> {
    let tree: Memory = [STAGING, ("src/main.rs", code)].into_iter().collect();
    let facts = collect(&tree, &Declared::default());
    let wanted = format!("::{name}");
    facts.cells.iter().find(|cell| cell.detector.ends_with(&wanted)).map(|cell| cell.answer.clone())
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may be no cell")]
fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.to_owned()))
}

/// An enumeration with the conversions that a test asks for, and a function that answers with one.
fn program(conversions: &str, answer: &str) -> String {
    format!(
        "#[derive(Debug, Clone, Default, PartialEq)]\npub enum Environment {{ Production, Staging, #[default] Development }}\n\
         {conversions}\npub fn get_environment() -> Environment {{ {answer} }}\n"
    )
}

const FROM_STR: &str = "impl std::str::FromStr for Environment {\n    type Err = String;\n    \
                        fn from_str(s: &str) -> Result<Self, String> {\n        match s {\n            \
                        \"production\" => Ok(Self::Production),\n            \"staging\" => Ok(Environment::Staging),\n            \
                        other => Err(format!(\"unknown {other}\")),\n        }\n    }\n}";

const FROM: &str = "impl From<&str> for Environment {\n    fn from(s: &str) -> Self {\n        match s {\n            \
                    \"staging\" => Environment::Staging,\n            _ => Environment::Production,\n        }\n    }\n}\n\
                    impl From<u8> for Environment { fn from(_: u8) -> Self { Environment::Development } }";

#[test]
fn the_default_of_a_type_is_its_own() {
    for (answer_with, expected) in [
        ("std::env::var(\"EMPTY\").ok().and_then(|v| v.parse().ok()).unwrap_or_default()", "Development"),
        ("std::env::var(\"ENVIRONMENT\").ok().and_then(|v| v.parse().ok()).unwrap_or_default()", "Staging"),
        (
            "let found: Environment = std::env::var(\"EMPTY\").unwrap().parse().unwrap_or_default(); found",
            "Development",
        ),
        (
            "let name = std::env::var(\"EMPTY\").unwrap_or_default(); if name == \"\" { Default::default() } else { Environment::Staging }",
            "Development",
        ),
    ] {
        assert_eq!(
            answer(&program(FROM_STR, answer_with), "get_environment"),
            text(expected),
            "{answer_with}"
        );
    }
    let own = "impl Default for Environment { fn default() -> Self { Environment::Staging } }";
    let code = program(own, "None.unwrap_or_default()").replace("#[default]", "").replace(
        "None",
        "std::env::var(\"EMPTY\").ok().filter(|v| !v.is_empty()).map(|_| Environment::Production)",
    );
    assert_eq!(answer(&code, "get_environment"), text("Staging"));
    let names = "pub fn get_environment() -> String { std::env::var(\"ENVIRONMENT\").unwrap_or_default() }\n\
                 pub fn app_env() -> String { let name = find(\"EMPTY\").unwrap_or_default(); if name == \"\" { \"test\".to_string() } else { name } }\n\
                 fn find(name: &str) -> Option<String> { std::env::var(name).ok().filter(|v| !v.is_empty()) }\n";
    assert_eq!(answer(names, "get_environment"), text("staging"));
    assert_eq!(answer(names, "app_env"), text("test"));
}

#[test]
fn a_default_of_a_type_that_is_not_known_is_not_known() {
    let code = "pub fn get_environment() -> String {\n    let found = load(\"ENVIRONMENT\").filter(|v| v == \"x\").unwrap_or_default();\n    \
                if found.is_new() { \"production\".into() } else { std::env::var(\"ENVIRONMENT\").unwrap() }\n}\n";
    assert!(answer(code, "get_environment").is_none_or(|answer| !answer.is_known()));
}

#[test]
fn into_does_what_the_type_says() {
    let raw = "let raw = std::env::var(\"ENVIRONMENT\").unwrap_or_default(); raw.as_str().into()";
    assert_eq!(answer(&program(FROM, raw), "get_environment"), text("Staging"));
    let named = "pub fn get_environment() -> String { std::env::var(\"ENVIRONMENT\").unwrap_or_else(|_| \"development\".into()) }\n\
                 pub fn app_env() -> String { std::env::var(\"APP_ENV\").unwrap_or(\"development\".into()) }\n";
    assert_eq!(answer(named, "get_environment"), text("staging"));
    let elsewhere = "pub fn get_environment() -> String { let name = std::env::var(\"ENVIRONMENT\").unwrap(); describe(name.into()) }\n\
                     fn describe(of: impl Named) -> String { of.name() }\n";
    assert!(answer(elsewhere, "get_environment").is_none_or(|answer| !answer.is_known()));
    let tried = "impl TryFrom<String> for Environment { type Error = String;\n    fn try_from(s: String) -> Result<Self, String> { match s.as_str() { \"staging\" => Ok(Self::Staging), _ => Err(s) } } }";
    let code = program(tried, "std::env::var(\"ENVIRONMENT\").unwrap().try_into().expect(\"known\")");
    assert_eq!(answer(&code, "get_environment"), text("Staging"));
}

#[test]
fn what_is_missing_is_told_apart_from_what_cannot_be_read() {
    let code = "pub fn get_environment() -> String {\n    std::env::var(\"ENVIRONMENT\").unwrap_or_else(|e| NAME(e))\n}\n\
                pub fn app_env() -> String {\n    std::env::var(\"APP_ENV\").unwrap_or_else(|e| match e {\n        \
                std::env::VarError::NotPresent => \"none\".to_string(),\n        _ => panic!(\"x\"),\n    })\n}\n";
    let facts = {
        let tree: Memory = [("src/main.rs", code), ("shipworthy.txt", "")].into_iter().collect();
        collect(&tree, &Declared::default())
    };
    let detector = facts.detectors.iter().find(|one| one.name == "app_env").unwrap();
    assert_eq!(detector.unset, Answer::Text("none".to_owned()));
}

#[test]
fn to_string_writes_what_fmt_writes() {
    let conversions = format!(
        "{FROM}\nimpl std::fmt::Display for Environment {{\n    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {{\n        \
         BODY\n    }}\n}}\nimpl std::fmt::Binary for Environment {{ fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {{ write!(f, \"0\") }} }}\n\
         pub fn environment() -> String {{ get_environment().to_string() }}\npub fn app_env() -> String {{ format!(\"{{}}\", get_environment()) }}"
    );
    let raw = "let raw = std::env::var(\"ENVIRONMENT\").unwrap_or_default(); raw.as_str().into()";
    for body in [
        "match self { Self::Staging => write!(f, \"staging\"), Self::Production => write!(f, \"production\"), _ => write!(f, \"{}\", 1) }",
        "write!(f, \"stag\")?; f.write_str(\"ing\")",
        "let name = match self { Self::Staging => \"staging\", _ => \"production\" }; name.fmt(f)",
        "f.write_str(match self { Self::Staging => \"staging\", _ => \"production\" })",
    ] {
        let code = program(&conversions.replace("BODY", body), raw);
        assert_eq!(answer(&code, "environment"), text("staging"), "{body}");
        assert_eq!(answer(&code, "app_env"), text("staging"), "{body}");
    }
}

#[test]
fn what_is_made_once_is_what_makes_it() {
    let code = "use std::sync::OnceLock;\nstatic CELL: OnceLock<String> = OnceLock::new();\n\
                pub fn get_environment() -> &'static str { CELL.get_or_init(|| std::env::var(\"ENVIRONMENT\").unwrap_or_default().trim().to_lowercase()) }\n\
                lazy_static::lazy_static! { pub static ref APP_ENV: String = std::env::var(\"ENVIRONMENT\").unwrap_or_else(|_| \"x\".into()); }\n\
                pub fn runtime_env() -> Result<String, std::env::VarError> { let name = std::env::var(\"ENVIRONMENT\")?; Ok(name.to_uppercase()) }\n";
    assert_eq!(answer(code, "get_environment"), text("staging"));
    assert_eq!(answer(code, "APP_ENV"), text("staging"));
    assert_eq!(answer(code, "runtime_env"), text("STAGING"));
}
