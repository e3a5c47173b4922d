//! Functions, types, constants and imports.

use std::sync::Arc;

use source::Span;
use syn::{Attribute, Fields, FnArg, ImplItem, Item, Pat, Signature, UseTree};

use super::Lowering;
use super::macros::{Statics, is_lazy};
use super::types::{default_of, derived_default};
use super::wanted::{Wanted, returned};
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
                Item::Const(item) => constants.push(self.constant(&item.ident, &item.expr, &item.ty)),
                Item::Static(item) => constants.push(self.constant(&item.ident, &item.expr, &item.ty)),
                Item::Macro(item) if item.mac.path.segments.last().is_some_and(is_lazy) => {
                    if let Ok(Statics(all)) = item.mac.parse_body::<Statics>() {
                        constants
                            .extend(all.iter().map(|one| self.constant(&one.name, &one.value, &one.written)));
                    }
                }
                Item::Enum(item) => {
                    let at = self.source.span(item.ident.span());
                    let name = plain(&item.ident);
                    let is_default = |variant: &&syn::Variant| {
                        variant.attrs.iter().any(|one| one.path().is_ident("default"))
                    };
                    let default = item.variants.iter().find(is_default).map(|variant| {
                        let path = format!("{name}::{}", plain(&variant.ident));
                        derived_default(Expression::new(ExpressionKind::Name(path), at))
                    });
                    type_of(&mut types, &name, at).members.extend(default);
                }
                Item::Struct(item) => {
                    let at = self.source.span(item.ident.span());
                    let fields = self.fields(&item.fields);
                    let known = type_of(&mut types, &plain(&item.ident), at);
                    known.is_struct = matches!(item.fields, Fields::Named(_));
                    known.span = at;
                    known.members.splice(0..0, fields);
                    if item.attrs.iter().any(derives_default) {
                        known.members.extend(self.default_struct(item, at));
                    }
                }
                Item::Impl(item) if !item.attrs.iter().any(is_for_tests) => {
                    let Some(name) = type_name(&item.self_ty) else { continue };
                    let interface = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
                    // What formats for other purposes than `to_string`.
                    let is_other =
                        interface.is_some_and(|last| FORMATS.iter().any(|other| last.ident == other));
                    if is_other {
                        continue;
                    }
                    let outer = self.context.borrow_mut().owner.replace(name.clone());
                    let members: Vec<Statement> =
                        item.items.iter().filter_map(|item| self.member(item)).collect();
                    self.context.borrow_mut().owner = outer;
                    let at = self.source.of(&item.self_ty);
                    let known = &mut type_of(&mut types, &name, at).members;
                    // Of several conversions that from a text counts.
                    if interface.is_some_and(converts_other) {
                        known.splice(0..0, members);
                    } else {
                        known.extend(members);
                    }
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
            ImplItem::Const(item) => Some(self.constant(&item.ident, &item.expr, &item.ty)),
            _ => None,
        }
    }

    fn constant(&self, name: &syn::Ident, value: &syn::Expr, written: &syn::Type) -> Statement {
        let at = self.source.span(name.span());
        self.types.borrow_mut().constant(name, written);
        let value = self.typed(value, self.written(written).as_ref());
        let span = at.to(value.span);
        let target = Expression::new(ExpressionKind::Name(plain(name)), at);
        Statement::new(StatementKind::Declare { target, annotation: None, value: Some(value) }, span)
    }

    /// What `#[derive(Default)]` makes of a struct with named fields.
    fn default_struct(&self, item: &syn::ItemStruct, at: Span) -> Option<Statement> {
        let Fields::Named(fields) = &item.fields else { return None };
        let keywords = fields.named.iter().filter_map(|field| {
            let name = plain(field.ident.as_ref()?);
            Some((Some(name), default_of(self.written(&field.ty).as_ref(), at)))
        });
        let callee = Expression::new(ExpressionKind::Name(plain(&item.ident)), at);
        let call = Call { callee, arguments: Vec::new(), keywords: keywords.collect(), optional: false };
        Some(derived_default(Expression::new(ExpressionKind::Call(Box::new(call)), at)))
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
        let outer = std::mem::take(&mut self.context.borrow_mut().locals);
        for input in &signature.inputs {
            if let FnArg::Typed(typed) = input
                && let Pat::Ident(name) = &*typed.pat
            {
                self.note_local(&plain(&name.ident), self.written(&typed.ty));
            }
        }
        let owner = self.context.borrow().owner.clone();
        let answer = returned(signature, owner.as_deref());
        let lowered = self.deeper(|| self.answering(answer, || self.returning(&body.stmts)));
        self.context.borrow_mut().locals = outer;
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

/// Interfaces with a `fmt` that is not the one of `to_string`.
const FORMATS: &[&str] =
    &["Debug", "LowerHex", "UpperHex", "Octal", "Binary", "LowerExp", "UpperExp", "Pointer"];

/// Whether an interface converts from something else than a text.
fn converts_other(interface: &syn::PathSegment) -> bool {
    let converts = interface.ident == "From" || interface.ident == "TryFrom";
    let from = match &interface.arguments {
        syn::PathArguments::AngleBracketed(given) => given.args.iter().find_map(|one| match one {
            syn::GenericArgument::Type(from) => Some(Wanted::of(from, None)),
            _ => None,
        }),
        _ => None,
    };
    converts && from.flatten() != Some(Wanted::Text)
}

fn derives_default(attribute: &Attribute) -> bool {
    let mut derives = false;
    if attribute.path().is_ident("derive") {
        // What cannot be read derives nothing that is known.
        let _ = attribute.parse_nested_meta(|one| {
            derives |= one.path.segments.last().is_some_and(|last| last.ident == "Default");
            Ok(())
        });
    }
    derives
}
