//! `[gate]`.

use std::time::Duration;

use lint::Severity;
use lint::config::keys;
use lint::gate::{GateScope, NEVER_OVERRIDDEN};

use super::reader::{ConfigError, Reader, Value};
use super::{Gate, ReceiptPolicy};

const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];
const SCOPES: &[(&str, GateScope)] =
    &[("repository", GateScope::Repository), ("environment", GateScope::Environment)];

/// A receipt is believed for a day where nothing else is said.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The gate where nothing is said.
pub(super) fn default() -> Gate {
    Gate {
        fail_on: Severity::Error,
        scope: GateScope::Repository,
        require_up_to_date: None,
        allow_dirty: false,
        never_override: NEVER_OVERRIDDEN.iter().map(|name| (*name).to_owned()).collect(),
        baseline: None,
        commands: Vec::new(),
        receipt: ReceiptPolicy { max_age: Some(MAX_AGE), ..ReceiptPolicy::default() },
    }
}

pub(super) fn read(value: &Value<'_>, reader: &Reader<'_>, gate: &mut Gate) -> Result<(), ConfigError> {
    for (key, value) in reader.table("gate", value)? {
        match key.get_ref().as_ref() {
            "fail_on" => gate.fail_on = reader.choice("fail_on", value, SEVERITIES)?,
            "scope" => gate.scope = reader.choice("scope", value, SCOPES)?,
            "require_up_to_date" => {
                gate.require_up_to_date = Some(reader.string("require_up_to_date", value)?);
            }
            "allow_dirty" => gate.allow_dirty = reader.boolean("allow_dirty", value)?,
            "never_override" => gate.never_override = reader.strings("never_override", value)?,
            "commands" => gate.commands = reader.commands("commands", value)?,
            "receipt" => receipt(value, reader, &mut gate.receipt)?,
            "baseline" => gate.baseline = Some(reader.string("baseline", value)?),
            _ => return reader.unknown("gate", key, keys::GATE),
        }
    }
    Ok(())
}

fn receipt(value: &Value<'_>, reader: &Reader<'_>, policy: &mut ReceiptPolicy) -> Result<(), ConfigError> {
    for (key, value) in reader.table("gate.receipt", value)? {
        match key.get_ref().as_ref() {
            "ci_required" => policy.ci_required = reader.strings("ci_required", value)?,
            "allowed_signers" => policy.allowed_signers = Some(reader.string("allowed_signers", value)?),
            "max_age" => policy.max_age = Some(reader.duration("max_age", value)?),
            _ => return reader.unknown("gate.receipt", key, keys::RECEIPT),
        }
    }
    Ok(())
}
