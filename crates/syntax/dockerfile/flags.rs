//! Splits a logical line into keyword, flags and arguments.

use super::Flag;
use super::lines::Part;

/// A logical line in its three parts.
pub(super) struct Split<'l> {
    pub(super) keyword: Part<'l>,
    pub(super) flags: Vec<RawFlag<'l>>,
    /// Without blanks around it.
    pub(super) arguments: Part<'l>,
}

/// A flag and the word that it was read from.
pub(super) struct RawFlag<'l> {
    pub(super) word: Part<'l>,
    pub(super) flag: Flag,
}

/// Splits `line`. Flags are the words at the start of the arguments that begin with `--`; a `--` alone ends them.
pub(super) fn split(line: Part<'_>, escape: char) -> Split<'_> {
    let (keyword, rest) = line.trim().split_at_blank();
    let mut rest = rest.unwrap_or_else(|| keyword.end());
    let mut flags = Vec::new();
    loop {
        rest = rest.trim();
        if !rest.text().starts_with("--") {
            break;
        }
        let (word, decoded) = flag_word(rest, escape);
        rest = rest.from(word.text().len());
        if decoded.text == "--" {
            break;
        }
        flags.push(RawFlag { word, flag: decoded.flag(word) });
    }
    Split { keyword, flags, arguments: rest.trim() }
}

/// A flag's word without its quotes and escapes.
#[derive(Default)]
struct Decoded {
    text: String,
    /// Where the first `=` stands in `text`, and in the word as written.
    equals: Option<(usize, usize)>,
}

impl Decoded {
    fn flag(&self, word: Part<'_>) -> Flag {
        let name = self.text.get(2..).unwrap_or("");
        let Some((in_text, in_word)) = self.equals else {
            return Flag { name: word.from(2).holds(name.to_owned()), value: None };
        };
        let name = self.text.get(2..in_text).unwrap_or("");
        let value = self.text.get(in_text + 1..).unwrap_or("");
        Flag {
            name: word.part(2..in_word).holds(name.to_owned()),
            value: Some(word.from(in_word + 1).holds(value.to_owned())),
        }
    }
}

fn flag_word(rest: Part<'_>, escape: char) -> (Part<'_>, Decoded) {
    let mut decoded = Decoded::default();
    let mut quote = None;
    let mut chars = rest.text().char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return (rest.part(0..at), decoded),
            None if matches!(c, '\'' | '"') => {
                quote = Some(c);
                continue;
            }
            Some(open) if open == c => {
                quote = None;
                continue;
            }
            _ => {}
        }
        let Some((at, c)) = (if c == escape { chars.next() } else { Some((at, c)) }) else { break };
        if c == '=' && decoded.equals.is_none() {
            decoded.equals = Some((decoded.text.len(), at));
        }
        decoded.text.push(c);
    }
    (rest, decoded)
}
