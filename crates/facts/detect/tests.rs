use source::Memory;

use super::Answer;
use crate::{Declared, DeclaredDeployment, DeclaredService, Facts, collect};

const STAGING: (&str, &str) = (
    "service.yaml",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        \
     - name: web\n          env:\n            - name: ENVIRONMENT\n              value: staging\n",
);

fn facts(path: &str, code: &str) -> Facts {
    let tree: Memory = [STAGING, (path, code)].into_iter().collect();
    collect(&tree, &Declared::default())
}

/// The answer of the detector with this name in the one deployment.
fn answer(facts: &Facts, name: &str) -> Option<Answer> {
    let cell = facts.cells.iter().find(|cell| cell.detector.ends_with(&format!("::{name}")))?;
    Some(cell.answer.clone())
}

#[test]
fn a_variable_that_nothing_looks_at_opens_no_question() {
    // Twelve questions would have 4,096 answers.
    let names: Vec<String> = (0..12).map(|at| format!("OTHER_{at}")).collect();
    let lines = names.iter().map(|name| format!("        self.{name} = os.environ.get(\"{name}\", \"x\")\n"));
    let code = format!(
        "import os\n\nclass Settings:\n    def __init__(self):\n{}        self.env = os.getenv(\"ENVIRONMENT\")\n\n\
         settings = Settings()\n\ndef get_environment():\n    return settings.env\n",
        lines.collect::<String>()
    );
    let facts = facts("app.py", &code);
    assert_eq!(answer(&facts, "get_environment"), Some(Answer::Text("staging".to_owned())));
}

#[test]
fn a_variable_that_is_looked_at_later_is_still_in_question() {
    let code = "import os\n\nforced = {\"name\": os.getenv(\"FORCED_ENV\")}\n\ndef get_environment():\n    \
                for name in forced.values():\n        if name:\n            return name\n    \
                return os.environ[\"ENVIRONMENT\"]\n";
    let facts = facts("app.py", code);
    let cell = &facts.cells[0];
    assert!(!cell.answer.is_known());
    assert_eq!(cell.as_declared, Some(Answer::Text("staging".to_owned())));
}

#[test]
fn a_file_that_the_repository_does_not_hold_is_not_loaded() {
    let code = "import os\nfrom pathlib import Path\n\ndef get_environment():\n    file = Path.cwd() / \".env\"\n    \
                if file.exists():\n        return load(file)\n    return os.environ[\"ENVIRONMENT\"]\n";
    let cell = |facts: &Facts| facts.cells[0].clone();
    let without = facts("app.py", code);
    assert_eq!(cell(&without).as_declared, Some(Answer::Text("staging".to_owned())));
    let tree: Memory =
        [STAGING, ("app.py", code), (".env", "ENVIRONMENT=production\n")].into_iter().collect();
    assert_eq!(cell(&collect(&tree, &Declared::default())).as_declared, None);
}

#[test]
fn what_all_ways_agree_on_is_told_where_nothing_is_set() {
    // Each call opens two questions, and there are more ways than are tried.
    let lines = "    try:\n        client.ping()\n    except Exception:\n        pass\n".repeat(10);
    let code = format!(
        "import os\nimport client\n\ndef get_environment():\n{lines}    return os.environ.get(\"ENVIRONMENT\", \"\")\n"
    );
    let facts = facts("app.py", &code);
    assert!(facts.detectors[0].unset == Answer::Text(String::new()));
    assert!(!facts.cells[0].answer.is_known());
}

#[test]
fn each_image_of_a_service_is_one_by_itself() {
    let compose = "services:\n  web:\n    build: {context: web, dockerfile: DOCKERFILE}\n    environment:\n      \
                   ENVIRONMENT: staging\n";
    let built_from = |dockerfile: &str| compose.replace("DOCKERFILE", dockerfile);
    let (alpine, slim) = (built_from("alpine.Dockerfile"), built_from("slim.Dockerfile"));
    let images = [
        ("web/alpine.Dockerfile", "FROM alpine\nENV MODE=small LEVEL=info\nCMD [\"run\"]\n"),
        ("web/slim.Dockerfile", "FROM debian\nENV MODE=large LEVEL=info EXTRA=1\nCMD [\"run\"]\n"),
    ];
    let given = |files: &[(&'static str, &str)]| {
        let tree: Memory = images.into_iter().chain(files.iter().copied()).collect();
        let facts = collect(&tree, &Declared::default());
        let web = facts.deployments.iter().find(|deployment| deployment.id == "web@staging").unwrap().clone();
        (web.variables.get("MODE").cloned(), web.variables.get("LEVEL").cloned(), web.hidden)
    };
    let (mode, _, hidden) = given(&[("compose.staging.yaml", &alpine)]);
    assert_eq!((mode.as_deref(), hidden.len()), (Some("small"), 0));
    let (mode, level, hidden) =
        given(&[("compose.staging.yaml", &alpine), ("docker-compose.staging.yaml", &slim)]);
    assert_eq!((mode, level.as_deref()), (None, Some("info")));
    assert_eq!(hidden.into_iter().collect::<Vec<_>>(), ["EXTRA", "MODE"]);
}

/// A declared service in two environments, with these variables.
fn two_deployments(code: &str, staging: &[(&str, &str)], production: &[(&str, &str)]) -> Facts {
    let deployment = |variables: &[(&str, &str)]| DeclaredDeployment {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        complete: true,
        url: None,
    };
    let deploy =
        [("staging".to_owned(), deployment(staging)), ("production".to_owned(), deployment(production))];
    let service = DeclaredService { deploy: deploy.into_iter().collect(), ..DeclaredService::default() };
    let mut declared = Declared::default();
    declared.services.insert("web".to_owned(), service);
    collect(&[("app.py", code)].into_iter().collect::<Memory>(), &declared)
}

const OPERAND: &str = "import os\n\nenvironment = os.getenv(\"ENVIRONMENT\", \"\")\n\
                       is_staging = environment == \"staging\" or bool(os.environ.get(\"K_SERVICE\"))\n";

#[test]
fn an_operand_that_is_always_true_can_go_where_the_rest_is_right() {
    let given = |environment| [("K_SERVICE", "web"), ("ENVIRONMENT", environment)];
    let facts = two_deployments(OPERAND, &given("staging"), &given("production"));
    let [repair] = facts.repairs.as_slice() else { panic!("{:?}", facts.repairs) };
    assert_eq!(&OPERAND[repair.span.start..repair.span.end], " or bool(os.environ.get(\"K_SERVICE\"))");
    let changed: Vec<_> =
        repair.table.iter().filter(|cell| cell.after.as_ref() != Some(&cell.before)).collect();
    let [cell] = changed.as_slice() else { panic!("{changed:?}") };
    assert_eq!((cell.deployment.as_str(), &cell.before), ("web@production", &Answer::Bool(true)));
    assert_eq!(cell.after, Some(Answer::Bool(false)));
    // Staging counts on it.
    assert_eq!(two_deployments(OPERAND, &[("K_SERVICE", "web")], &given("production")).repairs, []);
}

#[test]
fn letters_are_looked_for_among_words_only_where_the_answers_stay_right() {
    let code =
        "import os\n\ndef is_production():\n    return \"prod\" in os.environ[\"K_SERVICE\"].lower()\n";
    let repairs = |production| {
        two_deployments(code, &[("K_SERVICE", "web-staging")], &[("K_SERVICE", production)]).repairs
    };
    assert_eq!(repairs("web-prod").iter().map(|repair| &*repair.text).collect::<Vec<_>>(), [".split(\"-\")"]);
    assert_eq!(repairs("webprod"), []);
}

/// What Compose and a deploy command start under one name are two, each with its own variables.
#[test]
fn compose_and_a_platform_start_two_deployments() {
    let tree: Memory = [
        ("app.py", "import os\n\ndef get_environment():\n    return os.environ.get(\"ENVIRONMENT\") or os.environ.get(\"K_SERVICE\")\n"),
        ("compose.staging.yaml", "services:\n  web:\n    build: .\n    environment:\n      MODE: a\n"),
        ("Dockerfile", "FROM python:3.12\nCOPY . /app\nCMD [\"python\", \"/app/app.py\"]\n"),
        ("deploy-staging.sh", "gcloud run deploy web --source . --update-env-vars ENVIRONMENT=staging\n"),
    ]
    .into_iter()
    .collect();
    let facts = collect(&tree, &Declared::default());
    let ids: Vec<_> = facts.deployments.iter().map(|one| (one.id.as_str(), one.complete)).collect();
    assert_eq!(ids, [("web@staging", false), ("web@staging (compose.staging.yaml)", true)]);
    let answers: Vec<_> = facts.cells.iter().map(|cell| cell.answer.clone()).collect();
    assert_eq!(answers, [Answer::Text("staging".to_owned()), Answer::Nothing]);
}

/// An env file of tests, or one that nothing loads beside what is deployed, is no deployment.
#[test]
fn env_files_that_nothing_loads_are_no_deployments() {
    let ids = |files: &[(&str, &str)]| {
        let all =
            [("config/staging.env", "ENVIRONMENT=staging\n"), (".env.staging.e2e", "ENVIRONMENT=staging\n")];
        let tree: Memory = all.iter().chain(files).copied().collect();
        let facts = collect(&tree, &Declared::default());
        facts.deployments.iter().map(|one| one.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["config@staging"]);
    assert_eq!(ids(&[("service.yaml", STAGING.1)]), ["web@staging"]);
    assert_eq!(
        ids(&[(".env.staging", "MODE=a\n"), ("service.yaml", STAGING.1)]),
        ["app@staging", "web@staging"]
    );
}

/// What one detector makes of what a module leaves behind is not there for the next.
#[test]
fn what_a_module_leaves_behind_is_the_same_for_each_detector() {
    let code = "import os\n\nstate = {\"name\": os.environ[\"ENVIRONMENT\"]}\nname = state[\"name\"]\n\n\
                def get_environment():\n    state[\"name\"] = \"production\"\n    return name and state[\"name\"]\n\n\
                def get_env():\n    return state[\"name\"]\n";
    let facts = facts("app.py", code);
    let told = |name: &str| answer(&facts, name);
    let text = |text: &str| Some(Answer::Text(text.to_owned()));
    assert_eq!(told("get_environment"), text("production"));
    assert_eq!(told("get_env"), text("staging"));
}

/// What only a test runner or a build sets is absent in a deployment, also in one that may set more.
#[test]
fn variables_of_test_runners_are_absent_in_a_deployment() {
    let code = "import os\n\ndef get_environment():\n    if os.environ.get(\"CI\") or os.environ.get(\"PYTEST_VERSION\"):\n        \
                return \"test\"\n    return os.environ[\"ENVIRONMENT\"]\n";
    assert_eq!(answer(&facts("app.py", code), "get_environment"), Some(Answer::Text("staging".to_owned())));
}

/// Of items that are not known nothing is known after the loop but what no round changes.
#[test]
fn a_loop_over_what_is_not_known_changes_what_it_binds() {
    let told = |body: &str| {
        let code = format!(
            "import os\nimport plugins\n\ndef get_environment():\n    name = os.environ[\"ENVIRONMENT\"]\n    \
             last = None\n    for plugin in plugins.all():\n        {body}\n    return name\n"
        );
        answer(&facts("app.py", &code), "get_environment")
    };
    let staging = Some(Answer::Text("staging".to_owned()));
    assert_eq!(told("last = plugin"), staging);
    for changes in
        ["name = plugin.name", "os.environ[plugin.key] = \"x\"\n        name = os.environ[\"ENVIRONMENT\"]"]
    {
        assert!(told(changes).is_some_and(|answer| !answer.is_known()), "{changes}");
    }
}

/// An image holds the env files that COPY brings and the ignore file lets through, whoever else has one.
#[test]
fn an_env_file_is_there_where_the_image_takes_it() {
    let code = "import os\nfrom pathlib import Path\n\ndef get_environment():\n    \
                if (Path.cwd() / \"conf\" / \"local.env\").exists():\n        return load()\n    \
                return os.environ[\"ENVIRONMENT\"]\n";
    let told = |copy: &str, ignored: &str| {
        let dockerfile = format!("FROM python:3.12\nWORKDIR /srv\n{copy}\nCMD [\"python\", \"app.py\"]\n");
        let tree: Memory = [
            ("app.py", code),
            ("conf/local.env", "MODE=a\n"),
            ("Dockerfile", &dockerfile),
            (".dockerignore", ignored),
            ("deploy-staging.sh", "gcloud run deploy web --source . --update-env-vars ENVIRONMENT=staging\n"),
        ]
        .into_iter()
        .collect();
        let service =
            DeclaredService { dockerfile: Some("Dockerfile".to_owned()), ..DeclaredService::default() };
        let mut declared = Declared::default();
        declared.services.insert("web".to_owned(), service);
        answer(&collect(&tree, &declared), "get_environment")
    };
    let staging = Some(Answer::Text("staging".to_owned()));
    assert_eq!(told("COPY app.py ./", ""), staging);
    assert_eq!(told("COPY . .", "*.env\nconf/*.env\n"), staging);
    for (copy, ignored) in [("COPY . .", ""), ("COPY app.py ./\nCOPY conf conf", ""), ("COPY . .", "*.env\n")]
    {
        assert!(told(copy, ignored).is_some_and(|answer| !answer.is_known()), "{copy} {ignored}");
    }
}

/// What code takes by a detector's answer, in each of the ways to write it.
#[test]
fn what_is_chosen_by_an_answer_is_found() {
    let code = "import os\n\nHOSTS = {\"staging\": \"db.staging.example.ai\", \"production\": \"db.example.ai\"}\n\n\
                def load():\n    environment = os.environ[\"ENVIRONMENT\"].lower()\n    \
                is_staging = environment == \"staging\" or os.environ.get(\"K_SERVICE\")\n    \
                host = HOSTS.get(environment, \"db.dev.example.ai\")\n    \
                bucket = f\"files-{environment}\"\n    \
                if not is_staging:\n        return \"jwt-secret\"\n    else:\n        return \"jwt-secret-staging\"\n\n\
                def other(environment):\n    return f\"not-{environment}\"\n";
    let facts = facts("app.py", code);
    let chosen = |name: &str, answer: &Answer| {
        let detector = facts.detectors.iter().find(|detector| detector.name.ends_with(name)).unwrap();
        let all = detector.choices.iter().filter_map(|choice| choice.of(answer));
        all.map(|(text, at)| (text, at.line)).collect::<Vec<_>>()
    };
    let text = |text: &str| Answer::Text(text.to_owned());
    let pair = |text: &str, line| (text.to_owned(), line);
    assert_eq!(
        chosen(".environment", &text("production")),
        [pair("db.example.ai", 3), pair("files-production", 9)]
    );
    assert_eq!(chosen(".environment", &text("qa")), [pair("db.dev.example.ai", 8), pair("files-qa", 9)]);
    assert_eq!(chosen(".is_staging", &Answer::Bool(true)), [pair("jwt-secret-staging", 13)]);
    assert_eq!(chosen(".is_staging", &Answer::Bool(false)), [pair("jwt-secret", 11)]);
}

/// An attribute's value is found in the function that its class calls.
#[test]
fn the_value_of_an_attribute_is_given_where_it_is_made() {
    let code = "import os\n\ndef named():\n    return os.environ[\"ENVIRONMENT\"]\n\n\
                class Settings:\n    environment = named()\n";
    let facts = facts("app.py", code);
    let cell = facts.cells.iter().find(|cell| cell.detector.ends_with("Settings.environment")).unwrap();
    assert_eq!((&cell.answer, cell.at.line), (&Answer::Text("staging".to_owned()), 4));
}

/// Whether it is known that `APP_ENV` is not set, of a Compose service whose image holds these files.
fn is_known_absent(files: &[(&str, &str)]) -> bool {
    const COMPOSE: &str =
        "services:\n  web:\n    build: .\n    environment:\n      API_URL: https://api.example.org\n";
    const DETECTOR: &str = "import os\nIS_PRODUCTION = os.environ.get(\"APP_ENV\") == \"production\"\n";
    let all = [("docker-compose.prod.yml", COMPOSE), ("settings.py", DETECTOR)];
    let tree: Memory = all.into_iter().chain(files.iter().copied()).collect();
    collect(&tree, &Declared::default()).cells[0].answer.is_known()
}

#[test]
fn what_the_start_of_a_program_may_set_is_not_absent() {
    let dockerfile = |start: &str| format!("FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD {start}\n");
    let with = |start: &str, main: &str, others: &[(&str, &str)]| {
        let dockerfile = dockerfile(start);
        let files = [("Dockerfile", dockerfile.as_str()), ("main.py", main)];
        is_known_absent(&files.into_iter().chain(others.iter().copied()).collect::<Vec<_>>())
    };
    let plain = "import settings\n";
    let start = "[\"python\", \"main.py\"]";
    assert!(with(start, plain, &[]));
    assert!(with(start, "import os\nos.environ[\"OTHER\"] = \"x\"\nimport settings\n", &[]));
    assert!(!with(start, "import os\nos.environ.setdefault(\"APP_ENV\", \"x\")\nimport settings\n", &[]));
    assert!(!with(start, "import os\nos.environ[\"APP_ENV\"] = \"x\"\nimport settings\n", &[]));
    assert!(!with("[\"sh\", \"-c\", \"APP_ENV=production exec python main.py\"]", plain, &[]));
    assert!(!with("[\"gunicorn\", \"--env\", \"APP_ENV=production\", \"main:app\"]", plain, &[]));
    assert!(!with(
        "[\"uvicorn\", \"main:app\", \"--env-file\", \"prod.env\"]",
        plain,
        &[("prod.env", "A=b\n")]
    ));
    assert!(!with("[\"flask\", \"run\"]", plain, &[(".flaskenv", "APP_ENV=production\n")]));
}
