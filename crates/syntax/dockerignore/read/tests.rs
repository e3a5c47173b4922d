use proptest::prelude::*;

use super::*;

fn docker(text: &str) -> Vec<String> {
    shown(&parse(text))
}

fn shown(parsed: &Parsed<IgnoreFile>) -> Vec<String> {
    let bang = |pattern: &Pattern| if pattern.negated { "!" } else { "" };
    parsed.tree.patterns.iter().map(|pattern| format!("{}{}", bang(pattern), pattern.cleaned)).collect()
}

#[test]
fn docker_lines_are_trimmed_cleaned_and_made_relative() {
    assert_eq!(docker("\u{feff}# a comment\n #x\n\n /a//b/ \r\n\u{a0}c\u{b}\n"), ["#x", "a/b", "c"]);
    assert_eq!(docker("app/../README.md\n./\n//app\n../up"), ["README.md", ".", "app", "../up"]);
    assert_eq!(docker("! /a\n!!bang\n/!x\n./!y\n! ! z"), ["!a", "!!bang", "!x", "!y", "!! z"]);
}

#[test]
fn a_docker_line_keeps_its_place() {
    let parsed = parse("\u{feff}a\n\n  ! b/ \n");
    let pattern = &parsed.tree.patterns[1];
    assert_eq!((pattern.text.as_str(), pattern.line, pattern.span), ("! b/", 3, Span::new(8, 12)));
}

#[test]
fn docker_stops_at_a_line_that_fills_its_buffer() {
    let fits = "a".repeat(65_535);
    assert_eq!(parse(&fits).errors, []);
    let parsed = parse(&format!("b\n#{fits}\nc"));
    assert_eq!(shown(&parsed), ["b", "c"]);
    assert_eq!(parsed.errors.len(), 1);
}

#[test]
fn buildah_reads_slashes_blanks_and_marks_its_own_way() {
    let parsed = parse_buildah("\u{feff}a\n /b\n/c/\n! d\n!/e/\n/\n!../f\r\n");
    assert_eq!(shown(&parsed), ["\u{feff}a", "/b", "c", "! d", "!e", "!../f"]);
}

#[test]
fn gcloud_keeps_what_it_does_not_strip() {
    let parsed = parse_gcloud(" a\nb  \nc\\ \nd/\ne/ \n\n!f\n\\!g\n\\#h\ni\\\n\\\\*\n/\n!\n");
    let expected = [" a", "b", "c ", "d/", "e//", "!f", "!g", "#h", "\\*"];
    assert_eq!(shown(&parsed), expected);
    assert!(!parsed.tree.patterns[6].negated);
}

#[test]
fn gcloud_ends_lines_where_python_does() {
    let parsed = parse_gcloud("a\r\nb\rc\u{85}d\u{2028}e\u{c}f");
    assert_eq!(shown(&parsed), ["a", "b", "c", "d", "e", "f"]);
    let lines: Vec<_> = parsed.tree.patterns.iter().map(|pattern| pattern.line).collect();
    assert_eq!(lines, [1, 2, 2, 2, 2, 2]);
}

#[test]
fn included_files_stand_where_they_are_named() {
    let parsed = parse_gcloud("a\n#!include:.gitignore\nb\n# !include:gone\n#!include:x/y\n");
    assert_eq!(parsed.errors.len(), 1);
    let spliced = parsed.tree.splice(|include| match include.name.value.as_str() {
        ".gitignore" => Some(parse_gcloud("c\n#!include:more\n").tree),
        _ => None,
    });
    assert_eq!(shown(&spliced), ["a", "c", "b"]);
    assert_eq!(spliced.tree.patterns[1].file.as_deref(), Some(".gitignore"));
    assert_eq!(spliced.errors.len(), 1);
    assert!(spliced.errors[0].message.contains("gone"));
}

#[test]
fn patterns_beyond_the_limit_are_told_of() {
    for builder in Builder::ALL {
        let parsed = parse_as(&"a\n".repeat(MAX_PATTERNS + 2), builder);
        assert_eq!((parsed.tree.patterns.len(), parsed.errors.len()), (MAX_PATTERNS, 1));
        assert_eq!(parsed.errors[0].span, Span::new(2 * MAX_PATTERNS, 2 * MAX_PATTERNS + 1));
    }
}

#[test]
fn buildkit_sends_no_control_characters() {
    let error = |text, builder| parse(text).tree.transport_error(builder).map(|error| error.span);
    assert_eq!(error("a\rb\n", Builder::Buildkit), Some(Span::new(0, 3)));
    assert_eq!(error("a\rb\n", Builder::Legacy), None);
    assert_eq!(error("a\rb\né\n", Builder::Buildkit), None);
    assert_eq!(error("a\r\n", Builder::Buildkit), None);
}

proptest! {
    #![proptest_config(crate::trial::cases(256))]

    #[test]
    fn any_text_is_read_and_spans_lie_inside_it(
        text in "(?s)[!#/\\\\ \r\n\u{feff}\u{85}\u{a0}.*a-c]{0,40}|.{0,40}",
    ) {
        for builder in Builder::ALL {
            let parsed = parse_as(&text, builder);
            for pattern in &parsed.tree.patterns {
                prop_assert_eq!(text.get(pattern.span.start..pattern.span.end), Some(pattern.text.as_str()));
            }
            let includes = parsed.tree.includes.iter().map(|include| include.name.span);
            for span in includes.chain(parsed.errors.iter().map(|error| error.span)) {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
