//! `shipworthy facts`.

use crate::args::{FactsArgs, Format};
use crate::{collected, output, pool, root};

pub(crate) fn run(args: &FactsArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let facts = pool::run(None, || {
        collected::collect(&root.tree, |declared| ::facts::Declared {
            dialect: Some(args.dialect),
            ..declared
        })
    })?;
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::facts_json(&facts, &args.kind, &mut bytes),
        Format::Text => report::facts_text(&facts, &args.kind, &mut bytes),
    };
    written.map_err(|error| format!("cannot write the facts: {error}"))?;
    output::print(&bytes)?;
    Ok(collected::exit_code(&facts.problems))
}
