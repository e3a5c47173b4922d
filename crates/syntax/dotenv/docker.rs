//! `docker run --env-file`: `KEY=value` as it stands.

use source::{Span, without_bom};

use super::reading::{Reading, Setting};
use super::{Part, Value};

/// The longest line that docker's scanner takes, in bytes.
const MAX_LINE: usize = 65_535;

pub(super) fn read(reading: &mut Reading<'_>) {
    let mut at = without_bom(reading.text).1;
    while at < reading.text.len() {
        let end = reading.end_of_line(at);
        read_line(reading, Span::new(at, end));
        at = end + 1;
    }
}

fn read_line(reading: &mut Reading<'_>, line: Span) {
    let text = line.of(reading.text);
    if text.len() > MAX_LINE {
        return reading.refuse(line, "docker takes lines of up to 65,535 bytes");
    }
    let text = text.strip_suffix('\r').unwrap_or(text);
    let end = line.start + text.len();
    let content = text.trim_start();
    let start = end - content.len();
    if content.is_empty() || content.starts_with('#') {
        return;
    }
    let (key, value) = match content.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (content, None),
    };
    let key_span = Span::new(start, start + key.len());
    if key.is_empty() {
        return reading.refuse(Span::new(start, end), "a name is missing before `=`");
    }
    if key.contains([' ', '\t']) {
        let message = "docker takes no blanks in names, and no `export`; write NAME=value";
        return reading.refuse(key_span, message);
    }
    let (raw, value) = match value {
        Some(value) => (Span::new(end - value.len(), end), Value::Text(Part::text(value))),
        None => (Span::at(key_span.end), Value::Absent),
    };
    reading.add(Setting { key: key_span, export: false, raw, quote: None, value });
}
