//! Fixes as an editor offers them.

use std::collections::BTreeMap;

use lint::{Finding, Fix, Safety};
use lsp_types::{
    CodeAction, CodeActionKind, Diagnostic, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use super::texts::Texts;

/// Gives the address of a file, and its version where the editor has it open.
pub(super) type Addresses<'a> = &'a dyn Fn(&str) -> Option<(Uri, Option<i32>)>;

/// The fix of a finding; `None` where there is none that can be made.
pub(super) fn of_finding(
    finding: &Finding,
    diagnostic: Diagnostic,
    texts: &Texts,
    address: Addresses<'_>,
) -> Option<CodeAction> {
    let fix = finding.fix.as_ref().filter(|fix| fix.safety > Safety::Shown)?;
    let is_safe = fix.safety == Safety::Safe;
    let caution = if is_safe { "" } else { " (may not be what was meant)" };
    Some(CodeAction {
        title: format!("{}{caution}", fix.title),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic]),
        edit: Some(edit(fix, texts, address)?),
        is_preferred: Some(is_safe),
        ..CodeAction::default()
    })
}

fn edit(fix: &Fix, texts: &Texts, address: Addresses<'_>) -> Option<WorkspaceEdit> {
    let mut by_path: BTreeMap<&str, Vec<OneOf<TextEdit, _>>> = BTreeMap::new();
    for edit in &fix.edits {
        let text = TextEdit { range: texts.range(&edit.path, edit.span), new_text: edit.text.clone() };
        by_path.entry(&edit.path).or_default().push(OneOf::Left(text));
    }
    let file = |(path, edits): (&str, Vec<_>)| {
        let (uri, version) = address(path)?;
        let text_document = OptionalVersionedTextDocumentIdentifier { uri, version };
        Some(TextDocumentEdit { text_document, edits })
    };
    let edits = by_path.into_iter().map(file).collect::<Option<Vec<_>>>()?;
    Some(WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(edits)), ..WorkspaceEdit::default() })
}
