//! Property tests that try the same cases in every run.

use proptest::test_runner::{Config, RngSeed};

/// That many cases from a fixed seed. `PROPTEST_RNG_SEED` and `PROPTEST_CASES` do not change them; to look for new
/// failures, change the seed here.
pub(crate) fn cases(count: u32) -> Config {
    Config { cases: count, failure_persistence: None, rng_seed: RngSeed::Fixed(1_729), ..Config::default() }
}
