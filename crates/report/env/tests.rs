use facts::{Declared, collect};
use source::Memory;

use super::*;

fn table(files: &[(&str, &str)]) -> Variables {
    let tree: Memory = files.iter().copied().collect();
    Variables::of(&collect(&tree, &Declared::default()))
}

fn states(table: &Variables, name: &str) -> Vec<State> {
    let row = table.rows.iter().find(|row| row.name == name).unwrap();
    row.cells.iter().map(|cell| cell.state).collect()
}

fn harbour() -> Variables {
    table(&[
        (".env.production", "API_URL=https://a\nONLY_HERE=1\nTOKEN=s3cret\n"),
        (".env.staging", "API_URL=https://b\nTOKEN=s3cret\n"),
        ("Dockerfile", "FROM python:3\nENV LANG=C\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n"),
        ("app.py", "import os\nos.environ[\"NEEDED\"]\nos.getenv(\"LEVEL\", \"info\")\n"),
    ])
}

#[test]
fn every_cell_says_what_holds_there() {
    let table = harbour();
    let names: Vec<&str> = table.environments.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["production", "staging", "*"]);
    assert_eq!(states(&table, "API_URL"), [State::Set, State::Set, State::Unset]);
    assert_eq!(states(&table, "ONLY_HERE"), [State::Set, State::Gap, State::Unset]);
    assert_eq!(states(&table, "LANG"), [State::Everywhere, State::Everywhere, State::Set]);
    assert_eq!(states(&table, "NEEDED"), [State::Missing, State::Missing, State::Default]);
    assert_eq!(states(&table, "LEVEL"), [State::Default; 3]);
    let differing: Vec<&str> =
        table.rows.iter().filter(|row| row.differs).map(|row| row.name.as_str()).collect();
    assert_eq!(differing, ["API_URL"]);
}

#[test]
fn no_form_shows_a_secret() {
    let table = harbour();
    for write in [Variables::json, Variables::text, Variables::html] {
        let mut bytes = Vec::new();
        write(&table, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("ONLY_HERE") && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn nothing_of_a_repository_is_taken_for_markup() {
    let table = table(&[("javascript:a&'b/.env.staging", "A=<script>alert(1)</script>\"'\n")]);
    let mut bytes = Vec::new();
    table.html(&mut bytes).unwrap();
    let page = String::from_utf8(bytes).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(page.contains("href=\"javascript%3Aa%26%27b/.env.staging#L1\""), "{page}");
    assert_eq!(page.matches("<script>").count(), 1);
}
