//! `shipworthy`: proves that nothing in a repository will break the deployment it describes.
//!
//! Everything that prints is in this crate; the others return what there is to say.

mod args;
mod baseline;
mod changes;
mod check;
mod collected;
mod config;
mod context;
mod deploy;
mod deploy_args;
mod detect;
mod env;
mod explain;
mod facts;
mod fixing;
mod init;
mod lsp;
mod manual;
mod output;
mod pool;
mod progress;
mod receipt;
mod reports;
mod root;
mod rules;
mod signals;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The exit code of a run that could not do what it was asked for.
const UNABLE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    quiet_panics();
    let run = AssertUnwindSafe(|| match &args.command {
        Command::Baseline(args) => baseline::run(args),
        Command::Check(args) => check::run(args),
        Command::Config(args) => config::run(args),
        Command::Context(args) => context::run(args),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Detect(args) => detect::run(args),
        Command::Env(args) => env::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Facts(args) => facts::run(args),
        Command::Init(args) => init::run(args),
        Command::Lsp => lsp::run(),
        Command::Man => manual::page(),
        Command::Rules(args) => rules::run(args),
        Command::Schema => manual::schema(),
        Command::Deploy(args) => deploy::run(args),
        Command::Receipt(args) => receipt::run(args),
    });
    let answer =
        panic::catch_unwind(run).unwrap_or_else(|_| Err("internal error, so nothing was judged".to_owned()));
    match answer {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            output::complain(&message);
            ExitCode::from(UNABLE)
        }
    }
}

/// A panic's message may hold a piece of what was read, so only its place in the program is told.
fn quiet_panics() {
    panic::set_hook(Box::new(|info| {
        if let Some(place) = info.location() {
            output::complain(&format!(
                "internal error at {}:{}; please report it",
                place.file(),
                place.line()
            ));
        }
    }));
}
