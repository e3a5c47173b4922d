//! `extends`: a service built upon another one (compose-go's `ApplyExtends`).

use std::collections::{HashMap, HashSet};

use source::{Span, directory_of};

use super::model::{Loader, Purpose, Scope};
use super::{Stage, paths};
use crate::compose::value::{Data, Map, Value};
use crate::compose::{Extends, decode, merge};

/// How many values may be copied from service to service in one project.
const MAX_COPIED: usize = 1_000_000;

/// The services of one file.
pub(super) struct Services {
    path: String,
    map: Map,
    places: HashMap<String, usize>,
    /// What the file resets.
    resets: Vec<Vec<String>>,
}

impl Services {
    fn new(path: &str, map: Map, resets: Vec<Vec<String>>) -> Self {
        let names = map.entries.iter().map(|entry| entry.key.name.clone());
        let places = names.enumerate().map(|(at, name)| (name, at)).collect();
        Self { path: path.to_owned(), map, places, resets }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.map.entries.get(*self.places.get(name)?).map(|entry| &entry.value)
    }

    fn set(&mut self, name: &str, service: Map) {
        if let Some(entry) = self.places.get(name).and_then(|at| self.map.entries.get_mut(*at)) {
            entry.value.data = Data::Map(service);
        }
    }
}

/// Which file a service stands in: the one that is being loaded, or another one.
type File = Option<(String, String)>;

/// A service that waits for what it is built upon.
struct Level {
    file: File,
    name: String,
    own: Map,
}

impl<'r> Loader<'r> {
    /// Puts every service of a document together with those it is built upon.
    pub(super) fn extend(&mut self, path: &str, map: &mut Map, resets: &[Vec<String>], scope: &Scope<'r>) {
        let Some(Data::Map(found)) = map.get_mut("services").map(|services| &mut services.data) else {
            return;
        };
        let mut services = Services::new(path, std::mem::take(found), resets.to_vec());
        let builds_upon =
            |value: &Value| value.as_map().is_some_and(|service| service.get("extends").is_some());
        let entries = services.map.entries.iter().filter(|entry| builds_upon(&entry.value));
        let names: Vec<String> = entries.map(|entry| entry.key.name.clone()).collect();
        for name in names {
            let (mut levels, mut base) = self.descend(&name, &services, scope);
            while let Some(level) = levels.pop() {
                base = Some(self.build(level, base, &mut services));
            }
        }
        if let Some(Data::Map(place)) = map.get_mut("services").map(|services| &mut services.data) {
            *place = services.map;
        }
    }

    fn file_of<'s>(&'s self, file: &File, here: &'s Services) -> Option<&'s Services> {
        match file {
            None => Some(here),
            Some(key) => self.extended.get(key),
        }
    }

    /// Follows `extends` from a service down: those on the way, and the one at the end.
    fn descend(&mut self, name: &str, here: &Services, scope: &Scope<'r>) -> (Vec<Level>, Option<Map>) {
        let mut levels = Vec::new();
        let mut met = HashSet::new();
        let mut at: (File, String) = (None, name.to_owned());
        while self.copied <= MAX_COPIED {
            met.insert(at.clone());
            let (file, name) = at;
            let found =
                self.file_of(&file, here).and_then(|services| services.get(&name)).and_then(Value::as_map);
            let Some(mut own) = found.cloned() else { return (levels, None) };
            self.copied += weight(&own);
            let Some(stated) = own.remove("extends") else { return (levels, Some(own)) };
            let next = self.target(&stated, &file, here, scope);
            levels.push(Level { file, name, own });
            match next {
                Some(next) if !met.contains(&next) => at = next,
                Some((_, name)) => {
                    let message = format!("`{name}` is built upon itself");
                    self.tell(Stage::Load, stated.origin.span, message);
                    break;
                }
                None => break,
            }
        }
        (levels, None)
    }

    /// The service that `extends` names, where it exists.
    fn target(
        &mut self,
        stated: &Value,
        file: &File,
        here: &Services,
        scope: &Scope<'r>,
    ) -> Option<(File, String)> {
        let Some(Extends { file: stated_file, service }) = decode::extends(stated) else {
            self.tell(Stage::Load, stated.origin.span, "`extends` must name a service".to_owned());
            return None;
        };
        let file = match stated_file {
            None => file.clone(),
            Some(named) => {
                let key = (paths::join(&scope.directory, &named.value), scope.directory.clone());
                if !self.extended.contains_key(&key) {
                    let services = self.services_of(&key.0, named.span, scope)?;
                    self.extended.insert(key.clone(), services);
                }
                Some(key)
            }
        };
        let services = self.file_of(&file, here)?;
        if services.get(&service.value).is_none() {
            let message = format!("there is no service `{}` in `{}`", service.value, services.path);
            self.tell(Stage::Load, service.span, message);
            return None;
        }
        Some((file, service.value))
    }

    /// The services of another file in their long form, their paths as seen from the scope's folder.
    fn services_of(&mut self, path: &str, from: Span, scope: &Scope<'r>) -> Option<Services> {
        let was_told = self.told();
        let (mut model, resets) = self.file(path, from, scope, Map::default(), Purpose::Extended);
        paths::resolve(&mut model, &paths::relative(&scope.directory, directory_of(path)));
        match model.remove("services").map(|services| services.data) {
            Some(Data::Map(services)) => Some(Services::new(path, services, resets)),
            _ if self.told() > was_told => None,
            _ => {
                self.tell(Stage::Load, from, format!("`{path}` has no services"));
                None
            }
        }
    }

    /// Puts a service together with its base, and leaves it so in its file.
    fn build(&mut self, level: Level, base: Option<Map>, here: &mut Services) -> Map {
        let Level { file, name, own } = level;
        let is_too_much = self.copied > MAX_COPIED;
        let base = base.filter(|_| !is_too_much).map(|base| {
            let services = self.file_of(&file, here);
            without_resets(&name, base, services.map_or(&[], |services| &services.resets))
        });
        let mut errors = Vec::new();
        let merged = match base {
            Some(base) => merge::extend_service(base, own, &mut errors),
            None => own,
        };
        self.copied += weight(&merged);
        if self.copied > MAX_COPIED && !is_too_much {
            let place = here.get(&name).map_or(Span::at(0), |service| service.origin.span);
            let message = "services built upon others make the project too large to read".to_owned();
            self.tell(Stage::Load, place, message);
        }
        for error in errors {
            self.tell(Stage::Load, error.span, error.message);
        }
        let services = match &file {
            None => Some(here),
            Some(key) => self.extended.get_mut(key),
        };
        if let Some(services) = services {
            services.set(&name, merged.clone());
        }
        merged
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
fn without_resets(name: &str, mut base: Map, resets: &[Vec<String>]) -> Map {
    for path in resets {
        if let [services, service, below @ ..] = path.as_slice()
            && services == "services"
            && service == name
        {
            merge::reset(&mut base, &[below.to_vec()]);
        }
    }
    base
}
