//! `shipworthy detect`.

use lint::Config;

use crate::args::{DetectArgs, Format};
use crate::{output, pool, root};

pub(crate) fn run(args: &DetectArgs) -> Result<u8, String> {
    let root = root::open(args.path.as_deref())?;
    let facts = pool::run(None, || {
        let config = Config::load(&root.tree);
        ::facts::collect(&root.tree, &config.declared())
    })?;
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::detect_json(&facts, &mut bytes),
        Format::Text => report::detect_text(&facts, &mut bytes),
    };
    written.map_err(|error| format!("cannot write the table: {error}"))?;
    output::print(&bytes)?;
    Ok(0)
}
