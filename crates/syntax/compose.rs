//! (reader of compose)
