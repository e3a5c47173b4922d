//! What each deployment is given, over small trees.

use source::Memory;

use crate::{Declared, Deployment, Facts, collect};

const CODE: &str =
    "import os\n\n\ndef get_environment():\n    return os.environ.get(\"ENVIRONMENT\", \"development\")\n";
const IMAGE: &str = "FROM python:3.12\nCOPY config.py /srv/config.py\nCMD [\"python\", \"/srv/config.py\"]\n";

fn facts(files: &[(&str, &str)]) -> Facts {
    let code = [("config.py", CODE), ("Dockerfile", IMAGE)];
    let others = code.into_iter().filter(|(path, _)| files.iter().all(|(own, _)| own != path));
    collect(&files.iter().copied().chain(others).collect::<Memory>(), &Declared::default())
}

fn deployment<'f>(facts: &'f Facts, id: &str) -> &'f Deployment {
    facts.deployments.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("{:?}", facts.deployments))
}

/// What a variable of a deployment is known to be.
fn known<'f>(facts: &'f Facts, id: &str, name: &str) -> Option<&'f str> {
    let one = deployment(facts, id);
    (!one.hidden.contains(name) && !one.may_be_set.contains(name))
        .then(|| one.variables.get(name).map(String::as_str))
        .flatten()
}

fn answers(facts: &Facts) -> Vec<(&str, String)> {
    facts.cells.iter().map(|cell| (cell.deployment.as_str(), cell.answer.shown())).collect()
}

#[test]
fn every_service_that_is_built_from_a_dockerfile_runs_its_code() {
    let compose = "services:\n  api:\n    build: .\n  worker:\n    build: .\n    environment:\n      ENVIRONMENT: production\n";
    let facts = facts(&[("docker-compose.staging.yml", compose)]);
    let expected = [("api@staging", "development".to_owned()), ("worker@staging", "production".to_owned())];
    assert_eq!(answers(&facts), expected);
}

#[test]
fn a_later_env_file_wins_and_variables_in_it_are_not_told() {
    let compose = "services:\n  api:\n    build: .\n    env_file: [a.env, b.env]\n";
    let files = [("docker-compose.staging.yml", compose), ("a.env", "ENVIRONMENT=a\nLEVEL=x\n")];
    let facts = facts(&[files[0], files[1], ("b.env", "ENVIRONMENT=b\nREGION=${WHERE}\n")]);
    assert_eq!(known(&facts, "api@staging", "ENVIRONMENT"), Some("b"));
    assert_eq!(known(&facts, "api@staging", "LEVEL"), Some("x"));
    assert!(deployment(&facts, "api@staging").hidden.contains("REGION"));
}

#[test]
fn containers_of_a_pod_have_variables_of_their_own() {
    let container = |name: &str, value: &str| {
        format!(
            "        - name: {name}\n          image: {name}\n          env: [{{name: ENVIRONMENT, value: {value}}}]\n"
        )
    };
    let pod = |containers: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api}}\nspec:\n  template:\n    spec:\n{containers}"
        )
    };
    let init = format!("      initContainers:\n{}", container("wait", "staging"));
    let main = format!("      containers:\n{}", container("api", "production"));
    let prepared = facts(&[("k8s/production/api.yaml", &pod(&format!("{init}{main}")))]);
    assert_eq!(known(&prepared, "api@production", "ENVIRONMENT"), Some("production"));
    let beside = container("proxy", "proxy");
    let several = facts(&[("k8s/production/api.yaml", &pod(&format!("{main}{beside}")))]);
    assert_eq!(known(&several, "api@production", "ENVIRONMENT"), None);
}

#[test]
fn a_job_is_no_service() {
    let script = "gcloud run jobs deploy nightly --image x --set-env-vars ENVIRONMENT=production\n";
    let facts = facts(&[("deploy-production.sh", script)]);
    assert_eq!(known(&facts, "nightly@production", "K_SERVICE"), None);
    assert_eq!(known(&facts, "nightly@production", "CLOUD_RUN_JOB"), Some("nightly"));
}

#[test]
fn files_that_are_started_together_are_one_description() {
    let base =
        "services:\n  api:\n    build: .\n    env_file: base.env\n    environment:\n      LEVEL: info\n";
    let over = "services:\n  api:\n    environment:\n      REGION: eu\n";
    let files =
        [("compose.yaml", base), ("compose.staging.yaml", over), ("base.env", "ENVIRONMENT=staging\n")];
    let up = "docker compose -f compose.yaml -f compose.staging.yaml up -d\n";
    let together = facts(&[files[0], files[1], files[2], ("up.sh", up)]);
    assert_eq!(known(&together, "api@staging", "ENVIRONMENT"), Some("staging"));
    assert_eq!(known(&together, "api@staging", "LEVEL"), Some("info"));
    assert!(!deployment(&facts(&files), "api@staging").complete);
}

#[test]
fn what_another_service_of_the_file_lends_is_not_told() {
    let compose = "services:\n  base:\n    build: .\n    environment: {ENVIRONMENT: staging}\n  api:\n    extends: {service: base}\n    \
                   environment: {LEVEL: info}\n";
    let facts = facts(&[("docker-compose.staging.yml", compose)]);
    assert!(!deployment(&facts, "api@staging").complete);
}

#[test]
fn an_environment_for_a_pull_request_is_a_deployment() {
    let script = "gcloud run deploy \"backend-pr-${PR_NUMBER}\" --image x --set-env-vars \"ENVIRONMENT=preview,NUMBER=${PR_NUMBER}\"\n";
    let facts = facts(&[("create_pr_environment.sh", script)]);
    assert_eq!(known(&facts, "backend-pr@preview", "ENVIRONMENT"), Some("preview"));
    assert_eq!(known(&facts, "backend-pr@preview", "K_SERVICE"), None);
    assert_eq!(answers(&facts), [("backend-pr@preview", "preview".to_owned())]);
}

#[test]
fn the_name_of_a_service_in_a_script_says_its_environment() {
    let script = "import subprocess\n\nSERVICES = [\n    ServiceConfig(name=\"backend\", cloud_run_name=\"backend-staging\", \
                  environment_vars={\"ENVIRONMENT\": \"production\"}),\n]\n\nfor service in SERVICES:\n    pairs = \",\".join(f\"{k}={v}\" for k, v in \
                  service.environment_vars.items())\n    subprocess.run([\"gcloud\", \"run\", \"deploy\", service.cloud_run_name, \"--image\", \"x\", \
                  \"--set-env-vars\", pairs])\n";
    let facts = facts(&[("scripts/deploy.py", script)]);
    assert_eq!(answers(&facts), [("backend@staging", "production".to_owned())]);
}
