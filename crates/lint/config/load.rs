//! Configuration files, from the tree into one [`Config`].

use facts::Problem;
use source::{Span, Tree, directory_of, join};
use toml::de::DeTable;

use super::reader::Reader;
use super::{Config, FILE_NAME, Written, sections};
use crate::document::Document;

/// Files that extend each other in one chain; more are refused.
const MAX_CHAIN: usize = 16;

pub(super) fn load(tree: &dyn Tree) -> Config {
    let mut config = Config::default();
    if tree.kind(FILE_NAME).is_some() {
        load_file(tree, FILE_NAME, &mut Vec::new(), &mut config);
    }
    config
}

/// Reads a file after those it extends, so that its own words win.
fn load_file(tree: &dyn Tree, path: &str, open: &mut Vec<String>, config: &mut Config) {
    let document = match Document::read(tree, path) {
        Ok(document) => document,
        Err(unread) => {
            let (line, message) = unread.explain();
            config.problems.push(Problem { path: path.into(), line, message, blocking: true });
            return;
        }
    };
    let (table, errors) = DeTable::parse_recoverable(&document.text);
    for error in errors {
        let start = error.span().map_or(0, |range| range.start);
        let message = format!("this is not TOML: {}", error.message().replace('\n', " "));
        let line = document.place(Span::at(start)).line;
        config.problems.push(Problem { path: path.into(), line, message, blocking: true });
    }
    open.push(path.to_owned());
    if let Some(value) = table.get_ref().get("extends") {
        let parents = Reader { document: &document, config }.list("extends", value);
        for parent in parents {
            load_parent(tree, &parent, open, config);
        }
    }
    open.pop();
    config.files.push(path.to_owned());
    sections::read(table.get_ref(), &mut Reader { document: &document, config });
}

fn load_parent(tree: &dyn Tree, parent: &Written, open: &mut Vec<String>, config: &mut Config) {
    let refuse = |config: &mut Config, message: String| {
        config.problems.push(Problem {
            path: parent.at.path.clone(),
            line: parent.at.line,
            message,
            blocking: true,
        });
    };
    match join(directory_of(&parent.at.path), &parent.text) {
        None => refuse(
            config,
            format!("`{}` lies outside of the directory that is checked, where nothing is read", parent.text),
        ),
        Some(path) if tree.kind(&path).is_none() => {
            refuse(config, format!("`{}` does not exist", parent.text));
        }
        Some(path) if open.contains(&path) => refuse(config, format!("`{}` extends itself", parent.text)),
        Some(_) if open.len() >= MAX_CHAIN => {
            refuse(config, format!("`extends` leads over more than {MAX_CHAIN} files"));
        }
        // Each is read once, however many extend it.
        Some(path) if config.files.contains(&path) => {}
        Some(path) => load_file(tree, &path, open, config),
    }
}
