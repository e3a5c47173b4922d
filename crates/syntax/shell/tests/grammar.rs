use crate::shell::parse;

fn refused(text: &str) -> Option<String> {
    parse(text).tree.refused.map(|error| format!("{}: {}", error.span.of(text), error.message))
}

#[test]
fn what_every_shell_refuses() {
    for (text, told) in [
        ("if a; then b", "if: this `if` has no `fi`"),
        ("if a\nfi", "fi: there is no `then` before this `fi`"),
        ("if a; then b; elif c\nelse d; fi", "else: there is no `then` before this `else`"),
        ("if a; then fi", "fi: there is no command before this `fi`"),
        ("for x in 1 2; a; done", "done: there is no `do` before this `done`"),
        ("a || ;", ";: there is no command before `;`"),
        ("a &&", "&&: there is no command after `&&`"),
        ("if a; then b &&\nfi", "&&: there is no command after `&&`"),
        ("a\nfi", "fi: nothing is open here that this `fi` closes"),
        ("a; }", "}: nothing is open here that this `}` closes"),
        ("a ;; b", ";;: `;;` stands outside a `case`"),
        ("echo \"a", "\": this quote is never closed"),
        ("x=$(a\nb", "$: this command substitution is never closed"),
    ] {
        assert_eq!(refused(text).as_deref(), Some(told), "{text}");
    }
}

#[test]
fn what_some_shell_reads() {
    for text in [
        "",
        "# a comment `with \"signs",
        "for x do a; done",
        "for x in a b # don't\ndo c; done",
        "if [[ a ]] then b; fi",
        "case $x in a) ;; (b|c) d ;& *) esac",
        "f() { a; }; f; function g { b; }",
        "{ a; } 2>&1 | b && ( c; d ) & wait",
        "x=`a # b` c",
        "x=`a \"b` c",
        "((i++)); for ((i = $((1 - 1)); i > 0; i--)); do a; done",
        "a |\n\n b &&\n # why\n c",
        "if a; then if b; then c; fi fi",
        "! a && ! b",
        "time { a; }",
    ] {
        let told = refused(text);
        assert!(told.is_none(), "{text}: {told:?}");
    }
}
