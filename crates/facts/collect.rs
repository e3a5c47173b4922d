//! One module a kind of file: its text to its facts.

pub mod compose;
pub mod dockerfile;
pub mod env_file;
pub mod limits;
pub mod python;
pub mod settings_yaml;
pub mod terraform;
