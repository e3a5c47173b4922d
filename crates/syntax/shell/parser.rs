//! Lists of commands: simple ones are recorded, compound ones are followed by their keywords.
//!
//! Compound commands are kept on a stack instead of being parsed by recursion, so that a missing `fi` or a stray `}`
//! costs nothing but itself. Only substitutions recurse, and their depth is capped.

use std::collections::HashMap;

use super::cursor::Cursor;
use super::heredocs::Pending;
use super::types::{Block, BlockKind, Command, OperatorBefore, Script, Word};
use crate::SyntaxError;

/// Compound commands in compound commands that are followed; deeper ones are read as if they were not there.
const MAX_OPEN: usize = 256;
/// Quotes that are never closed and after which reading starts anew; later ones take the rest.
const MAX_RECOVERIES: usize = 8;

/// Reads one text.
pub(super) struct Parser<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) script: Script,
    /// Substitutions and braces around this place.
    pub(super) depth: usize,
    pub(super) in_backquotes: bool,
    /// Here-documents whose bodies begin after this line.
    pub(super) pending: Vec<Pending>,
    /// Bodies by the place of their operator.
    pub(super) bodies: HashMap<usize, Word>,
    /// The first thing for which a shell refuses the text.
    pub(super) refused: Option<SyntaxError>,
    /// Whether something was read loosely, so that what follows may seem to be out of place.
    pub(super) unsure: bool,
    functions: Vec<String>,
    recoveries: usize,
}

/// A compound command that is not closed yet.
pub(super) struct Open {
    pub(super) kind: BlockKind,
    pub(super) head: Vec<Word>,
    pub(super) start: usize,
    pub(super) section: Section,
    /// Whether it is the body of a function.
    pub(super) body: bool,
    /// Whether a command stands in it since its last keyword.
    pub(super) filled: bool,
}

/// The part of a compound command that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What an `if`, `while` or `until` asks.
    Condition,
    /// Before the `do` of a `for`.
    Head,
    /// Before the `)` of a branch of a `case`.
    Pattern,
    /// The commands.
    Body,
}

impl BlockKind {
    fn first_section(self) -> Section {
        match self {
            Self::If | Self::While | Self::Until => Section::Condition,
            Self::For => Section::Head,
            Self::Case => Section::Pattern,
            Self::Function | Self::Group | Self::Subshell => Section::Body,
        }
    }
}

/// How much had been read at some place.
pub(super) struct Checkpoint {
    commands: usize,
    blocks: usize,
    pending: usize,
    errors: usize,
}

/// The state of one list: of the script, or of one substitution.
pub(super) struct List {
    pub(super) open: Vec<Open>,
    pub(super) operator: OperatorBefore,
    pub(super) negated: bool,
    /// The head of a function whose body comes next.
    pub(super) function: Option<(Vec<Word>, usize)>,
    /// Whether a command ended since the last operator, line or keyword.
    pub(super) complete: bool,
    /// An operator after which a command has to come.
    pub(super) waiting: Option<(usize, usize)>,
    /// Whether it was told that blocks are nested too deep.
    too_deep: bool,
}

impl List {
    fn new() -> Self {
        Self {
            open: Vec::new(),
            operator: OperatorBefore::Start,
            negated: false,
            function: None,
            complete: false,
            waiting: None,
            too_deep: false,
        }
    }

    pub(super) fn in_condition(&self) -> bool {
        self.open.iter().any(|open| open.section == Section::Condition)
    }

    /// The innermost block, if it is the one that began at `start`.
    pub(super) fn innermost_from(&mut self, start: usize) -> Option<&mut Open> {
        self.open.last_mut().filter(|open| open.start == start)
    }

    fn top(&self, kind: BlockKind) -> bool {
        self.open.last().is_some_and(|open| open.kind == kind)
    }
}

impl<'t> Parser<'t> {
    pub(super) fn new(cursor: Cursor<'t>) -> Self {
        Self {
            cursor,
            script: Script::default(),
            depth: 0,
            in_backquotes: false,
            pending: Vec::new(),
            bodies: HashMap::new(),
            refused: None,
            unsure: false,
            functions: Vec::new(),
            recoveries: 0,
        }
    }

    pub(super) fn function(&self) -> Option<String> {
        self.functions.last().cloned()
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            commands: self.script.commands.len(),
            blocks: self.script.blocks.len(),
            pending: self.pending.len(),
            errors: self.cursor.errors.len(),
        }
    }

    /// Forgets what was read since `checkpoint` and goes back to `at`; refused inside substitutions and after some
    /// times, so that the whole stays linear.
    pub(super) fn return_to(&mut self, checkpoint: &Checkpoint, at: usize) -> bool {
        if self.depth > 0 || self.recoveries >= MAX_RECOVERIES {
            return false;
        }
        self.recoveries += 1;
        self.script.commands.truncate(checkpoint.commands);
        self.script.blocks.truncate(checkpoint.blocks);
        self.pending.truncate(checkpoint.pending);
        self.cursor.errors.truncate(checkpoint.errors);
        self.cursor.at = at;
        true
    }

    /// Reads commands to the end of the text, or to the unquoted `closing` byte, which is left.
    pub(super) fn list(&mut self, closing: Option<u8>) {
        let mut list = List::new();
        let functions = self.functions.len();
        loop {
            self.cursor.skip_blanks();
            let Some(byte) = self.cursor.peek() else { break };
            let before = self.cursor.at;
            let line_end = self.cursor.line_end();
            if line_end > 0 {
                self.cursor.at += line_end;
                self.heredoc_bodies();
                next_operator(&mut list, OperatorBefore::Newline);
                list.complete = false;
                continue;
            }
            let in_subshell = list.open.iter().any(|open| open.kind == BlockKind::Subshell);
            if Some(byte) == closing && (byte != b')' || (!in_subshell && !expects_pattern(&list))) {
                break;
            }
            match byte {
                b'#' => self.comment(),
                _ if expects_pattern(&list) => self.pattern(&mut list),
                b';' | b'&' | b'|' if self.cursor.ahead(1) != Some(b'>') || byte != b'&' => {
                    self.operator(&mut list);
                }
                b'(' => self.open_parenthesis(&mut list),
                b')' => self.close(&mut list, BlockKind::Subshell, ")"),
                _ => self.command_or_keyword(&mut list),
            }
            if self.cursor.at == before {
                // Nothing took this byte: it is no shell. Go on after it.
                self.unsure = true;
                self.cursor.at += self.cursor.character().map_or(1, |(_, after)| after - before);
            }
        }
        self.ends_list(&mut list);
        while let Some(open) = list.open.pop() {
            self.unclosed(open);
        }
        self.functions.truncate(functions);
    }

    /// A comment goes to the end of its line, or of the backquotes that it stands in.
    pub(super) fn comment(&mut self) {
        let in_backquotes = self.in_backquotes;
        self.cursor.skip_bytes(|byte| byte != b'\n' && !(in_backquotes && byte == b'`'));
    }

    fn operator(&mut self, list: &mut List) {
        let start = self.cursor.at;
        let ends_branch =
            self.cursor.peek() == Some(b';') && matches!(self.cursor.ahead(1), Some(b';' | b'&'));
        let (operator, length) = match (self.cursor.peek(), self.cursor.ahead(1)) {
            (Some(b';'), Some(b';' | b'&')) => {
                let length = if self.cursor.ahead(2) == Some(b'&') { 3 } else { 2 };
                if let Some(case) = list.open.iter_mut().rev().find(|open| open.kind == BlockKind::Case) {
                    case.section = Section::Pattern;
                }
                (OperatorBefore::Start, length)
            }
            (Some(b';'), _) => (OperatorBefore::Semicolon, 1),
            (Some(b'&'), Some(b'&')) => (OperatorBefore::And, 2),
            (Some(b'&'), _) => (OperatorBefore::Background, 1),
            (_, Some(b'|')) => (OperatorBefore::Or, 2),
            (_, Some(b'&')) => (OperatorBefore::Pipe, 2),
            _ => (OperatorBefore::Pipe, 1),
        };
        self.cursor.at += length;
        if ends_branch {
            self.branch_ends(list, start);
        } else {
            self.operator_follows(list, operator, start);
        }
        list.operator = operator;
    }

    fn command_or_keyword(&mut self, list: &mut List) {
        let start = self.cursor.at;
        if self.at_redirection() || self.at_assignment() {
            return self.simple_command(list, None, start);
        }
        let word = self.word();
        if word.text.is_empty() && !word.quoted {
            return;
        }
        if !word.quoted && word.literal {
            if self.keyword(list, &word, start) {
                return;
            }
            if self.function_head(list, &word, start) {
                return;
            }
        }
        self.simple_command(list, Some(word), start);
    }

    pub(super) fn open(&mut self, list: &mut List, kind: BlockKind, start: usize) {
        if list.open.len() >= MAX_OPEN {
            self.unsure = true;
            if !std::mem::replace(&mut list.too_deep, true) {
                self.cursor.error(
                    start,
                    start + 1,
                    "commands are nested more than 256 deep; the inner blocks were not read",
                );
            }
            return;
        }
        let group = matches!(kind, BlockKind::Group | BlockKind::Subshell);
        let function = if group { list.function.take() } else { None };
        let (head, start, body) = match function {
            Some((head, start)) => (head, start, true),
            None => (Vec::new(), start, false),
        };
        if body {
            self.functions.push(head.first().map(|name| name.text.clone()).unwrap_or_default());
        }
        list.open.push(Open { kind, head, start, section: kind.first_section(), body, filled: false });
        Self::block_begins(list);
    }

    /// `}` or `)`, which was read or stands here: closes the innermost block if it is of this kind.
    pub(super) fn close(&mut self, list: &mut List, kind: BlockKind, written: &str) {
        if self.cursor.rest().starts_with(written) && kind == BlockKind::Subshell {
            self.cursor.at += written.len();
        }
        self.block_ends(list, &[kind], self.cursor.at - written.len(), written);
        if list.top(kind) {
            self.closed(list);
        }
    }

    /// `fi`, `done`, `esac`: closes the innermost block of these kinds and what was left open in it.
    pub(super) fn close_keyword(&mut self, list: &mut List, kinds: &[BlockKind], written: &str) -> bool {
        self.block_ends(list, kinds, self.cursor.at - written.len(), written);
        let found = list.open.iter().rposition(|open| kinds.contains(&open.kind));
        if let Some(at) = found {
            while list.open.len() > at + 1 {
                if let Some(inner) = list.open.pop() {
                    self.unclosed(inner);
                }
            }
            self.closed(list);
        }
        found.is_some()
    }

    fn closed(&mut self, list: &mut List) {
        if let Some(open) = list.open.pop() {
            self.record_block(open, self.cursor.at);
            list.took_command();
        }
    }

    fn unclosed(&mut self, open: Open) {
        let (message, length) = match open.kind {
            BlockKind::If => ("this `if` has no `fi`", 2),
            BlockKind::For | BlockKind::While | BlockKind::Until => ("this loop has no `done`", 3),
            BlockKind::Case => ("this `case` has no `esac`", 4),
            BlockKind::Group | BlockKind::Function => ("this `{` has no `}`", 1),
            BlockKind::Subshell => ("this `(` has no `)`", 1),
        };
        self.cursor.error(open.start, open.start + length, message);
        self.refuse(open.start, open.start + length, message);
        self.record_block(open, self.cursor.at);
    }

    fn record_block(&mut self, open: Open, end: usize) {
        if open.body {
            self.functions.pop();
        }
        self.script.blocks.push(Block {
            kind: if open.body { BlockKind::Function } else { open.kind },
            head: open.head,
            span: self.cursor.span(open.start, end),
            line: self.cursor.line(open.start),
        });
    }

    pub(super) fn record_command(&mut self, list: &mut List, mut command: Command) {
        command.operator_before = list.operator;
        command.in_condition = list.in_condition();
        command.negated = std::mem::take(&mut list.negated);
        command.function = self.function();
        list.function = None;
        // These take a whole block, which is read as words.
        self.unsure |= matches!(command.name(), Some("time" | "coproc"))
            && command.words.iter().any(|word| matches!(word.text.as_str(), "{" | "if" | "while" | "for"));
        self.script.commands.push(command);
        list.took_command();
        list.operator = OperatorBefore::Semicolon;
    }
}

/// The end of a line separates commands, unless an operator before it joins them.
fn next_operator(list: &mut List, operator: OperatorBefore) {
    if list.operator == OperatorBefore::Semicolon {
        list.operator = operator;
    }
}

fn expects_pattern(list: &List) -> bool {
    list.open.last().is_some_and(|open| open.section == Section::Pattern)
}
