//! Files of kustomize: the values of the ConfigMaps that it makes, and where its resources come from.

use source::{Place, Span, directory_of, file_name, join};
use syntax::yaml::{self, Budget, View};

use crate::collect::{config_maps, kubernetes};
use crate::record::{Document, Record, Use, UseKind};
use crate::{Role, Scope, Setting, SettingSource};

/// Whether kustomize reads a file of this name.
#[must_use]
pub(crate) fn is_one(path: &str) -> bool {
    matches!(file_name(path), "kustomization.yaml" | "kustomization.yml")
}

/// The facts of a `kustomization.yaml`.
#[must_use]
pub(crate) fn record(document: &Document) -> Record {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut record = Record::default();
    record.problems.extend(document.problems(&parsed.errors));
    for root in parsed.tree.documents.iter().map(|part| part.view(&budget)) {
        for key in ["resources", "bases", "components"] {
            record.kustomize_resources.extend(texts(root, key).map(|(path, _)| path.to_owned()));
        }
        let maps = root.get("configMapGenerator").map(|maps| maps.items()).unwrap_or_default();
        for map in maps {
            config_map(document, map, &mut record);
        }
        for map in ["configMapGenerator", "secretGenerator"].iter().filter_map(|key| root.get(key)) {
            let names = map.items().into_iter().filter_map(|one| one.get("name"));
            record.objects.extend(names.filter_map(|name| {
                Some(kubernetes::made(name.as_str()?, document.place(name.node().inner)))
            }));
        }
    }
    record
}

/// The folder whose YAML Flux fills variables in, where a document is a Kustomization of Flux that says so.
#[must_use]
pub(crate) fn substituted_folder(root: View<'_>) -> Option<String> {
    let version = root.get("apiVersion")?.as_str()?;
    let is_flux =
        version.starts_with("kustomize.toolkit.fluxcd.io/") && root.get("kind")?.as_str()? == "Kustomization";
    let substitution = root.path(&["spec", "postBuild"])?;
    let fills = ["substitute", "substituteFrom"].iter().any(|key| substitution.get(key).is_some());
    let path = root.path(&["spec", "path"]).map_or(Some("."), |path| path.as_str())?;
    // A path of Flux starts at the root of the repository, with `./` or `/`.
    (is_flux && fills).then(|| join("", path.trim_start_matches('/'))).flatten()
}

fn texts<'v>(view: View<'v>, key: &str) -> impl Iterator<Item = (&'v str, View<'v>)> + use<'v> {
    let items = view.get(key).map(|list| list.items()).unwrap_or_default();
    items.into_iter().filter_map(|item| Some((item.as_str()?, item)))
}

/// One entry of `configMapGenerator`: its literals are settings, its env files are used.
fn config_map(document: &Document, map: View<'_>, record: &mut Record) {
    let name = map.get("name").and_then(|name| name.as_str()).unwrap_or("");
    let within = vec!["configMapGenerator".to_owned(), config_maps::label_of(name), "literals".to_owned()];
    for (text, item) in texts(map, "literals") {
        let Some((key, value)) = text.split_once('=') else { continue };
        let value = unquoted(value);
        record.settings.push(Setting {
            key: key.trim().to_owned(),
            within: within.clone(),
            value: value.to_owned(),
            raw: value.to_owned(),
            at: value_place(document, item, text, value),
            scope: Scope::default(),
            source: SettingSource::Yaml,
            dialect: None,
            role: Role::of_host_key(key.trim(), value),
            expands_variables: false,
            is_template: false,
        });
    }
    let single = map.get("env").and_then(|path| Some((path.as_str()?, path)));
    for (path, item) in texts(map, "envs").chain(single) {
        record.uses.extend(join(directory_of(&document.path), path).map(|path| Use {
            path,
            at: document.place(item.node().inner),
            what: UseKind::EnvFile { required: false, service: None },
        }));
    }
}

/// kustomize takes one pair of quotes around a value away.
fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

/// The place of a value at the end of an item; of the item where it is written with escapes.
fn value_place(document: &Document, item: View<'_>, text: &str, value: &str) -> Place {
    let inner = item.node().inner;
    if document.slice(inner) != text {
        return document.place(inner);
    }
    let end = inner.end - (text.len() - text.rfind(value).map_or(text.len(), |at| at + value.len()));
    document.place(Span::new(end - value.len(), end))
}
