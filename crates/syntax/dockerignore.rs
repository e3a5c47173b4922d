//! (reader of dockerignore)
