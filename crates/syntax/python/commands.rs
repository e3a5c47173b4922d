//! Command lines that a script puts together: lists of words, and texts for a shell.

use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::Ranged;

use super::literals::{dotted, items_of, words_of};
use super::scope::Value;
use super::types::{CommandWords, ShellText};
use super::walk::Walker;

/// Programs that deploy, build or start something: a list that begins with one is a command.
const PROGRAMS: [&str; 34] = [
    "gcloud",
    "docker",
    "docker-compose",
    "podman",
    "buildah",
    "kubectl",
    "helm",
    "terraform",
    "tofu",
    "railway",
    "vercel",
    "aws",
    "az",
    "fly",
    "flyctl",
    "heroku",
    "gh",
    "git",
    "gsutil",
    "bq",
    "psql",
    "alembic",
    "uvicorn",
    "gunicorn",
    "celery",
    "python",
    "python3",
    "pytest",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "bash",
    "sh",
];

/// Last words of a name that holds a command.
const HOLDER_WORDS: [&str; 8] = ["cmd", "cmds", "command", "commands", "cmdline", "argv", "args", "flags"];

/// Words of a function that runs a command of the project's own choosing.
const RUNNER_WORDS: [&str; 6] = ["cmd", "command", "commands", "shell", "subprocess", "popen"];

/// Functions of the standard library that hand their first argument to a shell.
const SHELLS: [&str; 6] = [
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "shlex.split",
];

/// Functions that take the words of a command as arguments of their own.
const SPREAD_RUNNERS: [&str; 2] = ["asyncio.create_subprocess_exec", "os.execlp"];

impl<'t> Walker<'t> {
    /// `cmd = ["gcloud", "run", ...]`.
    pub(super) fn command_list(&mut self, target: Option<&str>, value: &'t Expr) {
        let Some(list) = base_list(value) else { return };
        if self.is_command(list) || target.is_some_and(|name| named_for_commands(name) && self.has_word(list))
        {
            self.record_words(list, list, target, false);
        }
    }

    /// Whether a name that `value` is assigned to holds a command from then on.
    pub(super) fn is_command_list(&self, value: &Expr) -> bool {
        base_list(value).is_some_and(|list| self.is_command(list))
    }

    /// `cmd += ["--timeout", "900"]`.
    pub(super) fn command_addition(&mut self, assign: &'t ast::StmtAugAssign) {
        if assign.op == Operator::Add {
            let target = dotted(&assign.target);
            if self.continues(target.as_deref(), &assign.value) {
                self.record_words(&assign.value, &*assign.value, target.as_deref(), true);
            }
        }
    }

    pub(super) fn command_call(&mut self, call: &'t ast::ExprCall, callee: &str) {
        let path = self.path_of(&call.func).unwrap_or_default();
        self.command_method(call);
        self.shell_text(call, callee, &path);
        if SPREAD_RUNNERS.contains(&path.as_str()) && self.is_program(call.arguments.args.first()) {
            self.record_items(call.arguments.args.iter(), call, None, false);
        }
        let runs = is_runner(callee, &path);
        for argument in
            call.arguments.args.iter().chain(call.arguments.keywords.iter().map(|word| &word.value))
        {
            if runs && items_of(argument).is_some() && !self.is_command(argument) && self.has_word(argument) {
                self.record_words(argument, argument, None, false);
            }
        }
    }

    /// `cmd.extend([...])`, `cmd.append("--quiet")`.
    fn command_method(&mut self, call: &'t ast::ExprCall) {
        let (Expr::Attribute(method), [argument]) = (&*call.func, &*call.arguments.args) else { return };
        let target = dotted(&method.value);
        match method.attr.as_str() {
            "extend" if self.continues(target.as_deref(), argument) => {
                self.record_words(argument, argument, target.as_deref(), true);
            }
            "append" if self.holds_command(target.as_deref()) && self.source.text_of(argument).is_some() => {
                self.record_items(std::iter::once(argument), argument, target.as_deref(), true);
            }
            _ => {}
        }
    }

    /// A list that stands where no assignment or runner took it: `return ["docker", "build"]`.
    pub(super) fn loose_command_list(&mut self, expr: &'t Expr) {
        let span = self.source.span(expr.range());
        let taken = self.module.commands.iter().rev().take(8).any(|words| words.span == span);
        if !taken && self.is_command(expr) {
            self.record_words(expr, expr, None, false);
        }
    }

    fn continues(&self, target: Option<&str>, list: &Expr) -> bool {
        let flag = items_of(list).and_then(<[Expr]>::first).and_then(|first| self.source.text_of(first));
        let begins_with_flag = flag.is_some_and(|flag| is_flag(&flag.value.value));
        items_of(list).is_some() && (begins_with_flag || (self.holds_command(target) && self.has_word(list)))
    }

    fn holds_command(&self, target: Option<&str>) -> bool {
        target.is_some_and(|name| {
            let last = name.rsplit('.').next().unwrap_or(name);
            matches!(self.scopes.get(name), Some(Value::Command)) || named_for_commands(last)
        })
    }

    /// Whether a list is a command wherever it stands: it begins with a known program or a flag.
    fn is_command(&self, list: &Expr) -> bool {
        let Some(items) = items_of(list) else { return false };
        let flag = |item: &Expr| self.source.text_of(item).is_some_and(|text| is_flag(&text.value.value));
        (items.len() > 1
            && self.is_program(items.first())
            && !items.iter().all(|item| self.is_program(Some(item))))
            || items.first().is_some_and(flag)
    }

    fn is_program(&self, word: Option<&Expr>) -> bool {
        let text = word.and_then(|word| self.source.plain_text_of(word));
        text.is_some_and(|text| PROGRAMS.contains(&text.value.rsplit('/').next().unwrap_or("")))
    }

    fn has_word(&self, list: &Expr) -> bool {
        items_of(list).is_some_and(|items| items.iter().any(|item| self.source.text_of(item).is_some()))
    }

    fn record_words(&mut self, list: &Expr, whole: &impl Ranged, target: Option<&str>, continues: bool) {
        if let Some(items) = items_of(list) {
            self.record_items(items.iter(), whole, target, continues);
        }
    }

    fn record_items<'e>(
        &mut self,
        items: impl Iterator<Item = &'e Expr>,
        whole: &impl Ranged,
        target: Option<&str>,
        continues: bool,
    ) {
        let span = self.source.span(whole.range());
        let mut items = items.peekable();
        let head = items.peek().and_then(|first| dotted(first));
        self.module.commands.push(CommandWords {
            words: items.map(|item| self.source.text_of(item)).collect(),
            head,
            span,
            line: self.line(span),
            function: self.function(),
            target: target.map(ToOwned::to_owned),
            continues,
            branch: self.branch(),
        });
    }

    fn shell_text(&mut self, call: &ast::ExprCall, callee: &str, path: &str) {
        let Some(text) = call.arguments.args.first().and_then(|text| self.source.text_of(text)) else {
            return;
        };
        let shell = call
            .arguments
            .find_keyword("shell")
            .is_some_and(|keyword| matches!(&keyword.value, Expr::BooleanLiteral(literal) if literal.value));
        let runs = text.value.value.contains(char::is_whitespace) && is_runner(callee, path);
        if shell || SHELLS.contains(&path) || runs {
            self.module.shell_texts.push(ShellText {
                line: self.line(text.span),
                text,
                function: self.function(),
                callee: callee.to_owned(),
            });
        }
    }
}

/// The list that a value begins with: `[...]`, `[...] + more`.
fn base_list(value: &Expr) -> Option<&Expr> {
    let mut value = value;
    for _ in 0..16 {
        match value {
            Expr::BinOp(sum) if sum.op == Operator::Add => value = &sum.left,
            Expr::List(_) | Expr::Tuple(_) => return Some(value),
            _ => return None,
        }
    }
    None
}

/// Whether a variable or attribute is named for the command that it holds: `cmd`, `self.docker_args`.
fn named_for_commands(name: &str) -> bool {
    words_of(name).last().is_some_and(|word| HOLDER_WORDS.contains(&word.as_str()))
}

/// Whether a function runs a command: one of `subprocess`, `run`, `run_command`, `_sh`.
fn is_runner(callee: &str, path: &str) -> bool {
    let name = callee.rsplit('.').next().unwrap_or("").trim_start_matches('_');
    path.starts_with("subprocess.")
        || matches!(name, "run" | "sh" | "call" | "exec")
        || words_of(name).iter().any(|word| RUNNER_WORDS.contains(&word.as_str()))
}

fn is_flag(word: &str) -> bool {
    word.strip_prefix("--").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()))
}
