//! Words, operators, strings, templates and regular expressions.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string, its quotes included.
    Text,
    /// A template, its backticks included.
    Template,
    /// A regular expression with its flags.
    Regex,
    /// An operator or bracket.
    Punctuation,
    /// After the last one.
    End,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// Its first byte.
    pub(super) start: usize,
    /// Whether a line ends between it and the token before.
    pub(super) newline: bool,
}

/// Operators, the longest first.
const OPERATORS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=",
    "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "**",
];

/// Words after which a slash begins a regular expression.
const BEFORE_EXPRESSION: &[&str] = &[
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield",
];

/// The tokens of a text; what is none is left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    let mut newline = true;
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        if letter.is_whitespace() || letter == '\u{feff}' {
            newline |= letter == '\n';
            at += letter.len_utf8();
            continue;
        }
        if rest.starts_with("//") || rest.starts_with("#!") && at == 0 {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with("/*") {
            let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
            newline |= rest.get(..length).is_some_and(|comment| comment.contains('\n'));
            at += length;
            continue;
        }
        let (kind, length) = token(rest, letter, tokens.last());
        let taken = rest.get(..length).unwrap_or(rest);
        tokens.push(Token { kind, text: taken, start: at, newline });
        newline = false;
        at += length.max(1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    tokens
}

fn token(rest: &str, letter: char, before: Option<&Token<'_>>) -> (Kind, usize) {
    if is_word(letter) || letter == '#' || letter == '@' {
        let tail = rest.char_indices().skip(1).find(|(_, next)| !is_word(*next) && !next.is_ascii_digit());
        return (Kind::Word, tail.map_or(rest.len(), |(end, _)| end));
    }
    if letter.is_ascii_digit() {
        let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '.' && next != '_');
        return (Kind::Number, end.unwrap_or(rest.len()));
    }
    match letter {
        '"' | '\'' => (Kind::Text, string_length(rest, letter)),
        '`' => (Kind::Template, template_length(rest)),
        '/' if begins_expression(before) => match regex_length(rest) {
            Some(length) => (Kind::Regex, length),
            None => (Kind::Punctuation, 1),
        },
        // `a ?.5 : b` is a question.
        _ if rest.starts_with("?.") && rest.chars().nth(2).is_some_and(|next| next.is_ascii_digit()) => {
            (Kind::Punctuation, 1)
        }
        _ => {
            let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
            (Kind::Punctuation, operator.map_or(letter.len_utf8(), |operator| operator.len()))
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_' || letter == '$'
}

fn begins_expression(before: Option<&Token<'_>>) -> bool {
    before.is_none_or(|token| match token.kind {
        Kind::Punctuation => !matches!(token.text, ")" | "]" | "}"),
        Kind::Word => BEFORE_EXPRESSION.contains(&token.text),
        _ => false,
    })
}

/// Up to the closing quote, or the end of the line where there is none.
fn string_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Up to the closing backtick; the expressions in it may hold templates themselves.
fn template_length(rest: &str) -> usize {
    let mut escaped = false;
    let mut braces: Vec<usize> = Vec::new();
    let mut previous = ' ';
    for (at, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if let Some(open) = braces.last_mut() {
            match letter {
                '{' => *open += 1,
                '}' if *open == 1 => {
                    braces.pop();
                }
                '}' => *open -= 1,
                _ => {}
            }
        } else if letter == '{' && previous == '$' {
            braces.push(1);
        } else if letter == '`' {
            return at + 1;
        }
        previous = letter;
    }
    rest.len()
}

fn regex_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    let mut in_class = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = rest.get(at + 1..)?;
                let end = flags.find(|next: char| !next.is_ascii_alphabetic()).unwrap_or(flags.len());
                return Some(at + 1 + end);
            }
            _ => {}
        }
    }
    None
}

/// The value of a string or a part of a template.
pub(super) fn unescaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('0') => value.push('\0'),
            Some('x') => push_code(&mut value, &letters.by_ref().take(2).collect::<String>()),
            Some('u') => {
                let digits: String = if letters.as_str().starts_with('{') {
                    letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect()
                } else {
                    letters.by_ref().take(4).collect()
                };
                push_code(&mut value, &digits);
            }
            Some('\n') | None => {}
            Some(other) => value.push(other),
        }
    }
    value
}

fn push_code(value: &mut String, digits: &str) {
    value.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
}
