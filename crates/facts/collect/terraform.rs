//! Terraform: the attributes of blocks, and the variables that tfvars files set.

use std::collections::BTreeSet;

use syntax::hcl::{self, Attribute, Block, Body, Constant, Expression};
use syntax::{Parsed, Spanned};

use crate::collect::limits::limit;
use crate::collect::{given_twice, run_images, terraform_module, terraform_secrets};
use crate::record::{Document, Record};
use crate::{Role, Scope, SecretRef, Setting, SettingSource};

/// The facts of a `.tf` file.
#[must_use]
pub(crate) fn record(document: &Document) -> Record {
    let parsed = hcl::parse(&document.text);
    let mut reader = Reader {
        document,
        variable: None,
        neighbours: 0,
        shared: given_to_neighbours(&parsed.tree),
        source: SettingSource::Terraform,
        left_alone: Vec::new(),
        record: Record::default(),
    };
    for block in &parsed.tree.blocks {
        reader.block(block, &mut Vec::new());
    }
    let mut record = finished(document, &parsed, reader.record);
    let mut file = terraform_module::of_module(document, &parsed);
    record.uses.append(&mut file.uses);
    record.terraform = Some(Box::new(file));
    record.run_images = run_images::of_terraform(document, &parsed.tree);
    record.concealing = terraform_secrets::of_module(document, &parsed.tree);
    record.given_twice = given_twice::of_terraform(document, &parsed.tree);
    record
}

/// The facts of a `.tfvars` file.
#[must_use]
pub(crate) fn record_tfvars(document: &Document) -> Record {
    variables(document, &hcl::parse_tfvars(&document.text))
}

/// The facts of a `.tfvars.json` file.
#[must_use]
pub(crate) fn record_tfvars_json(document: &Document) -> Record {
    variables(document, &hcl::parse_tfvars_json(&document.text))
}

fn variables(document: &Document, parsed: &Parsed<Body>) -> Record {
    let mut reader = Reader {
        document,
        variable: None,
        neighbours: 0,
        shared: BTreeSet::new(),
        source: SettingSource::Tfvars,
        left_alone: Vec::new(),
        record: Record::default(),
    };
    for attribute in &parsed.tree.attributes {
        reader.attribute(attribute, &[]);
    }
    let mut record = finished(document, parsed, reader.record);
    record.concealing = terraform_secrets::of_values(document, &parsed.tree);
    record.terraform = Some(Box::new(terraform_module::of_values(document, parsed)));
    record
}

fn finished(document: &Document, parsed: &Parsed<Body>, mut record: Record) -> Record {
    record.limits = record.settings.iter().filter_map(limit).collect();
    record.problems.extend(document.problems(&parsed.errors));
    record
}

struct Reader<'d> {
    document: &'d Document,
    /// The variable of the `env` block that is read.
    variable: Option<String>,
    /// How many of the lists of containers around this place have several, which share one network.
    neighbours: usize,
    /// Local values that one of several containers of the same task is given.
    shared: BTreeSet<String>,
    source: SettingSource,
    /// What the resource around this place leaves to others, indices left out: `storage_descriptor.location`.
    left_alone: Vec<String>,
    record: Record,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block, within: &mut Vec<String>) {
        let depth = within.len();
        within.push(block.kind.value.clone());
        within.extend(block.labels.iter().map(|label| label.value.clone()));
        if block.kind.value == "env" {
            self.variable = block.body.attribute("name").and_then(literal);
        }
        if !self.named_value(block, within) {
            if let [kind, _, _] = within.as_slice()
                && kind == "resource"
            {
                self.left_alone = left_alone(block);
            }
            for attribute in &block.body.attributes {
                let path = within.iter().skip(3).chain([&attribute.key.value]);
                let path = path.map(String::as_str).collect::<Vec<_>>().join(".");
                if !is_left_alone(block, attribute) && !self.left_alone.contains(&path) {
                    self.attribute(attribute, within);
                }
            }
        }
        let shares = usize::from(block.body.blocks.iter().filter(|inner| is_container(inner)).count() > 1);
        self.neighbours += shares;
        for inner in &block.body.blocks {
            self.block(inner, within);
        }
        self.neighbours -= shares;
        within.truncate(depth);
    }

    /// `env { name = "X" value = "y" }` sets X. Whether the block was one.
    fn named_value(&mut self, block: &Block, within: &[String]) -> bool {
        let (Some(name), Some(value)) = (block.body.attribute("name"), block.body.attribute("value")) else {
            return false;
        };
        let Some(Constant::String(name)) = hcl::constant(&name.value.value, &|_| None) else { return false };
        if block.kind.value != "env" {
            return false;
        }
        self.value(&name, &value.value, within);
        true
    }

    fn attribute(&mut self, attribute: &Attribute, within: &[String]) {
        self.secret(attribute, within);
        let is_local = matches!(within, [kind] if kind == "locals");
        let shares = usize::from(is_local && self.shared.contains(&attribute.key.value));
        self.neighbours += shares;
        self.value(&attribute.key.value, &attribute.value, within);
        self.neighbours -= shares;
    }

    /// One setting for a scalar, one for each scalar inside a list or an object.
    fn value(&mut self, key: &str, value: &Spanned<Expression>, within: &[String]) {
        match &value.value {
            Expression::Array(items) => {
                let shares = usize::from(items.len() > 1 && is_list_of_containers(key));
                self.neighbours += shares;
                items.iter().for_each(|item| self.value(key, item, within));
                self.neighbours -= shares;
            }
            Expression::Object(items) => {
                let inside = [within, &[key.to_owned()]].concat();
                for item in items {
                    self.value(item.name().unwrap_or(key), &item.value, &inside);
                }
            }
            expression => self.scalar(key, expression, value, within),
        }
    }

    fn scalar(&mut self, key: &str, expression: &Expression, value: &Spanned<Expression>, within: &[String]) {
        let (text, span) = match expression {
            Expression::String(text) => (text.value.clone(), text.span),
            Expression::Number(number) => (number.written.clone(), value.span),
            Expression::Bool(value_is) => (value_is.to_string(), value.span),
            // What stands around the references is still a literal part of the value.
            Expression::Template(template) => {
                (self.document.slice(template.inner).to_owned(), template.inner)
            }
            _ => match hcl::constant(expression, &|_| None) {
                Some(Constant::Number(number)) => (number.to_string(), value.span),
                _ => return,
            },
        };
        self.record.settings.push(Setting {
            key: key.to_owned(),
            within: within.to_vec(),
            raw: self.document.slice(value.span).to_owned(),
            at: self.document.place(span),
            scope: Scope::default(),
            source: self.source,
            dialect: None,
            role: match role(key, &text, within) {
                Role::Value if self.neighbours > 0 => Role::SharedHost,
                role => role,
            },
            expands_variables: self.source == SettingSource::Terraform,
            is_template: false,
            value: text,
        });
    }

    /// `secret = "name"` of a secret reference in a service's container.
    fn secret(&mut self, attribute: &Attribute, within: &[String]) {
        let inside = |word: &str| within.iter().any(|name| name == word);
        let (name_key, reference) = (attribute.key.value.as_str(), inside("secret_key_ref"));
        if !(reference && matches!(name_key, "secret" | "name")) {
            return;
        }
        if let Expression::String(name) = &attribute.value.value {
            self.record.secrets.push(SecretRef {
                name: name.value.clone(),
                version: None,
                variable: self.variable.clone(),
                at: self.document.place(name.span),
                scope: Scope::default(),
                source: self.source,
            });
        }
    }
}

/// The local values that a list of several containers refers to: `container_definitions = jsonencode([{…}, {…}])`.
fn given_to_neighbours(body: &Body) -> BTreeSet<String> {
    let attributes = body.blocks.iter().flat_map(|block| &block.body.attributes);
    let lists = attributes.filter(|attribute| {
        let list = match &attribute.value.value {
            Expression::Call(call) if call.name.value == "jsonencode" => call.arguments.first(),
            _ => Some(&attribute.value),
        };
        let has_several =
            list.is_some_and(|list| matches!(&list.value, Expression::Array(items) if items.len() > 1));
        has_several && is_list_of_containers(&attribute.key.value)
    });
    let named = lists.flat_map(|attribute| hcl::references(&attribute.value));
    named
        .filter_map(|path| path.value.strip_prefix("local.")?.split(['.', '[']).next().map(str::to_owned))
        .collect()
}

/// The text of an attribute that holds no more than that.
fn literal(attribute: &Attribute) -> Option<String> {
    match hcl::constant(&attribute.value.value, &|_| None) {
        Some(Constant::String(text)) => Some(text),
        _ => None,
    }
}

/// The paths in `ignore_changes`, indices left out.
fn left_alone(block: &Block) -> Vec<String> {
    let lifecycles = block.body.blocks.iter().filter(|inner| inner.kind.value == "lifecycle");
    let ignored = lifecycles.filter_map(|lifecycle| lifecycle.body.attribute("ignore_changes"));
    let without_indices = |path: &str| {
        let names = path.split('.').filter_map(|name| name.split('[').next());
        names.collect::<Vec<_>>().join(".")
    };
    let paths = ignored.flat_map(|ignored| hcl::references(&ignored.value));
    paths.map(|path| without_indices(path.value)).collect()
}

/// Whether Terraform sets an attribute once and then leaves alone what others make of it: `ignore_changes`.
fn is_left_alone(block: &Block, attribute: &Attribute) -> bool {
    let lifecycles = block.body.blocks.iter().filter(|inner| inner.kind.value == "lifecycle");
    let mut ignored = lifecycles.filter_map(|lifecycle| lifecycle.body.attribute("ignore_changes"));
    ignored.any(|ignored| {
        hcl::references(&ignored.value).iter().any(|path| {
            let root = path.value.split(['.', '[']).next().unwrap_or("");
            root == "all" || root == attribute.key.value
        })
    })
}

/// A block or a map that says how a container is probed: `liveness_probe`, `health_check`, `healthCheck`.
fn is_probe(name: &str) -> bool {
    let name = name.replace('_', "").to_ascii_lowercase();
    name.ends_with("probe") || name.contains("healthcheck")
}

/// A block that describes a container beside others: those of Cloud Run, of pods, of Azure's container apps.
fn is_container(block: &Block) -> bool {
    let kind = &block.kind.value;
    let described =
        if kind == "dynamic" { block.labels.first().map(|label| &label.value) } else { Some(kind) };
    described.is_some_and(|kind| is_list_of_containers(kind) || kind == "container")
}

fn is_list_of_containers(key: &str) -> bool {
    matches!(key, "containers" | "container_definitions")
}

/// Whether a text is the program of a machine: a start-up script, or what cloud-init reads.
fn is_program(key: &str, value: &str) -> bool {
    let key = key.replace('-', "_").to_ascii_lowercase();
    let named = ["user_data", "startup_script", "shutdown_script", "custom_data", "cloud_init", "bootstrap"];
    let begins = ["#!", "#cloud-config", "#include", "<powershell>", "<script>", "Content-Type: multipart"];
    let text = value.trim_start();
    named.iter().any(|name| key.contains(name)) || begins.iter().any(|begin| text.starts_with(begin))
}

/// Whether a text of several lines is the content of a file. One of JSON may be the description of containers.
fn is_file(value: &str) -> bool {
    let text = value.trim();
    text.contains('\n') && !text.starts_with(['{', '['])
}

fn role(key: &str, value: &str, within: &[String]) -> Role {
    let inside = |word: &str| within.iter().any(|name| name == word);
    // A variable's default is what somebody may override; a check block and a provisioner are no settings.
    if within.first().is_some_and(|kind| {
        matches!(kind.as_str(), "variable" | "output" | "check" | "terraform" | "provider")
    }) || inside("provisioner")
        || inside("validation")
    {
        return Role::Other;
    }
    if within.iter().any(|name| is_probe(name)) {
        return Role::HealthCheck;
    }
    if is_program(key, value) || is_file(value) {
        return Role::Other;
    }
    Role::of_host_key(key, value)
}
