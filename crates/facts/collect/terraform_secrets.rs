//! What Terraform files say to be secret where no name tells it: sensitive variables, resources that hold secrets, values
//! that stand beside a secret's name.

use source::redact;
use syntax::Spanned;
use syntax::hcl::{Block, Body, Call, Expression, ObjectItem};

use crate::concealed::{Concealing, SecretText};
use crate::record::Document;

/// Blocks and attributes whose `value` is secret. Source: the reference of `helm_release`,
/// <https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release>.
const SECRET_BLOCKS: &[&str] = &["set_sensitive", "set_wo", "secret_text_binding"];

/// Attributes that hold what a resource for secrets is made for.
const CONTENTS: &[&str] = &[
    "binary_data",
    "binary_data_wo",
    "content",
    "data",
    "data_json",
    "data_wo",
    "encrypted_value",
    "payload",
    "plaintext_value",
    "stringData",
    "string_data",
    "text",
    "value",
    "value_wo",
];

/// Attributes by which a block says that its value is secret.
const SAYS_SO: &[&str] = &["sensitive", "is_secret", "masked", "ephemeral"];

/// What a `.tf` file says.
#[must_use]
pub(crate) fn of_module(document: &Document, body: &Body) -> Concealing {
    let mut reader = Reader { document, found: Concealing::default() };
    for block in &body.blocks {
        reader.top(block);
    }
    reader.found
}

/// What a tfvars file says: all of it may be secret.
#[must_use]
pub(crate) fn of_values(document: &Document, body: &Body) -> Concealing {
    let mut reader = Reader { document, found: Concealing::default() };
    reader.arguments(body);
    reader.found
}

struct Reader<'d> {
    document: &'d Document,
    found: Concealing,
}

impl Reader<'_> {
    fn top(&mut self, block: &Block) {
        let label = block.labels.first().map_or("", |label| label.value.as_str());
        match block.kind.value.as_str() {
            "variable" if says_so(&block.body) => {
                self.found.variables.push(label.to_owned());
                self.hide(&block.body, &["default"]);
            }
            "output" if says_so(&block.body) => self.hide(&block.body, &["value"]),
            "module" => self.arguments(&block.body),
            _ => {}
        }
        let holds = block.kind.value == "resource" && is_for_secrets(label);
        self.block(&block.body, holds);
    }

    /// `holds`: whether it is made to hold a secret.
    fn block(&mut self, body: &Body, holds: bool) {
        if holds || says_so(body) || is_secure_string(body) || names_a_secret(body) {
            self.hide(body, CONTENTS);
        }
        for attribute in &body.attributes {
            self.entry(&attribute.key.value, &attribute.value);
        }
        for inner in &body.blocks {
            let label = inner.labels.first().map_or("", |label| label.value.as_str());
            let is_one = |name: &str| SECRET_BLOCKS.contains(&name);
            // What a `dynamic` block makes stands in its `content`.
            let is_made = inner.kind.value == "dynamic" && is_one(label);
            self.block(
                &inner.body,
                is_one(&inner.kind.value) || is_made || holds && inner.kind.value == "content",
            );
            for content in inner.body.blocks_of("content").filter(|_| is_made) {
                self.block(&content.body, true);
            }
        }
    }

    fn hide(&mut self, body: &Body, names: &[&str]) {
        let held = body.attributes.iter().filter(|attribute| names.contains(&attribute.key.value.as_str()));
        for attribute in held {
            let texts = self.texts(&attribute.value);
            self.found.texts.extend(texts);
        }
    }

    /// What is given to the variables of a module.
    fn arguments(&mut self, body: &Body) {
        for attribute in &body.attributes {
            let texts = self.texts(&attribute.value).into_iter();
            let given = texts.map(|text| (attribute.key.value.clone(), text));
            self.found.given.extend(given);
        }
    }

    /// A value under a name: what is secret in it.
    fn entry(&mut self, name: &str, value: &Spanned<Expression>) {
        if name.starts_with("sensitive_") {
            let texts = self.texts(value);
            self.found.texts.extend(texts);
        } else {
            self.expression(value, SECRET_BLOCKS.contains(&name));
        }
    }

    /// `holds`: whether each object in it is made to hold a secret.
    fn expression(&mut self, expression: &Spanned<Expression>, holds: bool) {
        match &expression.value {
            Expression::Object(items) => self.object(items, holds),
            Expression::Array(items) => items.iter().for_each(|item| self.expression(item, holds)),
            Expression::Call(Call { name, arguments, .. }) if name.value == "sensitive" => {
                let texts: Vec<SecretText> = arguments.iter().flat_map(|one| self.texts(one)).collect();
                self.found.texts.extend(texts);
            }
            Expression::Call(call) => call.arguments.iter().for_each(|one| self.expression(one, holds)),
            Expression::Parenthesis(inner) => self.expression(inner, holds),
            Expression::Conditional(choice) => {
                self.expression(&choice.then, holds);
                self.expression(&choice.otherwise, holds);
            }
            _ => {}
        }
    }

    fn object(&mut self, items: &[ObjectItem], holds: bool) {
        let text = |name: &str| {
            let item = items.iter().find(|item| item.name() == Some(name));
            item.and_then(|item| literal(&item.value.value))
        };
        let is_named = ["name", "key"].into_iter().filter_map(text).any(redact::is_hidden_name);
        let is_secret = holds || is_named || text("kind") == Some("Secret");
        for item in items {
            let name = item.name().unwrap_or("");
            if is_secret && CONTENTS.contains(&name) {
                let texts = self.texts(&item.value);
                self.found.texts.extend(texts);
            } else {
                self.entry(name, &item.value);
            }
        }
    }

    /// The literal texts of a value; of an expression that computes with them the whole.
    fn texts(&self, expression: &Spanned<Expression>) -> Vec<SecretText> {
        let one = |span, text: &str| SecretText { at: self.document.place(span), text: text.to_owned() };
        match &expression.value {
            Expression::Null | Expression::Bool(_) | Expression::Traversal(_) => Vec::new(),
            Expression::String(text) => vec![one(text.span, &text.value)],
            Expression::Template(text) => vec![one(text.inner, self.document.slice(text.inner))],
            Expression::Array(items) => items.iter().flat_map(|item| self.texts(item)).collect(),
            Expression::Object(items) => items.iter().flat_map(|item| self.texts(&item.value)).collect(),
            Expression::Parenthesis(inner) => self.texts(inner),
            Expression::Number(_)
            | Expression::Access(_)
            | Expression::Call(_)
            | Expression::Conditional(_)
            | Expression::Unary(..)
            | Expression::Operation(_)
            | Expression::For(_) => vec![one(expression.span, self.document.slice(expression.span))],
        }
    }
}

fn literal(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::String(text) => Some(&text.value),
        _ => None,
    }
}

/// `sensitive = true`.
fn says_so(body: &Body) -> bool {
    let stated = SAYS_SO.iter().filter_map(|name| body.attribute(name));
    stated.into_iter().any(|attribute| attribute.value.value == Expression::Bool(true))
}

/// A parameter of AWS that is kept encrypted.
fn is_secure_string(body: &Body) -> bool {
    body.attribute("type").and_then(|kind| literal(&kind.value.value)) == Some("SecureString")
}

/// `name = "auth.password"` beside a value.
fn names_a_secret(body: &Body) -> bool {
    let names = ["name", "key"].into_iter().filter_map(|name| body.attribute(name));
    names.filter_map(|name| literal(&name.value.value)).any(redact::is_hidden_name)
}

/// Whether resources of a kind are made to hold a secret: `kubernetes_secret`, `azurerm_key_vault_secret`,
/// `github_actions_secret`, `vault_kv_secret_v2`.
fn is_for_secrets(kind: &str) -> bool {
    kind.split('_').any(|word| matches!(word, "secret" | "secrets"))
}
