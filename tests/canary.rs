//! No output ever holds the value of a secret.

use std::path::Path;

use crate::support::{folder, shipworthy};

const CANARY: &str = "c4n4ryvalu3";

/// A repository in which the canary stands in every kind of file, beside faults that are reported.
fn repository() -> tempfile::TempDir {
    let files: Vec<(&str, String)> = vec![
        (
            ".env.staging",
            format!(
                "ENVIRONMENT=staging\nJWT_SECRET_KEY={CANARY}\nDATABASE_URL=postgres://u:{CANARY}@localhost/db\n\
                 API_URL=http://localhost:8000\nSTRIPE_KEY=sk_live_{CANARY}{CANARY}\nFERNET_KEY=\"{CANARY}\"\n\
                 SESSION_SECRET=replace_this_{CANARY}\nBROKEN LINE password={CANARY}\n\
                 API_KEYS={CANARY}\nCACHE_URL=redis://u:p@{CANARY}@localhost/0\nHMAC_KEY={CANARY}\n\
                 REPOSITORY_URL=https://{CANARY}{CANARY}@localhost/x.git\nSKIP_CHECKS=databaseAPI_KEY={CANARY}\n"
            ),
        ),
        (
            "docker-compose.staging.yml",
            format!(
                "services:\n  api:\n    build: .\n    environment:\n      ENVIRONMENT: staging\n      \
                 DB_PASSWORD: {CANARY}\n      API_URL: http://u:{CANARY}@localhost:1/\n      \
                 OTHER_URL: http://localhost:2/?token={CANARY}\n"
            ),
        ),
        (
            "staging.tfvars",
            format!(
                "db_password = \"{CANARY}\"\nredis_url = \"redis://:{CANARY}@127.0.0.1:6379\"\n\
                 websocket_timeout_sec = 60 # {CANARY_COMMENT}\n",
                CANARY_COMMENT = "short"
            ),
        ),
        (
            "deploy/staging.yaml",
            format!(
                "env_vars:\n  API_KEY: {CANARY}\n  AUTH_URL: http://localhost:1\n  DB_URL: \"postgresql://u:{CANARY}@db_placeholder/x\"\n\
                 secrets:\n  JWT: jwt-staging:latest\n  A: a-staging:latest\n  B: b-staging:latest\n  C: c:latest\n"
            ),
        ),
        (
            "k8s/production/secret.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\nstringData:\n  other: {CANARY}\n  API_URL: http://localhost/{CANARY}\n"
            ),
        ),
        (
            ".github/workflows/deploy-production.yml",
            format!(
                "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    environment: production\n    steps:\n      - run: ./deploy.sh\n        env:\n          API_TOKEN: ${{{{ secrets.API_TOKEN || '{CANARY}' }}}}\n"
            ),
        ),
        (
            ".env.production",
            format!(
                "ADMIN_PW={CANARY}\nHASH_PEPPER={CANARY}\nAZURE=DefaultEndpointsProtocol=http;AccountKey={CANARY};BlobEndpoint=http://localhost/a\n"
            ),
        ),
        (
            "main.tf",
            format!(
                "resource \"x\" \"y\" {{\n  env {{\n    name = \"API_KEY\"\n    value = \"dummy-{CANARY}\"\n  }}\n}}\n"
            ),
        ),
        (
            "Dockerfile",
            format!(
                "FROM python:3\nENV API_KEY={CANARY} API_URL=http://localhost:1\nCOPY missing.txt /x\nCOPY app /app\nCMD [\"python\", \"-m\", \"app.main\"]\n"
            ),
        ),
        (
            "js/Dockerfile",
            format!(
                "FROM node:22\nWORKDIR /app\nRUN npm ci --//npm.example.com/:_authToken={CANARY}\nCMD ['node', '--token', '{CANARY}']\n"
            ),
        ),
        (
            "app/main.py",
            format!(
                "import os\nTOKEN = os.getenv(\"API_TOKEN\", \"{CANARY}\")\npassword = \"{CANARY}\"; is_staging = os.environ.get(\"ENV\") == \"staging\" or os.environ.get(\"K_SERVICE\")\n"
            ),
        ),
        (
            "deploy.sh",
            format!(
                "gcloud run deploy api-staging --set-env-vars=API_KEY={CANARY},API_URL=http://localhost:1 --timeout 5400\n\
                 DB_PASSWORD=\"${{DB_PASSWORD:{CANARY}-x}}\"\n\
                 curl -u deployer:{CANARY} -H 'Authorization: Bearer {CANARY}{CANARY}' http://localhost:1\n"
            ),
        ),
        (
            "shipworthy.toml",
            format!("[environment.staging]\nvariables = {{ API_KEY = \"{CANARY}\" }}\nunknown_key = 1\n"),
        ),
    ];
    let files = [files, told_elsewhere()].concat();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    folder(&files)
}

/// Files whose values another file, a block or a command tells to be secret.
fn told_elsewhere() -> Vec<(&'static str, String)> {
    vec![
        (
            "infra/variables.tf",
            "variable \"creds\" {\n  sensitive = true\n}\nvariable \"conf\" {\n  sensitive = true\n}\n"
                .to_owned(),
        ),
        (
            "infra/production.tfvars",
            format!(
                "creds = \"http://localhost:8080/{CANARY}\"\nconf = {{ a = \"http://localhost/{CANARY}\", b = [\"{CANARY}\"] }}\n"
            ),
        ),
        (
            "infra/staging.tfvars.json",
            format!(
                "{{\"creds\": \"http://localhost/{CANARY}\", \"conf\": {{\"a\": \"http://localhost/{CANARY}\"}}}}\n"
            ),
        ),
        ("infra/main.tf", told_by_blocks()),
        (
            "infra/apply.sh",
            format!(
                "export TF_VAR_creds=http://localhost/{CANARY}\nterraform apply -var creds=http://localhost/{CANARY}\n\
                 gcloud run deploy api-production --set-env-vars TF_VAR_creds=http://localhost/{CANARY}\n\
                 flyctl secrets set OTHER=http://localhost/{CANARY}\n"
            ),
        ),
        ("infra/.env.production", format!("TF_VAR_creds=http://localhost/{CANARY}\n")),
        (
            "kustomize/kustomization.yaml",
            format!(
                "secretGenerator:\n  - name: api\n    literals:\n      - OTHER=http://localhost/{CANARY}\n    envs: [production.env]\n"
            ),
        ),
        ("kustomize/production.env", format!("API_URL=http://localhost/{CANARY}\n")),
    ]
}

/// Terraform in which the block around a value tells that it is secret, and its own key does not.
fn told_by_blocks() -> String {
    let value = format!("http://localhost/{CANARY}");
    let resource = |kind: &str, body: &str| format!("resource \"{kind}\" \"x\" {{\n{body}\n}}\n");
    let set = format!("  set {{\n    value = \"{value}\"\n    name = \"auth.password\"\n  }}");
    let sensitive = format!("  set_sensitive {{\n    name = \"a\"\n    value = \"{value}\"\n  }}");
    let lists = format!(
        "  set_sensitive = [{{ name = \"a\", value = \"{value}\" }}]\n  set = [{{ name = \"x.password\", value = \"{value}\" }}]"
    );
    let manifest =
        format!("  manifest = {{\n    kind = \"Secret\"\n    stringData = {{ a = \"{value}\" }}\n  }}");
    let heredoc = format!(
        "  data = {{\n    a = <<-EOT\n      {value}\n    EOT\n    b = base64encode(\"{value}\")\n  }}"
    );
    [
        resource("helm_release", &[set, sensitive].join("\n")),
        resource("helm_release", &lists),
        resource("kubernetes_secret_v1", &heredoc),
        resource("kubernetes_manifest", &manifest),
        resource("aws_ssm_parameter", &format!("  type  = \"SecureString\"\n  value = \"{value}\"")),
        resource("azurerm_key_vault_secret", &format!("  value = \"{value}\"")),
        resource("heroku_app", &format!("  sensitive_config_vars = {{ OTHER_URL = \"{value}\" }}")),
        format!("locals {{\n  thing = sensitive(\"{value}\")\n}}\n"),
        format!("module \"db\" {{\n  source = \"./db\"\n  creds  = \"{value}\"\n}}\n"),
    ]
    .concat()
}

fn assert_silent(tree: &Path, arguments: &[&str]) {
    let output = shipworthy(tree, arguments);
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let text = String::from_utf8_lossy(bytes);
        let shown = text.lines().find(|line| line.contains(CANARY));
        assert!(shown.is_none(), "{arguments:?} shows it on {stream}: {shown:?}");
    }
    assert!(
        !output.stdout.is_empty(),
        "{arguments:?} says nothing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_subcommand_and_format_hides_it() {
    let repository = repository();
    let tree = repository.path();
    let path = tree.to_str().unwrap();
    crate::support::write(tree, "known.json", b"{\"version\": 1, \"findings\": []}");
    for arguments in [
        vec!["check", path],
        vec!["check", path, "-v"],
        vec!["check", path, "--quiet"],
        vec!["check", path, "--format", "json"],
        vec!["check", path, "--format", "json", "-v"],
        vec!["check", path, "--format", "sarif"],
        vec!["check", path, "--format", "github"],
        vec!["check", path, "--format", "gitlab"],
        vec!["check", path, "--format", "junit"],
        vec!["check", path, "--format", "markdown"],
        vec!["check", path, "--diff"],
        vec!["check", path, "--diff", "--unsafe-fixes", "--format", "sarif", "-v"],
        vec!["check", path, "--no-allow", "--fail-on", "info"],
        vec!["check", path, "--baseline", "known.json", "--format", "json"],
        vec!["config", path],
        vec!["config", path, "--format", "json"],
        vec!["context", "list", path],
        vec!["context", "size", path],
        vec!["context", "why", "app/main.py"],
        vec!["detect", path],
        vec!["detect", path, "--format", "json"],
        vec!["env", path],
        vec!["env", path, "--format", "json"],
        vec!["env", path, "--format", "html"],
        vec!["facts", path],
        vec!["facts", path, "--format", "json"],
        vec!["rules"],
        vec!["explain", "localhost-url"],
        // Last, since it changes the files.
        vec!["check", path, "--fix", "--unsafe-fixes", "--format", "sarif", "-v"],
    ] {
        assert_silent(tree, &arguments);
    }
}

#[test]
fn the_canary_repository_has_findings_beside_every_secret() {
    let repository = repository();
    let (report, exit) = crate::support::check(repository.path(), &[]);
    assert_eq!(exit, 1);
    let paths: std::collections::BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["path"].as_str().unwrap())
        .collect();
    for path in [
        ".env.staging",
        "docker-compose.staging.yml",
        "staging.tfvars",
        "Dockerfile",
        "app/main.py",
        "infra/production.tfvars",
        "infra/staging.tfvars.json",
        "infra/main.tf",
        "infra/.env.production",
        "kustomize/production.env",
    ] {
        assert!(paths.contains(path), "no finding in {path}: {paths:?}");
    }
}

#[test]
fn a_bad_configuration_does_not_show_it_either() {
    let repository = folder(&[
        (
            "shipworthy.toml",
            format!("[environment.staging]\nvariables = {{ API_KEY = \"{CANARY}\n").as_bytes(),
        ),
        (".env", b"A=1\n"),
    ]);
    let output = shipworthy(repository.path(), &["check", repository.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let text = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&text).contains(CANARY));
}

/// Programs of a deployment see of the caller's secrets only those that the target names, and what they print of them is
/// kept and shown without.
#[cfg(unix)]
#[test]
fn a_deployment_hides_what_the_caller_knows() {
    let repository = folder(&[
        ("Dockerfile", b"FROM scratch\n"),
        (
            "shipworthy.toml",
            b"[environment.staging]\nvariables = { ENVIRONMENT = \"staging\" }\n[target.staging]\nprovider = \"command\"\n\
              environment = \"staging\"\npass_env = [\"NAMED\"]\n\
              deploy = [[\"sh\", \"-c\", \"env > $SHIPWORTHY_OUT/seen; env; exit 1\"]]\n",
        ),
    ]);
    let tree = repository.path();
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    for words in [&["init", "-q"][..], &["add", "-A"], &[&who[..], &["commit", "-q", "-m", "x"]].concat()] {
        if !crate::support::tool("git", tree, words).is_some_and(|output| output.status.success()) {
            println!("skipped: no git");
            return;
        }
    }
    let named = format!("{CANARY}-named");
    for format in ["text", "json"] {
        let output = crate::support::command(tree, &["deploy", "staging", "--yes", "--format", format])
            .env("NAMED", &named)
            .env("DB_PASSWORD", CANARY)
            .output()
            .unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(5), "{told}");
        assert!(told.contains("NAMED=") && !told.contains(CANARY), "{told}");
    }
    let mut seen = 0;
    for (path, bytes) in crate::support::contents(&tree.join(".git/shipworthy")) {
        let text = String::from_utf8_lossy(&bytes);
        if path.ends_with("/seen") {
            seen += 1;
            assert!(text.contains(&format!("NAMED={named}\n")) && !text.contains("DB_PASSWORD"), "{text}");
        } else {
            assert!(!text.contains(CANARY), "{path}: {text}");
        }
    }
    assert_eq!(seen, 2);
}
