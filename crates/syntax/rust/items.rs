//! Modules, names and files that a Rust file takes in, and the variables it reads.

use source::{LineIndex, Span};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ImplItemFn, Item, ItemExternCrate, ItemFn, ItemImpl, ItemMod, ItemUse, Lit, Macro,
    UseTree,
};

use super::Source;
use super::reads::{absent_by_method, read_by_call};
use super::types::{EnvRead, File, Included, ModuleDeclaration, Use, WhenAbsent};
use crate::Spanned;

/// Everything in a file that [`File`] has a place for.
pub(super) fn collect(source: Source, lines: &LineIndex, file: &syn::File) -> File {
    let mut walker = Walker {
        source,
        lines,
        found: File::default(),
        inside: Vec::new(),
        owner: None,
        function: None,
        tests: 0,
    };
    walker.visit_file(file);
    let mut found = walker.found;
    found.env_reads.sort_by_key(|read| read.name.span);
    // A read with a method behind it is met twice, first with that method.
    found.env_reads.dedup_by_key(|read| read.name.span);
    found
}

struct Walker<'a> {
    source: Source,
    lines: &'a LineIndex,
    found: File,
    inside: Vec<String>,
    /// The type whose methods are walked.
    owner: Option<String>,
    function: Option<String>,
    /// Items for tests alone around this place.
    tests: usize,
}

impl Walker<'_> {
    fn named(&self, ident: &syn::Ident) -> Spanned<String> {
        Spanned::new(plain(ident), self.source.span(ident.span()))
    }

    /// Works inside an item with these attributes.
    fn under(&mut self, attributes: &[Attribute], work: impl FnOnce(&mut Self)) {
        let is_test = attributes.iter().any(is_for_tests);
        self.tests += usize::from(is_test);
        work(self);
        self.tests -= usize::from(is_test);
    }

    /// Works inside a function.
    fn inside_function(&mut self, name: &syn::Ident, work: impl FnOnce(&mut Self)) {
        let name = match &self.owner {
            Some(owner) => format!("{owner}::{}", plain(name)),
            None => plain(name),
        };
        let outer = self.function.replace(name);
        work(self);
        self.function = outer;
    }

    fn use_tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                path.push(plain(&step.ident));
                self.use_tree(&step.tree, path);
                path.pop();
            }
            UseTree::Name(last) => self.used(path, Some(&last.ident), None, last.ident.span()),
            UseTree::Rename(last) => {
                self.used(path, Some(&last.ident), Some(plain(&last.rename)), last.ident.span());
            }
            UseTree::Glob(glob) => self.used(path, None, None, glob.star_token.span),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(tree, path)),
        }
    }

    fn used(
        &mut self,
        path: &[String],
        last: Option<&syn::Ident>,
        alias: Option<String>,
        at: proc_macro2::Span,
    ) {
        let mut path = path.to_vec();
        path.extend(last.map(plain).filter(|last| last != "self" || path.is_empty()));
        let span = self.source.span(at);
        self.found.uses.push(Use {
            path,
            alias,
            is_glob: last.is_none(),
            inside: self.inside.clone(),
            is_test: self.tests > 0,
            span,
            line: self.lines.line(span.start),
        });
    }

    fn read(&mut self, name: Spanned<String>, when_absent: WhenAbsent, at_build: bool) {
        let line = self.lines.line(name.span.start);
        let function = self.function.clone();
        let is_test = self.tests > 0;
        self.found.env_reads.push(EnvRead { name, when_absent, at_build, function, is_test, line });
    }

    fn include(&mut self, by: &str, call: &Macro) {
        let Some((path, from_manifest)) = included_path(self.source, call) else { return };
        let line = self.lines.line(path.span.start);
        let is_test = self.tests > 0;
        self.found.included.push(Included { by: by.to_owned(), path, from_manifest, is_test, line });
    }

    fn migrations(&mut self, by: &str, call: &Macro) {
        let whole = self.source.of(&call.path);
        let path = match first_text(self.source, call) {
            Some(path) => path,
            None if call.tokens.is_empty() => Spanned::new("migrations".to_owned(), whole),
            None => return,
        };
        let line = self.lines.line(path.span.start);
        let is_test = self.tests > 0;
        self.found.included.push(Included { by: by.to_owned(), path, from_manifest: true, is_test, line });
    }
}

impl<'ast> Visit<'ast> for Walker<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.under(attributes_of(item), |walker| visit::visit_item(walker, item));
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.content.is_some() {
            self.inside.push(plain(&module.ident));
            visit::visit_item_mod(self, module);
            self.inside.pop();
            return;
        }
        let name = self.named(&module.ident);
        let line = self.lines.line(name.span.start);
        self.found.modules.push(ModuleDeclaration {
            name,
            path: module.attrs.iter().find_map(|attribute| named_text(self.source, attribute, "path")),
            inside: self.inside.clone(),
            is_test: self.tests > 0,
            is_conditional: module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")),
            line,
        });
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.use_tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let alias = item.rename.as_ref().map(|(_, alias)| plain(alias));
        self.used(&[], Some(&item.ident), alias, item.ident.span());
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = std::mem::replace(&mut self.owner, type_name(&item.self_ty));
        visit::visit_item_impl(self, item);
        self.owner = outer;
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let outer = self.owner.take();
        self.inside_function(&function.sig.ident, |walker| visit::visit_item_fn(walker, function));
        self.owner = outer;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.inside_function(&function.sig.ident, |walker| visit::visit_impl_item_fn(walker, function));
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // `#[arg(env = "NAME", default_value = "x")]` of clap.
        if (attribute.path().is_ident("arg") || attribute.path().is_ident("clap"))
            && let Some(name) = named_text(self.source, attribute, "env")
        {
            let default = named_text(self.source, attribute, "default_value").map(|default| default.value);
            let when_absent =
                default.map_or(WhenAbsent::Handled, |default| WhenAbsent::Default(Some(default)));
            self.read(name, when_absent, false);
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        if let Some((name, when_absent)) = absent_by_method(self.source, expression) {
            self.read(name, when_absent, false);
        } else if let Some(name) = read_by_call(self.source, expression) {
            self.read(name, WhenAbsent::Handled, false);
        }
        visit::visit_expr(self, expression);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|last| plain(&last.ident)).unwrap_or_default();
        match name.as_str() {
            "include" | "include_str" | "include_bytes" => self.include(&name, call),
            // sqlx and diesel take in a folder of migrations, which lies in the package.
            "migrate" | "embed_migrations" => self.migrations(&name, call),
            "env" | "option_env" => {
                if let Some(text) = first_text(self.source, call) {
                    let absent = if name == "env" { WhenAbsent::Fails } else { WhenAbsent::Handled };
                    self.read(text, absent, true);
                }
            }
            _ => {
                // Most macros take expressions, separated by commas.
                let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
                if let Ok(arguments) = call.parse_body_with(parser) {
                    arguments.iter().for_each(|argument| Walker::visit_argument(self, argument));
                }
            }
        }
    }
}

impl Walker<'_> {
    /// An argument of a macro, which lives no longer than this call.
    fn visit_argument(&mut self, argument: &Expr) {
        self.visit_expr(argument);
    }
}

/// An identifier without `r#`.
pub(super) fn plain(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned)
}

/// The last name of a type's path: `Config` of `config::Config<T>`.
pub(super) fn type_name(written: &syn::Type) -> Option<String> {
    match written {
        syn::Type::Path(path) => path.path.segments.last().map(|last| plain(&last.ident)),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        _ => None,
    }
}

/// A text literal, its span without quotes.
pub(super) fn text_literal(source: Source, literal: &Lit) -> Option<Spanned<String>> {
    let Lit::Str(text) = literal else { return None };
    let span = source.span(text.span());
    let value = text.value();
    // A raw text has more than one quote and no escapes; one with escapes is longer than its value.
    let around = span.len().checked_sub(value.len())?;
    let plain = around == 2;
    let inner = if plain { Span::new(span.start + 1, span.end - 1) } else { span };
    Some(Spanned::new(value, inner))
}

/// Whether an attribute keeps an item to tests.
pub(super) fn is_for_tests(attribute: &Attribute) -> bool {
    let path = attribute.path();
    if path.segments.last().is_some_and(|last| last.ident == "test" || last.ident == "bench") {
        return true;
    }
    path.is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|cfg| cfg.is_ident("test"))
}

/// The text of `name = ".."` in an attribute, or of the attribute itself where it has this name.
pub(super) fn named_text(source: Source, attribute: &Attribute, name: &str) -> Option<Spanned<String>> {
    let of = |value: &Expr| match value {
        Expr::Lit(literal) => text_literal(source, &literal.lit),
        _ => None,
    };
    match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident(name) => of(&pair.value),
        syn::Meta::List(list) => {
            let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
            let parts = list.parse_args_with(parser).ok()?;
            parts.iter().find_map(|part| match part {
                Expr::Assign(pair) => match &*pair.left {
                    Expr::Path(path) if path.path.is_ident(name) => of(&pair.right),
                    _ => None,
                },
                _ => None,
            })
        }
        _ => None,
    }
}

/// The first argument of a macro, where that is a text.
pub(super) fn first_text(source: Source, call: &Macro) -> Option<Spanned<String>> {
    let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
    match call.parse_body_with(parser).ok()?.first()? {
        Expr::Lit(literal) => text_literal(source, &literal.lit),
        _ => None,
    }
}

/// The path that an `include` names: a text, or `concat!(env!("CARGO_MANIFEST_DIR"), "/..")`.
fn included_path(source: Source, call: &Macro) -> Option<(Spanned<String>, bool)> {
    if let Some(path) = first_text(source, call) {
        return Some((path, false));
    }
    let Expr::Macro(joined) = call.parse_body::<Expr>().ok()? else { return None };
    if !joined.mac.path.is_ident("concat") {
        return None;
    }
    let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
    let parts = joined.mac.parse_body_with(parser).ok()?;
    let mut parts = parts.iter();
    let (Some(Expr::Macro(folder)), Some(Expr::Lit(rest)), None) = (parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let is_manifest = first_text(source, &folder.mac).is_some_and(|name| name.value == "CARGO_MANIFEST_DIR");
    is_manifest.then(|| text_literal(source, &rest.lit).map(|path| (path, true)))?
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        _ => &[],
    }
}
