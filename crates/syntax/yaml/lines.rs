//! The last resort for a template that is not YAML even with its expressions hidden: `key: value` and `- item`
//! lines, put together by their indentation.

use source::Span;

use super::{MAX_DEPTH, Node, NodeKind, Style};

/// Reads the part of `text` that `extent` covers line by line; its first line is `line`. Spans count from `base`.
pub(super) fn read(text: &str, masked: &str, extent: Span, line: u32, base: usize) -> Node {
    let mut scanner = Scanner { text, base, open: Vec::new(), line };
    let mut at = extent.start;
    for line in extent.of(masked).split_inclusive('\n') {
        scanner.line(line, at);
        at += line.len();
        scanner.line += 1;
    }
    scanner.finish()
}

/// A collection that later lines may add to: everything that stands at `column`.
struct Open {
    column: usize,
    children: Children,
}

enum Children {
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

struct Scanner<'t> {
    text: &'t str,
    base: usize,
    open: Vec<Open>,
    line: u32,
}

impl Scanner<'_> {
    /// Takes one line, which starts at the byte `at`.
    fn line(&mut self, line: &str, at: usize) {
        let mut column = line.len() - line.trim_start_matches(' ').len();
        let mut rest = line.trim().get(..).unwrap_or("");
        if rest.is_empty() || rest.starts_with('#') || rest.starts_with("---") {
            return;
        }
        while let Some(item) = rest.strip_prefix("- ").or_else(|| (rest == "-").then_some("")) {
            self.close_above(column, true);
            self.open_at(column, true);
            let content = item.trim_start_matches(' ');
            column += rest.len() - content.len();
            rest = content;
        }
        if rest.is_empty() {
            return;
        }
        let Some(colon) = colon(rest) else {
            self.item(rest, at + column);
            return;
        };
        self.close_above(column, false);
        self.open_at(column, false);
        let key = self.scalar(rest.get(..colon).unwrap_or(""), at + column);
        let after = rest.get(colon + 1..).unwrap_or("");
        let value = after.trim_start();
        let start = at + column + colon + 1 + (after.len() - value.len());
        let value = self.scalar(without_comment(value), start);
        if let Some(Open { children: Children::Mapping(entries), .. }) = self.open.last_mut() {
            entries.push((key, value));
        }
    }

    fn item(&mut self, text: &str, at: usize) {
        let item = self.scalar(without_comment(text), at);
        if let Some(Open { children: Children::Sequence(items), .. }) = self.open.last_mut() {
            items.push(item);
        }
    }

    /// Closes what stands further to the right, and at the same column what is of the other kind. The outermost
    /// collection stays open and moves to the left.
    fn close_above(&mut self, column: usize, is_sequence: bool) {
        while let [_, .., open] = self.open.as_slice() {
            let is_other = is_sequence != matches!(open.children, Children::Sequence(_));
            // A list may stand in the column of the key it belongs to.
            let belongs = is_sequence && is_other;
            if open.column > column || (open.column == column && is_other && !belongs) {
                self.close();
            } else {
                break;
            }
        }
        if let [outermost] = self.open.as_mut_slice() {
            outermost.column = outermost.column.min(column);
        }
    }

    fn open_at(&mut self, column: usize, is_sequence: bool) {
        let is_open = self.open.last().is_some_and(|open| {
            open.column == column && is_sequence == matches!(open.children, Children::Sequence(_))
        });
        if is_open || self.open.len() >= MAX_DEPTH {
            return;
        }
        let children =
            if is_sequence { Children::Sequence(Vec::new()) } else { Children::Mapping(Vec::new()) };
        self.open.push(Open { column, children });
    }

    /// Ends the innermost collection and gives it to the one around it.
    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let node = node_of(open.children);
        match self.open.last_mut().map(|open| &mut open.children) {
            Some(Children::Sequence(items)) => items.push(node),
            Some(Children::Mapping(entries)) => {
                if let Some((_, value)) = entries.last_mut() {
                    add(value, node);
                }
            }
            None => {}
        }
    }

    fn finish(mut self) -> Node {
        while self.open.len() > 1 {
            self.close();
        }
        self.open.pop().map_or_else(|| self.scalar("", 0), |open| node_of(open.children))
    }

    fn scalar(&self, text: &str, at: usize) -> Node {
        let text = text.trim_end();
        let span = Span::new(at, at + text.len());
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let is_quoted = text.len() >= 2 && quote.is_some_and(|quote| text.ends_with(quote));
        let inner = if is_quoted { Span::new(span.start + 1, span.end - 1) } else { span };
        // The text as written, not as masked.
        let value = inner.of(self.text).to_owned();
        let style = match quote {
            Some('"') if is_quoted => Style::DoubleQuoted,
            Some('\'') if is_quoted => Style::SingleQuoted,
            _ => Style::Plain,
        };
        let kind = match (text.is_empty(), value.starts_with("{{") && !is_quoted) {
            (true, _) => NodeKind::Null,
            (_, true) => NodeKind::Template(value),
            _ => NodeKind::Scalar { value, style },
        };
        Node {
            kind,
            span: span.shifted(self.base),
            inner: inner.shifted(self.base),
            verbatim: true,
            anchor: None,
            tag: None,
            line: self.line,
        }
    }
}

/// Branches of a template may give a key several values, at different indentations: all are kept.
fn add(value: &mut Node, node: Node) {
    match (&mut value.kind, node.kind) {
        (NodeKind::Mapping(entries), NodeKind::Mapping(more)) => entries.extend(more),
        (NodeKind::Sequence(items), NodeKind::Sequence(more)) => items.extend(more),
        (NodeKind::Null, kind) => *value = Node { kind, ..node },
        _ => {}
    }
}

/// The colon that ends a key.
fn colon(text: &str) -> Option<usize> {
    let quoted = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let from = match quoted {
        Some(quote) => text.get(1..)?.find(quote)? + 2,
        None => 0,
    };
    let rest = text.get(from..)?;
    let found = rest.find(": ").or_else(|| rest.ends_with(':').then(|| rest.len() - 1))?;
    Some(from + found)
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    text.find(" #").map_or(text, |at| text.get(..at).unwrap_or(text))
}

fn node_of(children: Children) -> Node {
    let (kind, first, last) = match children {
        Children::Sequence(items) => {
            let first = items.first().map(|item| (item.span, item.line));
            let last = items.last().map(|item| item.span);
            (NodeKind::Sequence(items), first, last)
        }
        Children::Mapping(entries) => {
            let first = entries.first().map(|(key, _)| (key.span, key.line));
            let last = entries.last().map(|(key, value)| key.span.to(value.span));
            (NodeKind::Mapping(entries), first, last)
        }
    };
    let (start, line) = first.unwrap_or((Span::at(0), 1));
    let span = last.map_or(start, |last| start.to(last));
    Node { kind, span, inner: span, verbatim: false, anchor: None, tag: None, line }
}
