//! (reader of shell)
