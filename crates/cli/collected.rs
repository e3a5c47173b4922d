//! The facts of a tree, for commands that show them.

use ::facts::{Declared, Facts, Problem};
use lint::Config;
use source::{Tree, redact};

use crate::{UNABLE, output};

/// The facts of a tree, as its configuration and `with` declare it. Their problems are those of the configuration, too.
pub(crate) fn collect(tree: &dyn Tree, with: impl FnOnce(Declared) -> Declared) -> Facts {
    let config = Config::load(tree);
    let mut facts = ::facts::collect(tree, &with(config.declared()));
    facts.problems.extend(config.problems);
    facts
}

/// Says on standard error what of the problems keeps the answer from being whole. The exit code of a command that
/// showed what it could: 2 where there is such a problem.
pub(crate) fn exit_code(problems: &[Problem]) -> u8 {
    let blocking = problems.iter().filter(|problem| problem.blocking);
    let told = blocking.map(|problem| {
        let message = redact::sentence(&problem.message);
        output::complain(&format!("{}:{}: {message}", problem.path, problem.line));
    });
    if told.count() == 0 { 0 } else { UNABLE }
}
