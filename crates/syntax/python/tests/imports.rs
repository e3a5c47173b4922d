use super::read;
use crate::python::{How, Import, parse};

/// `.module [names] how` of each import.
fn imports(text: &str) -> Vec<String> {
    read(text).imports.iter().map(told).collect()
}

fn told(import: &Import) -> String {
    let names: Vec<String> = import
        .names
        .iter()
        .map(|name| match &name.alias {
            Some(alias) => format!("{}={}", alias, name.name),
            None => name.name.clone(),
        })
        .collect();
    let dots = ".".repeat(import.level as usize);
    format!("{dots}{} [{}] {:?}", import.module, names.join(","), import.how)
}

fn hows(text: &str) -> Vec<How> {
    read(text).imports.iter().map(|import| import.how).collect()
}

#[test]
fn every_form_of_the_statement() {
    assert_eq!(
        imports("import a, b.c as d\nfrom e.f import g, h as i\nfrom . import j\nfrom ..k import *\n"),
        ["a [] TopLevel", "b.c [] TopLevel", "e.f [g,i=h] TopLevel", ". [j] TopLevel", "..k [*] TopLevel"]
    );
}

#[test]
fn spans_are_the_module_as_written() {
    let text = "import os\nfrom ..services.monitoring import (\n    x,\n)\nfrom . import y\n";
    let tree = read(text);
    let written: Vec<_> = tree.imports.iter().map(|import| (import.span.of(text), import.line)).collect();
    assert_eq!(written, [("os", 1), ("services.monitoring", 2), ("from . import y", 5)]);
}

#[test]
fn a_byte_order_mark_and_wide_characters_keep_spans_right() {
    let text = "\u{feff}s = 'äöü€'; import app.main\r\nimport app.other\r\n";
    let tree = read(text);
    let written: Vec<_> = tree.imports.iter().map(|import| (import.span.of(text), import.line)).collect();
    assert_eq!(written, [("app.main", 1), ("app.other", 2)]);
}

#[test]
fn a_function_body_runs_later() {
    let text = "class Loader:\n    import a\n    def load(self):\n        import b\n";
    let tree = read(text);
    let placed: Vec<_> = tree.imports.iter().map(|import| (import.how, import.function.as_deref())).collect();
    assert_eq!(placed, [(How::TopLevel, None), (How::Lazy, Some("Loader.load"))]);
}

#[test]
fn handlers_of_a_missing_module_guard() {
    for caught in [
        "except ImportError",
        "except ModuleNotFoundError as e",
        "except (ValueError, ImportError)",
        "except Exception",
        "except",
    ] {
        let text = format!("try:\n    import a\n{caught}:\n    a = None\n");
        assert_eq!(hows(&text), [How::Guarded], "{caught}");
    }
    let lazy = "def f():\n    try:\n        import a\n    except ImportError:\n        return None\n";
    assert_eq!(hows(lazy), [How::Guarded]);
}

#[test]
fn handlers_of_other_faults_do_not() {
    assert_eq!(hows("try:\n    import a\nexcept ValueError:\n    pass\n"), [How::TopLevel]);
    assert_eq!(hows("try:\n    import a\nfinally:\n    pass\n"), [How::TopLevel]);
}

#[test]
fn a_handler_that_leaves_is_no_guard() {
    for leaving in [
        "raise",
        "log(e)\n    raise",
        "raise RuntimeError('install a') from e",
        "import sys\n    sys.exit(1)",
        "if debug:\n        raise\n    else:\n        exit(1)",
    ] {
        let text = format!("try:\n    import a\nexcept ImportError as e:\n    {leaving}\n");
        assert_eq!(hows(&text).first(), Some(&How::TopLevel), "{leaving}");
    }
    let sometimes = "try:\n    import a\nexcept ImportError:\n    if strict:\n        raise\n    a = None\n";
    assert_eq!(hows(sometimes), [How::Guarded]);
}

#[test]
fn the_first_handler_that_takes_it_decides() {
    let text = "try:\n    import a\nexcept ModuleNotFoundError:\n    raise\nexcept Exception:\n    pass\n";
    assert_eq!(hows(text), [How::TopLevel]);
}

#[test]
fn what_stands_in_the_handler_or_after_it_is_not_guarded_by_it() {
    let text = "try:\n    import fast\nexcept ImportError:\n    import slow\nelse:\n    import more\n";
    assert_eq!(imports(text), ["fast [] Guarded", "slow [] Fallback", "more [] TopLevel"]);
}

#[test]
fn a_function_defined_under_a_guard_is_not_guarded() {
    let text = "try:\n    def f():\n        import a\nexcept ImportError:\n    pass\n";
    assert_eq!(hows(text), [How::Lazy]);
}

#[test]
fn suppress_guards() {
    let text = "from contextlib import suppress as quietly\nwith quietly(ImportError):\n    import a\n";
    assert_eq!(hows(text), [How::TopLevel, How::Guarded]);
    let dotted = "import contextlib\nwith contextlib.suppress(ValueError):\n    import a\n";
    assert_eq!(hows(dotted), [How::TopLevel, How::TopLevel]);
}

#[test]
fn type_checkers_alone() {
    let text = "from typing import TYPE_CHECKING as T\nif T:\n    import a\nelse:\n    import b\n";
    assert_eq!(hows(text), [How::TopLevel, How::TypeChecking, How::TopLevel]);
    let negated = "import typing\nif not typing.TYPE_CHECKING:\n    import a\nelse:\n    import b\n";
    assert_eq!(hows(negated), [How::TopLevel, How::TopLevel, How::TypeChecking]);
    assert_eq!(hows("if False:\n    import a\n"), [How::TypeChecking]);
    let in_function = "if TYPE_CHECKING:\n    def f():\n        import a\n";
    assert_eq!(hows(in_function), [How::TypeChecking]);
}

#[test]
fn the_main_block() {
    assert_eq!(hows("if __name__ == '__main__':\n    import a\n"), [How::MainBlock]);
    assert_eq!(hows("if '__main__' == __name__:\n    import a\n"), [How::MainBlock]);
    assert_eq!(hows("if __name__ == 'app':\n    import a\n"), [How::Conditional]);
}

#[test]
fn other_conditions_are_not_settled() {
    let text = "if DEBUG:\n    import a\nelse:\n    import b\nfor x in y:\n    import c\n";
    assert_eq!(hows(text), [How::Conditional, How::Conditional, How::TopLevel]);
}

#[test]
fn conditions_that_every_container_settles() {
    for (test, expected) in [
        ("sys.platform == 'win32'", [How::TypeChecking, How::TopLevel]),
        ("sys.platform != 'win32'", [How::TopLevel, How::TypeChecking]),
        ("sys.platform.startswith('linux')", [How::TopLevel, How::TypeChecking]),
        ("not sys.platform.startswith('win')", [How::TopLevel, How::TypeChecking]),
        ("os.name == 'nt'", [How::TypeChecking, How::TopLevel]),
        ("platform.system() == 'Linux'", [How::TopLevel, How::TypeChecking]),
        ("sys.version_info < (3, 8)", [How::TypeChecking, How::TopLevel]),
        ("sys.version_info >= (3,)", [How::TopLevel, How::TypeChecking]),
        ("sys.version_info >= (3, 12)", [How::Conditional, How::Conditional]),
        ("sys.platform == name", [How::Conditional, How::Conditional]),
    ] {
        assert_eq!(hows(&format!("if {test}:\n    import a\nelse:\n    import b\n")), expected, "{test}");
    }
}

#[test]
fn calls_that_import() {
    let text = "from importlib import import_module\nM = 'app.late'\ndef f():\n    import_module('app.x')\n    import_module(M)\n    import_module('.y', package='app.sub')\n    import_module('..z', 'app.sub')\n    import_module('.w', __package__)\n    __import__('app.v')\n    import_module(unknown)\n";
    let expected =
        ["app.x", "app.late", "app.sub.y", "app.z", ".w", "app.v"].map(|name| format!("{name} [] Lazy"));
    let mut found = imports(text);
    found.remove(0);
    // The one that a constant names is told where the name is written.
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn calls_are_guarded_like_statements() {
    let text = "import importlib\ntry:\n    importlib.import_module('a')\nexcept ImportError:\n    pass\n";
    assert_eq!(hows(text), [How::TopLevel, How::Guarded]);
    let lambda = "import importlib\nload = lambda: importlib.import_module('a')\n";
    assert_eq!(hows(lambda), [How::TopLevel, How::Lazy]);
}

#[test]
fn an_application_that_uvicorn_is_told_to_load() {
    let text = "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run('app.main:app', port=8080)\n";
    assert_eq!(imports(text), ["uvicorn [] TopLevel", "app.main [app] MainBlock"]);
}

#[test]
fn one_bad_part_loses_nothing_else() {
    let text =
        "import a\ndef broken(:\n    x = = 1\nimport b\nclass C\n    pass\nfrom c import (d, e\nimport f\n";
    let parsed = parse(text);
    assert!(!parsed.errors.is_empty());
    let modules: Vec<_> = parsed.tree.imports.iter().map(|import| import.module.as_str()).collect();
    assert_eq!(modules, ["a", "b", "c", "f"]);
}

#[test]
fn python_2_still_tells_its_imports() {
    let parsed = parse("import os\nprint 'x'\ntry:\n    import cPickle\nexcept ImportError, e:\n    pass\n");
    assert_eq!(parsed.tree.imports.len(), 2);
    assert!(!parsed.errors.is_empty());
}
