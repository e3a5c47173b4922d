//! The program from outside.

mod canary;
mod cases;
mod determinism;
mod fixtures;
mod hooks;
mod hostile;
mod rules;
mod support;
mod vectors;
