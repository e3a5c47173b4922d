use super::*;

fn file(text: &str) -> ComposeFile {
    let read = read(&yaml::parse(text).tree);
    assert_eq!(read.errors, []);
    read.tree
}

fn errors(text: &str) -> Vec<String> {
    read(&yaml::parse(text).tree).errors.into_iter().map(|error| error.message).collect()
}

#[test]
fn variables_have_names_values_and_places_in_both_forms() {
    let text = "services:\n  a:\n    environment:\n      A: 'x'\n      B: 1.50\n      C:\n  b:\n    environment: [\"D=y z\", E, F=]\n";
    let file = file(text);
    let all: Vec<_> = file.services.iter().flat_map(|service| &service.environment).collect();
    let seen: Vec<_> = all
        .iter()
        .map(|setting| {
            let value = setting.value.as_ref().map(|value| (value.value.as_str(), value.span.of(text)));
            (setting.name.span.of(text), value, setting.inner.of(text), setting.line)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("A", Some(("x", "'x'")), "x", 4),
            ("B", Some(("1.5", "1.50")), "1.50", 5),
            ("C", None, "", 6),
            ("D", Some(("y z", "y z")), "y z", 8),
            ("E", None, "", 8),
            ("F", Some(("", "")), "", 8),
        ]
    );
}
