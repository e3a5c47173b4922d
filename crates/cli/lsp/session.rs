//! What an editor has open, and what is found in it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use lint::{Finding, Options, Outcome, Registry, Severity};
use lsp_types::{
    CodeActionOrCommand, Diagnostic, Hover, HoverContents, MarkupContent, MarkupKind, Position,
    PublishDiagnosticsParams, Range, Uri,
};
use source::{Disk, Overlay};

use super::texts::Texts;
use super::{actions, diagnostics, uri};
use crate::check;

/// One editor.
pub(super) struct Session {
    /// Its root is as the editor names it, links and all.
    disk: Disk,
    /// What the editor has open, by path.
    open: BTreeMap<String, Buffer>,
    is_stale: bool,
    findings: Vec<Finding>,
    texts: Texts,
    registry: Registry,
    /// The files for which something is shown.
    shown: BTreeSet<String>,
}

struct Buffer {
    version: i32,
    text: String,
}

impl Session {
    pub(super) fn new(disk: Disk) -> Self {
        let registry = Registry::for_tree(&disk);
        Self {
            disk,
            open: BTreeMap::new(),
            is_stale: true,
            findings: Vec::new(),
            texts: Texts::default(),
            registry,
            shown: BTreeSet::new(),
        }
    }

    /// A text that the editor has now.
    pub(super) fn set(&mut self, address: &Uri, version: i32, text: String) {
        if let Some(path) = self.path(address) {
            self.open.insert(path, Buffer { version, text });
            self.is_stale = true;
        }
    }

    /// A text that the editor has no more: the file on disk holds again.
    pub(super) fn close(&mut self, address: &Uri) {
        if let Some(path) = self.path(address) {
            self.is_stale |= self.open.remove(&path).is_some();
        }
    }

    /// Something changed on disk.
    pub(super) fn look_again(&mut self) {
        self.is_stale = true;
    }

    /// Judges where something changed, and says what is to be shown anew for which files.
    pub(super) fn judge(&mut self) -> Vec<PublishDiagnosticsParams> {
        if !std::mem::take(&mut self.is_stale) {
            return Vec::new();
        }
        let mut tree = Overlay::new(&self.disk);
        for (path, buffer) in &self.open {
            tree.insert(path, buffer.text.as_bytes());
        }
        let options = Options {
            rules: Vec::new(),
            environments: Vec::new(),
            fail_on: Severity::Error,
            no_allow: false,
            today: check::today(),
        };
        let judged = catch_unwind(AssertUnwindSafe(|| check::judged(&tree, self.disk.root(), &options)));
        let stopped = |_| Outcome::not_judged("internal error, so nothing was judged");
        let outcome = judged.unwrap_or_else(stopped);
        let mut texts = Texts::default();
        let places = outcome.findings.iter().flat_map(|finding| {
            let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.path.as_str()));
            let because = finding.because.iter().map(|because| &*because.at.place.path);
            because.chain([&*finding.at.place.path]).chain(edits)
        });
        let problems = outcome.problems.iter().map(|problem| &*problem.path);
        for path in places.chain(problems) {
            texts.read(&tree, path);
        }
        self.registry = Registry::for_tree(&tree);
        self.texts = texts;
        self.show(outcome)
    }

    fn show(&mut self, outcome: Outcome) -> Vec<PublishDiagnosticsParams> {
        let mut by_path: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        // What was shown and is no more has to be taken back, by an empty list.
        for path in std::mem::take(&mut self.shown) {
            by_path.insert(path, Vec::new());
        }
        for finding in &outcome.findings {
            let shown = diagnostics::of_finding(finding, self.disk.root(), &self.texts);
            by_path.entry(finding.at.place.path.to_string()).or_default().push(shown);
        }
        for problem in outcome.problems.iter().filter(|problem| !problem.path.is_empty()) {
            let shown = diagnostics::of_problem(problem, &self.texts);
            by_path.entry(problem.path.to_string()).or_default().push(shown);
        }
        self.findings = outcome.findings;
        let is_shown = by_path.iter().filter(|(_, list)| !list.is_empty());
        self.shown = is_shown.map(|(path, _)| path.clone()).collect();
        let told = by_path.into_iter().filter_map(|(path, diagnostics)| {
            let (uri, version) = self.address(&path)?;
            Some(PublishDiagnosticsParams { uri, diagnostics, version })
        });
        told.collect()
    }

    /// The fixes of what is found in a range of a file.
    pub(super) fn actions(&self, address: &Uri, range: Range) -> Vec<CodeActionOrCommand> {
        let address_of = |path: &str| self.address(path);
        let offered = self.found_in(address, range).filter_map(|finding| {
            let shown = diagnostics::of_finding(finding, self.disk.root(), &self.texts);
            actions::of_finding(finding, shown, &self.texts, &address_of)
        });
        offered.map(CodeActionOrCommand::CodeAction).collect()
    }

    /// What the rules say whose findings are at a place.
    pub(super) fn hover(&self, address: &Uri, at: Position) -> Option<Hover> {
        let mut ids: Vec<&str> =
            self.found_in(address, Range::new(at, at)).map(|finding| finding.rule.as_str()).collect();
        ids.dedup();
        let texts: Vec<String> = ids
            .iter()
            .filter_map(|id| self.registry.get(id))
            .map(|rule| format!("# {}\n\n`{}`\n\n{}", rule.head.title, rule.id(), rule.prose().trim()))
            .collect();
        if texts.is_empty() {
            return None;
        }
        let value = texts.join("\n\n---\n\n");
        let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
        Some(Hover { contents, range: None })
    }

    fn found_in(&self, address: &Uri, range: Range) -> impl Iterator<Item = &Finding> {
        let path = self.path(address);
        self.findings.iter().filter(move |finding| {
            let at = self.texts.location(&finding.at);
            path.as_deref() == Some(&*finding.at.place.path) && at.start <= range.end && range.start <= at.end
        })
    }

    /// The path of a file below the root.
    fn path(&self, address: &Uri) -> Option<String> {
        let path = uri::to_path(address.as_str())?;
        let below = path.strip_prefix(self.disk.root()).ok()?;
        let path = below.to_str()?.replace('\\', "/");
        (!path.is_empty()).then_some(path)
    }

    /// The address of a file, and its version where the editor has it open.
    fn address(&self, path: &str) -> Option<(Uri, Option<i32>)> {
        let address = uri::of_path(&self.disk.root().join(path))?;
        Some((address, self.open.get(path).map(|buffer| buffer.version)))
    }
}
