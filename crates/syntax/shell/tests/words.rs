use super::{commands, read};
use crate::shell::{AssignmentValue, parse, parse_run};

#[test]
fn quotes_are_removed_and_keep_blanks() {
    assert_eq!(commands(r#"echo 'a  b' "c  d" e\ f g"h"'i'"#), ["echo a  b c  d e f ghi"]);
    let script = read(r#"echo 'a b' plain "" x\"y"#);
    let words = &script.commands[0].words;
    let told: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.quoted)).collect();
    assert_eq!(told, [("echo", false), ("a b", true), ("plain", false), ("", true), ("x\"y", true)]);
    assert!(words.iter().all(|word| word.literal));
}

#[test]
fn a_backslash_in_double_quotes_only_takes_four_characters() {
    assert_eq!(commands(r#"echo "a\$b \"q\" \\ \n" '\n'"#), [r#"echo a$b "q" \ \n \n"#]);
}

#[test]
fn c_quotes() {
    assert_eq!(commands(r"printf $'a\tb\'c' $'\x'"), ["printf a\tb'c \\x"]);
}

#[test]
fn lines_go_on_after_a_backslash() {
    let text = "gcloud run deploy \\\n  --image=x \\\r\n  --quiet\nnext";
    assert_eq!(commands(text), ["gcloud run deploy --image=x --quiet", "next"]);
    let script = read(text);
    assert_eq!(script.commands[0].words[3].span.of(text), "--image=x");
    assert_eq!((script.commands[0].words[3].line, script.commands[1].line), (2, 4));
    assert_eq!(commands("ec\\\nho a\"b\\\nc\""), ["echo abc"]);
}

#[test]
fn a_dockerfile_drops_comments_and_empty_lines_in_a_continued_line() {
    let text = "apt-get update \\\n# why\n\n  && apt-get install -y \\  \n    # more\n  curl\n";
    let parsed = parse_run(text);
    assert_eq!(
        (super::joined(&parsed.tree), parsed.errors),
        (vec!["apt-get update".to_owned(), "apt-get install -y curl".to_owned()], vec![])
    );
    assert_eq!(commands("a \\\n# b\nc"), ["a", "c"]);
}

#[test]
fn comments_begin_where_a_word_would() {
    assert_eq!(commands("#!/bin/sh\necho a#b '#c' # d\n  # e\nfoo;# f\nbar"), ["echo a#b #c", "foo", "bar"]);
}

#[test]
fn spans_and_sources() {
    let text = "\u{feff}é --set=\"ä=b,c\" 'q'";
    let script = read(text);
    let word = &script.commands[0].words[1];
    assert_eq!(word.span.of(text), "--set=\"ä=b,c\"");
    assert_eq!(word.text, "--set=ä=b,c");
    let value = word.text.find('=').unwrap() + 1;
    assert_eq!(word.source(value, word.text.len()).of(text), "ä=b,c");
    assert_eq!(word.source(value, value + 2).of(text), "ä");
    assert_eq!(script.commands[0].words[2].source(0, 1).of(text), "q");
    assert_eq!(script.commands[0].span.of(text), "é --set=\"ä=b,c\" 'q'");
}

#[test]
fn assignments() {
    let text = "A=b C='d e' run x\nEMPTY=\nLIST=(a 'b c' # no\n  $D\n)\nLIST+=(e)\nurl=\"http://$HOST\"\nA[1]=x\nnot-a=b";
    let script = read(text);
    let first = &script.commands[0];
    let names: Vec<_> =
        first.assignments.iter().map(|one| (one.name.value.as_str(), one.span.of(text))).collect();
    assert_eq!(names, [("A", "A=b"), ("C", "C='d e'")]);
    assert_eq!(first.name(), Some("run"));
    let lasting: Vec<_> = script
        .assignments()
        .map(|(one, exported)| {
            let value = match &one.value {
                AssignmentValue::Word(word) => word.text.clone(),
                AssignmentValue::Array(words) => {
                    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join("|")
                }
            };
            (one.name.value, value, one.append, exported)
        })
        .collect();
    let expected = [
        ("EMPTY", "", false),
        ("LIST", "a|b c|$D", false),
        ("LIST", "e", true),
        ("url", "http://$HOST", false),
        ("A", "x", false),
    ];
    assert_eq!(
        lasting,
        expected.map(|(name, value, append)| (name.to_owned(), value.to_owned(), append, false))
    );
    assert_eq!(script.commands.last().unwrap().name(), Some("not-a=b"));
}

#[test]
fn exports() {
    let text = "export A=b C=\"x$D\" E\nreadonly F=1\ndeclare -x G=2\nlocal -a H=(a b)";
    let script = read(text);
    let told: Vec<_> =
        script.assignments().map(|(one, exported)| (one.name.value.clone(), one.value, exported)).collect();
    let names: Vec<_> = told.iter().map(|(name, _, exported)| (name.as_str(), *exported)).collect();
    assert_eq!(names, [("A", true), ("C", true), ("F", false), ("G", true), ("H", false)]);
    let AssignmentValue::Word(value) = &told[1].1 else { panic!("{told:?}") };
    assert_eq!((value.text.as_str(), value.literal, value.span.of(text)), ("x$D", false, "x$D\""));
    assert_eq!(value.references[0].name, "D");
}

#[test]
fn redirections() {
    let text = "cmd >out 2>&1 <in &>>all 2> /dev/null arg >|x";
    let script = read(text);
    let command = &script.commands[0];
    let told: Vec<_> =
        command.redirects.iter().map(|one| (one.operator.value.as_str(), one.target.text.as_str())).collect();
    assert_eq!(
        told,
        [(">", "out"), ("2>&", "1"), ("<", "in"), ("&>>", "all"), ("2>", "/dev/null"), (">|", "x")]
    );
    assert_eq!(super::joined(&script), ["cmd arg"]);
    assert_eq!(commands("echo 2 >x 3"), ["echo 2 3"]);
}

#[test]
fn heredocs() {
    let text = "cat <<EOF > f; next\nport=$PORT\n  $(whoami)\nEOF\ncat <<'RAW' <<-TAB\n$not\nRAW\n\tindented ${X:-y}\n\tTAB\nafter\n";
    let script = read(text);
    assert_eq!(super::joined(&script), ["cat", "next", "whoami", "cat", "after"]);
    let body = |command: usize, redirect: usize| {
        script.commands[command].redirects[redirect].heredoc.clone().unwrap()
    };
    assert_eq!(body(0, 0).text, "port=$PORT\n  $(whoami)\n");
    assert_eq!(body(0, 0).references[0].name, "PORT");
    assert!(!body(0, 0).literal);
    assert_eq!((body(3, 0).text.as_str(), body(3, 0).literal), ("$not\n", true));
    assert_eq!(body(3, 1).references[0].name, "X");
    assert_eq!(script.commands[0].redirects[1].target.text, "f");
    assert_eq!(commands("cat <<< word"), ["cat"]);
}

#[test]
fn a_heredoc_without_end_takes_the_rest_and_is_told() {
    let parsed = parse("cat <<EOF\nbody\n");
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.tree.commands[0].redirects[0].heredoc.as_ref().unwrap().text, "body\n");
}

#[test]
fn a_quote_that_is_never_closed_is_a_character() {
    let parsed = parse("echo don't\ngcloud run deploy x");
    assert_eq!(super::joined(&parsed.tree), ["echo don't", "gcloud run deploy x"]);
    assert_eq!(parsed.errors[0].span.of("echo don't"), "'");
    let parsed = parse("echo 5\" $(a)\nnext $(b)");
    assert_eq!(super::joined(&parsed.tree), ["echo 5\" $(a)", "a", "next $(b)", "b"]);
    assert_eq!(parsed.errors.len(), 1);
}

#[test]
fn windows_line_ends() {
    assert_eq!(commands("a b\r\nif c; then\r\n  d\r\nfi\r\n"), ["a b", "c", "d"]);
}
