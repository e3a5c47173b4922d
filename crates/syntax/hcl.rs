//! (reader of hcl)
