//! What puts a new version where users meet it: commands and actions.

use source::{FileKind, file_name, tokens};
use syntax::shell::{Command, Script, exec_prefix_stripped};
use syntax::yaml::View;

use crate::collect::workflow_steps::Step;

/// Commands by their program and the words that follow it, options left out.
const COMMANDS: &[&[&str]] = &[
    &["ansible-playbook"],
    &["argocd", "app", "sync"],
    &["aws", "apprunner", "start-deployment"],
    &["aws", "cloudformation", "deploy"],
    &["aws", "deploy", "create-deployment"],
    &["aws", "ecs", "update-service"],
    &["aws", "elasticbeanstalk", "update-environment"],
    &["aws", "lambda", "update-function-code"],
    &["az", "containerapp", "up"],
    &["az", "containerapp", "update"],
    &["az", "webapp", "deploy"],
    &["cap", "production", "deploy"],
    &["cdk", "deploy"],
    &["docker", "push"],
    &["docker", "stack", "deploy"],
    &["eb", "deploy"],
    &["firebase", "deploy"],
    &["fly", "deploy"],
    &["flyctl", "deploy"],
    &["gcloud", "app", "deploy"],
    &["gcloud", "builds", "submit"],
    &["gcloud", "deploy", "releases"],
    &["gcloud", "functions", "deploy"],
    &["gcloud", "run", "deploy"],
    &["gcloud", "run", "jobs", "deploy"],
    &["gcloud", "run", "jobs", "update"],
    &["gcloud", "run", "services", "replace"],
    &["gcloud", "run", "services", "update"],
    &["helm", "install"],
    &["helm", "upgrade"],
    &["helmfile", "apply"],
    &["helmfile", "sync"],
    &["heroku", "container:release"],
    &["kamal", "deploy"],
    &["kubectl", "apply"],
    &["kubectl", "replace"],
    &["kubectl", "rollout"],
    &["kubectl", "set", "image"],
    &["netlify", "deploy"],
    &["oc", "apply"],
    &["oc", "rollout"],
    &["podman", "push"],
    &["pulumi", "up"],
    &["railway", "up"],
    &["sam", "deploy"],
    &["serverless", "deploy"],
    &["skaffold", "deploy"],
    &["skaffold", "run"],
    &["sls", "deploy"],
    &["terraform", "apply"],
    &["terragrunt", "apply"],
    &["tofu", "apply"],
    &["vercel", "deploy"],
    &["wrangler", "deploy"],
    &["wrangler", "publish"],
];

/// Whether a step deploys, by its action or by a command of its text.
#[must_use]
pub(super) fn step_deploys(step: &Step<'_>) -> bool {
    let by_shell = step.shell.as_ref().is_some_and(|shell| script_deploys(shell.script()));
    by_shell || action_deploys(step.action())
}

/// Whether a job is a called workflow that deploys, as its name says.
#[must_use]
pub(crate) fn call_deploys(job: View<'_>) -> bool {
    job.get("uses").and_then(|called| called.as_str()).is_some_and(action_deploys)
}

/// Whether an action is one that deploys, as its name says: `google-github-actions/deploy-cloudrun@v2`.
fn action_deploys(action: &str) -> bool {
    let name = action.split('@').next().unwrap_or("");
    tokens(name).any(|word| says_deploy(&word)) || name == "cloudflare/wrangler-action"
}

fn script_deploys(script: &Script) -> bool {
    script.commands.iter().flat_map(exec_prefix_stripped).any(|command| command_deploys(&command))
}

/// Whether a command is one that deploys, or starts a script, a target or another workflow that is called so:
/// `./scripts/deploy.sh`, `make deploy`, `npm run deploy`, `gh workflow run deploy.yml`.
fn command_deploys(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let Some((program, rest)) = words.split_first() else { return false };
    let program = file_name(program);
    let plain: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let is_known = COMMANDS.iter().any(|known| {
        known.split_first().is_some_and(|(name, after)| *name == program && follows(&plain, after))
    });
    let pushes = || program == "docker" && rest.contains(&"--push");
    let is_live = || program == "vercel" && rest.contains(&"--prod");
    let asks_for_it = || {
        let (runs, named) = match plain.as_slice() {
            ["run", script, ..] => (matches!(program, "npm" | "pnpm" | "yarn" | "bun"), *script),
            ["workflow", "run", file, ..] => (program == "gh", *file),
            [target, ..] => (matches!(program, "make" | "just" | "task" | "sh" | "bash"), *target),
            [] => (false, ""),
        };
        runs && tokens(file_name(named)).any(|word| says_deploy(&word))
    };
    let is_script =
        || FileKind::of(program) == FileKind::Shell && tokens(program).any(|word| says_deploy(&word));
    is_known || pushes() || is_live() || asks_for_it() || is_script()
}

/// Whether a program's words begin with these; the value of an option may stand before them: `kubectl -n api apply`.
fn follows(words: &[&str], expected: &[&str]) -> bool {
    const MAX_BEFORE: usize = 2;
    (0..=MAX_BEFORE).any(|before| words.get(before..).is_some_and(|rest| rest.starts_with(expected)))
}

fn says_deploy(word: &str) -> bool {
    matches!(word, "deploy" | "deployment" | "deploys")
}

#[cfg(test)]
mod tests {
    use syntax::shell;

    use super::{action_deploys, script_deploys};

    #[test]
    fn what_deploys() {
        for text in [
            "gcloud run services replace service.yaml",
            "gcloud --quiet run deploy api",
            "kubectl -n api apply -f k8s",
            "set -e; sudo docker push example/api:1",
            "docker buildx build --push -t x .",
            "vercel --prod --token=$TOKEN",
            "./scripts/deploy.sh staging",
            "bash ci/deploy_api.sh",
            "make deploy-production",
            "npm run deploy",
            "gh workflow run deploy.yml -f tag=1",
            "aws ecs update-service --cluster a --service b",
        ] {
            assert!(script_deploys(&shell::parse(text).tree), "{text}");
        }
        for text in [
            "# no docker push here",
            "echo terraform apply",
            "docker build .",
            "make test",
            "kubectl get pods",
        ] {
            assert!(!script_deploys(&shell::parse(text).tree), "{text}");
        }
        assert!(action_deploys("google-github-actions/deploy-cloudrun@v2"));
        assert!(!action_deploys("actions/checkout@v4"));
    }
}
