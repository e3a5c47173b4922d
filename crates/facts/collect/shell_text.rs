//! A shell text of a file, parsed once for all that is asked of it.

use std::borrow::Cow;
use std::cell::OnceCell;

use source::{Place, Span, directory_of};
use syntax::shell::{self, Script};

use super::working_directory::{Located, located};
use crate::record::Document;

/// A shell text and where it runs: a script, the `run` of a step, what is given to `bash -c`.
pub(crate) struct ShellText<'t> {
    /// The file that holds it.
    pub(crate) document: &'t Document,
    /// The text.
    pub(crate) text: Cow<'t, str>,
    /// Where in the file the text starts, in bytes.
    offset: usize,
    /// The folder it starts in, relative to the root; `None` where that is not known.
    folder: Option<String>,
    /// Whether a continuous integration system runs it.
    pub(crate) is_unattended: bool,
    script: OnceCell<Script>,
}

impl<'t> ShellText<'t> {
    /// The whole text of a script. Scripts are run from the root, as a rule.
    pub(crate) fn of_file(document: &'t Document) -> Self {
        let text = Cow::Borrowed(document.text.as_str());
        Self { is_unattended: false, ..Self::of_step(document, (text, 0), Some(String::new())) }
    }

    /// A text that a continuous integration system runs; it starts at `offset` in the file, and in `folder`.
    pub(crate) fn of_step(
        document: &'t Document,
        (text, offset): (Cow<'t, str>, usize),
        folder: Option<String>,
    ) -> Self {
        Self { document, text, offset, folder, is_unattended: true, script: OnceCell::new() }
    }

    /// The text as a shell reads it, with spans in the text.
    pub(crate) fn script(&self) -> &Script {
        self.script.get_or_init(|| shell::parse(&self.text).tree)
    }

    /// Where in the file a span of the text stands.
    pub(crate) fn place(&self, span: Span) -> Place {
        self.document.place(self.span(span))
    }

    /// A span of the text as one of the file.
    pub(crate) fn span(&self, span: Span) -> Span {
        span.shifted(self.offset)
    }

    /// A span of the file as one of the text; `None` where it begins before the text.
    pub(crate) fn span_in_text(&self, span: Span) -> Option<Span> {
        Some(Span::new(span.start.checked_sub(self.offset)?, span.end.checked_sub(self.offset)?))
    }

    /// The folder that the text starts in, relative to the root.
    pub(crate) fn folder(&self) -> Option<&str> {
        self.folder.as_deref()
    }

    /// The commands, with the folder of each.
    pub(crate) fn located(&self) -> Vec<Located> {
        located(self.script(), self.folder(), self.own_folder())
    }

    /// The folder of the file; only the text of a whole file is what `$0` names.
    fn own_folder(&self) -> Option<&str> {
        let is_file = self.offset == 0 && self.text.len() == self.document.text.len();
        is_file.then(|| directory_of(&self.document.path))
    }
}
