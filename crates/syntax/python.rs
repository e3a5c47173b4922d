//! (reader of python)
