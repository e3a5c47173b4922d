//! Cloud SQL instances that are named where their connection name belongs.

use facts::{Facts, TerraformAttribute, TerraformModule};
use source::directory_of;

use super::cloudsql_not_attached::has_proxy;
use crate::Fault;

/// Where the value of a variable stands.
const VARIABLE: &str = "containers.env.value";

/// Names that stand for others, one after another, at most.
const STEPS: usize = 8;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    let attributes = modules.flat_map(|module| {
        let services =
            module.resources.iter().filter(|resource| resource.kind.starts_with("google_cloud_run_"));
        services.flat_map(move |service| {
            let attributes = service.attributes.iter();
            // A proxy names its sockets as it is told.
            let is_judged =
                |attribute: &&TerraformAttribute| !attribute.path.ends_with(VARIABLE) || !has_proxy(service);
            attributes.filter(is_judged).map(move |attribute| (module, attribute)).collect::<Vec<_>>()
        })
    });
    attributes.filter_map(|(module, attribute)| fault(facts, module, attribute)).collect()
}

fn fault(facts: &Facts, module: &TerraformModule, attribute: &TerraformAttribute) -> Option<Fault> {
    let given = given(attribute)?;
    let why = match given {
        Given::Text(text) => {
            let is_told = !text.contains(['$', '%', '<']) && !text.is_empty();
            (is_told && text.matches(':').count() < 2).then(|| format!("`{text}` is none"))?
        }
        Given::Path(path) => {
            let meant = meant(facts, module, path)?;
            let steps: Vec<&str> = meant.split('.').collect();
            let is_name = matches!(steps.as_slice(), ["google_sql_database_instance", _, "name"]);
            is_name.then(|| format!("`{path}` is the instance's own name"))?
        }
    };
    let message = format!(
        "Cloud Run takes the connection name of an instance here, PROJECT:REGION:INSTANCE, and {why}: no socket of this \
         name comes to be and every connection fails, or the revision is refused; use `connection_name` (Cloud SQL \
         documentation, Connect from Cloud Run)"
    );
    Some(Fault::new(attribute.path.clone(), attribute.at.clone(), message))
}

/// What stands where a connection name belongs.
enum Given<'a> {
    /// A text.
    Text(&'a str),
    /// A reference and nothing else.
    Path(&'a str),
}

fn given(attribute: &TerraformAttribute) -> Option<Given<'_>> {
    let path = attribute.path.as_str();
    let only = || match attribute.references.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    if path.ends_with("annotations.run.googleapis.com/cloudsql-instances")
        || path.ends_with("cloud_sql_instance.instances")
    {
        let bare = only().filter(|only| attribute.at.span.len() <= only.len() + "[ ]".len());
        let text = attribute.value.as_deref().or_else(|| Some(attribute.items.first()?.0.as_str()));
        // Of several, each is one; the first tells.
        return bare
            .map(Given::Path)
            .or_else(|| text.map(|text| Given::Text(text.split(',').next().unwrap_or(text))));
    }
    if !path.ends_with(VARIABLE) {
        return None;
    }
    let text = attribute.value.as_deref().or(attribute.template.as_deref())?;
    let (_, behind) = text.split_once("/cloudsql/")?;
    if let Some(inside) = behind.strip_prefix("${") {
        let (inside, rest) = inside.split_once('}')?;
        let is_all = rest.is_empty() || rest.starts_with(['/', '?', '&']);
        let is_path = inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        return (is_all && is_path).then_some(Given::Path(inside));
    }
    let end = behind.find(['/', '?', '&', ' ']).unwrap_or(behind.len());
    behind.get(..end).map(Given::Text)
}

/// What a path stands for in the end: through locals, outputs of modules that are called, and outputs that another
/// module of the tree leaves in its state.
fn meant(facts: &Facts, module: &TerraformModule, path: &str) -> Option<String> {
    let (mut module, mut path) = (module, path.to_owned());
    for _ in 0..STEPS {
        let (next, name) = if let Some(meant) = module.aliases.get(&path) {
            (module, meant.clone())
        } else if let Some((called, output)) =
            path.strip_prefix("module.").and_then(|rest| rest.split_once('.'))
        {
            let call = module.calls.iter().find(|call| call.name == called)?;
            (facts.module(call.directory.as_deref()?)?, format!("output.{output}"))
        } else if let Some(output) = of_remote_state(&path) {
            (producer(facts, module, output)?, format!("output.{output}"))
        } else {
            return Some(path);
        };
        (module, path) = (next, name);
    }
    None
}

/// The output of `data.terraform_remote_state.shared.outputs.x`.
fn of_remote_state(path: &str) -> Option<&str> {
    path.strip_prefix("data.terraform_remote_state.")?.split_once(".outputs.").map(|(_, output)| output)
}

/// The one module beside or below this one that has the output.
fn producer<'f>(facts: &'f Facts, module: &TerraformModule, output: &str) -> Option<&'f TerraformModule> {
    let address = format!("output.{output}");
    let above = directory_of(&module.directory);
    let mut near = facts.judged_modules().filter(|other| {
        other.definition(&address).is_some()
            && other.directory != module.directory
            && source::is_within(&other.directory, above)
    });
    near.next().filter(|_| near.next().is_none())
}
