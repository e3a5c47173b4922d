//! Terraform: what one file defines, refers to and calls.

use std::hash::{DefaultHasher, Hash, Hasher};

use source::{Place, Span, directory_of, file_name, join};
use syntax::hcl::{self, Attribute, Block, Body, Expression};
use syntax::{Parsed, Spanned};

use crate::collect::terraform_files::{read_files, read_from_somewhere};
use crate::collect::terraform_index::string_indices;
use crate::collect::terraform_templates::{TemplateCall, template_calls, template_file};
use crate::collect::terraform_values::{Demands, GivenValue, demands};
use crate::record::{Document, Use, UseKind};
use crate::terraform::{
    ModuleCall, TerraformAttribute, TerraformDefinition, TerraformReference, TerraformResource,
    TerraformValue,
};
use crate::terraform_overrides::is_override;

/// What one file adds to its module.
#[derive(Debug, Default)]
pub(crate) struct TerraformFile {
    pub(crate) definitions: Vec<TerraformDefinition>,
    pub(crate) references: Vec<TerraformReference>,
    pub(crate) calls: Vec<ModuleCall>,
    pub(crate) resources: Vec<TerraformResource>,
    pub(crate) values: Vec<TerraformValue>,
    pub(crate) string_indices: Vec<Place>,
    pub(crate) has_remote_values: bool,
    /// Whether the file is encrypted, so that nothing is known of what it holds.
    pub(crate) is_sealed: bool,
    /// Whether it is a template of a generator, which makes files of it.
    pub(crate) is_template: bool,
    pub(crate) errors: Vec<(Place, String)>,
    /// The local modules and files that it reads.
    pub(crate) uses: Vec<Use>,
    /// What the declarations of variables demand.
    pub(crate) demands: Vec<Demands>,
    /// Constant values of a tfvars file.
    pub(crate) given: Vec<GivenValue>,
    /// Constant defaults and locals, as text, by address.
    pub(crate) constants: Vec<(String, String)>,
    /// Locals and outputs that stand for one other value.
    pub(crate) aliases: Vec<(String, String)>,
    /// Configurations of providers that callers hand over: `provider.aws.east`.
    pub(crate) given_providers: Vec<String>,
    /// Files that it fills in.
    pub(crate) templates: Vec<TemplateCall>,
}

/// What a `.tf` file adds to its module.
#[must_use]
pub(crate) fn of_module(document: &Document, parsed: &Parsed<Body>) -> TerraformFile {
    let mut reader = Reader { document, file: with_errors(document, parsed), bound: Vec::new() };
    for block in &parsed.tree.blocks {
        reader.top(block);
    }
    reader.file
}

/// What a tfvars file adds to its module.
#[must_use]
pub(crate) fn of_values(document: &Document, parsed: &Parsed<Body>) -> TerraformFile {
    let name = file_name(&document.path);
    let is_automatic = name.starts_with("terraform.tfvars") || name.contains(".auto.tfvars");
    let mut file = with_errors(document, parsed);
    for attribute in &parsed.tree.attributes {
        file.values.push(TerraformValue {
            name: attribute.key.value.clone(),
            at: document.place(attribute.key.span),
            is_automatic,
        });
        if let Some(value) = hcl::constant(&attribute.value.value, &|_| None) {
            if let Some(text) = value.text() {
                file.constants.push((format!("var.{}", attribute.key.value), text));
            }
            let at = document.place(attribute.value.span);
            file.given.push(GivenValue { name: attribute.key.value.clone(), value, at });
        }
    }
    file
}

fn with_errors(document: &Document, parsed: &Parsed<Body>) -> TerraformFile {
    let errors = parsed.errors.iter().map(|error| (document.place(error.span), error.message.clone()));
    TerraformFile { errors: errors.collect(), ..TerraformFile::default() }
}

fn constant_text(expression: &Expression) -> Option<String> {
    hcl::constant(expression, &|_| None)?.text()
}

/// Blocks of resources that may be stated once. Sources: the references of the resources at
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function> and beside it.
const SINGLE_BLOCKS: &[(&str, &[&str])] = &[
    ("aws_cloudfront_distribution", &["default_cache_behavior", "restrictions", "viewer_certificate"]),
    ("aws_ecs_service", &["deployment_circuit_breaker", "deployment_controller", "network_configuration"]),
    ("aws_ecs_task_definition", &["ephemeral_storage", "runtime_platform"]),
    (
        "aws_lambda_function",
        &[
            "dead_letter_config",
            "environment",
            "ephemeral_storage",
            "image_config",
            "tracing_config",
            "vpc_config",
        ],
    ),
    ("google_cloud_run_service", &["metadata", "template"]),
    ("google_cloud_run_v2_service", &["template"]),
    ("google_sql_database_instance", &["settings"]),
    ("kubernetes_deployment", &["metadata", "spec"]),
];

/// Arguments of every module call that are no variables of the module.
const META_ARGUMENTS: &[&str] = &["source", "version", "providers", "count", "for_each", "depends_on"];

struct Reader<'d> {
    document: &'d Document,
    file: TerraformFile,
    /// Names that the enclosing `dynamic` blocks bind.
    bound: Vec<String>,
}

impl Reader<'_> {
    fn top(&mut self, block: &Block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.value.as_str()).collect();
        match (block.kind.value.as_str(), labels.as_slice()) {
            ("variable", [name]) => self.variable(block, name),
            ("output", [name]) => {
                self.define(format!("output.{name}"), block);
                let value = block.body.attribute("value");
                self.alias(format!("output.{name}"), value);
                self.body(&block.body);
            }
            ("locals", []) => self.locals(block),
            ("resource", [kind, name]) => {
                self.define(format!("{kind}.{name}"), block);
                self.providers(&block.body);
                self.resource(block, kind, name);
                self.body(&block.body);
            }
            ("data" | "ephemeral", [kind, name]) => {
                self.define(format!("{}.{kind}.{name}", block.kind.value), block);
                self.providers(&block.body);
                if *kind == "template_file" {
                    self.file.templates.extend(template_file(self.document, &block.body));
                }
                self.body(&block.body);
            }
            ("module", [name]) => {
                self.define(format!("module.{name}"), block);
                self.providers(&block.body);
                self.call(block, name);
                self.body(&block.body);
            }
            ("provider", [name]) => {
                let alias = block.body.attribute("alias").and_then(|alias| constant_text(&alias.value.value));
                let alias = alias.map(|alias| format!(".{alias}")).unwrap_or_default();
                self.define(format!("provider.{name}{alias}"), block);
                self.body(&block.body);
            }
            ("terraform", []) => {
                let remote = |inner: &Block| {
                    inner.kind.value == "cloud"
                        || (inner.kind.value == "backend"
                            && inner.labels.first().is_some_and(|label| label.value == "remote"))
                };
                self.file.has_remote_values |= block.body.blocks.iter().any(remote);
                self.given_providers(&block.body);
                // OpenTofu reads variables there.
                for backend in block.body.blocks_of("backend") {
                    self.body(&backend.body);
                }
            }
            ("check", [_]) => self.check(&block.body),
            ("import", []) => self.import(&block.body),
            _ => {}
        }
    }

    /// The configurations of providers that a block names: `provider = aws.east`, `providers = { aws = aws.east }`.
    fn providers(&mut self, body: &Body) {
        let named = ["provider", "providers"].into_iter().filter_map(|key| body.attribute(key));
        let values = named.flat_map(|attribute| match &attribute.value.value {
            Expression::Object(items) => items.iter().map(|item| &item.value).collect(),
            _ => vec![&attribute.value],
        });
        for value in values {
            let Expression::Traversal(path) = &value.value else { continue };
            let is_configuration = path.split_once('.').is_some_and(|(root, name)| {
                !matches!(root, "each" | "local" | "var") && !name.contains(['.', '['])
            });
            if is_configuration {
                self.file.references.push(TerraformReference {
                    path: format!("provider.{path}"),
                    at: self.document.place(value.span),
                    is_guarded: false,
                    is_chosen: false,
                    is_dynamic: false,
                });
            }
        }
    }

    /// `configuration_aliases = [aws.east]` of `required_providers`.
    fn given_providers(&mut self, body: &Body) {
        let required = body.blocks_of("required_providers").flat_map(|block| &block.body.attributes);
        for attribute in required {
            let Expression::Object(items) = &attribute.value.value else { continue };
            let items = items.iter().filter(|item| item.name() == Some("configuration_aliases"));
            for path in items.flat_map(|item| hcl::references(&item.value)) {
                self.file.given_providers.push(format!("provider.{}", path.value));
            }
        }
    }

    /// `to` is an address: what it names in another module is no output.
    fn import(&mut self, body: &Body) {
        let from = self.file.references.len();
        self.body(body);
        let target = body.attribute("to").map(|to| to.value.span);
        let added = self.file.references.split_off(from);
        let is_address = |reference: &TerraformReference| {
            reference.path.starts_with("module.")
                && target
                    .is_some_and(|to| to.start <= reference.at.span.start && reference.at.span.end <= to.end)
        };
        self.file.references.extend(added.into_iter().filter(|reference| !is_address(reference)));
    }

    /// A `data` block inside a `check` is defined there.
    fn check(&mut self, body: &Body) {
        for block in body.blocks_of("data") {
            if let [kind, name] = block.labels.as_slice() {
                self.define(format!("data.{}.{}", kind.value, name.value), block);
            }
        }
        self.body(body);
    }

    fn define(&mut self, address: String, block: &Block) {
        let at = block.labels.last().map_or(block.kind.span, |label| label.span);
        self.definition(address, at, false, block.span);
        if let Some(defined) = self.file.definitions.last_mut() {
            defined.instances =
                ["count", "for_each"].into_iter().find(|key| block.body.attribute(key).is_some());
        }
        self.single_blocks(block);
    }

    /// The blocks of which a resource takes one, where it has several.
    fn single_blocks(&mut self, block: &Block) {
        let [kind, name] = block.labels.as_slice() else { return };
        let of_kind = SINGLE_BLOCKS.iter().filter(|(of, _)| *of == kind.value).flat_map(|(_, names)| *names);
        for single in of_kind.copied().chain(["lifecycle"]) {
            let stated: Vec<&Block> = block.body.blocks_of(single).collect();
            for one in stated.iter().filter(|_| stated.len() > 1) {
                let address = format!("{}.{}.{single}", kind.value, name.value);
                self.definition(address, one.kind.span, false, one.span);
                if let Some(defined) = self.file.definitions.last_mut() {
                    defined.is_single_block = true;
                }
            }
        }
    }

    fn definition(&mut self, address: String, at: Span, is_required: bool, whole: Span) {
        let mut hasher = DefaultHasher::new();
        self.document.slice(whole).hash(&mut hasher);
        self.file.definitions.push(TerraformDefinition {
            address,
            at: self.document.place(at),
            is_required,
            digest: hasher.finish(),
            lines: self.lines(whole),
            overrides: is_override(&self.document.path),
            instances: None,
            is_single_block: false,
        });
    }

    /// The lines from the first byte to the last, with the line end; `None` where something else stands on them.
    fn lines(&self, span: Span) -> Option<Span> {
        let text = &self.document.text;
        let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(span.end..)?;
        let end = rest.find('\n').map_or(text.len(), |at| span.end + at + 1);
        let before = self.document.slice(Span::new(start, span.start));
        let after = self.document.slice(Span::new(span.end, end)).trim();
        let is_alone = before.trim().is_empty() && (after.is_empty() || after.starts_with(['#', '/']));
        is_alone.then_some(Span::new(start, end))
    }

    fn variable(&mut self, block: &Block, name: &str) {
        let default = block.body.attribute("default");
        let at = block.labels.last().map_or(block.kind.span, |label| label.span);
        self.definition(format!("var.{name}"), at, default.is_none(), block.span);
        if let Some(text) = default.and_then(|default| constant_text(&default.value.value)) {
            self.file.constants.push((format!("var.{name}"), text));
        }
        self.file.demands.extend(demands(self.document, block, name));
        for validation in block.body.blocks_of("validation") {
            self.body(&validation.body);
        }
    }

    fn locals(&mut self, block: &Block) {
        for attribute in &block.body.attributes {
            let address = format!("local.{}", attribute.key.value);
            if let Some(text) = constant_text(&attribute.value.value) {
                self.file.constants.push((address.clone(), text));
            }
            self.alias(address.clone(), Some(attribute));
            self.definition(address, attribute.key.span, false, attribute.span);
            self.expression(&attribute.value);
        }
    }

    /// Remembers what a name stands for, where that is one other value.
    fn alias(&mut self, address: String, value: Option<&Attribute>) {
        if let Some(Expression::Traversal(path)) = value.map(|value| &value.value.value) {
            self.file.aliases.push((address, path.clone()));
        }
    }

    fn call(&mut self, block: &Block, name: &str) {
        let source = block.body.attribute("source");
        let text = source.and_then(|source| constant_text(&source.value.value));
        let local = text.clone().filter(|source| source.starts_with("./") || source.starts_with("../"));
        let directory = local.and_then(|source| join(directory_of(&self.document.path), &source));
        self.file.uses.extend(directory.clone().zip(source).map(|(path, source)| Use {
            path,
            at: self.document.place(source.value.span),
            what: UseKind::Terraform,
        }));
        let arguments = block.body.attributes.iter();
        let arguments = arguments.filter(|attribute| !META_ARGUMENTS.contains(&attribute.key.value.as_str()));
        let name_at = block.labels.last().map_or(block.kind.span, |label| label.span);
        self.file.calls.push(ModuleCall {
            name: name.to_owned(),
            at: self.document.place(source.map_or(name_at, |source| source.value.span)),
            name_at: self.document.place(name_at),
            directory,
            source: text,
            arguments: arguments
                .map(|attribute| (attribute.key.value.clone(), self.document.place(attribute.key.span)))
                .collect(),
            providers: handed_over(block),
        });
    }

    fn resource(&mut self, block: &Block, kind: &str, name: &str) {
        let mut resource = TerraformResource {
            kind: kind.to_owned(),
            name: name.to_owned(),
            at: self.document.place(block.labels.last().map_or(block.kind.span, |label| label.span)),
            attributes: Vec::new(),
        };
        self.attributes(&block.body, "", &[], &mut resource);
        self.file.resources.push(resource);
    }

    fn attributes(&self, body: &Body, within: &str, blocks: &[usize], resource: &mut TerraformResource) {
        for attribute in &body.attributes {
            let path = format!("{within}{}", attribute.key.value);
            let value = &attribute.value;
            // What annotations and variables say is for the platform, key by key.
            let keyed = (attribute.key.value == "annotations" || path == "environment.variables")
                && is_written_out(&value.value);
            if let Expression::Object(items) = &value.value
                && keyed
            {
                let entries = items.iter().filter_map(|item| Some((item.name()?, &item.value)));
                resource.attributes.extend(entries.map(|(name, value)| TerraformAttribute {
                    blocks: blocks.to_vec(),
                    ..self.resource_value(format!("{path}.{name}"), value, None)
                }));
            }
            let lines = self.lines(attribute.span);
            let read = self.resource_value(path, value, lines);
            resource.attributes.push(TerraformAttribute { blocks: blocks.to_vec(), ..read });
        }
        for block in &body.blocks {
            let within = format!("{within}{}.", block.kind.value);
            let blocks = [blocks, &[block.kind.span.start]].concat();
            self.attributes(&block.body, &within, &blocks, resource);
        }
    }

    fn resource_value(
        &self,
        path: String,
        value: &Spanned<Expression>,
        lines: Option<Span>,
    ) -> TerraformAttribute {
        TerraformAttribute {
            path,
            blocks: Vec::new(),
            at: self.document.place(value.span),
            value: constant_text(&value.value),
            template: self.template(value),
            items: self.items(&value.value),
            lines,
            is_list: matches!(&value.value, Expression::Array(items) if !items.is_empty()),
            is_object: is_written_out(&value.value),
            references: hcl::references(value).into_iter().map(|path| path.value.to_owned()).collect(),
        }
    }

    /// A quoted text with expressions in it, as written.
    fn template(&self, expression: &Spanned<Expression>) -> Option<String> {
        let Expression::Template(_) = &expression.value else { return None };
        let written = self.document.slice(expression.span).trim();
        written.strip_prefix('"')?.strip_suffix('"').map(str::to_owned)
    }

    fn items(&self, expression: &Expression) -> Vec<(String, Place)> {
        let Expression::Array(items) = expression else { return Vec::new() };
        let texts = items.iter().filter_map(|item| match &item.value {
            Expression::String(text) => Some((text.value.clone(), self.document.place(text.span))),
            Expression::Template(text) => {
                Some((self.document.slice(text.inner).to_owned(), self.document.place(text.inner)))
            }
            _ => None,
        });
        texts.collect()
    }

    /// Every reference of a body; of a `dynamic` block's content without the names that it binds.
    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.attribute(attribute);
        }
        for block in &body.blocks {
            if block.kind.value == "lifecycle" {
                self.lifecycle(&block.body);
                continue;
            }
            let before = self.bound.len();
            if block.kind.value == "dynamic" {
                let iterator = block.body.attribute("iterator").map(|iterator| &iterator.value.value);
                match iterator {
                    Some(Expression::Traversal(name)) => self.bound.push(name.clone()),
                    _ => self.bound.extend(block.labels.last().map(|label| label.value.clone())),
                }
            }
            let from = self.file.references.len();
            self.body(&block.body);
            if block.kind.value == "content" && !self.bound.is_empty() {
                self.file.references.iter_mut().skip(from).for_each(|reference| reference.is_dynamic = true);
            }
            self.bound.truncate(before);
        }
    }

    /// `ignore_changes` names attributes, conditions refer.
    fn lifecycle(&mut self, body: &Body) {
        for block in &body.blocks {
            self.body(&block.body);
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let from = self.file.references.len();
        self.expression(&attribute.value);
        // Only the whole object is taken from these; what follows its name is not looked at.
        if attribute.key.value == "depends_on" {
            self.file.references.iter_mut().skip(from).for_each(keep_address);
        }
        // These may name provider configurations and bound names, which are no references to values.
        if matches!(attribute.key.value.as_str(), "provider" | "providers" | "iterator") {
            let added = self.file.references.split_off(from);
            let is_value = |reference: &TerraformReference| {
                ["var.", "local.", "module.", "data."].iter().any(|root| reference.path.starts_with(root))
            };
            self.file.references.extend(added.into_iter().filter(is_value));
        }
    }

    fn expression(&mut self, expression: &Spanned<Expression>) {
        let document = self.document;
        self.file
            .string_indices
            .extend(string_indices(expression).into_iter().map(|span| document.place(span)));
        let text = self.document.slice(expression.span);
        let is_guarded = text.contains("try(") || text.contains("can(");
        if !is_guarded {
            self.file.uses.extend(read_files(document, expression.span));
            if !text.contains("fileexists(") {
                self.file.uses.extend(read_from_somewhere(document, expression));
            }
            self.file.templates.extend(template_calls(document, expression));
        }
        for path in hcl::references(expression) {
            let root = path.value.split(['.', '[']).next().unwrap_or("");
            if !self.bound.iter().any(|name| name == root) {
                self.file.references.push(TerraformReference {
                    path: path.value.to_owned(),
                    at: self.document.place(path.span),
                    is_guarded,
                    is_chosen: text.contains(" ? "),
                    is_dynamic: false,
                });
            }
        }
    }
}

/// Whether every key of an object is known.
fn is_written_out(expression: &Expression) -> bool {
    matches!(expression, Expression::Object(items) if items.iter().all(|item| item.name().is_some()))
}

/// Shortens a reference to the whole object: `module.network.id` to `module.network`.
fn keep_address(reference: &mut TerraformReference) {
    let names = if reference.path.starts_with("data.") { 3 } else { 2 };
    if let Some((end, _)) = reference.path.match_indices(['.', '[']).nth(names - 1) {
        reference.path.truncate(end);
    }
}
/// `providers = { aws.east = aws.main }`: what the called module may use without declaring it.
fn handed_over(block: &Block) -> Vec<String> {
    let Some(Expression::Object(items)) = block.body.attribute("providers").map(|given| &given.value.value)
    else {
        return Vec::new();
    };
    let names = items.iter().filter_map(|item| item.name().map(str::to_owned));
    let paths = items.iter().flat_map(|item| hcl::references(&item.key)).map(|path| path.value.to_owned());
    names.chain(paths).map(|name| format!("provider.{name}")).collect()
}
