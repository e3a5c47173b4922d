//! pydantic settings classes: each field is a variable.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::guards::Guard;
use super::literals::{MAX_NAME, dotted, items_of};
use super::scope::{SettingsStyle, Value};
use super::types::{Asked, DefaultValue, Demand, EnvRead, How, ReadForm};
use super::walk::Walker;
use crate::Spanned;

/// Objects of settings classes, and classes, that are followed.
const MAX_MADE: usize = 64;

/// The variables of one field, and what stands in for them.
struct Field {
    names: Vec<Spanned<String>>,
    default: Option<DefaultValue>,
}

impl<'t> Walker<'t> {
    /// Records the fields of a settings class; `None` where a class is none.
    pub(super) fn settings_class(&mut self, class: &'t ast::StmtClassDef) -> Option<SettingsStyle> {
        let mut style = class.bases().iter().find_map(|base| self.settings_base(base))?;
        self.settings_bases.push((class.name.to_string(), class.bases().iter().filter_map(dotted).collect()));
        self.keywords_into(&mut style, class.keywords());
        for stmt in &class.body {
            self.style_statement(&mut style, stmt);
        }
        for stmt in &class.body {
            if let Stmt::AnnAssign(field) = stmt {
                self.record_field(&style, class, field);
            }
        }
        Some(style)
    }

    /// Takes note of `Settings()` where it runs as soon as the module is loaded.
    pub(super) fn settings_made(&mut self, call: &ast::ExprCall, callee: &str) {
        let is_settings = matches!(self.scopes.get(callee), Some(Value::Settings(_)));
        if is_settings && matches!(self.how(), How::TopLevel | How::MainBlock) && self.made.len() < MAX_MADE {
            let given = call.arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
            self.made.push((callee.to_owned(), given.map(ToString::to_string).collect()));
        }
    }

    /// Fields are read where an object of the class, or of one below it, is made, unless they are given to it.
    pub(super) fn settle_fields(&mut self) {
        let Self { module, made, settings_bases, .. } = self;
        let fields = module.env_reads.iter_mut().filter(|read| read.form == ReadForm::Field);
        for field in fields.filter(|field| field.required && field.function.is_none()) {
            let mut makers = vec![field.via.as_str()];
            let mut at = 0;
            while let Some(base) = makers.get(at).copied().filter(|_| makers.len() <= MAX_MADE) {
                let below = settings_bases.iter().filter(|(_, bases)| bases.iter().any(|name| name == base));
                for (class, _) in below {
                    if !makers.contains(&class.as_str()) {
                        makers.push(class);
                    }
                }
                at += 1;
            }
            let mut making = made.iter().filter(|(class, _)| makers.contains(&class.as_str())).peekable();
            field.conditional |= making.peek().is_none();
            let is_given =
                |given: &[String]| given.iter().any(|name| name.eq_ignore_ascii_case(&field.name.value));
            field.required &= making.peek().is_none() || making.any(|(_, given)| !is_given(given));
        }
    }

    fn settings_base(&self, base: &Expr) -> Option<SettingsStyle> {
        if let Some(Value::Settings(style)) = dotted(base).and_then(|name| self.scopes.get(&name)) {
            return Some(style.clone());
        }
        let path = self.path_of(base)?;
        let version_1 = path == "pydantic.BaseSettings" || path.starts_with("pydantic.v1.");
        path.ends_with("BaseSettings").then(|| SettingsStyle { version_1, ..SettingsStyle::default() })
    }

    /// `model_config = SettingsConfigDict(env_prefix="X_")` and `class Config: env_prefix = "X_"`.
    fn style_statement(&mut self, style: &mut SettingsStyle, stmt: &'t Stmt) {
        match stmt {
            Stmt::Assign(assign) if assign.targets.iter().any(is_model_config) => {
                self.style_value(style, &assign.value);
            }
            Stmt::AnnAssign(assign) if is_model_config(&assign.target) => {
                if let Some(value) = &assign.value {
                    self.style_value(style, value);
                }
            }
            Stmt::ClassDef(config) if config.name.as_str() == "Config" => {
                for stmt in &config.body {
                    if let Stmt::Assign(assign) = stmt {
                        for name in assign.targets.iter().filter_map(dotted) {
                            self.style_option(style, &name, &assign.value);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn style_value(&mut self, style: &mut SettingsStyle, value: &'t Expr) {
        match value {
            Expr::Call(call) => self.keywords_into(style, &call.arguments.keywords),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    let key = item.key.as_ref().and_then(|key| self.source.plain_text_of(key));
                    if let Some(key) = key {
                        self.style_option(style, &key.value, &item.value);
                    }
                }
            }
            _ => {}
        }
    }

    fn keywords_into(&mut self, style: &mut SettingsStyle, keywords: &'t [ast::Keyword]) {
        for keyword in keywords {
            if let Some(name) = &keyword.arg {
                self.style_option(style, name, &keyword.value);
            }
        }
    }

    fn style_option(&mut self, style: &mut SettingsStyle, name: &str, value: &'t Expr) {
        match name {
            "env_prefix" => {
                if let Some(prefix) = self.known_text(value).filter(|prefix| prefix.value.len() <= MAX_NAME) {
                    style.prefix = prefix.value;
                }
            }
            "case_sensitive" => {
                style.case_sensitive = matches!(value, Expr::BooleanLiteral(literal) if literal.value);
            }
            "env_file" => {
                for file in items_of(value).unwrap_or(std::slice::from_ref(value)) {
                    if let Some(located) = self.path_text(file) {
                        self.record_opened(located, file, "env_file");
                    }
                }
            }
            _ => {}
        }
    }

    fn record_field(
        &mut self,
        style: &SettingsStyle,
        class: &ast::StmtClassDef,
        field: &'t ast::StmtAnnAssign,
    ) {
        let Expr::Name(name) = &*field.target else { return };
        let private = name.id.starts_with('_') || name.id.as_str() == "model_config";
        if private || self.is_class_variable(&field.annotation) {
            return;
        }
        let span = self.source.span(name.range);
        let derived = Spanned::new(cased(style, &format!("{}{}", style.prefix, name.id)), span);
        let read = self.field_of(style, field, derived);
        let optional = style.version_1 && self.is_optional(&field.annotation);
        let required = read.default.is_none() && read.names.len() == 1 && !optional;
        let whole = self.source.span(field.range);
        if read.default.is_none() && read.names.len() > 1 && !optional {
            // Any of them will do.
            self.module.demands.push(Demand {
                names: read.names.iter().map(|name| name.value.clone()).collect(),
                environments: Vec::new(),
                span: whole,
                line: self.line(whole),
                function: self.function(),
            });
        }
        for name in read.names {
            self.module.env_reads.push(EnvRead {
                name,
                required,
                conditional: self.guards.contains(&Guard::Conditional),
                default: read.default.clone(),
                span: whole,
                line: self.line(whole),
                function: self.function(),
                within: self.within(),
                via: class.name.to_string(),
                wrapper: true,
                form: ReadForm::Field,
                asked: Asked::Text,
            });
        }
    }

    /// An alias replaces prefix and name; the case follows the class.
    fn field_of(&self, style: &SettingsStyle, field: &ast::StmtAnnAssign, derived: Spanned<String>) -> Field {
        let call = match field.value.as_deref() {
            None => return Field { names: vec![derived], default: None },
            Some(Expr::Call(call)) if self.is_field_call(call) => call,
            Some(value) => {
                let default = (!value.is_ellipsis_literal_expr()).then(|| self.default_value(value));
                return Field { names: vec![derived], default };
            }
        };
        let keyword = |name: &str| call.arguments.find_keyword(name).map(|keyword| &keyword.value);
        let alias = ["validation_alias", "env", "alias"].into_iter().filter_map(keyword);
        let aliases = alias.map(|alias| self.aliases_in(style, alias)).find(|names| !names.is_empty());
        let factory = keyword("default_factory").map(|factory| DefaultValue {
            text: String::new(),
            literal: None,
            span: self.source.span(factory.range()),
        });
        let default = call
            .arguments
            .find_argument_value("default", 0)
            .filter(|default| !default.is_ellipsis_literal_expr());
        let default = default.map(|default| self.default_value(default)).or(factory);
        Field { names: aliases.unwrap_or_else(|| vec![derived]), default }
    }

    fn is_field_call(&self, call: &ast::ExprCall) -> bool {
        self.path_of(&call.func).is_some_and(|path| path.rsplit('.').next() == Some("Field"))
    }

    /// `"NAME"`, `["A", "B"]`, `AliasChoices("A", "B")`.
    fn aliases_in(&self, style: &SettingsStyle, alias: &Expr) -> Vec<Spanned<String>> {
        let single = std::slice::from_ref(alias);
        let names = match alias {
            Expr::Call(choices) => &*choices.arguments.args,
            _ => items_of(alias).unwrap_or(single),
        };
        let texts = names.iter().take(16).filter_map(|name| self.source.plain_text_of(name));
        texts.map(|text| Spanned::new(cased(style, &text.value), text.span)).collect()
    }

    fn is_class_variable(&self, annotation: &Expr) -> bool {
        self.annotation_name(annotation).is_some_and(|name| name == "ClassVar" || name == "typing.ClassVar")
    }

    /// `Optional[str]`, `str | None`, `Any`.
    fn is_optional(&self, annotation: &Expr) -> bool {
        let by_name = self
            .annotation_name(annotation)
            .is_some_and(|name| matches!(name.rsplit('.').next(), Some("Optional" | "Any")));
        by_name || self.source.slice(annotation.range()).contains("None")
    }

    fn annotation_name(&self, annotation: &Expr) -> Option<String> {
        match annotation {
            Expr::Subscript(subscript) => self.path_of(&subscript.value),
            _ => self.path_of(annotation),
        }
    }
}

fn is_model_config(target: &Expr) -> bool {
    matches!(target, Expr::Name(name) if name.id.as_str() == "model_config")
}

fn cased(style: &SettingsStyle, name: &str) -> String {
    if style.case_sensitive { name.to_owned() } else { name.to_uppercase() }
}
