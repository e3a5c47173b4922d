//! Variables that a shell text reads under another name than the one it sets: one that is spelt otherwise, one that swallows
//! the text behind it, and one between round brackets, which run a program.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use source::Span;
use syntax::shell::{AssignmentValue, Command, Reference, ReferenceForm, Script};

use super::{Bound, ShellFlaw, ShellFlawKind, is_given, is_read_at, mentions, words};
use crate::collect::shell_text::ShellText;
use crate::similar::is_slip;

/// The first such place of each variable. A text that may get variables or functions from elsewhere is not looked at.
pub(super) fn variables(shell: &ShellText<'_>, bound: &Bound<'_>) -> Vec<ShellFlaw> {
    let (text, script) = (&*shell.text, shell.script());
    let brings = |command: &Command| match command.name() {
        Some("." | "source" | "eval") => true,
        Some("set") => command.words.iter().any(|word| word.text == "-a" || word.text == "allexport"),
        _ => false,
    };
    if script.commands.iter().any(brings) {
        return Vec::new();
    }
    let mut found: Vec<ShellFlaw> = Vec::new();
    let mut add = |kind, name: &str, span: Span, because: Option<Span>| {
        if !found.iter().any(|flaw: &ShellFlaw| flaw.kind == kind && flaw.name == name) {
            found.push(ShellFlaw {
                kind,
                name: name.to_owned(),
                written: span.of(text).to_owned(),
                at: shell.place(span),
                because: because.map(|span| shell.place(span)),
            });
        }
    };
    for (name, span) in script.commands.iter().filter_map(|command| run_name(command, script, text)) {
        add(ShellFlawKind::Program, name, span, None);
    }
    let unread = unread(script, text);
    let in_document = LazyCell::new(|| names(&shell.document.text));
    let mut judged: HashSet<&str> = HashSet::new();
    for read in script.commands.iter().flat_map(words).flat_map(|word| &word.references) {
        if bound.has(&read.name) || is_given(&read.name) || read.form != ReferenceForm::Plain {
            continue;
        }
        if let Some(first) = swallowing(read, bound, text) {
            add(ShellFlawKind::Swallowed, first, read.span, None);
        } else if judged.insert(&read.name) {
            let is_only_read = || in_document.get(read.name.as_str()).is_none_or(|name| name.is_only_read);
            let meant = unread.iter().find(|(set, _)| is_near(&read.name, set)).filter(|_| is_only_read());
            if let Some((_, at)) = meant {
                add(ShellFlawKind::Misspelt, &read.name, read.span, Some(*at));
            }
        }
    }
    found
}

/// `$(TF_WORKSPACE)`: a name of variables where a program is run, which is not one of the script's own functions.
fn run_name<'c>(command: &'c Command, script: &Script, text: &str) -> Option<(&'c str, Span)> {
    let [word] = command.words.as_slice() else { return None };
    let name = word.text.as_str();
    let is_name = name.contains('_')
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    let is_alone = command.assignments.is_empty() && command.redirects.is_empty() && !word.quoted;
    let around = Span::new(word.span.start.checked_sub("$(".len())?, word.span.end + 1);
    let is_substitution = around.of(text) == format!("$({name})");
    // In `$$(NAME)`, and in texts that another program fills in first, it may be anything.
    let is_other = text.get(..around.start).is_some_and(|before| before.ends_with(['$', '\\']));
    let is_function = script.blocks.iter().flat_map(|block| &block.head).any(|head| head.text == name)
        || mentions(text, name)
            .any(|at| text.get(at + name.len()..).is_some_and(|rest| rest.starts_with("()")));
    (is_name && is_alone && is_substitution && !is_other && !is_function).then_some((name, around))
}

/// Variables that a text sets for itself and never reads, each with the place of its name.
fn unread(script: &Script, text: &str) -> Vec<(String, Span)> {
    let alone = script.commands.iter().filter(|command| command.words.is_empty());
    let set = alone.flat_map(|command| &command.assignments).filter(|set| !set.append);
    let plain = set.filter(|set| matches!(set.value, AssignmentValue::Word(_)));
    let names = names(text);
    let once = plain.filter(|set| names.get(set.name.value.as_str()).is_some_and(|name| name.count == 1));
    once.take(MOST_UNREAD).map(|set| (set.name.value.clone(), set.name.span)).collect()
}

/// Variables that are set and never read which are compared with those that are read: who sets more hands them to another.
const MOST_UNREAD: usize = 64;

/// What a text says of a name.
struct Named {
    count: usize,
    is_only_read: bool,
}

/// All names that a text speaks of, as whole words.
fn names(text: &str) -> HashMap<&str, Named> {
    let mut found: HashMap<&str, Named> = HashMap::new();
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_of_name)).map(|start| at + start) {
        let rest = text.get(start..).unwrap_or("");
        let name = rest.split(|letter| !is_of_name(letter)).next().unwrap_or(rest);
        at = start + name.len();
        let known = found.entry(name).or_insert(Named { count: 0, is_only_read: true });
        known.count += 1;
        known.is_only_read &= is_read_at(text, start);
    }
    found
}

/// Whether a name that is read is nearly one that is set and never read.
fn is_near(name: &str, set: &str) -> bool {
    let (short, long) = if name.len() < set.len() { (name, set) } else { (set, name) };
    let is_longer = short.len() >= 5 && short.contains('_') && long.starts_with(short);
    is_longer || is_slip(name, set)
}

/// `$SERVICE_image.txt`: the variable that is set, where the name goes on behind it in small letters.
fn swallowing<'r>(read: &'r Reference, bound: &Bound<'_>, text: &str) -> Option<&'r str> {
    let end = read.name.find(|letter: char| letter.is_ascii_lowercase())?;
    let first = read.name.get(..end)?.strip_suffix('_')?;
    let is_small = |rest: &str| !rest.contains(|letter: char| letter.is_ascii_uppercase());
    let is_bare = !read.span.of(text).contains('{');
    (is_bare && first.len() > 2 && bound.has(first) && is_small(read.name.get(end..)?)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::variables;
    use crate::collect::shell_text::ShellText;
    use crate::record::Document;
    use crate::shell_flaws::Bound;

    fn told(text: &str) -> Vec<String> {
        let document = Document::new("deploy.sh", text.to_owned());
        let shell = ShellText::of_file(&document);
        let found = variables(&shell, &Bound::of(&shell.text, shell.script()));
        found.into_iter().map(|flaw| flaw.written).collect()
    }

    #[test]
    fn another_name_is_empty() {
        for (text, expected) in [
            ("FIND_ADD=\"-x\"\nfind . ${FIND_ADDITIONS}\n", "${FIND_ADDITIONS}"),
            ("SERVCE=api\ndocker push \"$SERVICE\"\n", "$SERVICE"),
            ("SERVICE=$1\ndocker inspect x > out/$SERVICE_image_sha.txt\n", "$SERVICE_image_sha"),
            ("terraform plan -var shared=$(TF_WORKSPACE) -out plan\n", "$(TF_WORKSPACE)"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_has_a_value_or_may_have_one_is_silent() {
        for text in [
            "FIND_ADD=x\nfind . ${FIND_ADD} ${FIND_ADDITIONS}\n",
            "FIND_ADD=x\nfind . ${FIND_ADDITIONS:-}\n",
            "export FIND_ADD=x\nfind . $FIND_ADDITIONS\n",
            "FIND_ADD=x\n. ./env.sh\nfind . $FIND_ADDITIONS\n",
            "FIND_ADD=x find . $FIND_ADDITIONS\n",
            "FIND_ADD=x\nread -r FIND_ADDITIONS\nfind . $FIND_ADDITIONS\n",
            "TAG=x\ndocker push $TAGS\n",
            "SERVICE=$1\ncat ${SERVICE}_image_sha $SERVICE_IMAGE\n",
            "SERVICE_image=1\nSERVICE=$1\ncat $SERVICE_image $SERVICE\n",
            "MY_TOOL() { echo x; }\necho $(MY_TOOL) $(GET) $(PWD) $$(MY_NAME) $(MY_TOOL2 a)\n",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
