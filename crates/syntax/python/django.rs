//! Dotted names in settings of Django that Django imports when it starts.
//!
//! Source: <https://docs.djangoproject.com/en/5.2/ref/settings/>.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::literals::{Source, dotted};
use crate::Spanned;

/// Settings whose values are names of modules, or of what stands in them. The applications for WSGI and ASGI are named for
/// the server of development alone.
const NAMED: [&str; 7] = [
    "AUTHENTICATION_BACKENDS",
    "CELERY_IMPORTS",
    "DATABASE_ROUTERS",
    "INSTALLED_APPS",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "TEMPLATES",
];
/// Ends of the names of such settings, of Django and of what extends it, at the top and inside of others.
const ENDINGS: [&str; 8] =
    ["_BACKEND", "_CLASS", "_CLASSES", "_HANDLER", "_HANDLERS", "_ROUTERS", "_SERIALIZER", "_SERIALIZERS"];
/// Beginnings of the settings with such ends that Django or what extends it imports; a project may only compare its own.
const IMPORTED: [&str; 22] = [
    "ACCOUNT_",
    "AUTH_",
    "CACHE",
    "CELERY_",
    "CHANNEL_",
    "CSRF_",
    "DEFAULT_",
    "EMAIL_",
    "EXCEPTION_",
    "FILE_UPLOAD_",
    "FORM_",
    "JWT_",
    "LOGGING_",
    "MESSAGE_",
    "PASSWORD_",
    "REST_",
    "SESSION_",
    "SOCIALACCOUNT_",
    "SOCIAL_AUTH_",
    "STATICFILES_",
    "TEST_",
    "WAGTAIL",
];
/// Keys inside of these whose values are names.
const KEYS: [&str; 3] = ["BACKEND", "class", "context_processors"];

/// Nested values that are looked into.
const MAX_DEPTH: u32 = 8;

/// The dotted names in the settings that the body of a file makes, conditions not looked into.
pub(super) fn dotted_settings(source: &Source<'_>, body: &[Stmt]) -> Vec<Spanned<String>> {
    let all = settings_by_name(source, body).into_iter();
    let mut found: Vec<_> =
        all.flat_map(|(_, names)| names).filter(|name| name.value.contains('.')).collect();
    found.sort_by_key(|name| name.span.start);
    found
}

/// The modules that Django loads for the settings that the body of a file makes, or for the routes that it makes.
pub(super) fn loaded(source: &Source<'_>, body: &[Stmt]) -> Vec<Loaded> {
    let mut found = Vec::new();
    for (setting, names) in settings_by_name(source, body) {
        let by = match setting.as_str() {
            "INSTALLED_APPS" => LoadedBy::Apps,
            "MIDDLEWARE" => LoadedBy::Middleware,
            "ROOT_URLCONF" => LoadedBy::Routes,
            _ => continue,
        };
        found.extend(names.into_iter().map(|name| Loaded { name, by }));
    }
    let mut routes = Routes { source, found: Vec::new() };
    for stmt in body {
        if let Stmt::Assign(ast::StmtAssign { targets, value, .. }) = stmt
            && matches!(&**targets, [target] if dotted(target).as_deref() == Some("urlpatterns"))
        {
            routes.visit_expr(value);
        }
    }
    found.extend(routes.found.into_iter().map(|name| Loaded { name, by: LoadedBy::Include }));
    found.sort_by_key(|loaded| loaded.name.span.start);
    found
}

/// A module that Django loads by its name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The dotted name of the module, or of what stands in it.
    pub name: Spanned<String>,
    /// Why.
    pub by: LoadedBy,
}

/// Why Django loads a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadedBy {
    /// It is one of `INSTALLED_APPS`: loaded with its models when Django starts.
    Apps,
    /// It is one of `MIDDLEWARE`: loaded when Django starts.
    Middleware,
    /// It is `ROOT_URLCONF`: loaded with the first request.
    Routes,
    /// `include("shop.urls")`: loaded with the module that it stands in.
    Include,
}

/// Collects the names in `include("…")`.
struct Routes<'s, 't> {
    source: &'s Source<'t>,
    found: Vec<Spanned<String>>,
}

impl Visitor<'_> for Routes<'_, '_> {
    fn visit_expr(&mut self, expr: &Expr) {
        if let Expr::Call(call) = expr
            && dotted(&call.func).as_deref() == Some("include")
            && let Some(first) = call.arguments.args.first()
        {
            // `include(("shop.urls", "shop"))` names the application, too.
            let named = match first {
                Expr::Tuple(pair) => pair.elts.first(),
                one => Some(one),
            };
            let text = named.and_then(|named| self.source.plain_text_of(named));
            self.found.extend(text.filter(|text| is_path(&text.value)));
        }
        ruff_python_ast::visitor::walk_expr(self, expr);
    }
}

/// The names in the settings that the body of a file makes, by setting; a name alone in `INSTALLED_APPS` is one as well.
fn settings_by_name(source: &Source<'_>, body: &[Stmt]) -> BTreeMap<String, Vec<Spanned<String>>> {
    let mut found: BTreeMap<String, Vec<Spanned<String>>> = BTreeMap::new();
    for stmt in body {
        let (target, value, adds) = match stmt {
            Stmt::Assign(assign) => match &*assign.targets {
                [target] => (target, &*assign.value, false),
                _ => continue,
            },
            Stmt::AugAssign(assign) => (&*assign.target, &*assign.value, true),
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. }) => {
                (&**target, &**value, false)
            }
            _ => continue,
        };
        let Some(name) = dotted(target) else { continue };
        let is_imported =
            NAMED.contains(&name.as_str()) || IMPORTED.iter().any(|start| name.starts_with(start));
        let is_named = is_named(&name) && is_imported;
        let is_setting = name
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
        if is_setting {
            let mut names = Vec::new();
            collect(source, value, is_named && name != "TEMPLATES", MAX_DEPTH, &mut names);
            if name != "INSTALLED_APPS" {
                names.retain(|name| name.value.contains('.'));
            }
            if name.ends_with("_CLASS") || name.ends_with("_CLASSES") {
                names.retain(|name| names_a_class(&name.value));
            }
            let known = found.entry(name.clone()).or_default();
            // The last list counts, unless it is made of the one before.
            if !adds && !source.slice(value.range()).contains(&name) {
                known.clear();
            }
            known.append(&mut names);
        }
    }
    found
}

fn names_a_class(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()))
}

fn is_named(name: &str) -> bool {
    NAMED.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn collect(source: &Source<'_>, value: &Expr, are_names: bool, depth: u32, found: &mut Vec<Spanned<String>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Expr::List(list) => list.elts.iter().for_each(|item| collect(source, item, are_names, depth, found)),
        Expr::Tuple(list) => list.elts.iter().for_each(|item| collect(source, item, are_names, depth, found)),
        Expr::BinOp(sum) => {
            for side in [&sum.left, &sum.right] {
                collect(source, side, are_names, depth, found);
            }
        }
        Expr::Dict(dict) => {
            for item in &dict.items {
                let key = item.key.as_ref().and_then(|key| source.plain_text_of(key));
                let key = key.map_or_else(String::new, |key| key.value);
                let names = KEYS.contains(&key.as_str()) || is_named(&key);
                collect(source, &item.value, names, depth, found);
            }
        }
        _ if are_names => found.extend(source.plain_text_of(value).filter(|text| is_path(&text.value))),
        _ => {}
    }
}

/// `site.utils.jwt.Middleware`, `shop`.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    text.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::super::settings_names;

    #[test]
    fn names_of_modules_in_settings() {
        let text = "MIDDLEWARE = ['a.b.C', x] + ['d.e']\nMIDDLEWARE += ('f.g',)\nROOT_URLCONF = 'site.urls'\n\
                    JWT = {'JWT_DECODE_HANDLER': 'a.jwt.decode', 'ISSUER': 'example.com'}\n\
                    TEMPLATES = [{'BACKEND': 'a.t', 'DIRS': ['x.y'], 'OPTIONS': {'context_processors': ['a.cp']}}]\n\
                    HOSTS = ['example.com']\nif x:\n    MIDDLEWARE += ['h.i']\nlocal = {'class': 'j.k'}\n\
                    CACHES = {'default': {'BACKEND': 'a.cache.Own', 'LOCATION': 'redis.local'}}\n";
        let found: Vec<String> = settings_names(text).into_iter().map(|name| name.value).collect();
        assert_eq!(found, ["a.b.C", "d.e", "f.g", "site.urls", "a.jwt.decode", "a.t", "a.cp", "a.cache.Own"]);
        let text = "MIDDLEWARE = ['a.b']\nMIDDLEWARE = ['c.d']\nMIDDLEWARE = ['e.f'] + MIDDLEWARE\n\
                    CSS_CLASS = 'shop.css.red'\nDEFAULT_A_CLASS = 'a.B'\nOWN_CLASS = 'a.C'\nTEST_RUNNER = 'a.t'\n";
        let found: Vec<String> = settings_names(text).into_iter().map(|name| name.value).collect();
        assert_eq!(found, ["c.d", "e.f", "a.B"]);
    }
}
