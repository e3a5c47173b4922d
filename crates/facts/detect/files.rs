//! Files of the repository that a program opens itself: what they hold decides what it loads.
//!
//! An open file is something of a library whose name tells the path that was opened.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use source::Span;

use super::machine::{Eval, Machine};
use super::paths::shown;
use super::program::Program;
use super::scope::Frame;
use super::value::Value;
use crate::record::Document;

/// What the name of an open file begins with.
const FILE: &str = "$file:";

/// Bytes of a file that is followed.
const MAX_BYTES: usize = 64 << 10;

/// Whether a value is an open file.
pub(super) fn is_file(value: &Value) -> bool {
    matches!(value, Value::External(name) if name.starts_with(FILE))
}

impl Machine<'_> {
    /// `open(path)`, and what is asked of an open file; `None` where it is another call, or nothing is known of the file.
    pub(super) fn file_function(
        &mut self,
        frame: &Frame,
        span: Span,
        name: &str,
        arguments: &[Value],
        keywords: &[(String, Value)],
    ) -> Eval<Option<Value>> {
        if let Some(asked) = name.strip_prefix(FILE) {
            return Ok(self.asked_of_file(asked));
        }
        let Some((path, method)) = opened(name, arguments) else { return Ok(None) };
        let mode = arguments
            .get(1)
            .filter(|_| name == "builtins.open")
            .or_else(|| keywords.iter().find(|(keyword, _)| keyword == "mode").map(|(_, mode)| mode));
        let only_reads = mode.is_none_or(|mode| matches!(mode.as_text(), Some("r" | "rt")));
        self.marks.asks_files = true;
        let Some(text) = self.program.text_beside(path).filter(|_| only_reads) else { return Ok(None) };
        self.may_fail(frame, span, "open")?;
        Ok(Some(match method {
            Method::Open => Value::external(format!("{FILE}{path}")),
            Method::ReadText => Value::text(text),
        }))
    }

    /// A method of an open file.
    fn asked_of_file(&self, asked: &str) -> Option<Value> {
        let (path, method) = asked.rsplit_once('.')?;
        match method {
            "read" => self.program.text_beside(path).map(Value::text),
            "readlines" => self.lines_of(path).map(Value::list),
            "close" => Some(Value::None),
            _ => None,
        }
    }

    /// The lines of an open file, each with its end.
    pub(super) fn file_items(&self, file: &Value) -> Option<Vec<Value>> {
        let Value::External(name) = file else { return None };
        self.lines_of(name.strip_prefix(FILE)?)
    }

    fn lines_of(&self, path: &str) -> Option<Vec<Value>> {
        let text = self.program.text_beside(path)?;
        Some(text.split_inclusive('\n').map(Value::text).collect())
    }
}

/// How a file is read.
#[derive(Clone, Copy)]
enum Method {
    Open,
    ReadText,
}

/// The path that a call opens; `None` where it opens none.
fn opened<'a>(name: &'a str, arguments: &'a [Value]) -> Option<(&'a str, Method)> {
    if name == "builtins.open" {
        return Some((shown(arguments.first()?), Method::Open));
    }
    let path = super::paths::path_of(name)?;
    let opened = path.strip_suffix(".open").filter(|_| arguments.is_empty()).map(|path| (path, Method::Open));
    opened.or_else(|| Some((path.strip_suffix(".read_text")?, Method::ReadText)))
}

/// The texts of files that programs open, by the path that is asked for.
#[derive(Default)]
pub(super) struct Texts(Mutex<HashMap<String, Option<Arc<str>>>>);

impl Program<'_> {
    /// The text of the file at a path beside a program, line ends as Python reads them; `None` where the repository holds
    /// no such file, or several.
    pub(super) fn text_beside(&self, path: &str) -> Option<Arc<str>> {
        let mut known = self.texts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(path) {
            return known.clone();
        }
        let text = self.only_text_at(path.trim_start_matches("./"));
        known.insert(path.to_owned(), text.clone());
        text
    }

    fn only_text_at(&self, path: &str) -> Option<Arc<str>> {
        if path.is_empty() || path.starts_with('/') || path.contains(['?', '*']) || path.contains("..") {
            return None;
        }
        let folder_of = |whole: &str| {
            let before = whole.strip_suffix(path)?;
            (before.is_empty() || before.ends_with('/')).then(|| before.trim_end_matches('/').to_owned())
        };
        let entries = self.inventory.entries().iter();
        let mut found = entries.filter_map(|entry| Some((&entry.path, folder_of(&entry.path)?)));
        let (file, folder) = found.next()?;
        // Which of several it is depends on where the program is started.
        if found.next().is_some() || !self.may_start_in(&folder) {
            return None;
        }
        let text = Document::read(self.inventory.tree(), file).ok()?.text;
        (text.len() <= MAX_BYTES).then(|| Arc::from(text.replace("\r\n", "\n").replace('\r', "\n")))
    }
}
