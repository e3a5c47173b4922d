//! Variables that the shell of a step reads and nothing gives: neither `env:`, nor a step before, nor the step's own text.
//!
//! Only on machines of the platform with Linux or macOS, whose own variables are known. Secrets, variables of the
//! repository and inputs are no variables of a shell until `env:` makes them such. Sources:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/variables#default-environment-variables>,
//! <https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md#environment-variables>.

use std::collections::BTreeSet;

use syntax::shell::{self, BlockKind, Reference, ReferenceForm, Script, exec_prefix_stripped};
use syntax::yaml::View;

use crate::collect::env_context::{each_step, is_of_an_action};
use crate::collect::gh_calls::is_hosted;
use crate::collect::shell_text::ShellText;
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::shell_flaws::{brings_variables, is_given, is_read_at, mentions, words};
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Variables of the machines themselves, in lower case, by how they begin.
const OF_MACHINES: &[&str] = &[
    "accept_eula",
    "agent_",
    "android_",
    "ant_home",
    "azure_",
    "bootstrap_haskell",
    "bundle",
    "cargo_home",
    "chrome",
    "conda",
    "debian_frontend",
    "deployment_basepath",
    "dotnet_",
    "edgewebdriver",
    "enable_runner",
    "geckowebdriver",
    "ghcup_",
    "gradle_",
    "homebrew_",
    "imageos",
    "imageversion",
    "invocation_id",
    "java_",
    "journal_stream",
    "lein_",
    "memory_pressure",
    "nunit_",
    "nvm_",
    "perflog",
    "pipx_",
    "powershell",
    "psmodule",
    "rct_",
    "rustup_home",
    "selenium_",
    "sgx_",
    "ssh_",
    "stats_",
    "sudo_",
    "swift_",
    "systemd_",
    "vcpkg_",
    "xcode_",
];

/// Programs that build or deploy what their arguments name.
const DEPLOYING: &[&str] = &[
    "aws",
    "az",
    "cdk",
    "cosign",
    "docker",
    "fly",
    "flyctl",
    "gcloud",
    "gsutil",
    "helm",
    "helmfile",
    "heroku",
    "kubectl",
    "kustomize",
    "oc",
    "podman",
    "pulumi",
    "rsync",
    "sam",
    "scp",
    "serverless",
    "skopeo",
    "sls",
    "terraform",
    "terragrunt",
    "tofu",
    "vercel",
    "wrangler",
];

/// The first read of each such variable of a job.
#[must_use]
pub(super) fn never_given(
    document: &Document,
    (root, job): (View<'_>, View<'_>),
    name: &str,
    steps: &[Step<'_>],
) -> Vec<WorkflowFlaw> {
    let mut found: Vec<WorkflowFlaw> = Vec::new();
    // A container of the job's own has the variables of its image.
    let runner = job.get("runs-on").and_then(|runner| runner.as_str()).unwrap_or("");
    if !is_hosted(job)
        || runner.starts_with("windows-")
        || job.get("container").is_some()
        || document.text.contains("BASH_ENV")
    {
        return found;
    }
    each_step(document, (root, job), steps, &mut |step, set| {
        let shell = step.posix().filter(|_| !is_of_login(step.view, job, root));
        for read in shell.into_iter().flat_map(|shell| reads(shell)) {
            let is_set = set.contains(&read.name);
            if is_set || found.iter().any(|flaw| flaw.written == read.name) {
                continue;
            }
            found.push(WorkflowFlaw {
                known: set.iter().cloned().collect(),
                in_condition: !read.is_needed,
                ..WorkflowFlaw::new(FlawKind::ShellUnset, name, read.name, read.at)
            });
        }
    });
    found
}

/// Whether the shell of a step reads the files of a user, which may set variables.
fn is_of_login(step: View<'_>, job: View<'_>, root: View<'_>) -> bool {
    let default = ["defaults", "run", "shell"];
    let shell = step.get("shell").or_else(|| job.path(&default)).or_else(|| root.path(&default));
    shell.and_then(|shell| shell.as_str()).is_some_and(|shell| shell.contains(" -l") || shell.contains("-i"))
}

/// A variable that a shell text reads and does not set.
struct Read {
    name: String,
    at: source::Place,
    /// Whether a command that builds or deploys needs its value.
    is_needed: bool,
}

/// What a text reads with nothing to stand in for it, up to where it may get variables from elsewhere.
fn reads(shell: &ShellText<'_>) -> Vec<Read> {
    let text = &*shell.text;
    let answered = answered(shell.script());
    let mut found: Vec<Read> = Vec::new();
    for command in shell.script().commands.iter().take_while(|command| !brings(command)) {
        for (reference, is_lone) in references(command, text) {
            let name = reference.name.as_str();
            if answered.contains(name) || command.in_condition || !is_open(name, text) {
                continue;
            }
            let is_needed = !is_lone && deploys(command);
            match found.iter_mut().find(|read| read.name == name) {
                Some(read) if is_needed && !read.is_needed => {
                    (read.at, read.is_needed) = (shell.place(reference.span), true);
                }
                Some(_) => {}
                None => {
                    found.push(Read { name: name.to_owned(), at: shell.place(reference.span), is_needed });
                }
            }
        }
    }
    found
}

/// Whether a command may set variables that the text does not name: `export $(cat .env)`.
fn brings(command: &shell::Command) -> bool {
    let is_computed = |word: &shell::Word| word.text.trim_start_matches('"').starts_with(['$', '`']);
    let is_declaration = matches!(command.name(), Some("export" | "declare" | "typeset"));
    brings_variables(command) || is_declaration && command.words.iter().skip(1).any(is_computed)
}

/// The variables that a text asks for, or whose lack it answers, anywhere: it knows that they may be empty.
fn answered(script: &Script) -> BTreeSet<&str> {
    let tests = script.commands.iter().filter(|command| is_test(command)).flat_map(words);
    let cases = script.blocks.iter().filter(|block| block.kind == BlockKind::Case);
    let asked = tests.chain(cases.flat_map(|block| &block.head)).flat_map(|word| &word.references);
    let others = script.commands.iter().flat_map(words).flat_map(|word| &word.references);
    let others = others.filter(|reference| reference.form != ReferenceForm::Plain);
    asked.chain(others).map(|reference| reference.name.as_str()).collect()
}

/// The variables that a command reads plainly, each with whether it is a word of its own that may well be left out.
fn references<'c>(command: &'c shell::Command, text: &'c str) -> Vec<(&'c Reference, bool)> {
    let mut found = Vec::new();
    // `export $NAME=value` is told by itself.
    let is_named = |word: &&shell::Word| command.name() != Some("export") || !word.text.starts_with('$');
    for word in words(command).filter(is_named) {
        let plain = word.references.iter().filter(|reference| reference.form == ReferenceForm::Plain);
        found.extend(plain.map(|reference| {
            let before = text.get(..word.span.start).unwrap_or("").trim_end();
            let is_value = before.rsplit([' ', '\t', '\n']).next().is_some_and(|last| last.starts_with('-'));
            (reference, word.span == reference.span && !is_value)
        }));
    }
    found
}

/// Whether nothing is known to give a variable: it is one of an environment by its name, no machine has it, and the text
/// speaks of it only where it is read.
fn is_open(name: &str, text: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_name = name.len() > 2 && name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_of_machine = OF_MACHINES.iter().any(|start| lower.starts_with(start));
    is_name
        && !is_of_machine
        && !is_given(name)
        && !is_of_an_action(&lower)
        && mentions(text, name).all(|at| is_read_at(text, at))
}

/// A command that asks whether there is a value at all.
fn is_test(command: &shell::Command) -> bool {
    matches!(command.name(), Some("[" | "[[" | "test" | "unset"))
}

fn deploys(command: &shell::Command) -> bool {
    let inner = exec_prefix_stripped(command);
    inner.iter().filter_map(shell::Command::name).any(|name| DEPLOYING.contains(&source::file_name(name)))
}

#[cfg(test)]
mod tests {
    use crate::collect::workflow::record;
    use crate::record::Document;
    use crate::workflow::FlawKind;

    fn told(runner: &str, steps: &str) -> Vec<(String, bool)> {
        let text = format!(
            "on: push\nenv: {{REGION: us}}\njobs:\n  deploy:\n    runs-on: {runner}\n    env: {{TAG: x}}\n    steps:\n{steps}"
        );
        let (record, _) = record(&Document::new(".github/workflows/deploy.yml", text));
        let flaws = record.workflow_flaws.into_iter().filter(|flaw| flaw.kind == FlawKind::ShellUnset);
        flaws.map(|flaw| (flaw.written, flaw.in_condition)).collect()
    }

    #[test]
    fn what_nothing_gives_is_empty() {
        for (steps, is_weak) in [
            ("    - run: docker push \"app:$APP\"\n", false),
            ("    - run: sudo docker push --tag $APP x\n", false),
            ("    - run: docker push $APP\n", true),
            ("    - run: export TAG=$(cat tag); docker push \"app:$APP\"\n", false),
            ("    - run: docker push \"app:$APP\"\n      env: {app: x}\n", false),
            ("    - run: echo \"$APP\" > key\n    - run: cosign sign --key key x\n", true),
            ("    - run: terraform plan -var a=$(python a.py ${APP})\n", true),
            (
                "    - run: |\n        docker push \"$TAG:$REGION$HOME$GITHUB_SHA\"\n        kubectl set image a=\"b:${APP}\"\n",
                false,
            ),
        ] {
            assert_eq!(told("ubuntu-latest", steps), [("APP".to_owned(), is_weak)], "{steps}");
        }
        for steps in [
            "    - run: APP=x; docker push \"app:$APP\"\n",
            "    - run: read -r APP < a; docker push \"app:$APP\"\n",
            "    - run: for APP in a b; do docker push \"app:$APP\"; done\n",
            "    - run: docker push \"app:${APP:-x}\"\n",
            "    - run: '[ -z \"$APP\" ] || docker push x'\n",
            "    - run: source a.sh && docker push \"app:$APP\"\n",
            "    - run: export $(cat .env | xargs); docker push \"app:$APP\"\n",
            "    - run: declare -x $(cat .env); docker push \"app:$APP\"\n",
            "    - run: |\n        : \"${APP:=x}\"\n        docker push \"app:$APP\"\n",
            "    - run: |\n        : \"${APP:?}\"\n        docker push \"app:$APP\"\n",
            "    - run: '[ -n \"$APP\" ] && docker push \"app:$APP\"'\n",
            "    - run: if [ -n \"$APP\" ]; then docker push \"app:$APP\"; fi\n",
            "    - run: test -z \"$APP\" && exit 0; docker push \"app:$APP\"\n",
            "    - run: docker push \"app:$LC_ALL$PIPESTATUS$EPOCHSECONDS$FUNCNAME$COLUMNS\"\n",
            "    - run: docker push 'app:$APP'; docker push app:\\$APP\n",
            "    - run: docker push \"app:$APP\"\n      env: {APP: a}\n",
            "    - run: echo \"APP=1\" >> $GITHUB_ENV\n    - run: docker push \"app:$APP\"\n",
            "    - uses: owner/set-app@v1\n    - run: docker push \"app:$APP\"\n",
            "    - run: docker push \"app:$APP\"\n      shell: bash -l {0}\n",
            "    - run: docker push \"app:$APP\"\n      shell: pwsh\n",
        ] {
            assert_eq!(told("ubuntu-latest", steps), [], "{steps}");
        }
        let read = "    - run: docker push \"app:$APP\"\n      shell: bash\n";
        for runner in ["self-hosted", "[self-hosted, linux]", "${{ matrix.os }}", "windows-latest"] {
            assert_eq!(told(runner, read), [], "{runner}");
        }
    }
}
