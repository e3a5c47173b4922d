//! The known word that a misspelt one probably means.

/// The first of `known` that needs the fewest changes from `word`, fewer than three, whatever the case.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    if word.len() > 32 {
        return None;
    }
    let distances = known.iter().map(|other| (distance(word, other), *other));
    distances
        .filter(|(distance, _)| (1..3).contains(distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// The least number of characters to insert, remove or replace; case does not count.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().flat_map(char::to_lowercase).enumerate() {
        let mut next = vec![line + 1];
        let mut left = line + 1;
        for (b, (above_left, above)) in other.iter().zip(row.iter().zip(row.iter().skip(1))) {
            left = (left + 1).min(above + 1).min(above_left + usize::from(a != *b));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
