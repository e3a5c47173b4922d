//! Wildcards of COPY sources, with the meaning of Go's `filepath.Match`: `*` and `?` stay within a component,
//! `[a-z]` and `[^a-z]` are classes, `\` escapes.

/// Whether the text holds a wildcard.
#[must_use]
pub(crate) fn is_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether `path` matches `pattern`, component by component.
#[must_use]
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let patterns: Vec<&str> = pattern.split('/').collect();
    let parts: Vec<&str> = path.split('/').collect();
    patterns.len() == parts.len()
        && patterns.iter().zip(&parts).all(|(pattern, part)| component(pattern, part))
}

/// The directory before the first component with a wildcard.
#[must_use]
pub(crate) fn literal_directory(pattern: &str) -> &str {
    let wild = pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len());
    pattern.get(..wild).and_then(|before| before.rfind('/')).and_then(|end| pattern.get(..end)).unwrap_or("")
}

/// Matches with one point to come back to, so that the time stays within the product of both lengths.
fn component(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some(length) = one(pattern.get(p..).unwrap_or(&[]), text.get(t).copied()) {
            p += length;
            t += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            (p, t) = (after, from + 1);
        } else {
            return false;
        }
    }
    pattern.get(p..).unwrap_or(&[]).iter().all(|letter| *letter == '*')
}

/// How many characters of the pattern match this one character.
fn one(pattern: &[char], letter: Option<char>) -> Option<usize> {
    let letter = letter?;
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == letter).then_some(2),
        ['[', rest @ ..] => class(rest, letter).map(|length| length + 1),
        [plain, ..] => (*plain == letter).then_some(1),
        [] => None,
    }
}

/// The length of a class up to its `]`, where `letter` belongs to it.
fn class(rest: &[char], letter: char) -> Option<usize> {
    let negated = rest.first() == Some(&'^');
    let mut at = usize::from(negated);
    let start = at;
    let mut found = false;
    while let Some(&low) = rest.get(at) {
        if low == ']' && at > start {
            return (found != negated).then_some(at + 1);
        }
        if rest.get(at + 1) == Some(&'-')
            && let Some(&high) = rest.get(at + 2).filter(|high| **high != ']')
        {
            found |= (low..=high).contains(&letter);
            at += 3;
        } else {
            found |= low == letter;
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_a_component() {
        assert!(matches("package*.json", "package-lock.json"));
        assert!(matches("*.md", "README.md"));
        assert!(!matches("*.md", "docs/a.md"));
        assert!(matches("app/*/x?.py", "app/b/x1.py"));
        assert!(matches("[a-c]*", "beta"));
        assert!(!matches("[^a-c]*", "beta"));
        assert!(!matches("[a-c", "beta"));
        assert_eq!(literal_directory("app/src/*.py"), "app/src");
        assert_eq!(literal_directory("*.py"), "");
    }
}
