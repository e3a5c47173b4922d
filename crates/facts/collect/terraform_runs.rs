//! Calls of `terraform` in a shell text: where, with which variables, and which outputs they ask for.

use source::join;
use syntax::shell::{self, OperatorBefore};

use crate::collect::shell_text::ShellText;
use crate::terraform::{Approval, TerraformRun};

impl ShellText<'_> {
    /// The calls of `terraform` whose folder is known.
    pub(crate) fn terraform_runs(&self) -> Vec<TerraformRun> {
        if memchr::memmem::find(self.text.as_bytes(), b"terraform ").is_none() {
            return Vec::new();
        }
        let script = self.script();
        let exported = exported(&self.document.text);
        let makes_values = makes_values(&self.document.text);
        let mut runs = Vec::new();
        for one in self.located() {
            let is_terraform = |name: &str| name == "terraform" || name.ends_with("/terraform");
            if !one.command.name().is_some_and(is_terraform) {
                continue;
            }
            let Some(mut run) = one.folder.and_then(|folder| self.run(&one.command, &folder)) else {
                continue;
            };
            let (this, next) = (script.commands.get(one.index), script.commands.get(one.index + 1));
            run.has_fallback = this.is_some_and(|command| command.in_condition)
                || next.is_some_and(|next| next.operator_before == OperatorBefore::Or);
            run.has_other_values |= makes_values || this.is_some_and(|command| command.function.is_some());
            run.exported.clone_from(&exported);
            runs.push(run);
        }
        runs
    }

    fn run(&self, command: &shell::Command, folder: &str) -> Option<TerraformRun> {
        let mut words = command.words.iter().skip(1).peekable();
        let mut folder = folder.to_owned();
        while let Some(option) = words.next_if(|word| word.text.starts_with('-')) {
            if let Some(path) = option.text.trim_start_matches('-').strip_prefix("chdir=") {
                folder = Some(path).filter(|_| option.literal).and_then(|path| join(&folder, path))?;
            }
        }
        let action = words.next().filter(|word| word.literal)?;
        let place = |word: &shell::Word| self.place(word.span);
        let mut run = TerraformRun {
            directory: folder.clone(),
            action: action.text.clone(),
            at: place(action),
            variables: Vec::new(),
            variable_files: Vec::new(),
            has_other_values: false,
            exported: Vec::new(),
            output: None,
            has_fallback: false,
            approval: approval(command),
            is_unattended: self.is_unattended,
        };
        let mut output = None;
        while let Some(word) = words.next() {
            let (name, inline) = option(&word.text);
            match name {
                "var" | "var-file" => {
                    let value = match inline {
                        Some(value) => Some((value.to_owned(), word)),
                        None => words.next().map(|word| (word.text.clone(), word)),
                    };
                    let Some((value, word)) = value else { continue };
                    if name == "var" {
                        match value.split_once('=') {
                            Some((name, _)) if is_name(name) => {
                                run.variables.push((name.to_owned(), place(word)));
                            }
                            _ => run.has_other_values = true,
                        }
                    } else {
                        match join(&folder, &value).filter(|_| !value.contains(['$', '`', '*'])) {
                            Some(path) => run.variable_files.push(path),
                            None => run.has_other_values = true,
                        }
                    }
                }
                "" => {
                    // A saved plan holds its values; an unknown word may hold options.
                    run.has_other_values |= word.text.contains('$') || run.action == "apply";
                    output.get_or_insert(word);
                }
                _ => {}
            }
        }
        if run.action == "output" {
            let name = output.filter(|word| word.literal && is_name(&word.text));
            run.output = name.map(|word| (word.text.clone(), place(word)));
        }
        Some(run)
    }
}

/// `-auto-approve` without the file of a plan; only looking at what is there changes nothing.
fn approval(command: &shell::Command) -> Approval {
    let has = |name: &str| command.words.iter().any(|word| option(&word.text).0 == name);
    let last = command.words.last();
    let has_plan = last.is_some_and(|word| !word.text.starts_with('-') && word.text != "apply");
    let is_unseen = has("auto-approve") && !has("refresh-only") && !has_plan;
    if is_unseen { Approval::Unseen } else { Approval::Asked }
}

/// An option's name without dashes and its value after `=`; an empty name for a word that is no option.
fn option(word: &str) -> (&str, Option<&str>) {
    let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { return ("", None) };
    option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

/// The variables that `TF_VAR_` names anywhere in the file.
fn exported(text: &str) -> Vec<String> {
    let after = text.split("TF_VAR_").skip(1);
    let name = |rest: &str| {
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or("").to_owned()
    };
    let mut names: Vec<String> = after.map(name).filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether the file may write a tfvars file, or hand over options in a variable.
fn makes_values(text: &str) -> bool {
    let named = text.matches(".tfvars").count();
    let used = text.matches("-var-file").count();
    named > used || text.contains("TF_CLI_ARGS") || text.contains("TF_WORKSPACE") || text.contains("TF_CLOUD")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Document;

    fn runs(text: &str) -> Vec<TerraformRun> {
        let document = Document::new("deploy.sh", text.to_owned());
        ShellText::of_file(&document).terraform_runs()
    }

    #[test]
    fn a_call_has_a_folder_variables_and_outputs() {
        let found = runs(
            "cd infra\nterraform plan -var=\"region=$R\" -var 'name=x' -var-file=../a.tfvars\nIP=$(terraform output -raw ip || true)\n",
        );
        let [plan, output] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((plan.directory.as_str(), plan.action.as_str()), ("infra", "plan"));
        assert_eq!(
            plan.variables.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["region", "name"]
        );
        assert_eq!(plan.variable_files, ["a.tfvars"]);
        assert!(!plan.has_other_values);
        assert_eq!(output.output.as_ref().map(|(name, _)| name.as_str()), Some("ip"));
        assert!(output.has_fallback);
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert!(runs("cd \"$DIR\"\nterraform plan -var=a=1\n").is_empty());
        assert!(runs("terraform plan $OPTIONS -var=a=1\n").iter().all(|run| run.has_other_values));
        assert!(runs("terraform apply tfplan\n").iter().all(|run| run.has_other_values));
        assert!(
            runs("echo x > ci.auto.tfvars\nterraform plan -var=a=1\n").iter().all(|run| run.has_other_values)
        );
    }
}
