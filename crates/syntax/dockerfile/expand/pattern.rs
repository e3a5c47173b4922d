//! The patterns of `${name#pattern}` and `${name/pattern/text}`: `*`, `?`, and escapes.

use std::cell::Cell;

use super::ExpandError;
use super::lexer::spend;

/// How much of a value a pattern takes where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Shortest,
    Longest,
}

/// One character of a pattern; `None` is `?`.
type Single = Option<char>;

/// A pattern, cut at its stars: `a*b?` has the segments `a` and `b?`. There is always one segment.
#[derive(Debug)]
pub(super) struct Pattern {
    segments: Vec<Vec<Single>>,
}

impl Pattern {
    /// Reads a pattern. A backslash may stand before `*`, `?`, a backslash, and before the `}` and `/` that would
    /// end the pattern.
    pub(super) fn parse(pattern: &str) -> Result<Self, ExpandError> {
        let mut segments = vec![Vec::new()];
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            let single = match c {
                '*' => {
                    segments.push(Vec::new());
                    continue;
                }
                '?' => None,
                '\\' => match chars.next() {
                    Some(escaped @ ('*' | '?' | '\\' | '}' | '/')) => Some(escaped),
                    other => {
                        let shown = other.map(String::from).unwrap_or_default();
                        let message = format!("\\{shown} is not an escape in the pattern {pattern}");
                        return Err(ExpandError::syntax(message));
                    }
                },
                c => Some(c),
            };
            if let Some(last) = segments.last_mut() {
                last.push(single);
            }
        }
        Ok(Self { segments })
    }

    /// `value` without its shortest or longest start that the pattern matches.
    pub(super) fn without_start(
        &self,
        value: &str,
        reach: Reach,
        budget: &Cell<u64>,
    ) -> Result<String, ExpandError> {
        let value: Vec<char> = value.chars().collect();
        let end = self.match_at(&value, 0, reach, budget)?.unwrap_or(0);
        Ok(value.iter().skip(end).collect())
    }

    /// `value` without its shortest or longest end that the pattern matches.
    pub(super) fn without_end(
        mut self,
        value: &str,
        reach: Reach,
        budget: &Cell<u64>,
    ) -> Result<String, ExpandError> {
        self.segments.reverse();
        self.segments.iter_mut().for_each(|segment| segment.reverse());
        let mirrored: String = value.chars().rev().collect();
        Ok(self.without_start(&mirrored, reach, budget)?.chars().rev().collect())
    }

    /// `value` with the first match, or with all of them, replaced. A match is the longest at the first place.
    pub(super) fn replace(
        &self,
        value: &str,
        replacement: &str,
        all: bool,
        budget: &Cell<u64>,
    ) -> Result<String, ExpandError> {
        let value: Vec<char> = value.chars().collect();
        let mut result = String::new();
        let mut at = 0;
        let mut last_end = None;
        while let Some((start, end)) = self.find(&value, at, budget)? {
            result.extend(value.iter().take(start).skip(at));
            // An empty match directly after a match is part of it.
            if end > start || last_end != Some(start) {
                spend(budget, replacement.len())?;
                result.push_str(replacement);
            }
            last_end = Some(end);
            at = end;
            if end == start {
                result.extend(value.get(end));
                at += 1;
            }
            if !all || at > value.len() {
                break;
            }
        }
        result.extend(value.iter().skip(at));
        Ok(result)
    }

    /// The first match at or after `from`.
    fn find(
        &self,
        value: &[char],
        from: usize,
        budget: &Cell<u64>,
    ) -> Result<Option<(usize, usize)>, ExpandError> {
        let Some(first) = self.segments.first() else { return Ok(None) };
        // Where the first segment fits and the rest does not follow, it does not follow a later place either.
        let Some(start) = find(first, value, from, budget)? else { return Ok(None) };
        Ok(self.match_at(value, start, Reach::Longest, budget)?.map(|end| (start, end)))
    }

    /// Where the match that starts at `start` ends.
    fn match_at(
        &self,
        value: &[char],
        start: usize,
        reach: Reach,
        budget: &Cell<u64>,
    ) -> Result<Option<usize>, ExpandError> {
        let Some((first, rest)) = self.segments.split_first() else { return Ok(Some(start)) };
        if !fits(first, value, start, budget)? {
            return Ok(None);
        }
        let mut end = start + first.len();
        let Some((last, middle)) = rest.split_last() else { return Ok(Some(end)) };
        // Every segment as early as possible leaves the most room for the last one.
        for segment in middle {
            let Some(at) = find(segment, value, end, budget)? else { return Ok(None) };
            end = at + segment.len();
        }
        let at = match reach {
            Reach::Shortest => find(last, value, end, budget)?,
            Reach::Longest => find_last(last, value, end, budget)?,
        };
        Ok(at.map(|at| at + last.len()))
    }
}

fn fits(segment: &[Single], value: &[char], at: usize, budget: &Cell<u64>) -> Result<bool, ExpandError> {
    let Some(here) = at.checked_add(segment.len()).and_then(|end| value.get(at..end)) else {
        return Ok(false);
    };
    let same =
        segment.iter().zip(here).take_while(|(want, have)| want.is_none_or(|want| want == **have)).count();
    spend(budget, same + 1)?;
    Ok(same == segment.len())
}

fn find(
    segment: &[Single],
    value: &[char],
    from: usize,
    budget: &Cell<u64>,
) -> Result<Option<usize>, ExpandError> {
    first_that(from..=value.len(), |at| fits(segment, value, at, budget))
}

fn find_last(
    segment: &[Single],
    value: &[char],
    from: usize,
    budget: &Cell<u64>,
) -> Result<Option<usize>, ExpandError> {
    let Some(last) = value.len().checked_sub(segment.len()) else { return Ok(None) };
    first_that((from..=last).rev(), |at| fits(segment, value, at, budget))
}

fn first_that(
    mut places: impl Iterator<Item = usize>,
    test: impl Fn(usize) -> Result<bool, ExpandError>,
) -> Result<Option<usize>, ExpandError> {
    places
        .find_map(|at| match test(at) {
            Ok(true) => Some(Ok(at)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        })
        .transpose()
}
