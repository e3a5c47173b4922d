//! Whether a file can hold a detector, told from its bytes: most files cannot, and parsing them would cost most.
//!
//! What is denied here, [`super::candidates`] and [`super::branches`] would not find; what is granted they may still not
//! find. So a sign is a word at a place where it may be defined, returned or compared, whatever stands around it.

mod position;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use memchr::memmem;
use source::FileKind;

use super::names::asks;
use crate::environment::{canonical, words};
use position::{Code, Position};

/// What all words for the environment itself begin with.
const ITSELF: &str = "env";

/// What stands before a word of two letters in lower case: alone these are parts of too many other words.
const BEFORE_SHORT: &[char] = &['"', '\'', '`', ':', '_'];

/// Searches for words that name an environment, or the environment itself. Searches for three bytes and more look at so
/// many at once, and are several times as fast as one that has to look for two as well.
static SEARCHES: LazyLock<Option<[AhoCorasick; 2]>> = LazyLock::new(|| {
    let (long, short): (Vec<String>, Vec<String>) = seeds().into_iter().partition(|seed| seed.len() >= 3);
    // Only where the leftmost match is asked for does the library search with vectors.
    let search = |seeds| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(seeds).ok();
    Some([search(long)?, search(short)?])
});

/// What every name holds that [`asks`] for an environment and every literal that names one, in the writings that code has
/// for them: lower case, capitals, and with a first capital.
fn seeds() -> Vec<String> {
    let all: Vec<&str> = words().chain([ITSELF]).collect();
    let holds_another =
        |word: &str| all.iter().any(|seed| seed.len() >= 3 && *seed != word && word.contains(seed));
    let mut seeds = Vec::new();
    for word in all.iter().filter(|word| !holds_another(word)) {
        let upper = word.to_ascii_uppercase();
        seeds.extend(upper.get(..1).zip(word.get(1..)).map(|(first, rest)| format!("{first}{rest}")));
        seeds.push(upper);
        if word.len() >= 3 {
            seeds.push((*word).to_owned());
        } else {
            seeds.extend(BEFORE_SHORT.iter().map(|before| format!("{before}{word}")));
        }
    }
    seeds
}

/// Whether code may hold a detector or a branch that is never reached.
pub(crate) fn may_hold(kind: FileKind, text: &[u8]) -> bool {
    let Some(searches) = SEARCHES.as_ref() else { return true };
    let code = Code::new(kind, text);
    let mut literals = Literals::default();
    for search in searches {
        let mut from = 0;
        while let Some(seed) = search.find(Input::new(text).range(from..)) {
            let at = Position::around(&code, seed.end());
            from = at.end;
            if at.is_quoted() || at.is_variant() {
                literals.add(&at);
            } else if at.may_be_defined() && at.word().is_some_and(|word| asks(word).is_some()) {
                return true;
            }
        }
    }
    literals.may_be_answers() || literals.may_be_taken(text)
}

/// Names of environments that stand in a text as literals.
#[derive(Default)]
struct Literals<'t> {
    /// By canonical name, those that may be returned.
    returned: Vec<&'static str>,
    /// Those that something may be compared with, and how often.
    compared: Vec<(&'t str, usize)>,
}

impl<'t> Literals<'t> {
    fn add(&mut self, at: &Position<'_, 't>) {
        let Some(word) = at.word() else { return };
        let Some(name) = canonical(word) else { return };
        if at.may_be_returned() && !self.returned.contains(&name) {
            self.returned.push(name);
        }
        if at.may_be_compared() {
            match self.compared.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => self.compared.push((word, 1)),
            }
        }
    }

    /// Whether a function may answer with two names.
    fn may_be_answers(&self) -> bool {
        self.returned.len() >= 2
    }

    /// Whether two tests may ask for the same: for one name twice, or for a name and a part of it.
    fn may_be_taken(&self, text: &[u8]) -> bool {
        let is_asked = |part: &[u8]| {
            !part.is_empty()
                && self.compared.iter().any(|(word, _)| memmem::find(word.as_bytes(), part).is_some())
        };
        self.compared.iter().any(|(_, count)| *count >= 2)
            || (!self.compared.is_empty() && parts_looked_for(text).any(is_asked))
    }
}

/// The literals that are looked for inside something: `"stag" in name`.
fn parts_looked_for(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let quotes = [(b'"', &b"\" in "[..]), (b'\'', &b"' in "[..])];
    quotes.into_iter().flat_map(move |(quote, end)| {
        memmem::find_iter(text, end).filter_map(move |at| {
            let before = text.get(..at)?;
            let start = memchr::memrchr(quote, before)? + 1;
            before.get(start..)
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn python(text: &str) -> bool {
        may_hold(FileKind::Python, text.as_bytes())
    }

    fn typescript(text: &str) -> bool {
        may_hold(FileKind::TypeScript, text.as_bytes())
    }

    /// Parts of names: what a question begins with, what may stand in one, and what it asks for.
    fn part() -> impl Strategy<Value = &'static str> {
        let all =
            words().chain(["is", "in", "running", "or", "get", "app", "env", "environment", "mode", "node"]);
        select(all.collect::<Vec<_>>())
    }

    fn capital(part: &str) -> String {
        part[..1].to_uppercase() + &part[1..]
    }

    proptest! {
        #[test]
        fn every_name_that_asks_is_a_sign(parts in vec(part(), 1..5)) {
            let upper: Vec<String> = parts.iter().map(|part| part.to_uppercase()).collect();
            let capitals: String = parts.iter().map(|part| capital(part)).collect();
            let camel = format!("{}{}", parts[0], &capitals[parts[0].len()..]);
            for name in [parts.join("_"), upper.join("_"), format!("_{}", parts.join("_")), camel, capitals] {
                let text = format!("const {name} = read();");
                prop_assert_eq!(typescript(&text), asks(&name).is_some(), "{}", text);
                prop_assert_eq!(python(&format!("{name} = read()")), asks(&name).is_some(), "{}", name);
            }
        }

        #[test]
        fn two_literals_that_name_environments_are_signs(one in select(words().collect::<Vec<_>>()), quote in "[\"'`]") {
            for one in [one.to_owned(), one.to_uppercase(), capital(one)] {
                let taken = format!("x == {quote}{one}{quote} || x == {quote}{one}{quote}");
                prop_assert!(typescript(&taken), "{}", taken);
            }
            let other = if canonical(one) == Some("local") { "Demo" } else { "Local" };
            let variants = format!("match x {{ 1 => Mode::{}, _ => Mode::{other} }}", capital(one));
            prop_assert!(may_hold(FileKind::Rust, variants.as_bytes()), "{}", variants);
        }
    }

    #[test]
    fn words_that_are_defined_are_signs() {
        assert!(python("def is_production():\n    return X == 'prod'\n"));
        assert!(python("# the name,\nENVIRONMENT = os.getenv('E')\n"));
        assert!(python("class S:\n    environment: str = 'development'\n"));
        assert!(python("self.env = os.environ['ENV']\n"));
        assert!(python("a = env = os.environ['ENV']\n"));
        assert!(typescript("export const isProd = process.env.X === 'prod'"));
        assert!(typescript("class A { static get env() { return process.env.X } }"));
        assert!(typescript("this.environment = process.env.X"));
        assert!(may_hold(FileKind::Rust, b"pub(crate) fn environment() -> String {}"));
    }

    #[test]
    fn literals_that_are_returned_or_compared_twice_are_signs() {
        assert!(python("    if a: return 'production'\n    return \"dev\"\n"));
        assert!(python("if e == 'staging':\n    pass\nelif e in ('x',\n  'staging'):\n"));
        assert!(python("if 'stag' in e:\n    pass\nelif e == 'staging':\n    pass\n"));
        assert!(may_hold(FileKind::Rust, b"match x { 1 => Mode::Production, _ => Mode::Local }"));
    }

    #[test]
    fn words_that_are_only_used_are_no_signs() {
        for text in [
            "run(env=os.environ, environment='x')\n",
            "run(\n    env=os.environ,\n    environment=ENVIRONMENT,\n)\n",
            "def f(env: str, stage=None):\n    return env\n",
            "x = {'environment': env}\nif environment == 'production':\n    pass\n",
            "import env\nprint(settings.environment)\n",
        ] {
            assert!(!python(text), "{text}");
        }
        for text in [
            "import { env } from './env';\nconst a = env.A === 'production' ? b(env) : c;\n",
            "f({ env: process.env, environment: 'x' });\ncall(environment);\n",
        ] {
            assert!(!typescript(text), "{text}");
        }
    }
}
