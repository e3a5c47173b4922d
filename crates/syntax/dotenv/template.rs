//! `$NAME` and `${NAME:-default}` in the values of Compose.

use super::{Operator, OperatorKind, Part};

/// How deep defaults may hold references that hold defaults.
const MAX_DEPTH: usize = 32;

/// Reads the references of a value.
pub(super) fn parse(text: &str) -> Result<Vec<Part>, &'static str> {
    Template { text, line: None, parts: Vec::new() }.read(0)
}

struct Template<'t> {
    text: &'t str,
    /// The end of the line that was looked at last, and the last `}` on it.
    line: Option<(usize, Option<usize>)>,
    parts: Vec<Part>,
}

impl<'t> Template<'t> {
    fn read(mut self, depth: usize) -> Result<Vec<Part>, &'static str> {
        if depth > MAX_DEPTH {
            return Err("the references of this value are nested too deep: up to 32 levels are read");
        }
        let mut at = 0;
        while let Some(length) = self.rest(at).find('$') {
            let dollar = at + length;
            self.literal(self.text.get(at..dollar).unwrap_or(""));
            at = self.reference(dollar, depth)?;
        }
        self.literal(self.rest(at));
        Ok(self.parts)
    }

    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or("")
    }

    fn literal(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(before)) => before.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    /// Reads what begins with this `$` and gives the place behind it.
    fn reference(&mut self, dollar: usize, depth: usize) -> Result<usize, &'static str> {
        let rest = self.rest(dollar + 1);
        if rest.starts_with('$') {
            self.literal("$");
            return Ok(dollar + 2);
        }
        if rest.starts_with('{') {
            return self.in_braces(dollar, depth);
        }
        let name = name_at(rest);
        if name.is_empty() {
            self.literal("$");
        } else {
            self.parts.push(Part::Variable { name: name.to_owned(), operator: None });
        }
        Ok(dollar + 1 + name.len())
    }

    fn in_braces(&mut self, dollar: usize, depth: usize) -> Result<usize, &'static str> {
        const INVALID: &str =
            "`${` begins no reference; write `${NAME}` or `${NAME:-default}`, or `$$` for a plain `$`";
        let name = name_at(self.rest(dollar + 2));
        let behind = dollar + 2 + name.len();
        let rest = self.rest(behind);
        if name.is_empty() {
            return Err(INVALID);
        }
        let (operator, end) = if rest.starts_with('}') {
            (None, behind + 1)
        } else {
            let (kind, empty_is_unset) = operator_at(rest).ok_or(INVALID)?;
            let start = behind + 1 + usize::from(empty_is_unset);
            let close = self.closing_brace(dollar, start).ok_or(INVALID)?;
            let text = self.text.get(start..close).unwrap_or("");
            let operand = Template { text, line: None, parts: Vec::new() }.read(depth + 1)?;
            (Some(Operator { kind, empty_is_unset, operand }), close + 1)
        };
        self.parts.push(Part::Variable { name: name.to_owned(), operator });
        Ok(end)
    }

    /// The `}` that closes the reference at `dollar`: the one that matches, or the last one on the line.
    fn closing_brace(&mut self, dollar: usize, start: usize) -> Option<usize> {
        let last = self.last_brace(start).filter(|last| *last >= start)?;
        let mut open = 0_usize;
        let mut bytes = self.text.bytes().enumerate().take(last).skip(dollar);
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'}' if open <= 1 => return Some(at),
                b'}' => open -= 1,
                b'{' => {
                    open += 1;
                    // compose-go looks past the byte after a brace.
                    bytes.next();
                }
                _ => {}
            }
        }
        Some(last)
    }

    fn last_brace(&mut self, at: usize) -> Option<usize> {
        match self.line {
            Some((end, last)) if at <= end => last,
            _ => {
                let line = self.rest(at).split('\n').next().unwrap_or("");
                let last = line.rfind('}').map(|length| at + length);
                self.line = Some((at + line.len(), last));
                last
            }
        }
    }
}

fn name_at(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

fn operator_at(text: &str) -> Option<(OperatorKind, bool)> {
    let (sign, empty_is_unset) = match text.strip_prefix(':') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let kind = match sign.chars().next()? {
        '-' => OperatorKind::Default,
        '+' => OperatorKind::Replacement,
        '?' => OperatorKind::Required,
        _ => return None,
    };
    Some((kind, empty_is_unset))
}
