//! The parser's events to our own tree, without recursion.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Options, Parser, Placement, ScalarStyle, ScanError, StructureStyle};
use source::Span;

use super::duplicates::find_duplicates;
use super::quoted_lines::Indents;
use super::template::Mask;
use super::{Comment, Duplicate, MAX_DEPTH, Node, NodeKind, Style, scalar_spans};
use crate::{Spanned, SyntaxError};

/// What the events of a text say.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) documents: Vec<Read>,
    pub(super) comments: Vec<Comment>,
    pub(super) duplicates: Vec<Duplicate>,
    pub(super) errors: Vec<SyntaxError>,
    /// Whether a flow mapping begins with `{{`, which is what an unquoted template looks like to YAML.
    pub(super) looks_like_template: bool,
}

/// One document, whole or up to its error.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) root: Node,
    /// From its first byte to that of the next document.
    pub(super) extent: Span,
    /// 1-based line of its first byte.
    pub(super) line: u32,
    /// Whether an error ended it.
    pub(super) is_broken: bool,
}

/// Reads `text` with the parts that `mask` hides put out of the parser's sight. Spans count from `base`.
pub(super) fn read(text: &str, base: usize, mask: &Mask) -> Reading {
    let masked = mask.text(text);
    let mut indents = Indents::default();
    loop {
        let (reading, shallow) = attempt(&indents.text(masked), Builder::new(text, base, mask, &indents));
        // Each round indents the lines of one more quoted text.
        if !shallow.is_some_and(|shallow| indents.add(masked, shallow.after, shallow.at)) {
            return reading;
        }
    }
}

/// Where the parser refused a line of a quoted text for its indentation.
#[derive(Clone, Copy)]
struct Shallow {
    /// Where the token before the text ended.
    after: usize,
    at: usize,
}

fn attempt(seen: &str, mut builder: Builder<'_>) -> (Reading, Option<Shallow>) {
    let mut parser = Parser::new_from_str_with_options(seen, options());
    let mut shallow = None;
    loop {
        match parser.next_event() {
            Some(Ok((event, span))) => {
                if builder.take(event, span).is_ok() {
                    continue;
                }
                builder.too_deep(span);
            }
            Some(Err(error)) => {
                if shallow.is_none() && matches!(error.kind(), ErrorKind::InvalidQuotedScalarIndent) {
                    shallow = Some(Shallow { after: builder.last_end, at: builder.place_of(&error) });
                }
                builder.fail(&error);
            }
            None => break,
        }
        match parser.proceed_next_document() {
            Ok(true) => {}
            Ok(false) | Err(_) => break,
        }
    }
    (builder.finish(), shallow)
}

/// Indentation inside brackets is not judged: go-yaml and `PyYAML` accept `]` in the column of its key, and so many
/// files have it.
fn options() -> Options {
    granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: usize::MAX,
    }
}

struct TooDeep;

/// A collection whose end has not come.
struct Open {
    children: Children,
    span: Span,
    is_flow: bool,
    anchor: Option<Box<Spanned<String>>>,
    tag: Option<Box<str>>,
    line: u32,
}

enum Children {
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>, Option<Node>),
}

struct Builder<'t> {
    text: &'t str,
    base: usize,
    mask: &'t Mask,
    indents: &'t Indents,
    reading: Reading,
    open: Vec<Open>,
    /// The last scalar; its anchor comes after it.
    held: Option<Node>,
    root: Option<Node>,
    document_start: usize,
    document_line: u32,
    /// Where the last token ended; a block scalar's header comes after it.
    last_end: usize,
    /// Parser's number of an anchor to the first byte of `&name`.
    anchors: HashMap<usize, usize>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, base: usize, mask: &'t Mask, indents: &'t Indents) -> Self {
        Self {
            text,
            base,
            mask,
            indents,
            reading: Reading::default(),
            open: Vec::new(),
            held: None,
            root: None,
            document_start: 0,
            document_line: 1,
            last_end: 0,
            anchors: HashMap::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, at: granit_parser::Span) -> Result<(), TooDeep> {
        let span = self.span(at);
        let line = line_of(&at);
        if let Event::Anchor(id, name) = event {
            self.anchor(id, name.into_owned(), span);
            return Ok(());
        }
        if let Event::Comment(text, placement) = event {
            self.comment(text.into_owned(), placement, span, line);
            return Ok(());
        }
        if let Some(node) = self.held.take() {
            self.place(node);
        }
        match event {
            Event::DocumentStart(..) => (self.document_start, self.document_line) = (span.start, line),
            Event::DocumentEnd => self.end_document(span.end, false),
            Event::Scalar(value, style, _, tag) => {
                let tag = tag.map(|tag| tag.original().into_boxed_str());
                if let Some(tag) = at.tag_span() {
                    self.last_end = self.last_end.max(self.span(tag).end);
                }
                self.held = Some(self.scalar(value.into_owned(), style, span, line, tag));
            }
            Event::Alias(id) => {
                let target = self.anchors.get(&id).map(|target| target + self.base);
                self.alias(span, line, target);
            }
            Event::UnresolvedAlias(name) => {
                self.error(span, format!("no anchor `&{name}` stands before this alias; define it first"));
                self.alias(span, line, None);
            }
            Event::SequenceStart(style, _, tag) => {
                let tag = tag.map(|tag| tag.original().into_boxed_str());
                self.start(Children::Sequence(Vec::new()), style, tag, span, line)?;
            }
            Event::MappingStart(style, _, tag) => {
                let tag = tag.map(|tag| tag.original().into_boxed_str());
                if style == StructureStyle::Flow && self.starts_template(span.start) {
                    self.reading.looks_like_template = true;
                }
                self.start(Children::Mapping(Vec::new(), None), style, tag, span, line)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(Some(span.end)),
            _ => {}
        }
        self.last_end = self.last_end.max(span.end);
        Ok(())
    }

    /// Whether `{{` stands here and is not the expression of a GitHub workflow.
    fn starts_template(&self, at: usize) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with("{{"))
    }

    fn scalar(&self, value: String, style: ScalarStyle, at: Span, line: u32, tag: Option<Box<str>>) -> Node {
        let style = style_of(style);
        if style == Style::Plain && at.is_empty() {
            return Node { kind: NodeKind::Null, ..self.node(at, at, line, tag) };
        }
        let found = scalar_spans::of(self.text, at, style, self.last_end);
        let line = line.saturating_sub(found.lines_above);
        let node = self.node(found.span, found.inner, line, tag);
        let written = found.inner.of(self.text);
        let kind = if style == Style::Plain && written.starts_with("{{") {
            NodeKind::Template(written.to_owned())
        } else if self.mask.hides_part_of(found.inner) {
            NodeKind::Scalar { value: written.to_owned(), style }
        } else {
            NodeKind::Scalar { value, style }
        };
        let verbatim =
            matches!(&kind, NodeKind::Scalar { value, .. } | NodeKind::Template(value) if value == written);
        Node { kind, verbatim, ..node }
    }

    /// A node of no kind yet, its spans counted from the base.
    fn node(&self, span: Span, inner: Span, line: u32, tag: Option<Box<str>>) -> Node {
        Node {
            kind: NodeKind::Null,
            span: span.shifted(self.base),
            inner: inner.shifted(self.base),
            verbatim: false,
            anchor: None,
            tag,
            line,
        }
    }

    fn alias(&mut self, span: Span, line: u32, target: Option<usize>) {
        let name = span.of(self.text).trim_start_matches('*').to_owned();
        let node = self.node(span, span, line, None);
        self.place(Node { kind: NodeKind::Alias { name, target }, ..node });
    }

    fn anchor(&mut self, id: usize, name: String, span: Span) {
        self.anchors.insert(id, span.start);
        let anchor = Some(Box::new(Spanned::new(name, span.shifted(self.base))));
        if let Some(node) = &mut self.held {
            node.anchor = anchor;
        } else if let Some(open) = self.open.last_mut() {
            open.anchor = anchor;
        }
    }

    fn comment(&mut self, text: String, placement: Placement, span: Span, line: u32) {
        let trailing = placement == Placement::Right;
        self.reading.comments.push(Comment { text, span: span.shifted(self.base), line, trailing });
    }

    fn start(
        &mut self,
        children: Children,
        style: StructureStyle,
        tag: Option<Box<str>>,
        span: Span,
        line: u32,
    ) -> Result<(), TooDeep> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TooDeep);
        }
        let is_flow = style == StructureStyle::Flow;
        self.open.push(Open { children, span, is_flow, anchor: None, tag, line });
        Ok(())
    }

    /// Closes the innermost collection. `end` is the byte after its bracket, none where no bracket was read.
    fn end(&mut self, end: Option<usize>) {
        let Some(open) = self.open.pop() else { return };
        let (kind, last) = match open.children {
            Children::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (NodeKind::Sequence(items), last)
            }
            Children::Mapping(mut entries, pending) => {
                if let Some(key) = pending {
                    let after = Span::at(key.span.end);
                    let value = Node { kind: NodeKind::Null, span: after, inner: after, ..absent(key.line) };
                    entries.push((key, value));
                }
                find_duplicates(&entries, &mut self.reading.duplicates);
                let last = entries.last().map(|(key, value)| key.span.end.max(value.span.end));
                (NodeKind::Mapping(entries), last)
            }
        };
        let start = open.span.start + self.base;
        let bracket = end.filter(|_| open.is_flow).map(|end| end + self.base);
        let span = Span::new(start, bracket.or(last).unwrap_or(start).max(start));
        self.place(Node {
            kind,
            span,
            inner: span,
            verbatim: false,
            anchor: open.anchor,
            tag: open.tag,
            line: open.line,
        });
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.children) {
            None => self.root = Some(node),
            Some(Children::Sequence(items)) => items.push(node),
            Some(Children::Mapping(entries, pending)) => match pending.take() {
                None => *pending = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }

    fn end_document(&mut self, end: usize, is_broken: bool) {
        if let Some(node) = self.held.take() {
            self.place(node);
        }
        while !self.open.is_empty() {
            self.end(None);
        }
        if let Some(root) = self.root.take() {
            let start = self.document_start;
            self.close_extent(start);
            let extent = Span::new(start, end.max(start));
            let line = self.document_line;
            self.reading.documents.push(Read { root, extent, line, is_broken });
        }
        self.anchors.clear();
    }

    /// A broken document reaches to where the next one begins.
    fn close_extent(&mut self, next: usize) {
        if let Some(before) = self.reading.documents.last_mut().filter(|before| before.is_broken) {
            before.extent.end = next.max(before.extent.start);
        }
    }

    fn fail(&mut self, error: &ScanError) {
        let at = self.place_of(error);
        let after = self.text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n');
        let span = Span::new(at, at + after.map_or(0, char::len_utf8));
        self.error(span, message_of(error));
        self.abandon();
    }

    fn place_of(&self, error: &ScanError) -> usize {
        error.marker().byte_offset().map_or(self.text.len(), |at| self.in_text(at))
    }

    fn too_deep(&mut self, at: granit_parser::Span) {
        self.error(self.span(at), format!("is nested deeper than {MAX_DEPTH} levels; nothing below is read"));
        self.abandon();
    }

    fn abandon(&mut self) {
        if self.root.is_none() && self.open.is_empty() && self.held.is_none() {
            // An error before the first value still makes a document: the line scanner may read it.
            self.root = Some(absent(1));
        }
        self.end_document(self.text.len(), true);
        self.document_start = self.text.len();
    }

    fn error(&mut self, span: Span, message: String) {
        self.reading.errors.push(SyntaxError { span: span.shifted(self.base), message });
    }

    fn finish(self) -> Reading {
        self.reading
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or(0..0);
        let start = self.in_text(range.start);
        Span::new(start, self.in_text(range.end).max(start))
    }

    /// The place in the text that the parser means.
    fn in_text(&self, at: usize) -> usize {
        self.text.floor_char_boundary(self.indents.in_file(at))
    }
}

/// A value that is not there.
fn absent(line: u32) -> Node {
    let nowhere = Span::at(0);
    Node {
        kind: NodeKind::Null,
        span: nowhere,
        inner: nowhere,
        verbatim: false,
        anchor: None,
        tag: None,
        line,
    }
}

fn line_of(span: &granit_parser::Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn message_of(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            "a tab stands where YAML allows only spaces; indent with spaces".to_owned()
        }
        ErrorKind::MappingValueNotAllowed => {
            "`:` begins a value where none is allowed; check the indentation, or quote the text before it"
                .to_owned()
        }
        ErrorKind::RecursionLimitExceeded => {
            format!("is nested deeper than {MAX_DEPTH} levels; nothing below is read")
        }
        _ => format!("is not YAML: {}", error.info()),
    }
}
