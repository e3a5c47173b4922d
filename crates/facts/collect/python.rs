//! Python code: imports, environment reads, conclusions about the environment.

use syntax::python::LoadedBy;
use syntax::{Spanned, python};

use crate::Stated;
use crate::environment::canonical;
use crate::record::{Document, Record};
use crate::{CodeAddress, Demand, EnvRead, How, Import, PlatformPredicate};

/// Folders above a module that are looked at.
const MAX_UP: u32 = 64;

/// The variable that names the settings of Django.
pub(crate) const SETTINGS_MODULE: &str = "DJANGO_SETTINGS_MODULE";

/// One import, ready to be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    /// The dotted module without leading dots.
    pub module: String,
    /// Leading dots.
    pub level: u32,
    /// The names taken from it; each may be a submodule.
    pub names: Vec<String>,
    /// Where it stands.
    pub at: source::Place,
    /// How.
    pub how: How,
    /// Whether it runs only when the file is the program.
    pub main_block: bool,
    /// The environment variable that may name another module instead.
    pub variable: Option<&'static str>,
    /// Whether it is a name in a text that may lead on into what the module holds: `shop.apps.ShopConfig`.
    pub is_name: bool,
}

impl Imported {
    /// The module as written, with its dots.
    #[must_use]
    pub(crate) fn written(&self) -> String {
        let dots = ".".repeat(self.level as usize);
        match (self.module.as_str(), self.names.first()) {
            ("", Some(name)) => format!("{dots}{name}"),
            (module, _) => format!("{dots}{module}"),
        }
    }
}

/// A file or folder that code opens by a path that it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// The path as written; `..` is kept.
    pub path: String,
    /// How many folders above the module's own it is looked up; `None`: in the working directory.
    pub up: Option<u32>,
    /// Where.
    pub at: source::Place,
    /// Whether it is opened when a function runs.
    pub is_lazy: bool,
}

/// The facts of a Python file, its imports for the import graph, and the files that it opens.
#[must_use]
pub(crate) fn record(document: &Document) -> (Record, Vec<Imported>, Vec<Opened>) {
    let parsed = python::parse(&document.text);
    let module = parsed.tree;
    let mut imports: Vec<Imported> = module.imports.iter().map(|import| imported(document, import)).collect();
    let named = module.env_reads.iter().filter_map(|read| settings_module(document, read));
    imports.extend(named);
    let record = Record {
        imports: imports.iter().filter(|import| import.variable.is_none()).map(fact).collect(),
        env_reads: module.env_reads.iter().map(|read| env_read(document, read)).collect(),
        demands: module.demands.iter().map(|found| demand(document, found)).collect(),
        addresses: module.addresses.iter().map(|found| address(document, found)).collect(),
        predicates: module.predicates.iter().filter_map(|found| predicate(document, found)).collect(),
        unbound_names: unbound_names(document, &module.unbound),
        problems: document.problems(&parsed.errors).collect(),
        ..Record::default()
    };
    imports.extend(loaded_by_django(document));
    let opened = module.opened.iter().map(|opened| Opened {
        path: opened.path.clone(),
        up: match opened.base {
            python::Base::WorkingDirectory => None,
            python::Base::ModuleDirectory { up } => Some(up.min(MAX_UP)),
        },
        at: document.place(opened.span),
        is_lazy: opened.function.is_some(),
    });
    let opened = opened.collect();
    (record, imports, opened)
}

fn imported(document: &Document, import: &python::Import) -> Imported {
    Imported {
        module: import.module.clone(),
        level: import.level,
        names: import.names.iter().map(|name| name.name.clone()).filter(|name| name != "*").collect(),
        at: document.place(import.span),
        how: match import.how {
            python::How::TopLevel | python::How::MainBlock => How::TopLevel,
            python::How::Lazy | python::How::Conditional => How::Lazy,
            python::How::Guarded | python::How::Fallback => How::Guarded,
            python::How::TypeChecking => How::TypeChecking,
        },
        main_block: import.how == python::How::MainBlock,
        variable: None,
        is_name: false,
    }
}

/// `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")`: the module that Django imports when it starts.
/// Source: <https://docs.djangoproject.com/en/5.2/topics/settings/#designating-the-settings>.
fn settings_module(document: &Document, read: &python::EnvRead) -> Option<Imported> {
    let is_module = |text: &String| {
        !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'))
    };
    let default = read.default.as_ref().filter(|default| default.literal.is_some())?;
    (read.name.value == SETTINGS_MODULE && is_module(&default.text)).then(|| Imported {
        module: default.text.clone(),
        level: 0,
        names: Vec::new(),
        at: document.place(default.span),
        how: How::TopLevel,
        main_block: false,
        variable: Some(SETTINGS_MODULE),
        is_name: false,
    })
}

/// The modules that Django loads by their names in settings and routes.
fn loaded_by_django(document: &Document) -> Vec<Imported> {
    const SIGNS: [&str; 4] = ["INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "urlpatterns"];
    if !SIGNS.iter().any(|sign| document.text.contains(sign)) {
        return Vec::new();
    }
    let loaded = python::loaded_by_django(&document.text).into_iter();
    let import = |loaded: python::LoadedByName| Imported {
        module: loaded.name.value,
        level: 0,
        // What Django looks for in each application.
        names: match loaded.by {
            LoadedBy::Apps => vec!["apps".to_owned(), "models".to_owned()],
            _ => Vec::new(),
        },
        at: document.place(loaded.name.span),
        how: if loaded.by == LoadedBy::Routes { How::Lazy } else { How::TopLevel },
        main_block: false,
        variable: None,
        is_name: loaded.by != LoadedBy::Include,
    };
    loaded.map(import).collect()
}

fn fact(imported: &Imported) -> Import {
    Import { module: imported.written(), at: imported.at.clone(), how: imported.how }
}

fn env_read(document: &Document, read: &python::EnvRead) -> EnvRead {
    EnvRead {
        name: read.name.value.clone(),
        at: document.place(read.span),
        required: read.required,
        is_conditional: read.conditional,
        default: read
            .default
            .as_ref()
            .filter(|default| default.literal.is_some())
            .map(|default| default.text.clone()),
        is_truth_test: read.asked == python::Asked::Truth,
        function: read.function.clone(),
        within: read.within.clone(),
    }
}

/// The first use of each such module.
fn unbound_names(document: &Document, uses: &[Spanned<String>]) -> Vec<Stated<String>> {
    let mut found: Vec<Stated<String>> = Vec::new();
    for used in uses {
        if found.iter().all(|known| known.value != used.value) {
            found.push(Stated { value: used.value.clone(), at: document.place(used.span) });
        }
    }
    found
}

fn demand(document: &Document, found: &python::Demand) -> Demand {
    let mut environments: Vec<&'static str> =
        found.environments.iter().filter_map(|name| canonical(name)).collect();
    environments.sort_unstable();
    environments.dedup();
    Demand {
        names: found.names.clone(),
        environments,
        at: document.place(found.span),
        function: found.function.clone(),
    }
}

fn address(document: &Document, found: &python::Address) -> CodeAddress {
    CodeAddress {
        url: found.url.value.clone(),
        at: document.place(found.url.span),
        function: found.function.clone(),
    }
}

fn predicate(document: &Document, found: &python::Predicate) -> Option<PlatformPredicate> {
    Some(PlatformPredicate {
        variable: found.variable.value.clone(),
        concluded: canonical(&found.concluded)?.to_owned(),
        at: document.place(found.span),
        function: found.function.clone(),
        is_fallback: found.fallback,
        droppable: found.droppable,
    })
}
