use super::read;
use crate::shell::{exec_prefix_stripped, flag_value, flag_values};

fn flags(text: &str, flag: &str) -> Vec<String> {
    flag_values(&read(text).commands[0], flag).into_iter().map(|value| value.text).collect()
}

#[test]
fn values_of_flags() {
    let text =
        "gcloud run deploy x --timeout 900 --quiet --timeout=\"600\" --set-secrets=A=b:latest --min -1";
    assert_eq!(flags(text, "--timeout"), ["900", "600"]);
    assert_eq!(flags(text, "--set-secrets"), ["A=b:latest"]);
    assert_eq!(flags(text, "--min"), ["-1"]);
    assert_eq!(flags(text, "--quiet"), Vec::<String>::new());
    assert_eq!(flags(text, "--set"), Vec::<String>::new());
    assert_eq!(flags("x -- --timeout 5", "--timeout"), Vec::<String>::new());
    assert_eq!(flag_value(&read(text).commands[0], "--none"), None);
}

#[test]
fn spans_of_values() {
    let text = "x --a 'b c' --d=\"e$F\"";
    let command = &read(text).commands[0];
    let value = flag_value(command, "--a").unwrap();
    assert_eq!((value.span.of(text), value.literal), ("'b c'", true));
    let value = flag_value(command, "--d").unwrap();
    assert_eq!((value.text.as_str(), value.span.of(text), value.literal), ("e$F", "e$F", false));
}

fn stripped(text: &str) -> Vec<String> {
    let commands: Vec<_> = read(text).commands.iter().flat_map(exec_prefix_stripped).collect();
    commands
        .iter()
        .map(|command| {
            let assignments = command.assignments.iter().map(|one| one.span.of(text).to_owned());
            let words = command.words.iter().map(|word| word.text.clone());
            assignments.chain(words).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[test]
fn wrappers_are_taken_off() {
    for wrapped in [
        "exec run x",
        "exec -a name run x",
        "nohup nice -n 5 run x",
        "sudo -E -u app run x",
        "timeout --signal=TERM 30s run x",
        "tini -- run x",
        "/usr/bin/dumb-init run x",
        "time -p run x",
        "gosu app:app run x",
        "poetry run run x",
        "uv run --no-sync --with y run x",
        "xvfb-run -a -s '-screen 0' run x",
        "wait-for-it.sh db:5432 -t 30 -- run x",
        "ddtrace-run exec run x",
        "sh -c 'run x'",
        "/bin/bash -euo pipefail -c \"run x\"",
        "su app -c 'run x'",
        "tini -- sh -c 'exec run x'",
        "eval 'run x'",
        "npx -y run x",
    ] {
        assert_eq!(stripped(wrapped), ["run x"], "{wrapped}");
    }
    assert_eq!(stripped("env -u Z A=b C=d run x"), ["A=b C=d run x"]);
    assert_eq!(stripped("poetry install"), ["poetry install"]);
    assert_eq!(stripped("uv run --locked scripts/a.py --all"), ["python scripts/a.py --all"]);
    assert_eq!(stripped("poetry run scripts/a.py"), ["scripts/a.py"]);
    assert_eq!(stripped("exec"), ["exec"]);
    assert_eq!(
        stripped("uv run --directory backend uvicorn main:app --directory x"),
        ["cd backend", "uvicorn main:app --directory x"]
    );
    assert_eq!(stripped("env -C /srv A=b ./run"), ["cd /srv", "A=b ./run"]);
    assert_eq!(stripped("bash script.sh -c x"), ["bash script.sh -c x"]);
}

#[test]
fn a_text_gives_its_commands_with_their_places() {
    let text = "sh -c 'cd /app && python -m web --port \"$PORT\"'";
    assert_eq!(stripped(text), ["cd /app", "python -m web --port $PORT"]);
    let inner = exec_prefix_stripped(&read(text).commands[0]);
    assert_eq!(inner[1].span.of(text), "python -m web --port \"$PORT\"");
    assert_eq!(inner[1].words[2].span.of(text), "web");
    assert_eq!(inner[1].words[4].references[0].span.of(text), "$PORT");
    assert_eq!(stripped("sh -c 'sh -c \"a && b c\"'"), ["a", "b c"]);
    let escaped = "bash -c \"echo \\\"a b\\\" c\"";
    let inner = exec_prefix_stripped(&read(escaped).commands[0]);
    assert_eq!(inner[0].words[2].span.of(escaped), "c");
}
