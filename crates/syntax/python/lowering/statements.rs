//! Statements.

use std::sync::Arc;

use ruff_python_ast::{
    self as ast, Expr, Stmt,
    visitor::{Visitor, walk_expr},
};
use ruff_text_size::Ranged;
use source::Span;

use super::Lowering;
use super::expressions::arithmetic;
use crate::decision::{
    Class, Expression, ExpressionKind, Function, Handler, Import, ImportedNames, Statement,
    StatementKind as Kind, Try, bound_names,
};

/// Bytes of an annotation that are kept.
const MAX_ANNOTATION: usize = 400;

impl Lowering<'_> {
    pub(super) fn block(&self, body: &[Stmt]) -> Vec<Statement> {
        let mut statements = Vec::with_capacity(body.len());
        for stmt in body {
            let span = self.span(stmt.range());
            let lowered = self.deeper(|| self.statement(stmt, span, &mut statements));
            if lowered.is_none() {
                let reason = "statements that nest too deep".to_owned();
                statements.push(Statement::new(Kind::Opaque(reason), span));
            }
        }
        statements
    }

    fn statement(&self, stmt: &Stmt, span: Span, into: &mut Vec<Statement>) {
        if let Stmt::Import(import) = stmt {
            into.extend(import.names.iter().map(|alias| Statement::new(imported(alias), span)));
            return;
        }
        into.push(Statement::new(self.statement_kind(stmt), span));
    }

    fn statement_kind(&self, stmt: &Stmt) -> Kind {
        match stmt {
            Stmt::FunctionDef(function) => Kind::Function(Arc::new(self.function(function))),
            Stmt::ClassDef(class) => Kind::Class(Arc::new(self.class(class))),
            Stmt::Return(returned) => {
                Kind::Return(returned.value.as_ref().map(|value| self.expression(value)))
            }
            Stmt::Assign(assign) => {
                let targets = assign.targets.iter().map(|target| self.expression(target));
                Kind::Assign(targets.collect(), self.expression(&assign.value))
            }
            Stmt::AnnAssign(assign) => Kind::Declare {
                target: self.expression(&assign.target),
                annotation: self.annotation(&assign.annotation),
                value: assign.value.as_ref().map(|value| self.expression(value)),
            },
            Stmt::AugAssign(assign) => match arithmetic(assign.op) {
                Some(operator) => {
                    Kind::Update(self.expression(&assign.target), operator, self.expression(&assign.value))
                }
                None => Kind::Opaque("arithmetic".to_owned()),
            },
            Stmt::Expr(expression) => Kind::Expression(self.expression(&expression.value)),
            Stmt::If(branch) => self.branches(branch),
            Stmt::Match(matched) => Kind::Match(
                self.expression(&matched.subject),
                matched.cases.iter().map(|case| self.case(case)).collect(),
            ),
            Stmt::For(looped) => Kind::For {
                target: self.expression(&looped.target),
                iterable: self.expression(&looped.iter),
                body: self.block(&looped.body),
                otherwise: self.block(&looped.orelse),
            },
            Stmt::While(looped) if looped.orelse.is_empty() => {
                Kind::While(self.expression(&looped.test), self.block(&looped.body))
            }
            Stmt::While(_) => Kind::Opaque("a loop with an `else`".to_owned()),
            Stmt::Try(tried) if tried.is_star => Kind::Opaque("`except*`".to_owned()),
            Stmt::Try(tried) => Kind::Try(Box::new(self.tried(tried))),
            Stmt::With(with) => {
                let items = with.items.iter().map(|item| {
                    let target = item.optional_vars.as_ref().map(|target| self.expression(target));
                    (self.expression(&item.context_expr), target)
                });
                Kind::With(items.collect(), self.block(&with.body))
            }
            Stmt::Raise(raised) => Kind::Raise(raised.exc.as_ref().map(|raised| self.expression(raised))),
            Stmt::ImportFrom(import) => import_from(import),
            Stmt::Global(global) => Kind::Global(global.names.iter().map(ToString::to_string).collect()),
            Stmt::Nonlocal(outer) => Kind::Global(outer.names.iter().map(ToString::to_string).collect()),
            Stmt::Break(_) => Kind::Break,
            Stmt::Continue(_) => Kind::Continue,
            Stmt::Delete(deleted) => {
                Kind::Delete(deleted.targets.iter().map(|target| self.expression(target)).collect())
            }
            Stmt::Assert(asserted) => self.asserted(asserted),
            Stmt::Pass(_) | Stmt::TypeAlias(_) | Stmt::Import(_) | Stmt::IpyEscapeCommand(_) => Kind::Pass,
        }
    }

    /// An assertion as what it does: it raises where its test does not hold.
    fn asserted(&self, asserted: &ast::StmtAssert) -> Kind {
        let span = self.span(asserted.test.range());
        let fails = Expression::new(ExpressionKind::Not(Box::new(self.expression(&asserted.test))), span);
        let class = Expression::new(ExpressionKind::Name("AssertionError".to_owned()), span);
        let raised = Statement::new(Kind::Raise(Some(class)), self.span(asserted.range));
        Kind::If(vec![(fails, vec![raised])], Vec::new())
    }

    fn annotation(&self, annotation: &Expr) -> Option<String> {
        let written = self.source.slice(annotation.range());
        (written.len() <= MAX_ANNOTATION).then(|| written.to_owned())
    }

    fn branches(&self, branch: &ast::StmtIf) -> Kind {
        let mut branches = vec![(self.expression(&branch.test), self.block(&branch.body))];
        let mut otherwise = Vec::new();
        for clause in &branch.elif_else_clauses {
            match &clause.test {
                Some(test) => branches.push((self.expression(test), self.block(&clause.body))),
                None => otherwise = self.block(&clause.body),
            }
        }
        Kind::If(branches, otherwise)
    }

    fn tried(&self, tried: &ast::StmtTry) -> Try {
        let handlers = tried.handlers.iter().map(|handler| {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            Handler {
                of: handler.type_.as_ref().map(|class| self.expression(class)),
                name: handler.name.as_ref().map(ToString::to_string),
                body: self.block(&handler.body),
            }
        });
        Try {
            body: self.block(&tried.body),
            handlers: handlers.collect(),
            otherwise: self.block(&tried.orelse),
            finally: self.block(&tried.finalbody),
        }
    }

    fn function(&self, function: &ast::StmtFunctionDef) -> Function {
        let parameters = self.parameters(&function.parameters);
        let body = self.block(&function.body);
        let mut locals = bound_names(&body);
        locals.extend(parameters.iter().map(|parameter| parameter.name.clone()));
        locals.sort();
        locals.dedup();
        Function {
            name: function.name.to_string(),
            parameters,
            decorators: function
                .decorator_list
                .iter()
                .map(|decorator| self.expression(&decorator.expression))
                .collect(),
            body,
            locals,
            opaque: yields(&function.body).then_some("a generator"),
            span: self.span(function.name.range),
        }
    }

    fn class(&self, class: &ast::StmtClassDef) -> Class {
        let bases = class
            .arguments
            .as_ref()
            .map(|arguments| arguments.args.iter().map(|base| self.expression(base)).collect::<Vec<_>>());
        let keywords = class.arguments.iter().flat_map(|arguments| &arguments.keywords);
        let made_by = keywords.filter(|keyword| is_metaclass(keyword));
        let bases = bases
            .unwrap_or_default()
            .into_iter()
            .chain(made_by.map(|keyword| Expression::opaque("a class of classes", self.span(keyword.range))));
        Class {
            name: class.name.to_string(),
            bases: bases.collect(),
            decorators: class
                .decorator_list
                .iter()
                .map(|decorator| self.expression(&decorator.expression))
                .collect(),
            body: self.block(&class.body),
            span: self.span(class.name.range),
        }
    }
}

/// Whether a class is made by a class that may give it more than it says itself.
fn is_metaclass(keyword: &ast::Keyword) -> bool {
    let last = match &keyword.value {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    let is_known = matches!(last, "ABCMeta" | "EnumMeta" | "EnumType" | "type");
    keyword.arg.as_ref().is_some_and(|name| name.as_str() == "metaclass") && !is_known
}

fn imported(alias: &ast::Alias) -> Kind {
    Kind::Import(Import {
        module: alias.name.to_string(),
        level: 0,
        names: ImportedNames::Module(alias.asname.as_ref().map(ToString::to_string)),
    })
}

fn import_from(import: &ast::StmtImportFrom) -> Kind {
    let all = import.names.iter().any(|alias| alias.name.as_str() == "*");
    let names = import.names.iter().map(|alias| {
        let local = alias.asname.as_ref().unwrap_or(&alias.name);
        (alias.name.to_string(), local.to_string())
    });
    Kind::Import(Import {
        module: import.module.as_ref().map(ToString::to_string).unwrap_or_default(),
        level: import.level,
        names: if all { ImportedNames::All } else { ImportedNames::Names(names.collect()) },
    })
}

/// Whether a body makes its function a generator.
fn yields(body: &[Stmt]) -> bool {
    #[derive(Default)]
    struct Yields(bool);
    impl<'a> Visitor<'a> for Yields {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                ast::visitor::walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Yield(_) | Expr::YieldFrom(_) => self.0 = true,
                Expr::Lambda(_) => {}
                _ => walk_expr(self, expr),
            }
        }
    }
    let mut yields = Yields::default();
    yields.visit_body(body);
    yields.0
}
