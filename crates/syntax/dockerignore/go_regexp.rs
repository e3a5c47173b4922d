//! Regular expressions of Go's `regexp` package, written for the `regex` crate.
//!
//! The builders turn a pattern into such an expression and leave most of it unescaped, so that the letters of
//! a file name can become operators. Both engines are automata; they differ in syntax: `[` inside a class and
//! stacked repetitions, classes that mean ASCII, escapes that one of them refuses.

use std::fmt::Write as _;

/// Go allows no greater counts in `{n,m}`.
const MAX_REPEAT: u32 = 1000;

/// The same expression for the `regex` crate; `None` where Go refuses it.
pub(super) fn translate(expression: &str) -> Option<String> {
    let mut translator = Translator {
        rest: expression,
        out: String::new(),
        depth: 0,
        last: Last::Nothing,
        after_names: expression.rfind(":]").map(|at| expression.len() - at),
    };
    while !translator.rest.is_empty() {
        translator.step()?;
    }
    (translator.depth == 0).then_some(translator.out)
}

struct Translator<'e> {
    rest: &'e str,
    out: String,
    depth: usize,
    last: Last,
    /// How many bytes remain at the last `:]`, if there is one.
    after_names: Option<usize>,
}

/// What stands before the next sign, as far as a repetition asks.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing that could be repeated.
    Nothing,
    /// Something that can be repeated.
    Item,
    /// A repetition, which cannot be repeated.
    Repetition,
}

/// What follows a backslash.
enum ClassEscape {
    /// This class.
    Class(String),
    /// A class that Go does not know.
    Refused,
    /// No class.
    Other,
}

impl Translator<'_> {
    fn step(&mut self) -> Option<()> {
        match self.take()? {
            '(' => {
                self.depth += 1;
                self.out.push_str("(?:");
                self.last = Last::Nothing;
            }
            ')' => {
                self.depth = self.depth.checked_sub(1)?;
                self.item(")");
            }
            '|' => {
                self.out.push('|');
                self.last = Last::Nothing;
            }
            '^' => self.item("(?:^)"),
            '$' => self.item("(?:$)"),
            '.' => self.item("."),
            sign @ ('*' | '+' | '?') => {
                self.out.push(sign);
                self.repeat()?;
            }
            '{' => self.braces()?,
            '[' => self.class()?,
            '\\' => self.escape()?,
            letter => self.literal(letter),
        }
        Some(())
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let letter = chars.next()?;
        self.rest = chars.as_str();
        Some(letter)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn item(&mut self, text: &str) {
        self.out.push_str(text);
        self.last = Last::Item;
    }

    fn literal(&mut self, letter: char) {
        push_letter(&mut self.out, letter);
        self.last = Last::Item;
    }

    fn repeat(&mut self) -> Option<()> {
        // A `?` behind makes it lazy, which changes no verdict.
        self.take_if('?');
        let allowed = self.last == Last::Item;
        self.last = Last::Repetition;
        allowed.then_some(())
    }

    /// `{n}`, `{n,}`, `{n,m}`; any other `{` is a letter.
    fn braces(&mut self) -> Option<()> {
        let Some((count, rest)) = repeat_count(self.rest) else {
            self.literal('{');
            return Some(());
        };
        self.rest = rest;
        let (min, max) = count?;
        // Writing into a String cannot fail.
        let _ = match max {
            Some(max) => write!(self.out, "{{{min},{max}}}"),
            None => write!(self.out, "{{{min},}}"),
        };
        self.repeat()
    }

    fn escape(&mut self) -> Option<()> {
        let sign = self.rest.chars().next()?;
        let assertion = match sign {
            'A' => "(?:^)",
            'z' => "(?:$)",
            'b' => r"(?-u:\b)",
            // Go's means ASCII here too, which the crate cannot say; they differ beside other letters only.
            'B' => r"\B",
            _ => "",
        };
        if !assertion.is_empty() {
            self.take();
            self.item(assertion);
        } else if sign == 'Q' {
            self.take();
            self.quoted();
        } else {
            match self.class_escape() {
                ClassEscape::Class(class) => self.item(&format!("[{class}]")),
                ClassEscape::Refused => return None,
                ClassEscape::Other => {
                    let letter = self.escaped_letter()?;
                    self.literal(letter);
                }
            }
        }
        Some(())
    }

    /// `\Q…\E`: letters that mean themselves, to the end where there is no `\E`.
    fn quoted(&mut self) {
        let (text, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
        self.rest = rest;
        for letter in text.chars() {
            self.literal(letter);
        }
    }

    /// `\d`, `\pL` and their kin, as the inside of a class. Nothing is taken where another escape follows.
    fn class_escape(&mut self) -> ClassEscape {
        let class = match self.rest.chars().next() {
            Some('d') => "0-9",
            Some('D') => "[^0-9]",
            Some('s') => r"\t\n\f\r ",
            Some('S') => r"[^\t\n\f\r ]",
            Some('w') => "0-9A-Za-z_",
            Some('W') => "[^0-9A-Za-z_]",
            Some(sign @ ('p' | 'P')) => {
                self.take();
                return self.property(sign).map_or(ClassEscape::Refused, ClassEscape::Class);
            }
            _ => return ClassEscape::Other,
        };
        self.take();
        ClassEscape::Class(class.to_owned())
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`.
    fn property(&mut self, sign: char) -> Option<String> {
        let name = if self.take_if('{') {
            let (name, rest) = self.rest.split_once('}')?;
            self.rest = rest;
            name.to_owned()
        } else {
            self.take()?.to_string()
        };
        let known = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "^_".contains(letter));
        let property = format!("\\{sign}{{{name}}}");
        (known && regex::Regex::new(&property).is_ok()).then_some(property)
    }

    /// A letter behind a backslash. Letters and digits must have a meaning, and what is not ASCII may not be
    /// escaped.
    fn escaped_letter(&mut self) -> Option<char> {
        match self.take()? {
            'a' => Some('\u{7}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            'x' => self.hexadecimal(),
            first @ '0'..='7' => self.octal(first),
            sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => Some(sign),
            _ => None,
        }
    }

    /// `\0`, `\12`, `\123`; one digit alone that is not 0 would be a reference back, which Go has not.
    fn octal(&mut self, first: char) -> Option<char> {
        let more = self.rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'7')).count().min(2);
        if first != '0' && more == 0 {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(more)?;
        self.rest = rest;
        char::from_u32(u32::from_str_radix(&format!("{first}{digits}"), 8).ok()?)
    }

    /// `\x7F`, `\x{10FFFF}`.
    fn hexadecimal(&mut self) -> Option<char> {
        let (digits, rest) = match self.rest.strip_prefix('{') {
            Some(inside) => inside.split_once('}')?,
            None => self.rest.split_at_checked(2)?,
        };
        self.rest = rest;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| all_digits)?)
    }

    /// The rest of `[…]`. A `]` that comes first is a letter, as is every `[` that begins no `[:name:]`.
    fn class(&mut self) -> Option<()> {
        self.out.push('[');
        if self.take_if('^') {
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            self.class_item()?;
        }
        self.take();
        self.item("]");
        Some(())
    }

    fn class_item(&mut self) -> Option<()> {
        if let Some(inside) = self.rest.strip_prefix("[:")
            && self.after_names.is_some_and(|after| after <= inside.len())
        {
            return self.named_class(inside);
        }
        let before = self.rest;
        if self.take_if('\\') {
            match self.class_escape() {
                ClassEscape::Class(class) => {
                    self.out.push_str(&class);
                    return Some(());
                }
                ClassEscape::Refused => return None,
                ClassEscape::Other => self.rest = before,
            }
        }
        let low = self.class_letter()?;
        let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1;
        let high = if is_range {
            self.take();
            self.class_letter()?
        } else {
            low
        };
        let _ = write!(self.out, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high));
        (low <= high).then_some(())
    }

    /// `[:alpha:]`, `[:^alpha:]`; `inside` is what follows the first `[:`.
    fn named_class(&mut self, inside: &str) -> Option<()> {
        let length = inside.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'^').count();
        let (name, rest) = inside.split_at_checked(length)?;
        if !POSIX_CLASSES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return None;
        }
        self.rest = self.rest.get(self.rest.len() - rest.len()..)?.strip_prefix(":]")?;
        let _ = write!(self.out, "[:{name}:]");
        Some(())
    }

    fn class_letter(&mut self) -> Option<char> {
        match self.take()? {
            '\\' => self.escaped_letter(),
            letter => Some(letter),
        }
    }
}

const POSIX_CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

fn push_letter(out: &mut String, letter: char) {
    out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
}

/// The counts of `n}`, `n,}` or `n,m}` and what follows; the counts are `None` where Go finds them too great.
fn repeat_count(text: &str) -> Option<(Option<Counts>, &str)> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b',').count();
    let (inside, rest) = text.split_at_checked(length)?;
    let rest = rest.strip_prefix('}')?;
    let (min, max) = match inside.split_once(',') {
        None => (number(inside)?, Some(number(inside)?)),
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    let fits = min <= MAX_REPEAT && max.is_none_or(|max| min <= max && max <= MAX_REPEAT);
    Some((fits.then_some((min, max)), rest))
}

/// The least and the greatest count, where there is one.
type Counts = (u32, Option<u32>);

/// A decimal number without leading zeros; any that is too long to count is as good as too great.
fn number(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    (plain && !leading_zero).then(|| digits.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expression: &str, text: &str) -> Option<bool> {
        let translated = translate(expression)?;
        Some(regex::Regex::new(&translated).unwrap_or_else(|_| panic!("{translated}")).is_match(text))
    }

    #[test]
    fn operators_mean_what_go_means() {
        for (expression, text, expected) in [
            ("^[[^/]*]$", "[^/]", Some(true)),
            ("^a{x$", "a{x", Some(true)),
            ("^a{2}$", "aa", Some(true)),
            ("^a{2,1}$", "aa", None),
            ("^a{01}$", "a{01}", Some(true)),
            ("^[^/]*+$", "a", None),
            ("^+$", "", Some(true)),
            ("(+", "", None),
            ("a)", "a", None),
            ("(a", "a", None),
            (r"^\d$", "7", Some(true)),
            (r"^\d$", "٣", Some(false)),
            (r"^\_$", "_", Some(true)),
            (r"^\y$", "y", None),
            (r"^\é$", "é", None),
            (r"^\1$", "1", None),
            (r"^\101$", "A", Some(true)),
            (r"^\x41$", "A", Some(true)),
            (r"^\Qa.b$", "a.b$c", Some(true)),
            ("^[z-a]$", "b", None),
            ("^[]a]$", "]", Some(true)),
            ("^[!x]$", "!", Some(true)),
            ("^[a&&b]$", "&", Some(true)),
            (r"^[\]a]$", "]", Some(true)),
            ("^[[:digit:]]$", "4", Some(true)),
            ("^[[:nope:]]$", "4", None),
            ("^[a", "a", None),
            (r"^\pL$", "ß", Some(true)),
            ("^app|x$", "application", Some(true)),
        ] {
            assert_eq!(matches(expression, text), expected, "{expression} {text}");
        }
    }
}
