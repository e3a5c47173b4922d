//! (reader of dotenv)
