//! Imports of a text that cannot be walked, line by line.

use source::LineIndex;

use super::literals::Source;
use super::types::{How, Module};
use super::{nesting, read};

/// Bytes of a line that may be an import; longer ones are none that a person wrote.
const MAX_LINE: usize = 4_096;

/// The imports that stand on a line of their own. Indented ones count as lazy: what surrounds them is not known.
pub(super) fn imports_by_line(source: Source<'_>, lines: &LineIndex) -> Module {
    let mut module = Module::default();
    let mut offset = source.offset;
    for line in source.text.split_inclusive('\n') {
        let statement = line.trim_start();
        let indent = line.len() - statement.len();
        let begins = statement.starts_with("import ") || statement.starts_with("from ");
        if begins && statement.len() <= MAX_LINE && nesting::too_deep(statement).is_none() {
            let (found, _) = read(Source { text: statement, offset: offset + indent }, lines);
            module.imports.extend(found.imports.into_iter().map(|mut import| {
                if indent > 0 {
                    import.how = How::Lazy;
                }
                import
            }));
        }
        offset += line.len();
    }
    module
}
