//! One pass over a word.

use std::cell::Cell;

use super::pattern::{Pattern, Reach};
use super::words::{Word, Words};
use super::{ExpandError, ExpandErrorKind};

/// `${a:-${b:-...}}` is followed this deep.
const MAX_DEPTH: usize = 256;

/// What becomes of quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// They quote and are dropped.
    Remove,
    /// They quote and are kept.
    Keep,
    /// They are ordinary characters.
    Ordinary,
}

/// How a word is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) escape: char,
    pub(super) quotes: Quotes,
    /// An escape character stays in front of what it escapes.
    pub(super) keep_escapes: bool,
    /// A variable without a value stays as it is written.
    pub(super) keep_unset: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { escape: '\\', quotes: Quotes::Remove, keep_escapes: false, keep_unset: false }
    }
}

/// The variables that were met, as often as they were.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) matched: Vec<String>,
    pub(super) unmatched: Vec<String>,
    pub(super) unset: Vec<String>,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    options: Options,
    keep_escapes: bool,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    budget: &'a Cell<u64>,
    depth: usize,
    names: Names,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(
        text: &'a str,
        options: Options,
        lookup: &'a dyn Fn(&str) -> Option<String>,
        budget: &'a Cell<u64>,
    ) -> Self {
        let keep_escapes = options.keep_escapes;
        Self { text, at: 0, options, keep_escapes, lookup, budget, depth: 0, names: Names::default() }
    }

    /// The whole text, resolved, and the variables in it.
    pub(super) fn text(mut self) -> Result<(String, Names), ExpandError> {
        let text = self.until(None, self.keep_escapes, &mut Words::ignored())?;
        Ok((text, self.names))
    }

    /// The text resolved and split at blanks.
    pub(super) fn words(mut self) -> Result<Vec<Word>, ExpandError> {
        let mut words = Words::default();
        self.until(None, self.keep_escapes, &mut words)?;
        Ok(words.finish())
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn spend(&self, cost: usize) -> Result<(), ExpandError> {
        spend(self.budget, cost)
    }

    /// Reads up to `stop`, which is eaten, or to the end of the text.
    fn until(
        &mut self,
        stop: Option<char>,
        keep_escapes: bool,
        words: &mut Words,
    ) -> Result<String, ExpandError> {
        if self.depth == MAX_DEPTH {
            return Err(limit(format!("variables are nested deeper than {MAX_DEPTH}")));
        }
        let outer = std::mem::replace(&mut self.keep_escapes, keep_escapes);
        self.depth += 1;
        let result = self.parts(stop, words);
        self.depth -= 1;
        self.keep_escapes = outer;
        result
    }

    fn parts(&mut self, stop: Option<char>, words: &mut Words) -> Result<String, ExpandError> {
        let mut result = String::new();
        while let Some(next) = self.peek() {
            if stop == Some(next) {
                self.next();
                return Ok(result);
            }
            let start = self.at;
            let quotes = self.options.quotes != Quotes::Ordinary;
            match next {
                '$' => {
                    let value = self.dollar()?;
                    self.spend(value.len())?;
                    value.chars().for_each(|c| words.add(c, start, self.at));
                    result.push_str(&value);
                }
                '<' => {
                    let operator = self.less_than();
                    words.add_quoted(operator, start, self.at);
                    result.push_str(operator);
                }
                '\'' if quotes => {
                    let value = self.single_quoted()?;
                    words.add_quoted(&value, start, self.at);
                    result.push_str(&value);
                }
                '"' if quotes => {
                    let value = self.double_quoted()?;
                    words.add_quoted(&value, start, self.at);
                    result.push_str(&value);
                }
                _ if next == self.options.escape => {
                    self.next();
                    let escaped = self.next();
                    let mark = self.keep_escapes.then_some(next);
                    for c in mark.into_iter().chain(escaped) {
                        words.add_quoted(c.encode_utf8(&mut [0; 4]), start, self.at);
                        result.push(c);
                    }
                }
                _ => {
                    self.next();
                    words.add(next, start, self.at);
                    result.push(next);
                }
            }
            self.spend(self.at - start)?;
        }
        match stop {
            None => Ok(result),
            Some(stop) => Err(ExpandError::syntax(format!("the text ends before the closing {stop}"))),
        }
    }

    /// `<`, or `<<` with the blanks after it: they belong to a here-document's operator.
    fn less_than(&mut self) -> &'a str {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.next();
            }
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        while let Some(next) = self.next() {
            if next == '\'' {
                let kept = self.text.get(start..self.at).unwrap_or("");
                let inner = kept.get(1..kept.len() - 1).unwrap_or("");
                return Ok(if self.options.quotes == Quotes::Keep { kept } else { inner }.to_owned());
            }
        }
        Err(ExpandError::syntax("the text ends before the closing single quote"))
    }

    fn double_quoted(&mut self) -> Result<String, ExpandError> {
        let mut result = String::new();
        let keep = self.options.quotes == Quotes::Keep;
        result.extend(self.next().filter(|_| keep));
        while let Some(next) = self.peek() {
            if next == '$' {
                let value = self.dollar()?;
                self.spend(value.len())?;
                result.push_str(&value);
                continue;
            }
            self.next();
            if next == '"' {
                result.extend(keep.then_some(next));
                return Ok(result);
            }
            if next != self.options.escape {
                result.push(next);
                continue;
            }
            if self.keep_escapes {
                result.push(next);
            }
            match self.peek() {
                // The escape character at the end of the text is dropped; the open quote is then the error.
                None => {}
                Some(escaped) if matches!(escaped, '"' | '$') || escaped == self.options.escape => {
                    self.next();
                    result.push(escaped);
                }
                Some(_) => result.push(next),
            }
        }
        Err(ExpandError::syntax("the text ends before the closing double quote"))
    }

    fn dollar(&mut self) -> Result<String, ExpandError> {
        self.next();
        if self.peek() == Some('{') {
            self.next();
            return self.braced();
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        match self.value(name) {
            Some(value) => Ok(value),
            None if self.options.keep_unset => Ok(format!("${name}")),
            None => Ok(self.nothing(name)),
        }
    }

    /// What follows `${`.
    fn braced(&mut self) -> Result<String, ExpandError> {
        match self.peek() {
            None => return Err(unclosed()),
            Some('{' | '}' | ':') => return Err(ExpandError::syntax("a variable's name must follow ${")),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            None => Err(unclosed()),
            Some('}') => match self.value(name) {
                Some(value) => Ok(value),
                None if self.options.keep_unset => Ok(format!("${{{name}}}")),
                None => Ok(self.nothing(name)),
            },
            Some(':') => match self.next() {
                Some(modifier @ ('-' | '+' | '?')) => self.test(name, modifier, true),
                Some(other) => Err(unknown_modifier(&format!(":{other}"))),
                None => Err(unclosed()),
            },
            Some(modifier @ ('-' | '+' | '?')) => self.test(name, modifier, false),
            Some(modifier @ ('#' | '%')) => self.cut(name, modifier),
            Some('/') => self.replace(name),
            Some(other) => Err(unknown_modifier(&other.to_string())),
        }
    }

    /// `${name-word}`, `${name+word}`, `${name?word}`, and with `colon` the forms that treat empty as unset.
    fn test(&mut self, name: &str, modifier: char, colon: bool) -> Result<String, ExpandError> {
        let word = self.operand('}', false)?;
        let value = self.value(name);
        if self.options.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{}{modifier}{word}}}", if colon { ":" } else { "" }));
        }
        let was_set = value.is_some();
        let usable = value.filter(|value| !(colon && value.is_empty()));
        match (modifier, usable) {
            ('-', None) | ('+', Some(_)) => Ok(word),
            ('+', None) => Ok(String::new()),
            (_, Some(value)) => Ok(value),
            (_, None) => {
                let why = match word.as_str() {
                    "" if was_set => "must not be empty",
                    "" => "must be set",
                    why => why,
                };
                let message = format!("{name}: {why}");
                Err(ExpandError { message, kind: ExpandErrorKind::Required })
            }
        }
    }

    /// `${name#pattern}`, `##`, `%`, `%%`: the value without its shortest or longest such start or end.
    fn cut(&mut self, name: &str, modifier: char) -> Result<String, ExpandError> {
        let word = self.operand('}', true)?;
        let Some(value) = self.value(name) else {
            let kept = self.options.keep_unset.then(|| format!("${{{name}{modifier}{word}}}"));
            return Ok(kept.unwrap_or_else(|| self.nothing(name)));
        };
        let (pattern, reach) = match word.strip_prefix(modifier) {
            Some(pattern) => (pattern, Reach::Longest),
            None => (word.as_str(), Reach::Shortest),
        };
        let pattern = Pattern::parse(pattern)?;
        if modifier == '#' {
            pattern.without_start(&value, reach, self.budget)
        } else {
            pattern.without_end(&value, reach, self.budget)
        }
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    fn replace(&mut self, name: &str) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.operand('/', true)?;
        let replacement = self.operand('}', true)?;
        match self.value(name) {
            Some(value) => Pattern::parse(&pattern)?.replace(&value, &replacement, all, self.budget),
            None if self.options.keep_unset => Ok(format!("${{{name}/{pattern}/{replacement}}}")),
            None => Ok(self.nothing(name)),
        }
    }

    /// The text up to `stop` inside of `${}`.
    fn operand(&mut self, stop: char, keep_escapes: bool) -> Result<String, ExpandError> {
        let result = self.until(Some(stop), keep_escapes, &mut Words::ignored());
        match result {
            Err(error) if error.kind == ExpandErrorKind::Syntax && self.peek().is_none() => {
                Err(if stop == '}' { unclosed() } else { ExpandError::syntax("a / is missing in ${}") })
            }
            result => result,
        }
    }

    /// A name, a number, or one of the shell's special parameters; empty where none of them stands.
    fn name(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or("");
        let end_of = |inside: fn(char) -> bool| rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let length = match rest.chars().next() {
            Some(c) if c.is_ascii_digit() => end_of(|c| c.is_ascii_digit()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => end_of(|c| c.is_alphanumeric() || c == '_'),
        };
        self.at += length;
        rest.get(..length).unwrap_or("")
    }

    fn value(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name);
        let names = if value.is_some() { &mut self.names.matched } else { &mut self.names.unmatched };
        names.push(name.to_owned());
        value
    }

    fn nothing(&mut self, name: &str) -> String {
        self.names.unset.push(name.to_owned());
        String::new()
    }
}

/// Takes `cost` off `budget`.
pub(super) fn spend(budget: &Cell<u64>, cost: usize) -> Result<(), ExpandError> {
    let left = budget.get().checked_sub(cost as u64);
    budget.set(left.unwrap_or(0));
    left.map(|_| ()).ok_or_else(|| limit("the value becomes too large to follow".to_owned()))
}

fn limit(message: String) -> ExpandError {
    ExpandError { message, kind: ExpandErrorKind::Limit }
}

fn unclosed() -> ExpandError {
    ExpandError::syntax("the text ends before the } that closes ${")
}

fn unknown_modifier(modifier: &str) -> ExpandError {
    ExpandError::syntax(format!(
        "{modifier} is not a modifier that a Dockerfile knows in ${{}}: use - + ? :- :+ :? # ## % %% / //"
    ))
}
