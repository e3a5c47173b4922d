//! One module a kind of file: its text to its facts.

pub(crate) mod cloud_build;
pub(crate) mod cloud_run;
pub(crate) mod commands;
pub(crate) mod compose;
pub(crate) mod compose_services;
pub(crate) mod config_maps;
pub(crate) mod dockerfile;
pub(crate) mod dockerfile_variables;
pub(crate) mod env_file;
pub(crate) mod gates;
pub(crate) mod limits;
pub(crate) mod ports;
pub(crate) mod programs;
pub(crate) mod python;
pub(crate) mod script;
pub(crate) mod script_values;
pub(crate) mod settings_yaml;
pub(crate) mod string_compares;
pub(crate) mod terraform;
pub(crate) mod terraform_index;
pub(crate) mod terraform_module;
pub(crate) mod terraform_runs;
pub(crate) mod terraform_values;
pub(crate) mod workflow;
pub(crate) mod workflow_contexts;
pub(crate) mod workflow_secrets;
