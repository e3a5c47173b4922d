//! Files as a report may show them: with every secret value masked.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use codespan_reporting::files::SimpleFiles;
use lint::{Finding, Location};
use source::redact::Concealed;
use source::{LineColumn, LineIndex, MAX_CONFIG_BYTES, Tree, decode, without_bom};

/// Lines longer than this many bytes are not shown.
const LONGEST_LINE: usize = 400;

/// Masked copies of the files that a report shows lines of.
pub(crate) struct Masked {
    /// For the renderer.
    pub(crate) files: SimpleFiles<String, String>,
    known: BTreeMap<String, (usize, LineIndex)>,
}

impl Masked {
    /// Reads the files of all places of the findings. A file that cannot be read again is left out.
    pub(crate) fn read(tree: &dyn Tree, findings: &[&Finding], concealed: &Concealed) -> Self {
        let primary = findings.iter().map(|finding| &finding.at);
        let evidence = findings.iter().flat_map(|finding| finding.because.iter().map(|because| &because.at));
        let paths: BTreeSet<&str> = primary.chain(evidence).map(|at| &*at.place.path).collect();
        let mut masked = Self { files: SimpleFiles::new(), known: BTreeMap::new() };
        for path in paths {
            let read = tree.read(path, MAX_CONFIG_BYTES).ok().and_then(|bytes| decode(bytes).ok());
            if let Some(text) = read {
                // A byte order mark takes no column, and must not be shown.
                let shown = without_bom(&concealed.file(path, &text)).0.to_owned();
                let index = LineIndex::new(&shown);
                let id = masked.files.add(path.to_owned(), shown);
                masked.known.insert(path.to_owned(), (id, index));
            }
        }
        masked
    }

    /// The file and the bytes of a place in its masked copy; `None` where it cannot be shown.
    pub(crate) fn range(&self, at: &Location) -> Option<(usize, Range<usize>)> {
        let (id, index) = self.known.get(&*at.place.path)?;
        let text = self.files.get(*id).ok()?.source();
        let shown = index.span_of_line(text, at.start.line).filter(|line| line.len() <= LONGEST_LINE);
        shown?;
        let start = offset(text, index, at.start)?;
        let end = offset(text, index, at.end).filter(|end| *end >= start)?;
        // A place that goes on over many lines is shown by its first.
        let line_end = index.span_of_line(text, at.start.line)?.end;
        Some((*id, start..end.min(line_end.max(start))))
    }
}

/// The byte of a line and column; a masked secret may take other bytes than it had, but as many columns.
fn offset(text: &str, index: &LineIndex, at: LineColumn) -> Option<usize> {
    let line = index.span_of_line(text, at.line)?;
    let before = usize::try_from(at.column).ok()?.checked_sub(1)?;
    let inside = line.of(text).char_indices().map(|(offset, _)| offset).nth(before);
    Some(line.start + inside.unwrap_or(line.len()))
}
