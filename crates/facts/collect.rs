//! One module a kind of file: its text to its facts.

pub(crate) mod cloud_build;
pub(crate) mod commands;
pub(crate) mod compose;
pub(crate) mod dockerfile;
pub(crate) mod env_file;
pub(crate) mod limits;
pub(crate) mod programs;
pub(crate) mod python;
pub(crate) mod script;
pub(crate) mod script_values;
pub(crate) mod settings_yaml;
pub(crate) mod terraform;
pub(crate) mod workflow;
