//! Code that tools run while they build or test, and no deployment.

use source::{FileKind, directory_of, file_name, has_word};

/// Programs that run tests; their configuration is named after them.
const TEST_RUNNERS: &[&str] = &["vitest", "jest", "playwright", "cypress", "karma", "wdio", "mocha", "ava"];

/// Whether a file configures a tool for JavaScript: `webpack.config.js`, `next.config.mjs`, `karma.conf.js`,
/// `config/webpack/base.js`.
pub(in crate::checks) fn is_configuration(path: &str) -> bool {
    let mut parts = file_name(path).rsplit('.').skip(1);
    let is_named =
        parts.next().is_some_and(|word| matches!(word, "config" | "conf")) && parts.next().is_some();
    FileKind::of(path) == FileKind::TypeScript && (is_named || has_word(directory_of(path), &["webpack"]))
}

/// Whether a file configures a program that runs tests.
pub(in crate::checks) fn is_of_test_runner(path: &str) -> bool {
    is_configuration(path) && has_word(file_name(path), TEST_RUNNERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_by_name() {
        for path in ["webpack.config.js", "web/next.config.mjs", "karma.conf.js", "config/webpack/base.js"] {
            assert!(is_configuration(path), "{path}");
        }
        for path in ["src/config.ts", "app.config.py", "src/conf.js"] {
            assert!(!is_configuration(path), "{path}");
        }
        assert!(is_of_test_runner("vitest.config.ts"));
        assert!(!is_of_test_runner("vite.config.ts"));
    }
}
