//! What platforms document, as data: each row names its source.

pub(crate) mod contexts;
pub(crate) mod data_servers;
pub(crate) mod gcloud_flags;
pub(crate) mod intervals;
pub(crate) mod limits;
pub(crate) mod minimum;
pub(crate) mod refused;
pub(crate) mod reserved;
pub(crate) mod retired_actions;
pub(crate) mod server_flags;
mod variables;

pub(crate) use variables::{PlatformVariable, variable};
