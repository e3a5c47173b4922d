//! The program from outside.

mod canary;
mod cases;
mod detect;
mod determinism;
mod fixtures;
mod hooks;
mod hostile;
mod rules;
mod support;
mod vectors;
