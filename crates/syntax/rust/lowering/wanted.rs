//! Which type an expression has to have, as far as what stands around it says that: `into`, `parse`, `try_into` and
//! `unwrap_or_default` do what their type does.

use std::collections::HashMap;

use syn::{Expr, FnArg, GenericArgument, ImplItem, Item, PathArguments, ReturnType, Type};

use crate::rust::items::{plain, type_name};

/// A type, as far as a conversion depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Bool,
    Integer,
    Float,
    List,
    /// `Option<T>`, `Result<T, _>`, `OnceLock<T>` and the like, by name.
    Holding(String, Option<Box<Self>>),
    /// Another type by name.
    Named(String),
}

impl Wanted {
    /// What a written type is, inside the `impl` of `owner`.
    pub(super) fn of(written: &Type, owner: Option<&str>) -> Option<Self> {
        let path = match written {
            Type::Path(path) => &path.path,
            Type::Reference(reference) => return Self::of(&reference.elem, owner),
            Type::Paren(inner) => return Self::of(&inner.elem, owner),
            Type::Group(inner) => return Self::of(&inner.elem, owner),
            Type::Slice(_) | Type::Array(_) => return Some(Self::List),
            _ => return None,
        };
        let last = path.segments.last()?;
        let name = plain(&last.ident);
        let held = match &last.arguments {
            PathArguments::AngleBracketed(given) => given.args.iter().find_map(|one| match one {
                GenericArgument::Type(held) => Some(Self::of(held, owner)),
                _ => None,
            }),
            _ => None,
        };
        Some(match name.as_str() {
            "String" | "str" | "OsString" | "OsStr" | "PathBuf" | "Path" | "Cow" => Self::Text,
            "bool" => Self::Bool,
            "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => Self::Integer,
            "f32" | "f64" => Self::Float,
            "Vec" => Self::List,
            "Box" | "Arc" | "Rc" => return held.flatten(),
            "Self" => Self::Named(owner?.to_owned()),
            _ => match held {
                Some(held) => Self::Holding(name, held.map(Box::new)),
                None => Self::Named(name),
            },
        })
    }

    /// What it holds in the end: the `T` of `Option<T>` and `Result<T, _>`.
    pub(super) fn held(&self) -> Option<&Self> {
        match self {
            Self::Holding(_, held) => held.as_deref().and_then(Self::held),
            other => Some(other),
        }
    }
}

/// The types that a file gives its functions, fields and statics.
#[derive(Debug, Default)]
pub(super) struct Types {
    /// By name, those of a type as `Type::name`.
    returned: HashMap<String, Wanted>,
    parameters: HashMap<String, Vec<Option<Wanted>>>,
    /// As `Type::name`.
    fields: HashMap<String, Wanted>,
    statics: HashMap<String, Wanted>,
}

impl Types {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut types = Self::default();
        types.add(items);
        types
    }

    fn add(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(item) => self.function(plain(&item.sig.ident), &item.sig, None),
                Item::Impl(item) => {
                    let Some(owner) = type_name(&item.self_ty) else { continue };
                    for member in &item.items {
                        if let ImplItem::Fn(function) = member {
                            let name = format!("{owner}::{}", plain(&function.sig.ident));
                            self.function(name, &function.sig, Some(&owner));
                        }
                    }
                }
                Item::Struct(item) => {
                    let owner = plain(&item.ident);
                    for field in &item.fields {
                        if let (Some(name), Some(wanted)) = (&field.ident, Wanted::of(&field.ty, None)) {
                            self.fields.insert(format!("{owner}::{}", plain(name)), wanted);
                        }
                    }
                }
                Item::Static(item) => self.constant(&item.ident, &item.ty),
                Item::Const(item) => self.constant(&item.ident, &item.ty),
                Item::Mod(item) => {
                    if let Some((_, inner)) = &item.content {
                        self.add(inner);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn constant(&mut self, name: &syn::Ident, written: &Type) {
        if let Some(wanted) = Wanted::of(written, None) {
            self.statics.insert(plain(name), wanted);
        }
    }

    fn function(&mut self, name: String, signature: &syn::Signature, owner: Option<&str>) {
        if let Some(wanted) = returned(signature, owner) {
            self.returned.insert(name.clone(), wanted);
        }
        let typed = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(Wanted::of(&typed.ty, owner)),
            FnArg::Receiver(_) => None,
        });
        self.parameters.insert(name, typed.collect());
    }

    /// What a call of the function at this path gives.
    pub(super) fn returned(&self, path: &str, owner: Option<&str>) -> Option<Wanted> {
        self.returned.get(&resolved(path, owner)).cloned()
    }

    /// What a function takes as its parameter with this number.
    pub(super) fn parameter(&self, path: &str, owner: Option<&str>, at: usize) -> Option<Wanted> {
        self.parameters.get(&resolved(path, owner))?.get(at).cloned().flatten()
    }

    pub(super) fn field(&self, of: &str, owner: Option<&str>, name: &str) -> Option<Wanted> {
        self.fields.get(&resolved(&format!("{of}::{name}"), owner)).cloned()
    }

    pub(super) fn constant_at(&self, path: &str) -> Option<Wanted> {
        self.statics.get(path.rsplit("::").next().unwrap_or(path)).cloned()
    }
}

/// What a function answers with.
pub(super) fn returned(signature: &syn::Signature, owner: Option<&str>) -> Option<Wanted> {
    match &signature.output {
        ReturnType::Type(_, written) => Wanted::of(written, owner),
        ReturnType::Default => None,
    }
}

/// The last type and name of a path: `Type::name`, or the name of a function alone.
fn resolved(path: &str, owner: Option<&str>) -> String {
    let mut parts = path.rsplit("::");
    let name = parts.next().unwrap_or(path);
    match (parts.next(), owner) {
        (Some("Self"), Some(owner)) => format!("{owner}::{name}"),
        (Some(of), _) if of.starts_with(char::is_uppercase) => format!("{of}::{name}"),
        _ => name.to_owned(),
    }
}

/// Methods that texts alone have.
pub(super) const OF_TEXTS: &[&str] = &[
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "eq_ignore_ascii_case",
    "trim",
    "trim_start",
    "trim_end",
    "trim_matches",
    "starts_with",
    "ends_with",
    "strip_prefix",
    "strip_suffix",
    "split",
    "parse",
    "chars",
    "into_string",
];

/// Methods of `Option` and `Result` whose answer holds what they were asked of.
pub(super) const KEEPS: &[&str] = &[
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "ok",
    "map_err",
    "or",
    "or_else",
    "ok_or",
    "ok_or_else",
    "context",
    "with_context",
    "inspect_err",
    "clone",
    "cloned",
    "filter",
];

/// The path that an expression is, where it is one.
pub(super) fn path_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => Some(super::expressions::dotted(&path.path)),
        Expr::Paren(inner) => path_of(&inner.expr),
        Expr::Reference(inner) => path_of(&inner.expr),
        _ => None,
    }
}
