//! Splits a result at its blanks.

/// A word of a command line and where it stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dockerfile) struct Word {
    /// The word, resolved as far as was asked for.
    pub(in crate::dockerfile) text: String,
    /// First byte.
    pub(in crate::dockerfile) start: usize,
    /// First byte after it.
    pub(in crate::dockerfile) end: usize,
}

/// Splits a result into words while it is written.
#[derive(Debug, Default)]
pub(super) struct Words {
    done: Vec<Word>,
    text: String,
    start: Option<usize>,
    end: usize,
    ignored: bool,
}

impl Words {
    pub(super) fn ignored() -> Self {
        Self { ignored: true, ..Self::default() }
    }

    /// A character that was read from `start..end` and is not quoted: a blank ends the word.
    pub(super) fn add(&mut self, c: char, start: usize, end: usize) {
        if c.is_whitespace() {
            self.close();
        } else {
            self.add_quoted(c.encode_utf8(&mut [0; 4]), start, end);
        }
    }

    /// Text that belongs to the word whatever it is.
    pub(super) fn add_quoted(&mut self, text: &str, start: usize, end: usize) {
        if !self.ignored {
            self.text.push_str(text);
            self.start.get_or_insert(start);
            self.end = end;
        }
    }

    /// An empty quoted string alone does not make a word.
    fn close(&mut self) {
        if !self.text.is_empty() {
            let start = self.start.take().unwrap_or(self.end);
            self.done.push(Word { text: std::mem::take(&mut self.text), start, end: self.end });
        }
    }

    pub(super) fn finish(mut self) -> Vec<Word> {
        self.close();
        self.done
    }
}
