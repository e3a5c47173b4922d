//! Places that only ask whether a value is empty: `if x:`, `not x`, `bool(x)`.

use ruff_python_ast::{self as ast, Expr, Stmt, UnaryOp};
use ruff_text_size::Ranged;

use super::walk::Walker;

impl Walker<'_> {
    /// Takes note of the reads in the conditions of a statement.
    pub(super) fn truth_of_statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::If(branches) => {
                self.truth_tested(&branches.test);
                let clauses = branches.elif_else_clauses.iter().filter_map(|clause| clause.test.as_ref());
                clauses.for_each(|test| self.truth_tested(test));
            }
            Stmt::While(repeated) => self.truth_tested(&repeated.test),
            _ => {}
        }
    }

    /// Takes note of the reads that an expression asks for their truth.
    pub(super) fn truth_of_expression(&mut self, expr: &Expr) {
        match expr {
            Expr::UnaryOp(ast::ExprUnaryOp { op: UnaryOp::Not, operand, .. }) => self.truth_tested(operand),
            Expr::If(conditional) => self.truth_tested(&conditional.test),
            Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == "bool") => {
                if let [only] = &*call.arguments.args {
                    self.truth_tested(only);
                }
            }
            _ => {}
        }
    }

    /// Only a read itself, or several of them in `and` and `or`.
    fn truth_tested(&mut self, test: &Expr) {
        match test {
            Expr::Call(_) | Expr::Subscript(_) => {
                self.truth_tests.insert(test.range());
            }
            Expr::BoolOp(boolean) => {
                let reads = boolean.values.iter().filter(|value| !value.is_bool_op_expr());
                reads.for_each(|value| self.truth_tested(value));
            }
            _ => {}
        }
    }
}
