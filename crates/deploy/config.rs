//! What `shipworthy.toml` says about deploying: `[gate]` and `[target.*]`.
//!
//! Unlike the rest of the configuration nothing here is forgiven: an unknown key or a value that is not understood is
//! an error, for a gate that is not as its author believes is worse than none.

mod gate;
mod reader;
mod service;
mod target;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lint::Severity;
use lint::gate::GateScope;
use source::Tree;

pub use reader::ConfigError;

/// The configuration of deployments.
#[derive(Debug, Clone)]
pub struct Deploying {
    /// `[gate]`.
    pub gate: Gate,
    /// `[target.*]` by name.
    pub targets: BTreeMap<String, Target>,
}

/// Nothing that a deployment waits for takes longer, and no clock overflows by it.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Reads a length of time, such as `2s`, `5m` or a number of seconds.
///
/// # Errors
/// It is none, or longer than 365 days; what it must be.
pub fn length_of_time(text: &str) -> Result<Duration, String> {
    let seconds = lint::duration::seconds(text)
        .ok_or("must be a length of time, such as \"2s\", \"5m\" or a number of seconds")?;
    let length = Duration::try_from_secs_f64(seconds).ok().filter(|length| *length <= LONGEST);
    length.ok_or_else(|| "must not be longer than 365 days".to_owned())
}

/// A command: a program and its arguments, never a line for a shell.
pub type Argv = Vec<String>;

/// `[gate]`.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The mildest severity that refuses.
    pub fail_on: Severity,
    /// Which findings refuse.
    pub scope: GateScope,
    /// The branch that the deployed commit must contain, as `REMOTE/BRANCH` or `BRANCH`.
    pub require_up_to_date: Option<String>,
    /// Whether `--allow-dirty` is honoured.
    pub allow_dirty: bool,
    /// Patterns of rules that break-glass cannot override.
    pub never_override: Vec<String>,
    /// The baseline that is honoured, relative to the root.
    pub baseline: Option<String>,
    /// Commands that must succeed in the snapshot before anything is done.
    pub commands: Vec<Argv>,
    /// `[gate.receipt]`.
    pub receipt: ReceiptPolicy,
}

/// `[gate.receipt]`.
#[derive(Debug, Clone, Default)]
pub struct ReceiptPolicy {
    /// Targets that need a signed receipt from outside.
    pub ci_required: Vec<String>,
    /// The signers that are believed, as `REVISION:PATH`.
    pub allowed_signers: Option<String>,
    /// How old a receipt may be.
    pub max_age: Option<Duration>,
}

/// How a target is deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// Nothing but memory; for trying the gate out.
    Simulator,
    /// The target's own commands.
    Command,
    /// Google Cloud Run.
    CloudRun,
    /// Docker Compose, blue and green by project name.
    Compose,
    /// Terraform alone.
    Terraform,
}

impl ProviderKind {
    /// Every kind by the name that the configuration uses.
    pub const ALL: [(&'static str, Self); 5] = [
        ("simulator", Self::Simulator),
        ("command", Self::Command),
        ("cloud-run", Self::CloudRun),
        ("compose", Self::Compose),
        ("terraform", Self::Terraform),
    ];

    /// The name used in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// `[target.NAME]`.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// How it is deployed to.
    pub provider: ProviderKind,
    /// The environment, by canonical name.
    pub environment: String,
    /// Whether `--allow-dirty` is honoured.
    pub allow_dirty: bool,
    /// The platform's project; for Compose the first part of the project names.
    pub project: Option<String>,
    /// The platform's region.
    pub region: Option<String>,
    /// Shares of traffic, in percent, on the way to all of it.
    pub canary: Vec<u8>,
    /// How long the new version is watched after it serves all.
    pub soak: Duration,
    /// What keeps the rest of the team out; none where only this machine deploys.
    pub lock: Option<SharedLock>,
    /// What happens when traffic has moved and something fails.
    pub rollback: Rollback,
    /// How long one step may take.
    pub timeout: Duration,
    /// How long one step of the way back may take.
    pub rollback_timeout: Duration,
    /// Commands after the build and before anything is staged; there is no way back from them.
    pub migrate: Vec<Argv>,
    /// Commands against the staged version, before it is promoted.
    pub smoke: Vec<Argv>,
    /// For `command`: what deploys.
    pub deploy: Vec<Argv>,
    /// For `command`: what tells which version serves; for Compose: which project has users.
    pub observe: Vec<Argv>,
    /// For `command`: what restores the state from before.
    pub undo: Vec<Argv>,
    /// Variables that steps see.
    pub env: BTreeMap<String, String>,
    /// Variables of the caller that steps see.
    pub pass_env: Vec<String>,
    /// How the whole is asked whether it is well.
    pub health: Option<Health>,
    /// `[[target.NAME.service]]`, in the order in which they are promoted.
    pub services: Vec<Service>,
    /// `[[target.NAME.infra]]`.
    pub infra: Vec<Infra>,
    /// For Compose: the file.
    pub file: Option<String>,
    /// For Compose: the words that start the client, separated by a blank.
    pub client: String,
    /// For Compose: what sends users to the project `$SHIPWORTHY_PROJECT`.
    pub switch: Vec<Argv>,
    /// For Compose: variables of the blue project.
    pub blue: BTreeMap<String, String>,
    /// For Compose: variables of the green project.
    pub green: BTreeMap<String, String>,
    /// For the simulator: what it answers, by state.
    pub replies: BTreeMap<String, String>,
}

/// What happens when traffic has moved and something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// The state from before is restored.
    Auto,
    /// Nothing is done without a person.
    Never,
}

/// `lock = { kind = "git-ref", remote = "origin", ttl = "5m" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedLock {
    /// The git remote that holds the lock.
    pub remote: String,
    /// A lock that was not renewed for so long is over.
    pub ttl: Duration,
}

/// `[[target.NAME.service]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The name of a `[service.*]`.
    pub name: String,
    /// What the platform calls it.
    pub service: String,
    /// The Dockerfile, relative to the root.
    pub dockerfile: Option<String>,
    /// The build context, relative to the root.
    pub context: String,
    /// The image's name in the registry, without tag.
    pub image: Option<String>,
    /// Services that are promoted before it.
    pub after: Vec<String>,
    /// How long a request may take, in whole seconds.
    pub request_timeout: Option<u64>,
    /// How it is asked whether it is well.
    pub health: Option<Health>,
    /// Environment variables and the secrets that give them their values.
    pub secrets: BTreeMap<String, String>,
    /// Plain environment variables.
    pub env: BTreeMap<String, String>,
    /// The port that it listens on.
    pub port: Option<u16>,
}

impl Service {
    /// A service of which only the name is known.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            service: name.to_owned(),
            dockerfile: None,
            context: ".".to_owned(),
            image: None,
            after: Vec::new(),
            request_timeout: None,
            health: None,
            secrets: BTreeMap::new(),
            env: BTreeMap::new(),
            port: None,
        }
    }

    /// Whether it says what only a Compose file can say where that is used.
    fn differs_from_compose(&self) -> bool {
        let plain = Self {
            service: self.service.clone(),
            dockerfile: self.dockerfile.clone(),
            context: self.context.clone(),
            after: self.after.clone(),
            ..Self::named(&self.name)
        };
        *self != plain
    }
}

/// How something is asked whether it is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The whole address, where it is known beforehand.
    pub url: Option<String>,
    /// The path below the address that the platform gives.
    pub path: String,
    /// How long one answer may take.
    pub within: Duration,
    /// The key of the JSON answer that holds the commit.
    pub commit_field: Option<String>,
    /// How long to wait until it is well.
    pub deadline: Duration,
    /// How many good answers in a row are asked for.
    pub consecutive: u32,
}

/// `[[target.NAME.infra]]`.
#[derive(Debug, Clone)]
pub struct Infra {
    /// The directory of the Terraform configuration, relative to the root.
    pub dir: String,
    /// The variables file, relative to that directory.
    pub var_file: Option<String>,
    /// Patterns of addresses that are never destroyed or replaced.
    pub protected: Vec<String>,
}

impl Deploying {
    /// Reads the configuration of a repository.
    ///
    /// # Errors
    /// The first thing that is not understood, with its place.
    pub fn load(tree: &dyn Tree, config: &lint::Config) -> Result<Self, ConfigError> {
        reader::load(tree, config)
    }

    /// The target of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn target(&self, name: &str) -> Result<&Target, String> {
        self.targets.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.targets.keys().map(String::as_str).collect();
            if known.is_empty() {
                return format!(
                    "there is no target named `{name}`: shipworthy.toml has no [target.*]; add [target.{name}] with \
                     `provider` and `environment`"
                );
            }
            let hint = lint::did_you_mean(name, known.iter().copied());
            format!("there is no target named `{name}`; there are: {}.{hint}", known.join(", "))
        })
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
