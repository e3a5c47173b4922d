//! Terraform modules: what each directory of `.tf` files defines, refers to and calls, and how it is run.

use std::collections::{BTreeMap, BTreeSet};

use source::{Place, Span};

use crate::Facts;

/// The `.tf` files of one directory, which Terraform loads as one module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TerraformModule {
    /// The directory, relative to the root; `""` is the root.
    pub directory: String,
    /// Whether every file of it was understood and nothing adds files before it is loaded, so that what is not found
    /// here does not exist.
    pub is_whole: bool,
    /// Whether it is an example, a template or a backup.
    pub is_set_aside: bool,
    /// Whether values may come from a remote workspace.
    pub has_remote_values: bool,
    /// Variables, outputs, locals, resources, data sources, modules and providers.
    pub definitions: Vec<TerraformDefinition>,
    /// What its expressions refer to.
    pub references: Vec<TerraformReference>,
    /// The modules that it calls.
    pub calls: Vec<ModuleCall>,
    /// Its resources with their attributes.
    pub resources: Vec<TerraformResource>,
    /// Values that its tfvars files set.
    pub values: Vec<TerraformValue>,
    /// Indices into what is no list: `regex("[0-9]+", x)[0]`, whose pattern has no group.
    pub string_indices: Vec<Place>,
    /// Places where Terraform refuses the text, with the reason.
    pub errors: Vec<(Place, String)>,
    /// Values of variables that their declarations refuse.
    pub refused: Vec<RefusedValue>,
    /// Locals and outputs that stand for one other value: `local.instance` for `google_sql_database_instance.main.name`.
    pub aliases: BTreeMap<String, String>,
    /// Configurations of providers that callers hand over, as `configuration_aliases` names them: `provider.aws.east`.
    pub given_providers: BTreeSet<String>,
    /// Files that `templatefile` fills in and that ask for more than they are given.
    pub templates: Vec<TemplateFlaw>,
}

/// What is wrong between a call of `templatefile` and the file that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFlaw {
    /// The file, relative to the root.
    pub path: String,
    /// Where the file is named.
    pub called: Place,
    /// What gives the variables: `templatefile()`, or `vars` of a `template_file`.
    pub given_by: &'static str,
    /// Where the file asks for the variable, or cannot be read.
    pub at: Place,
    /// The variable that the call does not give; otherwise why the text is no template.
    pub what: Result<String, String>,
}

/// A value of a variable that the variable's declaration refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedValue {
    /// The variable.
    pub name: String,
    /// Where the value stands.
    pub at: Place,
    /// Whether it is the variable's own default.
    pub is_default: bool,
    /// What refuses it: the condition as written, or the type.
    pub by: String,
    /// Where that stands.
    pub declared: Place,
}

impl TerraformModule {
    /// The definition of an address: `var.region`, `output.url`, `google_sql_database_instance.main`.
    #[must_use]
    pub fn definition(&self, address: &str) -> Option<&TerraformDefinition> {
        self.definitions.iter().find(|definition| definition.address == address)
    }

    /// The definitions whose address starts with this: `var.`, `output.`.
    pub fn definitions_of<'m>(&'m self, prefix: &'m str) -> impl Iterator<Item = &'m TerraformDefinition> {
        self.definitions.iter().filter(move |definition| definition.address.starts_with(prefix))
    }
}

impl Facts {
    /// The Terraform module of a directory.
    #[must_use]
    pub fn module(&self, directory: &str) -> Option<&TerraformModule> {
        let at = self.modules.binary_search_by(|module| module.directory.as_str().cmp(directory)).ok()?;
        self.modules.get(at)
    }

    /// The modules that are deployed: examples, templates and backups are set aside.
    pub fn judged_modules(&self) -> impl Iterator<Item = &TerraformModule> + Clone {
        self.modules.iter().filter(|module| !module.is_set_aside)
    }
}

/// Something that a module defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformDefinition {
    /// How expressions name it: `var.region`, `local.name`, `module.network`, `data.google_project.this`.
    pub address: String,
    /// Where its name stands.
    pub at: Place,
    /// Whether it is a variable without a default.
    pub is_required: bool,
    /// A digest of the definition as written: of two with the same one, either can go.
    pub digest: u64,
    /// The lines that it takes, where nothing else stands on them: what a fix may drop.
    pub lines: Option<Span>,
    /// Whether the file overrides others, so that a second definition is no error.
    pub overrides: bool,
    /// `count` or `for_each`, where it has instances that must be named.
    pub instances: Option<&'static str>,
    /// Whether it is a block of a resource that takes one of its kind.
    pub is_single_block: bool,
}

/// Something that an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformReference {
    /// The path as written, indices included: `var.region`, `module.network[0].id`.
    pub path: String,
    /// Where it stands.
    pub at: Place,
    /// Whether `try` or `can` catches the failure of looking into it.
    pub is_guarded: bool,
    /// Whether a condition chooses between it and something else.
    pub is_chosen: bool,
    /// Whether it stands in the content of a `dynamic` block of which there may be none: Terraform looks at those that
    /// there are. Measured with 1.11.
    pub is_dynamic: bool,
}

impl TerraformReference {
    /// The address of what its path begins with: `var.region`, `data.google_project.main`, `google_sql_user.app`; `None` for
    /// names that a module need not define.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        let mut steps = self.path.split('.').map(|step| step.split('[').next().unwrap_or(step));
        let root = steps.next()?;
        let first = steps.next().filter(|step| !step.is_empty() && *step != "*")?;
        match root {
            "var" | "local" | "module" => Some(format!("{root}.{first}")),
            "provider" | "data" => Some(format!("{root}.{first}.{}", steps.next()?)),
            // A resource's type begins with its provider's name and an underscore.
            _ if root.contains('_') && !self.path.starts_with(&format!("{root}[")) => {
                Some(format!("{root}.{first}"))
            }
            _ => None,
        }
    }
}

/// A module that another one calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleCall {
    /// The name after `module`.
    pub name: String,
    /// Where its source stands; where the block starts if there is none.
    pub at: Place,
    /// Where the block's name stands.
    pub name_at: Place,
    /// The directory of a local source, relative to the root.
    pub directory: Option<String>,
    /// The source as written, where it is a text.
    pub source: Option<String>,
    /// The arguments that it is given, meta-arguments left out.
    pub arguments: Vec<(String, Place)>,
    /// The configurations of providers that it is handed, by the names that they have there: `provider.aws.east`.
    pub providers: Vec<String>,
}

/// One `resource` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformResource {
    /// The type: `google_compute_backend_service`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// The attributes of the block and of blocks inside it, in the order of the text.
    pub attributes: Vec<TerraformAttribute>,
}

impl TerraformResource {
    /// The first attribute at a path of block kinds and a key: `backend.group`.
    #[must_use]
    pub fn attribute(&self, path: &str) -> Option<&TerraformAttribute> {
        self.attributes.iter().find(|attribute| attribute.path == path)
    }
}

/// An attribute of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformAttribute {
    /// The kinds of the blocks that hold it and its key: `template.containers.env.name`.
    pub path: String,
    /// Where each of these blocks starts, in bytes of the file, the outermost first: two blocks of one kind differ in it.
    pub blocks: Vec<usize>,
    /// Where the value stands.
    pub at: Place,
    /// The value, where it is constant or what the module's defaults and tfvars files make of it.
    pub value: Option<String>,
    /// A text with expressions in it, as written: `${var.environment}-vpc`.
    pub template: Option<String>,
    /// The texts of a list, each with its place; one with expressions in it as written.
    pub items: Vec<(String, Place)>,
    /// The lines that it takes, where nothing else stands on them: what a fix may drop.
    pub lines: Option<Span>,
    /// Whether the value is a list of at least one item, whatever the items are.
    pub is_list: bool,
    /// Whether the value is an object whose keys are all written out.
    pub is_object: bool,
    /// The paths that it refers to.
    pub references: Vec<String>,
}

/// A value that a tfvars file sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformValue {
    /// The variable.
    pub name: String,
    /// Where its name stands.
    pub at: Place,
    /// Whether Terraform reads the file by itself: `terraform.tfvars`, `*.auto.tfvars`.
    pub is_automatic: bool,
}

/// One call of `terraform` in a workflow or a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformRun {
    /// The directory of the module, relative to the root.
    pub directory: String,
    /// `plan`, `apply`, `destroy`, …
    pub action: String,
    /// Where it stands.
    pub at: Place,
    /// The variables that `-var` sets.
    pub variables: Vec<(String, Place)>,
    /// The files that `-var-file` names, relative to the root.
    pub variable_files: Vec<String>,
    /// Whether the values may come from somewhere else: a saved plan, a file that is made before, a name that is not known.
    pub has_other_values: bool,
    /// Variables that `TF_VAR_` sets in the same file.
    pub exported: Vec<String>,
    /// The output that `terraform output` is asked for.
    pub output: Option<(String, Place)>,
    /// Whether something stands in for a failure: `|| true`, `2>/dev/null || echo`.
    pub has_fallback: bool,
    /// Who looks at the plan before it is carried out.
    pub approval: Approval,
    /// Whether a continuous integration system runs it, on a fresh checkout.
    pub is_unattended: bool,
}

/// Who looks at a plan before it is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Terraform asks, or nothing is carried out.
    Asked,
    /// Nobody: the plan is made and carried out at once.
    Unseen,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_with_an_address() {
        let of = |path: &str| {
            let reference = TerraformReference {
                path: path.to_owned(),
                at: Place::file("main.tf"),
                is_guarded: false,
                is_chosen: false,
                is_dynamic: false,
            };
            reference.address()
        };
        assert_eq!(of("var.a.b[0]").as_deref(), Some("var.a"));
        assert_eq!(of("module.net[0].id").as_deref(), Some("module.net"));
        assert_eq!(of("data.google_project.this.number").as_deref(), Some("data.google_project.this"));
        assert_eq!(of("google_sql_user.a[\"x\"].name").as_deref(), Some("google_sql_user.a"));
        assert_eq!(
            (of("each.value.a"), of("path.module"), of("self.id"), of("my_set[0].x")),
            (None, None, None, None)
        );
    }
}
