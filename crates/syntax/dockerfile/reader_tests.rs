//! The reader on small files, on hostile ones and on anything.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use source::{LineIndex, Span};

use super::scope::visit_scopes;
use super::{Command, Dockerfile, Instruction, Kind, Pair, parse};
use crate::{Spanned, SyntaxError};

fn only(text: &str) -> Instruction {
    let parsed = parse(&format!("FROM scratch\n{text}"));
    assert_eq!(parsed.errors, [], "{text}");
    assert_eq!(parsed.tree.instructions.len(), 2, "{text}");
    parsed.tree.instructions.into_iter().next_back().unwrap()
}

/// The lines and messages of a file's errors.
fn told(text: &str) -> Vec<(u32, String)> {
    let index = LineIndex::new(text);
    let told = |error: SyntaxError| (index.line(error.span.start), error.message);
    parse(text).errors.into_iter().map(told).collect()
}

#[test]
fn a_continued_line_is_one_instruction_and_keeps_its_places() {
    let text = "FROM scratch\r\nCOPY a \\  \r\n  # why\r\n\r\n  b\\\r\nc /d/\r\nUSER me\r\n";
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    let copy = &parsed.tree.instructions[1];
    let Kind::Copy { sources, destination, from: None } = &copy.kind else { panic!("{copy:?}") };
    assert_eq!((copy.line, copy.end_line, copy.empty_continuation), (2, 6, true));
    assert_eq!(sources.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(), ["a", "bc"]);
    assert_eq!(sources[1].span.of(text), "b\\\r\nc");
    assert_eq!(destination.span.of(text), "/d/");
    assert_eq!(copy.span.of(text), text[14..].split("\r\nUSER").next().unwrap());
}

#[test]
fn the_escape_directive_holds_before_anything_else_only() {
    assert_eq!(parse("# Syntax = x\n# ESCAPE=`\nFROM a\nRUN b `\n c\n").tree.instructions.len(), 2);
    assert_eq!(parse("# hello\n# escape=`\nFROM a\nRUN b `\nRUN c\n").tree.escape, '\\');
    assert_eq!(told("# escape=`\n# escape=`\nFROM a\n")[0].0, 2);
    assert_eq!(told("# escape=x\nFROM a\n"), [(1, "the escape character must be \\ or `, not x".to_owned())]);
}

#[test]
fn heredocs_swallow_their_lines() {
    let run = only("RUN cat <<A 3<<-'B' > /x\nFROM x\nA\n\t\t$y\n\tB\n");
    let [a, b] = run.heredocs.as_slice() else { panic!("{run:?}") };
    assert_eq!(
        (a.name.value.as_str(), a.content.as_str(), a.expand, a.strip_tabs, a.fd),
        ("A", "FROM x\n", true, false, 0)
    );
    assert_eq!(
        (b.name.value.as_str(), b.content.as_str(), b.expand, b.strip_tabs, b.fd),
        ("B", "$y\n", false, true, 3)
    );
    assert_eq!((run.line, run.end_line), (2, 6));
    for none in
        ["RUN echo $((1<<2))\n", "RUN echo \"<<EOF\"\n", "RUN [\"cat\", \"<<EOF\"]\n", "LABEL a=<<EOF\n"]
    {
        assert_eq!(only(none).heredocs, [], "{none}");
    }
    assert_eq!(told("FROM a\nRUN <<EOF\nx\n")[0].0, 2);
}

#[test]
fn a_script_is_what_the_shell_gets() {
    let script = |text: &str| only(text).script().unwrap();
    assert_eq!(script("RUN <<-EOF\n\tcd /x\n\tmake\nEOF\n"), "cd /x\nmake\n");
    assert_eq!(script("RUN sh <<EOF && ok\nmake\nEOF\n"), "sh <<EOF && ok\nmake\nEOF");
    assert_eq!(script("CMD exec app"), "exec app");
    assert_eq!(only("CMD [\"app\"]").script(), None);
}

#[test]
fn json_is_exec_form_and_broken_json_is_shell_form() {
    let text = "CMD [\"a\", \"b\\u00e9\\\"\"]";
    let Kind::Cmd(Command::Exec(words)) = only(text).kind else { panic!() };
    assert_eq!(words[1].value, "bé\"");
    assert_eq!(words[0].span, Span::new(19, 20));
    for shell in ["['a']", "[\"a\",]", "[\"a\" \"b\"]", "[\"a\"] b", "[\"a\", 01]"] {
        let kind = only(&format!("CMD {shell}")).kind;
        assert!(matches!(&kind, Kind::Cmd(Command::Shell(text)) if text.value == shell), "{kind:?}");
    }
    for refused in ["[1]", "[\"a\", {\"b\": [true, -1.5e3, null]}]"] {
        assert_eq!(told(&format!("FROM a\nCMD {refused}\n")).len(), 1, "{refused}");
    }
}

#[test]
fn pairs_keep_their_quotes_and_know_their_places() {
    let text = "ENV A=1 B=\"2 3\" C=4\\ 5";
    let Kind::Env(pairs) = only(text).kind else { panic!() };
    let shown: Vec<_> = pairs
        .iter()
        .map(|pair| (pair.key.value.as_str(), pair.value.as_ref().unwrap().value.as_str()))
        .collect();
    assert_eq!(shown, [("A", "1"), ("B", "\"2 3\""), ("C", "4\\ 5")]);
    assert_eq!(pairs[1].value.as_ref().unwrap().span, Span::new(23, 28));
    let Kind::Env(old) = only("ENV A  1 = 2").kind else { panic!() };
    assert!(old[0].legacy && old[0].value.as_ref().unwrap().value == "1 = 2");
    let kept = parse("FROM a\nENV A=1 B C=2\n");
    assert!(matches!(&kept.tree.instructions[1].kind, Kind::Env(pairs) if pairs.len() == 2));
    assert_eq!(kept.errors.len(), 1);
}

#[test]
fn flags_lose_their_quotes_and_mounts_have_fields() {
    let copy = only("COPY --from=\"b\"uild --exclude=*.md --link -- --a /b");
    assert_eq!(copy.flag_value("from").unwrap().value, "build");
    assert!(copy.flag("link").unwrap().value.is_none());
    assert!(matches!(&copy.kind, Kind::Copy { sources, .. } if sources[0].value == "--a"));
    let run = only("RUN --mount=type=bind,Source=a.txt,ro x");
    let fields = run.flags[0].fields();
    assert_eq!(fields[1].key.value, "source");
    assert_eq!(fields[1].value.as_ref().unwrap().span, Span::new(42, 47));
    assert!(fields[2].value.is_none());
}

#[test]
fn one_fault_is_one_error_and_the_rest_is_read() {
    let text = "COPY a b\nENV A=1\nFROM x y\nCOPY --form=a b c\nFORM x\nONBUILD ONBUILD RUN x\nCOPY a\nHEALTHCHECK --timeout=5 CMD x\nUSER me\n";
    let lines: Vec<_> = told(text).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6, 7, 8]);
    assert!(told(text)[2].1.contains("did you mean --from?"), "{:?}", told(text));
    assert!(told(text)[3].1.contains("did you mean FROM?"));
    assert!(matches!(parse(text).tree.instructions.last().unwrap().kind, Kind::User(_)));
    assert_eq!(told("")[0].1, "the file holds no instruction");
    assert_eq!(told("ARG A\n").len(), 1);
    assert!(!told("FROM a\nENV A=1\nTOKEN=hunter2 \\\n")[0].1.contains("hunter2"));
    // What is inside an ONBUILD is judged when it is triggered.
    assert_eq!(told("FROM a\nONBUILD COPY x\n"), []);
}

#[test]
fn a_line_may_have_65535_bytes() {
    let line = |length: usize| format!("FROM a\nLABEL a={}\nUSER x\n", "x".repeat(length - 8));
    assert_eq!(told(&line(65_535)), []);
    assert_eq!(told(&line(65_536))[0].0, 2);
}

#[test]
fn stages_are_found_by_number_and_by_name() {
    let tree = parse("FROM a AS Build\nFROM b AS x\nFROM c AS build\n").tree;
    assert_eq!(
        [tree.stage("BUILD"), tree.stage("0"), tree.stage("3"), tree.stage("nginx")],
        [Some(2), Some(0), None, None]
    );
    assert_eq!(tree.stages[0].name.as_ref().unwrap().value, "build");
}

#[test]
fn a_mark_at_the_start_counts_three_bytes() {
    let text = "\u{feff}# escape=`\nFROM a\n";
    let parsed = parse(text);
    assert_eq!(parsed.tree.escape, '`');
    assert_eq!(parsed.tree.instructions[0].keyword.span.of(text), "FROM");
}

#[test]
fn hostile_files_are_read_in_linear_time() {
    let many = 20_000;
    let files = [
        "\\".repeat(1 << 18),
        "\\\n".repeat(1 << 18),
        format!("FROM a\nRUN {}", "<<A ".repeat(many)),
        format!("FROM a\nRUN {}\n{}", "<<A ".repeat(10_000), "A\n".repeat(10_000)),
        format!("FROM a\n{}", "RUN <<A\nA\n".repeat(many)),
        format!("FROM a\n{}", "RUN <<A\n".repeat(many)),
        format!("FROM a\n{}RUN x", "ONBUILD ".repeat(many)),
        format!("FROM a\nRUN {}", "--mount=a \\\n".repeat(many) + &"--network=none \\\n".repeat(many)),
        format!("FROM a\nCMD {}", "[".repeat(1 << 18)),
        format!("FROM a\nENV A={}", "${a:-".repeat(many)),
        format!("FROM a\nRUN {} <<A", "${a:-".repeat(200) + &"x\\\n".repeat(many) + &"}".repeat(200)),
        format!("FROM a\n{}RUN $A", "ENV A=$A$A\n".repeat(many)),
        format!("FROM a AS x\n{}", "FROM x AS x\nENV A=$A$A B=1\n".repeat(many)),
        format!("FROM a AS x\n{}{}", "ONBUILD ENV A=$A$A\n".repeat(many), "FROM x\n".repeat(many)),
        format!("FROM a\nENV A={}\n{}", "a".repeat(60_000), "USER ${A%%*a*a*a?????????b}\n".repeat(many)),
        format!("FROM a\nWORKDIR /\n{}", "WORKDIR x\n".repeat(many)),
        "FROM x
COPY --from=1 a b
COPY --from=y a b
"
        .repeat(many),
        "#\n".repeat(1 << 18),
    ];
    for text in &files {
        let start = Instant::now();
        let parsed = parse(text);
        let mut words = 0;
        visit_scopes(&parsed.tree, &|_| None, &mut |index, scope| {
            if let Kind::User(word) = &parsed.tree.instructions[index].kind {
                words += usize::from(scope.expand(&word.value).is_ok());
            }
        });
        let stage = parsed.tree.stages.len().saturating_sub(1);
        let reached = super::scope::reachable_stages(&parsed.tree, stage, &|_| None).len();
        assert!(words <= parsed.tree.instructions.len() && reached <= parsed.tree.stages.len());
        let took = start.elapsed();
        let head: String = text.chars().take(40).collect();
        println!("{:>9} bytes {took:>9.1?} {head:?}", text.len());
        assert!(took < Duration::from_secs(30), "{head:?} took {took:?}");
    }
}

/// Every place that the tree names.
fn spans(tree: &Dockerfile) -> Vec<Span> {
    let mut spans = Vec::new();
    for directive in &tree.directives {
        spans.extend([directive.name.span, directive.value.span]);
    }
    for stage in &tree.stages {
        let parts = [stage.name.as_ref(), Some(&stage.base), stage.platform.as_ref()];
        spans.extend(parts.into_iter().flatten().map(|word| word.span));
    }
    for instruction in &tree.instructions {
        spans_of(instruction, &mut spans);
    }
    spans
}

fn spans_of(instruction: &Instruction, spans: &mut Vec<Span>) {
    spans.extend([instruction.span, instruction.keyword.span, instruction.arguments.span]);
    spans.extend(instruction.comments.iter().map(|comment| comment.span));
    for flag in &instruction.flags {
        spans.push(flag.name.span);
        spans.extend(flag.value.iter().map(|value| value.span));
        spans.extend(flag.fields().iter().flat_map(pair_spans));
    }
    for heredoc in &instruction.heredocs {
        spans.extend([heredoc.name.span, heredoc.body]);
    }
    if let Kind::Onbuild(inner) = &instruction.kind {
        spans_of(inner, spans);
    }
    if let Kind::Arg(pairs) | Kind::Env(pairs) | Kind::Label(pairs) = &instruction.kind {
        spans.extend(pairs.iter().flat_map(pair_spans));
    }
    let (verbatim, other) = words(&instruction.kind);
    spans.extend(verbatim.iter().chain(&other).map(|word| word.span));
}

fn pair_spans(pair: &Pair) -> Vec<Span> {
    [Some(pair.span), Some(pair.key.span), pair.value.as_ref().map(|value| value.span)]
        .into_iter()
        .flatten()
        .collect()
}

/// The words of an instruction: those that stand in the text as they are, and those of JSON.
fn words(kind: &Kind) -> (Vec<&Spanned<String>>, Vec<&Spanned<String>>) {
    let mut verbatim = Vec::new();
    let mut other = Vec::new();
    match kind {
        Kind::From { base, .. } => verbatim.push(base),
        Kind::Arg(pairs) | Kind::Env(pairs) | Kind::Label(pairs) => {
            verbatim.extend(pairs.iter().flat_map(|pair| [Some(&pair.key), pair.value.as_ref()]).flatten());
        }
        Kind::Copy { sources, destination, .. } | Kind::Add { sources, destination, .. } => {
            other.extend(sources.iter().chain([destination]));
        }
        Kind::Run(command) | Kind::Cmd(command) | Kind::Entrypoint(command) => match command {
            Command::Exec(words) => other.extend(words),
            Command::Shell(text) => verbatim.push(text),
        },
        Kind::Workdir(word) | Kind::User(word) | Kind::Stopsignal(word) | Kind::Maintainer(word) => {
            verbatim.push(word);
        }
        Kind::Expose(words) => verbatim.extend(words),
        Kind::Volume(words) | Kind::Shell(words) => other.extend(words),
        Kind::Healthcheck(_) | Kind::Onbuild(_) | Kind::Unknown => {}
    }
    (verbatim, other)
}

/// Text that is likely to mean something to the reader.
fn dockerfile_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "FROM ",
            "RUN ",
            "COPY ",
            "ENV ",
            "ARG ",
            "ONBUILD ",
            "HEALTHCHECK ",
            "CMD ",
            "VOLUME ",
            "as ",
            "scratch",
            "<<EOF",
            "<<-'é'",
            "EOF",
            "é",
            "\\",
            "`",
            "\n",
            "\r\n",
            "\\\n",
            " ",
            "\t",
            "#",
            "# escape=`\n",
            "--",
            "--mount=",
            "--from=",
            "=",
            ",",
            "\"",
            "'",
            "[",
            "]",
            "[\"a\", \"b\"]",
            "\\u00e9",
            "$A",
            "${A:-",
            "${A#",
            "}",
            "/",
            "*",
            "\u{a0}",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read_and_every_place_lies_in_it(text in dockerfile_like()) {
        let parsed = parse(&text);
        let errors = parsed.errors.iter().map(|error| error.span);
        for span in spans(&parsed.tree).into_iter().chain(errors) {
            prop_assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{span:?}");
        }
        let lines = LineIndex::new(&text);
        for instruction in &parsed.tree.instructions {
            prop_assert_eq!(instruction.line <= instruction.end_line, true);
            prop_assert!(lines.line(instruction.span.start) >= instruction.line);
            prop_assert!(lines.line(instruction.span.end) <= instruction.end_line);
            for word in words(&instruction.kind).0 {
                let written = word.span.of(&text);
                prop_assert!(written.contains('\n') || written == word.value, "{word:?}");
            }
        }
        if !text.starts_with('\u{feff}') {
            let marked = parse(&format!("\u{feff}{text}"));
            let shifted: Vec<_> = spans(&parsed.tree).iter().map(|span| span.shifted(3)).collect();
            prop_assert_eq!(spans(&marked.tree), shifted);
        }
        visit_scopes(&parsed.tree, &|_| Some("x y".to_owned()), &mut |_, scope| {
            let _ = scope.expand(&text);
        });
    }

    #[test]
    fn arbitrary_text_is_read(text in "\\PC*|(?s).*") {
        let parsed = parse(&text);
        for span in spans(&parsed.tree) {
            prop_assert!(text.get(span.start..span.end).is_some(), "{span:?}");
        }
    }
}
