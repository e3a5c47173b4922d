//! `shipworthy check --fix` and `--diff`.

use std::collections::BTreeSet;
use std::path::Path;

use ::facts::Problem;
use lint::fixing::{self, Dropped, Repaired};
use lint::{Finding, Fixed, Options, Outcome, Safety};
use source::redact::Concealed;
use source::{Disk, Tree};

use crate::args::{CheckArgs, ReportFormat};
use crate::{check, output};

/// What a run with `--fix` did beside judging.
#[derive(Default)]
pub(crate) struct Done {
    /// Repairs that are on disk now.
    pub(crate) fixed: Vec<Fixed>,
    /// Repairs that were not kept, and files that could not be written.
    pub(crate) problems: Vec<Problem>,
    /// What the repaired files hold now.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// Repairs what was asked for in `tree` and writes it to `disk`, where the files have to be the same.
pub(crate) fn fix(tree: &dyn Tree, disk: &Disk, args: &CheckArgs) -> Done {
    let repaired = repaired(tree, disk.root(), args);
    let mut done = Done { problems: notes(&repaired), ..Done::default() };
    let mut unwritten: BTreeSet<String> = BTreeSet::new();
    for file in repaired.files {
        if let Err(error) = disk.replace(&file.path, &file.before, &file.after) {
            let message = format!("this file {error}, so it was not repaired");
            done.problems.push(Problem { path: file.path.as_str().into(), line: 1, message, blocking: true });
            unwritten.insert(file.path);
        } else {
            done.files.push((file.path, file.after));
        }
    }
    let made = repaired.made.into_iter().filter(|made| made.files.is_disjoint(&unwritten));
    done.fixed = made.map(|made| made.fixed).collect();
    done
}

/// Shows what `fix` would write.
pub(crate) fn show(tree: &Disk, args: &CheckArgs, concealed: &Concealed) -> Result<Vec<Problem>, String> {
    let repaired = repaired(tree, tree.root(), args);
    let shown = repaired
        .files
        .iter()
        .map(|file| report::difference(&file.path, &file.before, &file.after, concealed));
    let shown: String = shown.collect();
    if args.format == ReportFormat::Text {
        output::print(shown.as_bytes())?;
        let counted =
            |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (findings, files) = (repaired.made.len(), repaired.files.len());
        let (findings, files) = (counted(findings, "finding"), counted(files, "file"));
        output::note(&format!("{findings} would be repaired in {files}\n"));
    } else {
        output::note(&shown);
    }
    Ok(notes(&repaired))
}

fn repaired(tree: &dyn Tree, root: &Path, args: &CheckArgs) -> Repaired {
    let asked = check::options(args);
    // Every rule looks at what comes of a repair, whichever the run is about.
    let everything = Options { rules: Vec::new(), environments: Vec::new(), ..asked.clone() };
    let judge = |changed: &dyn Tree| check::judged(changed, root, &everything);
    let is_wanted = lint::wanted(&asked);
    let wanted = |finding: &Finding| is_wanted(finding);
    let least = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
    fixing::repair(tree, &judge as &dyn Fn(&dyn Tree) -> Outcome, &wanted, least)
}

/// What is to be said of repairs that were not kept.
fn notes(repaired: &Repaired) -> Vec<Problem> {
    let note = |Dropped { finding, why }: &Dropped| {
        let title = finding.fix.as_ref().map_or("", |fix| fix.title.as_str());
        let message = format!("the fix of `{}` was not made ({title}): {why}", finding.rule);
        let at = &finding.at;
        Problem { path: at.place.path.clone(), line: at.start.line, message, blocking: false }
    };
    let mut notes: Vec<Problem> = repaired.dropped.iter().map(note).collect();
    if repaired.is_unfinished {
        let message = "more can be repaired; run `shipworthy check --fix` again".to_owned();
        notes.push(Problem { path: "".into(), line: 1, message, blocking: false });
    }
    notes
}
