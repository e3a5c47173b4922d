//! Modules of the standard library that are used by name when a file is loaded, and that it never imports.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::literals::Source;
use crate::Spanned;

/// The modules; a name of the project's own that is bound by magic is seldom one of these.
const MODULES: [&str; 9] =
    ["datetime", "json", "logging", "os", "pathlib", "re", "subprocess", "sys", "time"];

/// Every use of such a module as `os.x` that runs when the file is loaded, where nothing in the file binds its name.
pub(super) fn unbound(source: &Source<'_>, body: &[Stmt]) -> Vec<Spanned<String>> {
    let mut bound = Bound::default();
    bound.visit_body(body);
    if bound.is_open {
        return Vec::new();
    }
    let mut uses = Uses { bound: &bound.names, found: Vec::new(), nesting: 0 };
    uses.visit_body(body);
    let spanned = |(name, range)| Spanned::new(name, source.span(range));
    uses.found.into_iter().map(spanned).collect()
}

/// Whether anything in the file may bind this name, so that the module has it.
pub(super) fn may_bind(body: &[Stmt], name: &str) -> bool {
    let mut bound = Bound::default();
    bound.visit_body(body);
    bound.is_open || bound.names.contains(name) || bound.names.contains("__getattr__")
}

/// Every name that anything in the file binds, wherever that is.
#[derive(Default)]
struct Bound {
    names: HashSet<String>,
    /// Whether names may be bound that the text does not tell.
    is_open: bool,
}

impl<'a> Visitor<'a> for Bound {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.names.insert(name.split('.').next().unwrap_or(name).to_owned());
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.is_open |= &alias.name == "*";
                    self.names.insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
                }
            }
            Stmt::FunctionDef(function) => {
                self.names.insert(function.name.to_string());
            }
            Stmt::ClassDef(class) => {
                self.names.insert(class.name.to_string());
            }
            Stmt::Global(global) => self.names.extend(global.names.iter().map(ToString::to_string)),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx != ExprContext::Load => {
                self.names.insert(name.id.to_string());
            }
            // `globals()["os"] = ...`, `exec(...)`
            Expr::Name(name)
                if matches!(name.id.as_str(), "globals" | "exec" | "vars" | "locals" | "setattr") =>
            {
                self.is_open = true;
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(caught) = handler;
        self.names.extend(caught.name.as_ref().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_parameters(&mut self, parameters: &'a ast::Parameters) {
        self.names.extend(parameters.iter().map(|parameter| parameter.name().to_string()));
        visitor::walk_parameters(self, parameters);
    }
}

/// What the file's own code uses, outside of functions.
struct Uses<'b> {
    bound: &'b HashSet<String>,
    found: Vec<(String, ruff_text_size::TextRange)>,
    /// How many conditions and `try` statements are around this place.
    nesting: usize,
}

impl<'a> Visitor<'a> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            // These run when they are called.
            Stmt::FunctionDef(_) => return,
            // Which branch runs, and what is caught, is not looked into; `with` may catch, too.
            Stmt::If(_) | Stmt::Try(_) | Stmt::Match(_) | Stmt::While(_) | Stmt::With(_) => {
                self.nesting += 1;
                visitor::walk_stmt(self, stmt);
                self.nesting -= 1;
                return;
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) => return,
            Expr::Attribute(attribute) => {
                if let Expr::Name(name) = &*attribute.value
                    && self.nesting == 0
                    && MODULES.contains(&name.id.as_str())
                    && !self.bound.contains(name.id.as_str())
                {
                    self.found.push((name.id.to_string(), name.range()));
                }
            }
            // All but the first list is looked at when somebody asks for an item.
            Expr::Generator(generator) => {
                if let Some(first) = generator.generators.first() {
                    self.visit_expr(&first.iter);
                }
                return;
            }
            // One side may never be evaluated.
            Expr::If(_) | Expr::BoolOp(_) => {
                self.nesting += 1;
                visitor::walk_expr(self, expr);
                self.nesting -= 1;
                return;
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    // Annotations may be texts that nobody evaluates.
    fn visit_annotation(&mut self, _: &'a Expr) {}
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn told(text: &str) -> Vec<String> {
        parse(text).tree.unbound.into_iter().map(|name| name.value).collect()
    }

    #[test]
    fn modules_that_nothing_imports() {
        assert_eq!(told("from os import environ\nA = os.environ.get('A')\n"), ["os"]);
        assert_eq!(told("class A:\n    b = [json.loads(x) for x in y]\n"), ["json"]);
        for text in [
            "import os.path\nA = os.environ\n",
            "from x import *\nA = os.environ\n",
            "def f():\n    return os.environ\n",
            "f = lambda: os.environ\n",
            "try:\n    A = os.environ\nexcept NameError:\n    A = {}\n",
            "if x:\n    import os\nA = os.environ\n",
            "def f(os):\n    pass\nA = os.environ\n",
            "exec(open('x').read())\nA = os.environ\n",
            "with suppress(NameError):\n    A = os.environ\n",
            "A = (json.loads(x) for x in y)\n",
            "a: datetime.date\n",
            "A = time\nB = c.os.environ\n",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }
}
