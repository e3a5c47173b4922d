use proptest::prelude::*;
use source::Span;

use crate::python::{Module, parse};

/// Every span that a module holds.
fn spans(module: &Module) -> Vec<Span> {
    let mut spans = Vec::new();
    spans.extend(module.imports.iter().map(|import| import.span));
    for read in &module.env_reads {
        spans.extend([read.span, read.name.span]);
        spans.extend(read.default.iter().map(|default| default.span));
    }
    for entry in &module.dict_entries {
        spans.extend([entry.span, entry.key.span, entry.value.span]);
    }
    for command in &module.commands {
        spans.push(command.span);
        spans.extend(command.words.iter().flatten().map(|word| word.span));
    }
    spans.extend(module.shell_texts.iter().map(|text| text.text.span));
    for literal in &module.keyword_literals {
        spans.extend([literal.span, literal.name.span]);
        spans.extend(literal.values.iter().map(|value| value.span));
    }
    spans.extend(module.predicates.iter().flat_map(|predicate| [predicate.span, predicate.variable.span]));
    spans.extend(module.opened.iter().map(|file| file.span));
    spans
}

fn holds(text: &str) {
    let parsed = parse(text);
    for span in spans(&parsed.tree).into_iter().chain(parsed.errors.iter().map(|error| error.span)) {
        assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    }
}

/// Pieces that the readers look at, to be put together at random.
const PIECES: [&str; 48] = [
    "import os\n",
    "from . import a\n",
    "try:\n",
    "except ImportError:\n",
    "    ",
    "\n",
    "if ",
    "else:\n",
    "elif ",
    ":\n",
    "os.environ",
    "['A_B']",
    ".get(",
    "'K_SERVICE'",
    "\"ä€",
    "'",
    "\"\"\"",
    "f'{",
    "}'",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ", ",
    " = ",
    " == ",
    "'staging'",
    " or ",
    " and ",
    "not ",
    "return ",
    "def is_staging():\n",
    "class S(BaseSettings):\n",
    "x: str",
    "lambda: ",
    " if ",
    " else ",
    "open('a')",
    "Path(__file__)",
    ".parent",
    " / ",
    "cmd",
    "+=",
    "\u{feff}",
    "\\",
    "#",
];

proptest! {
    #![proptest_config(crate::trial::cases(512))]

    #[test]
    fn arbitrary_text_gives_spans_inside_it(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn arbitrary_python_gives_spans_inside_it(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        holds(&pieces.concat());
    }
}

/// Deep texts are walked as the caller does it: on a big stack.
fn on_a_big_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn too_deep_a_text_is_told_and_keeps_its_imports() {
    on_a_big_stack(|| {
        for deep in ["(", "[", "- ", "not ", "x.", "1 + ", "lambda: ", "f(", "x if y else "] {
            let text =
                format!("\u{feff}import app.a\nx = {}\nif x:\n    from app import b\n", deep.repeat(100_000));
            let parsed = parse(&text);
            assert!(parsed.errors[0].message.contains("only the imports"), "{deep}");
            let written: Vec<_> = parsed.tree.imports.iter().map(|import| import.span.of(&text)).collect();
            assert_eq!(written, ["app.a", "app"], "{deep}");
            assert_eq!(parsed.tree.imports[1].line, 4);
        }
    });
}

#[test]
fn as_deep_as_allowed_is_walked() {
    on_a_big_stack(|| {
        for deep in ["- ", "not ", "1 + ", "lambda: ", "x if y else "] {
            let text =
                format!("x = {}os.environ['A']\n", deep.repeat(1_900 / deep.split(' ').count().max(1)));
            let parsed = parse(&text);
            assert_eq!((parsed.errors.len(), parsed.tree.env_reads.len()), (0, 1), "{deep}");
        }
        let text = format!("x = {}os.environ['A']{}\n", "(".repeat(250), ")".repeat(250));
        assert_eq!(parse(&text).tree.env_reads.len(), 1);
        for head in ["if x:", "def f():", "class C:", "try:", "with x:"] {
            let line = |depth: usize| format!("{}{head}\n", " ".repeat(depth));
            let blocks: Vec<String> = (0..250).map(line).collect();
            let deepest = format!("{}x = {}os.environ['A']\n", " ".repeat(250), "- ".repeat(1_700));
            assert_eq!(parse(&(blocks.concat() + &deepest)).tree.env_reads.len(), 1, "{head}");
        }
    });
}

#[test]
fn records_stay_within_a_constant_factor_of_the_text() {
    let long = "x".repeat(100_000);
    let text = format!("def {long}():\n{}", "    os.getenv('A')\n".repeat(1_000));
    let kept: usize =
        parse(&text).tree.env_reads.iter().filter_map(|read| read.function.as_ref()).map(String::len).sum();
    assert!(kept < 1_000_000, "{kept}");
    let doubled: Vec<String> = (0..100).map(|at| format!("k{} = k{at} or k{at}\n", at + 1)).collect();
    let text = format!("import os\nk0 = os.getenv('A')\n{}if k100:\n    env = 'staging'\n", doubled.concat());
    assert_eq!(parse(&text).tree.predicates.len(), 1);
}
