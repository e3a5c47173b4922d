use super::{commands, read};
use crate::shell::{BlockKind, OperatorBefore, parse};

#[test]
fn operators() {
    let script = read("a && b || c; d | e |& f & g\nh &&\n i");
    let told: Vec<_> =
        script.commands.iter().map(|one| (one.words[0].text.as_str(), one.operator_before)).collect();
    assert_eq!(
        told,
        [
            ("a", OperatorBefore::Start),
            ("b", OperatorBefore::And),
            ("c", OperatorBefore::Or),
            ("d", OperatorBefore::Semicolon),
            ("e", OperatorBefore::Pipe),
            ("f", OperatorBefore::Pipe),
            ("g", OperatorBefore::Background),
            ("h", OperatorBefore::Newline),
            ("i", OperatorBefore::And),
        ]
    );
    let after = read("if a; then b; fi\nc\n{ d; } && e");
    let told: Vec<_> = after.commands.iter().map(|one| one.operator_before).collect();
    assert_eq!(
        told,
        [
            OperatorBefore::Start,
            OperatorBefore::Start,
            OperatorBefore::Newline,
            OperatorBefore::Start,
            OperatorBefore::And
        ]
    );
}

#[test]
fn conditions() {
    let text =
        "if a && ! b; then c; elif d; then e; else f; fi\nwhile g | h; do i; done\nuntil j; do k; done\nl";
    let script = read(text);
    let asked: Vec<_> =
        script.commands.iter().filter(|one| one.in_condition).map(|one| one.words[0].text.as_str()).collect();
    assert_eq!(asked, ["a", "b", "d", "g", "h", "j"]);
    assert_eq!(script.commands.len(), 12);
    let negated: Vec<_> =
        script.commands.iter().filter(|one| one.negated).map(|one| one.span.of(text)).collect();
    assert_eq!(negated, ["b"]);
    let kinds: Vec<_> = script.blocks.iter().map(|block| (block.kind, block.line)).collect();
    assert_eq!(kinds, [(BlockKind::If, 1), (BlockKind::While, 2), (BlockKind::Until, 3)]);
}

#[test]
fn loops_and_their_heads() {
    let text = "for i in 1 2 'x y'; do\n  curl -f $URL && break\n  sleep 5\ndone\nfor x do y; done\nfor ((i=0; i<3; i++)); do z; done";
    assert_eq!(commands(text), ["curl -f $URL", "break", "sleep 5", "y", "z"]);
    let script = read(text);
    let head: Vec<_> = script.blocks[0].head.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(head, ["i", "in", "1", "2", "x y"]);
    assert!(script.blocks[0].span.of(text).ends_with("done"));
    assert!(script.commands.iter().all(|one| !one.in_condition));
}

#[test]
fn cases() {
    let text = "case \"$1\" in\n  start|go) a; b ;;\n  (stop) c ;& \n  # why\n  *) d\nesac\ne";
    assert_eq!(commands(text), ["a", "b", "c", "d", "e"]);
    assert_eq!(read(text).blocks[0].kind, BlockKind::Case);
    assert_eq!(read(text).blocks[0].head[0].text, "$1");
}

#[test]
fn functions() {
    let text = "deploy() {\n  a\n  if b; then c; fi\n}\nfunction build { d; }\nclean () (e)\nmain";
    let script = read(text);
    let told: Vec<_> =
        script.commands.iter().map(|one| (one.words[0].text.as_str(), one.function.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("a", Some("deploy")),
            ("b", Some("deploy")),
            ("c", Some("deploy")),
            ("d", Some("build")),
            ("e", Some("clean")),
            ("main", None)
        ]
    );
    let functions = script.blocks.iter().filter(|block| block.kind == BlockKind::Function);
    assert_eq!(
        functions.map(|block| block.head[0].text.as_str()).collect::<Vec<_>>(),
        ["deploy", "build", "clean"]
    );
}

#[test]
fn groups_and_subshells() {
    assert_eq!(
        commands("(cd x && make) && { a; b; } > log\n(c) 2>&1 | d"),
        ["cd x", "make", "a", "b", "", "c", "", "d"]
    );
}

#[test]
fn double_brackets_hold_words() {
    let text = "if [[ \"$T\" > \"2\" && ( -f x || $y =~ ^(a|b)$ ) ]]; then a; fi\n[[ -n $X ]] && b";
    assert_eq!(commands(text), ["[[ $T > 2 && ( -f x || $y =~ ^ ( a | b ) $ ) ]]", "a", "[[ -n $X ]]", "b"]);
    assert!(read(text).commands[0].in_condition);
}

#[test]
fn words_of_the_shell_are_only_words_elsewhere() {
    assert_eq!(
        commands("echo if then done } { fi\n'if' x\necho done"),
        ["echo if then done } { fi", "if x", "echo done"]
    );
}

#[test]
fn patterns_with_groups() {
    assert_eq!(commands("rm !(keep|this) @(a|b).txt"), ["rm !(keep|this) @(a|b).txt"]);
}

#[test]
fn what_is_never_closed_is_told_and_nothing_is_lost() {
    let parsed = parse("if a; then\n  b\nfor x in y; do\n  c\n");
    assert_eq!(super::joined(&parsed.tree), ["a", "b", "c"]);
    assert_eq!(parsed.errors.len(), 2);
    assert_eq!(parsed.tree.blocks.len(), 2);
    assert_eq!(parse("a )\n} ; b\nfi\n;; c").tree.commands.len(), 4);
}

#[test]
fn text_that_is_no_shell_becomes_words() {
    assert_eq!(
        commands("$env:PATH = 1\nWrite-Host (Get-Date)\n@{a=1}"),
        ["$env:PATH = 1", "Write-Host (Get-Date)", "@{a=1}"]
    );
}
