use std::collections::HashMap;

use proptest::prelude::*;

use super::super::tests::{compose_like, spans_in};
use super::*;

fn project_of(files: &[(&str, &str)], directory: &str, given: &[&str]) -> (Project, Vec<ProjectError>) {
    let files: HashMap<&str, &str> = files.iter().copied().collect();
    load(&Request {
        files: given,
        directory,
        read: &|path| files.get(path).map(|text| (*text).to_owned()),
        variables: &|name| (name == "SHELL_VAR").then(|| "from shell".to_owned()),
        profiles: &[],
    })
}

fn values(effective: &Effective) -> Vec<(&str, Option<&str>, &str, u32)> {
    let environment = effective.environment.iter();
    environment.map(|v| (v.name.as_str(), v.value.as_deref(), &*v.place.path, v.place.line)).collect()
}

#[test]
fn every_variable_tells_where_it_was_set() {
    let base = "services:\n  web:\n    build: ../app\n    env_file: web.env\n    environment:\n      A: base\n      B: base\n";
    let over = "services:\n  web:\n    environment:\n      - B=${TAG}\n      - SHELL_VAR\n      - UNSET\n";
    let (project, errors) = project_of(
        &[
            ("deploy/c.yml", base),
            ("deploy/o.yml", over),
            ("deploy/.env", "TAG=7\n"),
            ("deploy/web.env", "A=file\nC=file\n"),
        ],
        "deploy",
        &["deploy/c.yml", "deploy/o.yml"],
    );
    assert_eq!(errors, []);
    let [web] = project.services.as_slice() else { panic!("one service") };
    assert_eq!(
        values(web),
        [
            ("A", Some("base"), "deploy/c.yml", 6),
            ("C", Some("file"), "deploy/web.env", 2),
            ("B", Some("7"), "deploy/o.yml", 4),
            ("SHELL_VAR", Some("from shell"), "deploy/o.yml", 5),
            ("UNSET", None, "deploy/o.yml", 6),
        ]
    );
    let build = web.service.build.as_ref().unwrap();
    assert_eq!(build.context.value, "app");
    let place = project.sources.place(build.context.span).unwrap();
    assert_eq!((&*place.path, place.line), ("deploy/c.yml", 3));
}

#[test]
fn included_and_extended_paths_start_at_the_root() {
    let (project, errors) = project_of(
        &[
            (
                "deploy/c.yml",
                "include: [../lib/c.yml]\nservices:\n  web:\n    extends: {file: ../base/c.yml, service: base}\n",
            ),
            ("lib/c.yml", "services:\n  db: {build: db, env_file: [{path: x.env, required: false}]}\n"),
            ("base/c.yml", "services:\n  base: {build: ., volumes: ['./data:/data']}\n"),
        ],
        "deploy",
        &["deploy/c.yml"],
    );
    assert_eq!(errors, []);
    let contexts: Vec<_> = project
        .services
        .iter()
        .map(|s| (s.service.name.value.as_str(), s.service.build.as_ref().unwrap().context.value.as_str()))
        .collect();
    assert_eq!(contexts, [("web", "base"), ("db", "lib/db")]);
    let [web, db] = project.services.as_slice() else { panic!("two services") };
    assert_eq!(web.service.volumes.first().unwrap().source.as_ref().unwrap().value, "base/data");
    assert_eq!(db.service.env_file.first().unwrap().path.value, "lib/x.env");
}

#[test]
fn errors_name_the_file_they_are_in() {
    let (project, errors) = project_of(
        &[
            ("c.yml", "include: [i.yml, c.yml]\nservices:\n  a: {image: x, depends_on: [gone]}\n"),
            ("i.yml", "services:\n  b: {imag: x}\n  c: {extends: c}\n"),
        ],
        "",
        &["c.yml"],
    );
    let told: Vec<_> = errors.iter().map(|e| (e.path.as_str(), e.error.message.as_str())).collect();
    let [cycle, upon_itself, unknown] = told.as_slice() else { panic!("{told:?}") };
    assert!(cycle.0 == "c.yml" && cycle.1.contains("include each other"), "{cycle:?}");
    assert!(upon_itself.0 == "i.yml" || unknown.0 == "i.yml", "{told:?}");
    assert!(project.services.iter().any(|service| service.service.name.value == "a"));
}

#[test]
fn a_wrong_env_file_is_told_in_that_file() {
    let file = "services:\n  a: {image: x, env_file: [a.env]}\n";
    let (_, errors) = project_of(&[("c.yml", file), ("a.env", "A=1\nB=${A:?\n")], "", &["c.yml"]);
    let told: Vec<_> = errors.iter().map(|error| (error.path.as_str(), error.stage)).collect();
    assert_eq!(told, [("a.env", Stage::EnvFiles)]);
}

#[test]
fn the_deepest_file_is_read_on_a_small_stack() {
    let deepest = format!("x-a: {}{}\nservices: {{a: {{image: x}}}}\n", "[".repeat(250), "]".repeat(250));
    let deeper = (0..300).fold(String::from("x-a0: &a0 x\n"), |text, level| {
        format!("{text}x-a{}: &a{} [*a{level}]\n", level + 1, level + 1)
    });
    let done = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let (project, errors) = project_of(&[("c.yml", &deepest)], "", &["c.yml"]);
        assert_eq!((project.services.len(), errors.len()), (1, 0));
        let (_, errors) = project_of(&[("c.yml", &deeper)], "", &["c.yml"]);
        assert!(errors.iter().any(|error| error.error.message.contains("nested too deep")));
    });
    done.unwrap().join().unwrap();
}

#[test]
fn tags_and_profiles_take_away() {
    let base = "services:\n  a: {image: x, ports: ['1:1'], environment: {A: 1}, depends_on: [b]}\n  b: {image: y, profiles: [dev]}\n";
    let over =
        "services:\n  a: {ports: !override ['2:2'], environment: !reset null, depends_on: !reset []}\n";
    let (project, errors) = project_of(&[("c.yml", base), ("o.yml", over)], "", &["c.yml", "o.yml"]);
    assert_eq!(errors, []);
    let [a] = project.services.as_slice() else { panic!("one service") };
    let ports: Vec<_> = a.service.ports.iter().map(|port| port.target.as_str()).collect();
    assert_eq!((ports, a.environment.len(), project.disabled), (vec!["2"], 0, vec!["b".to_owned()]));
}

#[test]
fn defaults_are_found_by_name() {
    let exists = |path: &str| {
        ["d/compose.yml", "d/docker-compose.yml", "d/docker-compose.override.yml"].contains(&path)
    };
    assert_eq!(default_files("d", &exists), ["d/compose.yml", "d/docker-compose.override.yml"]);
    assert_eq!(default_files("", &exists), [""; 0]);
}

proptest! {
    #![proptest_config(crate::trial::cases(500))]

    #[test]
    fn spans_of_any_project_lie_in_its_files(one in compose_like(), two in compose_like(), env in "[A-C=ü\n$]{0,20}") {
        let files = [("c.yaml", one.as_str()), ("b.yaml", two.as_str()), (".env", env.as_str()), ("b.env", env.as_str())];
        let (project, errors) = project_of(&files, "", &["c.yaml", "b.yaml"]);
        let text = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| *text).unwrap();
        let printed = format!("{:?} {:?}", project.model, project.services.iter().map(|s| &s.service).collect::<Vec<_>>());
        for span in spans_in(&printed) {
            // What nobody wrote has no place.
            let Some(place) = project.sources.place(span) else { continue };
            assert!(text(&place.path).get(place.span.start..place.span.end).is_some(), "{place:?} {one:?} {two:?}");
        }
        for error in errors {
            assert!(text(&error.path).get(error.error.span.start..error.error.span.end).is_some());
        }
    }
}
