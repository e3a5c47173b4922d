//! What the commands of an image load of its TypeScript and JavaScript.

mod roots;

use source::{directory_of, join};
use syntax::shell::{self, Command, Script, Target};

use super::commands::{Job, Step, decisive, written};
use super::entry::in_container;
use super::managers::{Called, called};
use crate::code::Code;
use crate::context::Context;
use crate::image::{Language, Link, Phase};
use crate::imports::Seed;
use crate::imports::javascript::Program;
use crate::inventory::Inventory;
use crate::layout::Layout;

/// Scripts of packages that call one another are followed so far.
const MAX_DEPTH: usize = 8;

/// Commands that are looked at behind one command of the image.
const MAX_COMMANDS: usize = 200;

/// The code that the steps of an image load.
pub(super) fn jobs<'b>(
    inventory: &Inventory<'_>,
    context: &Context<'_>,
    code: &'b Code,
    steps: &'b [Step<'b>],
) -> Vec<Job<'b>> {
    let mut jobs = Vec::new();
    for step in steps {
        for (command, directory) in &step.commands {
            let written = written(command);
            let links = vec![Link { at: step.at.clone(), module: written.clone() }];
            let mut finder =
                Finder { inventory, context, code, step, written, jobs: &mut jobs, left: MAX_COMMANDS };
            finder.command(command, directory, &links, 0);
        }
    }
    jobs
}

/// Where the files that a command compiles are looked for.
pub(super) struct Stage<'s> {
    inventory: &'s Inventory<'s>,
    context: &'s Context<'s>,
    code: &'s Code,
    layout: &'s Layout,
    /// Whether the image is built with it: when a container starts, a folder may have been mounted.
    is_built: bool,
}

struct Finder<'f, 'b> {
    inventory: &'f Inventory<'f>,
    context: &'f Context<'f>,
    code: &'b Code,
    step: &'b Step<'b>,
    written: String,
    jobs: &'f mut Vec<Job<'b>>,
    /// Commands that may still be looked at.
    left: usize,
}

impl Finder<'_, '_> {
    /// Finds what a command loads, through the scripts of packages that it runs.
    fn command(&mut self, command: &Command, directory: &str, links: &[Link], depth: usize) {
        if depth > MAX_DEPTH || self.left == 0 {
            return;
        }
        self.left -= 1;
        match called(command) {
            Some(Called::Script { names, directory: inside, package, rest }) => {
                let inside =
                    inside.map_or_else(|| directory.to_owned(), |inside| in_container(&inside, directory));
                let Some(folder) = self.folder(&inside, package.as_deref()) else { return };
                let mut is_script = false;
                for name in &names {
                    is_script |= self.script(name, &folder, links, depth);
                }
                // `yarn tsc` runs the program where no script has its name.
                if let Some(program) = rest.filter(|_| !is_script) {
                    self.command(&program, &inside, links, depth + 1);
                }
            }
            Some(Called::Nothing) => {}
            None => self.program(command, directory, links),
        }
    }

    /// The directory of the nearest `package.json`, or that of a package of the workspace.
    fn folder(&self, directory: &str, package: Option<&str>) -> Option<String> {
        let layout = self.step.layout;
        let exists = |folder: &str| {
            let manifest = in_container("package.json", folder);
            layout.find(self.inventory, &manifest).is_some_and(|path| self.inventory.is_file(&path))
        };
        if let Some(package) = package {
            let by_name = self.code.workspace(self.inventory).get(package);
            let named = by_name.and_then(|folder| layout.location(self.inventory, folder));
            return named.or_else(|| join(directory, package)).filter(|folder| exists(folder));
        }
        let mut at = directory;
        while !exists(at) {
            if at.is_empty() {
                return None;
            }
            at = directory_of(at);
        }
        Some(at.to_owned())
    }

    /// Follows a script of the package in a directory of the container; whether there is one.
    fn script(&mut self, name: &str, folder: &str, links: &[Link], depth: usize) -> bool {
        let manifest = self.step.layout.find(self.inventory, &in_container("package.json", folder));
        let Some(manifest) = manifest else { return false };
        let described = self.code.package(self.inventory, &manifest);
        let Some(described) = described.as_ref().as_ref() else { return false };
        let Some(script) = described.content.script(name) else { return false };
        let around = [format!("pre{name}"), name.to_owned(), format!("post{name}")];
        for script in around.iter().filter_map(|name| described.content.script(name)) {
            let link = Link { at: described.document.place(script.span), module: script.value.clone() };
            let links: Vec<Link> = links.iter().cloned().chain([link]).collect();
            let commands = shell::parse(&script.value).tree.commands;
            for (command, directory) in decisive(&commands, folder) {
                self.command(&command, &directory, &links, depth + 1);
            }
        }
        !script.value.is_empty()
    }

    /// A program that compiles, or runs, code.
    fn program(&mut self, command: &Command, directory: &str, links: &[Link]) {
        let stage = Stage {
            inventory: self.inventory,
            context: self.context,
            code: self.code,
            layout: self.step.layout,
            is_built: self.step.phase == Phase::Build,
        };
        if let Some((root, seeds)) = roots::compiled(&stage, command, directory) {
            self.add(seeds, true, root, links);
            return;
        }
        let script = Script { commands: vec![command.clone()], ..Script::default() };
        for point in shell::entry_points_of(&script) {
            if let Target::NodeFile(path) = &point.target {
                let directory = point
                    .directory
                    .map_or_else(|| directory.to_owned(), |inside| in_container(&inside.value, directory));
                let seeds = roots::named(&stage, &in_container(path, &directory)).into_iter().collect();
                self.add(seeds, false, directory, links);
            }
        }
    }

    fn add(&mut self, seeds: Vec<Seed>, is_bundled: bool, root: String, links: &[Link]) {
        if seeds.is_empty() {
            return;
        }
        let program = Program::new(self.step.layout, self.code, seeds, is_bundled, root);
        self.jobs.push(Job {
            command: self.written.clone(),
            phase: self.step.phase,
            language: Language::JavaScript,
            program: Box::new(program),
            links: links.to_vec(),
        });
    }
}
