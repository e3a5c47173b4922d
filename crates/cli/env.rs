//! `shipworthy env`.

use crate::args::{EnvArgs, EnvFormat};
use crate::{collected, output, pool, root};

pub(crate) fn run(args: &EnvArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let (table, problems) = pool::run(None, || {
        let facts = collected::collect(&root.tree, |declared| declared);
        (report::Variables::of(&facts), facts.problems)
    })?;
    let mut bytes = Vec::new();
    let written = match args.format {
        EnvFormat::Json => table.json(&mut bytes),
        EnvFormat::Text => table.text(&mut bytes),
        EnvFormat::Html => table.html(&mut bytes),
    };
    written.map_err(|error| format!("cannot write the table: {error}"))?;
    output::print(&bytes)?;
    Ok(collected::exit_code(&problems))
}
