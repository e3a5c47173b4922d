//! Files that Terraform fills in: `templatefile("${path.module}/install.sh", { name = var.name })`.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/functions/templatefile>.

use std::collections::BTreeSet;

use source::{Place, directory_of, join};
use syntax::Spanned;
use syntax::hcl::{self, Body, Expression, ObjectItem, TemplatePart};

use crate::inventory::Inventory;
use crate::record::Document;
use crate::terraform::TemplateFlaw;

/// One call with the names that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateCall {
    /// The file, relative to the root.
    path: String,
    /// Where it is named.
    at: Place,
    /// The names that the file may use.
    names: BTreeSet<String>,
    /// What gives them.
    given_by: &'static str,
}

impl TemplateCall {
    /// The file, relative to the root.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

/// The calls of an expression that say both their file and all names that it is given.
pub(super) fn template_calls(document: &Document, expression: &Spanned<Expression>) -> Vec<TemplateCall> {
    let calls = hcl::calls(expression).into_iter().filter(|call| call.name.value == "templatefile");
    let known = calls.filter_map(|call| {
        let [file, Spanned { value: Expression::Object(items), .. }] = call.arguments.as_slice() else {
            return None;
        };
        Some(TemplateCall {
            path: join(directory_of(&document.path), &path_in_module(&file.value)?)?,
            at: document.place(file.span),
            names: names(items)?,
            given_by: "templatefile()",
        })
    });
    known.collect()
}

/// What `data "template_file"` fills in, where it says both its file and all names that it gives.
pub(super) fn template_file(document: &Document, body: &Body) -> Option<TemplateCall> {
    let Expression::Call(read) = &body.attribute("template")?.value.value else { return None };
    let [file] = read.arguments.as_slice() else { return None };
    let names = match body.attribute("vars").map(|given| &given.value.value) {
        Some(Expression::Object(items)) => names(items)?,
        Some(_) => return None,
        None => BTreeSet::new(),
    };
    let is_known = read.name.value == "file" && body.blocks.is_empty();
    Some(TemplateCall {
        path: join(directory_of(&document.path), &path_in_module(&file.value).filter(|_| is_known)?)?,
        at: document.place(file.span),
        names,
        given_by: "`vars`",
    })
}

/// The keys of an object; `None` where one is computed.
fn names(items: &[ObjectItem]) -> Option<BTreeSet<String>> {
    items.iter().map(|item| item.name().map(str::to_owned)).collect()
}

/// `install.sh` of `"${path.module}/install.sh"`.
fn path_in_module(file: &Expression) -> Option<String> {
    let Expression::Template(template) = file else { return None };
    let [TemplatePart::Interpolation(folder), TemplatePart::Literal(rest)] = template.parts.as_slice() else {
        return None;
    };
    let is_own = matches!(&folder.value, Expression::Traversal(path) if path == "path.module");
    is_own.then(|| rest.value.strip_prefix('/').map(str::to_owned)).flatten()
}

/// What is wrong between a call and its file, where that is there.
pub(crate) fn flaws(inventory: &Inventory<'_>, call: &TemplateCall) -> Vec<TemplateFlaw> {
    let Ok(file) = Document::read(inventory.tree(), &call.path) else { return Vec::new() };
    let flaw = |span, what| TemplateFlaw {
        path: call.path.clone(),
        called: call.at.clone(),
        given_by: call.given_by,
        at: file.place(span),
        what,
    };
    match hcl::template_roots(&file.text) {
        Ok(roots) => roots
            .into_iter()
            .filter(|root| !call.names.contains(&root.value))
            .map(|root| flaw(root.span, Ok(root.value)))
            .collect(),
        Err(error) => vec![flaw(error.span, Err(error.message))],
    }
}
