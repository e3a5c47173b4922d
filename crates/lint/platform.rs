//! What platforms document, as data: each row names its source.

pub(crate) mod limits;
pub(crate) mod refused;
pub(crate) mod reserved;
mod variables;

pub(crate) use variables::{PlatformVariable, variable};
