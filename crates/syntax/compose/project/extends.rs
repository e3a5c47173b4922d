//! `extends`: a service built upon another one (compose-go's `ApplyExtends`).

use source::{Span, directory_of};

use super::model::{Extended, Loader, Purpose, Scope};
use super::{Stage, paths};
use crate::compose::value::{Data, Key, Map, Value};
use crate::compose::{Extends, decode, merge};

/// The longest chain of services built upon each other.
const MAX_CHAIN: usize = 64;

/// How many values may be copied from service to service in one project.
const MAX_COPIED: usize = 5_000_000;

/// A service of a file that is being extended.
type Link = (String, String);

impl<'r> Loader<'r> {
    /// Puts every service of a document together with those it is built upon.
    pub(super) fn extend(&mut self, path: &str, map: &mut Map, resets: &[Vec<String>], scope: &Scope<'r>) {
        let Some(Data::Map(services)) = map.get_mut("services").map(|services| &mut services.data) else {
            return;
        };
        let names: Vec<String> = services.entries.iter().map(|entry| entry.key.name.clone()).collect();
        for name in names {
            self.extended_service(&name, path, services, resets, scope, &[]);
        }
    }

    /// Puts one service together and leaves it in `services`; nothing where it cannot be had.
    fn extended_service(
        &mut self,
        name: &str,
        path: &str,
        services: &mut Map,
        resets: &[Vec<String>],
        scope: &Scope<'r>,
        chain: &[Link],
    ) -> Option<Map> {
        let mut own = services.map(name)?.clone();
        self.copied += weight(&own);
        let Some(stated) = own.remove("extends") else { return Some(own) };
        let origin = stated.origin;
        if self.copied > MAX_COPIED {
            let message = "the services built upon others make the project too large to read".to_owned();
            self.tell(Stage::Load, origin.span, message);
            return None;
        }
        let base = self.base(name, path, &stated, services, resets, scope, chain);
        let merged = match base {
            Some(base) => {
                let base = without_resets(name, base, resets);
                let mut errors = Vec::new();
                let merged = merge::extend_service(base, own, &mut errors);
                for error in errors {
                    self.tell(Stage::Load, error.span, error.message);
                }
                merged
            }
            None => own,
        };
        if let Some(place) = services.get_mut(name) {
            *place = Value::new(Data::Map(merged.clone()), place.origin);
        } else {
            services.set(Key::implied(name, origin), Value::new(Data::Map(merged.clone()), origin));
        }
        Some(merged)
    }

    /// The service that another one is built upon, itself put together.
    #[expect(clippy::too_many_arguments, reason = "they are one place in two files")]
    fn base(
        &mut self,
        name: &str,
        path: &str,
        stated: &Value,
        services: &mut Map,
        resets: &[Vec<String>],
        scope: &Scope<'r>,
        chain: &[Link],
    ) -> Option<Map> {
        let span = stated.origin.span;
        let Some(Extends { file, service }) = decode::extends(stated) else {
            self.tell(Stage::Load, span, "`extends` must name a service".to_owned());
            return None;
        };
        let from =
            file.as_ref().map_or_else(|| path.to_owned(), |file| paths::join(&scope.directory, &file.value));
        let link = (from.clone(), name.to_owned());
        if chain.contains(&link) || chain.len() > MAX_CHAIN {
            self.tell(Stage::Load, span, format!("`{name}` of `{from}` is built upon itself"));
            return None;
        }
        let chain: Vec<Link> = chain.iter().cloned().chain([link]).collect();
        let wanted = service.value.as_str();
        let Some(file) = file else {
            if services.get(wanted).is_none() {
                self.tell(Stage::Load, service.span, format!("there is no service `{wanted}` in `{path}`"));
                return None;
            }
            return self.extended_service(wanted, path, services, resets, scope, &chain);
        };
        let key = (from, scope.directory.clone());
        let known = self.extended.remove(&key);
        let mut other = known.map_or_else(|| self.services_of(&key.0, file.span, scope), Some)?;
        let found = if other.services.get(wanted).is_some() {
            self.extended_service(wanted, &key.0, &mut other.services, &other.resets, scope, &chain)
        } else {
            self.tell(Stage::Load, service.span, format!("there is no service `{wanted}` in `{}`", key.0));
            None
        };
        self.extended.insert(key, other);
        found
    }

    /// The services of another file in their long form, their paths as seen from the scope's folder.
    fn services_of(&mut self, path: &str, from: Span, scope: &Scope<'r>) -> Option<Extended> {
        let was_told = self.told();
        let (mut model, resets) = self.file(path, from, scope, Map::default(), Purpose::Extended);
        paths::resolve(&mut model, &paths::relative(&scope.directory, directory_of(path)));
        match model.remove("services").map(|services| services.data) {
            Some(Data::Map(services)) => Some(Extended { services, resets }),
            _ if self.told() > was_told => None,
            _ => {
                self.tell(Stage::Load, from, format!("`{path}` has no services"));
                None
            }
        }
    }
}

/// How many values a mapping holds.
fn weight(map: &Map) -> usize {
    map.entries.iter().map(|entry| 1 + weight_of(&entry.value)).sum()
}

fn weight_of(value: &Value) -> usize {
    match &value.data {
        Data::Map(map) => weight(map),
        Data::List(items) => items.iter().map(|item| 1 + weight_of(item)).sum(),
        _ => 0,
    }
}

/// A base without what the service built upon it resets.
fn without_resets(name: &str, base: Map, resets: &[Vec<String>]) -> Map {
    let mut base = base;
    for path in resets {
        if let [services, service, below @ ..] = path.as_slice()
            && services == "services"
            && service == name
            && !below.is_empty()
        {
            merge::reset(&mut base, &[below.to_vec()]);
        }
    }
    base
}
