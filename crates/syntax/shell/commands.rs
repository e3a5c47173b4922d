//! Simple commands: assignments, words and redirections in any order.

use super::parser::{List, Parser};
use super::types::{Assignment, AssignmentValue, Command, Redirect, Word};
use super::words::Builder;
use crate::Spanned;

/// Redirection operators, longer ones first.
const REDIRECTIONS: [&str; 12] = ["&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"];
/// Commands whose arguments may be assignments of arrays.
const DECLARATIONS: [&str; 5] = ["export", "declare", "typeset", "local", "readonly"];

impl Parser<'_> {
    /// Reads a command to the operator that ends it. `first` is its first word where that was read already.
    pub(super) fn simple_command(&mut self, list: &mut List, first: Option<Word>, start: usize) {
        let mut command = Command { line: self.cursor.line(start), ..Command::default() };
        let test = first.as_ref().is_some_and(|word| word.text == "[[" && !word.quoted);
        command.words.extend(first);
        let mut end = self.cursor.at;
        if test {
            self.double_bracket_words(&mut command.words);
            self.unsure |= command.words.last().is_none_or(|word| word.text != "]]");
            end = self.cursor.at;
        }
        loop {
            self.cursor.skip_blanks();
            // Behind `]]` only redirections may stand: `[[ a ]] then` is read by bash.
            let goes_on = if test && !self.unsure { self.at_redirection() } else { true };
            if !goes_on || !self.argument(&mut command) {
                break;
            }
            end = self.cursor.at;
        }
        command.span = self.cursor.span(start, end);
        self.record_command(list, command);
    }

    /// Reads one assignment, redirection or word; whether there was one.
    fn argument(&mut self, command: &mut Command) -> bool {
        if self.at_redirection() {
            let redirect = self.redirection();
            command.redirects.push(redirect);
            return true;
        }
        if command.words.is_empty() && self.at_assignment() {
            let assignment = self.assignment();
            command.assignments.push(assignment);
            return true;
        }
        let declares = command.name().is_some_and(|name| DECLARATIONS.contains(&name));
        if declares && self.at_array() {
            let word = self.array_word();
            command.words.push(word);
            return true;
        }
        if self.at_process_substitution() {
            let word = self.word();
            command.words.push(word);
            return true;
        }
        match self.cursor.peek() {
            // A comment begins where a word would; inside a word `#` is a character.
            None | Some(b'#' | b'\n' | b';' | b'&' | b'|' | b')' | b'<' | b'>') => false,
            Some(b'\r') if self.cursor.line_end() > 0 => false,
            Some(b'`') if self.in_backquotes => false,
            Some(b'(') => {
                let word = self.parenthesis_word();
                command.words.push(word);
                true
            }
            Some(_) => {
                let word = self.word();
                command.words.push(word);
                true
            }
        }
    }

    /// `(text)` where a word should stand is no shell; it is kept as written, on its line.
    fn parenthesis_word(&mut self) -> Word {
        let start = self.cursor.at;
        self.unsure = true;
        let mut word = Builder::default();
        while self.cursor.peek().is_some_and(|byte| byte != b')') && self.cursor.line_end() == 0 {
            self.plain(&mut word);
        }
        if self.cursor.peek() == Some(b')') {
            self.plain(&mut word);
        }
        self.finished(word, start)
    }

    /// The words of `[[ ... ]]`, in which `<`, `>`, `&&` and parentheses are words and not operators.
    fn double_bracket_words(&mut self, words: &mut Vec<Word>) {
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.at;
            match self.cursor.peek() {
                None => return,
                Some(_) if self.cursor.line_end() > 0 => {
                    if words.last().is_some_and(|word| matches!(word.text.as_str(), "&&" | "||" | "[[" | "("))
                    {
                        self.cursor.at += self.cursor.line_end();
                        continue;
                    }
                    return;
                }
                Some(b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b';') => {
                    let mut word = Builder::default();
                    let first = self.cursor.peek();
                    self.plain(&mut word);
                    if matches!(first, Some(b'&' | b'|')) && self.cursor.peek() == first {
                        self.plain(&mut word);
                    }
                    let word = self.finished(word, start);
                    words.push(word);
                }
                Some(_) => {
                    let word = self.word();
                    let closes = word.text == "]]" && !word.quoted;
                    if word.span.is_empty() {
                        return;
                    }
                    words.push(word);
                    if closes {
                        return;
                    }
                }
            }
        }
    }

    /// Whether a redirection begins here, its file descriptor included.
    pub(super) fn at_redirection(&self) -> bool {
        let digits = self.cursor.rest().bytes().take(4).take_while(u8::is_ascii_digit).count();
        let operator = (self.cursor.ahead(digits), self.cursor.ahead(digits + 1));
        match operator {
            (Some(b'<' | b'>'), Some(b'(')) => false,
            (Some(b'<' | b'>'), _) => true,
            (Some(b'&'), Some(b'>')) => digits == 0,
            _ => false,
        }
    }

    /// Whether `<(` or `>(` stands here.
    pub(super) fn at_process_substitution(&self) -> bool {
        matches!(self.cursor.peek(), Some(b'<' | b'>')) && self.cursor.ahead(1) == Some(b'(')
    }

    fn redirection(&mut self) -> Redirect {
        let start = self.cursor.at;
        self.cursor.skip_bytes(|byte| byte.is_ascii_digit());
        let operator =
            REDIRECTIONS.into_iter().find(|operator| self.cursor.rest().starts_with(operator)).unwrap_or("<");
        self.cursor.at += operator.len();
        let written = self.cursor.slice(start, self.cursor.at).to_owned();
        let span = self.cursor.span(start, self.cursor.at);
        self.cursor.skip_blanks();
        let target = self.word();
        if matches!(operator, "<<" | "<<-") {
            self.expect_heredoc(span.start, &target, operator == "<<-");
        }
        Redirect { operator: Spanned::new(written, span), target, heredoc: None }
    }

    /// Length of `NAME=`, `NAME+=` or `NAME[index]=` here, and whether it adds; `None` where there is none.
    fn assignment_head(&self) -> Option<(usize, usize, bool)> {
        let rest = self.cursor.rest().as_bytes();
        let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        if !rest.first().copied().is_some_and(letter) {
            return None;
        }
        let name = rest.iter().take_while(|byte| letter(**byte) || byte.is_ascii_digit()).count();
        let mut at = name;
        if rest.get(at) == Some(&b'[') {
            at += rest.get(at..)?.iter().take(64).position(|byte| *byte == b']')? + 1;
        }
        match (rest.get(at), rest.get(at + 1)) {
            (Some(b'='), _) => Some((name, at + 1, false)),
            (Some(b'+'), Some(b'=')) => Some((name, at + 2, true)),
            _ => None,
        }
    }

    pub(super) fn at_assignment(&self) -> bool {
        self.assignment_head().is_some()
    }

    fn at_array(&self) -> bool {
        self.assignment_head().is_some_and(|(_, length, _)| self.cursor.ahead(length) == Some(b'('))
    }

    fn assignment(&mut self) -> Assignment {
        let start = self.cursor.at;
        let (name, length, append) = self.assignment_head().unwrap_or((0, 0, false));
        let name = Spanned::new(
            self.cursor.slice(start, start + name).to_owned(),
            self.cursor.span(start, start + name),
        );
        self.cursor.at += length;
        let value = if self.cursor.peek() == Some(b'(') {
            AssignmentValue::Array(self.array())
        } else {
            AssignmentValue::Word(self.word())
        };
        Assignment { name, value, append, span: self.cursor.span(start, self.cursor.at) }
    }

    /// `(a b c)`, over several lines and with comments.
    fn array(&mut self) -> Vec<Word> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        let mut items = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let before = self.cursor.at;
            match self.cursor.peek() {
                Some(b')') => {
                    self.cursor.at += 1;
                    return items;
                }
                None => {
                    self.cursor.error(start, start + 1, "this `(` has no `)`");
                    self.refuse(start, start + 1, "this `(` has no `)`");
                    return items;
                }
                Some(b'#') => self.comment(),
                Some(_) if self.cursor.line_end() > 0 => self.cursor.at += self.cursor.line_end(),
                Some(_) => {
                    let item = self.word();
                    if self.cursor.at == before {
                        self.cursor.at += 1;
                    } else {
                        items.push(item);
                    }
                }
            }
        }
    }

    /// `NAME=(a b)` as an argument: one word, as written.
    fn array_word(&mut self) -> Word {
        let start = self.cursor.at;
        let mut word = Builder { expanded: true, ..Builder::default() };
        let assignment = self.assignment();
        if let AssignmentValue::Array(items) = assignment.value {
            word.references.extend(items.into_iter().flat_map(|item| item.references));
        }
        word.push_str(self.cursor.slice(start, self.cursor.at), self.cursor.source(start));
        self.finished(word, start)
    }
}
