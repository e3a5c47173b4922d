//! Programs that are told to use more memory than their container may.

use facts::{CloudRunDeploy, ComposeService, Facts, Setting, SettingSource};
use source::Place;

use crate::Fault;
use crate::platform::minimum;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let composed = facts.compose_services.iter().filter_map(|service| of_service(service, facts));
    let calls = facts.cloud_run_deploys.iter();
    let deployed = calls.flat_map(|call| {
        call.services().into_iter().filter_map(|service| of_call(call, service, facts)).collect::<Vec<_>>()
    });
    composed.chain(deployed).chain(of_manifests(facts)).collect()
}

/// What a program is told to use.
struct Told<'f> {
    /// The words that say it: `-Xmx2g`.
    written: String,
    /// Bytes.
    bytes: u64,
    at: &'f Place,
}

fn of_service(service: &ComposeService, facts: &Facts) -> Option<Fault> {
    let limit = service.memory.as_ref()?;
    let words = told_by_words(service.command.iter().map(|word| (word.value.as_str(), &word.at)));
    let given = || {
        facts.settings.iter().filter(|setting| {
            setting.source == SettingSource::Compose
                && setting.at.path == service.at.path
                && matches!(setting.within.as_slice(), [_, name, map] if *name == service.name && map == "environment")
        })
    };
    let told = words.or_else(|| told_by_settings(given()))?;
    fault(&service.name, &told, limit.value, &limit.at, service.scope.environment.as_deref())
}

/// Manifests of Kubernetes and Cloud Run with one container, whose limit is the only one of the file.
fn of_manifests(facts: &Facts) -> Vec<Fault> {
    let is_limit = |setting: &&Setting| {
        setting.source == SettingSource::Yaml
            && setting.key == "memory"
            && is_within(setting, &["containers", "resources", "limits"])
            && setting.scope.deployed
    };
    let limits = facts.settings.iter().filter(is_limit);
    let judged = limits.filter_map(|limit| {
        let of_file = facts.settings_in(&limit.at.path);
        if of_file.iter().filter(is_limit).count() != 1 {
            return None;
        }
        let given = of_file.iter().filter(|setting| is_within(setting, &["containers", "env"]));
        let told = told_by_settings(given)?;
        let bytes = whole(minimum::amount(&limit.value)?)?;
        let name = of_file.iter().find(|setting| {
            setting.key == "name" && setting.within.last().is_some_and(|map| map == "metadata")
        })?;
        fault(&name.value, &told, bytes, &limit.at, limit.scope.environment.as_deref())
    });
    judged.collect()
}

/// Whether the innermost maps around a setting are these.
fn is_within(setting: &Setting, maps: &[&str]) -> bool {
    let at = setting.within.len().checked_sub(maps.len());
    at.and_then(|at| setting.within.get(at..)).is_some_and(|own| own == maps)
}

fn of_call(call: &CloudRunDeploy, service: &str, facts: &Facts) -> Option<Fault> {
    let given = facts.settings.iter().filter(|setting| {
        setting.source == SettingSource::Script
            && setting.at.path == call.at.path
            && setting.scope.service.as_deref() == Some(service)
    });
    let told = told_by_settings(given)?;
    // Whichever of the possible limits holds, the greatest of them is the least that can be said.
    let limits = call.possible("--memory", service);
    let known: Option<Vec<(u64, &Place)>> =
        limits.iter().map(|limit| Some((whole(minimum::amount(limit.value)?)?, limit.at))).collect();
    let (limit, at) = known?.into_iter().max_by_key(|(bytes, _)| *bytes)?;
    fault(service, &told, limit, at, call.environment.as_deref())
}

fn fault(service: &str, told: &Told<'_>, limit: u64, at: &Place, environment: Option<&str>) -> Option<Fault> {
    if told.bytes < limit {
        return None;
    }
    let message = format!(
        "`{}` lets the program of `{service}` use {} MiB, and its container may use {}: under load the system ends it \
         before the program makes room by itself; leave a quarter of the limit to everything else",
        told.written,
        told.bytes >> 20,
        limit >> 20
    );
    let fault = Fault::new(format!("memory of {service}"), told.at.clone(), message)
        .because(at.clone(), "the limit of the container")
        .in_environment(environment);
    Some(fault)
}

/// Variables whose words a run-time reads as options.
const OPTIONS: &[&str] = &[
    "NODE_OPTIONS",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "ES_JAVA_OPTS",
    "CATALINA_OPTS",
];

fn told_by_settings<'f>(given: impl Iterator<Item = &'f Setting>) -> Option<Told<'f>> {
    let mut options = given.filter(|setting| OPTIONS.contains(&setting.key.as_str()));
    options
        .find_map(|setting| told_by_words(setting.value.split_whitespace().map(|word| (word, &setting.at))))
}

/// `--maxmemory 512mb`, `-Xmx2g`, `--max-old-space-size=4096`.
fn told_by_words<'w, 'f>(words: impl Iterator<Item = (&'w str, &'f Place)>) -> Option<Told<'f>> {
    let mut before = "";
    for (word, at) in words {
        let told = if before == "--maxmemory" {
            sized(word).map(|bytes| (format!("--maxmemory {word}"), bytes))
        } else if let Some(heap) = word.strip_prefix("-Xmx") {
            sized(heap).map(|bytes| (word.to_owned(), bytes))
        } else {
            let heap =
                word.strip_prefix("--max-old-space-size=").or(word.strip_prefix("--max_old_space_size="));
            let mebibytes = heap.and_then(|heap| heap.parse::<u64>().ok());
            mebibytes.and_then(|count| Some((word.to_owned(), count.checked_mul(1 << 20)?)))
        };
        if let Some((written, bytes)) = told.filter(|(_, bytes)| *bytes > 0) {
            return Some(Told { written, bytes, at });
        }
        before = word;
    }
    None
}

/// Bytes as Redis and Java write them: `512mb`, `2g`, `1073741824`.
fn sized(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" => 10,
        "m" | "mb" => 20,
        "g" | "gb" => 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// A positive number of bytes without its fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is tested")]
fn whole(bytes: f64) -> Option<u64> {
    (0.0..1e18).contains(&bytes).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_programs() {
        assert_eq!((sized("512mb"), sized("2g"), sized("100")), (Some(512 << 20), Some(2 << 30), Some(100)));
        assert_eq!((sized("a lot"), sized("$HEAP")), (None, None));
    }
}
