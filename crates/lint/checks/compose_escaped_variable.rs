//! Variables of a Compose file with a backslash before them, with their dollar inside of the braces, or without one.

use facts::{Facts, Setting, SettingSource};
use source::Span;

use crate::{Edit, Fault, Fix, Safety};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut found: Vec<Fault> = facts.escaped_variables.iter().map(fault).collect();
    found.extend(facts.settings.iter().filter(|setting| lacks_dollar(setting, facts)).map(without_dollar));
    found
}

/// `API_KEY: API_KEY` among siblings of the form `NAME: $NAME`.
fn lacks_dollar(setting: &Setting, facts: &Facts) -> bool {
    let is_name = |text: &str| {
        text.contains('_')
            && text
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
    };
    if setting.source != SettingSource::Compose || setting.value != setting.key || !is_name(&setting.key) {
        return false;
    }
    let is_sibling = |other: &&Setting| {
        other.source == SettingSource::Compose && other.scope.service == setting.scope.service
    };
    let has_dollar = |other: &&Setting| {
        let name = &other.key;
        let rest = other.value.strip_prefix("${").or_else(|| other.value.strip_prefix('$'));
        rest.and_then(|rest| rest.strip_prefix(name.as_str())).is_some_and(|rest| matches!(rest, "" | "}"))
    };
    let is_own_name = |other: &&Setting| other.value == other.key;
    let siblings = || facts.settings_in(&setting.at.path).iter().filter(is_sibling);
    siblings().filter(has_dollar).count() > 1 && siblings().filter(is_own_name).count() == 1
}

fn without_dollar(setting: &Setting) -> Fault {
    let name = &setting.key;
    let message = format!(
        "`{name}` has its own name for a value, where those beside it have `${{NAME}}`: without the dollar the container is given \
         the text `{name}`. Write ${{{name}}}"
    );
    Fault::new(name.clone(), setting.at.clone(), message).in_environment(setting.scope.environment.as_deref())
}

fn fault(found: &facts::EscapedVariable) -> Fault {
    let name = &found.name;
    if found.in_braces {
        return in_braces(found);
    }
    let message = format!(
        "`\\${name}`: a backslash does not escape in Compose, which puts its own value of {name} here, or nothing, \
         before any container sees the text; write $${name} for the container's variable"
    );
    let start = found.at.span.start;
    let edit = Edit {
        path: found.at.path.to_string(),
        span: Span::new(start.saturating_sub(1), start + 1),
        text: "$$".to_owned(),
    };
    // The backslash shows that the container's own variable was meant.
    let fix = Fix { title: format!("Write $${name}"), safety: Safety::Unsafe, edits: vec![edit] };
    Fault::new(name.clone(), found.at.clone(), message).with_fix(fix)
}

fn in_braces(found: &facts::EscapedVariable) -> Fault {
    let name = &found.name;
    let message = format!(
        "`{{${name}}}`: the dollar stands inside of the braces, so Compose puts the value of {name} between them and the address \
         keeps them; write ${{{name}}}"
    );
    let start = found.at.span.start;
    let edit = Edit {
        path: found.at.path.to_string(),
        span: Span::new(start.saturating_sub(1), start + 1),
        text: "${".to_owned(),
    };
    let fix = Fix { title: format!("Write ${{{name}}}"), safety: Safety::Unsafe, edits: vec![edit] };
    Fault::new(name.clone(), found.at.clone(), message).with_fix(fix)
}
