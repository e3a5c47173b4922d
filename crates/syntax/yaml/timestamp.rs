//! Dates and times that go-yaml takes for such, printed as Go prints them.

/// The text as Go prints it, where it is `2001-1-2`, `2001-1-2 3:4:5.6` or `2001-1-2T3:4:5.6Z` (or `+01:00`).
pub(super) fn of(text: &str) -> Option<String> {
    let mut rest = text;
    let year = number(&mut rest, 4, 4)?;
    literal(&mut rest, "-")?;
    let month = number(&mut rest, 1, 2)?;
    literal(&mut rest, "-")?;
    let day = number(&mut rest, 1, 2)?;
    if !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match rest.chars().next() {
        None => Some(format!("{date} 00:00:00 +0000 UTC")),
        Some(' ') => {
            literal(&mut rest, " ")?;
            let time = clock(&mut rest)?;
            rest.is_empty().then(|| format!("{date} {time} +0000 UTC"))
        }
        Some('T' | 't') => {
            rest = rest.get(1..)?;
            let time = clock(&mut rest)?;
            let zone = zone(rest)?;
            Some(format!("{date} {time} {zone}"))
        }
        Some(_) => None,
    }
}

fn clock(rest: &mut &str) -> Option<String> {
    let hour = number(rest, 1, 2)?;
    literal(rest, ":")?;
    let minute = number(rest, 1, 2)?;
    literal(rest, ":")?;
    let second = number(rest, 1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut time = format!("{hour:02}:{minute:02}:{second:02}");
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let digits = fraction.get(..length.min(9))?.trim_end_matches('0');
        if length == 0 {
            return None;
        }
        if !digits.is_empty() {
            time.push('.');
            time.push_str(digits);
        }
        *rest = fraction.get(length..)?;
    }
    Some(time)
}

fn zone(text: &str) -> Option<String> {
    if text == "Z" {
        return Some("+0000 UTC".to_owned());
    }
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'))?;
    let mut rest = text.get(1..)?;
    let hours = number(&mut rest, 2, 2)?;
    literal(&mut rest, ":")?;
    let minutes = number(&mut rest, 2, 2)?;
    if !rest.is_empty() || hours > 24 || minutes > 60 {
        return None;
    }
    if hours == 0 && minutes == 0 {
        return Some("+0000 UTC".to_owned());
    }
    Some(format!("{sign}{hours:02}{minutes:02} {sign}{hours:02}{minutes:02}"))
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if length < least {
        return None;
    }
    let (digits, after) = rest.split_at_checked(length)?;
    *rest = after;
    digits.parse().ok()
}

fn literal(rest: &mut &str, expected: &str) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn dates_print_as_in_go() {
        assert_eq!(of("2001-01-01").as_deref(), Some("2001-01-01 00:00:00 +0000 UTC"));
        assert_eq!(of("2001-12-14t21:59:43.10-05:00").as_deref(), Some("2001-12-14 21:59:43.1 -0500 -0500"));
        assert_eq!(of("2001-1-2 3:4:5").as_deref(), Some("2001-01-02 03:04:05 +0000 UTC"));
        assert_eq!(of("2001-02-29"), None);
        assert_eq!(of("2001-01-01x"), None);
    }
}
