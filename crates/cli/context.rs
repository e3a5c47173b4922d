//! `shipworthy context`: what a builder is sent of a directory, and why the rest is not.

use std::path::{Path, PathBuf};

use ::facts::listing::{self, Listing, Weight};
use ::facts::{Builder, Facts};
use report::PathAnswers;
use source::{EntryKind, Tree};

use crate::args::{ContextArgs, ContextCommand, ContextOf, Format, WhyArgs};
use crate::root::Root;
use crate::{UNABLE, collected, output, pool, root};

/// How many directories `context size` shows.
const HEAVIEST: usize = 20;

pub(crate) fn run(args: &ContextArgs) -> Result<u8, String> {
    match &args.command {
        ContextCommand::List(args) => list(args),
        ContextCommand::Why(args) => why(args),
        ContextCommand::Compare(args) => compare(args),
        ContextCommand::Size(args) => size(args),
    }
}

fn list(args: &ContextOf) -> Result<u8, String> {
    let root = context(args.path.as_deref())?;
    let listing = pool::run(None, || listed(&root, args))??;
    if stops(&listing) {
        return Ok(UNABLE);
    }
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::listing_json(&listing, &mut bytes),
        Format::Text => report::listing_text(&listing, &mut bytes),
    };
    print(written, &bytes)
}

fn size(args: &ContextOf) -> Result<u8, String> {
    let root = context(args.path.as_deref())?;
    let listing = pool::run(None, || listed(&root, args))??;
    if stops(&listing) {
        return Ok(UNABLE);
    }
    let mut weights = listing::weights(&root.tree, &listing);
    let whole = weights.remove("").unwrap_or_default();
    let mut heaviest: Vec<(String, Weight)> = weights.into_iter().collect();
    heaviest.sort_by(|one, other| other.1.bytes.cmp(&one.1.bytes).then_with(|| one.0.cmp(&other.0)));
    heaviest.truncate(HEAVIEST);
    let mut bytes = Vec::new();
    let written = match args.format {
        Format::Json => report::weights_json(&whole, &heaviest, &mut bytes),
        Format::Text => report::weights_text(&whole, &heaviest, &mut bytes),
    };
    print(written, &bytes)
}

fn why(args: &WhyArgs) -> Result<u8, String> {
    let root = context(args.directory.as_deref())?;
    let path = below_root(&root, &args.file)?;
    if root.tree.kind(&path).is_none() {
        output::note(&format!("note: {path} does not exist; this is what would become of it"));
    }
    let dockerfile = dockerfile(&root, args.dockerfile.as_deref())?;
    let builders = args.builder.map_or_else(|| Builder::ALL.to_vec(), |builder| vec![builder]);
    let answer = |builder: Builder| {
        (builder, listing::Decider::new(&root.tree, "", &dockerfile, builder).answer(&path))
    };
    let answers = PathAnswers { path: path.clone(), answers: builders.into_iter().map(answer).collect() };
    for (builder, answer) in &answers.answers {
        for problem in &answer.problems {
            output::note(&format!("{builder}: {}:{}: {}", problem.path, problem.line, problem.message));
        }
    }
    print_answers(&[answers], args.format)
}

/// The files that the images of the repository need and that not every builder is sent.
fn compare(args: &ContextOf) -> Result<u8, String> {
    let root = context(args.path.as_deref())?;
    let facts = pool::run(None, || collected::collect(&root.tree, |declared| declared))?;
    let only = args.dockerfile.as_deref().map(|path| dockerfile(&root, Some(path))).transpose()?;
    let builders =
        args.builder.map_or_else(|| Builder::ALL.to_vec(), |builder| vec![Builder::Buildkit, builder]);
    let rows = pool::run(None, || differing(&root.tree, &facts, only.as_deref(), &builders))?;
    let exit_code = collected::exit_code(&facts.problems);
    if facts.images.is_empty() {
        output::note("no image is built here, so no builder is sent anything");
    } else if rows.is_empty() && exit_code == 0 {
        output::note("every builder is sent every file that an image needs");
    }
    print_answers(&rows, args.format)?;
    Ok(exit_code)
}

fn differing(tree: &dyn Tree, facts: &Facts, only: Option<&str>, builders: &[Builder]) -> Vec<PathAnswers> {
    let mut rows: Vec<PathAnswers> = Vec::new();
    for image in facts.images.iter().filter(|image| only.is_none_or(|only| only == &*image.dockerfile)) {
        let deciders: Vec<_> = builders
            .iter()
            .map(|builder| {
                (*builder, listing::Decider::new(tree, &image.context, &image.dockerfile, *builder))
            })
            .collect();
        for path in &image.needs {
            let sent: Vec<bool> = deciders.iter().map(|(_, decider)| decider.is_sent(path)).collect();
            let differ = sent.iter().any(|one| Some(one) != sent.first());
            if differ && rows.iter().all(|row| row.path != **path) {
                let answers =
                    deciders.iter().map(|(builder, decider)| (*builder, decider.answer(path))).collect();
                rows.push(PathAnswers { path: path.to_string(), answers });
            }
        }
    }
    rows.sort_by(|one, other| one.path.cmp(&other.path));
    rows
}

fn listed(root: &Root, args: &ContextOf) -> Result<Listing, String> {
    let dockerfile = dockerfile(root, args.dockerfile.as_deref())?;
    Ok(listing::list(&root.tree, &dockerfile, args.builder.unwrap_or(Builder::Buildkit)))
}

/// Whether the builder stops; says why.
fn stops(listing: &Listing) -> bool {
    for problem in &listing.problems {
        output::complain(&format!("{}:{}: {}", problem.path, problem.line, problem.message));
    }
    !listing.problems.is_empty()
}

fn context(path: Option<&Path>) -> Result<Root, String> {
    root::open(Some(path.unwrap_or(Path::new("."))))
}

/// The Dockerfile relative to the context: as given there, else as given from the current directory. Which ignore file
/// is read hangs on its name, so one that is not there has no answer.
fn dockerfile(root: &Root, given: Option<&Path>) -> Result<String, String> {
    let Some(given) = given else { return Ok("Dockerfile".to_owned()) };
    let path = below_root(root, given)?;
    match root.tree.kind(&path) {
        Some(EntryKind::File | EntryKind::Symlink) => Ok(path),
        _ => {
            let given = given.display();
            Err(format!("there is no Dockerfile {given} in {}", root.tree.root().display()))
        }
    }
}

/// A path of the current directory as one of the context.
fn below_root(root: &Root, path: &Path) -> Result<String, String> {
    let inside = path.to_string_lossy().replace('\\', "/");
    if !path.is_absolute()
        && let Some(inside) = source::join("", &inside)
        && root.tree.kind(&inside).is_some()
    {
        return Ok(inside);
    }
    let absolute = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let top = root.tree.root().canonicalize().unwrap_or_else(|_| PathBuf::from(root.tree.root()));
    let relative = absolute.strip_prefix(&top).ok().map(|path| path.to_string_lossy().replace('\\', "/"));
    let outside = || format!("{} lies outside the context {}", path.display(), top.display());
    match relative {
        Some(relative) => Ok(relative),
        None if path.is_relative() => source::join("", &inside).ok_or_else(outside),
        None => Err(outside()),
    }
}

fn print_answers(rows: &[PathAnswers], format: Format) -> Result<u8, String> {
    let mut bytes = Vec::new();
    let written = match format {
        Format::Json => report::answers_json(rows, &mut bytes),
        Format::Text => report::answers_text(rows, &mut bytes),
    };
    print(written, &bytes)
}

fn print(written: std::io::Result<()>, bytes: &[u8]) -> Result<u8, String> {
    written.map_err(|error| format!("cannot write the answer: {error}"))?;
    output::print(bytes)?;
    Ok(0)
}
