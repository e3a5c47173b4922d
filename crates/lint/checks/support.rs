//! What several checks need.

pub(super) mod deployed;
pub(super) mod destination;
pub(super) mod detector_repair;
pub(super) mod seconds;
pub(super) mod service_address;
pub(super) mod settings;
pub(super) mod tooling;
pub(super) mod undeployed;
pub(super) mod words;
