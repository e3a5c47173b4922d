use super::{commands, read};
use crate::shell::{ReferenceForm, parse};

/// `NAME`, with what stands in for it.
fn references(text: &str) -> Vec<String> {
    read(text)
        .commands
        .iter()
        .flat_map(|command| &command.words)
        .flat_map(|word| &word.references)
        .map(|reference| match &reference.form {
            ReferenceForm::Plain => reference.name.clone(),
            ReferenceForm::Default(text) => format!("{}-{}", reference.name, text.value),
            ReferenceForm::Required => format!("{}?", reference.name),
            ReferenceForm::Other => format!("{}.", reference.name),
            ReferenceForm::Template => format!("{{{}}}", reference.name),
        })
        .collect()
}

#[test]
fn variables() {
    assert_eq!(references("echo $A ${B} \"$C-d\" '$no' \\$no $1 $@ $"), ["A", "B", "C", "1", "@"]);
    let text = "echo x${NAME}y";
    let word = &read(text).commands[0].words[1];
    assert_eq!((word.text.as_str(), word.literal), ("x${NAME}y", false));
    assert_eq!(word.references[0].span.of(text), "${NAME}");
}

#[test]
fn what_is_done_with_them() {
    assert_eq!(
        references(
            "echo ${A:-b c} ${B-} ${C:=d} ${D:?must} ${E:+f} ${F%.x} ${#G} ${H:-${I:-j}} ${K//a/b} ${!L}"
        ),
        ["A-b c", "B-", "C-d", "D?", "E.", "F.", "G.", "H-${I:-j}", "I-j", "K.", "L."]
    );
    assert_eq!(references("echo \"${A:-\"b }\"}\" ${B:-'}'}"), ["A-\"b }\"", "B-'}'"]);
}

#[test]
fn the_span_of_a_default() {
    let text = "echo ${A:-http://x}";
    let script = read(text);
    let ReferenceForm::Default(default) = &script.commands[0].words[1].references[0].form else { panic!() };
    assert_eq!(default.span.of(text), "http://x");
}

#[test]
fn commands_inside_are_listed() {
    assert_eq!(
        commands("a=$(gcloud auth print-token | tr -d x) echo \"at $(date +\"%Y\")\" `whoami`"),
        ["echo at $(date +\"%Y\") `whoami`", "gcloud auth print-token", "tr -d x", "date +%Y", "whoami"]
    );
    assert_eq!(commands("diff <(sort a) <(sort b)"), ["diff <(sort a) <(sort b)", "sort a", "sort b"]);
    assert_eq!(commands("x $(a $(b $(c)))"), ["x $(a $(b $(c)))", "a $(b $(c))", "b $(c)", "c"]);
    assert_eq!(
        commands("x \"$(case $y in (a) b;; c) d;; esac)\""),
        ["x $(case $y in (a) b;; c) d;; esac)", "b", "d"]
    );
}

#[test]
fn arithmetic_is_no_command() {
    assert_eq!(commands("echo $((1 + 2 * (3))) $(( $A << 2 ))"), ["echo $((1 + 2 * (3))) $(( $A << 2 ))"]);
    assert_eq!(references("echo $(( $A + 1 ))"), ["A"]);
    assert_eq!(commands("echo $((a; b) | c)"), ["echo $((a; b) | c)", "a", "b", "c"]);
    assert_eq!(commands("(( i < 3 )) && a"), ["a"]);
}

#[test]
fn expressions_of_github_are_one_word() {
    let text =
        "deploy --url ${{ secrets.URL || 'http://x y' }}/a \"${{ env.B }}\" ${{ github.ref == 'a' && 'b' }}";
    assert_eq!(read(text).commands[0].words.len(), 5);
    assert_eq!(references(text), ["{secrets.URL || 'http://x y'}", "{env.B}", "{github.ref == 'a' && 'b'}"]);
    assert_eq!(commands("a ${{ x }} && b"), ["a ${{ x }}", "b"]);
}

#[test]
fn one_that_is_never_closed_loses_nothing_else() {
    let parsed = parse("echo ${A\nnext $(b\nlast");
    assert_eq!(parsed.errors.len(), 2);
    assert_eq!(super::joined(&parsed.tree), ["echo ${A", "next $(b\nlast", "b", "last"]);
}
