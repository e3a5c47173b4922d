//! Whether a version answers as it should.

use std::thread;
use std::time::{Duration, Instant};

use crate::State;
use crate::config::Health;
use crate::http::Answer;
use crate::plan::Step;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(250);

/// Between two looks whether the version has crashed, which take a while.
const CRASH_PAUSE: Duration = Duration::from_secs(5);

/// What is asked.
pub(crate) trait Subject {
    /// One answer.
    fn fetch(&mut self, url: &str, within: Duration) -> Result<Answer, String>;

    /// Why waiting is useless, where it is.
    fn crashed(&mut self) -> Option<String> {
        None
    }
}

/// What is asked in a step. On the way back another commit than the gated one answers.
#[must_use]
pub(crate) fn asked(health: Option<&Health>, step: &Step) -> Option<Health> {
    let mut health = health.cloned()?;
    if step.state == State::RollingBack {
        health.commit_field = None;
    }
    Some(health)
}

/// Asks until enough good answers came in a row. The first question is a warm-up without the limit of one answer, so that a
/// cold start does not fail the check.
///
/// # Errors
/// What was wrong with the last answer when the time was up.
pub(crate) fn wait(
    health: &Health,
    url: &str,
    commit: &str,
    subject: &mut dyn Subject,
) -> Result<(), String> {
    let end = Instant::now() + health.deadline;
    let shown = source::redact::sentence(url);
    // Warm-up; whatever comes of it.
    let _ = subject.fetch(url, health.within.max(health.deadline / 2));
    let mut good = 0;
    let mut asked = None;
    loop {
        let wrong = match subject.fetch(url, health.within) {
            Ok(answer) => judge(&answer, health, commit),
            Err(error) => Err(format!("no answer within {}: {error}", seconds(health.within))),
        };
        match wrong {
            Ok(()) => good += 1,
            Err(_) => good = 0,
        }
        if good >= health.consecutive {
            return Ok(());
        }
        if wrong.is_err() && asked.is_none_or(|asked: Instant| asked.elapsed() > CRASH_PAUSE) {
            if let Some(why) = subject.crashed() {
                return Err(format!("{shown} will not become healthy: {why}"));
            }
            asked = Some(Instant::now());
        }
        if Instant::now() >= end {
            let why = wrong.err().unwrap_or_else(|| "too few good answers in a row".to_owned());
            return Err(format!("{shown} is not healthy after {}: {why}", seconds(health.deadline)));
        }
        thread::sleep(PAUSE);
    }
}

/// What is wrong with one answer.
pub(crate) fn judge(answer: &Answer, health: &Health, commit: &str) -> Result<(), String> {
    match answer.status {
        200 => {}
        300..=399 => {
            let to = answer.location.as_deref().unwrap_or("elsewhere");
            return Err(format!(
                "answers {} to {to}; name the address that answers 200 itself",
                answer.status
            ));
        }
        status => return Err(format!("answers {status}")),
    }
    let Some(field) = &health.commit_field else { return Ok(()) };
    let body: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|_| format!("the answer is not JSON, so it has no `{field}`"))?;
    match body.get(field).and_then(serde_json::Value::as_str) {
        Some(found) if found.len() >= 7 && commit.starts_with(found) => Ok(()),
        Some(found) => {
            let shown: String = source::redact::text(found).chars().take(48).collect();
            Err(format!("`{field}` says `{shown}`, which is not the commit that was gated"))
        }
        None => Err(format!("the answer has no `{field}`")),
    }
}

fn seconds(duration: Duration) -> String {
    lint::duration::for_people(duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(commit_field: Option<&str>) -> Health {
        Health {
            url: None,
            path: "/".to_owned(),
            within: Duration::from_millis(200),
            commit_field: commit_field.map(str::to_owned),
            deadline: Duration::from_millis(300),
            consecutive: 3,
        }
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, location: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn only_the_gated_commit_is_healthy() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let field = asked(Some("commit"));
        assert!(judge(&answer(200, &format!("{{\"commit\":\"{commit}\"}}")), &field, commit).is_ok());
        assert!(judge(&answer(200, "{\"commit\":\"0123456\"}"), &field, commit).is_ok());
        for body in
            ["{\"commit\":\"01234\"}", "{\"commit\":\"ffffffffff\"}", "{\"commit\":\"unknown\"}", "{}", "ok"]
        {
            assert!(judge(&answer(200, body), &field, commit).is_err(), "{body}");
        }
        assert!(judge(&answer(200, "ok"), &asked(None), commit).is_ok());
        for status in [204, 301, 404, 500] {
            assert!(judge(&answer(status, ""), &asked(None), commit).is_err(), "{status}");
        }
    }

    struct Crashed;

    impl Subject for Crashed {
        fn fetch(&mut self, _url: &str, _within: Duration) -> Result<Answer, String> {
            Err("nobody is there".to_owned())
        }

        fn crashed(&mut self) -> Option<String> {
            Some("exited with 1".to_owned())
        }
    }

    #[test]
    fn what_has_crashed_is_not_waited_for() {
        let patient = Health { deadline: Duration::from_mins(1), ..asked(None) };
        let started = Instant::now();
        let nobody = "http://127.0.0.1:9/";
        let wrong = wait(&patient, nobody, "", &mut Crashed).unwrap_err();
        assert!(wrong.contains("exited with 1"), "{wrong}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
