//! Whether a pattern is well formed, as Go's `filepath.Match` sees it. Docker and buildah ask it before they
//! compile.

use std::iter::Peekable;
use std::str::Chars;

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A `!` without a path.
    Empty,
    /// A `\` at the end.
    TrailingBackslash,
    /// A `[` without its `]`.
    OpenBracket,
    /// A `]` or `-` in brackets where a letter must stand.
    EmptyRange,
    /// It is well formed, but not once it is translated to a regular expression.
    Untranslatable,
}

impl Malformed {
    /// What is wrong and what to write instead, after the pattern.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Empty => "names no path after `!`; write the path that comes back, or delete the line",
            Self::TrailingBackslash => {
                "ends in `\\`, which escapes nothing; delete it, or write `\\\\` for a backslash"
            }
            Self::OpenBracket => "has a `[` without `]`; write `\\[` for a bracket in a name, or close it",
            Self::EmptyRange => {
                "has a `]` or `-` in brackets where a letter must stand; write `\\]` or `\\-` for the \
                 sign itself"
            }
            Self::Untranslatable => {
                "has a range that runs backwards or an escape or repetition that the builder cannot compile; \
                 write the range upwards, and no `\\` before a letter or digit"
            }
        }
    }
}

/// Checks brackets and escapes.
pub(super) fn check(pattern: &str) -> Result<(), Malformed> {
    if pattern.is_empty() {
        return Err(Malformed::Empty);
    }
    let mut chars = pattern.chars().peekable();
    while let Some(letter) = chars.next() {
        match letter {
            '\\' if chars.next().is_none() => return Err(Malformed::TrailingBackslash),
            '[' => brackets(&mut chars)?,
            _ => {}
        }
    }
    Ok(())
}

/// The rest of a class, after its `[`. It holds at least one letter or range, so `[]a]` is malformed.
fn brackets(chars: &mut Peekable<Chars<'_>>) -> Result<(), Malformed> {
    chars.next_if_eq(&'^');
    loop {
        class_letter(chars)?;
        if chars.next_if_eq(&'-').is_some() {
            class_letter(chars)?;
        }
        if chars.next_if_eq(&']').is_some() {
            return Ok(());
        }
    }
}

fn class_letter(chars: &mut Peekable<Chars<'_>>) -> Result<(), Malformed> {
    match chars.next() {
        Some('-' | ']') => Err(Malformed::EmptyRange),
        Some('\\') if chars.next().is_none() => Err(Malformed::OpenBracket),
        None => Err(Malformed::OpenBracket),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_escapes() {
        for well_formed in
            ["a", "[a]", "[^a]", "[a-c]x", "[\\]a]", "[\\-x]", "]", "a]", "[[]", "[!a]", "[z-a]"]
        {
            assert_eq!(check(well_formed), Ok(()), "{well_formed}");
        }
        for (pattern, wrong) in [
            ("", Malformed::Empty),
            ("foo\\", Malformed::TrailingBackslash),
            ("[", Malformed::OpenBracket),
            ("[^", Malformed::OpenBracket),
            ("a[b", Malformed::OpenBracket),
            ("[a\\", Malformed::OpenBracket),
            ("[]a]", Malformed::EmptyRange),
            ("[^]a]", Malformed::EmptyRange),
            ("[-x]", Malformed::EmptyRange),
            ("[x-]", Malformed::EmptyRange),
            ("[a-b-c]", Malformed::EmptyRange),
        ] {
            assert_eq!(check(pattern), Err(wrong), "{pattern}");
        }
    }
}
