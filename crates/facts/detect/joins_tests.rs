//! What is said of a deployment that leaves variables open, held against every way to set them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use source::Memory;

use super::{Answer, Cell};
use crate::{Declared, DeclaredDeployment, DeclaredService, collect};

/// The open variables, and what each may hold.
const OPEN: &[&str] = &["A", "B", "C"];
const VALUES: &[Option<&str>] = &[None, Some(""), Some("1"), Some("staging")];

const PROGRAMS: u64 = 300;
const SEED: u64 = 20_261_121;

/// Numbers that are the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }

    fn one_of(&mut self, texts: &[&str]) -> String {
        texts[self.below(texts.len())].to_owned()
    }

    fn value(&mut self) -> String {
        self.one_of(&[
            "\"staging\"",
            "\"production\"",
            "os.environ.get(\"A\", \"dev\")",
            "env.check(\"C\")",
            "os.environ.get(\"B\")",
            "local",
            "None",
            "env.wrapped(\"B\")",
            "str(load(env, \"B\"))",
            "get_env().check(\"A\")",
        ])
    }

    fn condition(&mut self) -> String {
        self.one_of(&[
            "os.environ.get(\"A\")",
            "\"B\" in os.environ",
            "\"A\" not in os.environ",
            "env.flag",
            "\"X\" in env.cache",
            "len(env.items) > 1",
            "\"k\" in env.items",
            "local == \"staging\"",
            "hasattr(env, \"extra\")",
            "env.check(\"A\") == \"1\"",
            "env.is_on(\"B\") and env.is_on(\"A\")",
            "os.environ.get(\"C\") in (\"1\", \"staging\")",
            "env.cache",
            "os.getenv(\"D\", \"1\") == \"1\"",
            "len(env.listed(\"B\")) > 1",
            "get_env().is_on(\"A\")",
            "load(env, \"A\") == 1",
            "env.wrapped(\"A\") == \"1\"",
            "env.listed(\"A\") == other",
            "\"x\" in env.last",
            "len(other) > 1",
            "get_env().cache",
        ])
    }

    fn effect(&mut self) -> String {
        let value = self.value();
        match self.below(16) {
            0 | 1 => format!("env.flag = {value}"),
            2 => format!("env.cache[\"X\"] = {value}"),
            3 => "env.items.append(\"k\")".to_owned(),
            4 => format!("os.environ[\"D\"] = str({value})"),
            5 | 6 => format!("local = {value}"),
            7 => "os.environ.pop(\"C\", None)".to_owned(),
            8 => format!("env.extra = {value}"),
            9 => "env.cache.pop(\"X\", None)".to_owned(),
            10 => "other = env.listed(\"A\")".to_owned(),
            11 => "other.append(\"x\")".to_owned(),
            12 => format!("get_env().cache[\"X\"] = {value}"),
            13 => "load(get_env(), \"C\")".to_owned(),
            14 => "env.last = [env.last]".to_owned(),
            _ => "env.ready()".to_owned(),
        }
    }

    fn statement(&mut self, indent: usize, depth: usize, text: &mut String) {
        let pad = "    ".repeat(indent);
        let choice = self.below(if depth == 0 { 2 } else { 7 });
        let _ = match choice {
            0 | 1 => writeln!(text, "{pad}{}", self.effect()),
            2..=4 => {
                let _ = writeln!(text, "{pad}if {}:", self.condition());
                self.statement(indent + 1, depth - 1, text);
                if self.below(2) == 0 {
                    let _ = writeln!(text, "{pad}else:");
                    self.statement(indent + 1, depth - 1, text);
                }
                Ok(())
            }
            5 => {
                let _ = writeln!(text, "{pad}for key in (\"A\", \"B\"):\n{pad}    if {}:", self.condition());
                let _ = writeln!(text, "{pad}        {}", self.effect());
                writeln!(text, "{pad}    elif key not in os.environ:\n{pad}        os.environ[key] = \"1\"")
            }
            _ => {
                let _ = writeln!(text, "{pad}try:\n{pad}    local = os.environ[\"B\"]");
                writeln!(text, "{pad}except KeyError:\n{pad}    {}", self.effect())
            }
        };
    }

    fn program(&mut self) -> String {
        let mut text = "import os\n\n\nclass Env:\n    def __init__(self):\n        self.flag = None\n        \
                        self.cache = {}\n        self.items = []\n        self.last = []\n        self.is_ready = False\n\n    \
                        def ready(self):\n        if self.is_ready:\n            return\n        \
                        if self.is_on(\"A\"):\n            self.flag = \"on\"\n        self.is_ready = True\n\n    \
                        def is_on(self, key):\n        if os.environ.get(key):\n            \
                        if os.environ[key].lower() in [\"1\", \"true\"]:\n                return True\n        \
                        if key in self.cache:\n            return False\n        return bool(self.flag)\n\n    \
                        def check(self, key):\n        if self.flag and key in self.cache:\n            \
                        return self.cache[key]\n        if key in os.environ:\n            \
                        self.cache[key] = os.environ[key]\n        return os.environ.get(key, \"test\")\n\n    \
                        def listed(self, key):\n        found = []\n        if os.environ.get(key):\n            \
                        found.append(key)\n        if self.flag:\n            found.append(\"flag\")\n        \
                        self.last = found\n        return found\n\n    \
                        def wrapped(self, key):\n        def inner():\n            nonlocal key\n            \
                        if key in os.environ:\n                key = os.environ[key]\n            return key\n\n        \
                        first = inner()\n        return first if self.is_on(\"B\") else inner()\n\n\n\
                        _env = None\n\n\ndef get_env():\n    global _env\n    if _env is None:\n        _env = Env()\n        \
                        _env.ready()\n    return _env\n\n\n\
                        def load(env, key):\n    if key not in os.environ:\n        return 0\n    if env.is_on(key):\n        \
                        return 1\n    for item in env.listed(\"A\"):\n        env.cache[item] = key\n    return 2\n\n\n\
                        def get_environment():\n    env = Env()\n    local = \"dev\"\n    other = []\n"
            .to_owned();
        for _ in 0..=self.below(5) {
            self.statement(1, 2, &mut text);
        }
        let answer = match self.below(5) {
            0 => "env.check(\"ENVIRONMENT\")".to_owned(),
            1 => "local".to_owned(),
            2 => "env.cache.get(\"X\", \"preview\")".to_owned(),
            3 => "os.environ.get(\"D\", env.check(\"ENVIRONMENT\"))".to_owned(),
            _ => format!("\"production\" if {} else os.environ[\"ENVIRONMENT\"]", self.condition()),
        };
        let _ = writeln!(text, "    return {answer}");
        text
    }
}

/// One service for each way to set the open variables, and `open` that leaves them open.
fn declared() -> Declared {
    let deployment = |variables: BTreeMap<String, String>, complete| {
        let deploy = DeclaredDeployment { variables, complete, url: None };
        let deploy = BTreeMap::from([("staging".to_owned(), deploy)]);
        DeclaredService { deploy, ..DeclaredService::default() }
    };
    let given = || BTreeMap::from([("ENVIRONMENT".to_owned(), "staging".to_owned())]);
    let mut declared = Declared::default();
    declared.services.insert("open".to_owned(), deployment(given(), false));
    for index in 0..VALUES.len().pow(3) {
        let mut variables = given();
        for (at, name) in OPEN.iter().enumerate() {
            let value = VALUES[index / VALUES.len().pow(u32::try_from(at).unwrap()) % VALUES.len()];
            variables.extend(value.map(|value| ((*name).to_owned(), value.to_owned())));
        }
        declared.services.insert(format!("way-{index:03}"), deployment(variables, true));
    }
    declared
}

/// What is wrong with what is said of the open deployment.
fn contradiction(open: &Cell, ways: &[&Cell]) -> Option<String> {
    let answers = || ways.iter().map(|cell| &cell.answer).filter(|answer| answer.is_known());
    if open.answer.is_known()
        && let Some(other) = answers().find(|answer| **answer != open.answer)
    {
        return Some(format!("answers {:?}, and {other:?} with some variables", open.answer));
    }
    if !open.open
        && let Some(other) = answers().find(|answer| !open.possible.contains(answer))
    {
        return Some(format!("{other:?} is possible and not among {:?}", open.possible));
    }
    // The first way sets none of the open variables.
    let unset = ways.first().map(|cell| &cell.answer).filter(|answer| answer.is_known());
    match (&open.as_declared, unset) {
        (Some(declared), Some(unset)) if declared != unset => {
            Some(format!("as declared {declared:?}, and {unset:?} where nothing else is set"))
        }
        _ => None,
    }
}

#[test]
fn what_is_said_of_open_variables_holds_for_every_way_to_set_them() {
    let declared = declared();
    let mut numbers = Numbers(SEED);
    let (mut judged, mut decided, mut could_be) = (0, 0, 0);
    for _ in 0..PROGRAMS {
        let program = numbers.program();
        let tree: Memory = [("app.py", program.as_str())].into_iter().collect();
        let facts = collect(&tree, &declared);
        let cells: Vec<&Cell> =
            facts.cells.iter().filter(|cell| cell.detector == "app.py::get_environment").collect();
        let Some((open, ways)) = cells.split_first().filter(|(open, _)| open.deployment == "open@staging")
        else {
            continue;
        };
        assert_eq!(contradiction(open, ways), None, "{program}");
        judged += 1;
        let first: Option<&Answer> = ways.first().map(|cell| &cell.answer);
        let is_one = ways.iter().all(|cell| cell.answer.is_known() && Some(&cell.answer) == first);
        could_be += usize::from(is_one);
        decided += usize::from(is_one && open.answer.is_known());
    }
    assert!(judged > 240, "{judged} programs were judged");
    // What is the same in all ways is mostly found to be.
    assert!(decided * 10 >= could_be * 7, "{decided} of {could_be}");
}
