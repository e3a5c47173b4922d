//! Statements.

use std::sync::Arc;

use crate::decision::{
    Case, Expression, ExpressionKind, Handler, Import, ImportedNames, Pattern, Statement,
    StatementKind as Kind, Try,
};

use super::lexer::{Kind as Lexeme, unescaped};
use super::{Failed, Parse, Parser};

impl Parser<'_> {
    /// Everything that is left.
    pub(super) fn statements_until_end(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        while !self.is_end() {
            // A brace that closes nothing.
            if !self.take("}") {
                self.recovering(&mut statements);
            }
        }
        statements
    }

    /// Everything up to a closing brace.
    pub(super) fn statements_until_brace(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        while !self.is_end() && !self.is("}") {
            self.recovering(&mut statements);
        }
        statements
    }

    /// One statement; one that is not understood is opaque, up to where the next may begin.
    fn recovering(&mut self, into: &mut Vec<Statement>) {
        let start = self.at;
        let mut found = Vec::new();
        if self.attempt(|parser| parser.deeper(|parser| parser.statement(&mut found))).is_some() {
            into.append(&mut found);
            if self.at > start {
                return;
            }
        }
        self.skip_statement();
        self.at = self.at.max(start + 1);
        let kind = Kind::Opaque("a statement that is not understood".to_owned());
        into.push(Statement::new(kind, self.span_from(start)));
    }

    fn skip_statement(&mut self) {
        let start = self.at;
        while !self.is_end() {
            let token = self.token();
            let begins = token.newline
                && self.at > start
                && matches!(
                    token.text,
                    "const" | "let" | "var" | "function" | "export" | "import" | "return" | "if"
                );
            if begins || self.is("}") {
                return;
            }
            if self.is("{") || self.is("(") || self.is("[") {
                self.skip_brackets();
                continue;
            }
            self.at += 1;
            if token.text == ";" {
                return;
            }
        }
    }

    fn push(&self, into: &mut Vec<Statement>, start: usize, kind: Kind) {
        into.push(Statement::new(kind, self.span_from(start)));
    }

    fn statement(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        let token = self.token();
        if token.kind == Lexeme::Punctuation {
            return match token.text {
                ";" => {
                    self.at += 1;
                    Ok(())
                }
                "{" => {
                    let body = self.braced_block()?;
                    self.push(into, start, Kind::Block(body));
                    Ok(())
                }
                _ => self.expression_statement(into),
            };
        }
        if token.kind != Lexeme::Word {
            return self.expression_statement(into);
        }
        match token.text {
            "const" | "let" | "var" if !self.is_ahead(1, "enum") => self.declarations(into),
            "import" if !self.is_ahead(1, "(") && !self.is_ahead(1, ".") => self.import(into),
            "export" => self.export(into),
            "async" if self.is_ahead(1, "function") => {
                self.at += 1;
                self.statement(into)
            }
            "function" => {
                let function = Arc::new(self.function(true)?);
                self.push(into, start, Kind::Function(function));
                Ok(())
            }
            "abstract" if self.is_ahead(1, "class") => {
                self.at += 1;
                self.statement(into)
            }
            "class" => {
                let class = Arc::new(self.class()?);
                self.push(into, start, Kind::Class(class));
                Ok(())
            }
            "const" | "enum" => {
                self.at += usize::from(token.text == "const");
                self.enumeration(into)
            }
            "interface" | "declare" | "namespace" | "module" if self.ahead(1).kind == Lexeme::Word => {
                self.skip_declaration();
                Ok(())
            }
            "type" if self.ahead(1).kind == Lexeme::Word => {
                self.at += 2;
                if self.is("<") {
                    self.skip_angles();
                }
                self.expect("=")?;
                self.skip_type()
            }
            "if" => self.condition(into),
            "for" => self.looped(into),
            "while" => {
                self.at += 1;
                let test = self.parenthesized()?;
                let body = self.body()?;
                self.push(into, start, Kind::While(test, body));
                Ok(())
            }
            "return" | "throw" => self.leaving(into),
            "break" | "continue" => {
                self.at += 1;
                let kind = if token.text == "break" { Kind::Break } else { Kind::Continue };
                self.push(into, start, kind);
                Ok(())
            }
            "try" => self.tried(into),
            "switch" => self.switched(into),
            _ => self.expression_statement(into),
        }
    }

    fn skip_declaration(&mut self) {
        while !self.is_end() && !self.is("{") && !self.is(";") {
            self.at += 1;
        }
        if self.is("{") {
            self.skip_brackets();
        }
    }

    fn expression_statement(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        if self.take("delete") {
            let removed = self.unary()?;
            self.push(into, start, Kind::Delete(vec![removed]));
            return self.ended();
        }
        let value = self.expressions()?;
        let kind = match exported(&value) {
            Some(assigned) => {
                for (name, value) in assigned {
                    let target = Expression::new(ExpressionKind::Name(name), value.span);
                    self.push(into, start, Kind::Assign(vec![target], value));
                }
                return Ok(());
            }
            None => Kind::Expression(value),
        };
        self.push(into, start, kind);
        self.ended()
    }

    /// A statement ends at a semicolon, a brace or the end of a line.
    fn ended(&mut self) -> Parse<()> {
        if self.take(";") || self.is("}") || self.is_end() || self.token().newline {
            return Ok(());
        }
        Err(Failed)
    }

    fn declarations(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        self.at += 1;
        loop {
            let start = self.at;
            let target = self.binding()?;
            self.skip_annotation()?;
            let value = if self.take("=") { Some(self.expression()?) } else { None };
            self.push(into, start, Kind::Declare { target, annotation: None, value });
            if !self.take(",") {
                return self.ended();
            }
        }
    }

    fn parenthesized(&mut self) -> Parse<Expression> {
        self.expect("(")?;
        let value = self.expressions()?;
        self.expect(")")?;
        Ok(value)
    }

    /// A block, or one statement.
    fn body(&mut self) -> Parse<Vec<Statement>> {
        if self.is("{") {
            return self.braced_block();
        }
        let mut body = Vec::new();
        self.deeper(|parser| parser.statement(&mut body))?;
        Ok(body)
    }

    fn condition(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            self.expect("if")?;
            let test = self.parenthesized()?;
            branches.push((test, self.body()?));
            if !self.take("else") {
                break;
            }
            if !self.is("if") {
                otherwise = self.body()?;
                break;
            }
        }
        self.push(into, start, Kind::If(branches, otherwise));
        Ok(())
    }

    /// `for (const x of items)`; other loops are opaque.
    fn looped(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.at += 1;
        self.expect("(")?;
        if !(self.take("const") || self.take("let") || self.take("var")) {
            return Err(Failed);
        }
        let target = self.binding()?;
        self.expect("of")?;
        let iterable = self.expression()?;
        self.expect(")")?;
        let body = self.body()?;
        self.push(into, start, Kind::For { target, iterable, body, otherwise: Vec::new() });
        Ok(())
    }

    fn leaving(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        let raises = self.next().text == "throw";
        let ends = self.is(";") || self.is("}") || self.is_end() || self.token().newline;
        let value = if ends { None } else { Some(self.expressions()?) };
        self.push(into, start, if raises { Kind::Raise(value) } else { Kind::Return(value) });
        self.ended()
    }

    fn tried(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.at += 1;
        let body = self.braced_block()?;
        let mut handlers = Vec::new();
        if self.take("catch") {
            let mut name = None;
            if self.take("(") {
                name = Some(self.word()?.to_owned());
                self.skip_annotation()?;
                self.expect(")")?;
            }
            handlers.push(Handler { of: None, name, body: self.braced_block()? });
        }
        let finally = if self.take("finally") { self.braced_block()? } else { Vec::new() };
        let parts = Try { body, handlers, otherwise: Vec::new(), finally };
        self.push(into, start, Kind::Try(Box::new(parts)));
        Ok(())
    }

    /// A `switch` whose cases do not run into one another.
    fn switched(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.at += 1;
        let subject = self.parenthesized()?;
        self.expect("{")?;
        let mut cases: Vec<Case> = Vec::new();
        let mut waiting: Vec<Pattern> = Vec::new();
        let mut default = None;
        while !self.is("}") {
            if self.take("default") {
                waiting.push(Pattern::Any);
            } else {
                self.expect("case")?;
                waiting.push(Pattern::Value(self.expression()?));
            }
            self.expect(":")?;
            let mut body = Vec::new();
            while !self.is_end() && !self.is("}") && !self.is("case") && !self.is("default") {
                self.recovering(&mut body);
            }
            let is_last = self.is("}");
            if body.is_empty() && !is_last {
                continue;
            }
            if !is_last && !leaves(&body) {
                return Err(Failed);
            }
            let patterns = std::mem::take(&mut waiting);
            let case = Case { pattern: Pattern::Or(patterns.clone()), guard: None, body };
            if patterns.contains(&Pattern::Any) {
                default = Some(case);
            } else {
                cases.push(case);
            }
        }
        self.expect("}")?;
        cases.extend(default);
        self.push(into, start, Kind::Match(subject, cases));
        Ok(())
    }

    fn import(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.at += 1;
        if self.is("type") && !self.is_ahead(1, "from") && !self.is_ahead(1, ",") {
            self.skip_statement();
            return Ok(());
        }
        if self.token().kind == Lexeme::Text {
            self.at += 1;
            return self.ended();
        }
        let mut names = Vec::new();
        let mut module = None;
        if self.token().kind == Lexeme::Word {
            names.push(("default".to_owned(), self.word()?.to_owned()));
            self.take(",");
        }
        if self.take("*") {
            self.expect("as")?;
            module = Some(self.word()?.to_owned());
        } else if self.is("{") {
            names.extend(self.imported_names()?);
        }
        self.expect("from")?;
        let from = self.module()?;
        if let Some(alias) = module {
            let names = ImportedNames::Module(Some(alias));
            self.push(into, start, Kind::Import(Import { module: from.clone(), level: 0, names }));
        }
        if !names.is_empty() {
            let names = ImportedNames::Names(names);
            self.push(into, start, Kind::Import(Import { module: from, level: 0, names }));
        }
        self.ended()
    }

    fn module(&mut self) -> Parse<String> {
        let token = self.next();
        if token.kind != Lexeme::Text {
            return Err(Failed);
        }
        Ok(unescaped(token.text.get(1..token.text.len().saturating_sub(1)).unwrap_or("")))
    }

    /// `{ a, b as c }`: the names there and here.
    fn imported_names(&mut self) -> Parse<Vec<(String, String)>> {
        self.expect("{")?;
        let mut names = Vec::new();
        while !self.is("}") {
            if self.is("type") && self.ahead(1).kind == Lexeme::Word && !self.is_ahead(1, "as") {
                self.at += 1;
            }
            let name = self.word()?.to_owned();
            let local = if self.take("as") { self.word()?.to_owned() } else { name.clone() };
            names.push((name, local));
            if !self.take(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(names)
    }

    fn export(&mut self, into: &mut Vec<Statement>) -> Parse<()> {
        let start = self.at;
        self.at += 1;
        if self.is("{") {
            let names = self.imported_names()?;
            if self.take("from") {
                let module = self.module()?;
                let names = ImportedNames::Names(names);
                self.push(into, start, Kind::Import(Import { module, level: 0, names }));
            } else {
                for (name, exported) in names.into_iter().filter(|(name, exported)| name != exported) {
                    let span = self.span_from(start);
                    let target = Expression::new(ExpressionKind::Name(exported), span);
                    let value = Expression::new(ExpressionKind::Name(name), span);
                    self.push(into, start, Kind::Assign(vec![target], value));
                }
            }
            return self.ended();
        }
        if self.take("*") {
            let names = if self.take("as") {
                ImportedNames::Module(Some(self.word()?.to_owned()))
            } else {
                ImportedNames::All
            };
            self.expect("from")?;
            let module = self.module()?;
            self.push(into, start, Kind::Import(Import { module, level: 0, names }));
            return self.ended();
        }
        if !self.take("default") {
            return self.statement(into);
        }
        let named = self.is("function") && self.ahead(1).kind == Lexeme::Word
            || self.is("async") && self.ahead(2).kind == Lexeme::Word
            || self.is("class") && self.ahead(1).kind == Lexeme::Word;
        if !named {
            let value = self.expression()?;
            self.push(into, start, Kind::Assign(vec![default_name(self.span_from(start))], value));
            return self.ended();
        }
        self.statement(into)?;
        let name = match into.last().map(|statement| &statement.kind) {
            Some(Kind::Function(function)) => function.name.clone(),
            Some(Kind::Class(class)) => class.name.clone(),
            _ => return Ok(()),
        };
        let span = self.span_from(start);
        let value = Expression::new(ExpressionKind::Name(name), span);
        self.push(into, start, Kind::Assign(vec![default_name(span)], value));
        Ok(())
    }
}

fn default_name(span: source::Span) -> Expression {
    Expression::new(ExpressionKind::Name("default".to_owned()), span)
}

/// Whether a body's last statement leaves it.
fn leaves(body: &[Statement]) -> bool {
    match body.last().map(|statement| &statement.kind) {
        Some(Kind::Return(_) | Kind::Break | Kind::Raise(_) | Kind::Continue) => true,
        Some(Kind::Block(inner)) => leaves(inner),
        _ => false,
    }
}

/// What `module.exports = {..}` and `exports.a = ..` give to other modules.
fn exported(value: &Expression) -> Option<Vec<(String, Expression)>> {
    let ExpressionKind::Assign(target, value) = &value.kind else { return None };
    let target = target.dotted()?;
    if target == "module.exports" {
        if let ExpressionKind::Map(entries) = &value.kind {
            let named = entries.iter().filter_map(|(key, value)| {
                let name = key.as_ref()?.text()?.to_owned();
                // A name that is exported as itself is there already.
                let is_same = matches!(&value.kind, ExpressionKind::Name(own) if *own == name);
                (!is_same).then(|| (name, value.clone()))
            });
            return Some(named.collect());
        }
        return Some(vec![("default".to_owned(), (**value).clone())]);
    }
    let name = target.strip_prefix("module.exports.").or_else(|| target.strip_prefix("exports."))?;
    let is_same = matches!(&value.kind, ExpressionKind::Name(own) if own == name);
    Some(if is_same { Vec::new() } else { vec![(name.to_owned(), (**value).clone())] })
}
