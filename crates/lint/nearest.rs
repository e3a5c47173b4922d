//! "Did you mean": the known name that is closest to an unknown one.

/// The closest of `names` to `wanted`, if one is near enough to be meant. Of equally close ones the first wins.
pub fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = wanted.to_ascii_lowercase();
    // A third of the letters may be wrong, and a name that continues the wanted one is always near.
    let length = wanted.chars().count();
    let limit = (length / 3).clamp(1, 4);
    let distance_to = |name: &'n str| {
        let other = name.to_ascii_lowercase();
        let distance = if wanted.len() >= 3 && (other.contains(&wanted) || wanted.contains(&other)) {
            1
        } else if length.abs_diff(other.chars().count()) > limit {
            // At least as many letters differ as one has more.
            return None;
        } else {
            distance(&wanted, &other)
        };
        Some((distance, name))
    };
    let mut best: Option<(usize, &str)> = None;
    for (distance, name) in names.into_iter().filter_map(distance_to) {
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// ` Did you mean X?`, or nothing.
pub fn did_you_mean<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(wanted, names).map_or_else(String::new, |name| format!(" Did you mean `{name}`?"))
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other_letter) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != other_letter);
            let mut least = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let swapped =
                row > 0 && column > 0 && one[row - 1] == *other_letter && *letter == other[column - 1];
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let names = ["staging", "production", "preview"];
        assert_eq!(nearest("stagign", names), Some("staging"));
        assert_eq!(nearest("Prodution", names), Some("production"));
        assert_eq!(nearest("prod", names), Some("production"));
        assert_eq!(nearest("qa", names), None);
        assert_eq!(did_you_mean("stagin", names), " Did you mean `staging`?");
    }

    #[test]
    fn distances() {
        for (one, other, wanted) in
            [("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
        }
    }
}
