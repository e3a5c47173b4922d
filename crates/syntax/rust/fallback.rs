//! What the lines of a file show that is no Rust, or too much of it.

use source::{LineIndex, Span};

use super::types::{EnvRead, File, ModuleDeclaration, WhenAbsent};
use crate::Spanned;

/// Modules and variables, each on one line of its own.
pub(super) fn by_line(text: &str, lines: &LineIndex) -> File {
    let mut file = File::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        file.modules.extend(module(line, start, lines));
        file.env_reads.extend(reads(line, start, lines));
        start += line.len();
    }
    file
}

/// `mod name;`, whatever it is visible to.
fn module(line: &str, start: usize, lines: &LineIndex) -> Option<ModuleDeclaration> {
    let declaration = line.trim().strip_suffix(';')?;
    let name = declaration.strip_prefix("mod ").or_else(|| {
        let (visibility, name) = declaration.split_once(" mod ")?;
        visibility.starts_with("pub").then_some(name)
    })?;
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let at = start + line.rfind(name)?;
    is_name.then(|| ModuleDeclaration {
        name: Spanned::new(name.to_owned(), Span::new(at, at + name.len())),
        path: None,
        inside: Vec::new(),
        is_test: false,
        is_conditional: false,
        line: lines.line(at),
    })
}

/// `env::var("NAME")`, any number of times.
fn reads(line: &str, start: usize, lines: &LineIndex) -> Vec<EnvRead> {
    const OPENINGS: [&str; 2] = ["env::var(\"", "env::var_os(\""];
    let mut found = Vec::new();
    for opening in OPENINGS {
        for (at, _) in line.match_indices(opening) {
            let begin = at + opening.len();
            let Some(name) = line.get(begin..).and_then(|rest| rest.split_once('"')).map(|(name, _)| name)
            else {
                continue;
            };
            let span = Span::new(begin, begin + name.len()).shifted(start);
            found.push(EnvRead {
                name: Spanned::new(name.to_owned(), span),
                when_absent: WhenAbsent::Handled,
                at_build: false,
                function: None,
                is_test: false,
                line: lines.line(span.start),
            });
        }
    }
    found
}
