//! Which flags an instruction takes, and which values the builder refuses before it builds.

use source::Span;

use super::expand::expand;
use super::flags::RawFlag;
use super::suggest::nearest;
use super::{Errors, Flag};

/// What a flag may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Nothing, `true` or `false`.
    Switch,
    /// A value, once.
    Once,
    /// A value, as often as one likes.
    Many,
}

/// The flags of an instruction; those of `BuildKit` at commit 73ed682. Older ones know fewer: the one built into
/// engine 28.5.2 refuses `COPY --parents`.
fn known(keyword: &str) -> &'static [(&'static str, Value)] {
    use Value::{Many, Once, Switch};
    match keyword {
        "FROM" => &[("platform", Once)],
        "COPY" => &[
            ("from", Once),
            ("chown", Once),
            ("chmod", Once),
            ("link", Switch),
            ("exclude", Many),
            ("parents", Switch),
        ],
        "ADD" => &[
            ("chown", Once),
            ("chmod", Once),
            ("link", Switch),
            ("exclude", Many),
            ("checksum", Once),
            ("keep-git-dir", Switch),
            ("unpack", Switch),
        ],
        "RUN" => &[("mount", Many), ("network", Once), ("security", Once), ("device", Many)],
        "HEALTHCHECK" => &[
            ("interval", Once),
            ("timeout", Once),
            ("start-period", Once),
            ("start-interval", Once),
            ("retries", Once),
        ],
        _ => &[],
    }
}

/// Tells what is wrong with the flags of an instruction.
pub(super) fn check(keyword: &str, flags: &[RawFlag<'_>], escape: char, errors: &mut Errors) {
    let known = known(keyword);
    let mut seen: Vec<&str> = Vec::new();
    for RawFlag { word, flag } in flags {
        let name = flag.name.value.as_str();
        let Some((_, takes)) = known.iter().find(|(other, _)| *other == name) else {
            errors.meaning(word.span(), unknown(keyword, name));
            return;
        };
        match seen.contains(&name) {
            true if *takes == Value::Many => {}
            true => errors.meaning(word.span(), format!("--{name} is given twice")),
            false => seen.push(name),
        }
        let value = flag.value.as_ref().map(|value| value.value.as_str());
        match (takes, value) {
            (Value::Switch, Some(value)) if !is_switch(value) => {
                errors.meaning(word.span(), format!("--{name} must be true or false"));
            }
            (Value::Once | Value::Many, None) => {
                errors.meaning(word.span(), format!("--{name} needs a value: write --{name}=..."));
            }
            _ => check_value(word.span(), keyword, flag, escape, errors),
        }
    }
}

fn is_switch(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

fn unknown(keyword: &str, name: &str) -> String {
    let names: Vec<&str> = known(keyword).iter().map(|(name, _)| *name).collect();
    if names.is_empty() {
        return format!("{keyword} takes no flags: --{name} must go");
    }
    match nearest(name, &names) {
        Some(meant) => format!("{keyword} has no flag --{name}: did you mean --{meant}?"),
        None => format!("{keyword} has no flag --{name}: it takes --{}", names.join(", --")),
    }
}

fn check_value(span: Span, keyword: &str, flag: &Flag, escape: char, errors: &mut Errors) {
    let name = flag.name.value.as_str();
    let value = flag.value.as_ref().map_or("", |value| value.value.as_str());
    match (keyword, name) {
        ("RUN", "network") if !matches!(value, "none" | "host" | "default") => {
            errors.meaning(span, "--network must be none, host or default");
        }
        ("RUN", "security") if !matches!(value, "sandbox" | "insecure") => {
            errors.meaning(span, "--security must be sandbox or insecure");
        }
        ("RUN", "mount") if mounts_from_variable(flag) => {
            errors.meaning(span, "from= takes no variables: give the image a stage of its own and name that");
        }
        ("COPY", "from") if !is_literal(value, escape) => {
            errors
                .meaning(span, "--from takes no variables: give the image a stage of its own and name that");
        }
        _ => {}
    }
}

/// A `from=` with a `$` that is not its last character.
fn mounts_from_variable(mount: &Flag) -> bool {
    let sources = mount.fields().into_iter().filter(|field| field.key.value == "from");
    let mut values = sources.filter_map(|field| field.value);
    values.any(|value| value.value.find('$').is_some_and(|at| at + 1 != value.value.len()))
}

/// Whether expansion leaves the value as it is.
fn is_literal(value: &str, escape: char) -> bool {
    expand(value, escape, &|_| None).is_ok_and(|expanded| expanded.text == value)
}
