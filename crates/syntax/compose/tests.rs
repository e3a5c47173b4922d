use proptest::prelude::*;

use super::*;

fn file(text: &str) -> ComposeFile {
    let read = read(&yaml::parse(text).tree);
    assert_eq!(read.errors, []);
    read.tree
}

/// The messages and the text that each is about.
fn errors(text: &str) -> Vec<(String, &str)> {
    let errors = read(&yaml::parse(text).tree).errors;
    errors.into_iter().map(|error| (error.message, error.span.of(text))).collect()
}

#[test]
fn variables_have_names_values_and_places_in_both_forms() {
    let text = "services:\n  a:\n    environment:\n      A: 'x'\n      B: 1.50\n      C:\n  b:\n    environment: [\"D=y z\", E, F=]\n";
    let file = file(text);
    let all = file.services.iter().flat_map(|service| &service.environment);
    let seen: Vec<_> = all
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

#[test]
fn anchors_and_merge_keys_give_values_their_own_place() {
    let text = "x-env: &env\n  LOG: debug\nservices:\n  a:\n    image: x\n    environment:\n      <<: *env\n      B: 2\n";
    let file = file(text);
    let service = file.services.first().unwrap();
    let lines: Vec<_> = service.environment.iter().map(|s| (s.name.value.as_str(), s.line)).collect();
    assert_eq!(lines, [("B", 8), ("LOG", 2)]);
}

#[test]
fn short_and_long_forms_say_the_same() {
    let text = "services:\n  a:\n    build: ./app\n    env_file: a.env\n    depends_on: [b]\n    volumes: ['./d:/d:ro', 'data:/e', /f]\n    ports: ['127.0.0.1:80:8080/udp', 90]\n    extends: b\n  b:\n    build: {context: ./app}\n    env_file: [{path: a.env, required: false}]\n    depends_on: {a: {condition: service_healthy}}\n    volumes: [{type: bind, source: ./d, target: /d}]\n    ports: [{target: 80, published: 8080}]\n    extends: {service: a, file: c.yml}\nvolumes: {data: }\n";
    let file = file(text);
    let [a, b] = file.services.as_slice() else { panic!("two services") };
    assert_eq!(a.build.as_ref().unwrap().context.value, b.build.as_ref().unwrap().context.value);
    assert!(a.env_file.first().unwrap().required && !b.env_file.first().unwrap().required);
    assert_eq!(b.depends_on.first().unwrap().condition.as_ref().unwrap().value, "service_healthy");
    let kinds: Vec<_> = a.volumes.iter().map(|volume| (volume.kind, volume.read_only)).collect();
    assert_eq!(kinds, [(VolumeKind::Bind, true), (VolumeKind::Named, false), (VolumeKind::Anonymous, false)]);
    assert_eq!(a.volumes.first().unwrap().source.as_ref().unwrap().span.of(text), "./d");
    let ports: Vec<_> =
        a.ports.iter().map(|port| (port.published.as_deref(), port.target.as_str())).collect();
    assert_eq!(ports, [(Some("80"), "8080"), (None, "90")]);
    assert_eq!(b.extends.as_ref().unwrap().file.as_ref().unwrap().value, "c.yml");
}

#[test]
fn what_compose_refuses_is_told_at_its_place() {
    let text = "services:\n  a:\n    imagee: x\n    environment: 5\n    ports: 80\n    stop_grace_period: 90\n    privileged: ${P}\n    tty: maybe\n    image: x\n    image: ${B!}\n";
    let told = errors(text);
    let about: Vec<_> = told.iter().map(|(_, text)| *text).collect();
    assert_eq!(about, ["imagee", "5", "80", "90", "maybe", "image", "${B!}"]);
    assert!(told.first().unwrap().0.ends_with("did you mean `image`?"));
}

#[test]
fn a_bad_part_loses_nothing_else() {
    let text = "services:\n  a:\n    image: [x]\n    command: run\n  b: 5\n  c:\n    image: y\n";
    let read = read(&yaml::parse(text).tree);
    assert_eq!(read.errors.len(), 2);
    let names: Vec<_> = read.tree.services.iter().map(|service| service.name.value.as_str()).collect();
    assert_eq!(names, ["a", "c"]);
    assert!(read.tree.services.first().unwrap().command.is_some());
}

#[test]
fn variables_are_listed_with_what_they_need() {
    let text = "services:\n  a:\n    image: \"x:${TAG:-1}\"\n    ports: ['${P:?port}:80']\n";
    let variables = file(text).variables;
    let seen: Vec<_> = variables
        .iter()
        .map(|v| {
            (v.name.as_str(), v.default.as_deref(), v.required.as_deref(), v.at.as_str(), v.span.of(text))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("TAG", Some("1"), None, "services.a.image", "${TAG:-1}"),
            ("P", None, Some("port"), "services.a.ports.[]", "${P:?port}"),
        ]
    );
}

/// Every span that a value prints, for the tests that want them all.
pub(super) fn spans_in(printed: &str) -> Vec<Span> {
    let number = |text: &str, key: &str| -> usize {
        let digits = text.split(key).nth(1).unwrap().split([',', ' ', '}']).next().unwrap();
        digits.parse().unwrap()
    };
    let printed = printed.split("Span { ").skip(1);
    printed.map(|span| Span::new(number(span, "start: "), number(span, "end: "))).collect()
}

/// Text with the words of Compose in it.
pub(super) fn compose_like() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "services:",
        "  a:",
        "  b: {extends: a}",
        "    image: ${X:-ü}",
        "    environment:",
        "      - A=ü",
        "      - B",
        "      K: 'v'",
        "      <<: *x",
        "    build: .",
        "    ports: ['${P}:80', 1-2:3]",
        "    volumes: ['./ü:/b', \"\\ta:/c\"]",
        "    env_file: [.env, {path: b.env, required: no}]",
        "    extends: {file: b.yaml, service: a}",
        "x-a: &x {Q: 1}",
        "include: [b.yaml]",
        "---",
        "    depends_on: [b]",
        "    command: 'a && ü'",
        "    deploy: {replicas: 2}",
        "    ports: !reset",
        "    healthcheck: {test: [NONE]}",
        "secrets: {s: {file: f}}",
        "    secrets: [s]",
        "networks: {n: {ipam: {config: [{subnet: s}]}}}",
        "    {{ x }}: 1",
        "    labels: |",
        "      a=ü",
        "volumes: {ü: {}}",
    ]);
    prop::collection::vec(line, 0..25).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(crate::trial::cases(1000))]

    #[test]
    fn spans_of_anything_lie_inside_the_text(text in prop_oneof![compose_like(), any::<String>()]) {
        let read = read(&yaml::parse(&text).tree);
        for span in spans_in(&format!("{read:?}")) {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
        }
    }
}
