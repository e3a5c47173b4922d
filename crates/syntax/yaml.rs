//! YAML 1.2 with byte spans, comments and recovery, over `granit-parser`.
//!
//! One tree a document. Aliases stay references and `<<` stays an ordinary key until somebody asks through a
//! [`View`], so a bomb of aliases costs nothing. Templates (Helm, Jinja) are read as far as they are YAML.

mod duplicates;
mod events;
mod lines;
mod quoted_lines;
mod scalar;
mod scalar_spans;
mod template;
mod timestamp;
mod view;

#[cfg(test)]
mod tests;

pub use scalar::{Scalar, Schema};
pub use view::{Budget, View};

use events::Reading;
use source::{MAX_CONFIG_BYTES, Span, without_bom};
use template::Mask;

use crate::{Parsed, Spanned, SyntaxError};

/// The deepest nesting of sequences and mappings that is read; a deeper document is an error.
pub const MAX_DEPTH: usize = 255;

/// What a YAML text holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stream {
    /// The documents, in the order of the text. A text without any content has none.
    pub documents: Vec<Document>,
    /// The comments, in the order of the text.
    pub comments: Vec<Comment>,
    /// Keys that a mapping states twice, in the order of the second statement. YAML 1.2 forbids them; Compose
    /// refuses the file, most other readers let the last one win.
    pub duplicates: Vec<Duplicate>,
    /// Whether the text had to be read as a template (unquoted `{{ }}`, lines of control such as `{{- if }}`,
    /// `{% %}`): what it says depends on how it is rendered.
    pub is_template: bool,
}

/// One document of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value; what was read before the error where it has one.
    pub root: Node,
    /// Whether an error ended it.
    pub is_broken: bool,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The text after `#`, as written.
    pub text: String,
    /// From `#` to the end of the line, without the line ending.
    pub span: Span,
    /// 1-based line.
    pub line: u32,
    /// Whether something else stands before it on its line.
    pub trailing: bool,
}

/// A key that its mapping has stated before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key, stated the second time.
    pub key: Spanned<String>,
    /// 1-based line of the second statement.
    pub line: u32,
    /// Where it was stated first.
    pub first: Span,
    /// 1-based line of the first statement.
    pub first_line: u32,
}

/// A value or a key, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its bytes: a scalar with its quotes, a flow collection with its brackets, a block collection from its first
    /// key or `-` to the end of its last value, a block scalar from `|` or `>` to the end of its last line. Anchor
    /// and tag are not part of it. Empty for [`NodeKind::Null`].
    pub span: Span,
    /// What a fix may replace: inside the quotes of a quoted scalar, the lines of a block scalar from the first
    /// character after the indentation; otherwise `span`.
    pub inner: Span,
    /// Whether a scalar's value is `inner` byte for byte, so that a part of the value has a place too.
    pub verbatim: bool,
    /// `&name` before it, without the `&`; the span is that of the whole token.
    pub anchor: Option<Box<Spanned<String>>>,
    /// Its tag as written, such as `!override` or `!!str`.
    pub tag: Option<Box<str>>,
    /// 1-based line of the first byte.
    pub line: u32,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Text, before its type is resolved.
    Scalar {
        /// With escapes, folding and quotes taken away.
        value: String,
        /// How it was written.
        style: Style,
    },
    /// A value that begins with an unquoted `{{`: whatever the rendering puts there. The text is as written.
    Template(String),
    /// `[a, b]`, or lines with `-`.
    Sequence(Vec<Node>),
    /// `{a: b}`, or lines `a: b`: keys and values in the order of the text, duplicates and `<<` included.
    Mapping(Vec<(Node, Node)>),
    /// `*name`.
    Alias {
        /// The name without `*`.
        name: String,
        /// The first byte of the anchor `&name` that it refers to; none where nothing before it bears that name.
        target: Option<usize>,
    },
    /// Nothing was written where a value could stand.
    Null,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes; only these have a type other than string.
    Plain,
    /// `'a'`.
    SingleQuoted,
    /// `"a"`.
    DoubleQuoted,
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

/// Reads a YAML text.
///
/// An error ends its document: what stands before it is kept, and reading goes on at the next `---`. A text of more
/// than [`MAX_CONFIG_BYTES`] bytes is not read.
#[must_use]
pub fn parse(text: &str) -> Parsed<Stream> {
    if text.len() as u64 > MAX_CONFIG_BYTES {
        let message = format!("is larger than {} MiB, so it is not read", MAX_CONFIG_BYTES >> 20);
        return Parsed { tree: Stream::default(), errors: vec![SyntaxError { span: Span::at(0), message }] };
    }
    let mut read = parse_stream(text);
    for error in &mut read.errors {
        error.span = on_characters(text, error.span);
    }
    for comment in &mut read.tree.comments {
        comment.span = on_characters(text, comment.span);
    }
    let mut waiting: Vec<&mut Node> =
        read.tree.documents.iter_mut().map(|document| &mut document.root).collect();
    while let Some(node) = waiting.pop() {
        node.span = on_characters(text, node.span);
        node.inner = on_characters(text, node.inner);
        match &mut node.kind {
            NodeKind::Sequence(items) => waiting.extend(items),
            NodeKind::Mapping(entries) => {
                waiting.extend(entries.iter_mut().flat_map(|(key, value)| [key, value]));
            }
            NodeKind::Scalar { value, .. } => node.verbatim &= value == node.inner.of(text),
            _ => {}
        }
    }
    read
}

/// The span widened to whole characters and cut at the end of the text: the parser counts some places of a line in
/// characters.
fn on_characters(text: &str, span: Span) -> Span {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    Span::new(start, end)
}

fn parse_stream(text: &str) -> Parsed<Stream> {
    let (body, base) = without_bom(text);
    let plain = events::read(body, base, &Mask::none());
    if plain.errors.is_empty() && !plain.looks_like_template {
        return parsed(plain, false);
    }
    match Mask::of_templates(body) {
        Some(mask) => parse_template(body, base, plain, &mask),
        None => parsed(plain, false),
    }
}

/// Reads a text that is no plain YAML, and that holds template expressions.
fn parse_template(body: &str, base: usize, plain: Reading, mask: &Mask) -> Parsed<Stream> {
    let mut masked = events::read(body, base, mask);
    let is_template = masked.errors.is_empty() || mask.hides_lines() || plain.looks_like_template;
    if !is_template {
        return parsed(plain, false);
    }
    for document in masked.documents.iter_mut().filter(|document| document.is_broken) {
        let extent = on_characters(body, document.extent);
        document.root = lines::read(body, mask.text(body), extent, document.line, base);
    }
    // Branches of a template may state the same key.
    masked.duplicates.clear();
    parsed(masked, true)
}

fn parsed(reading: Reading, is_template: bool) -> Parsed<Stream> {
    let nothing_read = |read: &events::Read| read.is_broken && read.root.kind == NodeKind::Null;
    let documents = reading.documents.into_iter().filter(|read| !nothing_read(read));
    let tree = Stream {
        documents: documents.map(|read| Document { root: read.root, is_broken: read.is_broken }).collect(),
        comments: reading.comments,
        duplicates: reading.duplicates,
        is_template,
    };
    Parsed { tree, errors: reading.errors }
}
