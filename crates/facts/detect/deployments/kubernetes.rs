//! Variables that containers of Kubernetes take from ConfigMaps and from their own pod.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use source::{directory_of, file_name};

use super::{Found, Key};
use crate::collect::config_maps::label_of;
use crate::detect::platform::KUBERNETES;
use crate::kubernetes::{KubernetesBody, KubernetesObject, Pods, TakenFrom};
use crate::{Description, Facts, Setting, SettingSource};

/// The workloads of each file, by their names.
pub(super) fn workloads(facts: &Facts) -> BTreeMap<&str, Vec<&str>> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (object, _) in with_pods(facts) {
        names.entry(&object.at.path).or_default().push(&object.name);
    }
    names
}

fn with_pods(facts: &Facts) -> impl Iterator<Item = (&KubernetesObject, &Pods)> {
    facts.objects.iter().filter_map(|object| match &object.body {
        KubernetesBody::Pods(pods) => Some((object, pods)),
        _ => None,
    })
}

/// Gives each workload that is the only one of its file what it takes from elsewhere. What the manifest names itself wins.
pub(super) fn collect_taken(facts: &Facts, found: &mut BTreeMap<Key, Found>) {
    let names = workloads(facts);
    let maps = Maps::of(facts);
    for (object, pods) in with_pods(facts) {
        let is_alone = names.get(&*object.at.path).is_some_and(|names| names.len() == 1);
        if !is_alone || pods.is_patch || !object.scope.deployed || pods.taken.is_empty() {
            continue;
        }
        let environment = object.scope.environment.clone();
        let key = (object.name.clone(), environment.clone(), false);
        let one = found.entry(key).or_insert_with(|| Found {
            platform: Some(KUBERNETES),
            ..Found::new(object.name.clone(), environment, &object.at)
        });
        let own = one.by_file.entry(Arc::clone(&object.at.path)).or_insert_with(|| Description {
            at: object.at.clone(),
            source: SettingSource::Yaml,
            given: BTreeSet::new(),
            empty: BTreeSet::new(),
            complete: false,
            gives_others: false,
        });
        let mut given: BTreeMap<String, Option<String>> = BTreeMap::new();
        // Later sources win over earlier ones, and single variables over whole maps.
        let (whole, single): (Vec<_>, Vec<_>) =
            pods.taken.iter().partition(|one| matches!(one, TakenFrom::Map { .. }));
        for taken in whole.into_iter().chain(single) {
            given.extend(maps.values(object, pods, taken));
        }
        for (name, value) in given {
            own.given.insert(name.clone());
            match value {
                _ if one.variables.contains_key(&name) || one.hidden.contains(&name) => {}
                Some(value) => {
                    one.variables.insert(name, value);
                }
                None => {
                    one.hidden.insert(name);
                }
            }
        }
    }
}

/// The values of all ConfigMaps.
struct Maps<'f> {
    /// By label and key.
    values: BTreeMap<(&'f str, &'f str), Vec<&'f Setting>>,
    /// Whether kustomize may change what manifests say.
    is_kustomized: bool,
}

impl<'f> Maps<'f> {
    fn of(facts: &'f Facts) -> Self {
        let mut values: BTreeMap<(&str, &str), Vec<&Setting>> = BTreeMap::new();
        for setting in facts.settings.iter().filter(|setting| setting.source == SettingSource::Yaml) {
            if let [.., label, data] = setting.within.as_slice()
                && data == "data"
                && label.starts_with("ConfigMap ")
            {
                values.entry((label, &setting.key)).or_default().push(setting);
            }
        }
        let is_kustomized =
            facts.files.iter().any(|file| file_name(&file.path).starts_with("kustomization."));
        Self { values, is_kustomized }
    }

    /// The variables that are taken from one source; without a value where it is not known.
    fn values(
        &self,
        object: &KubernetesObject,
        pods: &Pods,
        taken: &TakenFrom,
    ) -> Vec<(String, Option<String>)> {
        match taken {
            TakenFrom::Key { variable, map, key } => {
                vec![(variable.clone(), self.value(object, &label_of(map), key))]
            }
            TakenFrom::Map { map, prefix } => {
                let label = label_of(map);
                let keys: BTreeSet<&str> =
                    self.values.keys().filter(|(own, _)| *own == label).map(|(_, key)| *key).collect();
                let near = keys.into_iter().filter(|key| self.is_near(object, &label, key));
                near.map(|key| (format!("{prefix}{key}"), self.value(object, &label, key))).collect()
            }
            TakenFrom::Field { variable, path } => {
                let value = match path.as_str() {
                    "metadata.namespace" if !self.is_kustomized => object.namespace.clone(),
                    path => label_in(path)
                        .filter(|_| !self.is_kustomized)
                        .and_then(|label| pods.labels.get(label).cloned()),
                };
                vec![(variable.clone(), value)]
            }
        }
    }

    /// The value of a key, as the only map of that name says it, or the one in the same file.
    fn value(&self, object: &KubernetesObject, label: &str, key: &str) -> Option<String> {
        let all = self.values.get(&(label, key))?;
        let here = |setting: &&&Setting| setting.at.path == object.at.path && !self.is_kustomized;
        let first = all.iter().find(here).or_else(|| all.first())?;
        let is_sure = here(&first) || all.iter().all(|other| other.value == first.value);
        let is_filled_in = first.value.contains("${") || first.value.contains("{{");
        (is_sure && !is_filled_in).then(|| first.value.clone())
    }

    /// Whether a map of this name stands in the same folder, or is the only one.
    fn is_near(&self, object: &KubernetesObject, label: &str, key: &str) -> bool {
        let all = self.values.get(&(label, key)).map_or(&[][..], Vec::as_slice);
        let files: BTreeSet<&str> = all.iter().map(|setting| &*setting.at.path).collect();
        files.len() == 1 || files.iter().any(|path| directory_of(path) == directory_of(&object.at.path))
    }
}

/// The label that a path names: `metadata.labels['app']`.
fn label_in(path: &str) -> Option<&str> {
    path.strip_prefix("metadata.labels['")?.strip_suffix("']")
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, Deployment, collect};

    const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop-staging\nspec:\n  template:\n    \
                       metadata:\n      labels: {app: web}\n    spec:\n      containers:\n        - name: web\n          image: web\n          \
                       envFrom:\n            - configMapRef: {name: web}\n            - {prefix: DB_, configMapRef: {name: db}}\n          \
                       env:\n            - {name: ENVIRONMENT, valueFrom: {configMapKeyRef: {name: web, key: stage}}}\n            \
                       - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}\n            \
                       - {name: APP, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}\n            \
                       - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}\n            \
                       - {name: LEVEL, value: info}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web-http}\n---\n\
                       apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {stage: staging, LEVEL: debug}\n";

    fn web(others: &[(&str, &str)]) -> Deployment {
        let tree: Memory = others.iter().copied().chain([("deploy/web.yaml", WEB)]).collect();
        let mut found = collect(&tree, &Declared::default()).deployments;
        found.retain(|deployment| deployment.service == "web");
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    const DB: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {HOST: db.internal}\n";

    #[test]
    fn values_of_config_maps_and_fields_are_known() {
        let web = web(&[("deploy/db.yaml", DB)]);
        let known = |name: &str| web.variables.get(name).map(String::as_str);
        assert_eq!(known("ENVIRONMENT"), Some("staging"));
        assert_eq!((known("LEVEL"), known("stage")), (Some("info"), Some("staging")));
        assert_eq!(
            (known("DB_HOST"), known("NAMESPACE"), known("APP")),
            (Some("db.internal"), Some("shop-staging"), Some("web"))
        );
        assert!(web.hidden.contains("NODE") && !web.complete);
    }

    #[test]
    fn of_maps_that_differ_no_value_is_known() {
        let other = DB.replace("db.internal", "db.example.ai");
        let web = web(&[("deploy/db.yaml", DB), ("overlay/db.yaml", &other)]);
        assert_eq!(web.variables.get("DB_HOST"), None);
        assert!(web.hidden.contains("DB_HOST"));
    }
}
