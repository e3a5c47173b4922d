//! Python source: what a file imports, reads from its environment, sets, starts and opens.
//!
//! The syntax tree comes from `ruff_python_parser`, which recovers from errors. Nothing of it is given out: a file
//! becomes a few small records, and its text is dropped.

mod addresses;
mod commands;
mod demands;
mod dicts;
mod django;
mod env_reads;
mod environment;
mod fallback;
mod guards;
mod imports;
mod literals;
mod lowering;
mod names;
mod nesting;
mod opened;
mod predicates;
mod presence;
mod records;
mod refusals;
mod scope;
mod settings;
mod settled;
#[cfg(test)]
mod tests;
mod truth;
mod types;
mod unbound;
mod walk;

use ruff_python_ast::visitor::Visitor;
use ruff_python_parser::{ParseError, ParseOptions};
use ruff_text_size::Ranged;
use source::{LineIndex, Span};

pub use django::{Loaded as LoadedByName, LoadedBy};
pub use lowering::decisions;
pub use types::{
    Address, Asked, Base, Branch, CommandWords, DefaultValue, Demand, DictEntry, EnvRead, FieldDefault, Form,
    How, Import, ImportedName, KeywordLiteral, Literal, Module, OpenedFile, Predicate, ReadForm, RecordCall,
    ShellText, Text,
};

use crate::{Parsed, Spanned, SyntaxError};
use literals::Source;
use walk::Walker;

/// Errors of one file that are told; a file of another language or version has one a line.
const MAX_ERRORS: usize = 20;
/// Bytes of one file that the parser can count: it holds offsets in 32 bits.
const MAX_BYTES: usize = 1 << 30;

/// Reads a Python file.
///
/// Syntax errors are told, the first twenty of them, and what stands around them is kept. A text whose brackets, blocks
/// or operators are nested too deep to be walked safely gives an error and only its imports. A stack of 8 MiB
/// suffices for what nests to these limits (tested, without optimisation).
#[must_use]
pub fn parse(text: &str) -> Parsed<Module> {
    let lines = LineIndex::new(text);
    let (body, offset) = source::without_bom(text);
    let source = Source { text: body, offset };
    if let Some(excess) = excess_of(body) {
        let span = Span::new(offset, offset);
        let message = format!("{excess}; only the imports of this file were read");
        return Parsed {
            tree: fallback::imports_by_line(source, &lines),
            errors: vec![SyntaxError { span, message }],
        };
    }
    let (tree, errors) = read(source, &lines);
    Parsed { tree, errors }
}

/// The dotted names in settings of Django, which it imports when it starts; none where the text has errors.
#[must_use]
pub fn settings_names(text: &str) -> Vec<Spanned<String>> {
    of_body(text, django::dotted_settings)
}

/// The modules that Django loads since this file names them in its settings or routes; none where the text has errors.
#[must_use]
pub fn loaded_by_django(text: &str) -> Vec<LoadedByName> {
    of_body(text, django::loaded)
}

/// Whether a module of this text may have an attribute of this name; `None` where the text has errors.
#[must_use]
pub fn may_bind(text: &str, name: &str) -> Option<bool> {
    of_body(text, |_, body| vec![unbound::may_bind(body, name)]).pop()
}

fn of_body<T>(text: &str, read: impl Fn(&Source<'_>, &[ruff_python_ast::Stmt]) -> Vec<T>) -> Vec<T> {
    let (body, offset) = source::without_bom(text);
    let source = Source { text: body, offset };
    if excess_of(body).is_some() {
        return Vec::new();
    }
    let options = ParseOptions::from(ruff_python_parser::Mode::Module);
    let parsed = ruff_python_parser::parse_unchecked(body, options);
    if !parsed.errors().is_empty() {
        return Vec::new();
    }
    match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) => read(&source, &module.body),
        ruff_python_ast::Mod::Expression(_) => Vec::new(),
    }
}

fn excess_of(text: &str) -> Option<&'static str> {
    if text.len() > MAX_BYTES { Some("the file is larger than 1 GiB") } else { nesting::too_deep(text) }
}

/// Parses and walks a text that is known not to nest too deep.
fn read(source: Source<'_>, lines: &LineIndex) -> (Module, Vec<SyntaxError>) {
    let options = ParseOptions::from(ruff_python_parser::Mode::Module);
    let parsed = ruff_python_parser::parse_unchecked(source.text, options);
    let errors: Vec<SyntaxError> =
        parsed.errors().iter().take(MAX_ERRORS).map(|error| told(source, error)).collect();
    let tree = match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) => {
            let mut walker = Walker::new(source, lines);
            walker.visit_body(&module.body);
            walker.settle_fields();
            // What the parser has mended may lack the lines that bind a name.
            if errors.is_empty() {
                walker.module.unbound = unbound::unbound(&source, &module.body);
            }
            ordered(walker.module)
        }
        ruff_python_ast::Mod::Expression(_) => Module::default(),
    };
    (tree, errors)
}

fn told(source: Source<'_>, error: &ParseError) -> SyntaxError {
    SyntaxError { span: source.span(error.range()), message: error.error.to_string() }
}

/// Records in the order of the text: reading has its own order where an outer expression holds another one.
fn ordered(mut module: Module) -> Module {
    module.imports.sort_by_key(|import| import.span);
    module.env_reads.sort_by_key(|read| (read.span, read.name.span));
    module.dict_entries.sort_by_key(|entry| entry.key.span);
    module.commands.sort_by_key(|words| words.span);
    module.shell_texts.sort_by_key(|text| text.text.span);
    module.keyword_literals.sort_by_key(|literal| literal.span);
    module.opened.sort_by_key(|file| file.span);
    module.addresses.sort_by_key(|address| address.url.span);
    module.demands.sort_by_key(|demand| demand.span);
    module.predicates = predicates::without_repetitions(module.predicates);
    module
}
