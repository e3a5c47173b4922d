//! Words: quotes are removed, expansions are kept as written and told apart.

use super::parser::Parser;
use super::types::{Reference, Word};

/// A word while it is read.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) text: String,
    pub(super) references: Vec<Reference>,
    pub(super) quoted: bool,
    pub(super) expanded: bool,
    pub(super) origins: Vec<(usize, usize)>,
}

impl Builder {
    /// Adds a character that was read at `source`.
    pub(super) fn push(&mut self, character: char, source: usize) {
        self.mark(source);
        self.text.push(character);
    }

    /// Adds a text that stands as written at `source`.
    pub(super) fn push_str(&mut self, text: &str, source: usize) {
        self.mark(source);
        self.text.push_str(text);
    }

    fn mark(&mut self, source: usize) {
        let at = self.text.len();
        let continues = self.origins.last().is_some_and(|(text, origin)| origin + (at - text) == source);
        if !continues {
            self.origins.push((at, source));
        }
    }
}

/// Bytes that end a word where they are not quoted.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

impl Parser<'_> {
    /// Reads the word that begins here; an empty one where none does.
    pub(super) fn word(&mut self) -> Word {
        let start = self.cursor.at;
        let mut word = Builder::default();
        while let Some(byte) = self.cursor.peek() {
            let process = self.at_process_substitution();
            if (ends_word(byte) && !process && !self.is_glob_group(&word))
                || (byte == b'\r' && self.cursor.line_end() > 0)
                || (byte == b'`' && self.in_backquotes)
            {
                break;
            }
            if process {
                self.process_substitution(&mut word);
            } else if self.is_glob_group(&word) {
                self.glob_group(&mut word);
            } else {
                self.word_part(&mut word, byte);
            }
        }
        self.finished(word, start)
    }

    pub(super) fn finished(&self, word: Builder, start: usize) -> Word {
        let Builder { text, references, quoted, expanded, origins } = word;
        let span = self.cursor.span(start, self.cursor.at);
        Word { text, span, line: self.cursor.line(start), references, quoted, literal: !expanded, origins }
    }

    fn word_part(&mut self, word: &mut Builder, byte: u8) {
        match byte {
            b'\\' => self.escaped(word),
            b'\'' => self.single_quoted(word),
            b'"' => self.double_quoted(word),
            b'$' => self.expansion(word, false),
            b'`' => self.backquoted(word),
            _ => self.plain(word),
        }
    }

    /// One character as it stands.
    pub(super) fn plain(&mut self, word: &mut Builder) {
        if let Some((character, after)) = self.cursor.character() {
            word.push(character, self.cursor.source(self.cursor.at));
            self.cursor.at = after;
        }
    }

    fn escaped(&mut self, word: &mut Builder) {
        if self.cursor.skip_continuation() {
            return;
        }
        word.quoted = true;
        self.cursor.at += 1;
        if self.cursor.peek().is_some() {
            self.plain(word);
        } else {
            word.push('\\', self.cursor.source(self.cursor.at - 1));
        }
    }

    fn single_quoted(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        let Some(length) = self.cursor.rest().get(1..).and_then(|rest| rest.find('\'')) else {
            self.cursor.error(start, start + 1, "this quote is never closed; it was taken for a character");
            self.refuse(start, start + 1, "this quote is never closed");
            self.plain(word);
            return;
        };
        let inside = start + 1;
        word.quoted = true;
        word.push_str(self.cursor.slice(inside, inside + length), self.cursor.source(inside));
        self.cursor.at = inside + length + 1;
    }

    fn double_quoted(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        let before = self.checkpoint();
        let mut quoted = Builder { quoted: true, ..Builder::default() };
        std::mem::swap(&mut quoted.text, &mut word.text);
        std::mem::swap(&mut quoted.origins, &mut word.origins);
        let (length, marks) = (quoted.text.len(), quoted.origins.len());
        self.cursor.at += 1;
        let closed = self.quoted_parts(&mut quoted);
        if !closed {
            if self.return_to(&before, start) {
                quoted.text.truncate(length);
                quoted.origins.truncate(marks);
                quoted.references.clear();
                (quoted.quoted, quoted.expanded) = (false, false);
            }
            self.cursor.error(start, start + 1, "this quote is never closed");
            self.refuse(start, start + 1, "this quote is never closed");
        }
        word.text = quoted.text;
        word.origins = quoted.origins;
        word.references.append(&mut quoted.references);
        word.quoted |= quoted.quoted;
        word.expanded |= quoted.expanded;
        if !closed && self.cursor.at == start {
            self.plain(word);
        }
    }

    /// Reads to the closing quote; whether there is one.
    fn quoted_parts(&mut self, word: &mut Builder) -> bool {
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b'"' => {
                    self.cursor.at += 1;
                    return true;
                }
                b'\\' => self.escaped_in_quotes(word),
                b'$' => self.expansion(word, true),
                b'`' if !self.in_backquotes => self.backquoted(word),
                _ => self.plain(word),
            }
        }
        false
    }

    /// In double quotes a backslash only takes the meaning from `$`, `` ` ``, `"`, itself and the line's end.
    pub(super) fn escaped_in_quotes(&mut self, word: &mut Builder) {
        if self.cursor.skip_continuation() {
            return;
        }
        if matches!(self.cursor.ahead(1), Some(b'$' | b'`' | b'"' | b'\\')) {
            self.cursor.at += 1;
        }
        self.plain(word);
    }

    /// `$'...'`: backslash escapes as in C.
    pub(super) fn c_quoted(&mut self, word: &mut Builder) {
        let start = self.cursor.at;
        self.cursor.at += 2;
        word.quoted = true;
        while let Some(byte) = self.cursor.peek() {
            let source = self.cursor.source(self.cursor.at);
            match (byte, self.cursor.ahead(1)) {
                (b'\'', _) => {
                    self.cursor.at += 1;
                    return;
                }
                (b'\\', Some(code)) if c_escape(code).is_some() => {
                    word.push(c_escape(code).unwrap_or('\\'), source);
                    self.cursor.at += 2;
                }
                _ => self.plain(word),
            }
        }
        self.cursor.error(start, start + 2, "this quote is never closed");
    }

    /// Whether `(` here belongs to a pattern: `@(a|b)`, `!(x)`.
    fn is_glob_group(&self, word: &Builder) -> bool {
        let opens = self.cursor.peek() == Some(b'(');
        opens && word.text.ends_with(['@', '!', '?', '*', '+']) && !word.expanded
    }

    /// A pattern's group, as written, on one line.
    fn glob_group(&mut self, word: &mut Builder) {
        let mut depth = 0_usize;
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b'\n' => return,
                _ => {}
            }
            self.plain(word);
            if depth == 0 {
                return;
            }
        }
    }
}

fn c_escape(code: u8) -> Option<char> {
    Some(match code {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'a' => '\x07',
        b'b' => '\x08',
        b'e' => '\x1b',
        b'f' => '\x0c',
        b'v' => '\x0b',
        b'\\' | b'\'' | b'"' | b'?' => char::from(code),
        _ => return None,
    })
}
