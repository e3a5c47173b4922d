//! `$NAME`, `${NAME:-default}` and their kin in the values of a Compose file.

use source::Span;

/// A template with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpolated {
    /// The result.
    pub text: String,
    /// Every variable that the template names, also in parts that this result did not need, in its order.
    pub references: Vec<Reference>,
}

/// A variable that a template names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The variable.
    pub name: String,
    /// The text after `:-` or `-`, before its own variables are replaced.
    pub default: Option<String>,
    /// The message after `:?` or `?`: without the variable Compose stops with it.
    pub required: Option<String>,
    /// From `$` to the end of the name or the closing brace, in bytes of the template.
    pub span: Span,
}

/// Why a template has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterpolateError {
    /// What is wrong.
    pub message: String,
    /// The bytes of the template that are.
    pub span: Span,
}

/// The deepest nesting of defaults that is followed.
const MAX_NESTING: usize = 255;

/// Replaces the variables of a template as compose-go 2.14 does; `lookup` gives the value of a name that is set.
///
/// # Errors
/// A template that Compose calls invalid, or a required variable without a value.
pub fn interpolate(
    template: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Interpolated, InterpolateError> {
    let text = evaluate(Part { text: template, start: 0, depth: 0 }, lookup)?;
    Ok(Interpolated { text, references: references(template) })
}

/// Every variable that a template names, nested ones after the one that holds them; what is invalid is passed over.
#[must_use]
pub fn references(template: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut waiting = vec![Part { text: template, start: 0, depth: 0 }];
    while let Some(part) = waiting.pop() {
        if part.depth > MAX_NESTING {
            continue;
        }
        for token in Tokens::of(part.text) {
            let Token::Variable { name, operator, span } = token else { continue };
            let mut reference = Reference {
                name: name.to_owned(),
                default: None,
                required: None,
                span: span.shifted(part.start),
            };
            if let Some((operator, body)) = operator {
                let text = body.of(part.text).to_owned();
                match operator.kind {
                    Kind::Default => reference.default = Some(text),
                    Kind::Required => reference.required = Some(text),
                    Kind::Alternative => {}
                }
                waiting.push(part.inner(body));
            }
            found.push(reference);
        }
    }
    found.sort_by_key(|reference| reference.span.start);
    found
}

/// What makes a template invalid whatever the variables are; what stands in a default is not looked at.
#[must_use]
pub fn fault(template: &str) -> Option<InterpolateError> {
    let invalid = Tokens::of(template).find_map(|token| match token {
        Token::Invalid { span } => Some(span),
        _ => None,
    });
    invalid.map(|span| InterpolateError { message: format!("Invalid template: {template:?}"), span })
}

/// A part of the whole template that is a template of its own.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    /// Its first byte in the whole template.
    start: usize,
    depth: usize,
}

impl Part<'_> {
    fn inner(self, body: Span) -> Self {
        Self { text: body.of(self.text), start: self.start + body.start, depth: self.depth + 1 }
    }
}

fn evaluate(part: Part<'_>, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, InterpolateError> {
    if part.depth > MAX_NESTING {
        let span = Span::new(part.start, part.start + part.text.len());
        let message = format!("defaults are nested deeper than {MAX_NESTING} levels");
        return Err(InterpolateError { message, span });
    }
    let mut result = String::with_capacity(part.text.len());
    // Compose reports the template, or what follows the variable before in the same run of braces.
    let mut reported = Span::new(0, part.text.len());
    let mut tokens = Tokens::of(part.text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Literal(text) => result.push_str(text),
            Token::Variable { name, operator: None, .. } => {
                result.push_str(&lookup(name).unwrap_or_default());
            }
            Token::Variable { name, operator: Some((operator, body)), span } => {
                result.push_str(&applied(part, name, operator, body, span, lookup)?);
                if let Some(run_end) = tokens.run_end().filter(|end| *end > span.end) {
                    reported = Span::new(span.end, run_end);
                }
            }
            Token::Invalid { span } => {
                if span.start >= reported.end {
                    reported = Span::new(0, part.text.len());
                }
                let message = format!("Invalid template: {:?}", reported.of(part.text));
                return Err(InterpolateError { message, span: span.shifted(part.start) });
            }
        }
    }
    Ok(result)
}

/// The value of `${name<operator>body}`.
fn applied(
    part: Part<'_>,
    name: &str,
    operator: Operator,
    body: Span,
    span: Span,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, InterpolateError> {
    let value = lookup(name);
    let is_there = value.as_ref().is_some_and(|value| !(operator.or_empty && value.is_empty()));
    match (operator.kind, is_there) {
        (Kind::Default, false) | (Kind::Alternative, true) => evaluate(part.inner(body), lookup),
        (Kind::Required, false) => {
            let reason = evaluate(part.inner(body), lookup)?;
            let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
            let message = format!("required variable {name} is missing a value{reason}");
            Err(InterpolateError { message, span: span.shifted(part.start) })
        }
        _ => Ok(value.unwrap_or_default()),
    }
}

#[derive(Debug, Clone, Copy)]
struct Operator {
    kind: Kind,
    /// With `:`: an empty value counts as none.
    or_empty: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// `-`
    Default,
    /// `+`
    Alternative,
    /// `?`
    Required,
}

#[derive(Debug)]
enum Token<'t> {
    Literal(&'t str),
    /// The operator's second part is the text after it.
    Variable {
        name: &'t str,
        operator: Option<(Operator, Span)>,
        span: Span,
    },
    Invalid {
        span: Span,
    },
}

/// A template, part by part.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// Where the present line ends, and the end of its last `}`: the braces of a default may reach that far.
    line: Option<(usize, Option<usize>)>,
}

impl<'t> Tokens<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: None }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The end of the last `}` of the present line.
    fn run_end(&mut self) -> Option<usize> {
        if let Some((_, run)) = self.line.filter(|(end, _)| self.at <= *end) {
            return run;
        }
        let line = self.rest().split('\n').next().unwrap_or("");
        let run = line.rfind('}').map(|brace| self.at + brace + 1);
        self.line = Some((self.at + line.len(), run));
        run
    }

    fn take(&mut self, length: usize) -> Span {
        let span = Span::new(self.at, self.at + length);
        self.at = span.end;
        span
    }

    /// What `$` begins.
    fn dollar(&mut self) -> Token<'t> {
        let after = self.rest().get(1..).unwrap_or("");
        if after.starts_with('$') {
            self.take(2);
            return Token::Literal("$");
        }
        if after.starts_with('{') {
            return self.braced();
        }
        let name = name_at(after);
        let span = self.take(1 + name.len());
        if name.is_empty() {
            return Token::Literal(span.of(self.text));
        }
        Token::Variable { name, operator: None, span }
    }

    fn braced(&mut self) -> Token<'t> {
        let inside = self.rest().get(2..).unwrap_or("");
        let name = name_at(inside);
        let after = inside.get(name.len()..).unwrap_or("");
        if !name.is_empty() && after.starts_with('}') {
            let span = self.take(name.len() + 3);
            return Token::Variable { name, operator: None, span };
        }
        let operator = if name.is_empty() { None } else { operator_at(after) };
        let body = operator.map(|(_, length)| self.at + 2 + name.len() + length);
        let (Some((operator, _)), Some(body), Some(run_end)) = (operator, body, self.run_end()) else {
            return self.invalid();
        };
        if run_end <= body {
            return self.invalid();
        }
        let run = self.text.get(self.at..run_end).unwrap_or("");
        let length = closing_brace(run).map_or(run.len(), |closing| closing + 1);
        let span = self.take(length);
        Token::Variable { name, operator: Some((operator, Span::new(body, span.end - 1))), span }
    }

    fn invalid(&mut self) -> Token<'t> {
        let line = self.rest().split('\n').next().unwrap_or("");
        let shown = line.find('}').map_or(2, |brace| brace + 1);
        let span = Span::new(self.at, self.at + shown);
        self.take(2);
        Token::Invalid { span }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let rest = self.rest();
        match rest.find('$') {
            _ if rest.is_empty() => None,
            Some(0) => Some(self.dollar()),
            found => Some(Token::Literal(self.take(found.unwrap_or(rest.len())).of(self.text))),
        }
    }
}

fn name_at(text: &str) -> &str {
    let starts = text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
    let length = text.bytes().take_while(|byte| *byte == b'_' || byte.is_ascii_alphanumeric()).count();
    text.get(..if starts { length } else { 0 }).unwrap_or("")
}

fn operator_at(text: &str) -> Option<(Operator, usize)> {
    let (sign, or_empty) = text.strip_prefix(':').map_or((text, false), |sign| (sign, true));
    let kind = match sign.bytes().next()? {
        b'-' => Kind::Default,
        b'+' => Kind::Alternative,
        b'?' => Kind::Required,
        _ => return None,
    };
    Some((Operator { kind, or_empty }, 1 + usize::from(or_empty)))
}

/// The brace that closes the first one. As in compose-go, the byte after an opening brace is not looked at.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_i64;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn result(template: &str) -> Result<String, String> {
        let lookup = |name: &str| match name {
            "SET" => Some("s".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        interpolate(template, &lookup).map(|done| done.text).map_err(|error| error.message)
    }

    #[test]
    fn a_brace_in_a_default_ends_it_unless_it_is_paired() {
        assert_eq!(result("${X:-a}b}").unwrap(), "ab}");
        assert_eq!(result("${X:-{a}}").unwrap(), "{a}");
        assert_eq!(result("${X:-{}}").unwrap(), "{}");
        assert_eq!(result("${SET+${EMPTY:-$$y}} ${X:-z}").unwrap(), "$y z");
    }

    #[test]
    fn errors_name_what_is_invalid_or_missing() {
        assert_eq!(result("${X:?why ${SET}}").unwrap_err(), "required variable X is missing a value: why s");
        assert_eq!(result("a ${X.y} b").unwrap_err(), "Invalid template: \"a ${X.y} b\"");
        assert_eq!(result("${SET:-a} ${B!} c}").unwrap_err(), "Invalid template: \" ${B!} c}\"");
    }

    #[test]
    fn references_are_found_in_parts_that_were_not_needed() {
        let found = interpolate("${SET:-${A}} $B ${C:?no}", &|_| Some("s".to_owned())).unwrap().references;
        let names: Vec<_> = found.iter().map(|reference| reference.name.as_str()).collect();
        assert_eq!(names, ["SET", "A", "B", "C"]);
        assert_eq!(found.last().unwrap().required.as_deref(), Some("no"));
    }

    #[test]
    fn nesting_is_capped() {
        let deep = "${A:-".repeat(5_000) + &"}".repeat(5_000);
        assert!(result(&deep).unwrap_err().contains("nested deeper"));
        let wide = "${A:-x}".repeat(50_000);
        assert_eq!(result(&wide).unwrap().len(), 50_000);
    }

    proptest! {
        #![proptest_config(crate::trial::cases(256))]

        #[test]
        fn spans_lie_on_characters(text in "([${}:?+-]|[AB]|ü|\n| ){0,30}") {
            match interpolate(&text, &|_| None) {
                Ok(done) => done.references.iter().for_each(|r| assert!(text.get(r.span.start..r.span.end).is_some())),
                Err(error) => assert!(text.get(error.span.start..error.span.end).is_some()),
            }
        }
    }
}
