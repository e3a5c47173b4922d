use proptest::prelude::*;
use source::Span;

use super::*;
use crate::Spanned;

fn value_of(text: &str) -> Expression {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed.tree.attributes[0].value.value.clone()
}

fn computed(expression: &str) -> Option<Constant> {
    constant(&value_of(&format!("a = {expression}\n")), &|path| match path {
        "var.env" => Some(Constant::String("staging".to_owned())),
        "var.limits" => Some(Constant::Object(vec![("memory".to_owned(), Constant::Number(512.0))])),
        _ => None,
    })
}

fn keys(body: &Body) -> Vec<&str> {
    body.attributes.iter().map(|attribute| attribute.key.value.as_str()).collect()
}

#[test]
fn spans_let_the_text_inside_the_quotes_be_replaced() {
    let text = "\u{feff}host = \"local\\thost\" # why\n";
    let parsed = parse(text);
    let attribute = &parsed.tree.attributes[0];
    assert_eq!(attribute.value.span.of(text), "\"local\\thost\"");
    let Expression::String(host) = &attribute.value.value else { panic!("{attribute:?}") };
    assert_eq!((host.value.as_str(), host.span.of(text)), ("local\thost", "local\\thost"));
    assert_eq!((attribute.span.of(text), attribute.line), ("host = \"local\\thost\"", 1));
}

#[test]
fn blocks_have_labels_and_bodies() {
    let text = "resource \"google_x\" y {\n  env {\n    name = \"A\"\n  }\n}\n";
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    let block = &parsed.tree.blocks[0];
    assert_eq!(block.labels[0], Spanned::new("google_x".to_owned(), Span::new(10, 18)));
    assert_eq!(block.labels[1].value, "y");
    let inner = block.body.blocks_of("env").next().unwrap();
    assert_eq!((inner.line, inner.body.attribute("name").unwrap().line), (2, 3));
    assert_eq!(block.span.of(text), text.trim_end());
}

#[test]
fn a_bad_line_loses_only_itself() {
    for bad in [
        "b = ",
        "b = [1, 2",
        "b = \"x",
        "b = {",
        "b = f(",
        "b: 2",
        "b = 'x'",
        "b = [1}",
        "= 3",
        "b {",
        "b = \"${x",
    ] {
        let text = format!("a = 1\n{bad}\nc = {{\n  d = 1\n}}\ne {{\n  f = 2\n}}\n");
        let parsed = parse(&text);
        assert!(!parsed.errors.is_empty(), "{bad}");
        if bad != "b {" && bad != "b = {" {
            assert_eq!(keys(&parsed.tree), ["a", "c"], "{bad}");
            assert_eq!(keys(&parsed.tree.blocks[0].body), ["f"], "{bad}");
        }
    }
}

#[test]
fn a_bad_argument_of_a_block_leaves_the_others() {
    let parsed = parse("r \"x\" \"y\" {\n  a = 1\n  b = [1,,\n  c = 2\n}\nd = 3\n");
    assert_eq!(keys(&parsed.tree.blocks[0].body), ["a", "c"]);
    assert_eq!(keys(&parsed.tree), ["d"]);
    assert_eq!(parsed.errors.len(), 1);
}

#[test]
fn a_missing_brace_leaves_the_blocks_after_it() {
    let parsed = parse("a {\n  b {\n    c = 1\n}\nd {\n  e = 2\n}\nf = 3\n");
    assert_eq!(parsed.errors.len(), 1);
    let kinds: Vec<&str> = parsed.tree.blocks.iter().map(|block| block.kind.value.as_str()).collect();
    assert_eq!((kinds, keys(&parsed.tree)), (vec!["a", "d"], vec!["f"]));
}

#[test]
fn a_repeated_argument_is_told_with_the_first_line() {
    let parsed = parse("a = 1\nb = 2\na = 3\n");
    assert_eq!(keys(&parsed.tree), ["a", "b"]);
    assert_eq!(parsed.errors[0].message, "`a` is already set on line 1; remove one of the two");
    assert_eq!(parsed.errors[0].span, Span::new(12, 13));
}

#[test]
fn forms_that_other_readers_refuse() {
    value_of("a = { for k, v in m : k => v\n  ? 1\n  : 2 }\n");
    let Expression::Object(items) = value_of("a = { k = 1, k = 2 }\n") else { panic!("no object") };
    assert_eq!(items.len(), 2);
    let chain = "a = 1".to_owned() + &" + 1".repeat(10_000) + "\n";
    assert_eq!(constant(&value_of(&chain), &|_| None), Some(Constant::Number(10_001.0)));
}

#[test]
fn paths_are_written_plainly() {
    for (text, path) in [
        ("var . x", "var.x"),
        ("a.b[0][\"k\"].c", "a.b[0][\"k\"].c"),
        ("a.*.id", "a.*.id"),
        ("a[*].id", "a[*].id"),
        ("a.0.b", "a[0].b"),
    ] {
        assert_eq!(value_of(&format!("x = {text}\n")), Expression::Traversal(path.to_owned()));
    }
    assert!(matches!(value_of("x = a[var.b].c\n"), Expression::Access(access) if access.steps.len() == 2));
}

#[test]
fn references_leave_out_what_a_for_binds() {
    let parsed = parse("a = [for k in var.ks : \"${k}-${local.x[k]}\" if k != data.d.e]\n");
    let found: Vec<&str> =
        references(&parsed.tree.attributes[0].value).into_iter().map(|path| path.value).collect();
    assert_eq!(found, ["var.ks", "local.x", "data.d.e"]);
}

#[test]
fn what_is_known_is_computed() {
    let number = |value| Some(Constant::Number(value));
    let string = |text: &str| Some(Constant::String(text.to_owned()));
    assert_eq!(computed("60 * 60"), number(3600.0));
    assert_eq!(computed("2 + 3 * -4 - 1"), number(-11.0));
    assert_eq!(computed("var.env == \"staging\" ? \"86400\" : 0"), string("86400"));
    assert_eq!(computed("true ? 1 : \"none\""), string("1"));
    assert_eq!(computed("\"api-${var.env}%{ if true }!%{ endif }\""), string("api-staging!"));
    assert_eq!(computed("\"${var.limits.memory}\""), number(512.0));
    assert_eq!(computed("var.limits[\"memory\"] / 2"), number(256.0));
    assert_eq!(computed("[1, 2][1]"), number(2.0));
    assert_eq!(computed("\"1\" == 1"), Some(Constant::Bool(false)));
    assert_eq!(computed("upper(\"x\")"), string("X"));
    assert_eq!(computed("contains([1, 2], length(\"ab\"))"), Some(Constant::Bool(true)));
    for unknown in ["var.other", "title(\"x\")", "0 / 0", "\"a\" + 1", "\"x${null}\"", "[for x in [1] : x]"] {
        assert_eq!(computed(unknown), None, "{unknown}");
    }
}

#[test]
fn heredocs_cut_their_common_indentation() {
    let text = "a = <<-EOT\n    one\n\n      ${ \"two\" ~}   \n    three\n  EOT\n";
    assert_eq!(
        constant(&value_of(text), &|_| None),
        Some(Constant::String("one\n\n  two    three\n".to_owned()))
    );
    let Expression::String(plain) = value_of("a = <<EOT\n  $${x} \\n\nEOT\n") else { panic!("no string") };
    assert_eq!((plain.value.as_str(), plain.span), ("  ${x} \\n\n", Span::new(10, 21)));
}

#[test]
fn tfvars_hold_values_only() {
    let told =
        |text: &str| parse_tfvars(text).errors.into_iter().map(|error| error.message).collect::<Vec<_>>();
    assert_eq!(told("a = [for x in [1] : x]\nb = 2 * 3\nc = \"%{ if true }x%{ endif }\"\n"), [""; 0]);
    assert_eq!(told("env = staging\n"), ["Variables not allowed: put the text in quotes, `env = \"…\"`"]);
    assert_eq!(told("on = True\n"), ["Variables not allowed: write `true` in lower case"]);
    assert_eq!(told("password = hunter2\n").iter().filter(|message| message.contains("hunter2")).count(), 0);
    for bad in ["a = var.b\n", "a = f()\n", "b {\n}\n", "a = 1 + true\n", "a = { (x) = 1 }\n"] {
        assert_eq!(told(bad).len(), 1, "{bad}");
    }
}

#[test]
fn json_variables_are_taken_verbatim() {
    let text = "{\n  \"//\": \"note\",\n  \"a\": \"$${b} \\u00e9\",\n  \"m\": {\"k\": [1, null]}\n}";
    let parsed = parse_tfvars_json(text);
    assert_eq!(parsed.errors, []);
    assert_eq!(keys(&parsed.tree), ["a", "m"]);
    let a = &parsed.tree.attributes[0];
    let Expression::String(value) = &a.value.value else { panic!("{a:?}") };
    assert_eq!((value.value.as_str(), value.span.of(text)), ("$${b} é", "$${b} \\u00e9"));
    assert_eq!((a.key.span.of(text), a.line), ("a", 3));
    for bad in [
        "",
        "[]",
        "{\"a\": 1,}",
        "{\"a\": 1, \"a\": 2}",
        "// x\n{}",
        "{'a': 1}",
        "{\"a\": \"x\ty\"}",
        "\u{feff}{}",
    ] {
        assert_eq!(parse_tfvars_json(bad).errors.len(), 1, "{bad}");
    }
}

/// Openings of everything that nests, and what closes them.
const NESTED: [(&str, &str); 12] = [
    ("(", ")"),
    ("[", "]"),
    ("{x=", "}"),
    ("f(", ")"),
    ("-", ""),
    ("a[", "]"),
    ("\"${", "}\""),
    ("\"%{if ", "}%{endif}\""),
    ("b ? ", " : c"),
    ("b ? c : ", ""),
    ("[for a in b : ", "]"),
    ("<<A\n${", "}\nA\n"),
];

#[test]
fn depth_is_limited() {
    for (open, close) in NESTED {
        let nested = |levels| format!("a = {}1{}\nb = 2\n", open.repeat(levels), close.repeat(levels));
        let parsed = parse(&nested(120));
        assert_eq!(parsed.errors, [], "{open}");
        let _ = references(&parsed.tree.attributes[0].value);
        let _ = constant(&parsed.tree.attributes[0].value.value, &|_| None);
        for levels in [130, 20_000] {
            let parsed = parse(&nested(levels));
            assert!(parsed.errors[0].message.starts_with("is nested too deep"), "{open} {:?}", parsed.errors);
        }
    }
    let blocks = |levels| format!("{}{}", "b {\n".repeat(levels), "}\n".repeat(levels));
    assert_eq!(parse(&blocks(120)).errors, []);
    assert!(parse(&blocks(20_000)).errors[0].message.starts_with("is nested too deep"));
    let directives = format!("a = \"{}{}\"\n", "%{if x}".repeat(20_000), "%{endif}".repeat(20_000));
    assert!(parse(&directives).errors[0].message.starts_with("is nested too deep"));
    let json = format!("{{\"a\": {}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(parse_tfvars_json(&json).errors[0].message.starts_with("is nested too deep"));
}

#[test]
fn time_is_linear_in_hostile_texts() {
    const TIMES: usize = 60_000;
    for (start, again) in [
        ("a = {\n", "k = 1\n"),
        ("", "a = [\n"),
        ("", "a = {\n"),
        ("", "a = \"${\n"),
        ("", "a = [<<EOT\n"),
        ("", "a = /*\n"),
        ("", "a = [1}\n"),
        ("a = \"", "${a}"),
        ("a = <<EOT\n", "${a}"),
        ("a = b", ".c"),
        ("a = b", "[0]"),
        ("a = 1", " + 1 * 2"),
        ("a = ", "1."),
        ("a ", "\"l\" "),
        ("", "}\n"),
        ("a = \"", "%{if x}"),
        ("", "b {\n"),
    ] {
        let text = start.to_owned() + &again.repeat(TIMES);
        let begun = std::time::Instant::now();
        let parsed = parse(&text);
        assert!(begun.elapsed().as_secs() < 10, "{start}{again}: {:?}", begun.elapsed());
        assert!(parsed.errors.len() <= 201);
    }
}

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read(text in "(?s).{0,200}") {
        check_spans(&text);
    }

    #[test]
    fn any_mixture_of_symbols_is_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        check_spans(&words.concat());
    }
}

const WORDS: &[&str] = &[
    "a",
    "é",
    "1",
    "1.5",
    "\"",
    "${",
    "%{",
    "~}",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    " = ",
    ":",
    "?",
    ",",
    ".",
    "...",
    "\n",
    "\r\n",
    "\r",
    " ",
    "if ",
    "endif",
    "for x in ",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "\\",
    "\\u00e9",
    "#",
    "/*",
    "*/",
    "-",
    "!",
    "+",
    "*",
    "\u{feff}",
    "true",
    "b {\n",
    "}\n",
    "c = ",
    "$${",
    "\\\"",
    "::",
    "=>",
];

/// Every span of what was read lies on character boundaries inside the text.
fn check_spans(text: &str) {
    for parsed in [parse(text), parse_tfvars(text), parse_tfvars_json(text)] {
        let shown = format!("{parsed:?}");
        for span in shown.split("Span { start: ").skip(1) {
            let (start, rest) = span.split_once(", end: ").unwrap();
            let end = rest.split_once(" }").unwrap().0;
            let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
            assert!(start <= end && text.get(start..end).is_some(), "{start}..{end} in {text:?}");
        }
    }
}
