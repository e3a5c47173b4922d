//! Which variables' mere presence makes an expression come out true or false.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Stmt, UnaryOp};

use super::literals::{dotted, items_of};
use super::scope::Value;
use super::walk::Walker;
use crate::Spanned;

/// Nested conditions that are looked through.
const MAX_NESTING: usize = 16;
/// Variables of one condition that are told.
const MAX_VARIABLES: usize = 16;
/// Methods of strings that keep an empty text empty and another one not.
const KEEPS_TRUTH: [&str; 6] = ["lower", "upper", "casefold", "title", "capitalize", "encode"];

type Variables = Vec<Spanned<String>>;

impl Walker<'_> {
    /// The variables each of which, if set and not empty, alone makes `expr` come out as `outcome`; for `a and b`
    /// those of both sides where nothing but presence is asked. Comparing a value is no presence.
    pub(super) fn presence(&self, expr: &Expr, outcome: bool) -> Variables {
        let mut found = self.presence_in(expr, outcome, 0);
        found.truncate(MAX_VARIABLES);
        found
    }

    /// The variables that are set wherever `test` came out as `outcome`, whatever else it asks.
    pub(super) fn surely_set(&self, test: &Expr, outcome: bool) -> Vec<String> {
        self.surely_set_in(test, outcome, 0)
    }

    fn surely_set_in(&self, test: &Expr, outcome: bool, depth: usize) -> Vec<String> {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => {
                self.surely_set_in(&not.operand, !outcome, depth + 1)
            }
            Expr::BoolOp(boolean) => {
                let sets = boolean.values.iter().map(|value| self.surely_set_in(value, outcome, depth + 1));
                if (boolean.op == BoolOp::And) == outcome { sets.flatten().collect() } else { in_all(sets) }
            }
            _ => {
                let found = self.presence_in(test, outcome, depth + 1);
                // A name that is bound to several reads tells that one of them is set, not which.
                let one_of = found.len() > 1 && matches!(test, Expr::Name(_) | Expr::Attribute(_));
                if one_of { Vec::new() } else { found.into_iter().map(|name| name.value).collect() }
            }
        }
    }

    /// What a function answers that only returns whether variables are set: `def on_cloud(): return bool(...)`.
    pub(super) fn presence_answered(&self, function: &ast::StmtFunctionDef) -> Option<Variables> {
        let body = match function.body.as_slice() {
            [Stmt::Expr(text), rest @ ..] if text.value.is_string_literal_expr() => rest,
            body => body,
        };
        let [Stmt::Return(returned)] = body else { return None };
        Some(self.presence(returned.value.as_deref()?, true)).filter(|variables| !variables.is_empty())
    }

    /// Makes such methods of a class known before its body is read: one may be used above its definition.
    pub(super) fn bind_presence_methods(&mut self, body: &[Stmt]) {
        for function in body.iter().filter_map(Stmt::as_function_def_stmt) {
            if let Some(variables) = self.presence_answered(function) {
                self.scopes.bind(&format!("self.{}", function.name), Value::Presence(variables));
            }
        }
    }

    fn presence_in(&self, expr: &Expr, outcome: bool, depth: usize) -> Variables {
        if depth > MAX_NESTING {
            return Vec::new();
        }
        match expr {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => {
                self.presence_in(&not.operand, !outcome, depth + 1)
            }
            Expr::BoolOp(boolean) => {
                // Not (a or b) is (not a) and (not b).
                let any = (boolean.op == BoolOp::Or) == outcome;
                self.presence_of_all(&boolean.values, any, outcome, depth)
            }
            Expr::Compare(compare) => self.presence_compared(compare, outcome, depth),
            Expr::Named(named) => self.presence_in(&named.value, outcome, depth + 1),
            _ if !outcome => Vec::new(),
            Expr::Call(call) => self.presence_called(call, expr, depth),
            Expr::Name(_) | Expr::Attribute(_) => {
                match dotted(expr).and_then(|name| self.scopes.get(&name)) {
                    Some(Value::Presence(variables)) => variables.clone(),
                    _ => Vec::new(),
                }
            }
            _ => self.read_variables(expr),
        }
    }

    fn bound_presence(&self, name: &Expr) -> Option<Variables> {
        match self.scopes.get(&dotted(name)?) {
            Some(Value::Presence(variables)) => Some(variables.clone()),
            _ => None,
        }
    }

    fn read_variables(&self, expr: &Expr) -> Variables {
        self.environment_read(expr).map(|read| read.names).unwrap_or_default()
    }

    /// The variables of several conditions: of any of them, or of all if each asks for presence alone.
    fn presence_of_all(&self, values: &[Expr], any: bool, outcome: bool, depth: usize) -> Variables {
        let mut all: Variables = Vec::new();
        for value in values {
            let found = self.presence_in(value, outcome, depth + 1);
            if found.is_empty() && !any {
                return Vec::new();
            }
            for variable in found {
                if all.len() < MAX_VARIABLES && !all.contains(&variable) {
                    all.push(variable);
                }
            }
        }
        all
    }

    /// `x is not None`, `x != ""`, `"X" in os.environ`.
    fn presence_compared(&self, compare: &ast::ExprCompare, outcome: bool, depth: usize) -> Variables {
        let ([op], [right]) = (&*compare.ops, &*compare.comparators) else { return Vec::new() };
        match op {
            CmpOp::In if outcome => self.membership(compare).unwrap_or_default(),
            CmpOp::NotIn if !outcome => self.membership(compare).unwrap_or_default(),
            CmpOp::IsNot | CmpOp::NotEq if is_nothing(right) => {
                if outcome {
                    self.presence_in(&compare.left, true, depth + 1)
                } else {
                    Vec::new()
                }
            }
            CmpOp::Is | CmpOp::Eq if is_nothing(right) => {
                if outcome {
                    Vec::new()
                } else {
                    self.presence_in(&compare.left, true, depth + 1)
                }
            }
            _ => Vec::new(),
        }
    }

    fn presence_called(&self, call: &ast::ExprCall, expr: &Expr, depth: usize) -> Variables {
        let read = self.read_variables(expr);
        if !read.is_empty() {
            return read;
        }
        let argument = match &*call.arguments.args {
            [only] if call.arguments.keywords.is_empty() => Some(only),
            _ => None,
        };
        match (&*call.func, argument) {
            (_, None) if call.arguments.is_empty() && self.bound_presence(&call.func).is_some() => {
                self.bound_presence(&call.func).unwrap_or_default()
            }
            (Expr::Name(name), Some(argument)) if name.id.as_str() == "bool" => {
                self.presence_in(argument, true, depth + 1)
            }
            (Expr::Name(name), Some(argument)) if matches!(name.id.as_str(), "any" | "all") => {
                let any = name.id.as_str() == "any";
                match argument {
                    Expr::Generator(generator) if any => {
                        self.presence_of_loop(&generator.generators, &generator.elt)
                    }
                    Expr::ListComp(list) if any => self.presence_of_loop(&list.generators, &list.elt),
                    _ => items_of(argument)
                        .map(|items| self.presence_of_all(items, any, true, depth))
                        .unwrap_or_default(),
                }
            }
            (Expr::Attribute(attribute), None) if KEEPS_TRUTH.contains(&attribute.attr.as_str()) => {
                self.presence_in(&attribute.value, true, depth + 1)
            }
            _ => Vec::new(),
        }
    }

    /// `any(os.environ.get(name) for name in ("K_SERVICE", "K_REVISION"))`: the names of the literal list.
    fn presence_of_loop(&self, generators: &[ast::Comprehension], item: &Expr) -> Variables {
        let [generator] = generators else { return Vec::new() };
        let Some(variable) = dotted(&generator.target) else { return Vec::new() };
        if !generator.ifs.is_empty() || self.read_by_name(item) != Some(variable) {
            return Vec::new();
        }
        let list = items_of(&generator.iter).unwrap_or_default();
        let texts: Variables =
            list.iter().take(MAX_VARIABLES).filter_map(|item| self.source.plain_text_of(item)).collect();
        match dotted(&generator.iter).and_then(|name| self.scopes.get(&name)) {
            Some(Value::Texts(texts)) => texts.clone(),
            _ => texts,
        }
    }
}

fn in_all(mut sets: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let first = sets.next().unwrap_or_default();
    sets.fold(first, |common, set| common.into_iter().filter(|name| set.contains(name)).collect())
}

pub(super) fn is_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::NoneLiteral(_) => true,
        Expr::StringLiteral(literal) => literal.value.is_empty(),
        _ => false,
    }
}
