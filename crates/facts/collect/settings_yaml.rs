//! YAML that describes a deployment: Cloud Run services, Kubernetes workloads, maps named `env_vars:` and `secrets:`.

use std::sync::Arc;

use source::{directory_of, file_name, has_template_lines, join, tokens};
use syntax::yaml::{self, Budget, NodeKind, View};

use crate::collect::limits::limit;
use crate::collect::{config_maps, given_twice, kubernetes, kustomize, pods, run_images};
use crate::inventory::Inventory;
use crate::record::{Document, Record, problem};
use crate::{Role, Scope, SecretRef, Setting, SettingSource, UnnamedVariables};

/// What a YAML file is, as far as deployments are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A workload of Kubernetes or Knative: deployed by its kind.
    Workload,
    /// A file of settings for a deploy script.
    Settings,
    /// Anything else.
    Unrelated,
}

/// Kinds of Kubernetes objects whose values reach a container.
const WORKLOADS: &[&str] = &[
    "Service",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Pod",
    "ConfigMap",
    "Secret",
    "Revision",
];

/// Maps whose entries are variables of a service.
const VARIABLE_MAPS: &[&str] =
    &["env_vars", "envvars", "env_variables", "environment_variables", "environmentvariables", "environment"];

/// Maps whose entries are variables bound to secrets.
const SECRET_MAPS: &[&str] = &["secrets", "secret_env_vars", "set_secrets", "secret_environment_variables"];

/// Maps whose loopback addresses ask the same container.
const PROBES: &[&str] =
    &["livenessprobe", "readinessprobe", "startupprobe", "healthcheck", "health_check", "probe"];

/// How files begin that can be large and hold no settings: lock files of pnpm, descriptions of interfaces.
const OTHER_FORMATS: &[&str] = &["lockfileVersion:", "openapi:", "swagger:"];

/// Whether the text can hold anything that [`record`] looks for.
#[must_use]
pub(crate) fn may_hold_settings(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if OTHER_FORMATS.iter().any(|first| text.starts_with(first)) {
        return false;
    }
    (has("apiVersion:") && has("kind:"))
        || VARIABLE_MAPS.iter().chain(SECRET_MAPS).any(|map| has(&format!("{map}:")))
}

/// The facts of a YAML file, and what it is.
#[must_use]
pub(crate) fn record(document: &Document, inventory: &Inventory<'_>) -> (Record, Form) {
    let parsed = yaml::parse(&document.text);
    let budget = Budget::default();
    let mut reader = Reader {
        document,
        record: Record::default(),
        is_template: is_rendered(&document.path, inventory)
            || has_template_lines(&document.text)
            || is_of_helm(&document.text),
        shares_host: false,
    };
    // Kustomize lays patches over it.
    let is_patched = ["kustomization.yaml", "kustomization.yml"]
        .iter()
        .any(|name| join(directory_of(&document.path), name).is_some_and(|path| inventory.is_file(&path)));
    let mut form = Form::Unrelated;
    for part in &parsed.tree.documents {
        let root = part.view(&budget);
        reader.record.substituted_folders.extend(kustomize::substituted_folder(root));
        reader.record.uses.extend(kustomize::applied_folder(document, root));
        if !reader.is_template {
            reader.record.objects.extend(kubernetes::object(document, root));
            reader.record.asked_paths.extend(kubernetes::asked_paths(document, root));
            reader.record.shell_flaws.extend(kubernetes::unread_scripts(document, root));
            reader.record.run_images.extend(run_images::of_workload(document, root));
            reader.record.run_commands.extend(run_images::commands_of_workload(document, root));
            reader.record.given_twice.extend(given_twice::of_manifest(document, root));
        }
        match form_of(root) {
            Form::Unrelated => continue,
            found => form = if form == Form::Workload { form } else { found },
        }
        reader.shares_host = pods::share_host(root);
        let mut within = Vec::new();
        if let Some(version) = root.get("apiVersion").and_then(|version| version.as_str()) {
            within.push(version.to_owned());
        }
        within.extend(platform(root));
        within.extend(config_maps::label(root));
        if reader.shares_host {
            reader.record.config_maps.extend(config_maps::taken(root));
        }
        let named = root.path(&["metadata", "name"]).and_then(|name| name.as_str()).map(str::to_owned);
        let service = config_maps::given_more(root).or(named.filter(|_| is_patched));
        reader.record.unnamed_variables.extend(
            service
                .map(|service| UnnamedVariables { path: Arc::clone(&document.path), service: Some(service) }),
        );
        reader.value("", root, &mut within, 0);
    }
    let mut record = reader.record;
    record.limits = record.settings.iter().filter_map(limit).collect();
    record.problems.extend(document.problems(&parsed.errors));
    if budget.is_spent() {
        let message =
            "its aliases expand to too many values to be read whole; write them out or split the file";
        record.problems.push(problem(&document.path, 1, message.to_owned()));
    }
    (record, form)
}

fn form_of(root: View<'_>) -> Form {
    let text = |key: &str| root.get(key).and_then(|value| value.as_str());
    if let (Some(_), Some(kind)) = (text("apiVersion"), text("kind")) {
        return if WORKLOADS.contains(&kind) { Form::Workload } else { Form::Unrelated };
    }
    if has_settings_map(root, 4) { Form::Settings } else { Form::Unrelated }
}

/// The platform that a file of settings names: `platform: cloud-run`.
fn platform(root: View<'_>) -> Option<String> {
    let named =
        ["platform", "provider", "runtime", "target"].iter().filter_map(|key| root.get(key)?.as_str());
    named.map(|name| name.to_ascii_lowercase().replace('-', "_")).find(|name| name.contains("cloud_run"))
}

fn has_settings_map(view: View<'_>, depth: usize) -> bool {
    view.entries().into_iter().any(|(key, value)| {
        let named = key.as_str().is_some_and(|key| {
            let key = key.to_ascii_lowercase();
            let variables = VARIABLE_MAPS.contains(&key.as_str()) && key != "environment";
            (variables || SECRET_MAPS.contains(&key.as_str())) && !value.entries().is_empty()
        });
        named || depth > 0 && has_settings_map(value, depth - 1)
    })
}

/// Whether a template engine reads this file before its consumer does: a Helm chart, an Ansible role, a template by
/// name.
fn is_rendered(path: &str, inventory: &Inventory<'_>) -> bool {
    const ENGINES: &[&str] =
        &["template", "templates", "tmpl", "tpl", "j2", "jinja", "jinja2", "gotmpl", "cookiecutter"];
    const ANSIBLE: &[&str] = &["roles", "playbooks", "group_vars", "host_vars", "ansible"];
    if path.contains("{{") || tokens(file_name(path)).any(|word| ENGINES.contains(&word.as_str())) {
        return true;
    }
    let mut directory = directory_of(path);
    while !directory.is_empty() {
        let name = file_name(directory);
        if ENGINES.contains(&name)
            || ANSIBLE.contains(&name)
            || inventory.is_file(&format!("{directory}/Chart.yaml"))
        {
            return true;
        }
        directory = directory_of(directory);
    }
    false
}

/// Whether a text is written for Helm, wherever it lies: another step puts it into a chart.
fn is_of_helm(text: &str) -> bool {
    const SIGNS: &[&str] = &["{{ .Values.", "{{ .Release.", "{{ .Chart.", "{{ include ", "{{- "];
    SIGNS.iter().any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

struct Reader<'d> {
    document: &'d Document,
    record: Record,
    is_template: bool,
    /// Whether a loopback address in a container leads to something else.
    shares_host: bool,
}

impl Reader<'_> {
    fn value(&mut self, key: &str, view: View<'_>, within: &mut Vec<String>, depth: usize) {
        // The reader caps a document's depth; aliases could add to it.
        if depth > yaml::MAX_DEPTH {
            return;
        }
        match &view.node().kind {
            NodeKind::Mapping(_) => self.mapping(key, view, within, depth),
            NodeKind::Sequence(_) => {
                for item in view.items() {
                    self.value(key, item, within, depth + 1);
                }
            }
            NodeKind::Scalar { value, .. } => self.scalar(key, value, view, within),
            NodeKind::Template(text) => self.scalar(key, text, view, within),
            NodeKind::Alias { .. } | NodeKind::Null => {}
        }
    }

    fn mapping(&mut self, key: &str, view: View<'_>, within: &mut Vec<String>, depth: usize) {
        let pushed = !key.is_empty();
        if pushed {
            within.push(key.to_owned());
        }
        if !self.named_value(view, within) {
            for (name, value) in view.entries() {
                let Some(name) = name.as_str() else { continue };
                self.value(name, value, within, depth + 1);
            }
        }
        if pushed {
            within.pop();
        }
    }

    /// `- name: X` with `value:` or `valueFrom:` sets X. Whether the mapping was one.
    fn named_value(&mut self, view: View<'_>, within: &[String]) -> bool {
        if within.last().is_none_or(|map| map != "env") {
            return false;
        }
        let Some(name) = view.get("name").and_then(|name| name.as_str()) else { return false };
        if let Some(value) = view.get("value") {
            if let Some(text) = value.as_str() {
                self.scalar(name, text, value, within);
            } else if let NodeKind::Template(text) = &value.node().kind {
                self.scalar(name, text, value, within);
            }
        }
        if let Some(reference) = view.path(&["valueFrom", "secretKeyRef"]) {
            self.secret_reference(name, reference);
        }
        true
    }

    /// Knative binds `key` as the version of the secret `name`; Kubernetes has both as names.
    fn secret_reference(&mut self, variable: &str, reference: View<'_>) {
        let Some(name) = reference.get("name") else { return };
        let Some(text) = name.as_str() else { return };
        self.record.secrets.push(SecretRef {
            name: text.to_owned(),
            version: reference.get("key").and_then(|key| key.as_str()).map(str::to_owned),
            variable: Some(variable.to_owned()),
            at: self.document.place(name.node().inner),
            scope: Scope::default(),
            source: SettingSource::Yaml,
        });
    }

    fn scalar(&mut self, key: &str, value: &str, view: View<'_>, within: &[String]) {
        let map = within.last().map_or("", String::as_str).to_ascii_lowercase();
        if SECRET_MAPS.contains(&map.as_str()) && !value.is_empty() {
            self.bound_secret(key, value, view);
        }
        let node = view.node();
        self.record.settings.push(Setting {
            key: key.to_owned(),
            within: within.to_vec(),
            value: value.to_owned(),
            raw: self.document.slice(node.span).to_owned(),
            at: self.document.place(node.inner),
            scope: Scope { service: service_of(within), ..Scope::default() },
            source: SettingSource::Yaml,
            dialect: None,
            role: self.role(key, value, within),
            expands_variables: false,
            is_template: self.is_template,
        });
    }

    /// `VARIABLE: name:version` in a map of secrets.
    fn bound_secret(&mut self, variable: &str, value: &str, view: View<'_>) {
        let (path, version) = match value.rsplit_once(':') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (value, None),
        };
        let Some(name) = secret_name(path) else { return };
        let inner = view.node().inner;
        let offset = path.len() - name.len();
        let span = source::Span::new(inner.start + offset, inner.start + path.len());
        let exact = self.document.slice(span) == name;
        self.record.secrets.push(SecretRef {
            name: name.to_owned(),
            version,
            variable: Some(variable.to_owned()),
            at: self.document.place(if exact { span } else { inner }),
            scope: Scope::default(),
            source: SettingSource::Yaml,
        });
    }

    fn role(&self, key: &str, value: &str, within: &[String]) -> Role {
        let probe = |name: &String| PROBES.contains(&name.to_ascii_lowercase().as_str());
        if within.iter().any(probe) || PROBES.contains(&key.to_ascii_lowercase().as_str()) {
            return Role::HealthCheck;
        }
        if matches!(key, "command" | "args" | "entrypoint" | "image") || value.contains('\n') {
            return Role::Other;
        }
        match Role::of_host_key(key, value) {
            Role::Value if self.shares_host => Role::SharedHost,
            role => role,
        }
    }
}

/// The name in `name` or `projects/P/secrets/NAME/versions/V`; `None` where the text is no name of a secret.
fn secret_name(text: &str) -> Option<&str> {
    let name = match text.split_once("/secrets/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => text,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The service in `services: NAME: ...`.
fn service_of(within: &[String]) -> Option<String> {
    let at = within.iter().position(|name| name == "services")?;
    within.get(at + 1).cloned()
}
