//! What a TypeScript or JavaScript file imports: `import`, `export ... from`, `import()` and `require()` with a
//! literal specifier.

use source::Span;

use super::MAX_BYTES;
use super::lexer::{self, Kind, Token};
use crate::Spanned;

/// The imports of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imports {
    /// In the order of the text.
    pub imports: Vec<Import>,
    /// Whether it exports something that exists when it runs; a module of types alone does not.
    pub exports_values: bool,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What is imported, without quotes: `./server`, `@/lib/db`, `react`.
    pub specifier: Spanned<String>,
    /// When it is loaded.
    pub how: How,
    /// Whether names are taken from it; compilers drop such an import where all of them are types.
    pub takes_names: bool,
}

/// When an import is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// With the module.
    TopLevel,
    /// When a function or a branch runs: `import()`, `require()` inside braces.
    Lazy,
    /// Inside a `try` or with a `.catch`.
    Guarded,
    /// Never: `import type`.
    TypeOnly,
}

/// The imports of a file; none of one that is too large to be written by hand.
#[must_use]
pub fn imports(text: &str) -> Imports {
    if text.len() > MAX_BYTES {
        return Imports { imports: Vec::new(), exports_values: true };
    }
    let (body, offset) = source::without_bom(text);
    Reader { tokens: lexer::tokens(body), offset }.read()
}

/// The imports of the scripts in a Vue or Svelte component, or in a page of HTML, with spans in the whole text.
#[must_use]
pub fn component_imports(text: &str) -> Imports {
    let mut found = Imports { imports: Vec::new(), exports_values: true };
    let mut from = 0;
    while let Some((start, end)) = script(text, from).filter(|_| text.len() <= MAX_BYTES) {
        let mut inner = imports(text.get(start..end).unwrap_or(""));
        for import in &mut inner.imports {
            import.specifier.span = import.specifier.span.shifted(start);
        }
        found.imports.extend(inner.imports);
        from = end;
    }
    found
}

/// The modules that a page of HTML loads from its own site, and those that its own scripts import. A path without a
/// folder is relative to the page.
#[must_use]
pub fn page_imports(text: &str) -> Imports {
    let mut found = component_imports(text);
    let mut from = 0;
    while let Some(tag) = text.get(from..).and_then(|rest| rest.find("<script")).map(|at| from + at) {
        let end = text.get(tag..).and_then(|rest| rest.find('>')).map_or(text.len(), |end| tag + end);
        found.imports.extend(module_of_tag(text.get(tag..end).unwrap_or(""), tag));
        from = end;
    }
    found
}

/// The module of `<script type="module" src="/src/main.ts"`.
fn module_of_tag(tag: &str, offset: usize) -> Option<Import> {
    let at = tag.find("src=").filter(|_| tag.contains("module"))? + 5;
    let quote = tag.get(at - 1..at).filter(|quote| matches!(*quote, "\"" | "'"))?;
    let path = tag.get(at..)?.split(quote).next().filter(|path| !path.is_empty() && !path.contains("//"))?;
    let specifier = if path.starts_with(['.', '/']) { path.to_owned() } else { format!("./{path}") };
    let span = Span::new(offset + at, offset + at + path.len());
    Some(Import { specifier: Spanned::new(specifier, span), how: How::TopLevel, takes_names: false })
}

/// The next text between `<script ...>` and `</script>`.
fn script(text: &str, from: usize) -> Option<(usize, usize)> {
    let tag = from + text.get(from..)?.find("<script")?;
    let start = tag + text.get(tag..)?.find('>')? + 1;
    let length = text.get(start..)?.find("</script").unwrap_or(text.len() - start);
    Some((start, start + length))
}

struct Reader<'t> {
    tokens: Vec<Token<'t>>,
    offset: usize,
}

/// What an open brace holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brace {
    /// The body of a `try`.
    Try,
    /// An object that is made at once: `module.exports = {`.
    Object,
    /// The body of a function, of a class or of a branch.
    Body,
}

/// What stands around a token.
#[derive(Default)]
struct Around {
    /// The open braces, the outermost first.
    braces: Vec<Brace>,
    /// Whether the statement so far says that what follows may not run at once: `=>`, `if`, `&&`.
    may_wait: bool,
}

impl Around {
    fn pass(&mut self, before: &str, token: &Token<'_>) {
        match token.text {
            "{" => self.braces.push(match before {
                "try" => Brace::Try,
                "=" | ":" | "," | "(" | "[" | "default" if !self.may_wait => Brace::Object,
                _ => Brace::Body,
            }),
            // An object is only seen as one where nothing waits.
            "}" => {
                self.braces.pop();
                self.may_wait = false;
            }
            ";" => self.may_wait = false,
            "const" | "let" | "var" | "import" | "export" if token.newline => self.may_wait = false,
            "=>" | "if" | "&&" | "||" | "??" | "?" | "case" => self.may_wait = true,
            _ => {}
        }
    }

    fn how(&self) -> How {
        match () {
            () if self.braces.contains(&Brace::Try) => How::Guarded,
            () if self.braces.contains(&Brace::Body) || self.may_wait => How::Lazy,
            () => How::TopLevel,
        }
    }
}

impl<'t> Reader<'t> {
    fn text(&self, at: usize) -> &'t str {
        self.tokens.get(at).filter(|token| token.kind != Kind::Text).map_or("", |token| token.text)
    }

    fn read(&self) -> Imports {
        let mut found = Imports::default();
        let mut around = Around::default();
        let mut before = "";
        for (at, token) in self.tokens.iter().enumerate() {
            if matches!(token.kind, Kind::Word | Kind::Punctuation) {
                if before != "." && before != "?." {
                    found.imports.extend(self.import(at, before, &around));
                }
                found.exports_values |= self.is_value_export(at);
                around.pass(before, token);
            }
            before = token.text;
        }
        found
    }

    fn import(&self, at: usize, before: &str, around: &Around) -> Option<Import> {
        match self.text(at) {
            "import" if self.text(at + 1) == "(" => self.dynamic(at, before, around),
            "import" if around.braces.is_empty() => self.import_line(at),
            "export" if around.braces.is_empty() => self.export_line(at),
            "require" if self.text(at + 1) == "(" && self.text(at + 3) == ")" => {
                // What is required is run, whatever is taken of it; `import a = require("./a")` is an import.
                let is_import = before == "=" && at > 2 && self.text(at - 3) == "import";
                Some(Import { how: around.how(), takes_names: is_import, ..self.specifier(at + 2)? })
            }
            _ => None,
        }
    }

    /// `import("./x")`; one that is used as a type is followed by a name of it.
    fn dynamic(&self, at: usize, before: &str, around: &Around) -> Option<Import> {
        let import = self.specifier(at + 2)?;
        if !matches!(self.text(at + 3), ")" | ",") {
            return None;
        }
        let follows = (self.text(at + 4), self.text(at + 5));
        let how = match follows {
            _ if before == "typeof" => How::TypeOnly,
            (".", "catch") => How::Guarded,
            (".", name) if !matches!(name, "then" | "finally") => How::TypeOnly,
            // A module that waits for another one starts with it.
            _ if before == "await" => around.how(),
            _ => How::Lazy,
        };
        Some(Import { how: how.max(if around.how() == How::Guarded { How::Guarded } else { how }), ..import })
    }

    /// `import "./x"`, `import a, { b } from "./x"`, `import type { T } from "./x"`.
    fn import_line(&self, at: usize) -> Option<Import> {
        if let Some(import) = self.specifier(at + 1) {
            return Some(Import { takes_names: false, ..import });
        }
        let of_types = self.text(at + 1) == "type" && !matches!(self.text(at + 2), "from" | "," | "=");
        let from = self.from(at + 1)?;
        let import = self.specifier(from + 1)?;
        let only_types = of_types || self.takes_types_alone(at + 1, from);
        Some(Import { how: if only_types { How::TypeOnly } else { How::TopLevel }, ..import })
    }

    /// `export * from "./x"`, `export { a } from "./x"`.
    fn export_line(&self, at: usize) -> Option<Import> {
        let of_types = self.text(at + 1) == "type";
        let first = at + 1 + usize::from(of_types);
        if !matches!(self.text(first), "*" | "{") {
            return None;
        }
        let from = self.from(first)?;
        let only_types = of_types || self.takes_types_alone(first, from);
        let how = if only_types { How::TypeOnly } else { How::TopLevel };
        Some(Import { how, ..self.specifier(from + 1)? })
    }

    /// The `from` of an import whose names begin here: nothing but names and their list stands between.
    fn from(&self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            let token = self.tokens.get(at)?;
            let is_text = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == Kind::Text);
            match (token.kind, token.text) {
                (Kind::Word, "from") if is_text(at + 1) => return Some(at),
                // The next one begins; this one was none.
                (Kind::Word, "import" | "export") => return None,
                (Kind::Word, _) | (Kind::Punctuation, "," | "{" | "}" | "*") => at += 1,
                (Kind::Text, _) => at += 1,
                _ => return None,
            }
        }
    }

    /// Whether each name of `{ type A, type B }` is a type, and none stands outside.
    fn takes_types_alone(&self, start: usize, end: usize) -> bool {
        if self.text(start) != "{" || self.text(end.saturating_sub(1)) != "}" {
            return false;
        }
        let names = (start + 1..end).filter(|at| matches!(self.text(at - 1), "{" | ","));
        let mut names = names.filter(|at| self.text(*at) != "}").peekable();
        let is_type = |at: usize| self.text(at) == "type" && !matches!(self.text(at + 1), "," | "}" | "as");
        names.peek().is_some() && names.all(is_type)
    }

    /// A literal specifier.
    fn specifier(&self, at: usize) -> Option<Import> {
        let token = self.tokens.get(at)?;
        let is_literal =
            token.kind == Kind::Text || (token.kind == Kind::Template && !token.text.contains("${"));
        let value = token.text.get(1..token.text.len().checked_sub(1)?).filter(|_| is_literal)?;
        let start = self.offset + token.start + 1;
        let specifier = Spanned::new(value.to_owned(), Span::new(start, start + value.len()));
        (!value.is_empty() && !value.contains('\\')).then_some(Import {
            specifier,
            how: How::TopLevel,
            takes_names: true,
        })
    }

    /// `export` of something that is no type, or what a `CommonJS` module exports by.
    fn is_value_export(&self, at: usize) -> bool {
        match self.text(at) {
            "export" => match self.text(at + 1) {
                "interface" | "declare" => false,
                "type" => self.text(at + 2) == "=",
                _ => true,
            },
            "module" | "exports" => matches!(self.text(at + 1), "." | "[" | "="),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, How)> {
        let found = imports(text).imports;
        assert!(found.iter().all(|import| import.specifier.span.of(text) == import.specifier.value));
        found.into_iter().map(|import| (import.specifier.value, import.how)).collect()
    }

    fn how(text: &str, wanted: How) {
        let all = read(text);
        assert!(!all.is_empty() && all.iter().all(|(_, how)| *how == wanted), "{text}: {all:?}");
    }

    #[test]
    fn each_form_of_import() {
        how(
            "\u{feff}import a, { b as c } from './a'; import * as d from \"./d\"\nimport './e'",
            How::TopLevel,
        );
        how("export * from './a'; export { b } from './b'; export * as c from './c'", How::TopLevel);
        how("const a = require('./a')\nimport b = require('./b')", How::TopLevel);
        how(
            "import type from './a'; import type, { B } from './b'; import { type } from './c'",
            How::TopLevel,
        );
        how("const load = () => import('./a'); function f() { return require('./b') }", How::Lazy);
        how("if (x) require('./a'); const b = x && require('./b')", How::Lazy);
        how("module.exports = { a: require('./a'), b: { c: require('./b') } }", How::TopLevel);
        how("await import('./a'); const b = (await import('./b')).default", How::TopLevel);
        how(
            "const f = () => ({ a: { b: 1 }, c: require('./a') }); const g = { h() { return require('./b') } }
            async function i() { await import('./c') }; if (x) await import('./d')",
            How::Lazy,
        );
        how("try { require('./a') } catch {}\nimport('./b').catch(() => {})", How::Guarded);
        how("async function f() { try { await import('./a') } catch {} }", How::Guarded);
        how(
            "import type { A } from './a'; export type { B } from './b'; import type C from './c'",
            How::TypeOnly,
        );
        how(
            "import { type A, type B } from './a'; let x: import('./b').B; let y: typeof import('./c')",
            How::TypeOnly,
        );
        assert_eq!(read("const f = () => 1\nconst a = require('./a')").first().unwrap().1, How::TopLevel);
    }

    #[test]
    fn what_is_required_is_run() {
        let takes = |text: &str| imports(text).imports.first().map(|import| import.takes_names);
        assert_eq!(takes("require('./a')"), Some(false));
        assert_eq!(takes("const a = require('./a')"), Some(false));
        assert_eq!(takes("import a = require('./a')"), Some(true));
        assert_eq!(takes("import a from './a'"), Some(true));
    }

    #[test]
    fn what_is_no_import() {
        let text =
            "// import './a'\nconst s = \"import './b'\"; x.require('./c'); x.import('./d'); import(name);
            require(`./${name}`); import.meta.env; require.resolve('./e'); export const from = './f';
            export default function () { return <p>Don't</p> }";
        assert_eq!(read(text), []);
    }

    #[test]
    fn values_and_types() {
        for text in ["export const a = 1", "export default 1", "module.exports = {}", "export * from './a'"] {
            assert!(imports(text).exports_values, "{text}");
        }
        let text =
            "import './x'; export interface A { b: string }\nexport type B = A; export declare const c: B";
        assert!(!imports(text).exports_values);
    }

    #[test]
    fn scripts_of_components_and_pages() {
        let text = "<template>é</template>\n<script setup lang=\"ts\">\nimport a from './a.vue'\n</script>";
        let found = component_imports(text).imports;
        assert_eq!(found.first().unwrap().specifier.span.of(text), "./a.vue");
        let page = "<script>import './a'</script><script type='module' src='/src/main.tsx'></script><script src='x'>";
        let specifiers: Vec<_> =
            page_imports(page).imports.into_iter().map(|import| import.specifier).collect();
        assert_eq!(
            specifiers.iter().map(|found| &*found.value).collect::<Vec<_>>(),
            ["./a", "/src/main.tsx"]
        );
        assert_eq!(specifiers.last().unwrap().span.of(page), "/src/main.tsx");
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read(text in "([a-z'\"`{}()<>/;,.*é\\n ]|import |require\\(|from |<script src=)*") {
            for import in imports(&text).imports.iter().chain(&page_imports(&text).imports) {
                prop_assert!(import.specifier.value.ends_with(import.specifier.span.of(&text)));
            }
        }
    }
}
