//! Reserved words, and the heads of the compound commands that they begin.

use super::parser::{List, Open, Parser};
use super::types::{BlockKind, OperatorBefore, Word};

/// Bytes of an arithmetic command in which its end is looked for.
const MAX_ARITHMETIC: usize = 1_024;

impl Parser<'_> {
    /// Acts on a reserved word; whether it was one.
    pub(super) fn keyword(&mut self, list: &mut List, word: &Word, start: usize) -> bool {
        match word.text.as_str() {
            "if" => self.open_condition(list, BlockKind::If, start),
            "while" => self.open_condition(list, BlockKind::While, start),
            "until" => self.open_condition(list, BlockKind::Until, start),
            "elif" => set_condition(list, true),
            "then" | "else" | "do" => set_condition(list, false),
            "fi" => return self.close_keyword(list, &[BlockKind::If]),
            "done" => return self.close_keyword(list, &[BlockKind::For, BlockKind::While, BlockKind::Until]),
            "esac" => return self.close_keyword(list, &[BlockKind::Case]),
            "for" | "select" => self.for_head(list, start),
            "case" => self.case_head(list, start),
            "function" => self.function_keyword(list, start),
            "{" => self.open(list, BlockKind::Group, start),
            "}" => self.close(list, BlockKind::Group, 0),
            "!" => {
                list.negated = !list.negated;
                return true;
            }
            _ => return false,
        }
        if word.text != "}" {
            list.operator = OperatorBefore::Start;
        }
        true
    }

    /// `x in a b` of a `for`, to the end of its line or `;`.
    fn for_head(&mut self, list: &mut List, start: usize) {
        let mut head = Vec::new();
        self.cursor.skip_blanks();
        if self.cursor.rest().starts_with("((") {
            self.skip_arithmetic();
        }
        loop {
            self.cursor.skip_blanks();
            let word = self.word();
            if word.span.is_empty() {
                break;
            }
            if word.text == "do" && head.len() == 1 {
                // `for x do` goes over the arguments.
                self.cursor.at = self.cursor.at.saturating_sub(word.span.len());
                break;
            }
            head.push(word);
        }
        self.open(list, BlockKind::For, start);
        if let Some(open) = list.innermost_from(start) {
            open.head = head;
        }
    }

    /// The word of a `case`, past its `in`.
    fn case_head(&mut self, list: &mut List, start: usize) {
        self.cursor.skip_blanks();
        let head = vec![self.word()];
        self.open(list, BlockKind::Case, start);
        if let Some(open) = list.innermost_from(start) {
            (open.head, open.pattern) = (head, true);
        }
        self.cursor.skip_blanks();
        while self.cursor.line_end() > 0 {
            self.cursor.at += self.cursor.line_end();
            self.heredoc_bodies();
            self.cursor.skip_blanks();
        }
        if self.cursor.rest().starts_with("in") {
            self.cursor.at += 2;
        }
    }

    /// One pattern of a `case`, past its `)`; or `esac`.
    pub(super) fn pattern(&mut self, list: &mut List) {
        let start = self.cursor.at;
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b')' => {
                    self.cursor.at += 1;
                    set_pattern(list, false);
                    list.operator = OperatorBefore::Start;
                    return;
                }
                b'\n' => return set_pattern(list, false),
                b'(' | b'|' | b';' | b'&' | b'<' | b'>' => self.cursor.at += 1,
                _ => {
                    let word = self.word();
                    if word.text == "esac" && !word.quoted {
                        self.close_keyword(list, &[BlockKind::Case]);
                        return;
                    }
                    if word.span.is_empty() {
                        self.cursor.at += usize::from(self.cursor.at == start);
                        return;
                    }
                }
            }
            self.cursor.skip_blanks();
        }
        set_pattern(list, false);
    }

    /// `function name`, with or without `()`.
    fn function_keyword(&mut self, list: &mut List, start: usize) {
        self.cursor.skip_blanks();
        let name = self.word();
        self.cursor.skip_blanks();
        if self.cursor.rest().starts_with("()") {
            self.cursor.at += 2;
        }
        list.function = Some((vec![name], start));
    }

    /// `name()`; whether it is one.
    pub(super) fn function_head(&mut self, list: &mut List, name: &Word, start: usize) -> bool {
        let at = self.cursor.at;
        self.cursor.skip_blanks();
        let inside = self.cursor.rest().strip_prefix('(').map(str::trim_start);
        let Some(after) = inside.and_then(|inside| inside.strip_prefix(')')) else {
            self.cursor.at = at;
            return false;
        };
        self.cursor.at += self.cursor.rest().len() - after.len();
        list.function = Some((vec![name.clone()], start));
        true
    }

    pub(super) fn open_parenthesis(&mut self, list: &mut List) {
        let start = self.cursor.at;
        if self.cursor.ahead(1) == Some(b'(') && self.skip_arithmetic() {
            return;
        }
        self.cursor.at = start + 1;
        self.open(list, BlockKind::Subshell, start);
        list.operator = OperatorBefore::Start;
    }

    /// `(( ... ))` on one line.
    fn skip_arithmetic(&mut self) -> bool {
        let end = self.cursor.near(MAX_ARITHMETIC).lines().next().and_then(|line| line.find("))"));
        self.cursor.at += end.map_or(0, |end| end + 2);
        end.is_some()
    }

    fn open_condition(&mut self, list: &mut List, kind: BlockKind, start: usize) {
        self.open(list, kind, start);
        set_condition(list, true);
    }
}

fn set_pattern(list: &mut List, pattern: bool) {
    if let Some(open) = list.open.last_mut() {
        open.pattern = pattern;
    }
}

fn set_condition(list: &mut List, condition: bool) {
    let asks = |open: &&mut Open| {
        matches!(open.kind, BlockKind::If | BlockKind::While | BlockKind::Until | BlockKind::For)
    };
    if let Some(open) = list.open.iter_mut().rev().find(asks) {
        open.condition = condition && open.kind != BlockKind::For;
    }
}
