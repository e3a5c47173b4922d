//! Sources of Terraform modules with their parts in the wrong order.

use facts::{Facts, ModuleCall};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let modules = facts.judged_modules();
    modules.flat_map(|module| module.calls.iter().filter_map(fault)).collect()
}

fn fault(call: &ModuleCall) -> Option<Fault> {
    let source = call.source.as_deref()?;
    let (version, folder) = swallowed(source)?;
    let message = format!(
        "the folder stands behind the version, and becomes a part of it: Terraform asks for the version `{version}//{folder}`, \
         which no repository has, and init fails; write `//{folder}?ref={version}`"
    );
    Some(Fault::new(format!("module.{}", call.name), call.at.clone(), message))
}

/// The version and the folder of `?ref=v1//modules/a`. Source:
/// <https://developer.hashicorp.com/terraform/language/modules/sources#modules-in-package-sub-directories>.
fn swallowed(source: &str) -> Option<(&str, &str)> {
    let (_, query) = source.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("ref="))?;
    value.split_once("//").filter(|(version, folder)| !version.is_empty() && !folder.is_empty())
}

#[cfg(test)]
mod tests {
    use super::swallowed;

    #[test]
    fn a_folder_stands_before_the_version() {
        assert_eq!(swallowed("git::https://a.example/b.git?ref=v1//c/d"), Some(("v1", "c/d")));
        for source in ["git::https://a.example/b.git//c?ref=v1", "a/b/c", "./a", "x?ref=feature/c&url=a//b"] {
            assert_eq!(swallowed(source), None, "{source}");
        }
    }
}
