//! `include`: other projects as part of this one (compose-go's `ApplyInclude`).

use std::rc::Rc;

use source::{Span, directory_of};

use super::model::{Loader, Scope};
use super::{Stage, paths};
use crate::Spanned;
use crate::compose::value::{Data, Key, Map, Origin, Value};
use crate::compose::{Include, decode, merge};

/// The deepest chain of files that include each other.
const MAX_CHAIN: usize = 32;

impl<'r> Loader<'r> {
    /// Takes `include` out of a document of the file `path` and adds what it names.
    pub(super) fn include(&mut self, path: &str, map: &mut Map, resets: &[Vec<String>], scope: &Scope<'r>) {
        let Some(value) = map.remove("include") else { return };
        let Some(items) = value.as_list() else {
            if value.data != Data::Null {
                self.tell(Stage::Load, value.origin.span, "`include` must be a list".to_owned());
            }
            return;
        };
        let mut included = scope.included.clone();
        included.push(path.to_owned());
        for item in items {
            match decode::include(item).filter(|include| !include.paths.is_empty()) {
                Some(include) => self.include_one(
                    &include,
                    map,
                    resets,
                    &Scope { included: included.clone(), ..scope.clone() },
                ),
                None => self.tell(Stage::Load, item.origin.span, "`include` must name a file".to_owned()),
            }
        }
    }

    fn include_one(&mut self, include: &Include, map: &mut Map, resets: &[Vec<String>], scope: &Scope<'r>) {
        let files: Vec<(String, Span)> = include
            .paths
            .iter()
            .map(|path| (paths::join(&scope.directory, &path.value), path.span))
            .collect();
        let Some((main, from)) = files.first() else { return };
        if scope.included.contains(main) || scope.included.len() > MAX_CHAIN {
            let chain = scope.included.join("` includes `");
            self.tell(
                Stage::Load,
                *from,
                format!("these files include each other: `{chain}` includes `{main}`"),
            );
            return;
        }
        let directory = match &include.project_directory {
            Some(stated) if !stated.value.is_empty() => paths::join(&scope.directory, &stated.value),
            _ => directory_of(main).to_owned(),
        };
        let Some(env_files) = self.env_files(include, scope, &directory) else { return };
        let environment = self.with_files(&scope.environment, &env_files);
        let inner = Scope { directory, environment, included: scope.included.clone() };
        let mut imported = self.model(&files, &inner);
        // The paths start at the root now; the model around them will put its own folder in front.
        rebase(&mut imported, &scope.directory);
        self.import(imported, map, resets);
    }

    /// The env files of an included project: those it names, else the `.env` of its folder.
    fn env_files(
        &mut self,
        include: &Include,
        scope: &Scope<'_>,
        directory: &str,
    ) -> Option<Vec<(String, Rc<str>)>> {
        if include.env_files.is_empty() {
            return Some(self.default_env_file(directory));
        }
        let mut files = Vec::new();
        for Spanned { value, span } in include.env_files.iter().filter(|file| file.value != "/dev/null") {
            let path = paths::join(&scope.directory, value);
            let Some(text) = self.read(&path) else {
                self.tell(Stage::Load, *span, format!("the env file `{path}` does not exist"));
                return None;
            };
            files.push((path, text));
        }
        Some(files)
    }

    /// Adds the resources of an included project; what this one says of the same resource wins.
    fn import(&mut self, imported: Map, map: &mut Map, resets: &[Vec<String>]) {
        let kinds = ["services", "volumes", "networks", "secrets", "configs", "models"];
        for entry in imported.entries {
            let Some(kind) = kinds.into_iter().find(|kind| *kind == entry.key.name) else { continue };
            let Data::Map(from) = entry.value.data else { continue };
            if map.get(kind).is_none() {
                let empty = Value::new(Data::Map(Map::default()), Origin::default());
                map.set(Key { name: kind.to_owned(), ..entry.key }, empty);
            }
            let Some(Data::Map(to)) = map.get_mut(kind).map(|value| &mut value.data) else { continue };
            let places = to.places();
            for entry in from.entries {
                let Some(place) = places.get(&entry.key.name).and_then(|at| to.entries.get_mut(*at)) else {
                    to.entries.push(entry);
                    continue;
                };
                let Some(base) = reset_resource(kind, &entry.key.name, entry.value, resets) else { continue };
                let mut errors = Vec::new();
                let own = std::mem::replace(&mut place.value, Value::new(Data::Null, Origin::default()));
                place.value = merge::merge_resource(kind, base, own, &mut errors);
                for error in errors {
                    self.tell(Stage::Load, error.span, error.message);
                }
            }
        }
    }
}

/// An imported resource without what this file resets.
fn reset_resource(kind: &str, name: &str, value: Value, resets: &[Vec<String>]) -> Option<Value> {
    let origin = value.origin;
    let mut resource = Map::default();
    resource.set(Key::implied(name, origin), value);
    let mut model = Map::default();
    model.set(Key::implied(kind, origin), Value::new(Data::Map(resource), origin));
    merge::reset(&mut model, resets);
    match model.remove(kind)?.data {
        Data::Map(mut resource) => resource.remove(name),
        _ => None,
    }
}

/// Makes paths that start at the root start at `directory`.
fn rebase(model: &mut Map, directory: &str) {
    paths::resolve(model, &paths::relative(directory, ""));
}
