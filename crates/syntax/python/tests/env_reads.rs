use super::read;
use crate::python::{Asked, EnvRead, Literal, ReadForm};

/// `NAME`, with `!` where it is required and `=text` where there is a default.
fn told(read: &EnvRead) -> String {
    let required = if read.required { "!" } else { "" };
    let default = read.default.as_ref().map(|default| format!("={}", default.text)).unwrap_or_default();
    format!("{}{required}{default}", read.name.value)
}

fn reads(text: &str) -> Vec<String> {
    read(text).env_reads.iter().map(told).collect()
}

#[test]
fn the_standard_ways() {
    let text = "import os\nos.environ['A']\nos.environ.get('B')\nos.environ.get('C', 'x')\nos.getenv('D')\nos.getenv('E', default=5)\nos.getenv(key='F')\n'G' in os.environ\n'H' not in os.environ.keys()\nos.environ.setdefault('I', 'y')\n";
    assert_eq!(reads(text), ["A!", "B", "C=x", "D", "E=5", "F", "G", "H", "I=y"]);
    let tree = read(text);
    assert!(tree.env_reads.iter().all(|read| !read.wrapper && read.name.span.of(text) == read.name.value));
    assert_eq!(tree.env_reads[0].form, ReadForm::Index);
    assert_eq!(tree.env_reads[6].form, ReadForm::Membership);
}

#[test]
fn names_it_was_imported_or_bound_under() {
    let text = "from os import environ as e, getenv as g\nimport os as system\nenv = system.environ\nfetch = env.get\ne['A']\ng('B')\nsystem.environ['C']\nenv['D']\nfetch('E')\ncopy = system.environ.copy()\ncopy.get('F')\ncopy['G'] = 'x'\n";
    assert_eq!(reads(text), ["A!", "B", "C!", "D!", "E", "F"]);
}

#[test]
fn other_things_of_these_names_are_not_the_environment() {
    assert_eq!(reads("def f(environ, os):\n    os.environ['A']\n    environ['B']\n"), Vec::<String>::new());
    let wsgi = "from os import environ\ndef app(environ, start):\n    return environ['PATH_INFO']\n";
    assert_eq!(reads(wsgi), Vec::<String>::new());
}

#[test]
fn writes_are_no_reads() {
    assert_eq!(
        reads("import os\nos.environ['A'] = 'x'\ndel os.environ['B']\nos.environ.pop('C', None)\n"),
        Vec::<String>::new()
    );
}

#[test]
fn a_name_held_by_a_constant() {
    let text = "import os\nKEY = 'API_KEY'\nclass A:\n    def f(self):\n        return os.environ[KEY]\n";
    let tree = read(text);
    assert_eq!(told(&tree.env_reads[0]), "API_KEY!");
    assert_eq!(tree.env_reads[0].function.as_deref(), Some("A.f"));
    assert_eq!(tree.env_reads[0].name.span.of(text), "API_KEY");
}

#[test]
fn names_of_a_literal_list() {
    let text = "import os\nNEEDED = ['A', 'B']\nmissing = [n for n in NEEDED if not os.getenv(n)]\nfor n in ('C', 'D'):\n    os.environ[n]\nfor n in NEEDED:\n    os.getenv(n)\n";
    let mut found = reads(text);
    found.sort();
    assert_eq!(found, ["A", "B", "C!", "D!"]);
}

#[test]
fn defaults() {
    let text = "import os\nos.getenv('A', '')\nos.getenv('B', None)\nos.getenv('C', True)\nos.getenv('D', -1)\nos.getenv('E', f'http://{host}:80')\nos.getenv('F', 'a' 'b')\nos.getenv('G', compute())\n";
    assert_eq!(reads(text), ["A=", "B=None", "C=True", "D=-1", "E=http://{}:80", "F=ab", "G="]);
    let tree = read(text);
    let default = |at: usize| tree.env_reads[at].default.clone().unwrap();
    assert_eq!(default(6).literal, None);
    assert!(matches!(default(4).literal, Some(Literal::Text(text)) if text.template));
    assert_eq!(default(4).span.of(text), "http://{host}:80");
    assert_eq!(default(5).span.of(text), "'a' 'b'");
}

#[test]
fn an_or_is_a_default() {
    let text = "import os\nos.getenv('A') or 'x'\nos.getenv('B') or os.getenv('C') or 'y'\nos.getenv('D') or os.getenv('E')\nos.environ.get('F', 'own') or 'z'\n";
    assert_eq!(reads(text), ["A=x", "B=y", "C=y", "D", "E", "F=own"]);
}

#[test]
fn absence_that_is_tested_or_caught_does_not_raise() {
    let caught = "import os\ntry:\n    os.environ['A']\nexcept KeyError:\n    pass\n";
    assert_eq!(reads(caught), ["A"]);
    let raised =
        "import os\ntry:\n    os.environ['A']\nexcept KeyError:\n    raise RuntimeError('A is not set')\n";
    assert_eq!(reads(raised), ["A!"]);
    assert_eq!(reads("import os\nif 'A' in os.environ:\n    os.environ['A']\n"), ["A", "A"]);
    assert_eq!(
        reads("import os\nif os.getenv('A'):\n    os.environ['A']\n    os.environ['B']\n"),
        ["A", "A", "B!"]
    );
    assert_eq!(reads("import os\nx = os.environ['A'] if 'A' in os.environ else 'd'\n"), ["A", "A"]);
    assert_eq!(reads("import os\n'A' in os.environ and os.environ['A']\n"), ["A", "A"]);
    assert_eq!(reads("import os\nif 'A' in os.environ and x:\n    os.environ['A']\n"), ["A", "A"]);
    assert_eq!(reads("import os\nif 'A' in os.environ or x:\n    os.environ['A']\n"), ["A", "A!"]);
    let kept = "import os\n{n: os.environ[n] for n in ['A', 'B'] if n in os.environ and n != x}\n";
    assert_eq!(reads(kept), ["A", "B", "A", "B"]);
    let early = "import os\ndef f():\n    if 'A' not in os.environ:\n        return None\n    return os.environ['A']\n";
    assert_eq!(reads(early), ["A", "A"]);
    let raising = "import os\nif 'A' not in os.environ:\n    raise SystemExit\nos.environ['A']\n";
    assert_eq!(reads(raising), ["A!", "A!"]);
    assert_eq!(
        reads("import os\nif 'A' in os.environ:\n    pass\nelse:\n    os.environ['A']\n"),
        ["A", "A!"]
    );
}

#[test]
fn absence_that_the_code_refuses_ends_the_program() {
    for text in [
        "u = os.environ.get('A')\nif not u:\n    raise RuntimeError('no database')\n",
        "u = os.getenv('A', '').strip()\nif u == '':\n    sys.exit(1)\n",
        "u: str | None = os.getenv('A')\nif u is None or not x:\n    print('x')\n    os._exit(2)\n",
        "if not os.getenv('A'):\n    raise SystemExit(1)\n",
        "if 'A' not in os.environ:\n    raise KeyError\n",
        "assert os.getenv('A'), 'no A'\n",
        "u = os.getenv('A')\nassert u is not None and x\n",
        "if not (u := os.getenv('A')):\n    raise KeyError\n",
        "if not all([os.getenv('A'), x]):\n    raise KeyError\n",
        "def f():\n    u = os.getenv('A')\n    if not u:\n        raise KeyError\n    return u\n",
    ] {
        assert_eq!(reads(&format!("import os, sys\n{text}")), ["A!"], "{text}");
    }
    let list = "import os\nNEEDED = ['A', 'B']\nmissing = [n for n in NEEDED if not os.getenv(n)]\n";
    assert_eq!(reads(&format!("{list}if missing:\n    raise KeyError(missing)\n")), ["A!", "B!"]);
    assert_eq!(reads(&format!("{list}if len(missing) > 0:\n    raise KeyError(missing)\n")), ["A!", "B!"]);
    assert_eq!(reads(&format!("{list}if not missing:\n    raise KeyError(missing)\n")), ["A", "B"]);
}

#[test]
fn absence_that_something_else_decides_about_does_not() {
    for text in [
        "u = os.getenv('A')\nif not u:\n    u = make()\nif not u:\n    raise KeyError\n",
        "u = x\nif not u:\n    u = os.getenv('A')\nif not u:\n    raise KeyError\n",
        "def f():\n    u = os.getenv('A')\n    if not u:\n        raise KeyError('needed in production')\n",
        "u = os.getenv('A')\nif production and not u:\n    raise KeyError\n",
        "u = os.getenv('A')\nif production:\n    if not u:\n        raise KeyError\n",
        "u = os.getenv('A')\nif u:\n    raise KeyError\n",
        "u = os.getenv('A')\nif not u:\n    print('no A')\n",
        "try:\n    u = os.getenv('A')\n    if not u:\n        raise ValueError\nexcept ValueError:\n    u = ''\n",
        "def f():\n    if testing:\n        return ''\n    u = os.getenv('A')\n    if not u:\n        raise KeyError\n",
        "def f():\n    u = os.getenv('A')\n    if not u:\n        return None\n",
        "u = make() or os.getenv('A')\nif not u:\n    raise KeyError\n",
    ] {
        assert_eq!(reads(&format!("import os\n{text}")), ["A"], "{text}");
    }
    let defaulted = "import os\nu = os.getenv('A', 'x')\nif not u:\n    raise KeyError\n";
    assert_eq!(reads(defaulted), ["A=x"]);
}

#[test]
fn wrappers_are_known_by_name_and_by_a_variable_in_upper_case() {
    let text = "env.get('AA')\nself.env_manager.get('BB', '')\nget_env('CC', 'x')\nget_environment().get('DD')\nIsolatedEnvironment().get('EE')\nconfig('FF', cast=int)\nenv.bool('GG', False)\n_get_env_bool('HH', default=True)\nsettings.env('II', int)\nread_config_value('JJ', required=True)\n";
    assert_eq!(reads(text), ["AA", "BB=", "CC=x", "DD", "EE", "FF", "GG=False", "HH=True", "II", "JJ!"]);
    let tree = read(text);
    assert!(tree.env_reads.iter().all(|read| read.wrapper));
    assert_eq!(tree.env_reads[1].via, "self.env_manager.get");
    assert_eq!(tree.env_reads[3].via, "get_environment().get");
}

#[test]
fn other_calls_are_no_wrappers() {
    let text = "env.set('AA', 'x')\nset_env('BB')\ncache.get('CC')\nenv.get('lower')\nconfig.get('section', 'key')\nmonkeypatch.setenv('DD', 'x')\nconvenvoy.get('EE')\nenv.get(name)\nremove_env('FF')\nget_user('GG')\n";
    assert_eq!(reads(text), Vec::<String>::new());
}

#[test]
fn libraries_that_raise_without_a_default() {
    let text = "from decouple import config\nimport environs\nenv = environs.Env()\nconfig('AA')\nconfig('BB', default='x')\nenv('CC')\nenv.int('DD')\nenv.str('EE', 'x')\n";
    assert_eq!(reads(text), ["AA!", "BB=x", "CC!", "DD!", "EE=x"]);
}

#[test]
fn options_of_command_lines() {
    assert_eq!(reads("@click.option('--url', envvar='A_URL')\ndef main(url): pass\n"), ["A_URL"]);
}

#[test]
fn text_in_docs_and_strings_is_no_read() {
    assert_eq!(
        reads("'''os.environ[\"A\"]'''\n# os.environ['B']\nx = \"os.getenv('C')\"\n"),
        Vec::<String>::new()
    );
}

#[test]
fn reads_in_f_strings_and_defaults_count() {
    assert_eq!(reads("import os\nx = f\"{os.environ['A']}\"\ndef f(a=os.getenv('B')): pass\n"), ["A!", "B"]);
}

#[test]
fn what_only_asks_whether_a_text_is_empty() {
    let text = "import os\nif os.environ.get('A'): pass\nelif not os.getenv('B', ''): pass\nc = bool(os.getenv('C'))\n\
                d = 1 if os.environ['D'] else 2\nif x and os.getenv('E'): pass\nf = os.getenv('F')\n\
                if os.getenv('G') == 'true': pass\nif os.getenv('H').lower(): pass\nif 'I' in os.environ: pass\n\
                j = os.getenv('J') or 'x'\nif env.get('K_K'): pass\n";
    let reads = read(text).env_reads;
    let found: Vec<&str> =
        reads.iter().filter(|read| read.asked == Asked::Truth).map(|read| read.name.value.as_str()).collect();
    assert_eq!(found, ["A", "B", "C", "D", "E"]);
}
