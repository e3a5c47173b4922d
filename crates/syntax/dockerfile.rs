//! (reader of dockerfile)
