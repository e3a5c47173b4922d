//! What a repository says to be secret where neither the name nor the form of a value tells it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::{REDACTED, is_hidden_name, manifests, merged, named, ranges, replaced, stars};
use crate::{Place, Span};

/// How Terraform takes a variable from the environment.
const VARIABLE_PREFIX: &str = "TF_VAR_";

/// Bytes of the shortest text that is looked for where it does not stand in its own place.
const SHORTEST: usize = 6;

/// Bytes from which on a text of small letters alone is no word that people use for something else.
const LONG: usize = 16;

/// `-var name=value` of Terraform: the name and the value, in quotes or without.
static ARGUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let quoted = r#"'([A-Za-z_][\w-]*)=([^'\n]*)'|"([A-Za-z_][\w-]*)=((?:[^"\\\n]|\\.)*)""#;
    let bare = r#"([A-Za-z_][\w-]*)=("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"']+)"#;
    Regex::new(&format!(r"-var(?:=|[ \t]+)(?:{quoted}|{bare})")).ok()
});

/// Places and texts that no output shows, whatever they look like.
#[derive(Debug, Clone, Default)]
pub struct Concealed {
    /// What is hidden in each file, sorted; none of it lies in another.
    places: BTreeMap<Arc<str>, Vec<Span>>,
    /// Variables of Terraform that are declared as sensitive.
    variables: BTreeSet<String>,
    /// Texts that are known wherever they stand.
    texts: Option<AhoCorasick>,
}

impl Concealed {
    /// What stands at `places`, what any of the `texts` is, and what the Terraform `variables` of these names are given.
    /// Texts that may well stand for something else are hidden in their places alone.
    #[must_use]
    pub fn new(
        places: impl IntoIterator<Item = Place>,
        texts: impl IntoIterator<Item = String>,
        variables: BTreeSet<String>,
    ) -> Self {
        let mut by_file: BTreeMap<Arc<str>, Vec<Span>> = BTreeMap::new();
        for place in places {
            by_file.entry(place.path).or_default().push(place.span);
        }
        for spans in by_file.values_mut() {
            let ranges = spans.iter().map(|span| span.start..span.end).collect();
            *spans = merged(ranges).into_iter().map(|range| Span::new(range.start, range.end)).collect();
        }
        let telling: BTreeSet<String> = texts
            .into_iter()
            .flat_map(|text| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
            .filter(|text| is_telling(text))
            .collect();
        Self { places: by_file, variables, texts: searcher(&telling) }
    }

    /// Whether any of what stands at a place is hidden.
    #[must_use]
    pub fn holds(&self, place: &Place) -> bool {
        let Some(spans) = self.places.get(&place.path) else { return false };
        let after = spans.partition_point(|span| span.end <= place.span.start);
        spans.get(after).is_some_and(|span| span.start < place.span.end.max(place.span.start + 1))
    }

    /// A copy of a sentence with [`REDACTED`] for what it repeats of hidden texts.
    #[must_use]
    pub fn sentence<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replaced(text, self.ranges(text), |shown, _| shown.push_str(REDACTED))
    }

    /// A copy of a value for people to read, as [`value`](super::value) gives it, without hidden texts.
    #[must_use]
    pub fn value<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        if !value.is_empty() && self.is_variable(name) {
            return Cow::Borrowed(REDACTED);
        }
        match super::value(name, value) {
            Cow::Borrowed(value) => self.sentence(value),
            Cow::Owned(value) => Cow::Owned(self.sentence(&value).into_owned()),
        }
    }

    /// A copy of a text as [`text`](super::text) gives it, without hidden texts.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replaced(text, self.of_text(text), stars)
    }

    /// A copy of a file's text as [`text`](super::text) gives it, in which hidden places and texts are masked too.
    #[must_use]
    pub fn file<'t>(&self, path: &str, text: &'t str) -> Cow<'t, str> {
        let mut hidden = self.of_text(text);
        hidden.extend(self.spans(path).iter().map(|span| span.start..span.end));
        replaced(text, hidden, stars)
    }

    /// Copies of a file's text before and after a change. What is hidden in the first is hidden in both.
    #[must_use]
    pub fn change(&self, path: &str, before: &str, after: &str) -> (String, String) {
        let own: BTreeSet<String> = self
            .spans(path)
            .iter()
            .flat_map(|span| span.of(before).lines().map(|line| line.trim().to_owned()))
            .filter(|text| !text.is_empty())
            .collect();
        let moved = searcher(&own).map_or_else(Vec::new, |texts| found(&texts, after));
        let hidden = [self.of_text(after), moved].concat();
        (self.file(path, before).into_owned(), replaced(after, hidden, stars).into_owned())
    }

    /// Whether a variable of the environment is a sensitive one of Terraform.
    #[must_use]
    pub fn is_variable(&self, name: &str) -> bool {
        name.strip_prefix(VARIABLE_PREFIX).is_some_and(|name| self.variables.contains(name))
    }

    fn spans(&self, path: &str) -> &[Span] {
        self.places.get(path).map_or(&[], Vec::as_slice)
    }

    fn of_text(&self, text: &str) -> Vec<Range<usize>> {
        [ranges(text), manifests::ranges(text), self.ranges(text)].concat()
    }

    /// Where a text repeats what is hidden.
    fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut hidden = self.texts.as_ref().map_or_else(Vec::new, |texts| found(texts, text));
        if !self.variables.is_empty() {
            hidden.extend(named::ranges_of(text, &|name| self.is_variable(name)));
            hidden.extend(self.arguments(text));
        }
        hidden
    }

    /// The values that a command gives to sensitive variables.
    fn arguments(&self, text: &str) -> Vec<Range<usize>> {
        let Some(argument) = ARGUMENT.as_ref() else { return Vec::new() };
        let value = |captures: regex::Captures<'_>| {
            let name = [1, 3, 5].into_iter().find_map(|group| Some((group, captures.get(group)?.as_str())));
            let (group, _) = name.filter(|(_, name)| self.variables.contains(*name))?;
            captures.get(group + 1).map(|value| value.range())
        };
        argument.captures_iter(text).filter_map(value).collect()
    }
}

/// Whether a text is no word that stands for something else in other places.
fn is_telling(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase);
    text.len() >= LONG || text.len() >= SHORTEST && is_mixed
}

fn searcher(texts: &BTreeSet<String>) -> Option<AhoCorasick> {
    let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(texts).ok();
    (!texts.is_empty()).then(build).flatten()
}

/// Where texts stand by themselves, and not as a part of a longer word.
fn found(texts: &AhoCorasick, text: &str) -> Vec<Range<usize>> {
    let is_apart = |range: &Range<usize>| {
        let before = text.get(..range.start).and_then(|before| before.chars().next_back());
        let after = text.get(range.end..).and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    texts.find_iter(text).map(|found| found.range()).filter(is_apart).collect()
}

/// Whether the name of a setting makes a secret of its value, which is none where it only tells where the secret is.
#[must_use]
pub fn is_secret_by_name(name: &str, value: &str) -> bool {
    !value.is_empty()
        && is_hidden_name(name)
        && !super::is_reference(value)
        && !named::names_a_secret(name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, found: &str) -> Place {
        let start = text.find(found).unwrap();
        Place { path: "a.tfvars".into(), line: 1, span: Span::new(start, start + found.len()) }
    }

    fn hidden(text: &str, secret: &str) -> Concealed {
        let variables = BTreeSet::from(["creds".to_owned()]);
        Concealed::new([place(text, secret)], [secret.to_owned()], variables)
    }

    #[test]
    fn a_place_is_masked_whatever_stands_there() {
        let text = "creds = \"abc\"\nname = \"abc\"";
        let concealed = hidden(text, "abc");
        assert_eq!(concealed.file("a.tfvars", text), "creds = \"***\"\nname = \"abc\"");
        assert_eq!(concealed.file("b.tfvars", text), text);
        assert!(concealed.holds(&place(text, "b")) && !concealed.holds(&place(text, "name")));
        // A short word may stand for something else, but not in the same file after a change.
        let (before, after) = concealed.change("a.tfvars", text, "creds =\n  \"abc\"\n");
        assert!(!before.contains("s = \"abc") && !after.contains("abc"), "{before}{after}");
    }

    #[test]
    fn a_text_is_known_again() {
        let concealed = hidden("creds = \"hunter2canary\"", "hunter2canary");
        assert_eq!(concealed.sentence("it is `hunter2canary`"), "it is `<redacted>`");
        assert_eq!(concealed.sentence("it is hunter2canaryish"), "it is hunter2canaryish");
        assert_eq!(concealed.value("A", "http://x/hunter2canary"), "http://x/<redacted>");
    }

    #[test]
    fn sensitive_variables_are_hidden_on_their_way_to_terraform() {
        let concealed = hidden("creds = \"x\"", "x");
        for text in [
            "terraform apply -var creds=CANARY -auto-approve",
            "terraform apply -var=creds=CANARY",
            "terraform apply -var 'creds={a = \"CANARY\"}'",
            "terraform apply -var \"creds={a = \\\"CANARY\\\"}\"",
            "TF_VAR_creds: CANARY",
            "export TF_VAR_creds=CANARY",
        ] {
            assert!(!concealed.sentence(text).contains("CANARY"), "{}", concealed.sentence(text));
        }
        let text = "terraform apply -var image=CANARY -var-file=x.tfvars";
        assert_eq!(concealed.sentence(text), text);
    }
}
