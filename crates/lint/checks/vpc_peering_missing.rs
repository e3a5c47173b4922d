//! Databases with a private address in a network that Google's services have no way into.

use facts::{Facts, TerraformModule, TerraformResource};
use serde::Deserialize;

use crate::check::Check;
use crate::{Fault, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// Resources whose attribute names the network that they get a private address in.
    #[serde(default)]
    private: Vec<Private>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Private {
    kind: String,
    attribute: String,
    source: String,
}

/// What connects a network with Google's services.
const CONNECTION: &str = "google_service_networking_connection";

impl Check for Policy {
    fn check(&self, facts: &Facts) -> Vec<Fault> {
        // A module that calls others may have the connection made there.
        let alone = facts.judged_modules().filter(|module| module.is_whole && module.calls.is_empty());
        let unconnected = alone.filter(|module| !has_connection(module) && !is_called(facts, module));
        // A connection whose network is made elsewhere may be that of any network here.
        if facts.judged_modules().any(connects_another) {
            return Vec::new();
        }
        unconnected.flat_map(|module| self.in_module(module)).collect()
    }
}

impl Policy {
    fn in_module<'m>(&'m self, module: &'m TerraformModule) -> impl Iterator<Item = Fault> + 'm {
        module.resources.iter().filter_map(|resource| {
            let row = self.private.iter().find(|row| row.kind == resource.kind)?;
            fault(row, resource, module)
        })
    }
}

fn has_connection(module: &TerraformModule) -> bool {
    module.resources.iter().any(|resource| resource.kind == CONNECTION)
}

/// Whether a module connects a network that it does not make itself.
fn connects_another(module: &TerraformModule) -> bool {
    let connections = module.resources.iter().filter(|resource| resource.kind == CONNECTION);
    let networks = connections.filter_map(|connection| connection.attribute("network"));
    let is_own = |path: &String| path.starts_with("google_compute_network.");
    networks.into_iter().any(|network| !network.references.iter().any(is_own))
}

/// Whether another module of the tree calls this one, and may add what it lacks.
fn is_called(facts: &Facts, module: &TerraformModule) -> bool {
    let calls = facts.modules.iter().flat_map(|other| &other.calls);
    calls.into_iter().any(|call| call.directory.as_deref() == Some(module.directory.as_str()))
}

fn fault(row: &Private, resource: &TerraformResource, module: &TerraformModule) -> Option<Fault> {
    let attribute = resource.attribute(&row.attribute)?;
    let [path] = attribute.references.as_slice() else { return None };
    // A network that is made elsewhere may be connected there.
    let name = path.strip_prefix("google_compute_network.")?.split(['.', '[']).next()?;
    let network =
        module.resources.iter().find(|other| other.kind == "google_compute_network" && other.name == name)?;
    let message = format!(
        "`{}` gets a private address in the network `{name}`, and nothing in this module connects that network with \
         Google's services: unless it was connected by hand, the instance cannot be created; add a \
         `google_service_networking_connection` and wait for it with `depends_on` ({})",
        resource.name, row.source
    );
    Some(
        Fault::new(format!("{}.{}", resource.kind, resource.name), attribute.at.clone(), message)
            .because(network.at.clone(), "the network is made here")
            .at_most(Severity::Warning),
    )
}
