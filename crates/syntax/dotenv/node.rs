//! Env files of dotenv 18 of npm.
//!
//! The real reader is one regular expression that is tried at each beginning of a line and that never fails: what
//! it does not match is passed over. Blanks in it go over newlines, hence some odd answers (`A=`, a newline and
//! `"x"` set A to x).

use source::{Span, without_bom};

use super::reading::{Reading, Setting};
use super::{Part, Value};

pub(super) fn read(reading: &mut Reading<'_>) {
    let quotes = ['\'', '"', '`'].map(|quote| Quotes::find(reading.text, quote));
    let mut at = without_bom(reading.text).1;
    loop {
        at = reading.after(at, is_space);
        if at == reading.text.len() {
            return;
        }
        let end = match matched(reading, at, &quotes) {
            Some((setting, end)) => {
                reading.add(setting);
                end
            }
            None => at,
        };
        at = reading.after(end, |c| !is_newline(c));
    }
}

/// The setting that begins here, and where it ends.
fn matched(reading: &Reading<'_>, at: usize, quotes: &[Quotes; 3]) -> Option<(Setting, usize)> {
    let exported = reading.rest(at).strip_prefix("export").filter(|rest| rest.starts_with(is_space));
    exported
        .and_then(|_| setting(reading, reading.after(at + "export".len(), is_space), true, quotes))
        .or_else(|| setting(reading, at, false, quotes))
}

fn setting(
    reading: &Reading<'_>,
    start: usize,
    export: bool,
    quotes: &[Quotes; 3],
) -> Option<(Setting, usize)> {
    let key = Span::new(start, reading.after(start, is_in_key));
    if key.is_empty() {
        return None;
    }
    let from = after_separator(reading, key.end)?;
    let first = reading.after(from, is_space);
    let closing = quotes.iter().find_map(|quotes| {
        reading.rest(first).starts_with(quotes.quote).then(|| quotes.closing(first)).flatten()
    });
    let (raw, end) = match closing {
        Some(last) => (Span::new(first, last + 1), last + 1),
        None => unquoted(reading, from),
    };
    let (quote, value) = meaning(reading, raw);
    Some((Setting { key, export, raw, quote, value }, end))
}

/// Behind `=` with blanks before it, or `:` with a blank after it.
fn after_separator(reading: &Reading<'_>, at: usize) -> Option<usize> {
    let equals = reading.after(at, is_space);
    if reading.rest(equals).starts_with('=') {
        return Some(equals + 1);
    }
    let after = reading.rest(at).strip_prefix(':')?;
    let blank = after.chars().next().filter(|c| is_space(*c))?;
    Some(at + 1 + if after.starts_with("\r\n") { 2 } else { blank.len_utf8() })
}

/// The text up to `#` or the end of the line, without blanks around it, and where it ends.
fn unquoted(reading: &Reading<'_>, start: usize) -> (Span, usize) {
    let end = reading.after(start, |c| c != '#' && !is_newline(c));
    let first = reading.after(start, is_space).min(end);
    (reading.trimmed_end(Span::new(first, end), is_space), end)
}

/// The quote around a value, and its text. `\n` is replaced wherever the value begins with `"`.
fn meaning(reading: &Reading<'_>, raw: Span) -> (Option<char>, Value) {
    let written = raw.of(reading.text);
    let first = written.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
    let quote = first.filter(|quote| written.len() > 1 && written.ends_with(*quote));
    let inner = quote.and_then(|quote| written.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(written);
    let mut text = inner.replace("\r\n", "\n").replace('\r', "\n");
    if first == Some('"') {
        text = text.replace("\\n", "\n").replace("\\r", "\r");
    }
    (quote, Value::Text(Part::text(&text)))
}

/// Where a kind of quote may close a value.
struct Quotes {
    quote: char,
    /// The quotes without a backslash before them, and whether the line ends after each.
    plain: Vec<(usize, bool)>,
    /// The quotes with one, where the line ends after them: they close a value that nothing else closes.
    escaped: Vec<usize>,
}

impl Quotes {
    fn find(text: &str, quote: char) -> Self {
        let (mut plain, mut escaped) = (Vec::new(), Vec::new());
        for (at, _) in text.match_indices(quote) {
            let is_escaped = text.get(..at).is_some_and(|before| before.ends_with('\\'));
            let after =
                text.get(at + 1..).unwrap_or("").trim_start_matches(|c| is_space(c) && !is_newline(c));
            let ends = after.is_empty() || after.starts_with(['#', '\n', '\r']);
            match is_escaped {
                false => plain.push((at, ends)),
                true if ends => escaped.push(at),
                true => {}
            }
        }
        Self { quote, plain, escaped }
    }

    /// The quote that closes the value which the quote at `open` begins.
    fn closing(&self, open: usize) -> Option<usize> {
        let first = self.plain.get(self.plain.partition_point(|(at, _)| *at <= open));
        if let Some((at, true)) = first {
            return Some(*at);
        }
        let limit = first.map_or(usize::MAX, |(at, _)| *at);
        let before = self.escaped.partition_point(|at| *at < limit);
        self.escaped.get(before.checked_sub(1)?).copied().filter(|at| *at > open)
    }
}

fn is_in_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// What `\s` of JavaScript's regular expressions takes.
fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\u{85}' || c == '\u{feff}'
}

fn is_newline(c: char) -> bool {
    c == '\n' || c == '\r'
}
