//! Here-documents: announced by `<<EOF` in a command, read after the end of its line.

use super::parser::Parser;
use super::types::Word;
use super::words::Builder;

/// A here-document whose body has not been read.
pub(super) struct Pending {
    /// The place of its operator in the file.
    operator: usize,
    delimiter: String,
    /// Whether tabs before lines are stripped: `<<-`.
    strip: bool,
    /// Whether nothing in the body is expanded: `<<'EOF'`.
    quoted: bool,
    start: usize,
}

impl Parser<'_> {
    pub(super) fn expect_heredoc(&mut self, operator: usize, delimiter: &Word, strip: bool) {
        self.pending.push(Pending {
            operator,
            delimiter: delimiter.text.clone(),
            strip,
            quoted: delimiter.quoted,
            start: self.cursor.at,
        });
    }

    /// Reads the bodies that begin here, in the order in which they were announced.
    pub(super) fn heredoc_bodies(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let start = self.cursor.at;
            let (end, after) = self.body_end(&pending);
            let body =
                if pending.quoted { self.quoted_body(start, end) } else { self.expanded_body(start, end) };
            self.bodies.insert(pending.operator, body);
            self.cursor.at = after;
        }
    }

    /// Where the body ends, and where the line after its delimiter begins.
    fn body_end(&mut self, pending: &Pending) -> (usize, usize) {
        let mut at = self.cursor.at;
        for line in self.cursor.rest().split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            let content = if pending.strip { content.trim_start_matches('\t') } else { content };
            if content == pending.delimiter {
                return (at, at + line.len());
            }
            at += line.len();
        }
        self.cursor.error(pending.start, pending.start, "this here-document is never ended by its delimiter");
        (at, at)
    }

    fn quoted_body(&mut self, start: usize, end: usize) -> Word {
        let mut body = Builder { quoted: true, ..Builder::default() };
        body.push_str(self.cursor.slice(start, end), self.cursor.source(start));
        self.cursor.at = end;
        self.finished(body, start)
    }

    /// A body in which variables and commands are expanded, as in double quotes.
    fn expanded_body(&mut self, start: usize, end: usize) -> Word {
        let outer_end = std::mem::replace(&mut self.cursor.end, end);
        let mut body = Builder::default();
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b'\\' => self.escaped_in_quotes(&mut body),
                b'$' => self.expansion(&mut body, true),
                b'`' => self.backquoted(&mut body),
                _ => self.plain(&mut body),
            }
        }
        self.cursor.end = outer_end;
        self.finished(body, start)
    }
}
