use proptest::prelude::*;

use super::*;

fn none(_: &str) -> Option<String> {
    None
}

/// What a dialect makes of a text, as `key=text` lines.
fn read(text: &str, dialect: Dialect) -> Vec<String> {
    let parsed = parse(text, dialect);
    let resolved = resolve(&parsed.tree, &none);
    let key = |index: usize| &parsed.tree.entries[index].key.value;
    resolved.tree.iter().map(|(index, text)| format!("{}={text}", key(*index))).collect()
}

fn only(text: &str, dialect: Dialect) -> Entry {
    let parsed = parse(text, dialect);
    assert_eq!((parsed.errors.len(), parsed.tree.entries.len()), (0, 1), "{dialect}: {text}");
    parsed.tree.entries[0].clone()
}

#[test]
fn dialects_have_names() {
    for dialect in Dialect::ALL {
        assert_eq!(dialect.name().parse(), Ok(dialect));
    }
    assert!("bash".parse::<Dialect>().is_err());
}

#[test]
fn the_same_line_means_five_things() {
    let line = "ENVIRONMENT='${REGION:-eu}'#x # was production\n";
    assert_eq!(read(line, Dialect::DockerEnvFile), [line.trim_end()]);
    assert_eq!(read(line, Dialect::NodeDotenv), ["ENVIRONMENT=${REGION:-eu}"]);
    assert_eq!(read(line, Dialect::PythonDotenv), ["ENVIRONMENT=eu"]);
    assert_eq!(read(line, Dialect::Compose), ["ENVIRONMENT=${REGION:-eu}"]);
    assert_eq!(read(line, Dialect::Dotenvy), ["ENVIRONMENT=${REGION:-eu}#x"]);
}

#[test]
fn spans_let_the_text_inside_the_quotes_be_replaced() {
    let text = "\u{feff}# first\r\n export HOST = \"local\\thost\" # why\r\n";
    for dialect in [Dialect::Compose, Dialect::PythonDotenv, Dialect::NodeDotenv] {
        let entry = only(text, dialect);
        assert_eq!((entry.key.span.of(text), entry.line, entry.export), ("HOST", 2, true), "{dialect}");
        assert_eq!((entry.raw.span.of(text), entry.quote), ("\"local\\thost\"", Some('"')), "{dialect}");
        assert_eq!(entry.value_span.of(text), "local\\thost", "{dialect}");
    }
    let plain = "HOST=localhost # why\n";
    for (dialect, value) in [(Dialect::Dotenvy, "localhost"), (Dialect::DockerEnvFile, "localhost # why")] {
        let entry = only(plain, dialect);
        assert_eq!((entry.value_span.of(plain), entry.raw.value.as_str()), (value, value), "{dialect}");
    }
}

#[test]
fn an_empty_value_is_not_an_absent_one() {
    for dialect in Dialect::ALL {
        assert_eq!(only("A=\n", dialect).value, Value::Text(Vec::new()), "{dialect}");
    }
    for dialect in [Dialect::Compose, Dialect::DockerEnvFile, Dialect::PythonDotenv] {
        let parsed = parse("A\nB=1\n", dialect);
        assert_eq!(parsed.tree.entries[0].value, Value::Absent, "{dialect}");
        let resolved = resolve(&parsed.tree, &|name| (name == "A").then(|| "from outside".to_owned()));
        let inherits = dialect != Dialect::PythonDotenv;
        assert_eq!(resolved.tree.iter().any(|(_, text)| text == "from outside"), inherits, "{dialect}");
    }
}

#[test]
fn an_error_stops_what_it_stops_in_the_real_reader() {
    let text = "A=1\nB B=2\nC=3\n";
    for (dialect, accepted, errors) in [
        (Dialect::Compose, 0, 1),
        (Dialect::DockerEnvFile, 0, 1),
        (Dialect::PythonDotenv, 2, 1),
        (Dialect::NodeDotenv, 2, 0),
        (Dialect::Dotenvy, 1, 1),
    ] {
        let parsed = parse(text, dialect);
        let keys: Vec<&str> = parsed.tree.entries.iter().map(|entry| entry.key.value.as_str()).collect();
        assert_eq!(keys, ["A", "C"], "{dialect}");
        assert_eq!((parsed.tree.accepted, parsed.errors.len()), (accepted, errors), "{dialect}");
    }
}

#[test]
fn quotes_hold_lines_together() {
    let text = "KEY=\"-----BEGIN\nabc=\n-----END\"\nB=2\n";
    for dialect in [Dialect::Compose, Dialect::PythonDotenv, Dialect::NodeDotenv, Dialect::Dotenvy] {
        let parsed = parse(text, dialect);
        assert_eq!(read(text, dialect), ["KEY=-----BEGIN\nabc=\n-----END", "B=2"], "{dialect}");
        assert_eq!(parsed.tree.entries[1].line, 4, "{dialect}");
    }
}

#[test]
fn an_open_quote_does_not_lose_the_lines_after_it() {
    for dialect in [Dialect::Compose, Dialect::PythonDotenv, Dialect::Dotenvy] {
        let parsed = parse("A=1\nB=\"x\nC=3\n", dialect);
        let last = parsed.tree.entries.last().unwrap();
        assert_eq!((last.key.value.as_str(), parsed.errors.len()), ("C", 1), "{dialect}");
    }
}

#[test]
fn a_bad_reference_loses_its_value_only() {
    let parsed = parse("A=\"${b c}\nD=1\n\"\nE=2\n", Dialect::Compose);
    assert_eq!((parsed.errors.len(), parsed.tree.accepted, parsed.tree.entries.len()), (1, 0, 1));
}

#[test]
fn references_are_kept_until_they_are_resolved() {
    let entry = only("URL=http://${HOST:-${NAME}.local}:$PORT\n", Dialect::Compose);
    let Value::Text(parts) = &entry.value else { panic!("{entry:?}") };
    assert_eq!(parts.len(), 4);
    assert_eq!(entry.value.literal(), None);
    let file = parse("NAME=a\nURL=${HOST:-${NAME}.local}\n", Dialect::Compose).tree;
    assert_eq!(resolve(&file, &none).tree[1].1, "a.local");
    let outside = |name: &str| (name == "HOST").then(|| "b".to_owned());
    assert_eq!(resolve(&file, &outside).tree[1].1, "b");
    let required = parse("A=1\nB=${C:?say why}\n", Dialect::Compose).tree;
    let resolved = resolve(&required, &none);
    assert_eq!((resolved.tree.len(), resolved.errors[0].message.as_str()), (0, "C must be set: say why"));
}

#[test]
fn messages_do_not_show_values() {
    for text in
        ["PASSWORD=\"hunter2\n", "PASSWORD=hunter2 hunter2\n", "PASSWORD='hunter2'x\n", "PASS WORD=hunter2\n"]
    {
        for dialect in Dialect::ALL {
            let errors = parse(text, dialect).errors;
            assert!(errors.iter().all(|error| !error.message.contains("hunter2")), "{dialect}: {text}");
        }
    }
}

#[test]
fn values_do_not_grow_without_limit() {
    let line = |step: usize| format!("V{}={}\n", step + 1, format!("${{V{step}}}").repeat(8));
    let text = "V0=0123456789\n".to_owned() + &(0..64).map(line).collect::<String>();
    for dialect in [Dialect::Compose, Dialect::PythonDotenv, Dialect::Dotenvy] {
        assert_eq!(resolve(&parse(&text, dialect).tree, &none).errors.len(), 1, "{dialect}");
    }
}

#[test]
fn time_is_linear_in_hostile_texts() {
    const TIMES: usize = 30_000;
    for (start, again) in [
        ("A='", "\\'"),
        ("", "A='\\'\n"),
        ("", "A=\"x\n"),
        ("", "A=\\\\\"\\\"\n"),
        ("", "A='\"\n"),
        ("A=", "${B:-"),
        ("A=", "${B:-}"),
        ("A=", "${"),
        ("A=:", "${"),
        ("A=", "$"),
        ("A=", "{}"),
        ("A\n", "\n"),
        ("", "A\n \t"),
        ("", "export "),
        ("A=x", " "),
        ("A=x", " #"),
        ("A=\"", "\\n"),
    ] {
        for tail in ["", "}\n", ":\n"] {
            let text = start.to_owned() + &again.repeat(TIMES) + tail;
            for dialect in Dialect::ALL {
                let begun = std::time::Instant::now();
                let _ = resolve(&parse(&text, dialect).tree, &none);
                assert!(begun.elapsed().as_secs() < 4, "{dialect} {start}{again}: {:?}", begun.elapsed());
            }
        }
    }
}

const WORDS: &[&str] = &[
    "A", "é", "=", " = ", ":", ": ", "\"", "'", "`", "#", " #", "\\", "\\n", "\\\"", "$", "$$", "${", "}",
    "${B:-", "${B?", "\n", "\r\n", "\r", " ", "\u{a0}", "\u{feff}", "export ", "B=1\n", "x y",
];

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read(text in "(?s).{0,200}") {
        check(&text);
    }

    #[test]
    fn any_mixture_of_symbols_is_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        check(&words.concat());
    }
}

/// Every span of what was read lies on character boundaries inside the text.
fn check(text: &str) {
    for dialect in Dialect::ALL {
        let parsed = parse(text, dialect);
        let _ = resolve(&parsed.tree, &|name| Some(name.to_owned()));
        let entries = parsed.tree.entries.iter();
        let spans = entries.flat_map(|entry| [entry.key.span, entry.raw.span, entry.value_span]);
        for span in spans.chain(parsed.errors.iter().map(|error| error.span)) {
            let is_inside = span.start <= span.end && text.get(span.start..span.end).is_some();
            assert!(is_inside, "{dialect}: {span:?} in {text:?}");
        }
        assert!(parsed.tree.accepted <= parsed.tree.entries.len());
    }
}
