//! `shipworthy explain`.

use lint::Registry;

use crate::args::ExplainArgs;
use crate::{output, root};

pub(crate) fn run(args: &ExplainArgs) -> Result<u8, String> {
    let registry = Registry::for_tree(&root::open(None)?.tree);
    for problem in registry.problems() {
        output::complain(&format!("{}:{}: {}", problem.path, problem.line, problem.message));
    }
    if let Some(text) = lint::gate::explanation(&args.id) {
        return output::print(text.as_bytes()).map(|()| 0);
    }
    let Some(rule) = registry.get(&args.id) else {
        let hint = lint::did_you_mean(&args.id, registry.ids());
        return Err(format!("there is no rule named `{}`.{hint}", args.id));
    };
    let head = &rule.head;
    let ignorable = if head.ignorable { "can be allowed" } else { "cannot be allowed" };
    let facts = format!("{} · severity: {} · fix: {} · {ignorable}", head.id, head.severity, head.fix.name());
    output::print(format!("# {}\n\n{facts}\n\n{}", head.title, rule.body()).as_bytes())?;
    Ok(0)
}
