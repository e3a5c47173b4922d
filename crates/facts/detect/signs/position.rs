//! What stands around a word, told from the bytes.

use std::cell::OnceCell;

use memchr::memmem;
use source::FileKind;

/// Code as bytes.
pub(super) struct Code<'t> {
    kind: FileKind,
    pub(super) text: &'t [u8],
    /// Where a class of JavaScript first begins.
    class: OnceCell<Option<usize>>,
}

impl<'t> Code<'t> {
    pub(super) fn new(kind: FileKind, text: &'t [u8]) -> Self {
        Self { kind, text, class: OnceCell::new() }
    }

    /// Whether a class of JavaScript begins before `at`.
    fn has_class_before(&self, at: usize) -> bool {
        let class = || memmem::find(self.text, b"class").filter(|_| self.kind == FileKind::TypeScript);
        self.class.get_or_init(class).is_some_and(|class| class < at)
    }
}

/// A word and the code it stands in.
pub(super) struct Position<'c, 't> {
    code: &'c Code<'t>,
    start: usize,
    pub(super) end: usize,
}

/// Words before a name that is defined.
const BEFORE_DEFINED: &[&[u8]] = &[
    b"def",
    b"fn",
    b"function",
    b"const",
    b"let",
    b"var",
    b"static",
    b"mut",
    b"ref",
    b"get",
    b"set",
    b"async",
    b"public",
    b"private",
    b"protected",
    b"readonly",
    b"declare",
    b"override",
    b"abstract",
    b"accessor",
];

/// Bytes before a literal in which what returns it stands.
const RETURN_BEFORE: usize = 40;

/// Bytes before a literal in which the list that holds it begins.
const LIST_BEFORE: usize = 400;

/// Bytes before a property in which the object that holds it begins.
const OBJECT_BEFORE: usize = 1_000;

impl<'c, 't> Position<'c, 't> {
    /// The whole word that holds the byte before `at`.
    pub(super) fn around(code: &'c Code<'t>, at: usize) -> Self {
        let before = code.text.get(..at).unwrap_or_default().iter().rev();
        let after = code.text.get(at..).unwrap_or_default().iter();
        let start = at - before.take_while(|byte| is_word(**byte)).count();
        let end = at + after.take_while(|byte| is_word(**byte)).count();
        Self { code, start, end }
    }

    /// The word, where it is text.
    pub(super) fn word(&self) -> Option<&'t str> {
        std::str::from_utf8(self.code.text.get(self.start..self.end)?).ok()
    }

    fn before(&self) -> &'t [u8] {
        self.code.text.get(..self.start).unwrap_or_default()
    }

    fn after(&self) -> &'t [u8] {
        self.code.text.get(self.end..).unwrap_or_default()
    }

    /// Whether it is all that a literal holds.
    pub(super) fn is_quoted(&self) -> bool {
        let quote = self.before().last();
        quote.is_some_and(|quote| matches!(quote, b'"' | b'\'' | b'`')) && self.after().first() == quote
    }

    /// Whether it may be a variant of an enumeration: `Environment::Production`.
    pub(super) fn is_variant(&self) -> bool {
        self.code.kind == FileKind::Rust && self.before().ends_with(b"::")
    }

    /// Whether something may be defined by this name here.
    pub(super) fn may_be_defined(&self) -> bool {
        let before = self.before();
        let spaced = before.trim_ascii_end();
        let is_spaced = spaced.len() < before.len();
        if is_spaced && last_word(spaced).is_some_and(|word| BEFORE_DEFINED.contains(&word)) {
            return true;
        }
        let after = self.after().trim_ascii_start();
        let after = after.strip_prefix(b"?").or_else(|| after.strip_prefix(b"!")).unwrap_or(after);
        let follows = match after {
            [b'=', b'=' | b'>', ..] | [b':', b'=' | b':', ..] => false,
            // An attribute of an element.
            [b'=', b'{', ..] => self.code.kind != FileKind::TypeScript,
            [b'=', ..] => true,
            [b':' | b'(' | b'<', ..] if self.may_be_in_object(spaced) => return true,
            [b':', ..] => self.code.kind == FileKind::Python || self.may_be_in_class(),
            [b'(' | b'<', ..] => self.may_be_in_class(),
            _ => false,
        };
        follows && self.begins_statement(spaced)
    }

    /// Whether a class of JavaScript may have it as a member.
    fn may_be_in_class(&self) -> bool {
        self.code.has_class_before(self.start)
    }

    /// Whether an object of JavaScript that something is given may have it as a property.
    fn may_be_in_object(&self, spaced: &[u8]) -> bool {
        let begins = matches!(spaced.last(), Some(b',' | b'{')) || is_comment(last_line(spaced));
        let near = spaced.get(spaced.len().saturating_sub(OBJECT_BEFORE)..).unwrap_or_default();
        let is_given = |with: &[u8]| memmem::find(near, with).is_some();
        self.code.kind == FileKind::TypeScript && begins && (is_given(b"= {") || is_given(b"default {"))
    }

    /// Whether a statement may begin with the word.
    fn begins_statement(&self, spaced: &[u8]) -> bool {
        match spaced.last() {
            None | Some(b';' | b'=' | b'}' | b')' | b':' | b'#' | b'*') => true,
            Some(b'{') => self.code.kind != FileKind::Python,
            Some(b'.') => spaced.ends_with(b"self.") || spaced.ends_with(b"this."),
            // Inside brackets; what ends a comment says nothing.
            Some(b',' | b'(' | b'[') => last_line(spaced).contains(&b'#') || is_comment(last_line(spaced)),
            Some(_) => self.before().get(spaced.len()..).is_some_and(|space| space.contains(&b'\n')),
        }
    }

    /// Whether a function may answer with it.
    pub(super) fn may_be_returned(&self) -> bool {
        let near = self.start.saturating_sub(RETURN_BEFORE);
        let window = self.code.text.get(near..self.start).unwrap_or_default();
        self.code.kind == FileKind::Rust
            || memmem::find(window, b"return").is_some()
            || memmem::find(window, b"=>").is_some()
    }

    /// Whether something may be compared with it.
    pub(super) fn may_be_compared(&self) -> bool {
        let before = self.before();
        let before = before.get(..before.len().saturating_sub(1)).unwrap_or_default().trim_ascii_end();
        let after = self.after().get(1..).unwrap_or_default().trim_ascii_start();
        if self.code.kind == FileKind::Rust || after.starts_with(b"==") {
            return true;
        }
        match before.last() {
            Some(b'=') => before.ends_with(b"=="),
            Some(b'e') => before.ends_with(b"case"),
            Some(b'|') => true,
            Some(b',' | b'(' | b'[' | b'{') => is_in_tested_list(before),
            _ => false,
        }
    }
}

/// Whether the list that is open at the end of a text is one that something is looked for in.
fn is_in_tested_list(before: &[u8]) -> bool {
    let near = before.get(before.len().saturating_sub(LIST_BEFORE)..).unwrap_or_default();
    let Some(open) = near.iter().rposition(|byte| matches!(byte, b'(' | b'[' | b'{')) else { return true };
    let outside = near.get(..open).unwrap_or_default().trim_ascii_end();
    // `case ("a" | "b")`, `== ("a")`.
    outside.ends_with(b"in") || outside.ends_with(b"case") || outside.ends_with(b"==")
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

fn last_word(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().rev().take_while(|byte| is_word(**byte)).count();
    text.get(text.len() - length..).filter(|word| !word.is_empty())
}

fn last_line(text: &[u8]) -> &[u8] {
    let start = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default()
}

fn is_comment(line: &[u8]) -> bool {
    memmem::find(line, b"//").is_some()
}
