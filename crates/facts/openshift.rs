//! Templates of `OpenShift` against the commands that fill them in.
//!
//! `oc process` ends at a parameter that the template does not have, and at a required one that it is not given.

use source::Place;
use syntax::yaml::{self, View};

use crate::inventory::Inventory;
use crate::record::{Document, TemplateValues, Use, UseKind};
use crate::{ShellFlaw, ShellFlawKind};

/// What is wrong with the commands that fill in templates of the tree.
#[must_use]
pub(crate) fn refused(inventory: &Inventory<'_>, uses: &[Use]) -> Vec<ShellFlaw> {
    let calls = uses.iter().filter_map(|used| match &used.what {
        UseKind::Template(values) => Some((used, values)),
        _ => None,
    });
    calls.flat_map(|(used, values)| of_call(inventory, used, values)).collect()
}

fn of_call(inventory: &Inventory<'_>, used: &Use, values: &TemplateValues) -> Vec<ShellFlaw> {
    let Some(template) = Template::read(inventory, &used.path) else { return Vec::new() };
    let flaw = |kind, name: &str, at: &Place| ShellFlaw {
        kind,
        name: source::file_name(&used.path).to_owned(),
        written: name.to_owned(),
        at: at.clone(),
        because: Some(template.at.clone()),
    };
    let is_given = |name: &str| values.given.iter().any(|(given, _)| given == name);
    let known = |name: &str| template.parameters.iter().any(|(known, _)| known == name);
    let unknown = values.given.iter().filter(|(name, _)| !known(name));
    let mut found: Vec<ShellFlaw> =
        unknown.map(|(name, at)| flaw(ShellFlawKind::Parameter, name, at)).collect();
    let required = template.parameters.iter().filter(|(name, is_required)| *is_required && !is_given(name));
    // A name that is spelt otherwise is told already.
    let lacking = required.filter(|_| !values.may_be_more && found.is_empty());
    let lacking: Vec<ShellFlaw> =
        lacking.map(|(name, _)| flaw(ShellFlawKind::ParameterMissing, name, &used.at)).collect();
    found.extend(lacking);
    found
}

/// The parameters of a template, each with whether it must be given.
struct Template {
    parameters: Vec<(String, bool)>,
    at: Place,
}

impl Template {
    /// `None` where the file is not there, or is no template that can be read whole.
    fn read(inventory: &Inventory<'_>, path: &str) -> Option<Self> {
        let document = Document::read(inventory.tree(), path).ok().filter(|_| inventory.is_file(path))?;
        let parsed = yaml::parse(&document.text);
        let budget = yaml::Budget::default();
        let [only] = parsed.tree.documents.as_slice() else { return None };
        let root = only.view(&budget);
        if !parsed.errors.is_empty() || root.get("kind")?.as_str()? != "Template" {
            return None;
        }
        let (declared, list) = match root.entry("parameters") {
            Some((key, list)) => (document.place(key.node().inner), list.items()),
            None => (Place::file(path), Vec::new()),
        };
        let parameters: Option<Vec<_>> = list.into_iter().map(parameter).collect();
        Some(Self { parameters: parameters?, at: declared })
    }
}

fn parameter(view: View<'_>) -> Option<(String, bool)> {
    let is_required = view.get("required").and_then(|required| required.as_str()) == Some("true");
    let has_value = ["value", "generate", "from"].iter().any(|key| view.get(key).is_some());
    Some((view.get("name")?.as_str()?.to_owned(), is_required && !has_value))
}
