//! What platforms document, as data: each row names its source.

pub(crate) mod limits;
mod variables;

pub(crate) use variables::{PlatformVariable, variable};
