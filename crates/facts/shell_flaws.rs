//! Places of shell scripts that do something else than they seem to.

mod durations;
mod misspelt;
mod quoted;
mod refused;

pub(crate) use self::refused::spaced;

use std::collections::BTreeSet;

use source::{Place, Span, is_illustration};
use syntax::shell::{
    self, AssignmentValue, BlockKind, Command, OperatorBefore, Reference, ReferenceForm, Script, Word,
};

use crate::collect::shell_text::ShellText;

/// A place of a shell text that does something else than it seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellFlaw {
    /// What it is.
    pub kind: ShellFlawKind,
    /// The variable.
    pub name: String,
    /// The expansion as written.
    pub written: String,
    /// Where it stands.
    pub at: Place,
    /// What makes it a fault: where the shell is told to end at unset variables, the command that is asked for its status,
    /// the line behind that of a recipe.
    pub because: Option<Place>,
}

impl ShellFlaw {
    /// The variable that has no value here, where another file may still give it one.
    pub(crate) fn unset_variable(&self) -> Option<&str> {
        match self.kind {
            ShellFlawKind::Unbound | ShellFlawKind::Misspelt | ShellFlawKind::NoName => Some(&self.name),
            ShellFlawKind::Swallowed => Some(self.written.trim_start_matches('$')),
            ShellFlawKind::Substring
            | ShellFlawKind::Status
            | ShellFlawKind::Unitless
            | ShellFlawKind::Quoted
            | ShellFlawKind::OwnShell
            | ShellFlawKind::Program
            | ShellFlawKind::NoContext
            | ShellFlawKind::Contexts
            | ShellFlawKind::Unapproved
            | ShellFlawKind::Parameter
            | ShellFlawKind::ParameterMissing
            | ShellFlawKind::NoScript
            | ShellFlawKind::Spaced => None,
        }
    }
}

/// In which way a place is not what it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellFlawKind {
    /// `${NAME:text}`: a part of the value, and no default.
    Substring,
    /// A test whether a variable is empty, in a shell that ends at unset ones.
    Unbound,
    /// `$?` behind a command that always succeeds, which is not the one that is meant.
    Status,
    /// A length of time without a unit, for a program that demands one.
    Unitless,
    /// A variable between single quotes, where it stays as it is written.
    Quoted,
    /// A line of a recipe that sets something for its own shell alone, and there is another one for each line.
    OwnShell,
    /// A variable that nothing sets, where another one of nearly that name is set and never read.
    Misspelt,
    /// A variable whose name goes on with the text behind it.
    Swallowed,
    /// The name of a variable where a program is run: `$(NAME)`.
    Program,
    /// A build that names no folder.
    NoContext,
    /// A build that names several.
    Contexts,
    /// A change of infrastructure that asks whether it may, where nobody answers.
    Unapproved,
    /// A parameter that the template which is filled in does not have.
    Parameter,
    /// A parameter that it must be given, and is not.
    ParameterMissing,
    /// The text of a shell without the option before it that says so: it is looked for as a file.
    NoScript,
    /// An assignment without a name: `export $NAME=value`.
    NoName,
    /// An assignment with blanks around its `=`.
    Spaced,
}

/// Words that stand for a value and for no offset.
const VALUES: &[&str] = &[
    "default",
    "dev",
    "development",
    "disabled",
    "enabled",
    "false",
    "latest",
    "localhost",
    "main",
    "master",
    "no",
    "none",
    "prod",
    "production",
    "staging",
    "true",
    "yes",
];

/// The flaws of a script.
pub(crate) fn of_script(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    if is_illustration(&shell.document.path) { Vec::new() } else { of_text(shell) }
}

/// The flaws of the text of a step: what its shell ends at is told outside of it.
pub(crate) fn of_step(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let mut found = of_text(shell);
    found.retain(|flaw| flaw.kind != ShellFlawKind::Unbound);
    found
}

/// How many arguments a script ends without: the last of `${4?...}` outside of its functions, and before it may have left
/// or counted them.
pub(crate) fn demanded_arguments(text: &str) -> usize {
    let script = shell::parse(text).tree;
    let moves = |command: &Command| {
        let is_option = |word: &Word| word.text.starts_with(['-', '+']) && word.text != "--";
        let sets = command.name() == Some("set") && !command.words.get(1).is_some_and(is_option);
        sets || matches!(command.name(), Some("shift" | "getopts"))
    };
    if script.commands.iter().any(moves) {
        return 0;
    }
    let branches = |span: Span| {
        script.blocks.iter().any(|block| block.span.start <= span.start && span.end <= block.span.end)
    };
    let outer = script.commands.iter().take_while(|command| !may_leave(command));
    let outer = outer.filter(|command| !branches(command.span));
    let read = outer.flat_map(words).flat_map(|word| &word.references);
    let demanded = read.filter(|reference| reference.form == ReferenceForm::Required);
    demanded.filter_map(|reference| reference.name.parse().ok()).max().unwrap_or(0)
}

/// Whether a command may end the script, or asks how many arguments it has.
fn may_leave(command: &Command) -> bool {
    let counts = |word: &Word| word.references.iter().any(|reference| reference.name == "#");
    matches!(command.name(), Some("exec" | "exit" | "return")) || words(command).any(counts)
}

fn of_text(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let (text, script) = (&*shell.text, shell.script());
    let read: Vec<&Reference> =
        script.commands.iter().flat_map(words).flat_map(|word| &word.references).collect();
    let bound = Bound::of(text, script);
    let substrings = read.iter().filter_map(|reference| {
        let written = reference.span.of(text);
        is_default(&reference.name, written, &bound).then(|| ShellFlaw {
            kind: ShellFlawKind::Substring,
            name: reference.name.clone(),
            written: written.to_owned(),
            at: shell.place(reference.span),
            because: None,
        })
    });
    let mut found: Vec<ShellFlaw> = substrings.collect();
    found.extend(unbound(shell, &read, &bound));
    found.extend(statuses(shell));
    found.extend(durations::without_unit(shell));
    found.extend(quoted::variables(shell, &bound));
    found.extend(misspelt::variables(shell, &bound));
    found.extend(refused::commands(shell));
    found.sort_by(|one, other| one.at.cmp(&other.at));
    found.dedup();
    found
}

/// Every word of a command.
pub(crate) fn words(command: &Command) -> impl Iterator<Item = &Word> {
    let assigned = command.assignments.iter().flat_map(|assignment| match &assignment.value {
        AssignmentValue::Word(word) => std::slice::from_ref(word),
        AssignmentValue::Array(words) => words,
    });
    let redirected = command
        .redirects
        .iter()
        .flat_map(|redirect| std::iter::once(&redirect.target).chain(redirect.heredoc.as_ref()));
    command.words.iter().chain(assigned).chain(redirected)
}

/// Whether `${NAME:text}` is meant to give a default: the text is no number, and nothing is computed in it.
fn is_default(name: &str, written: &str, bound: &Bound<'_>) -> bool {
    let inside = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let Some(value) = inside.and_then(|rest| rest.strip_prefix(name)?.strip_prefix(':')) else {
        return false;
    };
    if let Ok(port) = value.parse::<u16>() {
        return port >= 80 && name.ends_with("PORT");
    }
    let is_plain = value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./@".contains(letter));
    let is_value = value.contains(['-', '.', '/', '@']) || VALUES.contains(&value);
    // In an offset names stand for variables.
    let is_variable =
        |part: &str| part.is_empty() || bound.has(part) || bound.text.contains(&format!("${part}"));
    is_plain
        && is_value
        && value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && !value.split(['-', '.', '/', '@']).filter(|part| !part.is_empty()).any(is_variable)
}

/// The variables to which a script gives values.
struct Bound<'t> {
    text: &'t str,
    names: BTreeSet<String>,
}

impl<'t> Bound<'t> {
    fn of(text: &'t str, script: &Script) -> Self {
        let mut names: BTreeSet<String> =
            script.assignments().map(|(assignment, _)| assignment.name.value).collect();
        let loops = script.blocks.iter().filter(|block| block.kind == BlockKind::For);
        names.extend(loops.filter_map(|block| Some(block.head.first()?.text.clone())));
        names.extend(script.commands.iter().flat_map(set_by));
        // In an expression of arithmetic as well.
        let set = text.match_indices(['=', '+', '[']).filter_map(|(at, _)| name_before(text, at));
        names.extend(set.map(str::to_owned));
        Self { text, names }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// Whether a command may give variables that the text does not show: it reads another script, or what it binds is itself
/// the value of a variable. `read -r NAME` binds what it names, and nothing else.
pub(crate) fn brings_variables(command: &Command) -> bool {
    match command.name() {
        Some("." | "source" | "eval") => true,
        Some("read" | "getopts" | "mapfile" | "readarray") => !binds_what_it_names(command),
        _ => false,
    }
}

/// Whether all names that a command binds are written out: what is expanded in it is the text of an option.
fn binds_what_it_names(command: &Command) -> bool {
    let words = command.words.iter().skip(1);
    let is_plain = |word: &Word| word.literal && word.references.is_empty();
    // `mapfile -C` runs a text, `read <(…)` is no name.
    let is_callback = command.words.iter().any(|word| word.text == "-C");
    words.filter(|word| !is_spoken(word)).all(is_plain) && !is_callback
}

/// Whether a word cannot be a name: the prompt of `read -p "Deploy $APP? "`.
fn is_spoken(word: &Word) -> bool {
    word.quoted && word.text.contains([' ', '?', ':'])
}

/// Where a text speaks of a name, as a whole word.
pub(crate) fn mentions<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let found = text.match_indices(name).map(|(at, _)| at);
    found.filter(move |at| {
        let (before, after) = (text.get(..*at).unwrap_or(""), text.get(at + name.len()..).unwrap_or(""));
        !before.ends_with(is_of_name) && !after.starts_with(is_of_name)
    })
}

/// Whether the name at a place of a text is that of a variable which is read there: `$NAME`, `${NAME}`.
pub(crate) fn is_read_at(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.ends_with('$') || before.ends_with("${"))
}

/// The name that ends at a byte of the text.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let start = before.rfind(|letter: char| !is_of_name(letter)).map_or(0, |start| start + 1);
    before.get(start..).filter(|name| !name.is_empty())
}

/// The variables that a program of the shell itself sets: `read -r NAME`, `declare -i NAME`, `printf -v NAME`.
fn set_by(command: &Command) -> Vec<String> {
    const SETTERS: &[&str] =
        &["declare", "export", "getopts", "local", "mapfile", "read", "readarray", "readonly", "typeset"];
    let words = || command.words.iter().skip(1).map(|word| word.text.as_str());
    let name = |word: &str| word.split('=').next().unwrap_or(word).to_owned();
    match command.name() {
        Some(setter) if SETTERS.contains(&setter) => {
            words().filter(|word| !word.starts_with('-')).map(name).collect()
        }
        Some("printf") if words().next() == Some("-v") => words().nth(1).map(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Where `$?` is asked for right behind a command that always succeeds.
fn statuses(shell: &ShellText<'_>) -> Vec<ShellFlaw> {
    let (text, commands) = (&*shell.text, &shell.script().commands);
    let asked = commands.iter().filter_map(|command| Some((command, status(command)?)));
    let told = asked.filter_map(|(command, reference)| {
        let before = commands.iter().filter(|other| other.span.end <= command.span.start);
        let before = before.max_by_key(|other| (other.span.end, other.span.start))?;
        let between = text.get(before.span.end..command.span.start)?;
        let is_next = between.lines().all(|line| {
            let code = line.trim_start();
            code.starts_with('#') || code.split([';', ' ', '\t']).all(|word| matches!(word, "" | "if"))
        });
        // `[ $? -eq 0 ] && [ -n "$count" ]` asks for what the command printed as well.
        let mut after = commands.iter().skip_while(|other| other.span.start <= command.span.start);
        let is_part = command.in_condition
            && after
                .next()
                .is_some_and(|next| next.operator_before == OperatorBefore::And && next.in_condition);
        // Behind `&&` and the like it is run or not, and the status may be that of the command before.
        let is_apart = |command: &Command| {
            matches!(
                command.operator_before,
                OperatorBefore::Start | OperatorBefore::Semicolon | OperatorBefore::Newline
            )
        };
        (is_next && !is_part && is_apart(before) && is_apart(command) && always_succeeds(before)).then(|| {
            ShellFlaw {
                kind: ShellFlawKind::Status,
                name: before.name().unwrap_or("").to_owned(),
                written: "$?".to_owned(),
                at: shell.place(reference.span),
                because: Some(shell.place(before.span)),
            }
        })
    });
    told.collect()
}

/// The `$?` of a command that decides by it: a test, `exit`, `return`, or an assignment alone.
fn status(command: &Command) -> Option<&Reference> {
    let asks = |word: &Word| matches!(word.text.as_str(), "$?" | "${?}");
    let assigned = command.assignments.iter().filter_map(|assignment| match &assignment.value {
        AssignmentValue::Word(word) => Some(word),
        AssignmentValue::Array(_) => None,
    });
    let word = match command.name() {
        None => assigned.into_iter().find(|word| asks(word)),
        Some("[" | "[[" | "test" | "exit" | "return") => command.words.iter().skip(1).find(|word| asks(word)),
        Some(_) => None,
    };
    word?.references.iter().find(|reference| reference.name == "?")
}

/// Whether a command ends with 0 whatever happened: a switch of the shell, a message, a declaration whose value comes from a
/// command. Source: <https://www.gnu.org/software/bash/manual/html_node/Bash-Builtins.html>.
fn always_succeeds(command: &Command) -> bool {
    let is_switch = |word: &Word| word.text.starts_with(['-', '+']);
    match command.name() {
        Some("set") => command.words.get(1).is_some_and(is_switch),
        Some("echo") => command.redirects.is_empty(),
        Some("local" | "export" | "declare" | "typeset" | "readonly") => {
            let is_computed = |word: &Word| word.text.contains("=$(") || word.text.contains("=`");
            command.words.iter().skip(1).any(is_computed)
        }
        _ => false,
    }
}

/// Tests for emptiness of variables that nothing sets, after `set -u`.
fn unbound(shell: &ShellText<'_>, read: &[&Reference], bound: &Bound<'_>) -> Vec<ShellFlaw> {
    let (text, script) = (&*shell.text, shell.script());
    let Some(switch) = nounset(script) else { return Vec::new() };
    let has_default = |reference: &&&Reference| matches!(reference.form, ReferenceForm::Default(_));
    // Where no variable is given a default, the caller is meant to give them all.
    if script.commands.iter().any(brings_variables) || !read.iter().any(|reference| has_default(&reference)) {
        return Vec::new();
    }
    let handled: BTreeSet<&str> = read
        .iter()
        .filter(|reference| !matches!(reference.form, ReferenceForm::Plain))
        .map(|reference| reference.name.as_str())
        .collect();
    let mut found = Vec::new();
    for command in script.commands.iter().filter(|command| command.span.start > switch.end) {
        let Some(reference) = asked(command).filter(|_| is_option(script, command)) else { continue };
        let name = reference.name.as_str();
        if handled.contains(name) || is_given(name) || bound.has(name) {
            continue;
        }
        found.push(ShellFlaw {
            kind: ShellFlawKind::Unbound,
            name: name.to_owned(),
            written: reference.span.of(text).to_owned(),
            at: shell.place(reference.span),
            because: Some(shell.place(switch)),
        });
    }
    found
}

/// Where the shell is told for good to end at unset variables.
fn nounset(script: &Script) -> Option<Span> {
    let sets = |command: &&Command| command.name() == Some("set");
    let has = |command: &Command, sign: char| {
        let mut words = command.words.iter().skip(1).map(|word| word.text.as_str()).peekable();
        while let Some(word) = words.next() {
            let letters = word.strip_prefix(sign).unwrap_or("");
            if letters.contains('u') && letters.chars().all(|letter| letter.is_ascii_alphabetic()) {
                return true;
            }
            if letters.ends_with('o') && words.peek() == Some(&"nounset") {
                return true;
            }
        }
        false
    };
    if script.commands.iter().filter(sets).any(|command| has(command, '+')) {
        return None;
    }
    let mut switches = script.commands.iter().filter(sets).filter(|command| command.function.is_none());
    switches.find(|command| has(command, '-')).map(|command| command.span)
}

/// The variable of `[ -z "$NAME" ]`, alone in its test.
fn asked(command: &Command) -> Option<&Reference> {
    let (test, rest) = command.words.split_first()?;
    let [operator, word, ..] = rest else { return None };
    let ends = match rest.get(2..)? {
        [] => test.text == "test",
        [last] => matches!(last.text.as_str(), "]" | "]]"),
        _ => false,
    };
    let is_test = matches!(test.text.as_str(), "[" | "[[" | "test") && ends;
    let [reference] = word.references.as_slice() else { return None };
    let is_alone =
        word.text == format!("${}", reference.name) || word.text == format!("${{{}}}", reference.name);
    let is_name =
        reference.name.len() > 1 && reference.name.starts_with(|first: char| first.is_ascii_alphabetic());
    (is_test
        && is_alone
        && is_name
        && matches!(operator.text.as_str(), "-z" | "-n")
        && reference.form == ReferenceForm::Plain)
        .then_some(reference)
}

/// Whether the test asks for an option: what it guards goes on, instead of ending for want of the variable.
fn is_option(script: &Script, command: &Command) -> bool {
    let holds = |span: Span| span.start <= command.span.start && command.span.end <= span.end;
    let mut blocks = script.blocks.iter().filter(|block| block.kind == BlockKind::If && holds(block.span));
    let Some(block) = blocks.next_back().filter(|_| command.in_condition) else { return false };
    let ends = |other: &Command| {
        let inside = block.span.start <= other.span.start && other.span.end <= block.span.end;
        let name = other.name().unwrap_or("");
        inside
            && (matches!(name, "exit" | "return" | "false" | "kill")
                || ["usage", "die", "fail", "err", "abort", "help"].iter().any(|word| name.contains(word)))
    };
    !script.commands.iter().any(ends)
}

/// Whether a shell, a system or a platform sets a variable by itself.
pub(crate) fn is_given(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "CI",
        "COLUMNS",
        "DIRSTACK",
        "DISPLAY",
        "EDITOR",
        "EPOCHREALTIME",
        "EPOCHSECONDS",
        "EUID",
        "FUNCNAME",
        "GROUPS",
        "HOME",
        "HOSTNAME",
        "HOSTTYPE",
        "IFS",
        "LANG",
        "LANGUAGE",
        "LINENO",
        "LINES",
        "LOGNAME",
        "MACHTYPE",
        "MAPFILE",
        "OLDPWD",
        "OPTARG",
        "OPTERR",
        "OPTIND",
        "OSTYPE",
        "PATH",
        "PIPESTATUS",
        "PPID",
        "PS1",
        "PS2",
        "PS4",
        "PWD",
        "RANDOM",
        "REPLY",
        "SECONDS",
        "SHELL",
        "SHELLOPTS",
        "SHLVL",
        "SRANDOM",
        "TERM",
        "TMPDIR",
        "UID",
        "USER",
    ];
    const BEGINNINGS: &[&str] =
        &["BASH", "CI_", "CODEBUILD_", "GITHUB_", "GITLAB_", "KUBERNETES_", "LC_", "RUNNER_", "XDG_"];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::{ShellFlawKind, ShellText, demanded_arguments, of_text};
    use crate::record::Document;

    fn told(text: &str) -> Vec<(ShellFlawKind, String)> {
        let flaws = of_text(&ShellText::of_file(&Document::new("run.sh", text.to_owned())));
        flaws.into_iter().map(|flaw| (flaw.kind, flaw.written)).collect()
    }

    #[test]
    fn a_default_needs_its_dash() {
        for (text, expected) in [
            ("KIND=\"${KIND:self-signed}\"", "${KIND:self-signed}"),
            ("run --port ${PORT:8080}", "${PORT:8080}"),
            ("cat > x <<EOF\n${MODE:production}\nEOF\n", "${MODE:production}"),
        ] {
            assert_eq!(told(text), [(ShellFlawKind::Substring, expected.to_owned())], "{text}");
        }
        for text in [
            "echo ${A:0:3} ${A: -3} ${A:$n} ${A:start} ${A:-self-signed} ${A:(-3)} ${A:2} ${PORT:1}",
            "end=5; start=2; echo ${A:end-start}",
            "echo '${A:self-signed}' ${{ a:b-c }}",
            "while read -r start rest; do echo \"${LINE:start-1}\"; done",
            "declare -i off\necho \"${X:off-1}\"",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn a_status_is_that_of_the_command_before() {
        for text in [
            "set +e; (cd a; git log); set -e\nif [ $? -eq 0 ]; then make; fi",
            "f() {\n  local out=$(curl x)\n  if [[ $? -ne 0 ]]; then return 1; fi\n}",
            "make\necho \"made\"\n# whether it did\nstatus=$?",
            "make || { echo \"failed\"; exit $?; }",
            "export SHA=\"$(git rev-parse HEAD)\"\ntest $? -eq 0 || exit 1",
        ] {
            assert_eq!(told(text), [(ShellFlawKind::Status, "$?".to_owned())], "{text}");
        }
        for text in [
            "make\nif [ $? -eq 0 ]; then make; fi",
            "set +e\nmake\nstatus=$?\nset -e",
            "local out\nout=$(curl x)\n[ $? -eq 0 ]",
            "make && echo made\n[ $? -eq 0 ]",
            "if make; then echo a; fi\n[ $? -eq 0 ]",
            "echo a | grep b\n[ $? -eq 0 ]",
            "echo \"$?\"",
            "echo a > /dev/full\n[ $? -eq 0 ]",
            "local a=1\n[ $? -eq 0 ]",
            "local n=$(psql -c x)\nif [[ $? -eq 0 ]] && [[ -n $n ]]; then echo a; fi",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn what_may_leave_before_demands_nothing() {
        assert_eq!(demanded_arguments("A=${1?a}\nB=${2?b}\n"), 2);
        assert_eq!(demanded_arguments("A=${1?a}\n[ $# -gt 1 ] || exit\nB=${2?b}\n"), 1);
        assert_eq!(demanded_arguments("[ \"$#\" -gt 0 ] || exec ./all.sh\nA=${1?a}\n"), 0);
    }

    #[test]
    fn an_option_is_asked_for_with_a_default() {
        let text = "set -eu\nA=${A:-}\nif [[ -z \"$SKIP\" ]]; then\n  make\nfi\n";
        assert_eq!(told(text), [(ShellFlawKind::Unbound, "$SKIP".to_owned())]);
        for (from, to) in [
            ("set -eu", "set -e"),
            ("$SKIP", "${SKIP:-}"),
            ("A=${A:-}", "A=1"),
            ("  make", "  echo no SKIP; exit 1"),
            ("set -eu", "set -eu\n. ./env.sh"),
            ("set -eu", "set -eu\nSKIP=1"),
            ("set -eu", "set -eu\nread -rp 'Skip? ' SKIP"),
            ("set -eu", "set -eu\nread -r \"$NAME\""),
            ("set -eu", "set -eu\nmapfile -C fill SKIPS"),
            ("set -eu", "set -eu\nprintf -v SKIP %s x"),
            ("set -eu", "set -eu\nfor SKIP in a b; do make; done"),
            ("$SKIP", "$GITHUB_REF"),
            ("-eu", "-eu; set +u"),
        ] {
            assert_eq!(told(&text.replacen(from, to, 1)), [], "{from} {to}");
        }
        let others =
            ["read -r answer", "read -p \"Deploy $APP? \" -r", "getopts ab: flag", "mapfile -t rows"];
        for other in others {
            let beside = text.replacen("set -eu", &format!("set -eu\n{other}"), 1);
            assert_eq!(told(&beside), [(ShellFlawKind::Unbound, "$SKIP".to_owned())], "{other}");
        }
        let later = text.replacen("set -eu", "set -e", 1) + "set -u\n";
        assert_eq!(told(&later), []);
    }
}
