//! What a shell refuses to read: keywords out of place, operators without a command.
//!
//! Only what POSIX (Shell Command Language, 2.10) and bash refuse alike is told; measured against `bash -n`.

use super::parser::{List, Open, Parser, Section};
use super::types::{BlockKind, OperatorBefore};
use crate::SyntaxError;

impl List {
    /// A simple command or a whole block ended here.
    pub(super) fn took_command(&mut self) {
        self.complete = true;
        self.waiting = None;
        if let Some(open) = self.open.last_mut() {
            open.filled = true;
        }
    }

    /// A new list of commands begins in the innermost block.
    fn begin_section(&mut self) {
        self.complete = false;
        if let Some(open) = self.open.last_mut() {
            open.filled = false;
        }
    }
}

impl Parser<'_> {
    /// Remembers the first thing for which a shell refuses the text. What stands in backquotes it reads only when it
    /// comes to run it.
    pub(super) fn refuse(&mut self, start: usize, end: usize, message: &str) {
        if self.in_backquotes {
            return;
        }
        let span = self.cursor.span(start, end);
        self.refused.get_or_insert_with(|| SyntaxError { span, message: message.to_owned() });
    }

    /// An operator that needs a command before it, and perhaps one after it.
    pub(super) fn operator_follows(&mut self, list: &mut List, operator: OperatorBefore, start: usize) {
        let (at, end) = (start, self.cursor.at);
        if !list.complete {
            let written = self.cursor.slice(at, end).to_owned();
            self.refuse(at, end, &format!("there is no command before `{written}`"));
        }
        let joins = matches!(operator, OperatorBefore::And | OperatorBefore::Or | OperatorBefore::Pipe);
        list.waiting = joins.then_some((at, end));
        list.complete = false;
    }

    /// `;;`: ends a branch of a `case`.
    pub(super) fn branch_ends(&mut self, list: &mut List, start: usize) {
        if !list.open.iter().any(|open| open.kind == BlockKind::Case) {
            self.refuse(start, self.cursor.at, "`;;` stands outside a `case`");
        }
        self.ends_list(list);
        list.complete = false;
    }

    /// The commands of a list end here: nothing may wait for one more.
    pub(super) fn ends_list(&mut self, list: &mut List) {
        if let Some((start, end)) = list.waiting.take() {
            let written = self.cursor.slice(start, end).to_owned();
            self.refuse(start, end, &format!("there is no command after `{written}`"));
        }
    }

    /// `then`, `elif`, `else`, `do`: whether the innermost block has reached them.
    pub(super) fn section(&mut self, list: &mut List, keyword: &str, start: usize) {
        let end = start + keyword.len();
        self.ends_list(list);
        let refusal = match (list.open.last(), keyword) {
            (Some(open), "then") if open.kind == BlockKind::If && open.section == Section::Condition => None,
            (Some(open), "do") if is_loop(open) && open.section != Section::Body => None,
            (Some(open), "elif" | "else") if open.kind == BlockKind::If && open.section == Section::Body => {
                None
            }
            (Some(open), "elif" | "else") if open.kind == BlockKind::If => {
                Some(format!("there is no `then` before this `{keyword}`"))
            }
            _ => Some(format!("nothing is open here that a `{keyword}` belongs to")),
        };
        if let Some(message) = refusal {
            self.refuse(start, end, &message);
        } else if list.open.last().is_some_and(needs_commands) {
            self.refuse(start, end, &format!("there is no command before this `{keyword}`"));
        }
        list.begin_section();
    }

    /// A block begins: nothing stands in it yet.
    pub(super) fn block_begins(list: &mut List) {
        list.waiting = None;
        list.begin_section();
    }

    /// `fi`, `done`, `esac`, `}`, `)`: whether the innermost block is one of these, and may end.
    pub(super) fn block_ends(&mut self, list: &mut List, kinds: &[BlockKind], start: usize, written: &str) {
        let end = start + written.len();
        self.ends_list(list);
        let Some(open) = list.open.last().filter(|open| kinds.contains(&open.kind)) else {
            self.refuse(start, end, &format!("nothing is open here that this `{written}` closes"));
            return;
        };
        let lacks = match open.kind {
            BlockKind::If if open.section == Section::Condition => Some("then"),
            _ if is_loop(open) && open.section != Section::Body => Some("do"),
            _ => None,
        };
        if let Some(lacks) = lacks {
            self.refuse(start, end, &format!("there is no `{lacks}` before this `{written}`"));
        } else if needs_commands(open) {
            self.refuse(start, end, &format!("there is no command before this `{written}`"));
        }
    }
}

fn is_loop(open: &Open) -> bool {
    matches!(open.kind, BlockKind::For | BlockKind::While | BlockKind::Until)
}

/// Whether the section of a block that is open has no command, and must have one.
fn needs_commands(open: &Open) -> bool {
    !open.filled && open.kind != BlockKind::Case && open.section != Section::Head
}
