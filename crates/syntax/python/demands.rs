//! What code says when a variable is missing: `raise ValueError("DATABASE_HOST must be set")`.

use ruff_python_ast::{self as ast, Expr};

use super::environment::spoken_of;
use super::literals::{dotted, is_upper_snake, words_of};
use super::types::Demand;
use super::walk::Walker;

/// Bytes of a message that are looked at.
const MAX_MESSAGE: usize = 4096;

/// Variables that one message may name; a longer list is a manual.
const MAX_NAMES: usize = 8;

/// How messages say that something has to be there.
const NEEDS: [&str; 15] = [
    "must be set",
    "must be defined",
    "must be provided",
    "must be configured",
    "must be specified",
    "required",
    "not set",
    "not configured",
    "not defined",
    "not provided",
    "not found",
    "is missing",
    "is empty",
    "missing required",
    "please set",
];

/// Last words of what holds error messages.
const ERROR_WORDS: [&str; 5] = ["error", "errors", "issues", "problems", "failures"];

impl Walker<'_> {
    /// `raise X("...")`.
    pub(super) fn raised_demand(&mut self, raise: &ast::StmtRaise) {
        if let Some(Expr::Call(call)) = raise.exc.as_deref() {
            for argument in call.arguments.args.iter().take(2) {
                self.demand(argument);
            }
        }
    }

    /// `result.error = "..."`.
    pub(super) fn assigned_demand(&mut self, targets: &[Expr], value: &Expr) {
        if targets.iter().filter_map(dotted).any(|name| holds_errors(&name)) {
            self.demand(value);
        }
    }

    /// `errors.append("...")`, `sys.exit("...")`, `Rule(error_message="...")`.
    pub(super) fn called_demand(&mut self, call: &ast::ExprCall, callee: &str) {
        let ends = matches!(callee, "sys.exit" | "exit");
        let collects = callee
            .rsplit_once('.')
            .is_some_and(|(receiver, method)| matches!(method, "append" | "add") && holds_errors(receiver));
        if ends || collects {
            call.arguments.args.iter().take(1).for_each(|argument| self.demand(argument));
        }
        for keyword in &call.arguments.keywords {
            let named = keyword
                .arg
                .as_ref()
                .is_some_and(|name| matches!(name.as_str(), "error" | "error_message" | "error_msg"));
            if named {
                self.demand(&keyword.value);
            }
        }
    }

    fn demand(&mut self, message: &Expr) {
        let Some(text) = self.source.text_of(message) else { return };
        let said = text.value.value.as_str();
        if said.len() > MAX_MESSAGE {
            return;
        }
        let lower = said.to_ascii_lowercase();
        let names = variables_in(said);
        if names.is_empty() || names.len() > MAX_NAMES || !NEEDS.iter().any(|need| lower.contains(need)) {
            return;
        }
        self.module.demands.push(Demand {
            names,
            environments: spoken_of(&lower).collect(),
            span: text.span,
            line: self.line(text.span),
            function: self.function(),
        });
    }
}

fn holds_errors(name: &str) -> bool {
    words_of(name).last().is_some_and(|word| ERROR_WORDS.contains(&word.as_str()))
}

/// The words of a message that are written as variables of several words are: `DATABASE_HOST`.
fn variables_in(message: &str) -> Vec<String> {
    let words = message.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut names: Vec<String> = Vec::new();
    for word in words.filter(|word| is_upper_snake(word) && word.trim_matches('_').contains('_')) {
        if !names.iter().any(|name| name == word) {
            names.push(word.to_owned());
        }
    }
    names
}
