use std::fmt::Write;

use proptest::prelude::*;

use super::*;

fn stream(text: &str) -> Stream {
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    parsed.tree
}

fn root<'a>(stream: &'a Stream, budget: &'a Budget) -> View<'a> {
    stream.documents.first().unwrap().view(budget)
}

#[test]
fn spans_are_the_values_own_bytes() {
    let text = "\u{feff}a: 'x y' # why\nb: |\n    one\n    two\n\nc: {d: ü}\ne: plain\n";
    let stream = stream(text);
    let budget = Budget::default();
    let root = root(&stream, &budget);
    let value = |key: &str| root.get(key).unwrap().node();
    assert_eq!(value("a").span.of(text), "'x y'");
    assert_eq!(value("a").inner.of(text), "x y");
    assert_eq!(value("b").span.of(text), "|\n    one\n    two");
    assert_eq!(value("b").inner.of(text), "one\n    two");
    assert_eq!(value("b").line, 2);
    assert_eq!(value("c").span.of(text), "{d: ü}");
    assert_eq!(value("e").span.of(text), "plain");
    assert_eq!(value("e").line, 7);
    let comment = stream.comments.first().unwrap();
    assert_eq!((comment.span.of(text), comment.line, comment.trailing), ("# why", 1, true));
}

#[test]
fn lines_of_a_quoted_text_may_stand_at_the_column_of_its_key() {
    let text = "a:\n  b: '{\n  \"ü\": 1\n  }'\n  c: [x]\n  d: !t # it's\n    \"p\\\nq\n\nr\"\ne: {f: g}\n";
    let stream = stream(text);
    let budget = Budget::default();
    let root = root(&stream, &budget);
    let a = root.get("a").unwrap();
    assert_eq!(a.get("b").unwrap().as_str(), Some("{ \"ü\": 1 }"));
    assert_eq!(a.get("b").unwrap().node().span.of(text), "'{\n  \"ü\": 1\n  }'");
    assert_eq!(a.get("d").unwrap().as_str(), Some("pq\nr"));
    let c = a.get("c").unwrap().node();
    assert_eq!((c.span.of(text), c.line), ("[x]", 5));
    let e = root.get("e").unwrap().node();
    assert_eq!((e.span.of(text), e.line), ("{f: g}", 11));
}

#[test]
fn a_quoted_text_without_an_end_stays_an_error() {
    for text in ["a: 'b\nc: d\n", "a: 'b\n---\nc: d'\n", "a: 'b\nc' d\n"] {
        assert!(!parse(text).errors.is_empty(), "{text:?}");
    }
}

#[test]
fn an_error_ends_only_its_document() {
    let parsed = parse("a: 1\nb: [1\n---\nc: 2\n");
    assert_eq!(parsed.errors.len(), 1);
    let budget = Budget::default();
    let [broken, whole] = parsed.tree.documents.as_slice() else { panic!("two documents") };
    assert!(broken.is_broken && !whole.is_broken);
    assert_eq!(broken.view(&budget).get("a").unwrap().as_str(), Some("1"));
    assert_eq!(whole.view(&budget).get("c").unwrap().as_str(), Some("2"));
}

#[test]
fn aliases_and_merges_are_followed_on_demand() {
    let text = "x: &x {p: 1, q: 1}\ny: &y\n  <<: *x\n  q: 2\nz:\n  <<: [{r: 3}, *y]\n  s: *x\nx2: *nope\n";
    let parsed = parse(text);
    assert_eq!(parsed.errors.len(), 1);
    let budget = Budget::default();
    let root = root(&parsed.tree, &budget);
    let at = |path: &[&str]| root.path(path).and_then(|view| view.as_str());
    assert_eq!(at(&["z", "q"]), Some("2"));
    assert_eq!(at(&["z", "p"]), Some("1"));
    assert_eq!(at(&["z", "s", "q"]), Some("1"));
    let keys: Vec<_> =
        root.get("z").unwrap().entries().iter().map(|(key, _)| key.as_str().unwrap()).collect();
    assert_eq!(keys, ["s", "r", "q", "p"]);
}

#[test]
fn a_bomb_of_aliases_spends_the_budget_and_nothing_else() {
    let mut text = String::from("a0: &a0 [x]\n");
    for level in 1..40 {
        let before = level - 1;
        writeln!(text, "a{level}: &a{level} [*a{before}, *a{before}]").unwrap();
    }
    let stream = stream(&text);
    let budget = Budget::new(1000);
    let mut waiting = vec![root(&stream, &budget).get("a39").unwrap()];
    while let Some(view) = waiting.pop() {
        waiting.extend(view.items());
    }
    assert!(budget.is_spent());
}

#[test]
fn keys_stated_twice_are_told_with_both_lines() {
    let stream = stream("a: 1\nb: {c: 1, c: 2}\na: 3\n");
    let lines: Vec<_> =
        stream.duplicates.iter().map(|d| (d.key.value.as_str(), d.first_line, d.line)).collect();
    assert_eq!(lines, [("c", 2, 2), ("a", 1, 3)]);
}

#[test]
fn a_template_is_read_as_far_as_it_is_yaml() {
    let text = "image: {{ .Values.image }}:{{ .tag }}\n{{- if .x }}\nport: \"{{ .p | default \"80\" }}\"\n{{- end }}\nname: web\n";
    let stream = stream(text);
    assert!(stream.is_template);
    let budget = Budget::default();
    let root = root(&stream, &budget);
    assert_eq!(
        root.get("image").unwrap().node().kind,
        NodeKind::Template("{{ .Values.image }}:{{ .tag }}".to_owned())
    );
    assert_eq!(root.get("port").unwrap().as_str(), Some("{{ .p | default \"80\" }}"));
    assert_eq!(root.get("name").unwrap().as_str(), Some("web"));
}

#[test]
fn a_template_that_is_no_yaml_keeps_its_lines() {
    let text = "{{- if .a }}\nspec:\n   replicas: 2\n{{- else }}\n  spec:\n{{- end }}\n   env:\n   - name: A\n     value: '1'\n";
    let parsed = parse(text);
    assert!(parsed.tree.is_template);
    let budget = Budget::default();
    let values: Vec<_> = collect_scalars(root(&parsed.tree, &budget));
    assert!(values.contains(&"2".to_owned()) && values.contains(&"A".to_owned()), "{values:?}");
}

fn collect_scalars(view: View<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![view];
    while let Some(view) = waiting.pop() {
        found.extend(view.as_str().map(str::to_owned));
        waiting.extend(view.items());
        waiting.extend(view.entries().into_iter().map(|(_, value)| value));
    }
    found
}

#[test]
fn expressions_of_workflows_are_plain_text() {
    let stream = stream("run: echo ${{ matrix.os }}\nname: 'x {{ y }}'\n");
    assert!(!stream.is_template);
}

#[test]
fn errors_of_templates_stand_on_whole_characters() {
    for text in ["{{ x }}a---\n\tb: aü\n", "{{ x }}---\n\t\t{üb: "] {
        check_spans(text);
    }
}

#[test]
fn depth_is_capped_with_an_error() {
    for opener in ["[", "- ", "{a: ", "? "] {
        let parsed = parse(&opener.repeat(20_000));
        let message = &parsed.errors.first().unwrap().message;
        assert!(message.contains("deeper than 255"), "{opener}: {message}");
    }
}

fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b: ", "- ", "\n", "  ", "'", "\"", "{", "}", "[", "]", "{{ x }}", "{{", "{% if %}", "|\n",
        ">-\n", "&a ", "*a", "<<: *a", "#c", "!t ", "---\n", "...\n", "ü", ",", ": ", "? ", "\t", "\r\n",
        "\\", "%", "\u{feff}", "${{ g }}", "~", "!!int ",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn check_spans(text: &str) {
    let parsed = parse(text);
    let inside = |span: Span| {
        assert!(span.start <= span.end && text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    };
    parsed.errors.iter().for_each(|error| inside(error.span));
    parsed.tree.comments.iter().for_each(|comment| inside(comment.span));
    parsed.tree.duplicates.iter().for_each(|duplicate| inside(duplicate.key.span));
    let budget = Budget::new(10_000);
    for document in &parsed.tree.documents {
        let mut waiting = vec![&document.root];
        while let Some(node) = waiting.pop() {
            inside(node.span);
            inside(node.inner);
            node.anchor.iter().for_each(|anchor| inside(anchor.span));
            match &node.kind {
                NodeKind::Sequence(items) => waiting.extend(items),
                NodeKind::Mapping(entries) => waiting.extend(entries.iter().flat_map(|(k, v)| [k, v])),
                NodeKind::Scalar { value, .. } if node.verbatim => assert_eq!(value, node.inner.of(text)),
                NodeKind::Alias { target: Some(target), .. } => {
                    assert!(document.anchored(*target).is_some(), "{text:?}");
                }
                _ => {}
            }
        }
        collect_scalars_within(document.view(&budget));
    }
}

fn collect_scalars_within(view: View<'_>) {
    let mut waiting = vec![view];
    while let Some(view) = waiting.pop() {
        let _ = (view.scalar_type(Schema::Go), view.scalar_type(Schema::Core));
        waiting.extend(view.items());
        waiting.extend(view.entries().into_iter().map(|(_, value)| value));
    }
}

proptest! {
    #![proptest_config(crate::trial::cases(2000))]

    #[test]
    fn arbitrary_text_keeps_spans_inside(text in any::<String>()) {
        check_spans(&text);
    }

    #[test]
    fn anything_like_yaml_keeps_spans_inside(text in yaml_like()) {
        check_spans(&text);
    }
}
