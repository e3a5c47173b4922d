//! Attributes that are read of all instances at once: `x.y.id` of a resource with `count`.

use facts::{Facts, TerraformDefinition, TerraformModule, TerraformReference};

use crate::{Fault, Severity};

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let judged = facts.judged_modules();
    judged
        .flat_map(|module| module.references.iter().filter_map(|reference| fault(module, reference)))
        .collect()
}

fn fault(module: &TerraformModule, reference: &TerraformReference) -> Option<Fault> {
    let (address, attribute) = parts(&reference.path)?;
    let defined = module.definition(address)?;
    let TerraformDefinition { instances, at, .. } = defined;
    let key = instances.filter(|_| !reference.is_guarded)?;
    let instance = match key {
        "count" => {
            format!("`{address}[0].{attribute}`, or `one({address}[*].{attribute})` where there may be none")
        }
        _ => format!("`{address}[each.key].{attribute}`"),
    };
    let message = format!(
        "`{}` is read of no single instance: `{address}` has `{key}`, so Terraform refuses the module before it plans \
         anything. Name one: {instance}",
        reference.path
    );
    let fault = Fault::new(reference.path.clone(), reference.at.clone(), message);
    let fault = fault.because(at.clone(), format!("it has `{key}`"));
    // Of a module, only what is computed is refused: the branch that is not chosen is not (measured: Terraform 1.11).
    let may_be_skipped = address.starts_with("module.") && reference.is_chosen;
    Some(if may_be_skipped { fault.at_most(Severity::Warning) } else { fault })
}

/// The address and the attribute that is read of it as a whole; `None` where an index or a splat follows the address.
fn parts(path: &str) -> Option<(&str, &str)> {
    let names = match path.split('.').next()? {
        "data" | "ephemeral" => 3,
        "var" | "local" | "each" | "count" | "self" | "path" | "terraform" => return None,
        _ => 2,
    };
    let end = path.match_indices('.').nth(names - 1)?.0;
    let (address, rest) = path.split_at(end);
    let attribute = rest.trim_start_matches('.');
    let is_name = attribute.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    (is_name && !address.contains('[')).then_some((address, attribute))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn an_index_or_a_splat_names_instances() {
        assert_eq!(parts("random_string.suffix.result"), Some(("random_string.suffix", "result")));
        assert_eq!(parts("data.google_project.this.number"), Some(("data.google_project.this", "number")));
        assert_eq!(parts("module.network.host"), Some(("module.network", "host")));
        for path in
            ["a.b[0].id", "a.b[*].id", "a.b.*.id", "a.b.0.id", "a.b", "module.network[0].host", "var.x.y.z"]
        {
            assert_eq!(parts(path), None, "{path}");
        }
    }
}
