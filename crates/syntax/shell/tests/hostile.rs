use proptest::prelude::*;
use source::Span;

use crate::shell::{
    Assignment, AssignmentValue, Command, Word, entry_points_of, exec_prefix_stripped, flag_values, parse,
    parse_run,
};

fn of_word(word: &Word, spans: &mut Vec<Span>) {
    spans.push(word.span);
    spans.push(word.source(0, word.text.len()));
    spans.extend(word.references.iter().map(|reference| reference.span));
}

fn of_assignment(assignment: &Assignment, spans: &mut Vec<Span>) {
    spans.extend([assignment.span, assignment.name.span]);
    match &assignment.value {
        AssignmentValue::Word(word) => of_word(word, spans),
        AssignmentValue::Array(words) => words.iter().for_each(|word| of_word(word, spans)),
    }
}

fn of_command(command: &Command, spans: &mut Vec<Span>) {
    spans.push(command.span);
    command.words.iter().for_each(|word| of_word(word, spans));
    command.assignments.iter().for_each(|assignment| of_assignment(assignment, spans));
    for redirect in &command.redirects {
        spans.push(redirect.operator.span);
        of_word(&redirect.target, spans);
        redirect.heredoc.iter().for_each(|body| of_word(body, spans));
    }
    spans.extend(flag_values(command, "-").iter().map(|value| value.span));
}

fn holds(text: &str) {
    for parsed in [parse(text), parse_run(text)] {
        let mut spans: Vec<Span> = parsed.errors.iter().map(|error| error.span).collect();
        spans.extend(parsed.tree.blocks.iter().map(|block| block.span));
        spans.extend(entry_points_of(&parsed.tree).iter().map(|entry| entry.span));
        for command in &parsed.tree.commands {
            of_command(command, &mut spans);
            for inner in exec_prefix_stripped(command) {
                of_command(&inner, &mut spans);
            }
        }
        parsed.tree.assignments().for_each(|(assignment, _)| of_assignment(&assignment, &mut spans));
        for span in spans {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
        }
    }
}

/// Pieces that the reader looks at, to be put together at random.
const PIECES: [&str; 56] = [
    "'",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "(",
    "((",
    "))",
    "`",
    "${{",
    "}}",
    ":-",
    "a",
    "é€",
    "A=",
    "A+=(",
    "<<EOF",
    "<<-'EOF'",
    "EOF\n",
    "\tEOF\n",
    ";",
    ";;",
    "&",
    "&&",
    "|",
    "||",
    ">",
    "2>&1",
    "<(",
    "#",
    "if ",
    "then ",
    "fi",
    "while ",
    "do ",
    "done",
    "for x in ",
    "case x in ",
    "esac",
    "{ ",
    "}",
    "[[ ",
    " ]]",
    "f() ",
    "function g ",
    "! ",
    "sh -c ",
    "exec ",
    "uvicorn --a=",
    "\u{feff}",
];

proptest! {
    #![proptest_config(crate::trial::cases(1024))]

    #[test]
    fn arbitrary_text_gives_spans_inside_it(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn arbitrary_shell_gives_spans_inside_it(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        holds(&pieces.concat());
    }
}

#[test]
fn deep_nests_are_told_and_cost_no_more_than_they_are_long() {
    for deep in [
        "$(",
        "${a:-",
        "\"$(",
        "`",
        "(",
        "{ ",
        "if ",
        "case x in a) ",
        "$((",
        "<(",
        "\"${a:-",
        "[[ ",
        "a=(",
        "f() {",
    ] {
        let text = deep.repeat(20_000);
        let parsed = parse(&text);
        assert!(parsed.errors.len() <= 20_001, "{deep}");
    }
    let parsed = parse(&"$(".repeat(100));
    assert!(parsed.errors.iter().any(|error| error.message.contains("64 deep")));
}
