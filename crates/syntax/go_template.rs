//! Actions of Go's text templates, as charts of Helm have them: `{{ .Values.name }}`.
//!
//! Source: <https://pkg.go.dev/text/template#hdr-Actions>.

use source::Span;

/// An action of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// From its braces to those that end it, or to where it is not told further.
    pub span: Span,
    /// How it ends.
    pub end: ActionEnd,
}

/// How an action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionEnd {
    /// With two braces.
    Closed,
    /// With one brace, on its first line and without texts of its own.
    OneBrace,
    /// In another way, or not at all.
    Untold,
}

/// The actions of a text in their order, in one pass. What stands in comments and in texts of an action is no action; of
/// three braces it is not told which two are meant.
#[must_use]
pub fn actions(text: &str) -> Vec<Action> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|offset| at + offset) {
        let braces = text.bytes().skip(start).take_while(|byte| *byte == b'{').count();
        let (end, how) = end_of(text, start + braces);
        if braces == 2 {
            found.push(Action { span: Span::new(start, end), end: how });
        }
        at = end;
    }
    found
}

/// Where an action ends whose inside begins at a byte, and how.
fn end_of(text: &str, from: usize) -> (usize, ActionEnd) {
    let rest = text.get(from..).unwrap_or("");
    let mut at = 0;
    if rest.strip_prefix('-').unwrap_or(rest).trim_start().starts_with("/*") {
        let Some(end) = rest.find("*/") else { return (text.len(), ActionEnd::Untold) };
        at = end + "*/".len();
    }
    let bytes = rest.as_bytes();
    let mut is_plain = at == 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'`' | b'"' | b'\'' => {
                is_plain = false;
                let Some(end) = closing(rest, at) else { return (text.len(), ActionEnd::Untold) };
                at = end;
            }
            b'}' if bytes.get(at + 1) == Some(&b'}') => return (from + at + 2, ActionEnd::Closed),
            b'}' => {
                let is_told = is_plain && !rest.get(..at).unwrap_or("").trim().is_empty();
                let how = if is_told { ActionEnd::OneBrace } else { ActionEnd::Untold };
                return (from + at, how);
            }
            b'{' | b'\n' => is_plain = false,
            _ => {}
        }
        at += 1;
    }
    (text.len(), ActionEnd::Untold)
}

/// The quote that ends the text which begins at a byte. One between backquotes may go on over lines; where another one does,
/// its line ends it.
fn closing(text: &str, start: usize) -> Option<usize> {
    let quote = *text.as_bytes().get(start)?;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if std::mem::take(&mut is_escaped) => {}
            b'\\' if quote != b'`' => is_escaped = true,
            b'\n' if quote != b'`' => return Some(at),
            byte if byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{ActionEnd, actions};

    fn ends(text: &str) -> Vec<(&str, ActionEnd)> {
        actions(text).into_iter().map(|action| (action.span.of(text), action.end)).collect()
    }

    #[test]
    fn texts_and_comments_hold_no_actions() {
        for text in
            ["{{- /*\n {{ - x }\n*/ -}}", "{{`\n{{ $x }\n`}}", "{{ printf \"}\\\"{{\" }}", "{{ .a\n }}"]
        {
            assert_eq!(ends(text), [(text, ActionEnd::Closed)], "{text}");
        }
        assert_eq!(
            ends("a {{ .x } {{ .y }}"),
            [("{{ .x ", ActionEnd::OneBrace), ("{{ .y }}", ActionEnd::Closed)]
        );
        assert_eq!(ends("{{ \"a\" } {{{ .x }"), [("{{ \"a\" ", ActionEnd::Untold)]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|[\n{}`\"'*/\\\\-]){0,200}") {
            let _ = actions(&text);
        }
    }
}
