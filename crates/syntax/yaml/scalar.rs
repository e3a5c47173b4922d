//! Which type a plain scalar has.

use super::timestamp;

/// The rules by which a plain scalar gets its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schema {
    /// The core schema of YAML 1.2.2, section 10.3: `010` is ten, `yes` and dates are strings.
    Core,
    /// What Compose uses (go-yaml 4.0.0-rc.4, as of compose-go 2.14): `010` is eight, `1_000` a thousand,
    /// `2001-01-01` a date, `yes` a string.
    Go,
}

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number; [`Schema::Go`] takes those that fit 64 bits.
    Int(i128),
    /// Any other number, `.inf` and `.nan`.
    Float(f64),
    /// A date, or a date and a time ([`Schema::Go`] only), as Go prints it: `2001-01-01 00:00:00 +0000 UTC`.
    Timestamp(String),
    /// Everything else.
    Str(String),
}

impl Scalar {
    /// What a plain scalar's text means.
    #[must_use]
    pub fn of(text: &str, schema: Schema) -> Self {
        let typed = word(text).or_else(|| match schema {
            Schema::Core => core_number(text),
            Schema::Go => go_number(text),
        });
        typed.unwrap_or_else(|| Self::Str(text.to_owned()))
    }
}

/// The words that both schemas know.
fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn core_number(text: &str) -> Option<Scalar> {
    let whole = if let Some(octal) = text.strip_prefix("0o") {
        digits(octal, 8)
    } else if let Some(hexadecimal) = text.strip_prefix("0x") {
        digits(hexadecimal, 16)
    } else {
        signed(text, |number| digits(number, 10))
    };
    whole.map(Scalar::Int).or_else(|| decimal(text))
}

fn go_number(text: &str) -> Option<Scalar> {
    match text.as_bytes().first()? {
        b'.' => decimal(text),
        b'+' | b'-' | b'0'..=b'9' => {
            if let Some(timestamp) = timestamp::of(text) {
                return Some(Scalar::Timestamp(timestamp));
            }
            if matches!(text, "-0" | "-0.0") {
                return Some(Scalar::Float(-0.0));
            }
            let text = text.replace('_', "");
            let whole = signed(&text, go_digits).filter(|whole| fits_64_bits(*whole));
            whole.map(Scalar::Int).or_else(|| decimal(&text))
        }
        _ => None,
    }
}

/// Digits after Go's prefixes; a leading zero alone means octal.
fn go_digits(text: &str) -> Option<i128> {
    let lower = text.to_ascii_lowercase();
    if let Some(hexadecimal) = lower.strip_prefix("0x") {
        digits(hexadecimal, 16)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        digits(octal, 8)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        digits(binary, 2)
    } else if lower.len() > 1 && lower.starts_with('0') {
        digits(lower.get(1..)?, 8)
    } else {
        digits(&lower, 10)
    }
}

fn fits_64_bits(number: i128) -> bool {
    i128::from(i64::MIN) <= number && number <= i128::from(u64::MAX)
}

fn signed(text: &str, unsigned: impl Fn(&str) -> Option<i128>) -> Option<i128> {
    match text.strip_prefix('-') {
        Some(rest) => unsigned(rest).map(|number| -number),
        None => unsigned(text.strip_prefix('+').unwrap_or(text)),
    }
}

fn digits(text: &str, radix: u32) -> Option<i128> {
    let is_number = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    if is_number { i128::from_str_radix(text, radix).ok() } else { None }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn decimal(text: &str) -> Option<Scalar> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    if is_mantissa && is_exponent { text.parse().ok().map(Scalar::Float) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_schemas_differ_where_it_hurts() {
        let both = |text| (Scalar::of(text, Schema::Core), Scalar::of(text, Schema::Go));
        assert_eq!(both("010"), (Scalar::Int(10), Scalar::Int(8)));
        assert_eq!(both("1_000"), (Scalar::Str("1_000".into()), Scalar::Int(1000)));
        assert_eq!(both("0x1F"), (Scalar::Int(31), Scalar::Int(31)));
        assert_eq!(both("08"), (Scalar::Int(8), Scalar::Float(8.0)));
        assert_eq!(both("-0b11"), (Scalar::Str("-0b11".into()), Scalar::Int(-3)));
        assert_eq!(both("1e3"), (Scalar::Float(1000.0), Scalar::Float(1000.0)));
    }

    #[test]
    fn what_looks_like_a_number_may_be_a_string() {
        for text in ["yes", "22:22", "1.2.3", "0x", "-", "+", "1e", "._1", "infinity", "0o8", "12e03x"] {
            for schema in [Schema::Core, Schema::Go] {
                assert_eq!(Scalar::of(text, schema), Scalar::Str(text.to_owned()), "{text} {schema:?}");
            }
        }
    }
}
