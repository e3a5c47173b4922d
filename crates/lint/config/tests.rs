use source::Memory;

use super::*;

fn load(files: &[(&str, &str)]) -> Config {
    let tree: Memory = files.iter().map(|(path, text)| (*path, *text)).collect();
    Config::load(&tree)
}

fn told(config: &Config) -> Vec<String> {
    let line = |problem: &Problem| format!("{}:{}: {}", problem.path, problem.line, problem.message);
    config.problems.iter().map(line).collect()
}

const WHOLE: &str = r#"
required-version = ">=0.0.1"
exclude = ["third_party/**"]
[environment.stg]
files = ["config/staging/**", "*.staging.*"]
deployed = true
hosts = ["*.staging.example.ai"]
variables = { ENVIRONMENT = "staging", REPLICAS = 2 }
[service.backend]
paths = ["backend/**"]
dockerfile = "docker/backend.Dockerfile"
context = "."
builder = "buildkit"
[service.backend.deploy.staging]
variables = { K_SERVICE = "backend-staging" }
complete = true
url = "https://api.staging.example.ai"
[secrets]
affix = "{name}-{environment}"
environments = ["stage"]
required = ["jwt-secret-key"]
optional = ["openai-api-key"]
[timeouts]
backend_timeout_sec = { equals = "24h", environments = ["staging"] }
probe_timeout = { at_least = 5, at_most = "1m" }
[rule."localhost-url"]
severity = "warning"
hosts = ["localhost"]
[[allow]]
rule = "copy-source-missing"
path = "docker/ci.Dockerfile"
subject = "dist/"
reason = "built in the workflow before docker build"
until = "2027-01-31"
[gate]
fail_on = "error"
"#;

#[test]
fn the_whole_contract_is_read() {
    let config = load(&[(FILE_NAME, WHOLE)]);
    assert_eq!(told(&config), [] as [&str; 0]);
    assert_eq!(config.notes, []);
    let staging = &config.environments["staging"];
    assert_eq!((staging.deployed, staging.variables["REPLICAS"].as_str()), (Some(true), "2"));
    assert!(staging.files[1].matches("app/.env.staging.local"));
    let deploy = &config.services["backend"].deploy["staging"];
    assert!(deploy.complete && deploy.url.is_some());
    assert_eq!(config.secrets.environments, ["staging"]);
    assert_eq!(config.timeouts[0].equals, Some(86400.0));
    assert_eq!((config.timeouts[1].at_least, config.timeouts[1].at_most), (Some(5.0), Some(60.0)));
    assert_eq!(config.allow[0].until.unwrap().to_string(), "2027-01-31");
    assert!(config.other.contains_key("gate"));
    let declared = config.declared();
    assert_eq!(declared.services["backend"].path_patterns, ["backend/**"]);
    assert!(declared.exclude.is_match("third_party/a"));
}

#[test]
fn every_mistake_is_told_with_its_line_and_the_rest_is_read() {
    let text = "exclude = \"a\"\n[environment.staging]\ndeployed = \"yes\"\nfiles = [\"a[\"]\nhosts = [\"h\"]\n\
                [service.x]\nbuilder = \"kanico\"\n[timeouts]\na = {}\nb = { equals = \"soon\" }\n[[allow]]\nreason = \"r\"\n\
                [rule.x]\nseverity = \"fatal\"\n[secrets]\naffix = \"-staging\"\n";
    let config = load(&[(FILE_NAME, text)]);
    let lines: Vec<u32> = config.problems.iter().map(|problem| problem.line).collect();
    assert!(config.problems.iter().all(|problem| problem.blocking));
    for line in [1, 3, 4, 7, 9, 10, 11, 14, 16] {
        assert!(lines.contains(&line), "{line}: {:?}", told(&config));
    }
    assert_eq!(config.environments["staging"].hosts, ["h"]);
}

#[test]
fn what_is_not_toml_blocks_and_the_rest_is_read() {
    let config = load(&[(FILE_NAME, "exclude = [\"a\"]\n[environment.staging\ndeployed = true\n")]);
    assert_eq!(config.problems[0].line, 2);
    assert_eq!(config.exclude[0].text, "a");
    let unreadable = load(&[(FILE_NAME, "a = \"\0\"")]);
    assert!(unreadable.problems[0].blocking);
}

#[test]
fn a_file_wins_over_those_it_extends() {
    let config = load(&[
        (
            FILE_NAME,
            "extends = [\"shared/base.toml\"]\nexclude = [\"mine\"]\n[environment.staging]\ndeployed = false\n",
        ),
        (
            "shared/base.toml",
            "extends = [\"../more.toml\"]\nexclude = [\"theirs\"]\n[environment.staging]\ndeployed = true\nhosts = [\"h\"]\n",
        ),
        ("more.toml", "[secrets]\naffix = \"none\"\n"),
    ]);
    assert_eq!(told(&config), [] as [&str; 0]);
    assert_eq!(config.files, ["more.toml", "shared/base.toml", FILE_NAME]);
    assert_eq!(
        config.exclude.iter().map(|pattern| pattern.text.as_str()).collect::<Vec<_>>(),
        ["theirs", "mine"]
    );
    let staging = &config.environments["staging"];
    assert_eq!((staging.deployed, staging.hosts.as_slice()), (Some(false), &["h".to_owned()][..]));
    assert_eq!(config.secrets.affix, Some(Affix::None));
}

#[test]
fn what_cannot_be_extended_is_told() {
    for (parent, wanted) in
        [("../up.toml", "outside"), ("gone.toml", "does not exist"), (FILE_NAME, "extends itself")]
    {
        let config = load(&[(FILE_NAME, &format!("extends = [\"{parent}\"]\n"))]);
        assert!(told(&config)[0].contains(wanted), "{parent}: {:?}", told(&config));
    }
}

#[test]
fn unknown_keys_are_notes_with_the_nearest_name() {
    let config =
        load(&[(FILE_NAME, "exlude = []\n[environment.a]\nfile = []\n[service.b.deploy.c]\nurls = \"\"\n")]);
    assert_eq!(told(&config), [] as [&str; 0]);
    let notes: Vec<(&str, u32)> =
        config.notes.iter().map(|note| (note.fault.subject.as_str(), note.fault.at.line)).collect();
    assert_eq!(notes, [("environment.a.file", 3), ("exlude", 1), ("service.b.deploy.c.urls", 5)]);
    assert!(config.notes[1].fault.message.contains("Did you mean `exclude`?"));
}

#[test]
fn another_version_is_asked_for() {
    let config = load(&[(FILE_NAME, "required-version = \">=99\"\n")]);
    assert!(told(&config)[0].contains("asks for shipworthy >=99"));
}

#[test]
fn one_environment_has_one_table_in_a_file() {
    let config = load(&[(
        FILE_NAME,
        "[environment.production]\ndeployed = false\n[environment.prod]\ndeployed = true\n\
         [service.api.deploy.stg]\n[service.api.deploy.staging]\nurl = \"ftp//x\"\n",
    )]);
    let told = told(&config);
    assert!(
        told.iter().any(|line| line.starts_with("shipworthy.toml:3: ") && line.contains("line 1")),
        "{told:?}"
    );
    assert!(told.iter().any(|line| line.starts_with("shipworthy.toml:6: ")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("shipworthy.toml:7: `url`")), "{told:?}");
}
