//! The join of what all files give into one fact base.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use source::{FileKind, MAX_CONFIG_BYTES};

use super::add::{Filling, add};
use super::aside::{backups_in_use, is_stray_env_file, set_aside};
use super::named::Named;
use super::neighbours::Neighbours;
use super::{
    Part, Parts, blocks, environments, flux, is_empty, is_fragment, of_fragment, order, state_files,
};
use crate::collect::tasks;
use crate::collect::terraform_module::TerraformFile;
use crate::collect::terraform_templates::TemplateCall;
use crate::compose_additions::other_services;
use crate::concealed::Concealing;
use crate::detect::detect;
use crate::host::runs_on_host;
use crate::images::Images;
use crate::inventory::Inventory;
use crate::local_actions::{local_actions, secrets_of, undeclared_inputs, undeclared_outputs};
use crate::missing::made;
use crate::record::Use;
use crate::rule_files::unmatched_rules;
use crate::script_flaws::StartedScripts;
use crate::served::unserved;
use crate::service_targets::service_targets;
use crate::unfound_modules::unfound_modules;
use crate::{Declared, Facts, Problem, Scope, compose_layers, env_file_layers, terraform_modules};

/// Whether something outside of a file names it.
type IsNamed<'n> = &'n dyn Fn(&str) -> bool;

impl Parts {
    /// Everything that is known.
    pub(super) fn join(
        mut self,
        inventory: &Inventory<'_>,
        declared: &Declared,
        uses: &[Use],
        images: Images,
    ) -> Facts {
        let scopes = self.scopes(declared);
        let concealing = self.concealing();
        let without_detectors = std::mem::take(&mut self.without_detectors);
        let mut facts = self.of_builds(inventory, uses, images, &scopes);
        // What one example names in another is still an example.
        let used = Named::of(uses.iter().filter(|used| !set_aside(&used.at.path)));
        let named = |path: &str| {
            used.holds(path)
                || declared.services.values().any(|service| service.dockerfile.as_deref() == Some(path))
        };
        facts.backups_in_use = backups_in_use(self.files.keys(), declared, &named);
        let terraform = self.add_files(inventory, &scopes, (&used, &named), &mut facts);
        facts.modules = terraform_modules::join(inventory, terraform);
        for image in &mut facts.images {
            let file = scopes.get(&*image.dockerfile).cloned().unwrap_or_default();
            image.scope = Scope { service: image.scope.service.take(), ..file };
        }
        facts.environments = environments(&facts, declared);
        facts.local_actions = local_actions(inventory, &facts.workflow_files);
        let undeclared = undeclared_outputs(&facts.workflow_files, &facts.local_actions);
        facts.workflow_flaws.extend(undeclared);
        let of_actions = facts.local_actions.iter().flat_map(|action| action.script_flaws.iter().cloned());
        facts.script_flaws.extend(of_actions);
        order::sort(&mut facts);
        compose_layers::set_replaced_aside(inventory, uses, &mut facts.settings);
        env_file_layers::set_replaced_aside(inventory, uses, &mut facts.settings);
        facts.concealed = concealing.join(&facts.settings);
        relate(&mut facts, inventory, uses);
        detect(inventory, declared, uses, &without_detectors, &mut facts);
        facts
    }

    /// What all files say to be secret.
    fn concealing(&mut self) -> Concealing {
        let mut all = Concealing::default();
        for part in self.files.values_mut() {
            all.append(std::mem::take(&mut part.record.concealing));
        }
        all
    }

    /// What is known of builds and of what containers start, and the problems on the way there.
    fn of_builds(
        &mut self,
        inventory: &Inventory<'_>,
        uses: &[Use],
        images: Images,
        scopes: &BTreeMap<String, Scope>,
    ) -> Facts {
        let started = StartedScripts::of(inventory, &images.built, uses);
        let mut problems = std::mem::take(&mut self.tree_problems);
        problems.extend(started.problems);
        let context_problems = std::mem::take(&mut self.context_problems);
        problems.extend(context_problems.into_iter().map(|problem| Problem { blocking: true, ..problem }));
        Facts {
            script_flaws: started.flaws,
            shell_flaws: started.shell_flaws,
            started_commands: started.commands,
            missing: self.scoped(images.missing, scopes),
            images: images.built,
            disagreements: images.disagreements,
            untaken_arguments: images.untaken_arguments,
            ignore_files: images.ignore_files,
            given_twice: tasks::given_twice(inventory),
            state_files: state_files(inventory),
            written_env_files: made::written_env_files(inventory, uses),
            problems,
            ..Facts::default()
        }
    }

    /// Puts all files into the fact base, and gives back what they add to modules of Terraform.
    fn add_files(
        self,
        inventory: &Inventory<'_>,
        scopes: &BTreeMap<String, Scope>,
        (used, named): (&Named<'_>, IsNamed<'_>),
        facts: &mut Facts,
    ) -> BTreeMap<String, TerraformFile> {
        let filled = self.filled(inventory);
        let neighbours = Neighbours::of(&self.files, inventory);
        facts.settings.reserve(self.files.values().map(|part| part.record.settings.len()).sum());
        let mut terraform = BTreeMap::new();
        for (path, mut part) in self.files {
            neighbours.mark(&path, &mut part);
            terraform.extend(part.record.terraform.take().map(|file| (path.clone(), *file)));
            let scope = scopes.get(&path).cloned().unwrap_or_default();
            let dockerfile = self.dockerfiles.get(&path).filter(|_| !named(&path));
            if dockerfile.is_some_and(|read| is_fragment(&path, &read.parsed)) {
                part = Part::new(FileKind::Other, of_fragment(&path));
            }
            let filling = filled.get(&path).copied().unwrap_or(Filling::None);
            let is_read = used.is_read(&path, part.kind) && filling == Filling::None;
            // An empty one that nothing builds.
            let is_left_over = dockerfile.is_some_and(is_empty);
            let is_aside = set_aside(&path) || is_stray_env_file(&path, &part, &scope);
            let counts = blocks(&path, &part) && (!is_aside || named(&path));
            let blocks = is_read || !is_left_over && counts;
            add(facts, &path, part, &scope, filling, blocks);
        }
        terraform
    }

    /// The files that something fills in before they are used, and how much of them may change by that.
    fn filled(&self, inventory: &Inventory<'_>) -> BTreeMap<String, Filling> {
        let modules = self.files.values().filter_map(|part| part.record.terraform.as_deref());
        let templates: BTreeSet<&str> =
            modules.flat_map(|file| &file.templates).map(TemplateCall::path).collect();
        // Between directives anything may be left out.
        let has_directives = |path: &str| {
            let text = inventory.tree().read(path, MAX_CONFIG_BYTES).unwrap_or_default();
            memmem::find(&text, b"%{").is_some()
        };
        let of_terraform = templates.into_iter().map(|path| {
            let filling = if has_directives(path) { Filling::Anywhere } else { Filling::Expressions };
            (path.to_owned(), filling)
        });
        let substituted = flux::substituted(&self.files);
        let by_flux = self.files.keys().filter(|path| flux::is_below(path, &substituted));
        let anywhere = self.rendered.iter().chain(by_flux).map(|path| (path.clone(), Filling::Anywhere));
        of_terraform.chain(anywhere).collect()
    }
}

/// What comes of facts of several files together, once they are sorted.
fn relate(facts: &mut Facts, inventory: &Inventory<'_>, uses: &[Use]) {
    facts.runs_on_host = runs_on_host(inventory, facts);
    facts.service_targets = service_targets(inventory, uses, &facts.images, &facts.compose_services);
    facts.other_services = other_services(inventory, &facts.compose_services);
    facts.unmatched_rules = unmatched_rules(inventory, uses, &facts.compose_services);
    facts.unfound_modules = unfound_modules(inventory, uses);
    facts.workflow_flaws.extend(facts.local_actions.iter().flat_map(secrets_of));
    let inputs = undeclared_inputs(&facts.workflow_files, &facts.local_actions);
    facts.workflow_flaws.extend(inputs);
    facts.unserved_paths = unserved(inventory, facts);
}
