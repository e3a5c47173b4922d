//! Templates of YAML (Helm, Jinja): what is not YAML in them is put out of the parser's sight, byte for byte.
//!
//! A line that holds nothing but template expressions is control and becomes blank; an expression among other text
//! becomes as many letters as it has bytes. Inside a block scalar only control lines that stand outside the scalar's
//! indentation go, since the rest is its text.

use source::Span;

/// A text with some of its parts hidden, of the same length.
#[derive(Debug, Default)]
pub(super) struct Mask {
    text: Option<String>,
    hidden: Vec<Span>,
    hides_lines: bool,
}

impl Mask {
    /// Hides nothing.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Hides the template expressions of `text`; none where it has none.
    pub(super) fn of_templates(text: &str) -> Option<Self> {
        if !text.contains("{{") && !text.contains("{%") {
            return None;
        }
        let mut masker = Masker::new(text);
        while masker.line() {}
        Some(masker.finish())
    }

    /// What the parser may see of `text`.
    pub(super) fn text<'t>(&'t self, text: &'t str) -> &'t str {
        self.text.as_deref().unwrap_or(text)
    }

    /// Whether lines of control were hidden.
    pub(super) fn hides_lines(&self) -> bool {
        self.hides_lines
    }

    /// Whether `span` holds a hidden byte.
    pub(super) fn hides_part_of(&self, span: Span) -> bool {
        let first = self.hidden.partition_point(|hidden| hidden.end <= span.start);
        self.hidden.get(first).is_some_and(|hidden| hidden.start < span.end)
    }
}

struct Masker<'t> {
    text: &'t str,
    masked: String,
    at: usize,
    hidden: Vec<Span>,
    hides_lines: bool,
    /// Inside a block scalar: the indentation that its lines must exceed.
    block: Option<usize>,
    /// How far an expression over several lines was looked for in vain; keeps the whole linear.
    searched: usize,
}

impl<'t> Masker<'t> {
    fn new(text: &'t str) -> Self {
        let masked = String::with_capacity(text.len());
        Self { text, masked, at: 0, hidden: Vec::new(), hides_lines: false, block: None, searched: 0 }
    }

    fn finish(self) -> Mask {
        Mask { text: Some(self.masked), hidden: self.hidden, hides_lines: self.hides_lines }
    }

    /// Copies one line, or one expression over several; false at the end.
    fn line(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or("");
        if rest.is_empty() {
            return false;
        }
        let line = rest.split_inclusive('\n').next().unwrap_or("");
        let code = line.trim_start_matches(' ');
        let indent = line.len() - code.len();
        let is_blank = code.trim().is_empty();
        if self.block.is_some_and(|block| is_blank || indent > block) {
            self.copy(line.len());
        } else if let Some(length) = self.control(line, rest, indent) {
            self.hides_lines = true;
            self.hide(length, b' ');
        } else if is_blank || code.starts_with('#') {
            self.copy(line.len());
        } else {
            self.block = None;
            self.expressions(line);
            self.block = block_header(line, indent);
        }
        true
    }

    /// How many bytes of `rest` are control, where its first line begins with it.
    fn control(&mut self, line: &str, rest: &str, indent: usize) -> Option<usize> {
        if self.at < self.searched {
            return control(line, indent).ok();
        }
        match control(rest, indent) {
            Ok(length) => Some(length),
            Err(searched) => {
                self.searched = self.at + searched;
                None
            }
        }
    }

    fn expressions(&mut self, line: &str) {
        let mut done = 0;
        while let Some((start, length)) = expression(line, done) {
            self.copy(start - done);
            self.hide(length, b'x');
            done = start + length;
        }
        self.copy(line.len() - done);
    }

    fn copy(&mut self, length: usize) {
        let end = (self.at + length).min(self.text.len());
        self.masked.push_str(self.text.get(self.at..end).unwrap_or(""));
        self.at = end;
    }

    fn hide(&mut self, length: usize, with: u8) {
        let end = (self.at + length).min(self.text.len());
        for byte in self.text.get(self.at..end).unwrap_or("").bytes() {
            let is_break = byte == b'\n' || byte == b'\r';
            self.masked.push(char::from(if is_break { byte } else { with }));
        }
        self.hidden.push(Span::new(self.at, end));
        self.at = end;
    }
}

/// The first expression of a line from a place on: where it starts and how long it is. `${{ }}` is GitHub's and stays.
fn expression(line: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let start = at + line.get(at..)?.find('{')?;
        let opened = line.get(start..)?;
        let Some(closer) = closer(opened) else {
            at = start + 1;
            continue;
        };
        let length = 4 + opened.get(2..)?.find(closer)?;
        if !line.get(..start)?.ends_with('$') {
            return Some((start, length));
        }
        at = start + length;
    }
}

fn closer(opened: &str) -> Option<&'static str> {
    match opened.as_bytes() {
        [b'{', b'{', ..] => Some("}}"),
        [b'{', b'%', ..] => Some("%}"),
        [b'{', b'#', ..] => Some("#}"),
        _ => None,
    }
}

/// How many bytes of `text` are lines of control, where it begins with one: expressions, blanks, a line's end.
/// Otherwise how far was searched.
fn control(text: &str, indent: usize) -> Result<usize, usize> {
    let mut at = indent;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let closer = closer(rest).ok_or(at)?;
        let inside = rest.get(2..).and_then(|inside| inside.find(closer)).ok_or(text.len())?;
        at += 4 + inside;
        let rest = text.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        match text.as_bytes().get(at) {
            None => return Ok(at),
            Some(b'\n') => return Ok(at + 1),
            Some(_) => {}
        }
    }
}

/// The indentation that the lines of a block scalar must exceed, where this line opens one.
fn block_header(line: &str, indent: usize) -> Option<usize> {
    let code = line.find(" #").map_or(line, |comment| line.get(..comment).unwrap_or(line)).trim_end();
    let header = code.trim_end_matches(|c: char| c == '+' || c == '-' || c.is_ascii_digit());
    let before = header.strip_suffix(['|', '>'])?;
    let opens = before.ends_with([' ', ':', '-']) || before.is_empty();
    if !opens || code.len() - header.len() > 2 {
        return None;
    }
    Some(indent + dashes(before.get(indent..).unwrap_or("")))
}

/// How far the dashes before a key push its indentation; a dash right before the header pushes nothing.
fn dashes(line: &str) -> usize {
    let mut pushed = 0;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix("- ") {
        let content = after.trim_start_matches(' ');
        if content.is_empty() {
            break;
        }
        pushed += rest.len() - content.len();
        rest = content;
    }
    pushed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let mask = Mask::of_templates(text).unwrap();
        assert_eq!(mask.text(text).len(), text.len());
        mask.text(text).to_owned()
    }

    #[test]
    fn control_goes_and_expressions_become_letters() {
        let text = "a:\n  {{- if .x }}\n  b: {{ .y }}:z\n  {{ end }}{{/* two\n lines */}}\nc: ${{ q }}\n";
        assert_eq!(
            masked(text).lines().map(str::trim_end).collect::<Vec<_>>(),
            ["a:", "", "  b: xxxxxxxx:z", "", "", "c: ${{ q }}"]
        );
    }

    #[test]
    fn a_block_scalar_keeps_its_text() {
        let text = "- run: |\n    {{ a }}\n{{ if b }}\n    c\n  d: {{ e }}\n";
        let masked = masked(text);
        assert!(masked.contains("    {{ a }}\n"));
        assert!(masked.contains("\n          \n"));
        assert!(masked.contains("d: xxxxxxx"));
    }
}
