//! What the configuration declares about the repository: input of the collection.

use std::collections::BTreeMap;

use globset::GlobSet;
use syntax::dotenv::Dialect;

/// The declared truth; empty where there is no configuration.
#[derive(Debug, Default)]
pub struct Declared {
    /// Files that are left out of every finding, by path relative to the root.
    pub exclude: GlobSet,
    /// Environments by canonical name.
    pub environments: BTreeMap<String, DeclaredEnvironment>,
    /// Services by name.
    pub services: BTreeMap<String, DeclaredService>,
    /// The reader whose rules env files are read by; Compose where none is named.
    pub dialect: Option<Dialect>,
}

/// `[environment.NAME]`.
#[derive(Debug, Default, Clone)]
pub struct DeclaredEnvironment {
    /// Files that belong to it.
    pub files: GlobSet,
    /// The `files` as written.
    pub file_patterns: Vec<String>,
    /// Whether it is deployed; `None` leaves that to its name.
    pub deployed: Option<bool>,
    /// Hosts that belong to it.
    pub hosts: Vec<String>,
    /// What every deployment of it sets.
    pub variables: BTreeMap<String, String>,
}

/// `[service.NAME]`.
#[derive(Debug, Default, Clone)]
pub struct DeclaredService {
    /// The files of the service.
    pub paths: GlobSet,
    /// The `paths` as written.
    pub path_patterns: Vec<String>,
    /// Its Dockerfile, relative to the root.
    pub dockerfile: Option<String>,
    /// Its build context, relative to the root.
    pub context: Option<String>,
    /// The builder's name.
    pub builder: Option<String>,
    /// `[service.NAME.deploy.ENVIRONMENT]`.
    pub deploy: BTreeMap<String, DeclaredDeployment>,
}

/// `[service.NAME.deploy.ENVIRONMENT]`.
#[derive(Debug, Default, Clone)]
pub struct DeclaredDeployment {
    /// The variables it sets.
    pub variables: BTreeMap<String, String>,
    /// Whether nothing else is set.
    pub complete: bool,
    /// Where it answers.
    pub url: Option<String>,
}
