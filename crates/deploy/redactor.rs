//! What programs print is shown only after known secrets are taken out.

use source::redact::{self, REDACTED};

/// Shorter values are no secrets that could be told from ordinary words.
const LEAST: usize = 6;

/// Takes out values that are known, in every form they are likely to appear in, and what looks like a secret.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    forms: Vec<String>,
}

impl Redactor {
    /// A redactor that knows these values.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut forms: Vec<String> = Vec::new();
        for value in values.into_iter().filter(|value| value.len() >= LEAST) {
            forms.extend([value.to_owned(), percent(value), json(value)]);
            forms.extend(base64(value.as_bytes()));
        }
        // The longest first: one form may begin with another.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        Self { forms }
    }

    /// The text without secrets, and how many places were changed.
    #[must_use]
    pub fn clean(&self, text: &str) -> (String, usize) {
        let (clean, count) = self.without_known(text);
        let masked = redact::text(&clean);
        let count = count + usize::from(*masked != *clean);
        (masked.into_owned(), count)
    }

    /// The text without the values that are known, and how many places were changed.
    #[must_use]
    pub fn without_known(&self, text: &str) -> (String, usize) {
        let mut clean = text.to_owned();
        let mut count = 0;
        for form in &self.forms {
            let found = clean.matches(form.as_str()).count();
            if found > 0 {
                count += found;
                clean = clean.replace(form.as_str(), REDACTED);
            }
        }
        (clean, count)
    }
}

fn percent(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&crate::hash::hex(&[byte]).to_uppercase());
        }
        text
    })
}

fn json(value: &str) -> String {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    quoted.trim_matches('"').to_owned()
}

/// The parts of base64 that do not depend on what stands before and after the value, for each of its three positions.
fn base64(value: &[u8]) -> Vec<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut forms = Vec::new();
    for skip in 0..3_usize {
        let padded: Vec<u8> = std::iter::repeat_n(0, skip).chain(value.iter().copied()).collect();
        let mut text = String::new();
        for group in padded.chunks_exact(3) {
            let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
            for shift in [18, 12, 6, 0] {
                text.push(char::from(*LETTERS.get(bits >> shift & 63).unwrap_or(&b'A')));
            }
        }
        let own = text.get(if skip == 0 { 0 } else { 4 }..).unwrap_or("");
        if own.len() >= LEAST {
            forms.push(own.to_owned());
            forms.push(own.replace('+', "-").replace('/', "_"));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_taken_out_in_every_form() {
        let secret = "CANARY/with \"signs\"+77";
        let redactor = Redactor::new([secret, "abc"]);
        let encoded = "Q0FOQVJZL3dpdGggInNpZ25zIis3Nw==";
        let with_user = "dTpDQU5BUlkvd2l0aCAic2lnbnMiKzc3";
        for text in
            [secret, "CANARY%2Fwith%20%22signs%22%2B77", "CANARY/with \\\"signs\\\"+77", encoded, with_user]
        {
            let (clean, count) = redactor.clean(&format!("before {text} after abc"));
            assert!(count > 0, "{text}");
            assert!(
                !clean.contains("CANARY") && !clean.contains("FOQVJZ") && !clean.contains("QU5BUlk"),
                "{clean}"
            );
            assert!(clean.contains("before") && clean.contains("abc"), "{clean}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_taken_out_too() {
        let (clean, count) = Redactor::default().clean("PASSWORD=hunter2hunter2\nplain");
        assert!(!clean.contains("hunter2"));
        assert_eq!(count, 1);
        assert_eq!(Redactor::default().clean("plain"), ("plain".to_owned(), 0));
    }
}
