//! What COPY and ADD bring into an image.
use super::Suite;
pub(super) const SUITES: &[Suite] = &[];
