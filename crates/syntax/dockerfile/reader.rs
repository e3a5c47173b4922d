//! The whole file, line by line.

use source::{Span, without_bom};

use super::directive::Directives;
use super::instruction::{self, Errors};
use super::lines::{Line, Lines, Logical};
use super::{Dockerfile, Instruction, Kind, Stage, heredoc};
use crate::{Parsed, Spanned, SyntaxError};

/// Stages of one Dockerfile that are read. Chains of them are followed for each.
const MAX_STAGES: usize = 1_000;

/// What is said of an instruction before the first `FROM`.
const OUTSIDE: &str = "only ARG may stand before the first FROM: move this into a stage";
/// What is said where no such instruction stands either.
const NO_STAGE: &str = "no FROM: without a stage there is nothing to build";

/// Whether a file has instructions and lacks nothing but a `FROM`, as a part does that is put behind another file.
#[must_use]
pub fn lacks_only_from(parsed: &Parsed<Dockerfile>) -> bool {
    let is_known = |error: &SyntaxError| matches!(error.message.as_str(), OUTSIDE | NO_STAGE);
    let tree = &parsed.tree;
    tree.stages.is_empty() && !tree.instructions.is_empty() && parsed.errors.iter().all(is_known)
}

/// Reads a Dockerfile.
pub(super) fn read(text: &str) -> Parsed<Dockerfile> {
    let (body, mark) = without_bom(text);
    let mut reader = Reader {
        lines: Lines::new(body, mark),
        directives: Directives::default(),
        comments: Vec::new(),
        outside_told: false,
        tree: Dockerfile::default(),
        errors: Vec::new(),
    };
    while let Some(line) = reader.lines.next() {
        reader.line(line);
    }
    reader.finish(mark + body.strip_suffix('\n').unwrap_or(body).len())
}

struct Reader<'t> {
    lines: Lines<'t>,
    directives: Directives,
    /// Comments since the last instruction or empty comment.
    comments: Vec<Spanned<String>>,
    /// Whether an instruction before the first `FROM` was already told.
    outside_told: bool,
    tree: Dockerfile,
    errors: Vec<SyntaxError>,
}

impl Reader<'_> {
    fn line(&mut self, line: Line<'_>) {
        let trimmed = line.trimmed();
        let directive = self.directives.take(trimmed, &mut self.errors);
        if line.is_comment() {
            if !directive {
                self.comment(line);
            }
        } else if !trimmed.full.is_empty() {
            self.instruction(trimmed);
            return;
        }
        self.errors.extend(self.lines.take_overlong().map(overlong));
    }

    /// `BuildKit` cuts off the first character, blank or `#`, and then the blanks.
    fn comment(&mut self, line: Line<'_>) {
        let mut rest = line.full.chars();
        rest.next();
        let comment = rest.as_str().trim();
        if comment.is_empty() {
            self.comments.clear();
            return;
        }
        let start = line.start + line.full.trim_end().len() - comment.len();
        self.comments.push(Spanned::new(comment.to_owned(), Span::new(start, start + comment.len())));
    }

    fn instruction(&mut self, first: Line<'_>) {
        let escape = self.directives.escape.unwrap_or('\\');
        let logical = Logical::read(first, &mut self.lines, escape);
        let instruction::Read { mut instruction, mut errors, takes_heredocs } =
            instruction::read(logical.whole(), escape);
        instruction.line = logical.line;
        instruction.end_line = logical.end_line;
        instruction.span.end = logical.end.max(instruction.span.end);
        instruction.empty_continuation = logical.empty_continuation;
        instruction.comments = std::mem::take(&mut self.comments);
        if takes_heredocs {
            self.heredocs(&logical, &mut instruction, &mut errors);
        }
        self.place(&mut instruction, &mut errors);
        let overlong = self.lines.take_overlong().map(overlong);
        self.errors.extend(overlong.or_else(|| errors.into_first()));
        self.tree.instructions.push(instruction);
    }

    fn heredocs(&mut self, logical: &Logical, instruction: &mut Instruction, errors: &mut Errors) {
        let operators = match heredoc::operators(logical.whole()) {
            Ok(operators) => operators,
            Err(error) => return errors.grammar(instruction.span, error.message),
        };
        let mut heredocs = Vec::with_capacity(operators.len());
        for (span, operator) in operators {
            let body = heredoc::read_body(span, operator, &mut self.lines);
            instruction.end_line = self.lines.number();
            instruction.span.end = body.terminator_end.unwrap_or(body.heredoc.body.end);
            heredocs.push(body.heredoc);
            if body.terminator_end.is_none() {
                let name = heredocs.last().map_or("", |heredoc| heredoc.name.value.as_str());
                errors.grammar(span, format!("no line `{name}` ends this here-document"));
                break;
            }
        }
        match &mut instruction.kind {
            Kind::Onbuild(inner) => inner.heredocs = heredocs,
            _ => instruction.heredocs = heredocs,
        }
    }

    /// Gives the instruction its stage.
    fn place(&mut self, instruction: &mut Instruction, errors: &mut Errors) {
        let index = self.tree.instructions.len();
        let is_full = self.tree.stages.len() >= MAX_STAGES;
        if let Kind::From { .. } = &instruction.kind
            && is_full
        {
            errors.meaning(instruction.keyword.span, "this is the 1,001st stage; later ones are not read");
        } else if let Kind::From { base, name, platform } = &instruction.kind {
            self.tree.stages.push(Stage {
                name: name.clone(),
                base: base.clone(),
                platform: platform.clone(),
                index: self.tree.stages.len(),
                instructions: index..index,
                line: instruction.line,
            });
        }
        if let Some(stage) = self.tree.stages.last_mut() {
            stage.instructions.end = index + 1;
            instruction.stage = Some(stage.index);
        } else if !self.outside_told && !matches!(instruction.kind, Kind::Arg(_)) {
            self.outside_told = true;
            errors.meaning(instruction.keyword.span, OUTSIDE);
        }
        if let Kind::Onbuild(inner) = &mut instruction.kind {
            inner.stage = instruction.stage;
            inner.line = instruction.line;
            inner.end_line = instruction.end_line;
            inner.span.end = instruction.span.end;
        }
    }

    fn finish(mut self, end: usize) -> Parsed<Dockerfile> {
        let why = if self.tree.instructions.is_empty() {
            Some("the file holds no instruction")
        } else if self.tree.stages.is_empty() && !self.outside_told {
            Some(NO_STAGE)
        } else {
            None
        };
        self.errors.extend(why.map(|why| SyntaxError { span: Span::at(end), message: why.to_owned() }));
        self.errors.sort_by_key(|error| error.span);
        self.tree.escape = self.directives.escape.unwrap_or('\\');
        self.tree.directives = self.directives.found;
        Parsed { tree: self.tree, errors: self.errors }
    }
}

fn overlong(span: Span) -> SyntaxError {
    let message =
        "the line is longer than 65535 bytes, which the builder does not read: continue it on more lines";
    SyntaxError { span, message: message.to_owned() }
}
