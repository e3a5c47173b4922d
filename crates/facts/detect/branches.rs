//! Branches that ask for environments which an earlier branch has taken.

use source::{Place, Span};
use syntax::decision::{
    Comparison, Expression, ExpressionKind, Pattern, Statement, StatementKind, walk_functions,
};

use super::program::Loaded;
use crate::environment::canonical;

/// A branch that is never reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreachableBranch {
    /// The test.
    pub at: Place,
    /// The name that it asks for.
    pub text: String,
    /// The test that takes that name before.
    pub earlier: Place,
    /// What the earlier test looks for inside the name, where it does not ask for the whole name.
    pub within: Option<String>,
}

/// What a test asks a value for.
struct Test<'t> {
    subject: String,
    /// Whole names, or parts of one.
    asked: Vec<&'t str>,
    is_part: bool,
    span: Span,
}

/// Every branch of a module's functions that is never reached.
pub(super) fn unreachable(loaded: &Loaded) -> Vec<UnreachableBranch> {
    let mut found = Vec::new();
    blocks(loaded, &loaded.module.body, 0, &mut found);
    found.sort();
    found.dedup();
    found
}

/// Functions in functions that are looked into.
const MAX_NESTING: usize = 8;

fn blocks(loaded: &Loaded, body: &[Statement], depth: usize, found: &mut Vec<UnreachableBranch>) {
    if depth > MAX_NESTING {
        return;
    }
    sequence(loaded, body, found);
    walk_functions(body, &mut |statement| match &statement.kind {
        StatementKind::Function(function) => blocks(loaded, &function.body, depth + 1, found),
        StatementKind::Class(class) => blocks(loaded, &class.body, depth + 1, found),
        StatementKind::If(branches, otherwise) => {
            branches.iter().for_each(|(_, body)| sequence(loaded, body, found));
            sequence(loaded, otherwise, found);
        }
        StatementKind::Match(_, cases) => repeated_cases(loaded, cases, found),
        _ => {}
    });
}

/// `if`s in a row of which each leaves, and the branches of one `if`.
fn sequence(loaded: &Loaded, body: &[Statement], found: &mut Vec<UnreachableBranch>) {
    let mut before: Vec<Test<'_>> = Vec::new();
    for statement in body {
        let StatementKind::If(branches, _) = &statement.kind else {
            before.clear();
            continue;
        };
        let mut chain: Vec<Test<'_>> = Vec::new();
        for (test, _) in branches {
            let Some(test) = asked(test) else { continue };
            found.extend(taken(loaded, before.iter().chain(&chain), &test));
            chain.push(test);
        }
        if branches.iter().all(|(_, body)| leaves(body)) {
            before.extend(chain);
        } else {
            before.clear();
        }
    }
}

/// The branch as unreachable, where every name that it asks for is taken by one before.
fn taken<'t>(
    loaded: &Loaded,
    before: impl Iterator<Item = &'t Test<'t>>,
    test: &Test<'_>,
) -> Option<UnreachableBranch> {
    let text = test.asked.first()?;
    // Only tests for environments are of interest here.
    if !test.asked.iter().all(|text| canonical(text).is_some()) {
        return None;
    }
    let mut earlier = before.filter(|other| {
        let covers = |text: &&str| {
            if other.is_part {
                other.asked.iter().any(|part| !part.is_empty() && text.contains(part))
            } else {
                !test.is_part && other.asked.contains(text)
            }
        };
        other.subject == test.subject && test.asked.iter().all(covers)
    });
    let earlier = earlier.next()?;
    Some(UnreachableBranch {
        at: loaded.place(test.span),
        text: (*text).to_owned(),
        earlier: loaded.place(earlier.span),
        within: earlier.is_part.then(|| earlier.asked.first().map(|part| (*part).to_owned())).flatten(),
    })
}

/// `name == "x"`, `name in ("x", "y")`, `"x" in name`, and these joined by `or`.
fn asked(test: &Expression) -> Option<Test<'_>> {
    let span = test.span;
    match &test.kind {
        ExpressionKind::Compare(left, rest) => {
            let [(operator, right)] = rest.as_slice() else { return None };
            let named = |subject: &Expression, asked: Vec<_>, is_part: bool| {
                Some(Test { subject: subject.dotted()?, asked, is_part, span })
            };
            match operator {
                Comparison::Equal | Comparison::LooseEqual => match (left.text(), right.text()) {
                    (None, Some(text)) => named(left, vec![text], false),
                    (Some(text), None) => named(right, vec![text], false),
                    _ => None,
                },
                Comparison::In => match (&left.kind, &right.kind) {
                    (_, ExpressionKind::Sequence(_, items)) => {
                        let asked: Option<Vec<&str>> = items.iter().map(Expression::text).collect();
                        named(left, asked?, false)
                    }
                    (ExpressionKind::Text(part), _) => named(right, vec![part], true),
                    _ => None,
                },
                _ => None,
            }
        }
        ExpressionKind::Logical(syntax::decision::Logical::Or, operands) => {
            let mut tests = operands.iter().map(asked);
            let mut all = tests.next()??;
            for test in tests {
                let test = test?;
                if test.subject != all.subject || test.is_part != all.is_part {
                    return None;
                }
                all.asked.extend(test.asked);
            }
            Some(Test { span, ..all })
        }
        _ => None,
    }
}

fn leaves(body: &[Statement]) -> bool {
    matches!(
        body.last().map(|last| &last.kind),
        Some(
            StatementKind::Return(_)
                | StatementKind::Raise(_)
                | StatementKind::Continue
                | StatementKind::Break
        )
    )
}

/// A case whose text an earlier case without a condition has.
fn repeated_cases(loaded: &Loaded, cases: &[syntax::decision::Case], found: &mut Vec<UnreachableBranch>) {
    let mut before: Vec<(&str, Span)> = Vec::new();
    for case in cases {
        let texts = texts_of(&case.pattern);
        for (text, span) in texts.iter().filter(|(text, _)| canonical(text).is_some()) {
            let earlier = before.iter().find(|(known, _)| known == text).map(|(_, earlier)| *earlier);
            if let Some(earlier) = earlier {
                found.push(UnreachableBranch {
                    at: loaded.place(*span),
                    text: (*text).to_owned(),
                    earlier: loaded.place(earlier),
                    within: None,
                });
            }
        }
        if case.guard.is_none() {
            before.extend(texts);
        }
    }
}

fn texts_of(pattern: &Pattern) -> Vec<(&str, Span)> {
    match pattern {
        Pattern::Value(value) => value.text().map(|text| (text, value.span)).into_iter().collect(),
        Pattern::Or(all) => all.iter().flat_map(texts_of).collect(),
        _ => Vec::new(),
    }
}
