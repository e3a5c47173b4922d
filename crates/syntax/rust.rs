//! Rust source: the modules and files that it takes in, the variables it reads, and its decisions.
//!
//! The syntax tree comes from `syn`, which gives up a whole file at its first error; what a scan of its lines can
//! still tell is then kept.

mod fallback;
mod items;
mod lowering;
mod nesting;
mod reads;
#[cfg(test)]
mod tests;
mod types;

use std::str::FromStr as _;

use proc_macro2::TokenStream;
use source::{LineIndex, Span};

pub use types::{EnvRead, File, Included, ModuleDeclaration, Use, WhenAbsent};

use crate::decision::{Language, Module};
use crate::{Parsed, SyntaxError};

/// Bytes of one file that are read; larger ones are generated, and the tree of one takes many times its size.
pub const MAX_BYTES: usize = 2 << 20;

/// Reads a Rust file.
///
/// A file that is no Rust, is larger than 2 MiB or nests too deep gives one error, and those of its modules, includes
/// and variables that its lines show. A stack of 8 MiB suffices for what nests to the limits (tested, without
/// optimisation).
#[must_use]
pub fn parse(text: &str) -> Parsed<File> {
    let lines = LineIndex::new(text);
    let read = with_tree(text, |source, file| items::collect(source, &lines, file));
    match read {
        Ok(tree) => Parsed { tree, errors: Vec::new() },
        Err(error) => Parsed { tree: fallback::by_line(text, &lines), errors: vec![error] },
    }
}

/// The decisions of a Rust file; `None` where it cannot be read.
#[must_use]
pub fn decisions(text: &str) -> Option<Module> {
    let body = with_tree(text, lowering::lower).ok()?;
    Some(Module { language: Language::Rust, body })
}

/// Where the text that was parsed begins in the file.
#[derive(Clone, Copy)]
struct Source {
    offset: usize,
}

impl Source {
    fn span(self, span: proc_macro2::Span) -> Span {
        let range = span.byte_range();
        Span::new(range.start, range.end).shifted(self.offset)
    }

    /// The bytes of a node from its first token to its last.
    fn of(self, node: &impl syn::spanned::Spanned) -> Span {
        self.span(node.span())
    }
}

/// Parses a text and works on its tree, which does not outlive this: its spans are kept by the thread until then.
fn with_tree<T>(text: &str, work: impl FnOnce(Source, &syn::File) -> T) -> Result<T, SyntaxError> {
    let (body, bom) = source::without_bom(text);
    let shebang = shebang(body);
    let source = Source { offset: bom + shebang };
    let failed = |span: Span, message: String| SyntaxError { span, message };
    if body.len() > MAX_BYTES {
        return Err(failed(Span::at(0), "the file is larger than 2 MiB".to_owned()));
    }
    let body = body.get(shebang..).unwrap_or_default();
    let result = read(source, body).map(|file| work(source, &file));
    proc_macro2::extra::invalidate_current_thread_spans();
    result
}

fn read(source: Source, body: &str) -> Result<syn::File, SyntaxError> {
    if body.contains('\0') {
        return Err(SyntaxError {
            span: Span::at(source.offset),
            message: "the file holds a NUL".to_owned(),
        });
    }
    let tokens = TokenStream::from_str(body)
        .map_err(|error| SyntaxError { span: source.span(error.span()), message: error.to_string() })?;
    if let Some(excess) = nesting::too_deep(tokens.clone()) {
        return Err(SyntaxError { span: Span::at(source.offset), message: excess.to_owned() });
    }
    syn::parse2(tokens)
        .map_err(|error| SyntaxError { span: source.span(error.span()), message: error.to_string() })
}

/// Bytes of a first line that names an interpreter.
fn shebang(text: &str) -> usize {
    let is_one = text.starts_with("#!") && !text.get(2..).unwrap_or_default().trim_start().starts_with('[');
    if is_one { text.find('\n').unwrap_or(text.len()) } else { 0 }
}
