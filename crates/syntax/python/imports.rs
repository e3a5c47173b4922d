//! Imports, as statements and as calls.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged;
use source::Span;

use super::literals::MAX_NAME;
use super::scope::Value;
use super::types::{Import, ImportedName};
use super::walk::Walker;

impl Walker<'_> {
    pub(super) fn import_statement(&mut self, import: &ast::StmtImport) {
        for alias in &import.names {
            let span = self.source.span(alias.name.range);
            self.record_import(&alias.name, 0, Vec::new(), span);
            if let Some(name) = &alias.asname {
                self.bind_import(name, alias.name.to_string());
            } else {
                let first = alias.name.split('.').next().unwrap_or_default();
                self.bind_import(first, first.to_owned());
            }
        }
    }

    pub(super) fn import_from_statement(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", ast::Identifier::as_str);
        let at = import.module.as_ref().map_or(import.range, |module| module.range);
        let names = import.names.iter().map(|alias| ImportedName {
            name: alias.name.to_string(),
            alias: alias.asname.as_ref().map(ToString::to_string),
        });
        let span = self.source.span(at);
        self.record_import(module, import.level, names.collect(), span);
        let dots = ".".repeat(import.level.min(8) as usize);
        for alias in &import.names {
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            self.bind_import(name, format!("{dots}{module}.{}", alias.name));
        }
    }

    fn bind_import(&mut self, name: &str, path: String) {
        let value = if path.len() <= MAX_NAME { Value::Path(path) } else { Value::Unknown };
        self.scopes.bind(name, value);
    }

    fn record_import(&mut self, module: &str, level: u32, names: Vec<ImportedName>, span: Span) {
        if module.is_empty() && level == 0 {
            return;
        }
        self.module.imports.push(Import {
            module: module.to_owned(),
            level,
            names,
            span,
            line: self.line(span),
            how: self.how(),
            function: self.function(),
        });
    }

    /// `importlib.import_module("a.b")`, `__import__("a.b")`, `uvicorn.run("a.b:app")`.
    pub(super) fn import_call(&mut self, call: &ast::ExprCall) {
        let Some(path) = self.path_of(&call.func) else { return };
        match path.as_str() {
            "importlib.import_module" => self.import_module(call),
            "__import__" | "builtins.__import__" | "importlib.__import__" => self.dunder_import(call),
            "uvicorn.run" => self.application_string(call),
            _ => {}
        }
    }

    fn import_module(&mut self, call: &ast::ExprCall) {
        let name = call.arguments.find_argument_value("name", 0).and_then(|name| self.known_text(name));
        let Some(name) = name else { return };
        let module = name.value.trim_start_matches('.');
        let dots = name.value.len() - module.len();
        let package = call.arguments.find_argument_value("package", 1);
        match package {
            Some(package) if dots > 0 => match self.absolute(package, module, dots) {
                Some(absolute) => self.record_import(&absolute, 0, Vec::new(), name.span),
                None => self.record_import(module, level(dots), Vec::new(), name.span),
            },
            _ => self.record_import(module, level(dots), Vec::new(), name.span),
        }
    }

    /// The module that `.module` is in a literal package; `None` where the package is that of this file.
    fn absolute(&self, package: &Expr, module: &str, dots: usize) -> Option<String> {
        let mut package = self.known_text(package)?.value;
        for _ in 1..dots {
            package.truncate(package.rfind('.')?);
        }
        Some(if module.is_empty() { package } else { format!("{package}.{module}") })
    }

    fn dunder_import(&mut self, call: &ast::ExprCall) {
        let name = call.arguments.find_argument_value("name", 0).and_then(|name| self.known_text(name));
        let Some(name) = name else { return };
        let level = match call.arguments.find_argument_value("level", 4) {
            Some(Expr::NumberLiteral(number)) => self.source.slice(number.range()).parse().unwrap_or(0),
            _ => 0,
        };
        self.record_import(&name.value, level, Vec::new(), name.span);
    }

    fn application_string(&mut self, call: &ast::ExprCall) {
        let application = call.arguments.find_argument_value("app", 0).and_then(|app| self.known_text(app));
        let Some(application) = application else { return };
        if let Some((module, attribute)) = application.value.split_once(':') {
            let names = vec![ImportedName { name: attribute.to_owned(), alias: None }];
            self.record_import(module, 0, names, application.span);
        }
    }
}

fn level(dots: usize) -> u32 {
    u32::try_from(dots).unwrap_or(u32::MAX)
}
