//! Env files of Compose services: a later file and `environment:` hold against what an earlier file gives.
//! Source: <https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/>.

use std::collections::{BTreeMap, BTreeSet};

use source::{FileKind, directory_of, file_name};

use crate::inventory::Inventory;
use crate::record::{Use, UseKind};
use crate::{Setting, SettingSource};

/// Takes settings of env files for not deployed which every service that is given the file has another value for.
pub(crate) fn set_replaced_aside(inventory: &Inventory<'_>, uses: &[Use], settings: &mut [Setting]) {
    let taken = takers(inventory, uses);
    let given = Given::of(settings);
    let is_replaced = |setting: &Setting| {
        taken.get(&*setting.at.path).is_some_and(|uses| {
            uses.iter().all(|taker| {
                given.by_service(taker, &setting.key)
                    || taker.later.iter().any(|file| given.by_file(file, &setting.key))
            })
        })
    };
    let replaced: Vec<bool> = settings
        .iter()
        .map(|setting| {
            setting.source == SettingSource::EnvFile && setting.scope.deployed && is_replaced(setting)
        })
        .collect();
    for (setting, replaced) in settings.iter_mut().zip(replaced) {
        setting.scope.deployed &= !replaced;
    }
}

/// A service that is given the variables of a file.
struct Taker<'u> {
    /// The Compose file.
    file: &'u str,
    service: &'u str,
    /// The env files behind this one.
    later: Vec<&'u str>,
}

/// Who takes each env file, of those that nothing else reads.
fn takers<'u>(inventory: &Inventory<'_>, uses: &'u [Use]) -> BTreeMap<&'u str, Vec<Taker<'u>>> {
    let mut taken: BTreeMap<&str, Vec<Taker<'_>>> = BTreeMap::new();
    let mut read_otherwise: BTreeSet<&str> = BTreeSet::new();
    for used in uses {
        match taker(uses, used) {
            Some(taker) => taken.entry(&used.path).or_default().push(taker),
            None => drop(read_otherwise.insert(&used.path)),
        }
    }
    taken.retain(|path, _| !read_otherwise.contains(path) && !is_read_by_name(inventory, path));
    taken
}

fn taker<'u>(uses: &'u [Use], used: &'u Use) -> Option<Taker<'u>> {
    let service = service_of(used)?;
    let of_same = |other: &&Use| other.at.path == used.at.path && service_of(other) == Some(service);
    let behind = uses.iter().filter(of_same).filter(|other| other.at.span.start > used.at.span.start);
    Some(Taker { file: &used.at.path, service, later: behind.map(|other| other.path.as_str()).collect() })
}

/// The service that a use gives an env file.
fn service_of(used: &Use) -> Option<&str> {
    match &used.what {
        UseKind::EnvFile { service, .. } if FileKind::of(&used.at.path) == FileKind::Compose => {
            service.as_deref()
        }
        _ => None,
    }
}

/// Whether tools read a file of this name without being told: Compose, dotenv, and bundlers beside a package.json.
fn is_read_by_name(inventory: &Inventory<'_>, path: &str) -> bool {
    let beside = match directory_of(path) {
        "" => "package.json".to_owned(),
        folder => format!("{folder}/package.json"),
    };
    file_name(path) == ".env" || file_name(path).starts_with(".env.") && inventory.is_file(&beside)
}

/// What services and env files set.
struct Given {
    /// Compose file, service, key.
    services: BTreeSet<(String, String, String)>,
    /// Env file, key.
    files: BTreeSet<(String, String)>,
}

impl Given {
    fn of(settings: &[Setting]) -> Self {
        let of_service =
            settings.iter().filter(|one| one.source == SettingSource::Compose && !takes_itself(one));
        let services = of_service.filter_map(|one| {
            let [.., service, environment] = one.within.as_slice() else { return None };
            let is_variable = environment == "environment";
            is_variable.then(|| (one.at.path.to_string(), service.clone(), one.key.clone()))
        });
        let of_file = settings.iter().filter(|one| one.source == SettingSource::EnvFile);
        let files = of_file.map(|one| (one.at.path.to_string(), one.key.clone()));
        Self { services: services.collect(), files: files.collect() }
    }

    fn by_service(&self, taker: &Taker<'_>, key: &str) -> bool {
        self.services.contains(&(taker.file.to_owned(), taker.service.to_owned(), key.to_owned()))
    }

    fn by_file(&self, file: &str, key: &str) -> bool {
        self.files.contains(&(file.to_owned(), key.to_owned()))
    }
}

/// `URL: ${URL:-x}`: what it takes may be the value of the env file.
fn takes_itself(setting: &Setting) -> bool {
    setting.value.contains('$') && setting.value.contains(&setting.key)
}

#[cfg(test)]
mod tests {
    use source::Memory;

    use crate::{Declared, collect};

    const ENV: &str = "API_URL=http://localhost\nLEVEL=debug\n";

    /// The keys of the env file that count as deployed.
    fn deployed(services: &str) -> Vec<String> {
        let compose = format!("services:\n{services}");
        let later = "LEVEL=info\n";
        let files = [
            ("docker-compose.production.yml", compose.as_str()),
            ("a.production.env", ENV),
            ("b.production.env", later),
        ];
        let facts = collect(&files.into_iter().collect::<Memory>(), &Declared::default());
        let own = facts.settings_in("a.production.env").iter().filter(|setting| setting.scope.deployed);
        own.map(|setting| setting.key.clone()).collect()
    }

    fn service(name: &str, rest: &str) -> String {
        format!("  {name}:\n    image: web\n    env_file: {rest}\n")
    }

    #[test]
    fn environment_and_later_files_hold_against_an_env_file() {
        let replaced =
            service("web", "a.production.env\n    environment:\n      API_URL: https://api.example.com");
        assert_eq!(deployed(&replaced), ["LEVEL"]);
        assert_eq!(deployed(&service("web", "[a.production.env, b.production.env]")), ["API_URL"]);
        assert_eq!(deployed(&service("web", "[b.production.env, a.production.env]")), ["API_URL", "LEVEL"]);
    }

    #[test]
    fn a_value_that_one_service_takes_is_deployed() {
        let replaced =
            service("web", "a.production.env\n    environment:\n      API_URL: https://api.example.com");
        let other = service("worker", "a.production.env");
        assert_eq!(deployed(&format!("{replaced}{other}")), ["API_URL", "LEVEL"]);
        let itself = service("web", "a.production.env\n    environment:\n      API_URL: ${API_URL}");
        assert_eq!(deployed(&itself), ["API_URL", "LEVEL"]);
    }
}
