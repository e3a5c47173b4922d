//! A report in each of its formats.

use std::io::Write;
use std::path::Path;

use git::Repository;
use lint::{Outcome, Registry};
use report::{Surroundings, TextOptions};
use source::Tree;

use crate::args::{CheckArgs, ReportFormat};
use crate::output;

/// Writes the report on `tree`, which stands for the one at `root`, to standard output and to every file that was asked
/// for. The verdict is the same in each.
pub(crate) fn write(outcome: &Outcome, tree: &dyn Tree, root: &Path, args: &CheckArgs) -> Result<(), String> {
    let reports = Reports::new(outcome, tree, root, args);
    let is_diff_alone = args.diff && args.format == ReportFormat::Text;
    if is_diff_alone {
        // The difference has standard output for itself; why the run ends as it does is said beside it.
        output::note(&String::from_utf8_lossy(&reports.rendered(args.format, false)?));
    } else {
        output::print(&reports.rendered(args.format, output::colors())?)?;
    }
    for file in &args.output {
        let bytes = reports.rendered(file.format.unwrap_or(args.format), false)?;
        std::fs::write(&file.path, bytes).map_err(|error| format!("{}: {error}", file.path.display()))?;
    }
    Ok(())
}

struct Reports<'r> {
    outcome: &'r Outcome,
    tree: &'r dyn Tree,
    args: &'r CheckArgs,
    registry: Registry,
    prefix: String,
}

impl<'r> Reports<'r> {
    fn new(outcome: &'r Outcome, tree: &'r dyn Tree, root: &Path, args: &'r CheckArgs) -> Self {
        let named = args.output.iter().filter_map(|file| file.format).chain([args.format]);
        let mut formats: Vec<ReportFormat> = named.collect();
        formats.retain(|format| !matches!(format, ReportFormat::Text | ReportFormat::Json));
        // Neither the rules nor git are asked for what people read.
        let (registry, prefix) = if formats.is_empty() {
            (Registry::default(), String::new())
        } else {
            let repository = Repository::open(root);
            let prefix = repository.map_or_else(|_| String::new(), |found| found.prefix().to_owned());
            (Registry::for_tree(tree), prefix)
        };
        Self { outcome, tree, args, registry, prefix }
    }

    fn rendered(&self, format: ReportFormat, colors: bool) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let out: &mut dyn Write = &mut bytes;
        let fail_on = self.args.fail_on();
        let again = self.args.again();
        let check = again.as_deref();
        let around =
            Surroundings { tree: self.tree, registry: &self.registry, prefix: &self.prefix, fail_on, check };
        let written = match format {
            ReportFormat::Json => report::json(self.outcome, out),
            ReportFormat::Text => {
                let options = TextOptions { colors, quiet: self.args.quiet, fail_on, check };
                report::text(self.outcome, self.tree, &options, out)
            }
            ReportFormat::Sarif => report::sarif(self.outcome, &around, out),
            ReportFormat::Github => report::github(self.outcome, &around, out),
            ReportFormat::Gitlab => report::gitlab(self.outcome, &around, out),
            ReportFormat::Junit => report::junit(self.outcome, &around, out),
            ReportFormat::Markdown => report::markdown(self.outcome, &around, out),
        };
        written.map_err(|error| format!("cannot write the report: {error}"))?;
        Ok(bytes)
    }
}
