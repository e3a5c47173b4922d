//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use facts::{Builder, Dialect};
use lint::{Severity, Shard};

use crate::output;

/// Proves that nothing in a repository will break the deployment it describes.
#[derive(Debug, Parser)]
#[command(name = "shipworthy", version, propagate_version = false, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Record the present findings, so that `check --baseline` counts only new ones; run again, it drops those that are fixed
    Baseline(BaselineArgs),
    /// Judge a repository: exit code 0 when clear, 1 when held, 2 when not everything could be judged
    Check(CheckArgs),
    /// Print the effective configuration, each value with the file and line that it comes from
    Config(ConfigArgs),
    /// Show what a builder is sent of a directory, and why the rest is not
    Context(ContextArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print what each environment detector answers in each deployment
    Detect(DetectArgs),
    /// Print variables by environment: where each is set and read, what is missing, what differs
    Env(EnvArgs),
    /// Print what a rule finds, why it matters and what to do
    Explain(ExplainArgs),
    /// Print what was read and how it was understood
    Facts(FactsArgs),
    /// Write a first shipworthy.toml, made of what is found here
    Init(InitArgs),
    /// Serve an editor over standard input and output: findings as you type, fixes, and the text of rules
    Lsp,
    /// Print the manual page
    Man,
    /// List the rules
    Rules(RulesArgs),
    /// Print the JSON Schema of shipworthy.toml
    Schema,
    /// Deploy a commit to a target after it has passed the gate
    Deploy(crate::deploy_args::DeployArgs),
    /// Create, verify and show signed records that a commit passed the gate
    Receipt(crate::deploy_args::ReceiptArgs),
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The directory to judge [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// Report only findings of this environment and those of none; may be repeated
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) env: Vec<String>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Write the report to a file as well; the format is that of `--format` unless named; may be repeated
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<OutputFile>,
    /// Apply safe fixes, then judge the result; with `--staged`, only to files that are staged completely, and the changes
    /// are yours to stage
    #[arg(long, conflicts_with_all = ["diff", "changed_since"])]
    pub(crate) fix: bool,
    /// With `--fix` or `--diff`: apply fixes as well that may change the meaning
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Show what `--fix` would change, with secrets masked, and write nothing. With a `--format` other than text the
    /// difference goes to standard error
    #[arg(long, conflicts_with_all = ["staged", "changed_since"])]
    pub(crate) diff: bool,
    /// Judge what would be committed now, not what lies in the folder
    #[arg(long, conflicts_with = "changed_since")]
    pub(crate) staged: bool,
    /// Report only findings that the changes since the merge base of REV and HEAD cause
    #[arg(long, value_name = "REV")]
    pub(crate) changed_since: Option<String>,
    /// Exit with 1 for findings of this severity or a graver one
    #[arg(long, value_name = "SEVERITY", default_value = "error", value_parser = ["error", "warning", "info"])]
    fail_on: String,
    /// Only this rule; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Vec<String>,
    /// Leave out what this file, written by `shipworthy baseline`, holds
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Report what comments and the configuration allow as well
    #[arg(long)]
    pub(crate) no_allow: bool,
    /// Report only the I-th of N parts of the repository, split by deploy unit; all N together report everything
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// How many threads work [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Print only what holds the deployment back, and the verdict
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print timings to standard error
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

impl CheckArgs {
    pub(crate) fn fail_on(&self) -> Severity {
        self.fail_on.parse().unwrap_or(Severity::Error)
    }

    /// The command that judges the same again and can be given `--fix`, as a shell takes it; `None` where nothing can be
    /// repaired for a part of what a command judges.
    pub(crate) fn again(&self) -> Option<String> {
        if self.changed_since.is_some() || self.shard.is_some() {
            return None;
        }
        let path = self.path.iter().map(|path| path.to_string_lossy().into_owned());
        let named = |flag: &'static str, values: &[String]| -> Vec<String> {
            values.iter().flat_map(|value| [flag.to_owned(), value.clone()]).collect()
        };
        let baseline: Vec<String> =
            self.baseline.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        let words = path
            .chain(self.staged.then(|| "--staged".to_owned()))
            .chain(named("--env", &self.env))
            .chain(named("--rule", &self.rule))
            .chain(named("--baseline", &baseline))
            .chain(self.no_allow.then(|| "--no-allow".to_owned()))
            .chain((self.fail_on() != Severity::Error).then(|| format!("--fail-on={}", self.fail_on)));
        let command = words.fold("shipworthy check".to_owned(), |command, word| {
            format!("{command} {}", output::quoted(&word))
        });
        Some(command)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ContextArgs {
    #[command(subcommand)]
    pub(crate) command: ContextCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContextCommand {
    /// List the files and links that are sent, one a line
    List(ContextOf),
    /// Say for each builder whether a file is sent, and which line decides
    Why(WhyArgs),
    /// List the files that an image needs and that not every builder is sent
    Compare(ContextOf),
    /// Show the directories that make the context large
    Size(ContextOf),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ContextOf {
    /// The context [default: the current directory]
    pub(crate) path: Option<PathBuf>,
    /// The Dockerfile, whose own ignore file replaces that of the context
    #[arg(long, value_name = "FILE")]
    pub(crate) dockerfile: Option<PathBuf>,
    /// Whose rules: buildkit, legacy, docker20, buildah, kaniko or gcloud
    #[arg(long, value_name = "BUILDER")]
    pub(crate) builder: Option<Builder>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// The file or directory
    pub(crate) file: PathBuf,
    /// The context [default: the current directory]
    #[arg(short = 'C', value_name = "PATH")]
    pub(crate) directory: Option<PathBuf>,
    /// The Dockerfile, whose own ignore file replaces that of the context
    #[arg(long, value_name = "FILE")]
    pub(crate) dockerfile: Option<PathBuf>,
    /// Only this builder [default: all]
    #[arg(long, value_name = "BUILDER")]
    pub(crate) builder: Option<Builder>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The rule's name
    pub(crate) id: String,
    /// Show every example, not only the first of each kind
    #[arg(long)]
    pub(crate) examples: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FactsArgs {
    /// The directory to read [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// Only facts of this kind; may be repeated
    #[arg(long, value_name = "KIND", value_parser = clap::builder::PossibleValuesParser::new(report::KINDS))]
    pub(crate) kind: Vec<String>,
    /// Whose rules env files are read by: `compose`, `docker_env_file`, `python_dotenv`, `node_dotenv` or `dotenvy`
    #[arg(long, value_name = "DIALECT", default_value = "compose")]
    pub(crate) dialect: Dialect,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DetectArgs {
    /// The directory to read [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BaselineArgs {
    /// The directory to judge [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// The file that is made, or that is left with what is still found
    #[arg(long, value_name = "FILE", default_value = "shipworthy-baseline.json")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    /// The directory of the configuration [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnvArgs {
    /// The directory to read [default: the nearest one above with shipworthy.toml or .git]
    pub(crate) path: Option<PathBuf>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = EnvFormat::Text)]
    pub(crate) format: EnvFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// The directory to read and to write to [default: the nearest one above with .git]
    pub(crate) path: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    /// The directory whose rules are meant [default: the nearest one above with shipworthy.toml or .git]
    #[arg(short = 'C', value_name = "PATH")]
    pub(crate) directory: Option<PathBuf>,
    /// What is written to standard output
    #[arg(long, value_enum, default_value_t = RulesFormat::Text)]
    pub(crate) format: RulesFormat,
    /// Run the rules below .shipworthy/rules over their own examples, and tell where they find something else
    #[arg(long, conflicts_with = "format")]
    pub(crate) test: bool,
}

/// The formats of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// The formats of the list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// The page docs/rules.md: the rules by family
    Markdown,
}

/// The formats of the table of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EnvFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// One page for a browser, which loads nothing else
    Html,
}

/// The formats of the report on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// For machines: everything that is known
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit XML
    Junit,
    /// For the summary of a job
    Markdown,
}

/// A file that a report is written to.
#[derive(Debug, Clone)]
pub(crate) struct OutputFile {
    /// Its format, where one is named.
    pub(crate) format: Option<ReportFormat>,
    /// The file.
    pub(crate) path: PathBuf,
}

impl std::str::FromStr for OutputFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((format, path)) = text.split_once('=') else {
            return Ok(Self { format: None, path: text.into() });
        };
        let known = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names = known.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ");
        let format = ReportFormat::from_str(format, false)
            .map_err(|_| format!("`{format}` is no format; write FORMAT=FILE with one of {names}"))?;
        Ok(Self { format: Some(format), path: path.into() })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::CheckArgs;

    #[derive(Parser)]
    struct Check {
        #[command(flatten)]
        args: CheckArgs,
    }

    fn again(words: &[&str]) -> Option<String> {
        Check::parse_from([&["check"], words].concat()).args.again()
    }

    #[test]
    fn the_next_command_asks_the_same() {
        let told = again(&["a b", "--env", "staging", "--fail-on", "warning"]);
        assert_eq!(told.as_deref(), Some("shipworthy check 'a b' --env staging --fail-on=warning"));
        // `--fix` repairs no part of what was judged.
        assert_eq!(again(&["--changed-since", "main"]), None);
        assert_eq!(again(&["--shard", "1/2"]), None);
    }
}
