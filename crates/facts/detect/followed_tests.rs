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
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("app.py", code)]).collect();
    let facts = facts(&all);
    let of_web = |cell: &&super::Cell| {
        cell.deployment.starts_with("web") && cell.detector.ends_with("::get_environment")
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
