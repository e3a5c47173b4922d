//! `shipworthy completions`, `man` and `schema`: what the program says about itself.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::output;

const SCHEMA: &str = include_str!("../../docs/schema/config.schema.json");

pub(crate) fn completions(shell: Shell) -> Result<u8, String> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "shipworthy", &mut bytes);
    output::print(&bytes).map(|()| 0)
}

pub(crate) fn page() -> Result<u8, String> {
    let mut bytes = Vec::new();
    let written = clap_mangen::Man::new(Args::command()).render(&mut bytes);
    written.map_err(|error| format!("cannot write the manual page: {error}"))?;
    output::print(&bytes).map(|()| 0)
}

pub(crate) fn schema() -> Result<u8, String> {
    output::print(SCHEMA.as_bytes()).map(|()| 0)
}
