//! The command line of `deploy` and `receipt`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::args::Format;

/// `shipworthy deploy`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct DeployArgs {
    #[command(subcommand)]
    pub(crate) command: Option<DeployCommand>,
    /// The target, a `[target.*]` of shipworthy.toml
    #[arg(required = true)]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) options: DeployOptions,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What a deployment can be told.
#[derive(Debug, Args)]
pub(crate) struct DeployOptions {
    /// Print the plan and do nothing; exactly this plan is what a run carries out
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the plan to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) plan_out: Option<PathBuf>,
    /// Go on only if the plan is the one in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// Deploy this commit instead of the one that is checked out
    #[arg(long, value_name = "REV")]
    pub(crate) from: Option<String>,
    /// Ship the work tree as it is, where the target allows that
    #[arg(long, conflicts_with = "from")]
    pub(crate) allow_dirty: bool,
    /// A signed receipt that CI made for this commit
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    /// Deploy although the rules that --override names have findings; plan, journal and receipt record the reason
    #[arg(long, value_name = "REASON", requires = "overrides", value_parser = reason)]
    pub(crate) break_glass: Option<String>,
    /// A rule whose findings are passed over; may be repeated
    #[arg(long = "override", id = "overrides", value_name = "RULE", requires = "break_glass")]
    pub(crate) overrides: Vec<String>,
    /// Go on with this deployment
    #[arg(long, value_name = "ID")]
    pub(crate) resume: Option<String>,
    /// Build images without the cache
    #[arg(long)]
    pub(crate) no_cache: bool,
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("break-glass needs a reason") } else { Ok(text.to_owned()) }
}

/// What every deploying command can be told.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The directory of the repository [default: the nearest one above with shipworthy.toml or .git]
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub(crate) format: Format,
    /// Do not ask before a deployment is begun; needed where there is no terminal
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// How long to wait where somebody else deploys to the target, such as `10m`
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = deploy::length_of_time, global = true)]
    pub(crate) wait_lock: Duration,
}

/// What can be done beside deploying.
#[derive(Debug, Subcommand)]
pub(crate) enum DeployCommand {
    /// What each target, or one of them, has reached
    Status {
        /// The target
        target: Option<String>,
    },
    /// Every deployment that was begun here
    History {
        /// The target
        target: Option<String>,
    },
    /// Go on with a deployment that was stopped or killed
    Resume {
        /// The deployment or target [default: the one that has not ended]
        id: Option<String>,
        /// A signed receipt that CI made for this commit
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
    },
    /// Restore what served before the last deployment
    Rollback {
        /// The target
        target: String,
    },
    /// Cancel a deployment that was stopped or killed, and roll it back
    Abort {
        /// The deployment or target [default: the one that has not ended]
        id: Option<String>,
        /// Why
        #[arg(long, default_value = "by hand")]
        reason: String,
    },
    /// Remove a lock of the team whose holder is gone; a lock of this machine ends with its process
    Unlock {
        /// The target
        target: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// `shipworthy receipt`.
#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    #[command(subcommand)]
    pub(crate) command: ReceiptCommand,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Judge the commit for a target, and write down that it passed
    Create {
        /// The target
        target: String,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
        /// Sign it with this SSH key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Whether a receipt is for this commit, still holds, and was signed by one of the allowed signers
    Verify {
        /// The receipt
        file: PathBuf,
        /// The target
        #[arg(long)]
        target: String,
        /// The allowed signers, instead of those that `[gate.receipt]` names; the signature is FILE.sig
        #[arg(long, value_name = "FILE")]
        allowed_signers: Option<PathBuf>,
    },
    /// Print a receipt, as it is
    Show {
        /// The receipt
        file: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        deploy: DeployArgs,
    }

    fn read(words: &[&str]) -> Result<DeployArgs, clap::Error> {
        Line::try_parse_from([&["deploy"], words].concat()).map(|line| line.deploy)
    }

    #[test]
    fn targets_and_commands() {
        assert_eq!(read(&["staging", "--yes"]).unwrap().target.as_deref(), Some("staging"));
        assert!(matches!(read(&["status"]).unwrap().command, Some(DeployCommand::Status { target: None })));
        assert!(read(&[]).is_err());
        assert_eq!(read(&["staging", "--wait-lock", "10m"]).unwrap().common.wait_lock.as_secs(), 600);
        assert!(read(&["staging", "--wait-lock", "9999999999999999999s"]).is_err());
        let after = read(&["resume", "x", "-C", "d", "--format", "json"]).unwrap();
        assert_eq!(after.common.directory, Some(PathBuf::from("d")));
    }

    #[test]
    fn glass_is_broken_for_a_reason_and_for_named_rules() {
        assert!(read(&["staging", "--break-glass", "down"]).is_err());
        assert!(read(&["staging", "--override", "x"]).is_err());
        assert!(read(&["staging", "--break-glass", " ", "--override", "x"]).is_err());
        let read = read(&["staging", "--break-glass", "down", "--override", "x", "--override", "y"]).unwrap();
        assert_eq!(read.options.overrides, ["x", "y"]);
    }
}
