//! (reader of yaml)
