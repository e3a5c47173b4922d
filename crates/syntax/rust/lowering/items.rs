//! Functions, types, constants and imports.

use std::sync::Arc;

use source::Span;
use syn::{Attribute, Fields, FnArg, ImplItem, Item, Pat, Signature, UseTree};

use super::Lowering;
use crate::decision::{
    Call, Class, Expression, ExpressionKind, Function, Import, ImportedNames, Parameter, ParameterKind,
    Statement, StatementKind, bound_names,
};
use crate::rust::items::{is_for_tests, named_text, plain, type_name};

/// A type with what all its `impl` blocks give it.
struct Type {
    name: String,
    span: Span,
    is_struct: bool,
    members: Vec<Statement>,
}

impl Lowering {
    /// Imports, types and functions first: the order of items means nothing in Rust.
    pub(super) fn items(&self, items: &[Item]) -> Vec<Statement> {
        let mut types: Vec<Type> = Vec::new();
        let mut first = Vec::new();
        let mut constants = Vec::new();
        for item in items {
            match item {
                Item::Use(item) => self.uses(&item.tree, &mut Vec::new(), &mut first),
                Item::Fn(item) if !item.attrs.iter().any(is_for_tests) => {
                    let function = self.function(&item.sig, &item.block);
                    first.push(Statement::new(
                        StatementKind::Function(Arc::new(function)),
                        self.source.of(&item.sig),
                    ));
                }
                Item::Const(item) => constants.push(self.constant(&item.ident, &item.expr)),
                Item::Static(item) => constants.push(self.constant(&item.ident, &item.expr)),
                Item::Enum(item) => {
                    type_of(&mut types, &plain(&item.ident), self.source.span(item.ident.span()));
                }
                Item::Struct(item) => {
                    let at = self.source.span(item.ident.span());
                    let fields = self.fields(&item.fields);
                    let known = type_of(&mut types, &plain(&item.ident), at);
                    known.is_struct = matches!(item.fields, Fields::Named(_));
                    known.span = at;
                    known.members.splice(0..0, fields);
                }
                Item::Impl(item) if !item.attrs.iter().any(is_for_tests) => {
                    let Some(name) = type_name(&item.self_ty) else { continue };
                    let members: Vec<Statement> =
                        item.items.iter().filter_map(|item| self.member(item)).collect();
                    let at = self.source.of(&item.self_ty);
                    type_of(&mut types, &name, at).members.extend(members);
                }
                _ => {}
            }
        }
        first.extend(types.into_iter().map(Type::statement));
        first.extend(constants);
        first
    }

    fn member(&self, item: &ImplItem) -> Option<Statement> {
        match item {
            ImplItem::Fn(item) => {
                let mut function = self.function(&item.sig, &item.block);
                if item.sig.receiver().is_none() {
                    let mark = ExpressionKind::Name("staticmethod".to_owned());
                    function.decorators.push(Expression::new(mark, function.span));
                }
                let kind = StatementKind::Function(Arc::new(function));
                Some(Statement::new(kind, self.source.of(&item.sig)))
            }
            ImplItem::Const(item) => Some(self.constant(&item.ident, &item.expr)),
            _ => None,
        }
    }

    fn constant(&self, name: &syn::Ident, value: &syn::Expr) -> Statement {
        let at = self.source.span(name.span());
        let value = self.expression(value);
        let span = at.to(value.span);
        let target = Expression::new(ExpressionKind::Name(plain(name)), at);
        Statement::new(StatementKind::Declare { target, annotation: None, value: Some(value) }, span)
    }

    /// The fields of a struct; one that clap reads from a variable has that as its value.
    fn fields(&self, fields: &Fields) -> Vec<Statement> {
        let Fields::Named(fields) = fields else { return Vec::new() };
        let named = fields.named.iter().filter_map(|field| {
            let ident = field.ident.as_ref()?;
            let at = self.source.span(ident.span());
            let target = Expression::new(ExpressionKind::Name(plain(ident)), at);
            let value = field.attrs.iter().find_map(|attribute| self.clap_variable(attribute));
            Some(Statement::new(StatementKind::Declare { target, annotation: None, value }, at))
        });
        named.collect()
    }

    /// `#[arg(env = "NAME", default_value = "x")]` as a read of the variable.
    fn clap_variable(&self, attribute: &Attribute) -> Option<Expression> {
        if !attribute.path().is_ident("arg") && !attribute.path().is_ident("clap") {
            return None;
        }
        let name = named_text(self.source, attribute, "env")?;
        let span = name.span;
        let text = |value: String| Expression::new(ExpressionKind::Text(value), span);
        let callee = Expression::new(ExpressionKind::Name("std::env::var".to_owned()), span);
        let read = call(callee, vec![text(name.value)], span);
        let (method, arguments) = match named_text(self.source, attribute, "default_value") {
            Some(default) => ("unwrap_or", vec![text(default.value)]),
            None => ("ok", Vec::new()),
        };
        let member =
            ExpressionKind::Member { object: Box::new(read), name: method.to_owned(), optional: false };
        Some(call(Expression::new(member, span), arguments, span))
    }

    fn function(&self, signature: &Signature, body: &syn::Block) -> Function {
        let parameters: Vec<Parameter> = signature.inputs.iter().map(parameter).collect();
        let lowered = self.deeper(|| self.returning(&body.stmts));
        let opaque = lowered.is_none().then_some("a function that nests too deep");
        let body = lowered.unwrap_or_default();
        let mut locals = bound_names(&body);
        locals.extend(parameters.iter().map(|parameter| parameter.name.clone()));
        locals.sort();
        locals.dedup();
        Function {
            name: plain(&signature.ident),
            parameters,
            decorators: Vec::new(),
            body,
            locals,
            opaque,
            span: self.source.span(signature.ident.span()),
        }
    }

    fn uses(&self, tree: &UseTree, path: &mut Vec<String>, into: &mut Vec<Statement>) {
        let (span, names) = match tree {
            UseTree::Path(step) => {
                path.push(plain(&step.ident));
                self.uses(&step.tree, path, into);
                path.pop();
                return;
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.uses(tree, path, into));
                return;
            }
            UseTree::Glob(glob) => (glob.star_token.span, ImportedNames::All),
            UseTree::Name(last) => (last.ident.span(), named(plain(&last.ident), None)),
            UseTree::Rename(last) => {
                (last.ident.span(), named(plain(&last.ident), Some(plain(&last.rename))))
            }
        };
        let (mut module, mut names) = (path.clone(), names);
        // `use a::b::{self}` takes `b` of `a`.
        if let ImportedNames::Names(all) = &mut names
            && let Some((taken, local)) = all.first_mut()
            && taken == "self"
            && let Some(last) = module.pop()
        {
            if local == "self" {
                local.clone_from(&last);
            }
            *taken = last;
        }
        let import = Import { module: module.join("::"), level: 0, names };
        into.push(Statement::new(StatementKind::Import(import), self.source.span(span)));
    }
}

impl Type {
    fn statement(self) -> Statement {
        let mark = || Expression::new(ExpressionKind::Name("dataclass".to_owned()), self.span);
        let class = Class {
            decorators: if self.is_struct { vec![mark()] } else { Vec::new() },
            name: self.name,
            bases: Vec::new(),
            body: self.members,
            span: self.span,
        };
        Statement::new(StatementKind::Class(Arc::new(class)), self.span)
    }
}

fn named(taken: String, local: Option<String>) -> ImportedNames {
    let local = local.unwrap_or_else(|| taken.clone());
    ImportedNames::Names(vec![(taken, local)])
}

fn type_of<'t>(types: &'t mut Vec<Type>, name: &str, span: Span) -> &'t mut Type {
    let at = types.iter().position(|known| known.name == name).unwrap_or(types.len());
    if at == types.len() {
        types.push(Type { name: name.to_owned(), span, is_struct: false, members: Vec::new() });
    }
    // The index was found or has just been made.
    #[expect(clippy::indexing_slicing, reason = "the index is that of an item")]
    &mut types[at]
}

fn parameter(input: &FnArg) -> Parameter {
    let name = match input {
        FnArg::Receiver(_) => "self".to_owned(),
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(name) => plain(&name.ident),
            _ => String::new(),
        },
    };
    Parameter { name, target: None, default: None, kind: ParameterKind::Plain }
}

pub(super) fn call(callee: Expression, arguments: Vec<Expression>, span: Span) -> Expression {
    let call = Call { callee, arguments, keywords: Vec::new(), optional: false };
    Expression::new(ExpressionKind::Call(Box::new(call)), span)
}
