//! Reads of environment variables in TypeScript and JavaScript: `process.env.X`, `import.meta.env.X`, destructuring,
//! and the fields of a schema that the environment is held against.

use source::Span;

use super::MAX_BYTES;
use super::guards::{depths, guards};
use super::lexer::{self, Kind, Token, unescaped};
use crate::Spanned;

/// Templates inside the expressions of templates that are looked into.
const MAX_NESTING: usize = 4;

/// Methods of a schema's field that let its variable be absent.
const LENIENT: &[&str] = &["optional", "default", "nullish", "nullable", "catch", "prefault"];

/// One read of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvRead {
    /// The variable and its name's bytes.
    pub name: Spanned<String>,
    /// The literal used in its absence.
    pub default: Option<String>,
    /// Whether its absence raises: a schema's field that is not optional, or a condition that throws.
    pub required: bool,
    /// Whether it raises under further conditions only, or where a function is called.
    pub conditional: bool,
    /// Whether nothing is asked of the text but whether it is empty: `if (process.env.X)`, `!!process.env.X`.
    pub is_truth_test: bool,
}

/// The reads of a file in the order of the text; none of a file that is too large to be written by hand.
#[must_use]
pub fn env_reads(text: &str) -> Vec<EnvRead> {
    let mut reads = Vec::new();
    if text.len() <= MAX_BYTES {
        let (body, offset) = source::without_bom(text);
        read(body, offset, 0, &mut reads);
    }
    reads.sort_by_key(|read| read.name.span);
    reads
}

fn read(text: &str, offset: usize, nesting: usize, reads: &mut Vec<EnvRead>) {
    let reader = Reader { tokens: lexer::tokens(text), offset };
    let schema = reader.holds_environment_against_a_schema();
    let guards = guards(&reader.tokens, |at| reader.variable(at));
    let depths = depths(&reader.tokens);
    for at in 0..reader.tokens.len() {
        if let Some(after) = reader.environment(at) {
            reads.extend(reader.member(after).map(|read| {
                let read = EnvRead { is_truth_test: reader.is_truth_test(at), ..read };
                let by_name = guards.variables.get(read.name.value.as_str()).copied();
                let is_deep = depths.get(at).is_none_or(|depth| *depth > 0);
                let local = reader.bound_to(at).and_then(|local| guards.locals.get(local));
                let by_local = local.map(|conditional| *conditional || is_deep);
                match by_name.or(by_local).filter(|_| read.default.is_none()) {
                    Some(conditional) => EnvRead { required: true, conditional, ..read },
                    None => read,
                }
            }));
            reads.extend(reader.destructured(at));
        } else if schema {
            reads.extend(reader.field(at));
        }
        if let Some(token) = reader.tokens.get(at).filter(|token| token.kind == Kind::Template)
            && nesting < MAX_NESTING
        {
            for (start, inside) in expressions(token.text) {
                read(inside, offset + token.start + start, nesting + 1, reads);
            }
        }
    }
}

/// The expressions of a template with their offsets in it.
fn expressions(template: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = template.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at + 2) {
        let mut depth = 1_usize;
        let rest = template.get(start..).unwrap_or("");
        let end = rest.char_indices().find_map(|(at, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        let end = end.unwrap_or(rest.len());
        found.extend(rest.get(..end).map(|inside| (start, inside)));
        from = start + end;
    }
    found
}

struct Reader<'t> {
    tokens: Vec<Token<'t>>,
    offset: usize,
}

impl<'t> Reader<'t> {
    fn text(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(next, word)| self.text(at + next) == *word)
    }

    /// The token after `process.env` or `import.meta.env` that begins here.
    fn environment(&self, at: usize) -> Option<usize> {
        if self.is(at, &["process", ".", "env"]) || self.is(at, &["process", "?.", "env"]) {
            return Some(at + 3);
        }
        self.is(at, &["import", ".", "meta", ".", "env"]).then_some(at + 5)
    }

    /// The variable that a read which begins here is for, and the token after it.
    fn variable(&self, at: usize) -> Option<(&'t str, usize)> {
        let after = self.environment(at)?;
        let named = self.tokens.get(after + 1)?;
        match self.text(after) {
            "." | "?." => Some((named.text, after + 2)),
            "[" if self.text(after + 2) == "]" => Some((named.text.trim_matches(['"', '\'']), after + 3)),
            _ => None,
        }
    }

    /// The name that gets what is read here: `const NAME = process.env.X`.
    fn bound_to(&self, at: usize) -> Option<&'t str> {
        let before = |count: usize| at.checked_sub(count).map_or("", |at| self.text(at));
        let declares = before(1) == "=" && matches!(before(3), "const" | "let" | "var");
        declares.then(|| before(2))
    }

    /// Whether the read that begins here is only asked whether it is empty: `!X`, `if (X)`, `Boolean(X)`, `X ? a : b`.
    fn is_truth_test(&self, at: usize) -> bool {
        let Some((_, after)) = self.variable(at) else { return false };
        let before = |count: usize| at.checked_sub(count).map_or("", |at| self.text(at));
        let next = self.text(after);
        match before(1) {
            "!" => !matches!(next, "." | "?." | "[" | "(" | "!"),
            "(" if matches!(before(2), "if" | "while") => matches!(next, ")" | "&&" | "||"),
            "(" if before(2) == "Boolean" => next == ")",
            "=" | "(" | "," | ":" | "return" | "=>" => next == "?",
            _ => false,
        }
    }

    /// `.NAME` or `["NAME"]`, with the default behind it. A store is no read.
    fn member(&self, at: usize) -> Option<EnvRead> {
        let (name, after) = match self.text(at) {
            "." | "?." => (self.name(at + 1)?, at + 2),
            "[" if self.text(at + 2) == "]" => (self.name(at + 1)?, at + 3),
            _ => return None,
        };
        if self.text(after) == "=" {
            return None;
        }
        let after = if self.text(after) == "!" { after + 1 } else { after };
        let default = matches!(self.text(after), "??" | "||").then(|| self.literal(after + 1)).flatten();
        Some(EnvRead { name, default, required: false, conditional: false, is_truth_test: false })
    }

    /// `const { A, B = "x", C: c } = process.env`, seen from its end.
    fn destructured(&self, at: usize) -> Vec<EnvRead> {
        let mut reads = Vec::new();
        if at < 2 || self.text(at - 1) != "=" || self.text(at - 2) != "}" {
            return reads;
        }
        let end = at - 2;
        let Some(start) = (0..end).rev().find(|before| matches!(self.text(*before), "{" | "}" | ";")) else {
            return reads;
        };
        if self.text(start) != "{" {
            return reads;
        }
        for item in start + 1..end {
            let begins = matches!(self.text(item - 1), "{" | ",");
            if let Some(name) = self.name(item).filter(|_| begins) {
                let mut rest = (item + 1..end).take_while(|next| self.text(*next) != ",");
                let assigned = rest.find(|next| self.text(*next) == "=");
                let default = assigned.and_then(|equals| self.literal(equals + 1));
                reads.push(EnvRead {
                    name,
                    default,
                    required: false,
                    conditional: false,
                    is_truth_test: false,
                });
            }
        }
        reads
    }

    /// Whether a schema of zod is asked to read the environment.
    fn holds_environment_against_a_schema(&self) -> bool {
        (0..self.tokens.len()).any(|at| {
            let parses = matches!(self.text(at), "parse" | "safeParse") && self.text(at + 1) == "(";
            parses && self.environment(at + 2).is_some() || self.is(at, &["createEnv", "("])
        })
    }

    /// `NAME: z.string()` of a schema.
    fn field(&self, at: usize) -> Option<EnvRead> {
        if !(self.is(at + 1, &[":", "z", "."]) && matches!(self.text(at.checked_sub(1)?), "{" | ",")) {
            return None;
        }
        let name = self.name(at)?;
        let mut depth = 0_usize;
        let mut lenient = false;
        let mut default = None;
        for next in at + 2..self.tokens.len() {
            match self.text(next) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 0 => break,
                ")" | "]" | "}" => depth -= 1,
                "," if depth == 0 => break,
                method if depth == 0 && LENIENT.contains(&method) => {
                    lenient = true;
                    default = default.or_else(|| self.literal(next + 2).filter(|_| method == "default"));
                }
                _ => {}
            }
        }
        Some(EnvRead { name, default, required: !lenient, conditional: false, is_truth_test: false })
    }

    /// A name written as variables are, bare or in quotes.
    fn name(&self, at: usize) -> Option<Spanned<String>> {
        let token = self.tokens.get(at)?;
        let (text, start) = match token.kind {
            Kind::Word => (token.text, token.start),
            Kind::Text => (token.text.get(1..token.text.len().checked_sub(1)?)?, token.start + 1),
            _ => return None,
        };
        let is_name = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let named = text.len() > 1 && text.starts_with(|first: char| first.is_ascii_uppercase());
        let start = start + self.offset;
        (named && text.chars().all(is_name))
            .then(|| Spanned::new(text.to_owned(), Span::new(start, start + text.len())))
    }

    /// A string or a number.
    fn literal(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at)?;
        match token.kind {
            Kind::Text => token.text.get(1..token.text.len().checked_sub(1)?).map(unescaped),
            Kind::Template if !token.text.contains("${") => Some(token.text.trim_matches('`').to_owned()),
            Kind::Number => Some(token.text.to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str) -> Vec<(String, Option<String>, bool)> {
        let reads = env_reads(text);
        assert!(
            reads
                .iter()
                .all(|read| text.get(read.name.span.start..read.name.span.end) == Some(&read.name.value))
        );
        reads.into_iter().map(|read| (read.name.value, read.default, read.required)).collect()
    }

    fn plain(name: &str, default: Option<&str>) -> (String, Option<String>, bool) {
        (name.to_owned(), default.map(str::to_owned), false)
    }

    #[test]
    fn members_and_their_defaults() {
        let text = r#"
            const a = process.env.API_URL ?? "http://localhost:8000";
            const b = process.env['DB_HOST'] || `db`;
            const c = import.meta.env.VITE_KEY!;
            const d = `${process.env.HOST_NAME}/x${`${process.env.INNER}`}`;
            process.env.WRITTEN = "x"; // process.env.COMMENT
            const e = process.env.lower, f = "process.env.TEXT";
        "#;
        assert_eq!(
            read_as(text),
            [
                plain("API_URL", Some("http://localhost:8000")),
                plain("DB_HOST", Some("db")),
                plain("VITE_KEY", None),
                plain("HOST_NAME", None),
                plain("INNER", None),
            ]
        );
    }

    #[test]
    fn destructuring() {
        let text = "const { A_B, C_D = 'x', E_F: e } = process.env; const { G_H } = config;";
        assert_eq!(read_as(text), [plain("A_B", None), plain("C_D", Some("x")), plain("E_F", None)]);
    }

    #[test]
    fn conditions_that_throw() {
        let text = "const key = process.env.A_KEY;
            if (!key || !process.env.B_KEY) { throw new Error('set it'); }
            if (!process.env.C_KEY) console.warn('better set it');
            if (process.env.D_KEY) throw new Error('do not set it');
            function later() { if (!process.env['E_KEY']) process.exit(1); }
            const other = process.env.F_KEY; if (!other && key) throw key;";
        let told: Vec<_> = env_reads(text)
            .into_iter()
            .map(|read| (read.name.value, read.required, read.conditional))
            .filter(|(_, required, _)| *required)
            .collect();
        let found = |name: &str, conditional| (name.to_owned(), true, conditional);
        assert_eq!(told, [found("A_KEY", false), found("B_KEY", false), found("E_KEY", true)]);
    }

    #[test]
    fn what_only_asks_whether_a_text_is_empty() {
        let text = "const a = !!process.env.A_A, b = Boolean(process.env.B_B), c = process.env.C_C ? 1 : 2;
            if (process.env.D_D && a) {} if (!process.env['E_E']) {}
            const f = process.env.F_F === 'true', g = process.env.G_G || 'x', h = !process.env.H_H.includes('x');
            if (process.env.I_I !== '1') {} run(process.env.J_J); const k = x === process.env.K_K ? 1 : 2;";
        let reads = env_reads(text).into_iter().filter(|read| read.is_truth_test);
        let found: Vec<_> = reads.map(|read| read.name.value).collect();
        assert_eq!(found, ["A_A", "B_B", "C_C", "D_D", "E_E"]);
    }

    #[test]
    fn fields_of_a_schema() {
        let text = "const s = z.object({ A_B: z.string().url(), C_D: z.coerce.number().default(3), E_F: z.string().optional() });
            export const env = s.parse(process.env);";
        assert_eq!(
            read_as(text),
            [("A_B".to_owned(), None, true), plain("C_D", Some("3")), plain("E_F", None),]
        );
        assert!(read_as("const s = z.object({ A_B: z.string() })").is_empty());
    }
}
