//! The cases of `match`.

use ruff_python_ast::{self as ast, Pattern as Tree, Singleton};

use super::Lowering;
use crate::decision::{Case, Expression, ExpressionKind, Pattern};

impl Lowering<'_> {
    pub(super) fn case(&self, case: &ast::MatchCase) -> Case {
        Case {
            pattern: self.pattern(&case.pattern),
            guard: case.guard.as_ref().map(|guard| self.expression(guard)),
            body: self.block(&case.body),
        }
    }

    fn pattern(&self, pattern: &Tree) -> Pattern {
        self.deeper(|| self.pattern_kind(pattern))
            .unwrap_or_else(|| Pattern::Opaque("a pattern that nests too deep".to_owned()))
    }

    fn pattern_kind(&self, pattern: &Tree) -> Pattern {
        match pattern {
            Tree::MatchValue(value) => Pattern::Value(self.expression(&value.value)),
            Tree::MatchSingleton(singleton) => {
                let kind = match singleton.value {
                    Singleton::None => ExpressionKind::Null,
                    Singleton::True => ExpressionKind::Bool(true),
                    Singleton::False => ExpressionKind::Bool(false),
                };
                Pattern::Value(Expression::new(kind, self.span(singleton.range)))
            }
            Tree::MatchOr(either) => {
                Pattern::Or(either.patterns.iter().map(|one| self.pattern(one)).collect())
            }
            Tree::MatchAs(bound) => match (&bound.pattern, &bound.name) {
                (None, None) => Pattern::Any,
                (None, Some(name)) => Pattern::Bind(name.to_string()),
                (Some(inner), Some(name)) => Pattern::As(Box::new(self.pattern(inner)), name.to_string()),
                (Some(inner), None) => self.pattern(inner),
            },
            Tree::MatchSequence(sequence)
                if !sequence.patterns.iter().any(|one| matches!(one, Tree::MatchStar(_))) =>
            {
                Pattern::Sequence(sequence.patterns.iter().map(|one| self.pattern(one)).collect())
            }
            _ => Pattern::Opaque("this pattern".to_owned()),
        }
    }
}
