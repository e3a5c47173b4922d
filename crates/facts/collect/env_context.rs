//! What the expressions of steps read from the context `env` and nothing sets: neither `env:` nor a step before.
//!
//! The context has what the workflow, the job, the step and `$GITHUB_ENV` set, and none of the runner's own variables. Source:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#env-context>.

use std::collections::BTreeSet;

use source::file_name;
use syntax::yaml::View;

use crate::collect::github_env::given_to_later_steps;
use crate::collect::workflow_contexts::{contexts, expressions, place, scalars};
use crate::collect::workflow_steps::Step;
use crate::record::Document;
use crate::workflow::{FlawKind, WorkflowFlaw};

/// Actions that set no variable for the steps behind them, but those of [`OF_ACTIONS`].
const QUIET: &[&str] = &[
    "actions/cache",
    "actions/checkout",
    "actions/download-artifact",
    "actions/setup-dotnet",
    "actions/setup-go",
    "actions/setup-java",
    "actions/setup-node",
    "actions/setup-python",
    "actions/upload-artifact",
    "aws-actions/amazon-ecr-login",
    "aws-actions/configure-aws-credentials",
    "azure/login",
    "azure/setup-helm",
    "azure/setup-kubectl",
    "docker/build-push-action",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
    "google-github-actions/auth",
    "google-github-actions/setup-gcloud",
    "hashicorp/setup-terraform",
    "pnpm/action-setup",
    "step-security/harden-runner",
];

/// Beginnings of variables that these actions, or the platform itself, may set.
const OF_ACTIONS: &[&str] = &[
    "actions_",
    "aws_access",
    "aws_account",
    "aws_default_region",
    "aws_region",
    "aws_secret",
    "aws_session",
    "azure_http",
    "azureps_",
    "cloudsdk_",
    "docker_metadata_",
    "dotnet_root",
    "gcloud_project",
    "gcp_project",
    "github_",
    "gopath",
    "goroot",
    "google_",
    "home",
    "java_home",
    "kubeconfig",
    "node_auth_token",
    "path",
    "pkg_config_path",
    "pnpm_home",
    "python2_root",
    "python3_root",
    "python_root",
    "pythonlocation",
    "runner_",
    "terraform_cli",
    "tf_cli",
];

/// Programs that may run anything of the repository, which may write the file of variables.
const RUNNERS: &[&str] = &[
    ".", "bash", "bun", "bundle", "cargo", "composer", "dotnet", "eval", "go", "gradle", "invoke", "just",
    "make", "mvn", "node", "npm", "npx", "perl", "php", "pipenv", "pnpm", "poetry", "pwsh", "python",
    "python3", "rake", "ruby", "sh", "source", "task", "uv", "yarn", "zsh",
];

/// The first such place of each variable of a job.
#[must_use]
pub(super) fn never_set(
    document: &Document,
    (root, job): (View<'_>, View<'_>),
    name: &str,
    steps: &[Step<'_>],
) -> Vec<WorkflowFlaw> {
    let mut found: Vec<WorkflowFlaw> = Vec::new();
    each_step(document, (root, job), steps, &mut |step, set| {
        for (written, at, is_weak) in reads(document, step) {
            let variable = written.get("env.".len()..).unwrap_or("").to_ascii_lowercase();
            let is_given = variable == "ci" || is_of_an_action(&variable);
            let is_set = set.iter().any(|name| name.eq_ignore_ascii_case(&variable));
            if !is_set && !is_given && !found.iter().any(|flaw| flaw.written == written) {
                found.push(WorkflowFlaw {
                    known: set.iter().cloned().collect(),
                    in_condition: is_weak,
                    ..WorkflowFlaw::new(FlawKind::Variable, name, written, at)
                });
            }
        }
    });
    found
}

/// Hands over each step with the variables that are set for it, up to where they are not known.
pub(super) fn each_step(
    document: &Document,
    (root, job): (View<'_>, View<'_>),
    steps: &[Step<'_>],
    judge: &mut dyn FnMut(&Step<'_>, &BTreeSet<String>),
) {
    let (Some(of_root), Some(of_job)) = (names(root), names(job)) else { return };
    let mut known: BTreeSet<String> = of_root.into_iter().chain(of_job).collect();
    for step in steps {
        let Some(own) = names(step.view) else { return };
        judge(step, &known.union(&own).cloned().collect());
        let Some(later) = set_for_later(document, step) else { return };
        known.extend(later);
    }
}

/// Whether one of the quiet actions, or the platform, may set a variable; its name in lower case.
pub(super) fn is_of_an_action(variable: &str) -> bool {
    OF_ACTIONS.iter().any(|start| variable.starts_with(start))
}

/// The names under `env:`; `None` where an expression or a merge gives some.
fn names(level: View<'_>) -> Option<BTreeSet<String>> {
    let Some(env) = level.get("env") else { return Some(BTreeSet::new()) };
    if level.get("<<").is_some()
        || env.get("<<").is_some()
        || env.as_str().is_some_and(|text| !text.is_empty())
    {
        return None;
    }
    let entries = env.entries().into_iter();
    Some(entries.filter_map(|(key, _)| Some(key.as_str()?.to_owned())).collect())
}

/// What a step reads of the context with nothing to stand in for it, and whether an empty text may do. Conditions ask whether
/// there is something at all.
fn reads(document: &Document, step: &Step<'_>) -> Vec<(String, source::Place, bool)> {
    let mut found = Vec::new();
    // An empty part of a cache's key only makes it a shorter one.
    let is_cache = step.action().starts_with("actions/cache");
    let read =
        ["run", "with", "working-directory", "env"].into_iter().filter(|key| !is_cache || *key != "with");
    for (key, value) in read.filter_map(|key| Some((key, step.view.get(key)?))) {
        for scalar in scalars(value) {
            let text = scalar.as_str().unwrap_or("");
            for expression in expressions(text).into_iter().filter(|text| !is_answered(text)) {
                let paths = contexts(expression).into_iter().filter(|(context, _)| context == "env");
                found.extend(paths.map(|(_, written)| {
                    let at = place(document, scalar, &written);
                    (written, at, matches!(key, "env" | "with"))
                }));
            }
        }
    }
    found
}

/// Whether an expression says what stands in for what is empty, or asks only whether it is.
fn is_answered(expression: &str) -> bool {
    ["||", "&&", "==", "!=", "!", "contains("].iter().any(|sign| expression.contains(sign))
}

/// The variables that a step sets for those behind it; `None` where that is not known.
fn set_for_later(document: &Document, step: &Step<'_>) -> Option<Vec<String>> {
    let Some(shell) = &step.shell else {
        let action = step.action().split('@').next().unwrap_or("").to_ascii_lowercase();
        let is_quiet = QUIET.iter().any(|quiet| {
            action.strip_prefix(quiet).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        return (is_quiet || action.is_empty()).then(Vec::new);
    };
    let commands = &step.posix()?.script().commands;
    let runs_others = commands.iter().any(|command| {
        command.name().is_some_and(|name| name.contains(['/', '$']) || RUNNERS.contains(&file_name(name)))
    });
    if runs_others || shell.text.contains("set-env") || shell.text.contains("<<:") {
        return None;
    }
    let given: Vec<Vec<String>> = commands.iter().map(given_to_later_steps).collect();
    let writes = given.iter().filter(|names| !names.is_empty()).count();
    let all = shell.text.matches("GITHUB_ENV").count();
    let names = given.into_iter().flatten();
    (all == writes && !document.text.contains("BASH_ENV")).then(|| names.collect())
}

#[cfg(test)]
mod tests {
    use crate::collect::workflow::record;
    use crate::record::Document;
    use crate::workflow::FlawKind;

    fn told(steps: &str) -> Vec<String> {
        let text = format!(
            "on: push\nenv: {{REGION: us}}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    env: {{TAG: x}}\n    steps:\n{steps}"
        );
        let (record, _) = record(&Document::new(".github/workflows/deploy.yml", text));
        let flaws = record.workflow_flaws.into_iter().filter(|flaw| flaw.kind == FlawKind::Variable);
        flaws.map(|flaw| flaw.written).collect()
    }

    #[test]
    fn what_nothing_sets_is_empty() {
        for steps in [
            "    - run: echo ${{ env.APP }}\n    - run: deploy ${{ env.APP }} ${{ env.REGION }} ${{ env.TAG }}\n",
            "    - uses: actions/checkout@v5\n    - uses: docker/build-push-action@v6\n      with:\n        tags: ${{ env.APP }}\n",
            "    - run: echo \"TAG=1\" >> $GITHUB_ENV\n    - run: deploy ${{ env.APP }}\n",
        ] {
            assert_eq!(told(steps), ["env.APP"], "{steps}");
        }
        for steps in [
            "    - run: echo \"APP=1\" >> $GITHUB_ENV\n    - run: deploy ${{ env.APP }}\n",
            "    - run: cat vars >> $GITHUB_ENV\n    - run: deploy ${{ env.APP }}\n",
            "    - run: ./configure\n    - run: deploy ${{ env.APP }}\n",
            "    - uses: owner/load-variables@v1\n    - run: deploy ${{ env.APP }}\n",
            "    - run: deploy ${{ env.APP || 'app' }} ${{ env.GITHUB_SHA }} ${{ env.app }}\n      env: {APP: ''}\n",
            "    - uses: actions/cache@v4\n      with:\n        key: a-${{ env.cache-name }}\n",
            "    - if: env.ACT\n      run: deploy\n",
        ] {
            assert_eq!(told(steps), [""; 0], "{steps}");
        }
    }
}
