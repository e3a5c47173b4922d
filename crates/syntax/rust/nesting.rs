//! How deep a text nests, known before a tree is built of it.
//!
//! Parsing, walking and dropping a tree of `syn` recurse once a level. Levels come from brackets, from operators and
//! angle brackets (`!!!x`, `a + b + c`, `Vec<Vec<..`) and from words that begin an expression, so these are counted
//! on the tokens, without recursion.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Brackets in brackets.
const MAX_DEPTH: usize = 128;
/// Operators and words since the last comma, semicolon or block of each open bracket, all together.
const MAX_CHAIN: usize = 1_000;

/// Words after which the rest of an expression or type stands one level deeper.
const DEEPENS: &[&str] =
    &["return", "break", "move", "as", "mut", "dyn", "impl", "fn", "else", "in", "unsafe"];

/// What a text has too much of, as a clause; `None` where its tree can be walked.
pub(super) fn too_deep(tokens: TokenStream) -> Option<&'static str> {
    let mut open = vec![(tokens.into_iter().peekable(), 0usize)];
    let mut total = 0usize;
    while let Some((tokens, chain)) = open.last_mut() {
        let Some(token) = tokens.next() else {
            total -= *chain;
            open.pop();
            continue;
        };
        match token {
            TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | ';') => {
                total -= std::mem::take(chain);
            }
            TokenTree::Punct(_) => {
                *chain += 1;
                total += 1;
            }
            TokenTree::Ident(word) if DEEPENS.iter().any(|deepens| word == deepens) => {
                *chain += 1;
                total += 1;
            }
            TokenTree::Group(group) => {
                let goes_on = matches!(tokens.peek(), Some(TokenTree::Ident(next)) if next == "else")
                    || matches!(tokens.peek(), Some(TokenTree::Punct(_)));
                // A block ends an item or a statement; anything else in brackets may be called, and called again.
                if group.delimiter() == Delimiter::Brace && !goes_on {
                    total -= std::mem::take(chain);
                } else {
                    *chain += 1;
                    total += 1;
                }
                open.push((group.stream().into_iter().peekable(), 0));
            }
            _ => {}
        }
        if open.len() > MAX_DEPTH + 1 {
            return Some("brackets are nested more than 128 deep");
        }
        if total > MAX_CHAIN {
            return Some("one expression has more than 1000 operators in a chain");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        too_deep(TokenStream::from_str(text).unwrap())
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        for (open, close) in [
            ("(", ")"),
            ("{", "}"),
            ("[", "]"),
            ("!", ""),
            ("&", ""),
            ("1 + ", ""),
            ("x.", ""),
            ("|y| ", ""),
            ("return ", ""),
            ("x = ", ""),
            ("if x {} else ", ""),
        ] {
            let text = format!("fn f() {{ {}x{} }}", open.repeat(3_000), close.repeat(3_000));
            assert!(of(&text).is_some(), "{open}");
        }
        assert!(of(&format!("type T = {}u8{};", "Vec<".repeat(3_000), ">".repeat(3_000))).is_some());
        assert!(of(&format!("fn f() {{ x{} }}", "()".repeat(3_000))).is_some());
    }

    #[test]
    fn what_real_code_nests_passes() {
        assert_eq!(
            of(&"fn f(a: &str) -> Vec<u8> { a.b(c).d[e]? + 1; match a { _ => b } }\n".repeat(2_000)),
            None
        );
        assert_eq!(of(&format!("const X: &[&str] = &[{}];", "\"a\", ".repeat(5_000))), None);
    }
}
