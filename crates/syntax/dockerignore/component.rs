//! One part of a pattern against one part of a path.

use super::compare::equals;

/// A part between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Component {
    /// Compared as it stands.
    Literal(Box<str>),
    /// `*` alone.
    Any,
    /// With wildcards inside.
    Wild(Box<[Token]>),
}

/// A piece of a part with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Itself.
    Letter(char),
    /// `?`: any one letter.
    One,
    /// `*`: any letters, or none.
    Star,
    /// `[a-z]`: one letter in (or, negated, outside) these ranges. A range that runs backwards holds nothing.
    Class { negated: bool, ranges: Box<[(char, char)]> },
}

impl Component {
    /// The shortest form that matches what `tokens` match.
    pub(super) fn of(tokens: Vec<Token>) -> Self {
        if tokens == [Token::Star] {
            return Self::Any;
        }
        let letter = |token: &Token| match token {
            Token::Letter(letter) => Some(*letter),
            _ => None,
        };
        match tokens.iter().map(letter).collect::<Option<String>>() {
            Some(literal) => Self::Literal(literal.into()),
            None => Self::Wild(tokens.into()),
        }
    }

    /// Whether `name`, which holds no `/`, matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Literal(literal) => equals(literal, name),
            Self::Any => true,
            Self::Wild(tokens) => matches_tokens(tokens, name),
        }
    }

    /// Letters with which every match begins.
    pub(super) fn starts(&self) -> String {
        match self {
            Self::Literal(literal) => literal.as_ref().into(),
            Self::Any => String::new(),
            Self::Wild(tokens) => tokens.iter().map_while(literal_letter).collect(),
        }
    }

    /// Letters with which every match ends.
    pub(super) fn ends(&self) -> String {
        match self {
            Self::Literal(literal) => literal.as_ref().into(),
            Self::Any => String::new(),
            Self::Wild(tokens) => {
                let backwards: Vec<char> = tokens.iter().rev().map_while(literal_letter).collect();
                backwards.into_iter().rev().collect()
            }
        }
    }
}

const fn literal_letter(token: &Token) -> Option<char> {
    match token {
        Token::Letter(letter) => Some(*letter),
        _ => None,
    }
}

/// The last star seen takes one letter more on each mismatch. Earlier stars need no second look: what the
/// last one can reach is all that they could.
fn matches_tokens(tokens: &[Token], name: &str) -> bool {
    let mut at = 0;
    let mut rest = name.chars();
    let mut star: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match tokens.get(at) {
            Some(Token::Star) => {
                at += 1;
                star = Some((at, rest.clone()));
                continue;
            }
            Some(token) => {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(|letter| token.takes(letter)) {
                    at += 1;
                    rest = ahead;
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((after, from)) = &mut star else { return false };
        if from.next().is_none() {
            return false;
        }
        at = *after;
        rest = from.clone();
    }
}

impl Token {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Letter(own) => *own == letter,
            Self::One | Self::Star => true,
            Self::Class { negated, ranges } => {
                *negated != ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wild(pattern: &str) -> Component {
        let token = |letter| match letter {
            '*' => Token::Star,
            '?' => Token::One,
            _ => Token::Letter(letter),
        };
        Component::of(pattern.chars().map(token).collect())
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, expected) in [
            ("*.py", "a.py", true),
            ("*.py", ".py", true),
            ("*.py", "a.pyc", false),
            ("a*b*c", "abxbxc", true),
            ("a*b*c", "abxb", false),
            ("?", "Ü", true),
            ("a?c", "ac", false),
            ("**x", "x", true),
        ] {
            assert_eq!(wild(pattern).matches(name), expected, "{pattern} {name}");
        }
        assert_eq!(wild("plain"), Component::Literal("plain".into()));
        assert_eq!(
            (wild("test_*.py").starts().as_str(), wild("test_*.py").ends().as_str()),
            ("test_", ".py")
        );
    }

    #[test]
    fn many_stars_stay_quick() {
        let pattern = "a*".repeat(60) + "b";
        assert!(!wild(&pattern).matches(&"a".repeat(255)));
    }
}
