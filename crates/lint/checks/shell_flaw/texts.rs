//! What is said of each such place. `name` is the variable or the program, `written` the text as it stands there.

pub(super) fn substring(name: &str) -> String {
    format!(
        "`${{{name}:…}}` gives no default: without a dash after the colon bash cuts a part out of the value, and sh ends with \
         `Bad substitution`. Write `${{{name}:-...}}`"
    )
}

pub(super) fn unbound(name: &str) -> String {
    format!(
        "nothing sets `{name}`, and the shell ends at unset variables: the test for an empty one ends the script with `unbound \
         variable` just where it is to be passed over. Write `${{{name}:-}}`"
    )
}

pub(super) fn status(name: &str) -> String {
    format!(
        "`$?` is the status of `{name}` before it, which always succeeds, and not that of the command which is meant: its \
         failure goes unseen. Keep the status (`status=$?`) right behind that command"
    )
}

pub(super) fn unitless(name: &str, written: &str) -> String {
    format!(
        "`{written}` has no unit, and `{name}` takes none for granted: it ends at once with \"missing unit in duration\". Write \
         `{written}s` for seconds, or `m` for minutes"
    )
}

pub(super) fn quoted(written: &str) -> String {
    format!(
        "`{written}` stands between single quotes, where the shell fills nothing in: the text is handed on with the variable's \
         name in the place of its value. Put the text between double quotes, or end the single ones around it: \
         `'\"{written}\"'`"
    )
}

pub(super) fn own_shell(written: &str) -> String {
    format!(
        "`{written}` holds for this line alone: make gives each line of a recipe a shell of its own, and those behind it know \
         nothing of it. Join them with `&& \\`, or write `.ONESHELL:` in this Makefile"
    )
}

pub(super) fn misspelt(name: &str) -> String {
    format!(
        "nothing sets `{name}`, so it is empty here; a variable of nearly this name is set before and never read. Give both one \
         name"
    )
}

pub(super) fn swallowed(name: &str, written: &str) -> String {
    format!(
        "the name goes on as long as letters and `_` follow: the shell looks for `{}`, which nothing sets, and not for `{name}`. \
         Write `${{{name}}}` with its braces",
        written.trim_start_matches('$')
    )
}

pub(super) fn program(name: &str, written: &str) -> String {
    format!(
        "`{written}` runs a program called `{name}`, which there is none of (\"command not found\"), and puts nothing in its \
         place: a Makefile reads variables so, a shell does not. Write `${{{name}}}`"
    )
}

pub(super) fn no_context(written: &str) -> String {
    format!(
        "`{written}` names no folder to build from: it ends with \"requires exactly 1 argument\". Write the context behind the \
         options: `.`"
    )
}

pub(super) fn contexts(written: &str) -> String {
    format!(
        "this build is given `{written}` beside its options, and takes one folder: it ends with \"requires exactly 1 argument\". A \
         blank in a name makes two words of it; expressions are written `${{{{ … }}}}`"
    )
}

pub(super) fn unapproved(written: &str) -> String {
    format!(
        "`{written}` asks whether it may go on, and nobody answers in a workflow: it ends with \"error asking for approval\" and \
         changes nothing. Give it the plan that was made before, or `-auto-approve`"
    )
}

pub(super) fn parameter(name: &str, written: &str) -> String {
    format!(
        "`{name}` has no parameter `{written}`: `oc process` ends with \"unknown parameter name\" and nothing is applied. Declare \
         it under its `parameters:`, or leave it out"
    )
}

pub(super) fn parameter_missing(name: &str, written: &str) -> String {
    format!(
        "`{name}` requires the parameter `{written}`, which has no value of its own and is not given here: `oc process` ends with \
         \"parameter {written} is required and must be specified\" and nothing is applied. Give it with `-p {written}=…`, or \
         give it a `value:` in the template"
    )
}

pub(super) fn no_script(name: &str, written: &str) -> String {
    format!(
        "without `-c` before it `{name}` takes this text for the name of a file, which there is none of: the container ends as \
         soon as it starts. Write `[\"{name}\", \"-c\", \"{written} …\"]`"
    )
}

pub(super) fn no_name(written: &str) -> String {
    format!(
        "`{written}` replaces the name by its value, and nothing gives it one: what is left has no name, and the shell ends with \
         \"not a valid identifier\". Write the name without `$`"
    )
}

pub(super) fn spaced(name: &str) -> String {
    format!(
        "the blanks around `=` make an argument of it: nothing is assigned, the shell looks for a program, or refuses the `=`, and \
         `{name}` stays as it was. Write `{name}=…`"
    )
}
