//! What configuration states: settings, secrets, limits.

use std::sync::Arc;

use source::{Place, Span};

use super::Scope;

/// The kinds of places where a setting can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingSource {
    /// A line of an env file.
    EnvFile,
    /// `environment:` of a Compose service.
    Compose,
    /// `args:` of a Compose build.
    ComposeBuildArg,
    /// An argument that a command or an action builds an image with.
    BuildArg,
    /// An attribute of a `.tfvars` or `.tfvars.json` file.
    Tfvars,
    /// An attribute in a `.tf` file.
    Terraform,
    /// A scalar of a YAML file of settings.
    Yaml,
    /// `ENV` of a Dockerfile.
    DockerfileEnv,
    /// `env:` of a workflow.
    Workflow,
    /// A flag or dictionary of a deploy script.
    Script,
}

impl SettingSource {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnvFile => "env-file",
            Self::Compose => "compose",
            Self::ComposeBuildArg => "compose-build-arg",
            Self::BuildArg => "build-arg",
            Self::Tfvars => "tfvars",
            Self::Terraform => "terraform",
            Self::Yaml => "yaml",
            Self::DockerfileEnv => "dockerfile",
            Self::Workflow => "workflow",
            Self::Script => "script",
        }
    }
}

/// What a value is for. Some values look like a destination and are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// A value that the application or the platform reads.
    #[default]
    Value,
    /// A command that asks the same container for its health.
    HealthCheck,
    /// An address to listen on, or the name of the node itself.
    BindAddress,
    /// A loopback address in it leads to a neighbour: a container of the same pod, a process of the same host.
    SharedHost,
    /// Prose: a description, a title, a message.
    Text,
    /// Something else that is no setting: a command line, a file path pattern, a regular expression.
    Other,
}

/// A key and its value, set in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The last name of the key, as written.
    pub key: String,
    /// The names of the maps that hold it, outermost first: `["services", "backend", "environment"]`.
    pub within: Vec<String>,
    /// The value as its reader understands it.
    pub value: String,
    /// The value as written.
    pub raw: String,
    /// Where the value stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
    /// The env file dialect the value was read with, where there is one.
    pub dialect: Option<&'static str>,
    /// What the value is for.
    pub role: Role,
    /// Whether `${VAR}` in this place is replaced by whoever reads the file, before the value is used.
    pub expands_variables: bool,
    /// Whether `{{ x }}` or other template syntax in this file is processed by a template engine.
    pub is_template: bool,
}

impl Setting {
    /// Whether it is a value of a Kubernetes Secret, which is secret whatever its key is called. What names the Secret is
    /// none; its annotations may repeat all of it.
    #[must_use]
    pub fn is_of_secret(&self) -> bool {
        let is_in = |name: &str| self.within.iter().any(|map| map == name);
        let is_head =
            is_in("metadata") || matches!(self.key.as_str(), "apiVersion" | "immutable" | "kind" | "type");
        let holds = ["annotations", "data", "stringData"].into_iter().any(is_in);
        self.within.iter().any(|name| name.starts_with(SECRET_LABEL)) && (holds || !is_head)
    }
}

/// What the name of a Secret follows among the names that hold its values.
pub(crate) const SECRET_LABEL: &str = "Secret ";

/// A key that an env file has set before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedKey {
    /// The key.
    pub key: String,
    /// The value that was set last before.
    pub first: Place,
    /// The value that is set again.
    pub second: Place,
    /// The whole lines of the second entry with the line end; what a fix may remove.
    pub lines: Span,
    /// Whether both values are the same.
    pub same: bool,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// A variable of a Compose file that neither has a default nor is demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeVariable {
    /// The variable.
    pub name: String,
    /// Where it stands.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
}

/// That a file gives a service variables which it does not name: `envFrom`, a list that a script fills, a Compose file
/// that only changes what another one describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnnamedVariables {
    /// The file.
    pub path: Arc<str>,
    /// The service; `None` where the file does not tell.
    pub service: Option<String>,
}

/// A secret that configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The secret's name, without project, version or path.
    pub name: String,
    /// The version or alias that is bound, where one is written.
    pub version: Option<String>,
    /// The variable that receives it, where there is one.
    pub variable: Option<String>,
    /// Where the name stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
}

impl SecretRef {
    /// Whether the name stands there as it is, and is not put together when it is used.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        !self.name.contains(['$', '{', '%', '<'])
    }
}

/// A timeout or another limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The key as written.
    pub key: String,
    /// What the limit bounds, as the platform's documents name it: `cloud-run.request-timeout`; `None` where only
    /// the key is known.
    pub field: Option<&'static str>,
    /// The number of seconds, where the unit is known.
    pub seconds: Option<f64>,
    /// The value as written.
    pub raw: String,
    /// Where the value stands; what a fix may replace.
    pub at: Place,
    /// Environment, service, deployed or not.
    pub scope: Scope,
    /// The kind of place.
    pub source: SettingSource,
}
