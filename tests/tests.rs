//! The program from outside.

mod canary;
mod cases;
mod deploy;
mod detect;
mod determinism;
mod fixes;
mod fixtures;
mod formats;
mod history;
mod hooks;
mod hostile;
mod rules;
mod schema;
mod support;
mod vectors;
