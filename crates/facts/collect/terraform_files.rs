//! The files that Terraform reads while it plans: `file("${path.module}/policy.json")`.

use source::{Span, directory_of, join, tokens};
use syntax::Spanned;
use syntax::hcl::{self, Expression};

use crate::record::{Document, Use, UseKind};

/// Functions that read a file at once. Source: <https://developer.hashicorp.com/terraform/language/functions/file>.
const FUNCTIONS: &[&str] = &[
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "filemd5",
    "filesha1",
    "filesha256",
    "filesha512",
    "templatefile",
];

/// The folder of the module itself.
const OWN_FOLDER: &str = "${path.module}/";

/// Endings of files that are written by hand and kept in the repository.
const KEPT: &[&str] =
    &["conf", "html", "j2", "json", "py", "sh", "sql", "tftpl", "tmpl", "toml", "tpl", "xml", "yaml", "yml"];

/// The files that an expression reads by a path from the folder in which Terraform runs: which one that is is not told here.
pub(super) fn read_from_somewhere(document: &Document, expression: &Spanned<Expression>) -> Vec<Use> {
    let calls =
        hcl::calls(expression).into_iter().filter(|call| FUNCTIONS.contains(&call.name.value.as_str()));
    let found = calls.filter_map(|call| {
        let Expression::String(path) = &call.arguments.first()?.value else { return None };
        let (_, ending) = path.value.rsplit_once('.')?;
        // What opens something is put there where it is used.
        let is_secret = tokens(&path.value).any(|word| {
            matches!(word.as_str(), "account" | "credential" | "credentials" | "key" | "secret" | "secrets")
        });
        let is_told =
            path.value.contains('/') && !path.value.starts_with(['/', '~']) && KEPT.contains(&ending);
        (is_told && !is_secret).then(|| Use {
            path: path.value.clone(),
            at: document.place(path.span),
            what: UseKind::TerraformSomewhere,
        })
    });
    found.collect()
}

/// The files that an expression reads from the folder of its module. What it asks for first is left out.
pub(super) fn read_files(document: &Document, expression: Span) -> Vec<Use> {
    let text = document.slice(expression);
    if text.contains("fileexists(") {
        return Vec::new();
    }
    let named = text.match_indices(OWN_FOLDER).filter_map(|(at, _)| {
        let before = text.get(..at)?.strip_suffix('"')?.trim_end().strip_suffix('(')?;
        let is_read = FUNCTIONS.iter().any(|function| {
            before
                .strip_suffix(function)
                .is_some_and(|rest| !rest.ends_with(|last: char| last.is_alphanumeric()))
        });
        let start = at + OWN_FOLDER.len();
        let path = text.get(start..)?.split('"').next()?;
        let is_told = !path.contains(['$', '%', '\\', '\n']) && !path.is_empty();
        (is_read && is_told).then(|| Use {
            path: join(directory_of(&document.path), path).unwrap_or_default(),
            at: document.place(Span::new(expression.start + start, expression.start + start + path.len())),
            what: UseKind::Terraform,
        })
    });
    named.filter(|used| !used.path.is_empty()).collect()
}
