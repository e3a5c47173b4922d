//! Tests and checks of a workflow whose failure goes unheard.

use syntax::shell::{Block, BlockKind, Command, OperatorBefore, Redirect, Word, exec_prefix_stripped};
use syntax::yaml::View;

use crate::collect::deploying::step_deploys;
use crate::collect::shell_text::ShellText;
use crate::collect::workflow_steps::Step;
use crate::workflow::{GATE_IN_LOOP, SilencedGate};

/// Commands that are there to fail, by their first words.
const GATES: &[&[&str]] = &[
    &["pytest"],
    &["python", "-m", "pytest"],
    &["python3", "-m", "pytest"],
    &["tox"],
    &["npm", "test"],
    &["npm", "run", "test"],
    &["yarn", "test"],
    &["pnpm", "test"],
    &["jest"],
    &["vitest"],
    &["cargo", "test"],
    &["go", "test"],
    &["make", "test"],
    &["terraform", "validate"],
    &["shipworthy", "check"],
];

/// The gates of a step that cannot fail.
#[must_use]
pub(crate) fn silenced(step: View<'_>, shell: &ShellText<'_>) -> Vec<SilencedGate> {
    let goes_on = step.get("continue-on-error").and_then(|value| value.as_str()) == Some("true");
    let mut found = if shell.text.contains("if !") { only_told(shell) } else { Vec::new() };
    if !goes_on && !shell.text.contains("||") {
        return found;
    }
    let commands = &shell.script().commands;
    for (index, command) in commands.iter().enumerate() {
        let next = commands.get(index + 1);
        let ignored = next.is_some_and(|next| {
            next.operator_before == OperatorBefore::Or && matches!(next.name(), Some("true" | ":"))
        });
        for plain in exec_prefix_stripped(command) {
            let Some(gate) = gate(&plain).filter(|_| ignored || goes_on) else { continue };
            found.push(SilencedGate {
                gate,
                by: if ignored { "|| true" } else { "continue-on-error" },
                at: shell.place(plain.span),
            });
        }
    }
    found
}

/// `if ! docker build .; then echo "failed"; fi` at the end of a step: the failure is told, and the step is green.
fn only_told(shell: &ShellText<'_>) -> Vec<SilencedGate> {
    let script = shell.script();
    let end = script.commands.iter().map(|last| last.span.end).max().unwrap_or(0);
    let holds = |block: &Block, command: &Command| {
        block.span.start <= command.span.start && command.span.end <= block.span.end
    };
    let last = script.blocks.iter().filter(|block| block.kind == BlockKind::If && end <= block.span.end);
    let found = last.filter_map(|block| {
        let inside = script.commands.iter().filter(|command| holds(block, command));
        let (asked, done): (Vec<&Command>, Vec<&Command>) = inside.partition(|command| command.in_condition);
        let [asked] = asked.as_slice() else { return None };
        let is_told = !done.is_empty() && done.iter().all(|command| only_tells(command));
        let is_alone = asked.negated && asked.operator_before == OperatorBefore::Start;
        let is_built = gate(asked).or_else(|| build(asked)).filter(|_| is_told && is_alone)?;
        let outer =
            script.blocks.iter().filter(|other| other.span != block.span && holds(other, asked)).count();
        (outer == 0).then(|| SilencedGate {
            gate: is_built,
            by: "if ! …; then echo",
            at: shell.place(asked.span),
        })
    });
    found.collect()
}

/// Whether a command writes for people alone: what goes into another file or into a variable of the workflow may be asked
/// for by a step behind.
fn only_tells(command: &Command) -> bool {
    let is_for_people = |redirect: &Redirect| {
        let target = redirect.target.text.as_str();
        matches!(target, "1" | "2" | "&1" | "&2" | "/dev/null" | "/dev/stderr" | "/dev/stdout" | "/dev/tty")
            || target.contains("GITHUB_STEP_SUMMARY")
    };
    let sets = |word: &Word| {
        ["::set-output", "::set-env", "##vso[task.setvariable"].iter().any(|sign| word.text.contains(sign))
    };
    matches!(command.name(), Some("echo" | "printf"))
        && command.redirects.iter().all(is_for_people)
        && !command.words.iter().any(sets)
}

/// The first words of a command that builds images.
fn build(command: &Command) -> Option<String> {
    const BUILDS: &[&[&str]] = &[
        &["docker", "build"],
        &["docker", "buildx", "build"],
        &["docker", "compose", "build"],
        &["docker-compose", "build"],
    ];
    first_words(command, BUILDS)
}

fn gate(command: &Command) -> Option<String> {
    first_words(command, GATES)
}

/// The words of a list that a command begins with.
fn first_words(command: &Command, lists: &[&[&str]]) -> Option<String> {
    let begins = |list: &&&[&str]| {
        list.len() <= command.words.len()
            && list.iter().zip(&command.words).all(|(word, have)| have.text == *word)
    };
    lists.iter().find(begins).map(|list| list.join(" "))
}

/// The loop behind a deployment that asks whether it is healthy, and succeeds where no try did: the last that a job
/// does about it, with `sleep` as the last that it does itself.
#[must_use]
pub(super) fn unheard_health(steps: &[Step<'_>]) -> Option<SilencedGate> {
    let first = steps.iter().position(step_deploys)?;
    let asks_again = |step: &Step<'_>| {
        let text = step.shell.as_ref().map_or("", |shell| &shell.text);
        ["curl", "wget", "test", "health"].iter().any(|word| text.contains(word))
    };
    let last = steps.iter().rposition(asks_again).filter(|last| *last >= first)?;
    if is_judged_later(steps, last) {
        return None;
    }
    let shell = steps.get(last)?.posix()?;
    let script = shell.script();
    let end = script
        .commands
        .iter()
        .filter(|command| command.function.is_none())
        .map(|last| last.span.end)
        .max()?;
    let is_loop = |block: &&Block| matches!(block.kind, BlockKind::For | BlockKind::While);
    let outermost = |block: &&Block| {
        let around = |other: &&Block| other.span.start < block.span.start && other.span.end >= block.span.end;
        !script.blocks.iter().any(|other| around(&other))
    };
    let block = script
        .blocks
        .iter()
        .filter(is_loop)
        .filter(outermost)
        .find(|block| block.span.start < end && end <= block.span.end)?;
    let inside: Vec<&Command> = script
        .commands
        .iter()
        .filter(|command| block.span.start <= command.span.start && command.span.end <= block.span.end)
        .collect();
    let asked = inside.iter().find(|command| is_probe(command))?;
    // `while true` goes on for ever.
    let is_counted = |command: &&&Command| matches!(command.name(), Some("[" | "[[" | "test"));
    let counts = block.kind == BlockKind::For
        || inside.iter().filter(|command| command.in_condition).take(1).any(|command| is_counted(&command));
    let ends_step = |index: usize, command: &Command| {
        may_fail_the_step(command)
            || stands_alone(command, inside.get(index + 1)) && fails_with_the_answer(command)
    };
    let cannot_fail = counts && !inside.iter().enumerate().any(|(index, command)| ends_step(index, command));
    let is_patient = inside.iter().max_by_key(|command| command.span.end).and_then(|last| last.name());
    let ends = inside.iter().any(|command| matches!(command.name(), Some("break" | "exit")));
    (cannot_fail && ends && is_patient == Some("sleep")).then(|| SilencedGate {
        gate: asked.name().unwrap_or("curl").to_owned(),
        by: GATE_IN_LOOP,
        at: shell.place(asked.span),
    })
}

/// Whether a later step asks for what this one puts out.
fn is_judged_later(steps: &[Step<'_>], index: usize) -> bool {
    let id = steps.get(index).and_then(|step| step.view.get("id")).and_then(|id| id.as_str());
    let Some(read) = id.map(|id| format!("steps.{id}.")) else { return false };
    let later = steps.iter().skip(index + 1);
    later.into_iter().any(|step| {
        let condition = step.view.get("if").and_then(|condition| condition.as_str()).unwrap_or("");
        condition.contains(&read) || step.shell.as_ref().is_some_and(|shell| shell.text.contains(&read))
    })
}

/// Whether the shell, which GitHub starts with `-e`, ends where this command fails.
fn stands_alone(command: &Command, next: Option<&&Command>) -> bool {
    let is_list = |operator: OperatorBefore| matches!(operator, OperatorBefore::And | OperatorBefore::Or);
    !command.in_condition
        && !command.negated
        && !is_list(command.operator_before)
        && !next.is_some_and(|next| is_list(next.operator_before))
}

/// `wget`, and `curl` with `--fail`: they fail where the answer says so.
fn fails_with_the_answer(command: &Command) -> bool {
    let is_fail = |word: &str| {
        word.starts_with("--fail") || word.starts_with('-') && !word.starts_with("--") && word.contains('f')
    };
    match command.name() {
        Some("wget") => true,
        Some("curl") => command.words.iter().any(|word| is_fail(&word.text)),
        _ => false,
    }
}

/// `curl` or `wget` of another machine, whose failure does not end the loop by itself.
fn is_probe(command: &Command) -> bool {
    const OWN: &[&str] = &["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let is_own =
        |command: &Command| command.words.iter().any(|word| OWN.iter().any(|own| word.text.contains(own)));
    let hides = |name: &str| command.words.iter().any(|word| word.text.starts_with(name));
    matches!(command.name(), Some("curl" | "wget")) && !is_own(command) && !hides("-X") && !hides("--request")
}

/// `exit 1`, `return 1`, `false`, `exit "$status"`.
fn may_fail_the_step(command: &Command) -> bool {
    let given = command.words.get(1).map_or("0", |word| word.text.as_str());
    match command.name() {
        Some("exit" | "return") => given != "0",
        Some("false" | "kill" | "exec" | "set") => true,
        _ => false,
    }
}
