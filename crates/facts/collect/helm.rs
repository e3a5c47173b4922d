//! Values of Helm charts: the variables that a file such as `values-production.yaml` gives the containers of a chart.

use source::{EntryKind, MAX_CONFIG_BYTES, directory_of, file_name, tokens};
use syntax::yaml::{self, Budget, NodeKind, View};

use crate::inventory::Inventory;
use crate::record::{Document, Record};
use crate::{Role, Scope, Setting, SettingSource};

/// The folder of the chart that a file holds values of. A chart inside another one is somebody else's, as a rule.
#[must_use]
pub(crate) fn chart_of<'p>(path: &'p str, inventory: &Inventory<'_>) -> Option<&'p str> {
    let is_chart = |directory: &str| {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        inventory.is_file(&format!("{prefix}Chart.yaml"))
    };
    if !tokens(file_name(path)).any(|word| word == "values") {
        return None;
    }
    let above = |directory: &'p str| (!directory.is_empty()).then(|| directory_of(directory));
    let mut charts =
        std::iter::successors(Some(directory_of(path)), |last| above(last)).filter(|one| is_chart(one));
    let chart = charts.next().filter(|_| charts.next().is_none())?;
    let inside = path.get(chart.len()..)?.trim_start_matches('/');
    (!["templates/", "charts/", "crds/"].iter().any(|folder| inside.starts_with(folder))).then_some(chart)
}

/// The facts of a file of values.
#[must_use]
pub(crate) fn record(document: &Document, inventory: &Inventory<'_>, chart: &str) -> Record {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let has_neighbours = names_neighbours(&document.text) || may_have_neighbours(inventory, chart);
    let mut reader = Reader { document, has_neighbours, settings: Vec::new() };
    for part in &parsed.tree.documents {
        reader.value("", part.view(&budget), &mut Vec::new(), false);
    }
    let mut record = Record { settings: reader.settings, ..Record::default() };
    record.problems.extend(document.problems(&parsed.errors));
    record
}

/// Whether a pod of the chart may have several containers; what is not seen here may have.
fn may_have_neighbours(inventory: &Inventory<'_>, chart: &str) -> bool {
    let folder = if chart.is_empty() { "templates/".to_owned() } else { format!("{chart}/templates/") };
    let templates = inventory
        .entries()
        .iter()
        .filter(|entry| entry.kind == EntryKind::File && entry.path.starts_with(&folder));
    let mut describes = false;
    for template in templates {
        let bytes = inventory.tree().read(&template.path, MAX_CONFIG_BYTES).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        describes |= text.contains("containers:");
        if names_neighbours(&text) || text.matches("image:").count() > 1 {
            return true;
        }
    }
    !describes
}

/// Whether a text speaks of further containers of a pod.
fn names_neighbours(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "sidecar",
        "extracontainers",
        "additionalcontainers",
        "cloudsql",
        "cloud-sql",
        "proxy",
        "hostnetwork",
    ];
    let text = text.to_ascii_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign))
}

struct Reader<'d> {
    document: &'d Document,
    has_neighbours: bool,
    settings: Vec<Setting>,
}

impl Reader<'_> {
    /// Reads what is `inside` a map of variables.
    fn value(&mut self, key: &str, view: View<'_>, within: &mut Vec<String>, inside: bool) {
        if within.len() > yaml::MAX_DEPTH {
            return;
        }
        match &view.node().kind {
            NodeKind::Mapping(_) => {
                let inside = inside || is_map_of_variables(key);
                within.push(key.to_owned());
                if !(inside && self.named(view, within)) {
                    for (name, value) in view.entries() {
                        let Some(name) = name.as_str() else { continue };
                        self.value(name, value, within, inside);
                    }
                }
                within.pop();
            }
            NodeKind::Sequence(_) => {
                let inside = inside || is_map_of_variables(key);
                within.push(key.to_owned());
                for item in view.items().into_iter().filter(|item| !item.entries().is_empty()) {
                    self.value("", item, within, inside);
                }
                within.pop();
            }
            NodeKind::Scalar { value, .. } if inside => self.scalar(key, value, view, within),
            _ => {}
        }
    }

    /// `- name: X` with `value:` sets X. Whether the mapping was one.
    fn named(&mut self, view: View<'_>, within: &[String]) -> bool {
        let named = view.get("name").and_then(|name| name.as_str()).zip(view.get("value"));
        if let Some((name, value)) = named
            && let Some(text) = value.as_str()
        {
            self.scalar(name, text, value, within);
        }
        named.is_some()
    }

    fn scalar(&mut self, key: &str, value: &str, view: View<'_>, within: &[String]) {
        let node = view.node();
        let role = match Role::of_host_key(key, value) {
            _ if value.contains('\n') => Role::Other,
            Role::Value if self.has_neighbours => Role::SharedHost,
            role => role,
        };
        self.settings.push(Setting {
            key: key.to_owned(),
            within: within.iter().filter(|name| !name.is_empty()).cloned().collect(),
            value: value.to_owned(),
            raw: self.document.slice(node.span).to_owned(),
            at: self.document.place(node.inner),
            scope: Scope::default(),
            source: SettingSource::Yaml,
            dialect: None,
            role,
            expands_variables: true,
            // `tpl` renders what a value holds; other tools fill variables in.
            is_template: value.contains("{{") || value.contains("${"),
        });
    }
}

/// `env:`, `envVars:`, `extraEnv:`, `configMap:` and their kin.
fn is_map_of_variables(key: &str) -> bool {
    let key = key.replace(['_', '-'], "").to_ascii_lowercase();
    let ends = ["env", "envs", "envvars", "environment", "environmentvariables", "config", "configmap"];
    ends.iter().any(|end| key.ends_with(end))
}
