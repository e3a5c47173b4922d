//! Bytes to text.

/// Why bytes are not text that a reader can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// 1-based line of the first bad byte.
    pub line: u32,
    /// What is wrong, as the end of a sentence that begins with the file's name.
    pub message: &'static str,
}

/// Whether some line is one of a template engine alone: `{% if x %}`, `<% end %>`.
#[must_use]
pub fn has_template_lines(text: &str) -> bool {
    template_lines(text).next().is_some()
}

/// Where the lines of a text begin that a template engine reads, in bytes.
pub fn template_lines(text: &str) -> impl Iterator<Item = usize> {
    let is_read = |line: &str| ["{%", "<%"].iter().any(|sign| line.trim_start().starts_with(sign));
    let starts = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    starts.filter(move |(_, line)| is_read(line)).map(|(start, _)| start)
}

/// The bytes as text. A byte order mark is kept, so that offsets stay those of the file.
///
/// # Errors
/// Invalid UTF-8, or a NUL byte, with its line.
pub fn decode(bytes: Vec<u8>) -> Result<String, DecodeError> {
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(DecodeError {
            line: line_of(&bytes, at),
            message: "holds a NUL byte, so it is not text",
        });
    }
    text_of(bytes)
}

/// The bytes of program code as text. A NUL is a character that a literal may hold; of many the file is no text.
///
/// # Errors
/// Invalid UTF-8, or more than one NUL in a hundred bytes, with its line.
pub fn decode_code(bytes: Vec<u8>) -> Result<String, DecodeError> {
    const RARE: usize = 100;
    let nuls = bytes.split(|byte| *byte == 0).skip(1).count();
    if nuls * RARE > bytes.len() + RARE { decode(bytes) } else { text_of(bytes) }
}

fn text_of(bytes: Vec<u8>) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        DecodeError { line: line_of(error.as_bytes(), at), message: "is not valid UTF-8; save it as UTF-8" }
    })
}

/// Decodes a Python file, which may declare in one of its first two lines that it is of a family of encodings in which
/// each byte is a letter (PEP 263).
///
/// # Errors
/// As [`decode`].
pub fn decode_python(bytes: Vec<u8>) -> Result<String, DecodeError> {
    let is_declared = |line: &[u8]| {
        let line = String::from_utf8_lossy(line).to_ascii_lowercase();
        line.trim_start().starts_with('#')
            && line.contains("coding")
            && ["latin-1", "latin1", "iso-8859-1", "iso8859-1", "cp1252", "windows-1252"]
                .iter()
                .any(|name| line.contains(name))
    };
    if bytes.split(|byte| *byte == b'\n').take(2).any(is_declared) && !bytes.contains(&0) {
        return Ok(bytes.into_iter().map(char::from).collect());
    }
    decode(bytes)
}

/// The text after a leading byte order mark, and how many bytes the mark took (0 or 3).
#[must_use]
pub fn without_bom(text: &str) -> (&str, usize) {
    text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, '\u{feff}'.len_utf8()))
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    let newlines = bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(newlines + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_may_declare_its_letters() {
        let text = b"#!/usr/bin/python\n# -*- coding: iso-8859-1 -*-\nname = '\xe9'\n".to_vec();
        assert!(decode_python(text).unwrap().ends_with("name = '\u{e9}'\n"));
        assert!(decode_python(b"name = '\xe9'\n".to_vec()).is_err());
    }

    #[test]
    fn bad_bytes_are_told_with_their_line() {
        assert_eq!(decode(b"a\nb\xff".to_vec()).unwrap_err().line, 2);
        assert_eq!(decode(b"a\n\nb\0".to_vec()).unwrap_err().line, 3);
        assert_eq!(decode(b"ok".to_vec()).unwrap(), "ok");
    }

    #[test]
    fn code_may_hold_a_nul_and_is_not_made_of_them() {
        assert_eq!(decode_code(b"a = /[\0-\x1f]/".to_vec()).unwrap().len(), 11);
        let wide: Vec<u8> = "import os\n".repeat(40).bytes().flat_map(|byte| [byte, 0]).collect();
        assert!(decode_code(wide).is_err());
    }
}
