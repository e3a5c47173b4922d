//! Deployments to Cloud Run by command: which flags are given, and what data of the same file gives them.

use std::collections::BTreeSet;

use source::Place;

/// The commands that change what runs on Cloud Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloudRunCommand {
    /// `gcloud run deploy`.
    Deploy,
    /// `gcloud run services update`.
    ServicesUpdate,
    /// `gcloud run jobs create`.
    JobsCreate,
    /// `gcloud run jobs deploy`.
    JobsDeploy,
    /// `gcloud run jobs update`.
    JobsUpdate,
    /// `gcloud run jobs execute`.
    JobsExecute,
}

impl CloudRunCommand {
    /// Every command with its words after `gcloud`.
    pub(crate) const ALL: [(Self, &'static [&'static str]); 6] = [
        (Self::Deploy, &["run", "deploy"]),
        (Self::ServicesUpdate, &["run", "services", "update"]),
        (Self::JobsCreate, &["run", "jobs", "create"]),
        (Self::JobsDeploy, &["run", "jobs", "deploy"]),
        (Self::JobsUpdate, &["run", "jobs", "update"]),
        (Self::JobsExecute, &["run", "jobs", "execute"]),
    ];

    /// Whether it is about a job, which is no service.
    #[must_use]
    pub const fn is_of_job(self) -> bool {
        matches!(self, Self::JobsCreate | Self::JobsDeploy | Self::JobsUpdate | Self::JobsExecute)
    }

    /// The command as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deploy => "gcloud run deploy",
            Self::ServicesUpdate => "gcloud run services update",
            Self::JobsCreate => "gcloud run jobs create",
            Self::JobsDeploy => "gcloud run jobs deploy",
            Self::JobsUpdate => "gcloud run jobs update",
            Self::JobsExecute => "gcloud run jobs execute",
        }
    }
}

/// One call of a command of [`CloudRunCommand`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudRunDeploy {
    /// Which.
    pub command: CloudRunCommand,
    /// The service, where its name is known.
    pub service: Option<String>,
    /// Where the call stands.
    pub at: Place,
    /// Its flags in the order of the text; in a program also those that are added later.
    pub flags: Vec<CommandFlag>,
    /// Whether every word is known, so that a flag that is not here is not given.
    pub is_whole: bool,
    /// Whether a program puts it together over several statements, so that two flags may be two branches.
    pub is_assembled: bool,
    /// Values that data of the same file gives for flags whose value the call takes from a field of the same name.
    pub fields: Vec<FieldValue>,
    /// The environment that it deploys to.
    pub environment: Option<String>,
    /// Variables of the program's tables that it also names elsewhere, as where it takes them out of a table.
    pub spoken_of: BTreeSet<String>,
}

impl CloudRunDeploy {
    /// The first flag of this name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&CommandFlag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The values that a flag may have for a service, the one that holds first; empty where one of them is not known.
    #[must_use]
    pub fn possible(&self, name: &str, service: &str) -> Vec<Possible<'_>> {
        let mut found = Vec::new();
        for flag in self.flags.iter().rev().filter(|flag| flag.name == name) {
            if matches!(&flag.given, Given::For(names) if names.iter().all(|name| name != service)) {
                continue;
            }
            if let Some(value) = &flag.value {
                found.push(Possible { value, at: &flag.at });
            } else {
                let field = name.trim_start_matches('-').replace('-', "_");
                let known =
                    self.fields.iter().filter(|known| known.field == field && known.record == service);
                let before = found.len();
                found.extend(known.map(|known| Possible { value: &known.value, at: &known.at }));
                if found.len() == before {
                    return Vec::new();
                }
            }
            if flag.given != Given::Sometimes {
                break;
            }
        }
        found
    }

    /// The services that the call deploys, as far as their names are known.
    #[must_use]
    pub fn services(&self) -> BTreeSet<&str> {
        let records =
            self.fields.iter().map(|field| field.record.as_str()).filter(|record| !record.is_empty());
        records.chain(self.service.as_deref()).collect()
    }
}

/// A flag of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandFlag {
    /// Its name with the dashes.
    pub name: String,
    /// Its value, where it has one that is known before the command runs.
    pub value: Option<String>,
    /// Where the flag stands.
    pub at: Place,
    /// For which of the services that the program deploys it is given.
    pub given: Given,
    /// The `if` statements of the program around it, each by its first byte, with the branch that holds it.
    pub arms: Vec<(usize, usize)>,
}

impl CommandFlag {
    /// Whether two branches of one `if` give the two, so that no command has both.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let differs = |(at, arm): &(usize, usize)| {
            other.arms.iter().any(|(other_at, other_arm)| at == other_at && arm != other_arm)
        };
        self.arms.iter().any(differs)
    }
}

/// For which services a program gives a flag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given {
    /// For all: it stands in the command itself.
    #[default]
    Always,
    /// It is added afterwards, whatever the service.
    Added,
    /// It is added for the services of these names.
    For(Vec<String>),
    /// It is added on some other condition.
    Sometimes,
}

/// What a flag may be for one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possible<'d> {
    /// The value.
    pub value: &'d str,
    /// Where it stands.
    pub at: &'d Place,
}

/// A field of a record in a deploy script: `ServiceConfig(name="auth", cpu="0.5")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// The record's name, as far as it has one.
    pub record: String,
    /// The field: `cpu`.
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether it is one of several alternatives between which a condition decides.
    pub is_alternative: bool,
    /// Where the value stands.
    pub at: Place,
}
