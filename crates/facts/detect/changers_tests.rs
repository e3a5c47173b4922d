//! What a module does to its own names and to the variables of the process, beside binding names.

use source::Memory;

use super::Answer;
use crate::{Declared, DeclaredDeployment, DeclaredService, Facts, collect};

/// The facts of these files with one deployment that sets `ENVIRONMENT` to `staging` and nothing else.
fn facts(files: &[(&str, &str)]) -> Facts {
    let tree: Memory = files.iter().copied().collect();
    let deployment = DeclaredDeployment {
        variables: [("ENVIRONMENT".to_owned(), "staging".to_owned())].into(),
        complete: true,
        url: None,
    };
    let deploy = [("staging".to_owned(), deployment)].into();
    let service = DeclaredService { deploy, ..DeclaredService::default() };
    let mut declared = Declared::default();
    declared.services.insert("web".to_owned(), service);
    collect(&tree, &declared)
}

fn answer(code: &str, name: &str) -> Option<Answer> {
    let facts = facts(&[("app.py", code)]);
    let cell = facts.cells.iter().find(|cell| cell.detector == format!("app.py::{name}"))?;
    Some(cell.answer.clone())
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may not be found")]
fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may not be found")]
fn raises(class: &str) -> Option<Answer> {
    Some(Answer::Raises(class.to_owned()))
}

#[test]
fn variables_that_a_module_sets_are_set_for_each_of_its_detectors() {
    let code = "import os\n\nos.environ[\"STAGE\"] = os.environ.get(\"ENVIRONMENT\", \"x\")\nstage = os.getenv(\"STAGE\")\n\
                ENVIRONMENT = os.environ.get(\"ENVIRONMENT\")\n";
    assert_eq!(answer(code, "stage"), text("staging"));
    assert_eq!(answer(code, "ENVIRONMENT"), text("staging"));
    // What was read before it was set is as it was.
    let later = "import os\n\nAPP_ENV = os.getenv(\"APP_ENV\", \"none\")\nos.environ[\"APP_ENV\"] = \"test\"\n\n\
                 def get_environment():\n    return os.environ[\"APP_ENV\"] + \":\" + APP_ENV\n\n\
                 def app_env():\n    return APP_ENV\n";
    assert_eq!(answer(later, "app_env"), text("none"));
    assert_eq!(answer(later, "APP_ENV"), text("none"));
}

#[test]
fn functions_that_set_names_of_the_module_are_run() {
    let code = "import os\n\n_cached = \"development\"\n\ndef init():\n    global _cached\n    \
                _cached = os.environ.get(\"ENVIRONMENT\", \"development\")\n\nCALL\n\n\
                def get_environment():\n    return os.environ.get(\"APP_ENV\") or _cached\n";
    assert_eq!(answer(&code.replace("CALL", "init()"), "get_environment"), text("staging"));
    assert_eq!(answer(&code.replace("CALL", "if True:\n    init()"), "get_environment"), text("staging"));
    assert_eq!(answer(&code.replace("CALL", "init"), "get_environment"), text("development"));
    let by_another = code.replace("CALL", "def start():\n    init()\n\nstart()");
    assert_eq!(answer(&by_another, "get_environment"), text("staging"));
    let environ = "import os\n\ndef init(name):\n    os.environ[\"APP_ENV\"] = name\n\ninit(\"test\")\n\n\
                   def get_environment():\n    return os.environ[\"APP_ENV\"]\n";
    assert_eq!(answer(environ, "get_environment"), text("test"));
}

#[test]
fn what_is_put_into_objects_is_there() {
    let class = "import os\n\nclass Config:\n    name = os.environ.get(\"ENV\", \"development\")\n\nCHANGE\n\n\
                 def get_environment():\n    return Config.name\n";
    let changed = class.replace("CHANGE", "Config.name = os.environ[\"ENVIRONMENT\"]");
    assert_eq!(answer(&changed, "get_environment"), text("staging"));
    let by_alias = class.replace("CHANGE", "config = Config\nconfig.name = os.environ[\"ENVIRONMENT\"]");
    assert_eq!(answer(&by_alias, "get_environment"), text("staging"));
    let other = class.replace("CHANGE", "other = {}\nother[\"name\"] = os.environ[\"ENVIRONMENT\"]");
    assert_eq!(answer(&other, "get_environment"), text("development"));
    let map = "import os\n\nstate = {}\n\ndef fill(target):\n    target[\"env\"] = os.environ[\"ENVIRONMENT\"]\n\nCHANGE\n\n\
               def current_env():\n    return state.get(\"env\") or os.environ.get(\"APP_ENV\", \"none\")\n";
    for change in [
        "state[\"env\"] = os.environ[\"ENVIRONMENT\"]",
        "state.update(env=\"x\")\nstate[\"env\"] = os.environ[\"ENVIRONMENT\"]",
        "fill(state)",
        "if os.environ.get(\"ENVIRONMENT\") == \"staging\":\n    state[\"env\"] = \"staging\"",
    ] {
        assert_eq!(answer(&map.replace("CHANGE", change), "current_env"), text("staging"), "{change}");
    }
    assert_eq!(answer(&map.replace("CHANGE", "fill({})"), "current_env"), text("none"));
}

#[test]
fn assertions_raise_where_they_do_not_hold() {
    let code = "import os\n\ndef app_env():\n    value = os.environ.get(\"NAME\")\n    assert value, \"missing\"\n    \
                return value\n";
    assert_eq!(answer(&code.replace("NAME", "ENVIRONMENT"), "app_env"), text("staging"));
    assert_eq!(answer(&code.replace("NAME", "APP_ENV"), "app_env"), raises("AssertionError"));
}

const SETTINGS: &str = "from enum import Enum\nfrom typing import Literal, Optional\nfrom pydantic import AliasChoices, Field, field_validator\n\
    from pydantic_settings import BaseSettings\n\nclass Environment(str, Enum):\n    STAGING = \"staging\"\n    \
    DEVELOPMENT = \"development\"\n\nclass Other(Enum):\n    TEST = \"test\"\n\nNames = Literal[\"staging\", \"test\"]\n\n\
    class Settings(BaseSettings):\n    FIELD\n\n    @property\n    def is_staging(self) -> bool:\n        \
    return self.environment == \"staging\"\n";

#[test]
fn settings_are_converted_to_what_their_fields_are() {
    let is_staging = |field: &str| answer(&SETTINGS.replace("FIELD", field), "Settings.is_staging");
    let yes = Some(Answer::Bool(true));
    for field in [
        "environment: Environment = Environment.DEVELOPMENT",
        "environment: Optional[Environment] = None",
        "environment: \"Environment | None\" = None",
        "environment: Literal[\"staging\", 'test'] = \"test\"",
        "environment: Names = \"test\"",
    ] {
        assert_eq!(is_staging(field), yes, "{field}");
    }
    for field in ["environment: Other = Other.TEST", "environment: Literal[\"test\"] = \"test\""] {
        assert_eq!(is_staging(field), raises("ValidationError"), "{field}");
    }
    let lowered = "environment: Environment\n\n    @field_validator(\"environment\", mode=\"before\")\n    @classmethod\n    \
                   def lower(cls, value):\n        return value[:7].lower()";
    assert_eq!(is_staging(lowered), yes);
}

#[test]
fn aliases_of_settings_are_tried_in_order() {
    let is_staging = |field: &str| answer(&SETTINGS.replace("FIELD", field), "Settings.is_staging");
    let aliased = |names: &str| {
        is_staging(&format!("environment: str = Field(default=\"x\", validation_alias={names})"))
    };
    assert_eq!(aliased("AliasChoices(\"APP_ENV\", \"ENVIRONMENT\")"), Some(Answer::Bool(true)));
    assert_eq!(aliased("AliasChoices(\"APP_ENV\", \"STAGE\")"), Some(Answer::Bool(false)));
    assert!(aliased("AliasPath(\"ENVIRONMENT\", 0)").is_some_and(|answer| !answer.is_known()));
}

#[test]
fn fields_that_a_program_fills_itself_are_no_parameters() {
    let code = "import os\nfrom dataclasses import dataclass, field\n\n@dataclass\nclass Config:\n    environment: str\n    \
                is_staging: bool = field(INIT)\n\n    def __post_init__(self):\n        \
                self.is_staging = self.environment == \"staging\"\n\nconfig = Config(os.environ.get(\"ENVIRONMENT\", \"x\"))\n\n\
                def is_staging():\n    return config.is_staging\n";
    assert_eq!(answer(&code.replace("INIT", "init=False"), "is_staging"), Some(Answer::Bool(true)));
    assert_eq!(answer(&code.replace("INIT", "repr=False"), "is_staging"), raises("TypeError"));
}

#[test]
fn what_a_class_of_classes_gives_is_not_known() {
    let code = "import os\n\nclass Meta(type):\n    @property\n    def is_staging(cls):\n        return cls.ENV == \"staging\"\n\n\
                class Config(metaclass=Meta):\n    ENV = os.environ[\"ENVIRONMENT\"]\n\n\
                def is_staging():\n    return Config.is_staging\n\ndef get_environment():\n    return Config.ENV\n";
    assert!(answer(code, "is_staging").is_some_and(|answer| !answer.is_known()));
    assert_eq!(answer(code, "get_environment"), text("staging"));
}

#[test]
fn libraries_that_read_variables_are_followed() {
    let found = |made: &str, read: &str| {
        let code = format!(
            "from decouple import config\nimport environ\nfrom environs import Env\n\n{made}\n\nENVIRONMENT = {read}\n"
        );
        answer(&code, "ENVIRONMENT")
    };
    assert_eq!(found("", "config(\"ENVIRONMENT\", default=\"x\")"), text("staging"));
    assert_eq!(found("", "config(\"APP_ENV\", default=\"X\", cast=lambda v: v.lower())"), text("x"));
    assert_eq!(found("", "config(\"APP_ENV\")"), raises("UndefinedValueError"));
    assert_eq!(found("env = Env()", "env.str(\"ENVIRONMENT\", \"x\")"), text("staging"));
    assert_eq!(found("env = Env()", "env(\"APP_ENV\", \"x\")"), text("x"));
    assert_eq!(found("env = environ.Env(DEBUG=(bool, False))", "env(\"APP_ENV\", default=\"x\")"), text("x"));
    assert!(
        found("env = environ.Env(APP_ENV=(str, \"y\"))", "env(\"APP_ENV\")")
            .is_none_or(|one| !one.is_known())
    );
}

#[test]
fn what_something_outside_is_asked_for_is_not_known() {
    let code = "from somewhere import get_setting\n\ndef is_staging():\n    return get_setting(\"NAME\") == \"staging\"\n";
    assert!(
        answer(&code.replace("NAME", "ENVIRONMENT"), "is_staging").is_some_and(|answer| !answer.is_known())
    );
    assert_eq!(answer(&code.replace("NAME", "currency"), "is_staging"), None);
}

#[test]
fn texts_in_fields_of_some_width_are_laid_out() {
    let code = "import os\n\ndef is_staging():\n    return f\"{os.environ.get('ENVIRONMENT', 'x'):HOW}\" == \"LAID\"\n";
    let is_laid_out =
        |how: &str, shown: &str| answer(&code.replace("HOW", how).replace("LAID", shown), "is_staging");
    for (how, shown) in [(">9", "  staging"), ("*^10s", "*staging**"), ("3", "staging"), ("<8", "staging ")] {
        assert_eq!(is_laid_out(how, shown), Some(Answer::Bool(true)), "{how}");
    }
    assert!(is_laid_out(".3", "sta").is_some_and(|answer| !answer.is_known()));
}

#[test]
fn constants_that_branches_decide_are_detectors() {
    let code = "import os\n\nIS_STAGING = False\nif os.environ.get(\"NAME\") == \"staging\":\n    IS_STAGING = True\n\n\
                match os.environ.get(\"NAME\"):\n    case \"staging\":\n        environment = \"staging\"\n    case _:\n        \
                environment = \"development\"\n";
    let named = |name: &str| code.replace("NAME", name);
    assert_eq!(answer(&named("ENVIRONMENT"), "IS_STAGING"), Some(Answer::Bool(true)));
    assert_eq!(answer(&named("APP_ENV"), "IS_STAGING"), Some(Answer::Bool(false)));
    assert_eq!(answer(&named("ENVIRONMENT"), "environment"), text("staging"));
    assert_eq!(answer(&named("APP_ENV"), "environment"), text("development"));
    // Nothing of the environment decides this.
    let other = "import sys\n\nIS_STAGING = False\nif len(sys.argv) > 1:\n    IS_STAGING = True\n";
    assert_eq!(answer(other, "IS_STAGING"), None);
}

#[test]
fn functions_that_branches_define_are_followed() {
    let code = "import os\n\nif os.environ.get(\"NAME\"):\n    def get_environment():\n        return os.environ[\"ENVIRONMENT\"]\n\
                else:\n    def get_environment():\n        return \"development\"\n";
    assert_eq!(answer(&code.replace("NAME", "ENVIRONMENT"), "get_environment"), text("staging"));
    assert_eq!(answer(&code.replace("NAME", "K_SERVICE"), "get_environment"), text("development"));
}

#[test]
fn tests_that_an_object_keeps_are_detectors() {
    let code = "import os\n\nclass Loader:\n    def __init__(self):\n        \
                self.name = os.environ.get(\"ENVIRONMENT\", \"x\")\n        self.is_staging = self.name == \"staging\"\n        \
                self.is_production = len(self.items) == 3\n";
    assert_eq!(answer(code, "Loader.__init__.is_staging"), Some(Answer::Bool(true)));
    assert_eq!(answer(code, "Loader.__init__.is_production"), None);
}
