//! `shipworthy env`.

use lint::Config;

use crate::args::{EnvArgs, EnvFormat};
use crate::{output, pool, root};

pub(crate) fn run(args: &EnvArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let table = pool::run(None, || {
        let config = Config::load(&root.tree);
        let facts = ::facts::collect(&root.tree, &config.declared());
        report::Variables::of(&facts)
    })?;
    let mut bytes = Vec::new();
    let written = match args.format {
        EnvFormat::Json => table.json(&mut bytes),
        EnvFormat::Text => table.text(&mut bytes),
        EnvFormat::Html => table.html(&mut bytes),
    };
    written.map_err(|error| format!("cannot write the table: {error}"))?;
    output::print(&bytes)?;
    Ok(0)
}
