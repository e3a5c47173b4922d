//! Calls whose meaning depends on the type that is wanted of them.

use syn::{Expr, Stmt};

use super::Lowering;
use super::items::call;
use super::statements::closure;
use super::wanted::{KEEPS, OF_TEXTS, Wanted, path_of};
use crate::decision::{Expression, ExpressionKind as Kind, SequenceKind, Statement, StatementKind};
use crate::rust::items::plain;

impl Lowering {
    /// Lowers something that has to have this type.
    pub(super) fn expecting<T>(&self, wanted: Option<Wanted>, lower: impl FnOnce() -> T) -> T {
        self.context.borrow_mut().wanted = wanted;
        let lowered = lower();
        self.context.borrow_mut().wanted = None;
        lowered
    }

    pub(super) fn typed(&self, expression: &Expr, wanted: Option<&Wanted>) -> Expression {
        self.expecting(wanted.cloned(), || self.expression(expression))
    }

    /// The type that is wanted of what is lowered now; nothing of what stands inside it is meant.
    pub(super) fn taken(&self) -> Option<Wanted> {
        self.context.borrow_mut().wanted.take()
    }

    /// Lowers the body of a function or closure that answers with this type.
    pub(super) fn answering<T>(&self, returned: Option<Wanted>, lower: impl FnOnce() -> T) -> T {
        self.context.borrow_mut().returned.push(returned.clone());
        let lowered = self.expecting(returned, lower);
        self.context.borrow_mut().returned.pop();
        lowered
    }

    /// What the function answers with that `return` leaves.
    pub(super) fn answered(&self) -> Option<Wanted> {
        self.context.borrow().returned.last().cloned().flatten()
    }

    fn owner(&self) -> Option<String> {
        self.context.borrow().owner.clone()
    }

    pub(super) fn written(&self, written: &syn::Type) -> Option<Wanted> {
        Wanted::of(written, self.owner().as_deref())
    }

    pub(super) fn type_of_field(&self, of: &str, name: &str) -> Option<Wanted> {
        let owner = self.owner();
        let of = if of == "Self" { owner.as_deref()? } else { of };
        self.types.borrow().field(of, owner.as_deref(), name)
    }

    /// Notes the type of a variable.
    pub(super) fn note_local(&self, name: &str, wanted: Option<Wanted>) {
        let mut context = self.context.borrow_mut();
        match wanted {
            Some(wanted) => context.locals.insert(name.to_owned(), wanted),
            None => context.locals.remove(name),
        };
    }

    pub(super) fn function_call(
        &self,
        called: &syn::ExprCall,
        span: source::Span,
        wanted: Option<&Wanted>,
    ) -> Expression {
        let path = path_of(&called.func).unwrap_or_default();
        if path == "Default::default" && called.args.is_empty() {
            return default_of(wanted, span);
        }
        let arguments = called.args.iter().enumerate().map(|(at, argument)| {
            let wanted = self.of_argument(&path, at, wanted);
            self.typed(argument, wanted.as_ref())
        });
        let arguments = arguments.collect();
        call(self.expression(&called.func), arguments, span)
    }

    /// The type of an argument of a function.
    fn of_argument(&self, path: &str, at: usize, wanted: Option<&Wanted>) -> Option<Wanted> {
        let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
        let is_lazy = ["Lazy", "LazyLock", "LazyCell"].iter().any(|lazy| owner.ends_with(lazy));
        match name {
            "Ok" | "Some" => wanted.and_then(Wanted::held).cloned(),
            "Err" => None,
            "new" if is_lazy => wanted.and_then(Wanted::held).cloned(),
            _ => self.types.borrow().parameter(path, self.owner().as_deref(), at),
        }
    }

    pub(super) fn method(
        &self,
        called: &syn::ExprMethodCall,
        span: source::Span,
        wanted: Option<&Wanted>,
    ) -> Expression {
        let name = plain(&called.method);
        let given = called.turbofish.as_ref().and_then(|given| match given.args.first() {
            Some(syn::GenericArgument::Type(written)) => self.written(written),
            _ => None,
        });
        match (name.as_str(), called.args.is_empty()) {
            // `text.parse::<Environment>()` calls `Environment::from_str(text)`.
            ("parse", true) => {
                if let Some(target) = given.as_ref().or(wanted).and_then(Wanted::held) {
                    return parsed(target, self.typed(&called.receiver, Some(&Wanted::Text)), span);
                }
            }
            ("into", true) => match wanted {
                Some(Wanted::Text) => return self.expression(&called.receiver),
                Some(Wanted::Named(name)) => {
                    let callee = Expression::new(Kind::Name(format!("{name}::from")), span);
                    return call(callee, vec![self.expression(&called.receiver)], span);
                }
                _ => {}
            },
            ("try_into", true) => {
                if let Some(Wanted::Named(name)) = wanted.and_then(Wanted::held) {
                    let callee = Expression::new(Kind::Name(format!("{name}::try_from")), span);
                    return call(callee, vec![self.expression(&called.receiver)], span);
                }
            }
            _ => {}
        }
        let keeps = KEEPS.contains(&name.as_str());
        // Where nothing around it says what is wanted, what it is asked of may.
        let known = wanted.cloned().or_else(|| if keeps { self.held_by(&called.receiver) } else { None });
        let receiver = if OF_TEXTS.contains(&name.as_str()) {
            Some(Wanted::Text)
        } else {
            known.clone().filter(|_| keeps)
        };
        let object = Box::new(self.typed(&called.receiver, receiver.as_ref()));
        let of_arguments = match name.as_str() {
            "map" | "and_then" => wanted.and_then(Wanted::held).cloned(),
            "get_or_init" => self.held_by(&called.receiver),
            "map_or" | "map_or_else" => wanted.cloned(),
            "unwrap_or" | "unwrap_or_else" | "or" | "or_else" => known.clone(),
            _ => None,
        };
        let mut arguments: Vec<Expression> =
            called.args.iter().map(|argument| self.typed(argument, of_arguments.as_ref())).collect();
        if name == "unwrap_or_default" {
            let default = default_of(known.as_ref(), span);
            let body = vec![Statement::new(StatementKind::Return(Some(default)), span)];
            arguments = vec![closure(Vec::new(), body, None, span)];
        }
        let member = Kind::Member { object, name, optional: false };
        call(Expression::new(member, self.source.span(called.method.span())), arguments, span)
    }

    /// The type that an expression has, or that the `Option` or `Result` which it is holds, where that is plain to see.
    pub(super) fn held_by(&self, expression: &Expr) -> Option<Wanted> {
        self.deeper(|| self.type_inside(expression)).flatten()
    }

    fn type_inside(&self, expression: &Expr) -> Option<Wanted> {
        let of_path = |path: &str| {
            let returned = self.types.borrow().returned(path, self.owner().as_deref());
            returned
                .and_then(|wanted| wanted.held().cloned())
                .or_else(|| gives_text(path).then_some(Wanted::Text))
        };
        match expression {
            Expr::Paren(inner) => self.held_by(&inner.expr),
            Expr::Group(inner) => self.held_by(&inner.expr),
            Expr::Reference(inner) => self.held_by(&inner.expr),
            Expr::Try(inner) => self.held_by(&inner.expr),
            Expr::Await(inner) => self.held_by(&inner.base),
            Expr::Unary(inner) if matches!(inner.op, syn::UnOp::Deref(_)) => self.held_by(&inner.expr),
            Expr::Lit(literal) => match literal.lit {
                syn::Lit::Str(_) => Some(Wanted::Text),
                syn::Lit::Bool(_) => Some(Wanted::Bool),
                syn::Lit::Int(_) => Some(Wanted::Integer),
                _ => None,
            },
            Expr::Macro(called) => called.mac.path.is_ident("format").then_some(Wanted::Text),
            Expr::Struct(made) => {
                let name = plain(&made.path.segments.last()?.ident);
                if name == "Self" { self.owner().map(Wanted::Named) } else { Some(Wanted::Named(name)) }
            }
            Expr::Path(_) => {
                let path = path_of(expression)?;
                let local = self.context.borrow().locals.get(&path).cloned();
                local
                    .or_else(|| self.types.borrow().constant_at(&path))
                    .and_then(|wanted| wanted.held().cloned())
            }
            Expr::Call(called) => {
                let path = path_of(&called.func)?;
                match (path.rsplit("::").next(), called.args.first()) {
                    (Some("Ok" | "Some"), Some(inner)) => self.held_by(inner),
                    _ => of_path(&path),
                }
            }
            Expr::MethodCall(called) => {
                let name = plain(&called.method);
                let is_self = matches!(&*called.receiver, Expr::Path(path) if path.path.is_ident("self"));
                match (name.as_str(), called.args.first()) {
                    ("map" | "and_then", Some(Expr::Closure(inner))) => self.held_by(&inner.body),
                    ("map" | "and_then", Some(path @ Expr::Path(_))) => of_path(&path_of(path)?),
                    ("get_or_init", _) => self.held_by(&called.receiver),
                    ("to_string", None) => Some(Wanted::Text),
                    ("trim" | "trim_start" | "trim_end", None) => Some(Wanted::Text),
                    _ if name.starts_with("to_") && OF_TEXTS.contains(&name.as_str()) => Some(Wanted::Text),
                    _ if KEEPS.contains(&name.as_str()) => self.held_by(&called.receiver),
                    ("as_deref" | "as_ref" | "as_str" | "to_owned" | "copied", None) => {
                        self.held_by(&called.receiver)
                    }
                    _ if is_self => of_path(&format!("Self::{name}")),
                    _ => None,
                }
            }
            Expr::Block(block) => last_of(&block.block.stmts).and_then(|last| self.held_by(last)),
            Expr::If(chosen) => {
                let then = last_of(&chosen.then_branch.stmts).and_then(|last| self.held_by(last));
                then.or_else(|| self.held_by(&chosen.else_branch.as_ref()?.1))
            }
            Expr::Match(matched) => matched.arms.iter().find_map(|arm| self.held_by(&arm.body)),
            _ => None,
        }
    }
}

fn last_of(body: &[Stmt]) -> Option<&Expr> {
    match body.last()? {
        Stmt::Expr(value, None) => Some(value),
        _ => None,
    }
}

/// Functions of libraries that give a text, or an `Option` or `Result` of one.
fn gives_text(path: &str) -> bool {
    let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
    match name {
        "var" => matches!(owner, "" | "env" | "std::env" | "dotenvy" | "dotenv"),
        "from" | "new" => owner.rsplit("::").next() == Some("String"),
        "to_string" | "to_owned" | "to_lowercase" | "to_uppercase" | "to_ascii_lowercase" => {
            matches!(owner.rsplit("::").next(), Some("str" | "String" | "ToString" | "ToOwned"))
        }
        _ => false,
    }
}

fn parsed(target: &Wanted, object: Expression, span: source::Span) -> Expression {
    let name = match target {
        Wanted::Text => "Ok".to_owned(),
        Wanted::Bool => "bool::from_str".to_owned(),
        Wanted::Integer => "i64::from_str".to_owned(),
        Wanted::Float => "f64::from_str".to_owned(),
        Wanted::List => "Vec::from_str".to_owned(),
        Wanted::Holding(name, _) | Wanted::Named(name) => format!("{name}::from_str"),
    };
    call(Expression::new(Kind::Name(name), span), vec![object], span)
}

/// What `Default::default()` gives.
pub(super) fn default_of(wanted: Option<&Wanted>, span: source::Span) -> Expression {
    let kind = match wanted {
        Some(Wanted::Text) => Kind::Text(String::new()),
        Some(Wanted::Bool) => Kind::Bool(false),
        Some(Wanted::Integer) => Kind::Integer(0),
        Some(Wanted::Float) => Kind::Float(0.0),
        Some(Wanted::List) => Kind::Sequence(SequenceKind::List, Vec::new()),
        Some(Wanted::Holding(name, _)) if name == "Option" => Kind::Name("None".to_owned()),
        Some(Wanted::Named(name)) => {
            let callee = Expression::new(Kind::Name(format!("{name}::default")), span);
            return call(callee, Vec::new(), span);
        }
        Some(Wanted::Holding(..)) | None => {
            Kind::Opaque("the default of a type that is not known".to_owned())
        }
    };
    Expression::new(kind, span)
}

/// A function without parameters, by this name, that gives what the type is by default: it is found where a default is
/// asked for, and makes no object by itself.
pub(super) const DERIVED: &str = "$default";

/// The function that `#[derive(Default)]` makes.
pub(super) fn derived_default(value: Expression) -> Statement {
    let span = value.span;
    let body = vec![Statement::new(StatementKind::Return(Some(value)), span)];
    let mark = Expression::new(Kind::Name("staticmethod".to_owned()), span);
    let function = crate::decision::Function {
        name: DERIVED.to_owned(),
        parameters: Vec::new(),
        decorators: vec![mark],
        body,
        locals: Vec::new(),
        opaque: None,
        span,
    };
    Statement::new(StatementKind::Function(std::sync::Arc::new(function)), span)
}
