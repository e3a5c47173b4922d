//! Days of the calendar, for allowances that end.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar. The order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of a moment, in UTC, given in whole days since 1970-01-01.
    #[must_use]
    pub fn from_unix_days(days: i64) -> Self {
        // Years that begin in March put the leap day last; an era is 400 of them.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month: u8::try_from(month).unwrap_or(1), day: u8::try_from(day).unwrap_or(1) }
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let mut parts = text.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            let shaped = parts.next().is_none() && [year.len(), month.len(), day.len()] == [4, 2, 2];
            let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
            shaped.then_some(date)
        };
        let date = read().ok_or_else(|| format!("`{text}` is not a date like 2027-01-31"))?;
        let is_one = (1..=days_in(date.year, date.month)).contains(&date.day);
        if is_one { Ok(date) } else { Err(format!("`{text}` is no day of the calendar")) }
    }
}

/// The number of days of a month; none of a month that does not exist.
const fn days_in(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970() {
        for (days, wanted) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_819, "2027-01-01"), (-1, "1969-12-31")]
        {
            assert_eq!(Date::from_unix_days(days).to_string(), wanted);
        }
    }

    #[test]
    fn dates_are_compared_by_time() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert!(date("2026-12-31") < date("2027-01-01"));
        assert!("2027-1-1".parse::<Date>().is_err());
        assert!("2027-13-01".parse::<Date>().is_err());
        assert!("2027-02-29".parse::<Date>().is_err() && "2028-02-29".parse::<Date>().is_ok());
    }
}
