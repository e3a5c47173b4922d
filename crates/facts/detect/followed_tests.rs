//! What programs do on their way to an answer, each followed as Python does it.

use source::Memory;

use super::Answer;
use crate::{Declared, Facts, collect};

const STAGING: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        \
                       - name: web\n          env:\n            - name: ENVIRONMENT\n              value: staging\n";

fn facts(files: &[(&str, &str)]) -> Facts {
    let tree: Memory = files.iter().copied().chain([("service.yaml", STAGING)]).collect();
    collect(&tree, &Declared::default())
}

/// What `get_environment` in `app.py` answers where `ENVIRONMENT` is `staging`.
fn answer(code: &str, files: &[(&str, &str)]) -> Answer {
    named("get_environment", code, files)
}

/// What another detector in `app.py` answers.
fn answer_of(code: &str, name: &str) -> Answer {
    named(name, code, &[])
}

fn named(name: &str, code: &str, files: &[(&str, &str)]) -> Answer {
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("app.py", code)]).collect();
    let facts = facts(&all);
    let of_web = |cell: &&super::Cell| {
        cell.deployment.starts_with("web") && cell.detector.ends_with(&format!("::{name}"))
    };
    facts.cells.iter().find(of_web).unwrap().answer.clone()
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

const LOADER: &str = "import os\n\ndef load():\n    with open(\"config/app.env\", encoding=\"utf-8\") as file:\n        \
                      for number, line in enumerate(file, 1):\n            line = line.strip()\n            \
                      if not line or line.startswith(\"#\"):\n                continue\n            \
                      name, value = line.split(\"=\", 1)\n            if CONDITION:\n                os.environ[name] = value\n\n\
                      def get_environment():\n    load()\n    return os.environ[\"ENVIRONMENT\"]\n";

#[test]
fn a_file_that_a_program_reads_by_itself_is_read() {
    let file = ("config/app.env", "# the environment\r\nENVIRONMENT=production\r\nLEVEL=info\r\n");
    let keeps = LOADER.replace("CONDITION", "name not in os.environ");
    assert_eq!(answer(&keeps, &[file]), text("staging"));
    let replaces = LOADER.replace("CONDITION", "name");
    assert_eq!(answer(&replaces, &[file]), text("production"));
    // Which of two it is depends on where the program is started.
    let second = ("web/config/app.env", "ENVIRONMENT=test\n");
    assert!(!answer(&replaces, &[file, second]).is_known());
}

#[test]
fn rounds_that_leave_nothing_behind_ask_nothing() {
    let loops = "    for host in client.hosts():\n        try:\n            reply = client.ping(host)\n            \
                 if reply.code == 0:\n                name = reply.name\n        except Exception:\n            pass\n"
        .repeat(12);
    let code = format!(
        "import os\nimport client\n\ndef get_environment():\n{loops}    return os.environ[\"ENVIRONMENT\"]\n"
    );
    assert_eq!(answer(&code, &[]), text("staging"));
    let leaving = code.replace("name = reply.name", "return reply.name");
    assert!(!answer(&leaving, &[]).is_known());
}

#[test]
fn a_text_stays_a_text_where_every_round_leaves_one() {
    let code = "import os\nimport re\n\ndef get_environment():\n    label = os.environ.get(\"LABEL\", \"\")\n    \
                try:\n        for pattern in (r\"<(\\w+)>\", r\"`(\\w+)`\"):\n            \
                for found in re.finditer(pattern, label):\n                \
                label = label.replace(found.group(0), found.group(1))\n    except TypeError:\n        return \"test\"\n    \
                return os.environ[\"ENVIRONMENT\"]\n";
    assert_eq!(answer(code, &[]), text("staging"));
    let other = code.replace("label = label.replace(found.group(0), found.group(1))", "label = found");
    assert!(!answer(&other, &[]).is_known());
}

#[test]
fn what_is_done_again_meets_the_objects_of_its_own_run() {
    let code = "import os\n\nclass Env:\n    def __init__(self):\n        self.name = \"production\"\n\n_env = None\n\n\
                def fill():\n    for name in (\"ENVIRONMENT\", \"ENVIRONMENT\"):\n        _env.name = os.environ[name]\n\n\
                def get_environment():\n    global _env\n    _env = Env()\n    fill()\n    \
                if os.environ.get(\"FLAG\"):\n        return _env.name\n    return _env.name.lower()\n";
    assert_eq!(answer(code, &[]), text("staging"));
}

#[test]
fn a_copy_of_all_variables_stays_as_it_was() {
    let code = "import os\n\ndef get_environment():\n    copy = dict(os.environ)\n    os.environ[\"ENVIRONMENT\"] = \"test\"\n    \
                other = copy.copy()\n    other[\"ENVIRONMENT\"] = \"production\"\n    other.pop(\"LEVEL\", None)\n    \
                if other.get(\"ENVIRONMENT\") != \"production\" or \"LEVEL\" in other:\n        return \"development\"\n    \
                return copy[\"ENVIRONMENT\"]\n";
    assert_eq!(answer(code, &[]), text("staging"));
    let cleared = code.replace("other.pop(\"LEVEL\", None)", "other.clear()").replace("!=", "==");
    assert!(!answer(&cleared, &[]).is_known());
}

#[test]
fn addresses_are_taken_apart_as_python_does() {
    let code = "from urllib.parse import quote, urlparse\nimport os\n\ndef get_environment():\n    \
                url = urlparse(\"HTTPS://us%20er:p@Api.Example.ai:8443/a/b?x=1#f\")\n    \
                parts = [url.scheme, url.hostname, url.port, url.path, url.query, url.fragment, url.username]\n    \
                wanted = [\"https\", \"api.example.ai\", 8443, \"/a/b\", \"x=1\", \"f\", \"us%20er\"]\n    \
                if parts != wanted or quote(\"a b/c~\", safe=\"\") != \"a%20b%2Fc~\" or urlparse(\"localhost:1\").netloc:\n        \
                return \"development\"\n    return os.environ[\"ENVIRONMENT\"]\n";
    assert_eq!(answer(code, &[]), text("staging"));
}

#[test]
fn a_name_that_is_not_bound_yet_is_an_error_that_can_be_handled() {
    let code = "import os\n\ndef early():\n    try:\n        return made.name\n    except NameError:\n        \
                return os.environ[\"ENVIRONMENT\"]\n\nclass Made:\n    def __init__(self):\n        self.name = early()\n\n\
                made = Made()\n\ndef get_environment():\n    return made.name\n";
    assert_eq!(answer(code, &[]), text("staging"));
}

#[test]
fn raise_alone_raises_what_is_being_handled() {
    let code = "import os\n\ndef inner():\n    try:\n        raise KeyError(\"x\")\n    except Exception:\n        raise\n\n\
                def get_environment():\n    try:\n        inner()\n    except ValueError:\n        return \"production\"\n    \
                except KeyError:\n        return os.environ[\"ENVIRONMENT\"]\n";
    assert_eq!(answer(code, &[]), text("staging"));
}

/// A program that imports what it needs, and answers with what its body says.
fn program(body: &str) -> String {
    let body = body.lines().collect::<Vec<_>>().join("\n    ");
    format!(
        "import os, time, secrets, sys\nimport client\n\ndef get_environment():\n    given = os.environ[\"ENVIRONMENT\"]\n    {body}\n"
    )
}

const NAME: &str = "return os.environ[\"ENVIRONMENT\"]";

#[test]
fn a_clock_stands_still_until_something_else_is_done() {
    let wait = |first: &str| {
        format!(
            "start = time.time()\n{first}while time.time() - start < 10.0:\n    try:\n        {NAME}\n    \
             except KeyError:\n        time.sleep(0.1)\nreturn \"test\""
        )
    };
    assert_eq!(answer(&program(&wait("")), &[]), text("staging"));
    assert!(!answer(&program(&wait("time.sleep(20)\n")), &[]).is_known());
    assert!(!answer(&program(&wait("client.ping()\n")), &[]).is_known());
}

#[test]
fn a_clock_of_another_time_has_moved_on() {
    let module = "import os, time\n\nSTART = time.time()\n\ndef get_environment():\n    \
                  if time.time() - START < 60:\n        return \"test\"\n    return os.environ[\"ENVIRONMENT\"]\n";
    assert!(!answer(module, &[]).is_known());
    let object = "import os, time\n\nclass Settings:\n    def __init__(self):\n        self.made = time.time()\n\n    \
                  def get_environment(self):\n        if time.time() - self.made < 60:\n            \
                  return \"test\"\n        return os.environ[\"ENVIRONMENT\"]\n";
    assert!(!answer_of(object, "Settings.get_environment").is_known());
}

#[test]
fn a_loop_that_waits_ends_as_it_began() {
    let waiting = "while not client.is_ready():\n    time.sleep(1)\n";
    assert_eq!(answer(&program(&format!("{waiting}{NAME}")), &[]), text("staging"));
    let leaving = "while not client.is_ready():\n    if client.is_lost():\n        return \"test\"\n";
    assert!(!answer(&program(&format!("{leaving}{NAME}")), &[]).is_known());
}

#[test]
fn numbers_that_are_not_known_do_not_fail() {
    let scores = "try:\n    found = client.find()\n    score = max(0, 100 - len(found) * 15 + int(3 / 4 * 10))\n    \
                  share = min(100, round(score / 7))\nexcept ValueError:\n    return \"test\"\n";
    let never = scores.replace("client.find()", "sys.argv[1:]");
    assert!(!answer(&program(&format!("{scores}{NAME}")), &[]).is_known());
    assert_eq!(answer(&program(&format!("{never}{NAME}")), &[]), text("staging"));
    let zero = "try:\n    share = 1 / len([])\nexcept ZeroDivisionError:\n    return \"test\"\n";
    assert_eq!(answer(&program(&format!("{zero}{NAME}")), &[]), text("test"));
    let sums = "if sum([1, 2, 3]) == 6 and abs(-4) == 4 and min([3, 2]) == 2 and max(1, 5, 2) == 5:\n    return \"test\"\n";
    assert_eq!(answer(&program(&format!("{sums}{NAME}")), &[]), text("test"));
}

#[test]
fn what_a_list_is_extended_by_is_not_forgotten() {
    let with = |more: &str| {
        program(&format!("errors = []\nerrors.extend({more})\nif errors:\n    return \"test\"\n{NAME}"))
    };
    assert_eq!(answer(&with("[]"), &[]), text("staging"));
    assert_eq!(answer(&with("[\"one\"]"), &[]), text("test"));
    assert!(!answer(&with("client.errors()"), &[]).is_known());
    let of_map = |more: &str| {
        program(&format!(
            "names = {{\"a\": os.environ[\"ENVIRONMENT\"]}}\nnames.update({more})\nreturn names[\"a\"]"
        ))
    };
    assert_eq!(answer(&of_map("{\"b\": \"c\"}"), &[]), text("staging"));
    assert!(!answer(&of_map("client.names()"), &[]).is_known());
}

#[test]
fn the_fields_of_an_object_are_a_dictionary() {
    let with = |rest: &str| {
        format!(
            "import os\n\nclass Settings:\n    def __init__(self):\n        self.env = os.environ[\"ENVIRONMENT\"]\n\n\
             def get_environment():\n    settings = Settings()\n    fields = settings.__dict__\n    {rest}\n"
        )
    };
    assert_eq!(answer(&with("return fields[\"env\"]"), &[]), text("staging"));
    // The object changes with it, which is not followed.
    assert!(!answer(&with("fields[\"env\"] = \"test\"\n    return settings.env"), &[]).is_known());
    assert!(!answer(&with("settings.env = \"test\"\n    return fields[\"env\"]"), &[]).is_known());
}

#[test]
fn a_token_is_a_text_that_is_not_empty() {
    let token = format!("if secrets.token_hex(8):\n    {NAME}\nreturn \"test\"");
    assert_eq!(answer(&program(&token), &[]), text("staging"));
}

#[test]
fn a_match_in_a_text_that_is_not_known_is_a_match() {
    let finds = |method: &str| {
        format!(
            "import re\nfor found in re.finditer(r\"a(b)\", os.getenv(\"OTHER\", \"\")):\n    try:\n        \
             name = found.{method}\n    except Exception:\n        return \"test\"\n{NAME}"
        )
    };
    assert_eq!(answer(&program(&finds("group(0).lower()")), &[]), text("staging"));
    // A group that takes no part is nothing, which has no lower case.
    assert!(!answer(&program(&finds("group(1).lower()")), &[]).is_known());
}

#[test]
fn a_function_that_only_reads_substitutes_without_failing() {
    let with = |body: &str| {
        format!(
            "import re\ndef put(found):\n    {body}\ntry:\n    value = re.sub(r\"a(b)\", put, os.getenv(\"OTHER\", \"\"))\n    \
             name = value.lower()\nexcept Exception:\n    return \"test\"\n{NAME}"
        )
    };
    assert_eq!(answer(&program(&with("return os.environ.get(found.group(0), \"\")")), &[]), text("staging"));
    assert!(!answer(&program(&with("return found.start()")), &[]).is_known());
    assert!(
        !answer(&program(&with("os.environ[\"ENVIRONMENT\"] = \"test\"\n    return \"\"")), &[]).is_known()
    );
}

#[test]
fn what_is_fixed_in_a_process_is_asked_once() {
    let twice = |asked: &str| format!("if {asked} and not ({asked}):\n    return \"test\"\n{NAME}");
    assert_eq!(answer(&program(&twice("\"web\" in os.getcwd()")), &[]), text("staging"));
    assert_eq!(answer(&program(&twice("\"web\" in sys.modules")), &[]), text("staging"));
    assert_eq!(
        answer(&program(&twice("hasattr(sys.modules.get(\"__main__\"), \"__file__\")")), &[]),
        text("staging")
    );
    // Something may have loaded it in between.
    let later = format!(
        "first = \"web\" in sys.modules\nclient.ping()\nif not first and \"web\" in sys.modules:\n    return \"test\"\n{NAME}"
    );
    assert!(!answer(&program(&later), &[]).is_known());
}

/// Settings of pydantic with this body, of which `environment` is asked.
fn settings(imports: &str, body: &str) -> Answer {
    let code = format!(
        "from pydantic import {imports}, BaseModel\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\
         class Settings(BaseSettings):\n    environment: str = \"development\"\n    is_production: bool = False\n{body}\n\n\
         settings = Settings()\n\ndef get_environment():\n    return settings.environment\n\n\
         def is_production():\n    return settings.is_production\n"
    );
    answer(&code, &[])
}

#[test]
fn validators_of_pydantic_are_run() {
    let validator = |decorator: &str| {
        format!(
            "    {decorator}(\"environment\")\n    @classmethod\n    def named(cls, value):\n        return value.replace(\"staging\", \"production\")\n"
        )
    };
    assert_eq!(settings("field_validator", &validator("@field_validator")), text("production"));
    let other = validator("@field_validator")
        .replace("\"environment\"", "\"is_production\"")
        .replace("production", "staging");
    assert_eq!(settings("field_validator", &other), text("staging"));
    let whole = "    @model_validator(mode=\"after\")\n    def fill(self):\n        self.environment = \"production\"\n        return self\n";
    assert_eq!(settings("model_validator", whole), text("production"));
    let before = whole.replace("after", "before").replace("(self)", "(cls, data)");
    assert!(!settings("model_validator", &before).is_known());
}

#[test]
fn sources_of_settings_are_told_apart() {
    let config = |options: &str| format!("    model_config = SettingsConfigDict({options})\n");
    assert_eq!(settings("Field", &config("env_prefix=\"\"")), text("staging"));
    assert_eq!(settings("Field", &config("env_ignore_empty=True")), text("staging"));
    // Only `environment` is read then, which nothing sets for certain.
    assert!(!settings("Field", &config("case_sensitive=True")).is_known());
    let own =
        "    @classmethod\n    def settings_customise_sources(cls, *sources):\n        return sources\n";
    assert!(!settings("Field", own).is_known());
}
