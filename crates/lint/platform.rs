//! What platforms document, as data: each row names its source.

mod variables;

pub(crate) use variables::{PlatformVariable, variable};
