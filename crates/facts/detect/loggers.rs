//! Loggers: what is told to one decides nothing, and programs ask for theirs everywhere.

use syntax::decision::{Call, Expression, ExpressionKind};

/// Methods that tell a logger something.
const TELLS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace", "success"];

/// Functions that give a logger.
const GIVES: &[&str] = &["get_logger", "getLogger", "getChild", "get_central_logger", "createLogger"];

/// Whether an expression only tells a logger something: `self.logger.info("..")`.
pub(super) fn only_tells(expression: &Expression) -> bool {
    let ExpressionKind::Call(call) = &expression.kind else { return false };
    let ExpressionKind::Member { object, name, .. } = &call.callee.kind else { return false };
    TELLS.contains(&name.as_str()) && last_name(object).is_some_and(is_logger)
}

/// Whether a call gives a logger: `central_logger.get_logger(__name__)`.
pub(super) fn gives_one(call: &Call) -> bool {
    last_name(&call.callee).is_some_and(|name| GIVES.contains(&name))
}

fn last_name(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Name(name) | ExpressionKind::Member { name, .. } => Some(name),
        _ => None,
    }
}

fn is_logger(name: &str) -> bool {
    let name = name.trim_matches('_').to_ascii_lowercase();
    name.ends_with("logger") || matches!(name.as_str(), "log" | "logging" | "console")
}
