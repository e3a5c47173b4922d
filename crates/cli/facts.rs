//! `shipworthy facts`.

use lint::Config;

use crate::args::{FactsArgs, Format};
use crate::{output, pool, root};

pub(crate) fn run(args: &FactsArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let facts = pool::run(None, || {
        let config = Config::load(&root.tree);
        let declared = ::facts::Declared { dialect: Some(args.dialect), ..config.declared() };
        let mut facts = ::facts::collect(&root.tree, &declared);
        facts.problems.extend(config.problems);
        facts
    })?;
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::facts_json(&facts, &args.kind, &mut bytes),
        Format::Text => report::facts_text(&facts, &args.kind, &mut bytes),
    };
    written.map_err(|error| format!("cannot write the facts: {error}"))?;
    output::print(&bytes)?;
    Ok(0)
}
