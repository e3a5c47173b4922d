//! `fixtures/<incident>/`: the findings of `tree/` are those of `expected.yaml`, exactly; `fixed/` has none.

use serde::Deserialize;

use crate::support::{check, root, summary};

#[derive(Deserialize)]
struct Expected {
    exit: i32,
    findings: Vec<ExpectedFinding>,
}

#[derive(Deserialize)]
struct ExpectedFinding {
    path: String,
    line: u32,
    rule: String,
    severity: String,
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read the disk")]
fn findings_are_exactly_the_expected_ones() {
    let fixtures = root().join("fixtures");
    let mut seen = 0;
    for incident in std::fs::read_dir(&fixtures).unwrap() {
        let incident = incident.unwrap().path();
        let text = std::fs::read_to_string(incident.join("expected.yaml")).unwrap();
        let expected: Expected = serde_yaml::from_str(&text).unwrap();
        let lines: Vec<String> = expected
            .findings
            .iter()
            .map(|finding| format!("{}:{} {} {}", finding.path, finding.line, finding.rule, finding.severity))
            .collect();
        let (report, exit) = check(&incident.join("tree"), &[]);
        assert_eq!(summary(&report), lines, "{}", incident.display());
        assert_eq!(exit, expected.exit);

        let (report, exit) = check(&incident.join("fixed"), &[]);
        assert_eq!(summary(&report), [] as [&str; 0], "{} fixed", incident.display());
        assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{}", report["problems"]);
        assert_eq!(exit, 0);
        seen += 1;
    }
    assert!(seen > 0, "no fixture in {}", fixtures.display());
}
