//! `shipworthy detect`.

use crate::args::{DetectArgs, Format};
use crate::{collected, output, pool, root};

pub(crate) fn run(args: &DetectArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let facts = pool::run(None, || collected::collect(&root.tree, |declared| declared))?;
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::detect_json(&facts, &mut bytes),
        Format::Text => report::detect_text(&facts, &mut bytes),
    };
    written.map_err(|error| format!("cannot write the table: {error}"))?;
    output::print(&bytes)?;
    Ok(collected::exit_code(&facts.problems))
}
