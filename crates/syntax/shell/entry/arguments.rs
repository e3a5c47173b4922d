//! Arguments of a runner: options, their values, and the words of its own.

use source::Span;

use crate::Spanned;
use crate::shell::types::Word;

/// The words after a program's name.
pub(super) struct Arguments<'w> {
    words: &'w [Word],
}

/// A value of an option, or a word of its own.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) span: Span,
}

impl Value {
    pub(super) fn of(word: &Word) -> Self {
        Self { text: word.text.clone(), span: word.span }
    }

    pub(super) fn spanned(self) -> Spanned<String> {
        Spanned::new(self.text, self.span)
    }
}

impl<'w> Arguments<'w> {
    pub(super) const fn new(words: &'w [Word]) -> Self {
        Self { words }
    }

    pub(super) const fn words(&self) -> &'w [Word] {
        self.words
    }

    /// The arguments after the first `count`.
    pub(super) fn after(&self, count: usize) -> Self {
        Self::new(self.words.get(count..).unwrap_or_default())
    }

    pub(super) fn first(&self) -> Option<&'w str> {
        self.words.first().map(|word| word.text.as_str())
    }

    /// The value of the first of these options, as the next word, after `=`, or for a short one right behind it.
    pub(super) fn option(&self, names: &[&str]) -> Option<Value> {
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            for name in names {
                let Some(rest) = word.text.strip_prefix(name) else { continue };
                let value = rest
                    .strip_prefix('=')
                    .or_else(|| rest.strip_prefix(|_: char| !name.starts_with("--")).and(Some(rest)));
                match value {
                    _ if rest.is_empty() => return words.next().map(Value::of),
                    Some(value) => return Some(tail(word, value)),
                    None => {}
                }
            }
        }
        None
    }

    /// The first word that is neither an option nor the value of one. `valued` are the options that take the next
    /// word; any other is taken to stand alone.
    pub(super) fn first_own(&self, valued: &[&str]) -> Option<&'w Word> {
        self.own(valued).next()
    }

    /// Every such word.
    pub(super) fn own<'s>(&'s self, valued: &'s [&'s str]) -> impl Iterator<Item = &'w Word> + 's {
        let mut value_next = false;
        let mut options = true;
        self.words.iter().filter(move |word| {
            if std::mem::take(&mut value_next) {
                return false;
            }
            if options && word.text == "--" {
                options = false;
                return false;
            }
            if options && word.text.starts_with('-') && word.text.len() > 1 {
                value_next = valued.contains(&word.text.as_str());
                return false;
            }
            true
        })
    }
}

fn tail(word: &Word, value: &str) -> Value {
    let start = word.text.len() - value.len();
    Value { text: value.to_owned(), span: word.source(start, word.text.len()) }
}
