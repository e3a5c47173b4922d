//! What the calls of cargo in an image read.

use source::directory_of;
use syntax::shell::{Command, flag_value, flag_values};

use super::commands::{Job, Step, written};
use super::entry::in_container;
use crate::code::Code;
use crate::context::Context;
use crate::image::{Language, Link, Phase};
use crate::imports::rust::{Built, Program, packages};
use crate::inventory::Inventory;

/// Subcommands that compile.
const COMPILING: &[&str] = &["build", "b", "check", "c", "run", "r", "rustc", "install", "zigbuild"];

/// The calls of cargo among the steps of an image.
pub(super) fn jobs<'b>(
    inventory: &Inventory<'_>,
    context: &'b Context<'b>,
    code: &'b Code,
    steps: &'b [Step<'b>],
) -> Vec<Job<'b>> {
    let mut jobs = Vec::new();
    for step in steps {
        for (command, directory) in &step.commands {
            let Some(program) = program(inventory, context, code, step, command, directory) else { continue };
            let command = written(command);
            jobs.push(Job {
                phase: step.phase,
                language: Language::Rust,
                program: Box::new(program),
                links: vec![Link { at: step.at.clone(), module: command.clone() }],
                command,
            });
        }
    }
    jobs
}

fn program<'b>(
    inventory: &Inventory<'_>,
    context: &'b Context<'b>,
    code: &'b Code,
    step: &'b Step<'b>,
    command: &Command,
    directory: &str,
) -> Option<Program<'b>> {
    let mut words = command.words.iter().map(|word| word.text.as_str());
    let is_cargo = matches!(words.next()?.rsplit('/').next()?, "cargo" | "xx-cargo");
    let subcommand = words.find(|word| !word.starts_with(['+', '-'])).filter(|_| is_cargo)?;
    let value = |names: &[&str]| {
        names.iter().find_map(|name| flag_value(command, name)).filter(|value| value.literal)
    };
    let has = |names: &[&str]| command.words.iter().any(|word| names.contains(&word.text.as_str()));
    if !COMPILING.contains(&subcommand) {
        return None;
    }
    let start = match (value(&["--manifest-path"]), value(&["--path"])) {
        (Some(manifest), _) => directory_of(&in_container(&manifest.text, directory)).to_owned(),
        (None, Some(path)) => in_container(&path.text, directory),
        // What is installed comes from the registry.
        (None, None) if subcommand == "install" => return None,
        (None, None) => directory.to_owned(),
    };
    let root = nearest(inventory, step, &start)?;
    let asked: Vec<String> = ["-p", "--package"]
        .iter()
        .flat_map(|flag| flag_values(command, flag))
        .map(|value| value.text)
        .collect();
    let mut built = packages(inventory, step.layout, code, &root, &asked, has(&["--workspace", "--all"]));
    // Where none of the code is there yet, only dependencies are built, with sources made for that: what is needed are the
    // manifests.
    let has_code = |folder: &String| {
        ["src", "lib.rs", "main.rs", "build.rs"]
            .iter()
            .any(|name| step.layout.find(inventory, &in_container(name, folder)).is_some())
    };
    let only = value(&["--bin"]).map(|value| value.text);
    let is_built = step.phase == Phase::Build;
    if !built.keys().any(has_code) {
        built.values_mut().for_each(|built| *built = Built::Manifest);
    }
    Some(Program { layout: step.layout, context, code, root, built, only, is_built })
}

/// The nearest folder at or above this one with a manifest.
fn nearest(inventory: &Inventory<'_>, step: &Step<'_>, directory: &str) -> Option<String> {
    let mut at = directory;
    loop {
        let manifest = step.layout.find(inventory, &in_container("Cargo.toml", at));
        if manifest.is_some_and(|path| inventory.is_file(&path)) {
            return Some(at.to_owned());
        }
        if at.is_empty() {
            return None;
        }
        at = directory_of(at);
    }
}
