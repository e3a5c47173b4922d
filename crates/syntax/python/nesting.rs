//! How deep a text nests, known before a tree is built of it.
//!
//! The parser grows its own stack, but walking and dropping its tree recurse once a level. Levels come from open
//! brackets, indented blocks and chains of operators (`- - -x`, `a + b + c`, `f()()`, `a.b.c`), so these are counted
//! on the tokens; no text that passes can nest its tree deeper than the sum of the limits.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Open brackets, f-string fields included, and blocks in blocks; `CPython` itself allows 200 and 100.
const MAX_DEPTH: usize = 256;
/// Operators since the last comma of each open bracket. None of 24,650 files of one platform reaches it.
const MAX_CHAIN: usize = 2_000;

/// What a text has too much of, as the start of a sentence; `None` where it can be walked.
pub(super) fn too_deep(text: &str) -> Option<&'static str> {
    let mut nesting = Nesting::default();
    let mut lexer = lexer::lex(text, Mode::Module);
    loop {
        let kind = lexer.next_token();
        if kind == TokenKind::EndOfFile {
            return None;
        }
        nesting.take(kind);
        if let Some(excess) = nesting.excess() {
            return Some(excess);
        }
    }
}

/// Operators seen at each open bracket since its last comma, the outermost level last to leave.
#[derive(Default)]
struct Nesting {
    outer: Vec<usize>,
    chain: usize,
    total: usize,
    blocks: usize,
}

impl Nesting {
    fn take(&mut self, kind: TokenKind) {
        match kind {
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => self.open(),
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => self.close(),
            TokenKind::Comma => self.end_of_item(),
            TokenKind::Indent => self.blocks += 1,
            TokenKind::Dedent => self.blocks = self.blocks.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => self.end_of_statement(),
            kind if begins_statement(kind) => self.end_of_statement(),
            kind if deepens(kind) => self.lengthen(),
            _ => {}
        }
    }

    fn open(&mut self) {
        self.lengthen();
        self.outer.push(std::mem::take(&mut self.chain));
    }

    fn close(&mut self) {
        if let Some(chain) = self.outer.pop() {
            self.total -= self.chain;
            self.chain = chain;
        }
    }

    fn lengthen(&mut self) {
        self.chain += 1;
        self.total += 1;
    }

    fn end_of_item(&mut self) {
        self.total -= self.chain;
        self.chain = 0;
    }

    fn end_of_statement(&mut self) {
        self.outer.clear();
        self.chain = 0;
        self.total = 0;
    }

    fn excess(&self) -> Option<&'static str> {
        if self.outer.len() > MAX_DEPTH {
            Some("brackets are nested more than 256 deep")
        } else if self.blocks > MAX_DEPTH {
            Some("blocks are nested more than 256 deep")
        } else if self.total > MAX_CHAIN {
            Some("one expression has more than 2000 operators in a chain")
        } else {
            None
        }
    }
}

/// Keywords that stand in no expression: where one follows an open bracket, the bracket was never closed and the
/// parser has given it up too.
fn begins_statement(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Class
            | TokenKind::Def
            | TokenKind::Import
            | TokenKind::Return
            | TokenKind::Raise
            | TokenKind::Try
            | TokenKind::While
            | TokenKind::With
            | TokenKind::Assert
            | TokenKind::Del
            | TokenKind::Pass
            | TokenKind::Global
            | TokenKind::Nonlocal
    )
}

fn deepens(kind: TokenKind) -> bool {
    kind.is_operator()
        || matches!(
            kind,
            TokenKind::Not
                | TokenKind::Await
                | TokenKind::Lambda
                | TokenKind::If
                | TokenKind::Else
                | TokenKind::Yield
                | TokenKind::For
                | TokenKind::And
                | TokenKind::Or
                | TokenKind::In
                | TokenKind::Is
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_code_nests_passes() {
        assert_eq!(too_deep("x = [\n  {'a': (1, 2), 'b': -1},\n] * 3\n"), None);
        let long_list = format!("x = [{}]", "'a' + b, ".repeat(5_000));
        assert_eq!(too_deep(&long_list), None);
        let many_lines = "a.b(c).d[e] = -f\n".repeat(5_000);
        assert_eq!(too_deep(&many_lines), None);
        let many_fields = format!("x = f'{}'", "{a}{{}}".repeat(1_000));
        assert_eq!(too_deep(&many_fields), None);
    }

    #[test]
    fn every_way_to_nest_is_seen() {
        for deep in
            ["(", "[", "{1:", "- ", "not ", "f(", "x if y else ", "a.", "1 + ", "2 ** ", "lambda: ", "await "]
        {
            assert!(too_deep(&format!("x = {}x", deep.repeat(3_000))).is_some(), "{deep}");
        }
        assert!(too_deep(&format!("x = f{}", "()".repeat(3_000))).is_some());
        assert!(too_deep(&format!("x = {}1", "f'{".repeat(300))).is_some());
        assert!(too_deep(&format!("x = f'{{x{}'", ":{x".repeat(300))).is_some());
        let blocks: Vec<String> = (0..300).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
        assert!(too_deep(&blocks.concat()).is_some());
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(too_deep(&format!("x = '{}'\n# {}\n", "(".repeat(900), "[".repeat(900))), None);
    }

    #[test]
    fn a_bracket_that_is_never_closed_ends_at_the_next_statement() {
        assert_eq!(too_deep(&"x = (1 + 2 +\ndef f():\n    return [\n".repeat(900)), None);
    }
}
