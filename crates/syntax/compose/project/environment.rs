//! Variables: of the shell, of `.env` files, of services.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use source::{Place, Span};

use super::model::Loader;
use super::{Stage, Variable};
use crate::SyntaxError;
use crate::compose::value::{Data, Key, Map, Value};
use crate::compose::{EnvFileRef, Service};
use crate::dotenv::{self, Dialect};

/// What a variable of a Compose file stands for: the shell's value first, then that of the env files.
#[derive(Clone)]
pub(super) struct Environment<'r> {
    shell: &'r dyn Fn(&str) -> Option<String>,
    layers: Vec<Rc<HashMap<String, String>>>,
}

impl<'r> Environment<'r> {
    pub(super) fn new(shell: &'r dyn Fn(&str) -> Option<String>) -> Self {
        Self { shell, layers: Vec::new() }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.shell)(name).or_else(|| self.layers.iter().find_map(|layer| layer.get(name).cloned()))
    }

    /// The same with further variables, which lose to all that are there.
    pub(super) fn with(&self, more: HashMap<String, String>) -> Self {
        let mut with = self.clone();
        with.layers.push(Rc::new(more));
        with
    }

    /// The same with what `.env` files set: a later one wins, and a value may refer to what is known.
    pub(super) fn with_files(&self, files: &[(String, Rc<str>)]) -> Result<Self, (String, SyntaxError)> {
        let mut read: HashMap<String, String> = HashMap::new();
        for (path, text) in files {
            let lookup = |name: &str| self.get(name).or_else(|| read.get(name).cloned());
            let pairs = pairs_of(text, &lookup).map_err(|error| (path.clone(), error))?;
            read.extend(pairs.into_iter().map(|pair| (pair.name, pair.value)));
        }
        Ok(self.with(read))
    }
}

/// One variable of an env file.
struct Pair {
    name: String,
    value: String,
    span: Span,
    line: u32,
}

/// What an env file sets, or the first of its errors.
fn pairs_of(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Pair>, SyntaxError> {
    let parsed = dotenv::parse(text, Dialect::Compose);
    let resolved = dotenv::resolve(&parsed.tree, lookup);
    if let Some(error) = parsed.errors.into_iter().chain(resolved.errors).next() {
        return Err(error);
    }
    let entries = &parsed.tree.entries;
    let pairs = resolved.tree.into_iter().filter_map(|(at, value)| {
        let entry = entries.get(at)?;
        Some(Pair { name: entry.key.value.clone(), value, span: entry.value_span, line: entry.line })
    });
    Ok(pairs.collect())
}

/// Gives bare names in the lists of `environment` their value (compose-go's `ResolveEnvironment`).
pub(super) fn resolve_lists(model: &mut Map, environment: &Environment<'_>) {
    let Some(Data::Map(services)) = model.get_mut("services").map(|services| &mut services.data) else {
        return;
    };
    for service in &mut services.entries {
        if let Data::Map(service) = &mut service.value.data
            && let Some(Data::List(items)) = service.get_mut("environment").map(|value| &mut value.data)
        {
            for item in items {
                resolve_item(item, environment);
            }
        }
    }
}

fn resolve_item(item: &mut Value, environment: &Environment<'_>) {
    let Some(name) = item.as_str().filter(|text| !text.contains('=')) else { return };
    let Some(value) = environment.get(name) else { return };
    let written = Key { name: name.to_owned(), span: item.origin.inner, line: item.origin.line };
    item.data = Data::Str(format!("{}={value}", written.name));
    item.origin.exact = 0;
    item.pair.get_or_insert_with(|| Box::new(written));
}

/// Gives what is passed through its value; `keep` says whether a name that nobody sets stays.
pub(super) fn resolve(value: &mut Value, environment: &Environment<'_>, keep: bool) {
    match &mut value.data {
        Data::Map(map) => map.entries.retain_mut(|entry| {
            if entry.value.data == Data::Null
                && let Some(found) = environment.get(&entry.key.name)
            {
                entry.value.data = Data::Str(found);
                entry.value.origin.exact = 0;
            }
            keep || entry.value.data != Data::Null
        }),
        Data::List(items) => {
            for item in &mut *items {
                resolve_item(item, environment);
            }
            items.retain(|item| keep || item.as_str().is_none_or(|text| text.contains('=')));
        }
        _ => {}
    }
}

/// Every variable that a service's container gets.
pub(super) fn of_service(
    loader: &mut Loader<'_>,
    service: &Service,
    environment: &Environment<'_>,
) -> Vec<Variable> {
    let own: Vec<Variable> = service
        .environment
        .iter()
        .map(|setting| Variable {
            name: setting.name.value.clone(),
            value: setting.value.as_ref().map(|value| value.value.clone()),
            place: place(loader, setting.value.as_ref().map_or(setting.name.span, |value| value.span)),
        })
        .collect();
    let mut found = Variables::default();
    for file in &service.env_file {
        read_env_file(loader, file, &own, &mut found, environment);
    }
    for variable in own {
        found.set(variable);
    }
    found.in_order
}

/// Variables in the order of their first mention, by name.
#[derive(Default)]
struct Variables {
    in_order: Vec<Variable>,
    places: HashMap<String, usize>,
}

impl Variables {
    fn get(&self, name: &str) -> Option<&Variable> {
        self.in_order.get(*self.places.get(name)?)
    }

    fn set(&mut self, variable: Variable) {
        if let Some(place) = self.places.get(&variable.name).and_then(|at| self.in_order.get_mut(*at)) {
            *place = variable;
        } else {
            self.places.insert(variable.name.clone(), self.in_order.len());
            self.in_order.push(variable);
        }
    }
}

/// The most bytes of env files that are read, each file counted for each service.
const MAX_ENV_BYTES: usize = 64 << 20;

fn read_env_file(
    loader: &mut Loader<'_>,
    file: &EnvFileRef,
    own: &[Variable],
    found: &mut Variables,
    environment: &Environment<'_>,
) {
    let path = &file.path.value;
    if let Some(format) = file.format.as_ref().filter(|format| !matches!(format.value.as_str(), "" | ".env"))
    {
        let message = format!("compose-go 2.14 knows no env file format `{}`", format.value);
        loader.tell(Stage::EnvFiles, format.span, message);
        return;
    }
    let Some(text) = loader.read(path) else {
        if file.required {
            let message = format!("the env file `{path}` does not exist");
            loader.tell(Stage::EnvFiles, file.path.span, message);
        }
        return;
    };
    let is_first_too_many = loader.env_bytes <= MAX_ENV_BYTES;
    loader.env_bytes += text.len();
    if loader.env_bytes > MAX_ENV_BYTES {
        if is_first_too_many {
            let message = format!("the env files of all services hold more than {MAX_ENV_BYTES} bytes");
            loader.tell(Stage::EnvFiles, file.path.span, message);
        }
        return;
    }
    let known: HashMap<&str, &str> = own
        .iter()
        .filter_map(|variable| Some((variable.name.as_str(), variable.value.as_deref()?)))
        .collect();
    let lookup = |name: &str| {
        let of_service = || known.get(name).map(|value| (*value).to_owned());
        let of_files = || found.get(name).and_then(|variable| variable.value.clone());
        environment.get(name).or_else(of_service).or_else(of_files)
    };
    let pairs = match pairs_of(&text, &lookup) {
        Ok(pairs) => pairs,
        Err(error) => {
            loader.tell_in(Stage::EnvFiles, path, &text, error);
            return;
        }
    };
    let path: Arc<str> = Arc::from(path.as_str());
    for pair in pairs {
        let place = Place { path: Arc::clone(&path), line: pair.line, span: pair.span };
        found.set(Variable { name: pair.name, value: Some(pair.value), place });
    }
}

fn place(loader: &Loader<'_>, span: Span) -> Place {
    loader.sources.place(span).unwrap_or_else(|| Place::file(""))
}
