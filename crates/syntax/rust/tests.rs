use super::*;
use crate::decision::{StatementKind, walk_functions};

fn names(text: &str) -> Vec<String> {
    parse(text).tree.uses.iter().map(|one| one.path.join("::")).collect()
}

#[test]
fn modules_names_and_files_are_found() {
    let text = "#[path = \"other.rs\"]\npub mod a;\n#[cfg(test)] mod tests;\nmod inline { mod b; use super::c::{self, d as e, f::*}; }\n\
                use std::env;\nstatic S: &str = include_str!(\"x/y.txt\");\n\
                const B: &[u8] = include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/z.bin\"));\n";
    let Parsed { tree, errors } = parse(text);
    assert_eq!(errors, []);
    let modules: Vec<_> = tree
        .modules
        .iter()
        .map(|one| (one.name.value.as_str(), one.inside.join("::"), one.is_test))
        .collect();
    assert_eq!(
        modules,
        [("a", String::new(), false), ("tests", String::new(), true), ("b", "inline".into(), false)]
    );
    assert_eq!(tree.modules[0].path.as_ref().unwrap().value, "other.rs");
    assert_eq!(names(text), ["super::c", "super::c::d", "super::c::f", "std::env"]);
    let included: Vec<_> =
        tree.included.iter().map(|one| (one.path.value.as_str(), one.from_manifest)).collect();
    assert_eq!(included, [("x/y.txt", false), ("/z.bin", true)]);
}

#[test]
fn reads_tell_what_happens_where_nothing_is_set() {
    let text = "\u{feff}struct A { #[arg(long, env = \"PORT\", default_value = \"80\")] port: u16 }\n\
        impl A { fn load() -> Option<A> { let a = std::env::var(\"A\").unwrap(); let b = env::var(\"B\").ok()?; \
        let c = env::var(\"C\").unwrap_or_else(|_| \"x\".to_string()); println!(\"{}\", var(\"D\").is_ok()); \
        let e = env!(\"E\"); None } }";
    let Parsed { tree, errors } = parse(text);
    assert_eq!(errors, []);
    let reads: Vec<_> = tree
        .env_reads
        .iter()
        .map(|read| (read.name.value.as_str(), read.when_absent.clone(), read.at_build))
        .collect();
    let default = |text: &str| WhenAbsent::Default(Some(text.to_owned()));
    assert_eq!(
        reads,
        [
            ("PORT", default("80"), false),
            ("A", WhenAbsent::Fails, false),
            ("B", WhenAbsent::Fails, false),
            ("C", default("x"), false),
            ("D", WhenAbsent::Handled, false),
            ("E", WhenAbsent::Fails, true),
        ]
    );
    for read in &tree.env_reads {
        assert_eq!(read.name.span.of(text), read.name.value);
    }
    assert_eq!(tree.env_reads[1].function.as_deref(), Some("A::load"));
}

#[test]
fn what_is_no_rust_keeps_what_its_lines_show() {
    let Parsed { tree, errors } = parse("pub mod a;\nfn f( { env::var(\"X\") }\n");
    assert_eq!(errors.len(), 1);
    assert_eq!(tree.modules[0].name.value, "a");
    assert_eq!(tree.env_reads[0].name.value, "X");
}

#[test]
fn methods_of_all_blocks_belong_to_their_type() {
    let text = "enum E { A } impl E { fn a() -> Self { Self::A } } impl Display for E { fn b(&self) {} }\n\
                fn f() -> bool { matches!(x, Some(E::A) | None) }";
    let module = decisions(text).unwrap();
    let mut found = Vec::new();
    walk_functions(&module.body, &mut |statement| match &statement.kind {
        StatementKind::Class(class) => found.push(format!("{} {}", class.name, class.body.len())),
        StatementKind::Function(function) => found.push(function.name.clone()),
        _ => {}
    });
    assert_eq!(found, ["f", "E 2"]);
}

#[test]
fn what_nests_to_the_limits_fits_the_stack() {
    let deep = format!("fn f() {{ {}x{} }}", "(".repeat(120), ")".repeat(120));
    let long = format!("fn f() {{ x{} }}", " + !x".repeat(490));
    let types = format!("type T = {}u8{};", "Vec<".repeat(480), ">".repeat(480));
    let run = move || {
        for text in [&deep, &long, &types] {
            assert_eq!(parse(text).errors, []);
            assert!(decisions(text).is_some());
        }
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap().join().unwrap();
}

proptest::proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}|[a-z(){}\\[\\]<>!&|.;:\"'#= \n]{0,80}") {
        let parsed = parse(&text);
        for error in parsed.errors {
            proptest::prop_assert!(text.get(error.span.start..error.span.end).is_some());
        }
        let _ = decisions(&text);
    }
}
