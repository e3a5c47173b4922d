//! Reserved words, and the heads of the compound commands that they begin.

use super::parser::{List, Open, Parser, Section};
use super::types::{BlockKind, OperatorBefore, Word};

/// Bytes of an arithmetic command in which its end is looked for.
const MAX_ARITHMETIC: usize = 1_024;

const LOOPS: &[BlockKind] = &[BlockKind::For, BlockKind::While, BlockKind::Until];

impl Parser<'_> {
    /// Acts on a reserved word; whether it was one.
    pub(super) fn keyword(&mut self, list: &mut List, word: &Word, start: usize) -> bool {
        match word.text.as_str() {
            "if" => self.open(list, BlockKind::If, start),
            "while" => self.open(list, BlockKind::While, start),
            "until" => self.open(list, BlockKind::Until, start),
            "elif" | "then" | "else" | "do" => {
                self.section(list, &word.text, start);
                let asks = word.text == "elif";
                set_section(list, if asks { Section::Condition } else { Section::Body });
            }
            "fi" => return self.close_keyword(list, &[BlockKind::If], "fi"),
            "done" => return self.close_keyword(list, LOOPS, "done"),
            "esac" => return self.close_keyword(list, &[BlockKind::Case], "esac"),
            "for" | "select" => self.for_head(list, start),
            "case" => self.case_head(list, start),
            "function" => self.function_keyword(list, start),
            "{" => self.open(list, BlockKind::Group, start),
            "}" => self.close(list, BlockKind::Group, "}"),
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
            if self.cursor.peek() == Some(b'#') {
                self.comment();
            }
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
        // A `;` may stand behind the head.
        list.complete = true;
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
            open.head = head;
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
                    leave_pattern(list);
                    list.operator = OperatorBefore::Start;
                    list.complete = false;
                    return;
                }
                b'\n' => {
                    self.unsure = true;
                    return leave_pattern(list);
                }
                b'(' | b'|' | b';' | b'&' | b'<' | b'>' => self.cursor.at += 1,
                _ => {
                    let word = self.word();
                    if word.text == "esac" && !word.quoted {
                        self.close_keyword(list, &[BlockKind::Case], "esac");
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
        leave_pattern(list);
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
        if self.cursor.ahead(1) == Some(b'(') {
            if self.skip_arithmetic() {
                return list.took_command();
            }
            self.unsure = true;
        }
        self.cursor.at = start + 1;
        self.open(list, BlockKind::Subshell, start);
        list.operator = OperatorBefore::Start;
    }

    /// `(( ... ))`, with parentheses in it.
    fn skip_arithmetic(&mut self) -> bool {
        let mut depth = 0_usize;
        for (at, byte) in self.cursor.near(MAX_ARITHMETIC).bytes().enumerate() {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 1 => {
                    // Only `))` ends it: `((a); b)` is a subshell in another one.
                    let ends = self.cursor.ahead(at.saturating_sub(1)) == Some(b')');
                    self.cursor.at += if ends { at + 1 } else { 0 };
                    return ends;
                }
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        false
    }
}

fn leave_pattern(list: &mut List) {
    if let Some(open) = list.open.last_mut() {
        open.section = Section::Body;
    }
}

/// Where a keyword is out of place, it counts for the nearest block that could have it.
fn set_section(list: &mut List, section: Section) {
    let has_sections = |open: &&mut Open| {
        matches!(open.kind, BlockKind::If | BlockKind::While | BlockKind::Until | BlockKind::For)
    };
    if let Some(open) = list.open.iter_mut().rev().find(has_sections) {
        open.section = section;
    }
}
