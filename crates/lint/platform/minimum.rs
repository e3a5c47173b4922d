//! The least resources that a platform takes.

/// One minimum.
#[derive(Debug)]
pub(crate) struct Minimum {
    /// The name used by policies.
    pub(crate) name: &'static str,
    /// The flag that sets the resource.
    pub(crate) flag: &'static str,
    /// The least amount: CPUs or bytes.
    pub(crate) least: f64,
    /// The least amount, for people.
    pub(crate) people: &'static str,
    /// Flags that make the minimum hold, with the value that they must have.
    pub(crate) when: &'static [(&'static str, Option<&'static str>)],
    /// Flags that lift it.
    pub(crate) unless: &'static [&'static str],
    /// What happens, as the rest of a sentence.
    pub(crate) consequence: &'static str,
    /// Where the platform says so.
    pub(crate) source: &'static str,
}

/// Less than one CPU serves one request at a time.
pub(crate) const CPU_FOR_CONCURRENCY: Minimum = Minimum {
    name: "cpu-for-concurrency",
    flag: "--cpu",
    least: 1.0,
    people: "1 CPU",
    when: &[],
    unless: &["--concurrency"],
    consequence: "less than one CPU is only taken together with --concurrency 1, which is not given, so the revision is refused",
    source: "https://cloud.google.com/run/docs/configuring/services/cpu",
};

/// CPU that is always there needs memory beside it.
pub(crate) const MEMORY_ALWAYS_ALLOCATED: Minimum = Minimum {
    name: "memory-always-allocated",
    flag: "--memory",
    least: 512.0 * 1024.0 * 1024.0,
    people: "512Mi",
    when: &[("--no-cpu-throttling", None)],
    unless: &[],
    consequence: "with CPU always allocated the platform takes no less, so the revision is refused",
    source: "https://cloud.google.com/run/docs/configuring/billing-settings",
};

/// What the amount of one resource demands of the other, for a Cloud Run service.
#[derive(Debug)]
pub(crate) struct Together {
    /// The least CPUs for which the row holds.
    pub(crate) cpu: f64,
    /// The least memory beside them, in bytes.
    pub(crate) least_memory: f64,
    /// The most memory beside less than the next row's CPUs, in bytes.
    pub(crate) most_memory: f64,
}

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// By CPUs, the greatest first.
const TOGETHER: &[Together] = &[
    Together { cpu: 8.0, least_memory: 4.0 * GIB, most_memory: 32.0 * GIB },
    Together { cpu: 6.0, least_memory: 4.0 * GIB, most_memory: 24.0 * GIB },
    Together { cpu: 4.0, least_memory: 2.0 * GIB, most_memory: 16.0 * GIB },
    Together { cpu: 2.0, least_memory: 0.0, most_memory: 8.0 * GIB },
    Together { cpu: 1.0, least_memory: 0.0, most_memory: 4.0 * GIB },
    Together { cpu: 0.5, least_memory: 0.0, most_memory: GIB },
    Together { cpu: 0.0, least_memory: 0.0, most_memory: 0.5 * GIB },
];

/// Where the platform says what belongs together.
pub(crate) const TOGETHER_SOURCE: &str = "https://cloud.google.com/run/docs/configuring/services/cpu";

/// What is demanded of the memory beside so many CPUs.
pub(crate) fn together(cpu: f64) -> Option<&'static Together> {
    TOGETHER.iter().find(|row| cpu >= row.cpu)
}

/// The amount that a value says: `0.5`, `500m` CPUs; `256Mi`, `1Gi`, `512M` bytes.
pub(crate) fn amount(value: &str) -> Option<f64> {
    let value = value.trim();
    let digits = value.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let scale = match unit {
        "" => 1.0,
        "m" => 0.001,
        "k" | "K" => 1e3,
        "Ki" => 1024.0,
        "M" => 1e6,
        "Mi" => 1024.0 * 1024.0,
        "G" => 1e9,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units() {
        assert_eq!(amount("0.5"), Some(0.5));
        assert_eq!(amount("500m"), Some(0.5));
        assert_eq!(amount("512Mi"), Some(536_870_912.0));
        assert_eq!((amount("a lot"), amount("")), (None, None));
    }
}
