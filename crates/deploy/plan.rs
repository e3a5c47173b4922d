//! The plan: what a deployment does, as data. It is what `--dry-run` prints and what is executed; there is no other list
//! of steps.

pub(crate) mod infra;
mod shown;
pub(crate) mod staged;

use serde::{Deserialize, Serialize};

use crate::State;
use crate::config::{Argv, Target};
use crate::hash::sha256;

/// Everything that a deployment will do, in order, and how it would go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// 1.
    pub version: u32,
    /// `TARGET-N-DIGEST`: N counts the finished deployments to the target, DIGEST is that of the plan itself. So the same
    /// plan has the same name until it is done, and another one never has it.
    pub id: String,
    /// The target.
    pub target: String,
    /// The environment, by canonical name.
    pub environment: String,
    /// The provider.
    pub provider: String,
    /// The id of the commit.
    pub commit: String,
    /// The id of the tree of files.
    pub tree: String,
    /// SHA-256 of what the files were judged by.
    pub policy: String,
    /// Which findings refuse: those of the `repository`, or of the `environment`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// What break-glass passes over, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// The reason given for that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The branch that the commit had to contain, where one was demanded; the next commit cannot do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_up_to_date: Option<String>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What is done when something fails, in order, as far as there is something to undo.
    pub undo: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is reached by it.
    pub state: State,
    /// The service that it is about; none for the target as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What is done.
    pub act: Act,
    /// The commands that do it. A word like `<backend.image>` stands for what an earlier step has found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Argv>,
    /// Whether it can be undone by nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub irreversible: bool,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Writes down what serves now.
    Record,
    /// Finds out what would change in the infrastructure, and refuses what must not.
    Prepare,
    /// Changes the infrastructure as prepared.
    Apply,
    /// Builds the image.
    Build,
    /// Brings the image to where it is taken from.
    Push,
    /// Changes data.
    Migrate,
    /// Starts the new version without users.
    Stage,
    /// Asks the staged version whether it is well.
    Check,
    /// Runs the target's own tests against the staged version.
    Smoke,
    /// Gives the new version this share of the users, in percent.
    Shift(u8),
    /// Runs one of the target's own deploy commands; users may see the result at once.
    Release(u16),
    /// Asks the version that users see whether it is well.
    Confirm,
    /// Watches it for a while.
    Settle,
    /// Brings back what was recorded.
    Restore,
    /// Removes the staged version.
    Unstage,
}

impl Act {
    /// Whether users may see another version after it.
    #[must_use]
    pub const fn moves_traffic(self) -> bool {
        matches!(self, Self::Shift(_) | Self::Release(_))
    }

    /// Whether users may see another version after it, also because it leads back.
    #[must_use]
    pub const fn changes_what_serves(self) -> bool {
        self.moves_traffic() || matches!(self, Self::Restore)
    }
}

impl Plan {
    /// Whether it takes another deployment back: its way forward is that one's way back.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.steps.first().is_some_and(|step| step.act == Act::Restore)
    }

    /// Whether it, or its way back, brings back what was recorded.
    #[must_use]
    pub fn leads_back(&self) -> bool {
        self.is_rollback() || self.undo.iter().any(|step| step.act == Act::Restore)
    }

    /// Gives the plan its name.
    #[must_use]
    pub fn named(mut self, finished_before: usize) -> Self {
        self.id = format!("{}-{}", self.target, finished_before + 1);
        let digest = sha256(&self.bytes());
        let short = digest.get(..10).unwrap_or(&digest);
        self.id = format!("{}-{short}", self.id);
        self
    }

    /// The plan as it is printed, saved and compared; what is executed differs from it in the words that are secret.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        // A plan holds nothing that cannot be written as JSON.
        let mut bytes = serde_json::to_vec_pretty(&self.shown()).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// SHA-256 of [`Plan::bytes`] in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256(&self.bytes())
    }

    /// The name of a step in the journal, the same in every run of this plan.
    #[must_use]
    pub fn key(&self, way: Way, index: usize) -> String {
        match way {
            Way::Forward => format!("{}/{index}", self.id),
            Way::Back => format!("{}/back/{index}", self.id),
        }
    }

    /// A short name for what this deployment makes on a platform: lower case, at most 16 characters.
    #[must_use]
    pub fn mark(&self) -> String {
        let digest = self.id.rsplit('-').next().unwrap_or("");
        format!("sw-{digest}")
    }
}

/// Which list of a plan a step is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `steps`.
    Forward,
    /// `undo`.
    Back,
}

impl Step {
    /// A step without commands.
    #[must_use]
    pub fn new(state: State, service: Option<&str>, act: Act) -> Self {
        Self { state, service: service.map(str::to_owned), act, commands: Vec::new(), irreversible: false }
    }

    /// The same step with these commands.
    #[must_use]
    pub fn running(mut self, commands: Vec<Argv>) -> Self {
        self.commands = commands;
        self
    }

    /// The service's name; `""` for the target as a whole.
    #[must_use]
    pub fn service_name(&self) -> &str {
        self.service.as_deref().unwrap_or("")
    }
}

/// The target's migrations; nobody can take them back.
pub(crate) fn migrations(target: &Target) -> Option<Step> {
    let step = || Step { irreversible: true, ..Step::new(State::Migrated, None, Act::Migrate) };
    (!target.migrate.is_empty()).then(|| step().running(target.migrate.clone()))
}

/// The target's own tests.
pub(crate) fn smoke(target: &Target) -> Option<Step> {
    let step = || Step::new(State::Validated, None, Act::Smoke);
    (!target.smoke.is_empty()).then(|| step().running(target.smoke.clone()))
}
