//! Moments, as the journal and receipts write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lint::Date;

const DAY: u64 = 86_400;

/// Seconds since 1970-01-01 in UTC.
pub(crate) fn unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// The present day in UTC.
#[must_use]
pub fn today() -> Date {
    date(unix())
}

/// A moment as RFC 3339 writes it, in UTC: `2026-11-21T04:21:34Z`.
pub(crate) fn rfc3339(unix: u64) -> String {
    let rest = unix % DAY;
    format!("{}T{:02}:{:02}:{:02}Z", date(unix), rest / 3600, rest / 60 % 60, rest % 60)
}

/// The moment that such a text names; `None` where it is none.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (day, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let day: Date = day.parse().ok()?;
    let mut parts = clock.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let (mut low, mut high) = (0_u64, 4_000_000);
    // Days are compared, not computed: twenty steps, and one definition of the calendar.
    while low < high {
        let middle = u64::midpoint(low, high);
        if date(middle * DAY) < day { low = middle + 1 } else { high = middle }
    }
    (date(low * DAY) == day).then_some(low * DAY + hour * 3600 + minute * 60 + second)
}

fn date(unix: u64) -> Date {
    Date::from_unix_days(i64::try_from(unix / DAY).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        assert_eq!(rfc3339(1_795_235_694), "2026-11-21T04:34:54Z");
        for moment in [0, 951_782_400, 1_795_235_694] {
            assert_eq!(parse(&rfc3339(moment)), Some(moment));
        }
        assert_eq!(parse("2026-11-21"), None);
    }
}
