use facts::Problem;
use source::{LineColumn, Memory, Place, Span};

use super::*;
use crate::finding::{Location, fingerprint};
use crate::{Edit, Verdict};

/// Each word of `a` is found by its name: what it should be follows from `meant`.
fn judge(tree: &dyn Tree, meant: &dyn Fn(&str) -> Option<(Severity, String)>) -> Outcome {
    let text = String::from_utf8(tree.read("a", 1_000).unwrap()).unwrap();
    let mut findings = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(' ') {
        let span = Span::new(start, start + word.trim_end().len());
        start += word.len();
        let Some((severity, wanted)) = meant(word.trim_end()) else { continue };
        let at = LineColumn { line: 1, column: 1 };
        let edit = Edit { path: "a".to_owned(), span, text: wanted };
        let fix = Fix { title: "Write it".to_owned(), safety: Safety::Safe, edits: vec![edit] };
        findings.push(Finding {
            rule: "word".to_owned(),
            severity,
            at: Location { place: Place { path: "a".into(), line: 1, span }, start: at, end: at },
            subject: word.trim_end().to_owned(),
            message: "wrong".to_owned(),
            environment: None,
            because: Vec::new(),
            fix: Some(fix),
            fingerprint: fingerprint("word", "a", word.trim_end()),
        });
    }
    let problems: Vec<Problem> = text
        .contains("broken")
        .then(|| Problem { path: "a".into(), line: 1, message: "broken".to_owned(), blocking: true })
        .into_iter()
        .collect();
    Outcome {
        verdict: Verdict::decide(&findings, &problems, Severity::Error),
        files: 1,
        findings,
        suppressed: Vec::new(),
        fixed: Vec::new(),
        problems,
        environments: Vec::new(),
        concealed: source::redact::Concealed::default(),
    }
}

fn repaired(text: &str, least: Safety) -> (String, Repaired) {
    let meant = |word: &str| {
        let error = |wanted: &str| Some((Severity::Error, wanted.to_owned()));
        match word {
            "bad" | "poor" => error("good"),
            "stubborn" => error("stubborn"),
            "treacherous" => error("villain"),
            "villain" => Some((Severity::Error, "villain".to_owned())),
            "fragile" => error("broken"),
            "grave" => error("mild"),
            "mild" => Some((Severity::Info, "good".to_owned())),
            _ => word.strip_prefix("endless").map(|rest| (Severity::Warning, format!("endless{rest}i"))),
        }
    };
    let tree: Memory = [("a", text)].into_iter().collect();
    let answer = repair(&tree, &|tree| judge(tree, &meant), &|_| true, least);
    let after = answer.files.first().map_or_else(|| text.as_bytes().to_vec(), |file| file.after.clone());
    (String::from_utf8(after).unwrap(), answer)
}

#[test]
fn good_repairs_are_kept_and_each_bad_one_is_dropped_alone() {
    let (text, answer) = repaired("bad stubborn poor treacherous fine fragile bad", Safety::Safe);
    assert_eq!(text, "good stubborn good treacherous fine fragile good");
    let made = answer.made.len();
    assert_eq!(made, 3);
    let dropped: Vec<(&str, &str)> =
        answer.dropped.iter().map(|one| (one.finding.subject.as_str(), one.why.as_str())).collect();
    assert_eq!(
        dropped,
        [
            ("stubborn", "the fault would still be there"),
            ("treacherous", "it would bring `word` at a:1"),
            ("fragile", "it would bring a problem to a: broken"),
        ]
    );
    assert!(!answer.is_unfinished);
}

#[test]
fn rounds_go_on_until_nothing_is_left_but_not_for_ever() {
    let (text, answer) = repaired("grave", Safety::Safe);
    assert_eq!((text.as_str(), answer.made.len()), ("good", 2));
    let (text, answer) = repaired("endless", Safety::Safe);
    assert_eq!(text, "endlessiiiiiiiiii");
    assert!(answer.is_unfinished);
    let (text, answer) = repaired("fine", Safety::Safe);
    assert_eq!((text.as_str(), answer.files.len()), ("fine", 0));
}

#[test]
fn edits_that_meet_wait_and_equal_ones_are_one() {
    let edit = |start, end| Edit { path: "a".to_owned(), span: Span::new(start, end), text: "x".to_owned() };
    assert!(collide(&edit(0, 3), &edit(2, 4)));
    assert!(collide(&edit(0, 3), &edit(3, 3)));
    assert!(!collide(&edit(0, 3), &edit(4, 5)));
    let tree: Memory = [("a", "bad")].into_iter().collect();
    let outcome = judge(&tree, &|_| Some((Severity::Error, "good".to_owned())));
    let twice = [&outcome.findings[..], &outcome.findings[..]].concat();
    let offered: Vec<Repair<'_>> = twice.iter().filter_map(Repair::of).collect();
    let (batch, waiting) = without_overlap(offered);
    assert_eq!((batch.len(), waiting), (2, 0));
    let texts = Texts { tree: &tree, changed: BTreeMap::new() };
    assert_eq!(texts.with(&batch).unwrap()["a"], b"good");
}
