//! Files of kustomize: the values of the ConfigMaps that it makes, and where its resources come from.

use source::{Place, Span, directory_of, file_name, join};
use syntax::yaml::{self, Budget, View};

use crate::collect::{config_maps, kubernetes};
use crate::concealed::SecretText;
use crate::output_folders::is_output;
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
        record.uses.extend(read_files(document, root));
        let maps = root.get("configMapGenerator").map(|maps| maps.items()).unwrap_or_default();
        for map in maps {
            config_map(document, map, &mut record);
        }
        for map in root.get("secretGenerator").map(|maps| maps.items()).unwrap_or_default() {
            secret(document, map, &mut record);
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

/// The files and folders that kustomize reads and that are kept beside it. Source:
/// <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>. Those of secrets are kept out on purpose.
fn read_files(document: &Document, root: View<'_>) -> Vec<Use> {
    const LISTS: &[&str] =
        &["resources", "bases", "components", "crds", "configurations", "patchesStrategicMerge"];
    let mut found: Vec<(&str, View<'_>)> = LISTS.iter().flat_map(|key| texts(root, key)).collect();
    for key in ["patches", "patchesJson6902", "replacements"] {
        let items = root.get(key).map(|list| list.items()).unwrap_or_default();
        let paths = items.into_iter().filter_map(|item| item.get("path"));
        found.extend(paths.filter_map(|path| Some((path.as_str()?, path))));
    }
    for map in root.get("configMapGenerator").map(|maps| maps.items()).unwrap_or_default() {
        // `key=path`, or the path alone.
        let files = texts(map, "files");
        found.extend(files.map(|(text, item)| (text.split_once('=').map_or(text, |(_, path)| path), item)));
    }
    let here = directory_of(&document.path);
    let kept = found.into_iter().filter(|(path, _)| is_kept_beside(path));
    kept.filter_map(|(path, item)| {
        let at = document.place(item.node().inner);
        Some(Use { path: join(here, path)?, at, what: UseKind::Kustomize })
    })
    .collect()
}

/// Whether an entry is a path of the repository: no URL, no patch written out, no template, nothing that tools make.
fn is_kept_beside(entry: &str) -> bool {
    let first = entry.split('/').next().unwrap_or("");
    // `example.com/owner/repository`, `git@example.com:owner/repository`.
    let is_host = entry.contains('/') && first.contains('.') && !first.starts_with('.');
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/+@ ".contains(letter);
    !entry.is_empty()
        && !is_host
        && entry.chars().all(is_plain)
        && !entry.contains("//")
        && !entry.starts_with('/')
        && !entry.split('/').any(|part| is_output(part) || matches!(part, "charts" | "gen"))
}

/// The folder that an object of Flux or Argo CD applies, where a document is one. Sources:
/// <https://fluxcd.io/flux/components/kustomize/kustomizations/>, <https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/>.
#[must_use]
pub(crate) fn applied_folder(document: &Document, root: View<'_>) -> Option<Use> {
    let version = root.get("apiVersion")?.as_str()?;
    let path = match (version.split('/').next()?, root.get("kind")?.as_str()?) {
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => root.path(&["spec", "path"])?,
        ("argoproj.io", "Application") => root.path(&["spec", "source", "path"])?,
        _ => return None,
    };
    let folder = join("", path.as_str()?.trim_start_matches('/'))?;
    Some(Use { path: folder, at: document.place(path.node().inner), what: UseKind::Applied })
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

/// One entry of `secretGenerator`: nothing that it holds is shown.
fn secret(document: &Document, map: View<'_>, record: &mut Record) {
    let literals = texts(map, "literals").filter_map(|(text, item)| {
        let value = unquoted(text.split_once('=')?.1);
        Some(SecretText { at: value_place(document, item, text, value), text: value.to_owned() })
    });
    record.concealing.texts.extend(literals);
    let single = map.get("env").and_then(|path| path.as_str());
    let files = texts(map, "envs").map(|(path, _)| path).chain(single);
    let here = directory_of(&document.path);
    record.concealing.env_files.extend(files.filter_map(|path| join(here, path)));
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
