//! `shipworthy init`.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use lint::config::{FILE_NAME, starter};
use lint::{Config, Options, Outcome, Registry, Severity};
use source::{Disk, Overlay, Tree};

use crate::args::InitArgs;
use crate::{check, output, pool, root};

pub(crate) fn run(args: &InitArgs) -> Result<u8, String> {
    let tree = root::open(args.path.as_deref())?.tree;
    let path = tree.root().join(FILE_NAME);
    let exists = || {
        format!(
            "{} is there already and was left alone; `shipworthy config` shows what holds",
            path.display()
        )
    };
    if tree.kind(FILE_NAME).is_some() {
        return Err(exists());
    }
    let sections = pool::run(None, || sections(&tree))?;
    let text = starter::text(&sections);
    let made = OpenOptions::new().write(true).create_new(true).open(&path);
    made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(),
        _ => format!("{}: {error}", path.display()),
    })?;
    let active = sections.iter().filter(|section| section.is_active).count();
    let said = format!(
        "wrote {}: {active} sections from what was found, {} to look at\nnext: shipworthy check\n",
        path.display(),
        sections.len() - active
    );
    output::print(said.as_bytes())?;
    Ok(0)
}

/// What is found, as sections. One that would bring a finding or a problem is written as a comment: the first file
/// changes no verdict.
fn sections(tree: &Disk) -> Vec<starter::Section> {
    let facts = ::facts::collect(tree, &Config::default().declared());
    let mut sections = starter::sections(&facts, &Registry::for_tree(tree));
    let before = told(&judged(tree, tree));
    let brings_nothing = |sections: &[starter::Section]| {
        let mut with_file = Overlay::new(tree);
        with_file.insert(FILE_NAME, starter::text(sections));
        told(&judged(&with_file, tree)).is_subset(&before)
    };
    if brings_nothing(&sections) {
        return sections;
    }
    for at in 0..sections.len() {
        let mut alone = sections.clone();
        alone.iter_mut().enumerate().for_each(|(other, section)| section.is_active = other == at);
        if !brings_nothing(&alone) {
            sections.iter_mut().skip(at).take(1).for_each(|section| section.is_active = false);
        }
    }
    if !brings_nothing(&sections) {
        sections.iter_mut().for_each(|section| section.is_active = false);
    }
    sections
}

fn judged(tree: &dyn Tree, disk: &Disk) -> Outcome {
    let options = Options {
        rules: Vec::new(),
        environments: Vec::new(),
        fail_on: Severity::Error,
        no_allow: false,
        today: check::today(),
    };
    check::judged(tree, disk.root(), &options)
}

/// What an outcome says, by what stays the same when lines move.
fn told(outcome: &Outcome) -> BTreeSet<(String, Severity)> {
    let findings = outcome.findings.iter().map(|finding| (finding.fingerprint.clone(), finding.severity));
    let problems = outcome.problems.iter().filter(|problem| problem.blocking);
    let problems = problems.map(|problem| (format!("{} {}", problem.path, problem.message), Severity::Error));
    findings.chain(problems).collect()
}
