//! JSON arrays of strings: the exec form of a command and the list form of paths.

use super::lines::Part;
use crate::Spanned;

/// What an argument text is, read as JSON.
#[derive(Debug)]
pub(super) enum Json {
    /// An array of strings. A span is that between the quotes.
    Strings(Vec<Spanned<String>>),
    /// An array that holds something else, which the builder refuses.
    NotStrings,
    /// No array, or a broken one: the builder takes the text as it stands.
    Not,
}

/// Deeper arrays and objects are no JSON to the builder.
const MAX_DEPTH: usize = 10_000;

/// Reads `text` as JSON, strictly: no trailing comma, no single quotes, nothing after the array.
pub(super) fn read(text: Part<'_>) -> Json {
    let text = text.trim();
    let mut reader = Reader { text: text.text(), at: 0 };
    match reader.array(text) {
        Some((strings, true)) => Json::Strings(strings),
        Some((_, false)) => Json::NotStrings,
        None => Json::Not,
    }
}

/// All functions give `None` where the text is not JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// The whole text as an array: its strings, and whether it holds nothing else.
    fn array(&mut self, text: Part<'_>) -> Option<(Vec<Spanned<String>>, bool)> {
        let mut strings = Vec::new();
        let mut only_strings = true;
        self.eat(b'[')?;
        self.skip_space();
        if self.eat(b']').is_none() {
            loop {
                self.skip_space();
                if self.peek() == Some(b'"') {
                    let start = self.at + 1;
                    let value = self.string()?;
                    strings.push(text.part(start..self.at - 1).holds(value));
                } else {
                    self.value()?;
                    only_strings = false;
                }
                self.skip_space();
                if self.eat(b',').is_none() {
                    self.eat(b']')?;
                    break;
                }
            }
        }
        self.skip_space();
        self.peek().is_none().then_some((strings, only_strings))
    }

    /// Any value, without recursion: `open` holds the brackets that must still be closed.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.skip_space();
            match self.peek()? {
                bracket @ (b'[' | b'{') => {
                    self.at += 1;
                    self.skip_space();
                    open.push(bracket);
                    if open.len() > MAX_DEPTH {
                        return None;
                    }
                    if self.eat(closing(bracket)).is_some() {
                        open.pop();
                    } else {
                        self.key_of(bracket)?;
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            // A value is complete: what follows closes brackets, or leads to the next value.
            loop {
                let Some(bracket) = open.last().copied() else { return Some(()) };
                self.skip_space();
                if self.eat(b',').is_some() {
                    self.skip_space();
                    self.key_of(bracket)?;
                    break;
                }
                self.eat(closing(bracket))?;
                open.pop();
            }
        }
    }

    /// In an object, the key and the colon before a value.
    fn key_of(&mut self, bracket: u8) -> Option<()> {
        if bracket == b'{' {
            self.string()?;
            self.skip_space();
            self.eat(b':')?;
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        self.text.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if self.eat(b'e').or_else(|| self.eat(b'E')).is_some() {
            let _ = self.eat(b'+').or_else(|| self.eat(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<String> {
        self.eat(b'"')?;
        let mut value = String::new();
        loop {
            let c = self.text.get(self.at..)?.chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(value),
                '\\' => value.push(self.escape()?),
                c if c < ' ' => return None,
                c => value.push(c),
            }
        }
    }

    /// What follows a backslash. Half of a surrogate pair becomes U+FFFD, as in Go.
    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let after = self.at;
                if (0xd800..0xdc00).contains(&first)
                    && self.literal("\\u").is_some()
                    && let Some(second @ 0xdc00..0xe000) = self.hex()
                {
                    return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
                }
                self.at = after;
                char::from_u32(first).unwrap_or('\u{fffd}')
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }
}

fn closing(bracket: u8) -> u8 {
    if bracket == b'[' { b']' } else { b'}' }
}
