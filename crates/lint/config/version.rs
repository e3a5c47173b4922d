//! `required-version`.

/// The version of this program.
const CURRENT: &str = env!("CARGO_PKG_VERSION");

/// Whether this program is one that `requirement` asks for: comparisons such as `>=0.1`, joined by commas.
///
/// # Errors
/// What is wrong, for the person who runs the program.
pub(super) fn satisfies(requirement: &str) -> Result<(), String> {
    let current = numbers(CURRENT).unwrap_or_default();
    for part in requirement.split(',').map(str::trim) {
        let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (operator, version) = part.split_at(digits);
        let Some(wanted) = numbers(version) else {
            return Err(format!("`{requirement}` is no version requirement; write one like `>=0.1`"));
        };
        let holds = match operator.trim() {
            ">=" => current >= wanted,
            ">" => current > wanted,
            "<" => current < wanted,
            "<=" => current <= wanted,
            "" | "=" | "==" => current.starts_with(&given(version)),
            _ => return Err(format!("`{requirement}` is no version requirement; write one like `>=0.1`")),
        };
        if !holds {
            return Err(format!("this repository asks for shipworthy {requirement}; this is {CURRENT}"));
        }
    }
    Ok(())
}

/// The three numbers of a version; those that are not given are zero.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let mut numbers: Vec<u64> =
        version.trim().split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    if numbers.len() > 3 {
        return None;
    }
    numbers.resize(3, 0);
    Some(numbers)
}

/// Only the numbers that are given: `0.1` stands for every `0.1.x`.
fn given(version: &str) -> Vec<u64> {
    version.trim().split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons() {
        for (requirement, wanted) in [(">=0.0.1", true), (">=99", false), ("<99, >=0", true), (CURRENT, true)]
        {
            assert_eq!(satisfies(requirement).is_ok(), wanted, "{requirement}");
        }
        assert!(satisfies("new").unwrap_err().contains("no version requirement"));
        assert!(satisfies("~1").unwrap_err().contains("no version requirement"));
    }
}
