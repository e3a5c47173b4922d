//! Conditions that end a program where a variable is absent: `if (!process.env.KEY) throw new Error()`.

use std::collections::BTreeMap;

use super::lexer::{Kind, Token};

/// Tokens of a branch that are looked at.
const MAX_BRANCH: usize = 60;

/// Operands of one condition that are looked at.
const MAX_OPERANDS: usize = 16;

/// Names whose absence ends the program; of each whether the condition itself is reached under conditions only.
#[derive(Default)]
pub(super) struct Guards<'t> {
    /// By the variable of the environment that is asked for.
    pub(super) variables: BTreeMap<&'t str, bool>,
    /// By the name in the file.
    pub(super) locals: BTreeMap<&'t str, bool>,
}

/// The guards of a file; `variable_at` tells which variable of the environment a read that begins at a token is for,
/// and where it ends.
pub(super) fn guards<'t>(
    tokens: &[Token<'t>],
    variable_at: impl Fn(usize) -> Option<(&'t str, usize)>,
) -> Guards<'t> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut guards = Guards::default();
    for (at, depth) in depths(tokens).into_iter().enumerate() {
        if text(at) != "if" || text(at + 1) != "(" {
            continue;
        }
        let Some((variables, locals, after)) = absent_names(tokens, at + 2, &variable_at) else { continue };
        if ends(tokens, after) {
            for (names, known) in [(variables, &mut guards.variables), (locals, &mut guards.locals)] {
                for name in names {
                    let conditional = known.entry(name).or_insert(true);
                    *conditional &= depth > 0;
                }
            }
        }
    }
    guards
}

/// The variables and the names of `!a || !process.env.B)`, and the token after it; `None` for any other condition.
fn absent_names<'t>(
    tokens: &[Token<'t>],
    start: usize,
    variable_at: &impl Fn(usize) -> Option<(&'t str, usize)>,
) -> Option<(Vec<&'t str>, Vec<&'t str>, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let (mut variables, mut locals) = (Vec::new(), Vec::new());
    let mut at = start;
    for _ in 0..MAX_OPERANDS {
        if text(at) != "!" {
            return None;
        }
        at = match variable_at(at + 1) {
            Some((name, end)) => {
                variables.push(name);
                end
            }
            None => {
                locals.extend(
                    tokens.get(at + 1).filter(|token| token.kind == Kind::Word).map(|token| token.text),
                );
                at + 2
            }
        };
        match text(at) {
            ")" => return Some((variables, locals, at + 1)),
            "||" => at += 1,
            _ => return None,
        }
    }
    None
}

/// How many brackets are open at each token.
pub(super) fn depths(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut depth = 0_usize;
    let at = |token: &Token<'_>| {
        match token.text {
            "{" | "(" | "[" if token.kind == Kind::Punctuation => depth += 1,
            "}" | ")" | "]" if token.kind == Kind::Punctuation => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    };
    tokens.iter().map(at).collect()
}

/// Whether the branch that begins here throws or ends the process.
fn ends(tokens: &[Token<'_>], at: usize) -> bool {
    let branch = tokens.get(at..).unwrap_or_default();
    let text = |at: usize| branch.get(at).map_or("", |token| token.text);
    let is_end = |at: usize| {
        text(at) == "throw" || text(at) == "process" && text(at + 1) == "." && text(at + 2) == "exit"
    };
    if text(0) != "{" {
        return is_end(0);
    }
    let mut depth = 0_usize;
    for at in 0..branch.len().min(MAX_BRANCH) {
        match text(at) {
            "{" => depth += 1,
            "}" if depth <= 1 => return false,
            "}" => depth -= 1,
            _ if depth == 1 && is_end(at) => return true,
            _ => {}
        }
    }
    false
}
