//! The program from outside.

#![allow(
    clippy::format_push_string,
    clippy::collapsible_if,
    clippy::semicolon_if_nothing_returned,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

mod canary;
mod cases;
mod compose;
mod deploy;
mod detect;
mod determinism;
mod engine;
mod fixes;
mod fixtures;
mod formats;
mod history;
mod hooks;
mod hostile;
mod lsp;
mod pages;
mod rules;
mod schema;
mod support;
mod vectors;
