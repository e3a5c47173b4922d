//! Reading the files of a project one after the other into one model (compose-go's `loadYamlModel`).

use std::collections::HashMap;
use std::rc::Rc;

use source::Span;

use super::environment::{Environment, resolve_lists};
use super::extends::Services;
use super::{MAX_FILES, ProjectError, Request, Sources, Stage, paths};
use crate::SyntaxError;
use crate::compose::value::{self, Data, Map, Value};
use crate::compose::{canonical, duplicates, is_sure, merge, schema, unique, variables};
use crate::yaml;

/// The most documents of one file that are merged: the whole is checked after each.
const MAX_DOCUMENTS: usize = 100;

/// What is being loaded, and what was found out.
pub(super) struct Loader<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) sources: Sources,
    told: Vec<(Stage, SyntaxError)>,
    /// Texts by path; none for what does not exist.
    texts: HashMap<String, Option<Rc<str>>>,
    /// How many files were loaded into models.
    loads: usize,
    /// How many bytes of env files were read for services.
    pub(super) env_bytes: usize,
    /// What services are built upon so far, by file and the folder it is seen from.
    pub(super) extended: HashMap<(String, String), Services>,
    /// How many values were copied from service to service.
    pub(super) copied: usize,
}

/// From where files of a model are named.
#[derive(Clone)]
pub(super) struct Scope<'r> {
    /// The folder, relative to the root, that paths in the files mean.
    pub(super) directory: String,
    pub(super) environment: Environment<'r>,
    /// The files that lead here through `include`.
    pub(super) included: Vec<String>,
}

/// How much is done with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Model,
    /// Another file's service is built upon one of it: nothing is followed or checked.
    Extended,
}

impl<'r> Loader<'r> {
    pub(super) fn new(request: &'r Request<'r>) -> Self {
        Self {
            request,
            sources: Sources::default(),
            told: Vec::new(),
            texts: HashMap::new(),
            loads: 0,
            env_bytes: 0,
            extended: HashMap::new(),
            copied: 0,
        }
    }

    pub(super) fn tell(&mut self, stage: Stage, span: Span, message: String) {
        self.told.push((stage, SyntaxError { span, message }));
    }

    /// Tells an error of a file whose spans are its own.
    pub(super) fn tell_in(&mut self, stage: Stage, path: &str, text: &str, error: SyntaxError) {
        let base = self.sources.add(path, text);
        self.tell(stage, error.span.shifted(base), error.message);
    }

    fn tell_all(&mut self, errors: Vec<SyntaxError>) {
        self.told.extend(errors.into_iter().map(|error| (Stage::Load, error)));
    }

    /// How many things were wrong so far.
    pub(super) fn told(&self) -> usize {
        self.told.len()
    }

    /// What was told, by file and place, each once.
    pub(super) fn errors(&mut self) -> Vec<ProjectError> {
        let mut errors: Vec<_> = std::mem::take(&mut self.told)
            .into_iter()
            .map(|(stage, error)| {
                let place = self.sources.place(error.span);
                let first = || self.request.files.first().copied().unwrap_or_default().to_owned();
                let path = place.as_ref().map_or_else(first, |place| place.path.to_string());
                let span = place.map_or(Span::at(0), |place| place.span);
                ProjectError { path, error: SyntaxError { span, ..error }, stage }
            })
            .collect();
        errors.sort_by(|one, other| {
            (one.stage, &one.path, one.error.span).cmp(&(other.stage, &other.path, other.error.span))
        });
        errors.dedup();
        errors
    }

    /// The text of a file, where it exists.
    pub(super) fn read(&mut self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.get(path) {
            return known.clone();
        }
        let text: Option<Rc<str>> = (self.request.read)(path).map(Rc::from);
        self.texts.insert(path.to_owned(), text.clone());
        text
    }

    /// The merged model, and the variables it was made with.
    pub(super) fn load(&mut self) -> (Map, Environment<'r>) {
        let directory = paths::join("", self.request.directory);
        let shell = Environment::new(self.request.variables);
        let files = self.default_env_file(&directory);
        let environment = self.with_files(&shell, &files);
        let name = self.project_name(&directory, &environment);
        let own = HashMap::from([("COMPOSE_PROJECT_NAME".to_owned(), name.clone())]);
        let environment = environment.with(own);
        let files: Vec<(String, Span)> =
            self.request.files.iter().map(|file| (paths::join("", file), Span::at(0))).collect();
        let scope = Scope { directory, environment: environment.clone(), included: Vec::new() };
        let mut model = self.model(&files, &scope);
        if model.entries.is_empty() && self.told() == 0 {
            self.tell(Stage::Load, Span::at(0), "is an empty Compose file".to_owned());
        }
        model.remove("name");
        let origin = value::Origin::default();
        model.set(value::Key::implied("name", origin), Value::str(name, origin));
        (model, environment)
    }

    /// The `.env` of a folder, where there is one.
    pub(super) fn default_env_file(&mut self, directory: &str) -> Vec<(String, Rc<str>)> {
        let path = paths::join(directory, ".env");
        self.read(&path).map(|text| (path, text)).into_iter().collect()
    }

    /// An environment with what `.env` files set; without them where one is wrong.
    pub(super) fn with_files(
        &mut self,
        environment: &Environment<'r>,
        files: &[(String, Rc<str>)],
    ) -> Environment<'r> {
        match environment.with_files(files) {
            Ok(environment) => environment,
            Err((path, error)) => {
                if let Some((_, text)) = files.iter().find(|(known, _)| *known == path) {
                    self.tell_in(Stage::Load, &path, text, error);
                }
                environment.clone()
            }
        }
    }

    /// `COMPOSE_PROJECT_NAME`, else the last `name:` of the files, else the folder's name.
    fn project_name(&mut self, directory: &str, environment: &Environment<'_>) -> String {
        if let Some(name) = environment.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()) {
            return name;
        }
        let mut stated = String::new();
        for file in self.request.files {
            let text = self.read(&paths::join("", file));
            let Some(text) = text.filter(|text| text.contains("name")) else { continue };
            let budget = yaml::Budget::default();
            for document in &yaml::parse(&text).tree.documents {
                let name = document.view(&budget).get("name").and_then(|name| name.as_str());
                stated = name.filter(|name| !name.is_empty()).map_or(stated, str::to_owned);
            }
        }
        let lookup = |name: &str| environment.get(name);
        let stated = crate::compose::interpolate::interpolate(&stated, &lookup).map(|done| done.text);
        let stated = normal_name(&stated.unwrap_or_default());
        if stated.is_empty() { normal_name(source::file_name(directory)) } else { stated }
    }

    /// The files merged, each with what leads to it, as far as `scope` allows.
    pub(super) fn model(&mut self, files: &[(String, Span)], scope: &Scope<'r>) -> Map {
        let mut model = Map::default();
        for (path, from) in files {
            model = self.file(path, *from, scope, model, Purpose::Model).0;
        }
        super::finish::set_defaults(&mut model);
        self.tell_all(super::consistency::check_resources(&mut model));
        paths::resolve(&mut model, &scope.directory);
        resolve_lists(&mut model, &scope.environment);
        model
    }

    /// Adds a file to a model. Also gives what its last document resets.
    pub(super) fn file(
        &mut self,
        path: &str,
        from: Span,
        scope: &Scope<'r>,
        mut model: Map,
        purpose: Purpose,
    ) -> (Map, Vec<Vec<String>>) {
        self.loads += 1;
        if self.loads > MAX_FILES {
            self.tell(Stage::Load, from, format!("`{path}` is one file too many: {MAX_FILES} were read"));
            return (model, Vec::new());
        }
        let Some(text) = self.read(path) else {
            self.tell(Stage::Load, from, format!("`{path}` does not exist"));
            return (model, Vec::new());
        };
        let base = self.sources.add(path, &text);
        let parsed = yaml::parse(&text);
        let shifted = |error: SyntaxError| SyntaxError { span: error.span.shifted(base), ..error };
        self.tell_all(parsed.errors.into_iter().map(shifted).collect());
        self.tell_all(duplicates(&parsed.tree, base));
        if parsed.tree.is_template {
            self.tell(
                Stage::Load,
                Span::at(base),
                "is a template; Compose reads what it is rendered to".to_owned(),
            );
        }
        if parsed.tree.documents.len() > MAX_DOCUMENTS {
            self.tell(Stage::Load, Span::at(base), format!("holds more than {MAX_DOCUMENTS} documents"));
        }
        let is_sure = is_sure(&parsed.tree);
        let mut resets = Vec::new();
        for document in parsed.tree.documents.iter().take(MAX_DOCUMENTS) {
            let loaded = value::load(document, base);
            self.tell_all(loaded.errors);
            resets = loaded.resets;
            match loaded.value.data {
                Data::Map(map) => {
                    let told = self.told.len();
                    model = self.document(path, map, &resets, scope, model, purpose);
                    if !is_sure {
                        self.told.truncate(told);
                    }
                }
                _ if !is_sure => {}
                _ => self.tell(
                    Stage::Load,
                    loaded.value.origin.span,
                    "a Compose file must be a mapping".to_owned(),
                ),
            }
        }
        (model, resets)
    }

    fn document(
        &mut self,
        path: &str,
        mut map: Map,
        resets: &[Vec<String>],
        scope: &Scope<'r>,
        mut model: Map,
        purpose: Purpose,
    ) -> Map {
        let lookup = |name: &str| scope.environment.get(name);
        self.tell_all(variables::replace(&mut map, &lookup));
        if purpose == Purpose::Model {
            self.include(path, &mut map, resets, scope);
        }
        merge::reset(&mut model, resets);
        if purpose == Purpose::Model {
            self.extend(path, &mut map, resets, scope);
        }
        let mut errors = Vec::new();
        let mut model = merge::merge(model, map, &mut errors);
        unique::enforce(&mut model);
        if purpose == Purpose::Model {
            errors.extend(schema::check(&mut model));
            model.remove("version");
        }
        errors.extend(canonical::canonical(&mut model));
        unique::enforce(&mut model);
        self.tell_all(errors);
        model
    }
}

/// Lower case, and only what a project's name may hold.
fn normal_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String = lower.chars().filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-')).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}
