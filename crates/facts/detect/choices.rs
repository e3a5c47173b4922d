//! What code chooses by a detector's answer: names of secrets, hosts, databases.

use std::collections::BTreeMap;

use source::{Place, Span};
use syntax::decision::{
    Comparison, Expression, ExpressionKind as Kind, Piece, Statement, StatementKind, walk_functions,
};

use super::candidates::{Candidate, Subject};
use super::loggers::only_tells;
use super::model::Answer;
use super::program::Loaded;

/// One of several texts, by the answer of a detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    taken: Vec<(When, String, Place)>,
}

/// The answer with which a text is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    Is(Answer),
    /// No other text is for it.
    Otherwise,
    /// Every answer: it is part of the text, in the place of [`ANSWER`].
    Any,
}

/// Stands for the answer in a text.
const ANSWER: char = '\0';

impl Choice {
    /// The text that is taken with this answer, and where it stands; `None` where none is known to be.
    #[must_use]
    pub fn of(&self, answer: &Answer) -> Option<(String, &Place)> {
        let is_own = |(when, ..): &&(When, String, Place)| matches!(when, When::Is(own) if own == answer);
        let is_open = |(when, ..): &&(When, String, Place)| *when == When::Otherwise;
        let is_part = |(when, ..): &&(When, String, Place)| *when == When::Any;
        if let (Answer::Text(name), Some((_, text, at))) = (answer, self.taken.iter().find(is_part)) {
            return Some((text.replace(ANSWER, name), at));
        }
        let own = self.taken.iter().find(is_own).or_else(|| self.taken.iter().find(is_open));
        own.map(|(_, text, at)| (text.clone(), at))
    }
}

/// Functions in functions that are looked into.
const MAX_NESTING: usize = 8;

/// The choices that the file of a detector makes by its answer.
pub(super) fn choices(loaded: &Loaded, candidate: &Candidate) -> Vec<Choice> {
    let mut tables = BTreeMap::new();
    for statement in &loaded.module.body {
        if let StatementKind::Assign(targets, value) = &statement.kind
            && let ([Expression { kind: Kind::Name(name), .. }], Kind::Map(_)) = (&**targets, &value.kind)
        {
            tables.insert(name.as_str(), value);
        }
    }
    let name = candidate.name.rsplit('.').next().unwrap_or(&candidate.name);
    let mut finder = Finder { loaded, candidate, name, tables, found: Vec::new() };
    finder.block(&loaded.module.body, 0);
    finder.found
}

struct Finder<'f> {
    loaded: &'f Loaded,
    candidate: &'f Candidate,
    /// The detector's own name.
    name: &'f str,
    /// Dictionaries of the module.
    tables: BTreeMap<&'f str, &'f Expression>,
    found: Vec<Choice>,
}

impl<'f> Finder<'f> {
    fn block(&mut self, body: &'f [Statement], depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        let mut statements = Vec::new();
        walk_functions(body, &mut |statement| statements.push(statement));
        let is_seen = match &self.candidate.what {
            Subject::Assigned(.., span) => statements.iter().any(|statement| statement.span == *span),
            Subject::Global(_) | Subject::Entry(..) | Subject::Member(..) => true,
        };
        for statement in statements {
            match &statement.kind {
                // A name of its own is another value.
                StatementKind::Function(function) if self.is_hidden_in(&function.locals) => {}
                StatementKind::Function(function) => self.block(&function.body, depth + 1),
                StatementKind::Class(class) => match &self.candidate.what {
                    Subject::Member(own, _) if *own != class.name => {}
                    _ => self.block(&class.body, depth + 1),
                },
                _ if !is_seen => {}
                StatementKind::If(branches, otherwise) => self.branches(branches, otherwise),
                StatementKind::Expression(value) if only_tells(value) => {}
                StatementKind::Assign(_, value)
                | StatementKind::Return(Some(value))
                | StatementKind::Expression(value) => self.expression(value),
                StatementKind::Declare { value: Some(value), .. } => self.expression(value),
                _ => {}
            }
        }
    }

    /// Whether a function has a local variable or parameter of the detector's name.
    fn is_hidden_in(&self, locals: &[String]) -> bool {
        matches!(self.candidate.what, Subject::Global(_)) && locals.iter().any(|local| local == self.name)
    }

    fn branches(&mut self, branches: &'f [(Expression, Vec<Statement>)], otherwise: &'f [Statement]) {
        let tested: Option<Vec<_>> =
            branches.iter().map(|(test, body)| Some((self.asked(test)?, chosen(body)))).collect();
        let Some(tested) = tested else { return };
        let mut taken = Vec::new();
        for (answers, value) in &tested {
            taken.extend(answers.iter().filter_map(|answer| self.taken(When::Is(answer.clone()), (*value)?)));
        }
        taken.extend(chosen(otherwise).and_then(|value| self.taken(When::Otherwise, value)));
        self.add(taken);
    }

    fn expression(&mut self, value: &'f Expression) {
        match &value.kind {
            Kind::Conditional(parts) => {
                if let Some(answers) = self.asked(&parts.test) {
                    let then =
                        answers.iter().filter_map(|answer| self.taken(When::Is(answer.clone()), &parts.then));
                    let taken: Vec<_> = then.chain(self.taken(When::Otherwise, &parts.otherwise)).collect();
                    self.add(taken);
                }
            }
            Kind::Format(_) => {
                let taken = self.taken(When::Any, value).filter(|(_, text, _)| text.contains(ANSWER));
                self.add(taken.into_iter().collect());
            }
            Kind::Index { object, index, .. } if self.is_meant(index) => self.table(object, None),
            Kind::Call(call) => {
                if let (Kind::Member { object, name, .. }, Some(first)) =
                    (&call.callee.kind, call.arguments.first())
                    && name == "get"
                    && self.is_meant(first)
                {
                    self.table(object, call.arguments.get(1));
                }
                let keywords = call.keywords.iter().map(|(_, value)| value);
                call.arguments.iter().chain(keywords).for_each(|value| self.expression(value));
            }
            Kind::Logical(_, values) | Kind::Sequence(_, values) => {
                values.iter().for_each(|value| self.expression(value));
            }
            Kind::Map(entries) => entries.iter().for_each(|(_, value)| self.expression(value)),
            _ => {}
        }
    }

    /// A look-up by the answer in a dictionary.
    fn table(&mut self, object: &'f Expression, default: Option<&'f Expression>) {
        let known = match &object.kind {
            Kind::Name(name) => self.tables.get(name.as_str()).copied(),
            _ => Some(object),
        };
        let Some(Expression { kind: Kind::Map(entries), .. }) = known else { return };
        let entry = |(key, value): &'f (Option<Expression>, Expression)| {
            let key = key.as_ref()?.text()?.to_owned();
            self.taken(When::Is(Answer::Text(key)), value)
        };
        let default = default.and_then(|value| self.taken(When::Otherwise, value));
        let taken = entries.iter().filter_map(entry).chain(default).collect();
        self.add(taken);
    }

    fn add(&mut self, taken: Vec<(When, String, Place)>) {
        self.found.extend((!taken.is_empty()).then_some(Choice { taken }));
    }

    /// The answers with which a test is true: of the detector itself, or of its comparison with names.
    fn asked(&self, test: &Expression) -> Option<Vec<Answer>> {
        let name = |value: &Expression| value.text().map(|text| Answer::Text(text.to_owned()));
        match &test.kind {
            Kind::Not(inner) if self.is_meant(inner) => Some(vec![Answer::Bool(false)]),
            Kind::Compare(left, rest) if self.is_meant(left) => match rest.as_slice() {
                [(Comparison::Equal | Comparison::LooseEqual, right)] => Some(vec![name(right)?]),
                [(Comparison::In, Expression { kind: Kind::Sequence(_, names), .. })] => {
                    names.iter().map(name).collect()
                }
                _ => None,
            },
            _ => self.is_meant(test).then(|| vec![Answer::Bool(true)]),
        }
    }

    /// Whether an expression is the detector's answer, in whatever case.
    fn is_meant(&self, value: &Expression) -> bool {
        match &value.kind {
            Kind::Name(name) => name == self.name && !matches!(self.candidate.what, Subject::Member(..)),
            Kind::Member { object, name, .. } => {
                let own = matches!(&object.kind, Kind::Name(object) if matches!(object.as_str(), "self" | "cls" | "this"));
                own && name == self.name && !matches!(self.candidate.what, Subject::Global(_))
            }
            Kind::Call(call) => match &call.callee.kind {
                Kind::Member { object, name, .. }
                    if matches!(name.as_str(), "lower" | "strip" | "toLowerCase") =>
                {
                    self.is_meant(object)
                }
                _ => call.arguments.is_empty() && self.is_meant(&call.callee),
            },
            _ => false,
        }
    }

    /// A text that is taken, where it can be the name of something.
    fn taken(&self, when: When, value: &Expression) -> Option<(When, String, Place)> {
        let text = self.written(value).filter(|text| is_name(text))?;
        Some((when, text, self.place(value.span)))
    }

    /// A text as written, other values in it by their names.
    fn written(&self, value: &Expression) -> Option<String> {
        let Kind::Format(pieces) = &value.kind else { return value.text().map(str::to_owned) };
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Value(value) if self.is_meant(value) => Some(ANSWER.to_string()),
            Piece::Value(value) => Some(format!("{{{}}}", value.dotted()?)),
        };
        pieces.iter().map(piece).collect()
    }

    fn place(&self, span: Span) -> Place {
        self.loaded.place(span)
    }
}

/// The value that a branch returns or assigns.
fn chosen(body: &[Statement]) -> Option<&Expression> {
    body.iter().find_map(|statement| match &statement.kind {
        StatementKind::Return(Some(value)) | StatementKind::Assign(_, value) => Some(value),
        StatementKind::Declare { value, .. } => value.as_ref(),
        _ => None,
    })
}

/// Whether a text may name a secret, a host or a database: one word with more than letters in it.
fn is_name(text: &str) -> bool {
    (3..=120).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && text.contains(['-', '.', '/', ':', '_'])
        && text.contains(|letter: char| letter.is_ascii_lowercase() || letter == ANSWER)
}
