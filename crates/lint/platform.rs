//! What the platforms document about themselves, as tables with a source for each row.

pub(crate) mod limits;
